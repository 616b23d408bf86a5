from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConsoleConfig(AppConfig):
    name = "visitcare.console"
    label = "console"
    verbose_name = "工作台"
    default = True


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "visitcare.console.site.OfficeSite"
