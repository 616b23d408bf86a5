"""For whoever watches the servers: is the process up, and can it do its work?"""

import tempfile
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, migrations and disk; 503 when one of them is not as it must be."""
    checks = {"database": _database, "migrations": _migrations, "disk": _disk}
    found = {name: _outcome(check) for name, check in checks.items()}
    ready = set(found.values()) == {"ok"}
    return JsonResponse({"status": "ok" if ready else "unready", **found}, status=200 if ready else 503)


def _outcome(check: Callable[[], str]) -> str:
    """ "ok", or what is wrong in a word: whoever asks is a stranger, the log has the details."""
    try:
        return check()
    except Exception:  # whatever fails, the answer is that it fails
        return "failed"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "pending" if missing else "ok"


def _disk() -> str:
    settings.VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.VAR) as probe:
        probe.write(b"x" * 4096)
        probe.flush()
    return "ok"
