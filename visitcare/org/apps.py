from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "visitcare.org"
    label = "org"
    verbose_name = "机构与人员"
