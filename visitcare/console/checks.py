"""What has to be right at the database server, and is not ours to set."""

from collections.abc import Collection
from typing import Any

from django.core import checks
from django.db import connections

QUIET = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}
"""Else PostgreSQL's log holds statements, and with them names, addresses and what was found at a visit."""


@checks.register(checks.Tags.database)
def check_server_log(*, databases: Collection[str] | None, **_: Any) -> list[checks.CheckMessage]:
    """The server's log holds no personal data; asked whenever `migrate` runs."""
    loud = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [list(QUIET)])
            loud += [name for name, setting in cursor.fetchall() if setting != QUIET[name]]
    if not loud:
        return []
    wanted = ", ".join(f"{name} = {QUIET[name]}" for name in sorted(loud))
    return [
        checks.Warning(
            f"PostgreSQL writes personal data into its log. Set {wanted} (docs/how-to/install.md).",
            id="visitcare.W001",
        )
    ]
