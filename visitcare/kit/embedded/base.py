"""Django's PostgreSQL backend in front of the embedded server."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from visitcare import postgres


class DatabaseWrapper(base.DatabaseWrapper):
    """Commands that never touch the database never start the server; the first connection does."""

    def get_connection_params(self) -> dict[str, Any]:
        try:
            url = postgres.start(settings.VAR)
        except postgres.PostgresUnavailable as error:  # as any other server that does not answer
            raise OperationalError(str(error)) from error
        where = parse_qs(urlsplit(url).query)
        self.settings_dict["HOST"] = where["host"][0]
        self.settings_dict["PORT"] = where["port"][0]
        params: dict[str, Any] = super().get_connection_params()
        return params
