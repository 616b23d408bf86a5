from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "visitcare.audit"
    label = "audit"
    verbose_name = "操作记录"
