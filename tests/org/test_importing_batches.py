"""A batch from the upload to the stored rows: what is shown before, what is stored, and what nothing can leave half done."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.utils import timezone

from elders.models import Elder, Household
from tests.cast import OTHER_VILLAGE, Cast
from tests.elders.importing.rows import elder, other
from tests.factories import at_once, breaks, save_sheet
from visitcare.console.importing import KINDS
from visitcare.org.actions import NotAllowed, appoint
from visitcare.org.importing import (
    BatchError,
    abandon_batch,
    batches,
    confirm_batch,
    files,
    forget_old_batches,
    forgetting,
    has_died,
    processes,
    run_batch,
    start_again,
    stop_undoing,
    undo_batch,
    upload_batch,
    work,
)
from visitcare.org.models import ImportBatch, User
from visitcare.org.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)
Row = dict[str, object]


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[ImportBatch]:
    """The batches for which a process was started; a test runs them itself."""
    monkeypatch.setattr(files, "folder", lambda: tmp_path / "imports")
    found: list[ImportBatch] = []
    monkeypatch.setattr(batches, "start_process", found.append)
    return found


@pytest.fixture
def upload(cast: Cast, tmp_path: Path) -> Callable[..., ImportBatch]:
    def sent(
        *rows: Row, by: User | None = None, kind: str = "elders", options: tuple[str, ...] = ()
    ) -> ImportBatch:
        file = save_sheet(tmp_path / "sent.xlsx", rows)
        return upload_batch(
            by=by or cast.head,
            kind=KINDS[kind],
            file=SimpleUploadedFile("名单.xlsx", file.read_bytes()),
            options=options,
        )

    return sent


@pytest.fixture
def judged(upload: Callable[..., ImportBatch]) -> Callable[..., ImportBatch]:
    def looked_at(*rows: Row, **said: Any) -> ImportBatch:
        return run(upload(*rows, **said))

    return looked_at


def run(batch: ImportBatch) -> ImportBatch:
    run_batch(ImportBatch.objects.get(pk=batch.pk), KINDS)
    batch.refresh_from_db()
    return batch


def confirm(batch: ImportBatch, *, by: User | None = None, **said: Any) -> ImportBatch:
    confirm_batch(by=by or batch.uploaded_by, batch=batch, digest=batch.digest, **said)
    return run(batch)


def outcomes(batch: ImportBatch) -> list[tuple[int, str]]:
    return list(batch.verdicts.order_by("position").values_list("row", "outcome"))


# From the upload to the rows


def test_nothing_is_stored_before_it_is_confirmed(
    judged: Callable[..., ImportBatch], started: list[ImportBatch]
) -> None:
    batch = judged(elder(), other())
    assert (batch.state, batch.counts, Elder.objects.count(), Household.objects.count()) == (
        "judged",
        {"new": 2},
        0,
        0,
    )
    assert outcomes(batch) == [(2, "new"), (3, "new")]
    confirm(batch)
    assert (batch.state, Elder.objects.count(), batch.done) == ("stored", 2, 2)
    assert len(started) == 2


def test_option_approves_for_whoever_may(
    judged: Callable[..., ImportBatch], upload: Callable[..., ImportBatch], cast: Cast
) -> None:
    confirm(judged(elder(), options=("approve",)))
    assert Elder.objects.get().status == "active"
    with pytest.raises(NotAllowed):
        upload(other(), by=cast.reviewer, options=("approve",))


def test_bad_row_stores_nothing_unless_it_is_skipped(judged: Callable[..., ImportBatch]) -> None:
    batch = judged(elder(), other(**{"居住状况*": "独自"}))
    assert batch.counts == {"new": 1, "refused": 1}
    with pytest.raises(BatchError, match="有 1 行有问题"):
        confirm(batch)
    assert Elder.objects.count() == 0
    confirm(batch, skip_bad_rows=True)
    assert Elder.objects.get().name == "马凤英"


def test_row_of_another_town_is_refused_in_words(judged: Callable[..., ImportBatch]) -> None:
    batch = judged(elder(**{"村(社区)代码*": OTHER_VILLAGE}))
    assert "不在您管的地区" in batch.verdicts.get().words
    with pytest.raises(BatchError, match="没有一行可以导入"):
        confirm(batch, skip_bad_rows=True)


def test_what_changed_since_is_shown_and_not_stored(judged: Callable[..., ImportBatch], cast: Cast) -> None:
    batch = judged(elder(), other())
    confirm(judged(elder(), by=cast.reviewer))
    confirm(batch)
    assert (batch.state, batch.counts) == ("judged", {"unchanged": 1, "new": 1})
    assert "1 行和刚才看到的不一样（第 2 行）" in batch.said
    assert [one.name for one in Elder.objects.all()] == ["马凤英"]
    confirm(batch)
    assert (batch.state, Elder.objects.count()) == ("stored", 2)


def test_verdicts_that_were_not_seen_are_not_confirmed(judged: Callable[..., ImportBatch]) -> None:
    batch = judged(elder())
    with pytest.raises(BatchError, match="刚才变了"):
        confirm_batch(by=batch.uploaded_by, batch=batch, digest="0" * 64)


def test_file_that_is_no_sheet_is_refused_in_words(cast: Cast) -> None:
    batch = upload_batch(by=cast.head, kind=KINDS["elders"], file=SimpleUploadedFile("a.xlsx", b"not at all"))
    run(batch)
    assert (batch.state, batch.file_key) == ("refused", "")
    assert "这不是 .xlsx 表格文件" in batch.said
    assert not files.file_of(batch).exists()


def test_file_that_takes_too_much_memory_is_refused_in_words(
    upload: Callable[..., ImportBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(work, "run_import", no_room)
    assert "内存" in run(upload(elder())).said


def test_error_of_the_program_is_told_by_a_number_and_logged_without_anybody_s_data(
    upload: Callable[..., ImportBatch], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    row = "马凤英, 19900000001"

    def broken(*_: Any, **__: Any) -> None:
        raise IntegrityError(f"DETAIL: Failing row contains ({row})")

    monkeypatch.setattr(work, "run_import", broken)
    batch = run(upload(elder()))
    (number,) = re.findall(r"程序出错，什么都没有改动。请把编号 ([0-9a-f]{8}) 告诉系统管理员", batch.said)
    assert (batch.state, files.file_of(batch).exists()) == ("refused", False)
    assert all(words in caplog.text for words in (number, str(batch.pk), "IntegrityError", "broken"))
    assert ("马凤英" in caplog.text, "1990" in caplog.text) == (False, False)


def test_error_when_all_is_stored_stores_nothing(
    judged: Callable[..., ImportBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of other tables are looked at last, when the batch says already that it is stored."""
    batch, told = judged(elder()), work.record

    def and_loses_the_home(**said: Any) -> None:
        told(**said)
        Elder.objects.update(household=uuid4())

    monkeypatch.setattr(work, "record", and_loses_the_home)
    confirm(batch)
    assert (batch.state, "程序出错" in batch.said, Elder.objects.count()) == ("refused", True, 0)


