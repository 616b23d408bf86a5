"""Django's PostgreSQL backend in front of the embedded server."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db.backends.postgresql import base

from visitcare import postgres


class DatabaseWrapper(base.DatabaseWrapper):
    """Commands that never touch the database never start the server; the first connection does."""

    def get_connection_params(self) -> dict[str, Any]:
        where = parse_qs(urlsplit(postgres.start(settings.VAR)).query)
        self.settings_dict["HOST"] = where["host"][0]
        self.settings_dict["PORT"] = where["port"][0]
        params: dict[str, Any] = super().get_connection_params()
        return params
