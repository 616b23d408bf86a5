from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConsoleConfig(AppConfig):
    name = "visitcare.console"
    label = "console"
    verbose_name = "工作台"
    default = True

    def ready(self) -> None:
        from django.contrib import admin
        from django.contrib.auth.models import Group

        from visitcare.console import checks  # noqa: F401 (registers them)

        # Rights are code (org.roles): a group here would promise what it cannot give.
        admin.site.unregister(Group)


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "visitcare.console.site.OfficeSite"