@pytest.mark.parametrize(("content", "words"), [(b"", "0 字节"), (b"x" * (50 * 1024**2 + 1), "超过 50 MB")])
def test_file_that_is_empty_or_too_large_is_not_kept(cast: Cast, content: bytes, words: str) -> None:
    with pytest.raises(BatchError, match=words):
        upload_batch(by=cast.head, kind=KINDS["elders"], file=SimpleUploadedFile("a.xlsx", content))
    assert ImportBatch.objects.count() == 0


def test_second_upload_waits_for_the_first(upload: Callable[..., ImportBatch], cast: Cast) -> None:
    first = upload(elder())
    with pytest.raises(BatchError, match="还没有完成"):
        upload(other())
    assert len(list(files.folder().iterdir())) == 1
    with breaks("one_import_at_a_time_a_person"):
        ImportBatch.objects.create(
            kind="elders",
            rights=["x"],
            place=cast.town,
            uploaded_by=first.uploaded_by,
            started_at=timezone.now(),
        )


def test_stored_batch_has_its_transaction(upload: Callable[..., ImportBatch]) -> None:
    batch = upload(elder())
    with breaks("import_stored_by_a_transaction"):
        ImportBatch.objects.filter(pk=batch.pk).update(state="stored")


# The file


def test_file_stands_sealed_and_goes_with_the_batch(judged: Callable[..., ImportBatch]) -> None:
    batch = judged(elder())
    sealed = files.file_of(batch).read_bytes()
    assert (sealed.find(b"PK\x03\x04"), files.file_of(batch).stat().st_mode & 0o777) == (-1, 0o600)
    confirm(batch)
    assert (files.file_of(batch).exists(), batch.file_key) == (False, "")


