"""Where a batch runs: in a process of its own, never in a request (ADR 12).

Whether it runs is asked of the database: the process holds an advisory lock for as long as it lives, and the server lets
go of it when the connection ends, however that came about. So nothing has to be cleaned up after a process that was
killed, and no number of a process can be taken for that of another.
"""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from visitcare.org.models import ImportBatch

RUNNING_LOCK, TURN_LOCK = 320701, 320702
"""Of the server's advisory locks, those of batches that run, and of the few that may run at once."""
TURNS = 2
TAKEN = Path("/proc/self/statm")
MEMORY = 400 * 1024 * 1024
"""Beyond what the process takes before it opens the file."""
CPU_SECONDS = 3600
NICENESS = 10
WAIT = 0.5


def start_process(batch: ImportBatch) -> None:
    """Start the process that runs a batch; it outlives the request, and the process of the request too."""
    child = subprocess.Popen(  # noqa: S603 (nothing of it was typed)
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "run_import", str(batch.pk)],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=child.wait, daemon=True).start()  # or it stays behind as a zombie


def limit_process() -> None:
    """No file may take the memory or the days of the machine. What is taken already only Linux tells; elsewhere, where
    people develop, the memory stays without a limit."""
    os.nice(NICENESS)
    with suppress(FileNotFoundError):
        pages = int(TAKEN.read_text().split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@contextmanager
def running(batch: ImportBatch) -> Iterator[None]:
    """Others see that the batch runs. Waits for a process that runs it already and may be just about to end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [RUNNING_LOCK, _number(batch)])
    try:
        yield
    finally:
        _unlock(RUNNING_LOCK, _number(batch))


def is_running(batch: ImportBatch) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
            " AND classid = %s AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [RUNNING_LOCK, _number(batch) % 2**32],
        )
        (is_held,) = cursor.fetchone()
        return bool(is_held)


@contextmanager
def in_turn() -> Iterator[None]:
    """Wait until fewer than `TURNS` others run."""
    while (turn := _free_turn()) is None:
        time.sleep(WAIT)
    try:
        yield
    finally:
        _unlock(TURN_LOCK, turn)


def _free_turn() -> int | None:
    with connection.cursor() as cursor:
        for turn in range(TURNS):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [TURN_LOCK, turn])
            if cursor.fetchone()[0]:
                return turn
    return None


def _unlock(kind: int, number: int) -> None:
    with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has let go of it already
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, number])


def _number(batch: ImportBatch) -> int:
    return int.from_bytes(batch.pk.bytes[:4], signed=True)
