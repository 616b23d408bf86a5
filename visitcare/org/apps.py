from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class OrgConfig(AppConfig):
    name = "visitcare.org"
    label = "org"
    verbose_name = "机构与人员"

    def ready(self) -> None:
        from visitcare.org.middleware import begin

        user_logged_in.connect(begin, dispatch_uid="session_begins")