def test_file_that_was_cut_short_is_refused(upload: Callable[..., ImportBatch]) -> None:
    batch = upload(elder())
    path = files.file_of(batch)
    path.write_bytes(path.read_bytes()[:-40])
    assert run(batch).state == "refused"


def test_upload_that_breaks_off_leaves_nothing(cast: Cast) -> None:
    class Broken(SimpleUploadedFile):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"PK"
            raise OSError("the client went away")

    with pytest.raises(OSError, match="went away"):
        upload_batch(by=cast.head, kind=KINDS["elders"], file=Broken("a.xlsx", b"PK"))
    assert (ImportBatch.objects.count(), list(files.folder().iterdir())) == (0, [])


def test_what_nobody_confirms_is_forgotten_after_a_week(
    judged: Callable[..., ImportBatch], cast: Cast
) -> None:
    old, fresh = judged(elder()), judged(other(), by=cast.reviewer)
    ImportBatch.objects.filter(pk=old.pk).update(touched_at=timezone.now() - timedelta(days=8))
    for name, age in (("stray", 2), ("arriving", 0)):
        path = files.folder() / f"{name}.sealed"
        path.write_bytes(b"x")
        moment = (timezone.now() - timedelta(days=age)).timestamp()
        os.utime(path, (moment, moment))
    assert forget_old_batches() == 1
    old.refresh_from_db()
    assert (old.state, old.file_key, old.verdicts.count(), fresh.verdicts.count()) == ("abandoned", "", 0, 1)
    assert set(files.folder().iterdir()) == {files.file_of(fresh), files.folder() / "arriving.sealed"}


