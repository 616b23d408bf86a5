"""The process itself: it runs beside the web, and nothing is half done when it is killed in the midst of its rows."""

import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from elders.models import Elder, Household
from tests.cast import Cast
from tests.elders.importing.rows import elder
from tests.factories import at_once, save_sheet
from visitcare.console.importing import KINDS
from visitcare.org.importing import confirm_batch, files, has_died, processes, start_again, upload_batch
from visitcare.org.models import ImportBatch

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes that were started, on the database of the tests; none outlives its test."""
    where = connection.settings_dict
    more = urlencode({"host": where["HOST"], "port": where["PORT"]})
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{where['USER']}@/{where['NAME']}?{more}")
    monkeypatch.setenv("VISITCARE_VAR", str(settings.VAR))
    monkeypatch.setenv("VISITCARE_KEY", settings.PERSONAL_DATA_KEY)
    found: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*args: object, **how: object) -> subprocess.Popen[bytes]:
        found.append(start(*args, **how))  # type: ignore[call-overload]
        return found[-1]

    monkeypatch.setattr(processes.subprocess, "Popen", noted)
    yield found
    for child in found:
        child.kill()
        child.wait()


def wait_for(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.1)


def has_state(batch: ImportBatch, state: str) -> Callable[[], bool]:
    def reached() -> bool:
        batch.refresh_from_db()
        return batch.state == state

    return reached


def waits_for_a_table() -> bool:
    """The killed one's statement stands before the table that the test has locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation')")
        return bool(cursor.fetchone()[0])


def test_machine_that_does_not_tell_its_memory_limits_the_time_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited: list[int] = []
    monkeypatch.setattr("os.nice", lambda _: 0)
    monkeypatch.setattr("resource.setrlimit", lambda kind, _: limited.append(kind))
    processes.limit_process()
    assert limited == [resource.RLIMIT_AS, resource.RLIMIT_CPU]
    limited.clear()
    monkeypatch.setattr(processes, "TAKEN", tmp_path / "nothing")
    processes.limit_process()
    assert limited == [resource.RLIMIT_CPU]


def test_process_that_is_killed_amid_its_rows_stores_nothing_and_begins_again(
    cast: Cast, tmp_path: Path, children: list[subprocess.Popen[bytes]]
) -> None:
    sheet = save_sheet(tmp_path / "sent.xlsx", [elder()])
    sent = SimpleUploadedFile("名单.xlsx", sheet.read_bytes())
    batch = upload_batch(by=cast.head, kind=KINDS["elders"], file=sent)
    wait_for(has_state(batch, "judged"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE elders_consent IN SHARE ROW EXCLUSIVE MODE")
        at_once(lambda: confirm_batch(by=cast.head, batch=batch, digest=batch.digest))
        wait_for(waits_for_a_table)
        children[-1].kill()
        children[-1].wait()
    wait_for(lambda: not processes.is_running(batch))
    batch.refresh_from_db()
    assert (batch.state, Elder.objects.count(), Household.objects.count()) == ("storing", 0, 0)
    ImportBatch.objects.filter(pk=batch.pk).update(started_at=timezone.now() - timedelta(hours=1))
    batch.refresh_from_db()
    assert has_died(batch)
    start_again(by=cast.head, batch=batch)
    wait_for(has_state(batch, "stored"))
    assert (Elder.objects.get().name, Household.objects.count()) == ("马凤英", 1)
    wait_for(lambda: not files.file_of(batch).exists())