def test_what_somebody_goes_on_with_is_not_forgotten(
    judged: Callable[..., ImportBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, give_up = judged(elder()), forgetting._give_up
    ImportBatch.objects.filter(pk=batch.pk).update(touched_at=timezone.now() - timedelta(days=8))

    def just_confirmed(found: ImportBatch) -> bool:
        confirm_batch(by=batch.uploaded_by, batch=ImportBatch.objects.get(pk=batch.pk), digest=batch.digest)
        return give_up(found)

    monkeypatch.setattr(forgetting, "_give_up", just_confirmed)
    assert forget_old_batches() == 0
    assert (run(batch).state, Elder.objects.count()) == ("stored", 1)


def test_refused_file_was_given_up_by_nobody(cast: Cast) -> None:
    batch = run(
        upload_batch(by=cast.head, kind=KINDS["elders"], file=SimpleUploadedFile("a.xlsx", b"not at all"))
    )
    ImportBatch.objects.update(touched_at=timezone.now() - timedelta(days=8))
    assert forget_old_batches() == 0
    batch.refresh_from_db()
    assert batch.state == "refused"


def test_abandoned_batch_leaves_no_file_and_no_verdicts(
    judged: Callable[..., ImportBatch], cast: Cast
) -> None:
    batch = judged(elder())
    abandon_batch(by=cast.reviewer, batch=batch)
    assert (batch.state, batch.verdicts.count(), files.file_of(batch).exists()) == ("abandoned", 0, False)
    with pytest.raises(BatchError):
        confirm(batch)


def test_batch_that_is_given_up_while_it_runs_ends(
    upload: Callable[..., ImportBatch], monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    batch = upload(elder())

    class GivingUp(work._Telling):
        def __call__(self, done: int, total: int) -> None:
            ImportBatch.objects.filter(pk=batch.pk).update(state="abandoned")
            super().__call__(done, total)

    monkeypatch.setattr(work, "_Telling", GivingUp)
    assert (run(batch).state, batch.verdicts.count()) == ("abandoned", 0)


# Two at once, and processes that die


def test_two_confirmations_at_once_have_one_effect(
    judged: Callable[..., ImportBatch], started: list[ImportBatch]
) -> None:
    batch = judged(elder())
    started.clear()

    def sure() -> None:
        confirm_batch(by=batch.uploaded_by, batch=ImportBatch.objects.get(pk=batch.pk), digest=batch.digest)

    said = at_once(sure, sure)
    assert [type(one) for one in said].count(BatchError) == 1
    assert len(started) == 1


def test_two_people_with_the_same_elders_at_once_store_them_once(
    judged: Callable[..., ImportBatch], cast: Cast
) -> None:
    both = [judged(elder(), other()), judged(elder(), other(), by=cast.reviewer)]
    for batch in both:
        confirm_batch(by=batch.uploaded_by, batch=batch, digest=batch.digest)
    assert at_once(*(lambda batch=batch: run_batch(batch, KINDS) for batch in both)) == [None, None]
    for batch in both:
        batch.refresh_from_db()
    assert sorted(batch.state for batch in both) == ["judged", "stored"]
    assert Elder.objects.count() == 2


@contextmanager
def long_ago(batch: ImportBatch) -> Iterator[None]:
    ImportBatch.objects.filter(pk=batch.pk).update(
        started_at=timezone.now() - timedelta(hours=1), done=8, total=20
    )
    batch.refresh_from_db()
    yield


def test_batch_whose_process_is_gone_says_so_and_starts_again(
    upload: Callable[..., ImportBatch], started: list[ImportBatch], cast: Cast
) -> None:
    batch = upload(elder())
    assert not has_died(batch)  # it may be about to start
    with long_ago(batch):
        assert has_died(batch)
        with processes.running(batch):
            assert not has_died(batch)
        start_again(by=cast.head, batch=batch)
    assert (len(started), has_died(batch)) == (2, False)
    assert run(batch).state == "judged"


def test_batch_that_is_being_stored_cannot_be_given_up(
    judged: Callable[..., ImportBatch], cast: Cast
) -> None:
    batch = judged(elder())
    confirm_batch(by=cast.head, batch=batch, digest=batch.digest)
    with pytest.raises(BatchError, match="正在导入"):
        abandon_batch(by=cast.head, batch=batch)
    with long_ago(batch):
        abandon_batch(by=cast.head, batch=batch)
    assert (run(batch).state, Elder.objects.count()) == ("abandoned", 0)


def test_undoing_that_died_is_left_alone_and_the_next_file_comes_in(
    judged: Callable[..., ImportBatch], upload: Callable[..., ImportBatch], cast: Cast
) -> None:
    batch = confirm(judged(elder()))
    undo_batch(by=cast.reviewer, batch=batch)
    stop_undoing(by=cast.reviewer, batch=batch)
    assert batch.state == "undoing"  # it may be about to start
    with long_ago(batch):
        with pytest.raises(BatchError):
            abandon_batch(by=cast.head, batch=batch)
        with pytest.raises(BatchError, match="还没有完成"):
            upload(other())
        stop_undoing(by=cast.reviewer, batch=batch)
    assert (batch.state, batch.undone_by, batch.verdicts.count(), Elder.objects.count()) == (
        "stored",
        None,
        1,
        1,
    )
    assert run(upload(other())).state == "judged"
    undo_batch(by=cast.head, batch=batch)
    assert run(batch).state == "undone"


def test_only_a_few_run_at_once(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    waited = []
    with connection.cursor() as cursor, connection.copy().cursor() as other_one:
        for turn in range(processes.TURNS):
            other_one.execute("SELECT pg_advisory_lock(%s, %s)", [processes.TURN_LOCK, turn])
        cursor.execute("SELECT 1")

        def wait(_: float) -> None:
            waited.append(True)
            other_one.execute("SELECT pg_advisory_unlock(%s, 1)", [processes.TURN_LOCK])

        monkeypatch.setattr("time.sleep", wait)
        with processes.in_turn():
            pass
        other_one.connection.close()
    assert waited == [True]


# Who


def test_batch_is_seen_by_whoever_could_have_uploaded_it(
    judged: Callable[..., ImportBatch], cast: Cast
) -> None:
    batch = judged(elder())
    see = {who for who, one in cast.everybody().items() if batch in ImportBatch.objects.visible_to(one)}
    assert see == {"cadre", "reviewer", "head"} - {"cadre"}
    with pytest.raises(NotAllowed, match="只有上传的人"):
        confirm(batch, by=cast.reviewer)
    for act in (abandon_batch, start_again):
        with pytest.raises(NotAllowed):
            act(by=cast.other_head, batch=batch)


def visible(batch: ImportBatch, *people: User) -> list[bool]:
    return [batch in ImportBatch.objects.visible_to(User.objects.get(pk=one.pk)) for one in people]


def test_batch_of_two_towns_is_filed_under_neither(
    upload: Callable[..., ImportBatch], cast: Cast, system: User
) -> None:
    appoint(by=system, user=cast.head, role=Role.TOWN_HEAD, place=cast.other_town, starts_on=date(2025, 1, 1))
    head = User.objects.get(pk=cast.head.pk)
    batch = run(upload(elder(**{"村(社区)代码*": OTHER_VILLAGE}), by=head))
    assert (batch.place, batch.counts) == (cast.county, {"new": 1})
    assert visible(batch, head, cast.reviewer, cast.other_head) == [True, False, False]
    confirm(batch, by=head)
    head.postings.filter(place=cast.town).update(ends_on=date(2025, 1, 2))
    assert visible(batch, head) == [False]


def test_batch_is_filed_where_all_that_it_asks_for_is_held(
    upload: Callable[..., ImportBatch], cast: Cast, system: User
) -> None:
    appoint(
        by=system, user=cast.head, role=Role.TOWN_REVIEWER, place=cast.other_town, starts_on=date(2025, 1, 1)
    )
    head = User.objects.get(pk=cast.head.pk)
    for options, place in (((), cast.county), (("approve",), cast.town)):
        batch = run(upload(elder(), by=head, options=options))
        assert (batch.place, visible(batch, head)) == (place, [True])


def test_whoever_went_to_another_town_sees_nothing_of_this_one(
    judged: Callable[..., ImportBatch], cast: Cast
) -> None:
    batch = judged(elder())
    assert visible(batch, cast.head, cast.reviewer) == [True, True]
    cast.head.postings.update(place=cast.other_town)
    assert visible(batch, cast.head, cast.reviewer) == [False, True]
    with pytest.raises(NotAllowed):
        abandon_batch(by=User.objects.get(pk=cast.head.pk), batch=batch)


def test_kinds_ask_for_their_rights(upload: Callable[..., ImportBatch], cast: Cast) -> None:
    for kind, by in (
        ("workers", cast.reviewer),
        ("visits", cast.head),
        ("elders", cast.admin),
        ("deaths", cast.reviewer),
        ("elders", cast.cadre),  # who registers on a phone, and imports nothing
        ("elders", cast.worker),
    ):
        with pytest.raises(NotAllowed):
            upload(elder(), kind=kind, by=by)


def test_rights_are_asked_again_when_it_runs(upload: Callable[..., ImportBatch], cast: Cast) -> None:
    batch = upload(elder())
    cast.head.postings.update(ends_on=date(2025, 1, 1))
    assert run(batch).state == "refused"
