"""What the process of a batch does: it judges, stores or takes back."""

import hashlib
import json
import logging
import secrets
import time
import traceback
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.audit.models import CurrentTransaction
from visitcare.kit.sheets import SheetRefused, Verdict
from visitcare.org.actions import NotAllowed
from visitcare.org.importing.batches import BatchError, State, move, require_all_rights
from visitcare.org.importing.files import drop_file, opened_file
from visitcare.org.importing.importer import Importer
from visitcare.org.importing.kinds import Kind
from visitcare.org.importing.processes import in_turn, running
from visitcare.org.importing.running import Report, counts_words, one_at_a_time, run_import
from visitcare.org.importing.undoing import InTheWay, Undoing
from visitcare.org.models import ImportBatch, ImportVerdict

logger = logging.getLogger(__name__)
TELL_EVERY = 1.0
AT_ONCE = 2_000
IN_USE = "没有撤销：导入以后，这一批的资料又有别的记录用到了。请过一会儿再试；还是不行，请到各人的页面办理。"
NO_MEMORY = "这个文件用的内存太多，读不下去。请分成几个文件上传。"


class Stopped(Exception):
    """Somebody gave the batch up while it ran."""


class Differs(Exception):
    """What would be stored is not what was seen."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def run_batch(batch: ImportBatch, kinds: Mapping[str, Kind]) -> None:
    """Judge or store a batch, whichever it waits for. Whatever kills the process leaves all as it was."""
    with running(batch), in_turn():
        batch.refresh_from_db()
        if batch.state not in ImportBatch.RUNNING:
            return
        if why_not := _why_not(batch, kinds[batch.kind]):
            _end(batch, why_not)
    if batch.state in (State.REFUSED, State.STORED):
        drop_file(batch)


def _why_not(batch: ImportBatch, kind: Kind) -> str:
    """Do what a batch waits for; what has kept it from being done, in words for whoever uploaded it."""
    try:
        (_undo if batch.state == State.UNDOING else _run)(batch, kind)
    except Stopped:
        pass
    except (SheetRefused, NotAllowed) as refusal:
        return str(refusal)
    except MemoryError:
        return NO_MEMORY
    except Exception as error:
        return f"程序出错，什么都没有改动。请把编号 {_logged(batch, error)} 告诉系统管理员。"
    return ""


def _logged(batch: ImportBatch, error: Exception) -> str:
    """Write where the program went wrong to the server's log, under the number that is returned. Messages of the
    database quote whole rows of people: they are left out."""
    number = secrets.token_hex(4)
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("import %s, number %s: %s\n%s", batch.pk, number, type(error).__qualname__, where)
    return number


def _run(batch: ImportBatch, kind: Kind) -> None:
    storing = batch.state == State.STORING
    importer = kind.make(batch.uploaded_by, batch.options)
    with opened_file(batch) as file, _Telling(batch) as tell:
        try:
            report = run_import(
                importer,
                file,
                dry_run=not storing,
                skip_bad_rows=batch.skip_bad_rows,
                keep=partial(_stored, batch, kind, importer) if storing else None,
                tell=tell,
            )
        except Differs as differs:
            _judged(batch, differs.report, _what_differs(batch, differs.report))
            return
    if not storing:
        _judged(batch, report, _what_is_unused(report))


def _stored(batch: ImportBatch, kind: Kind, importer: Importer, report: Report) -> None:
    """The batch is stored in the transaction of its rows, if they are those that were confirmed."""
    if digest_of(report.verdicts) != batch.digest:
        raise Differs(report)
    now = timezone.now()
    move(
        batch,
        from_states=(State.STORING,),
        state=State.STORED,
        transaction=CurrentTransaction(),
        stored_at=now,
        made=list(importer.made()),
        done=batch.total,
        file_key="",
    )
    record(
        by=batch.uploaded_by,
        verb="store_import",
        words=f"导入{kind.title}：{counts_words(report.counts)}",
        about=batch,
        where=batch.place,
        data={"counts": dict(report.counts)},
    )


def _undo(batch: ImportBatch, kind: Kind) -> None:
    by = batch.undone_by
    assert by is not None  # whoever asked for it
    require_all_rights(by, batch)
    try:
        with transaction.atomic():
            one_at_a_time()
            rows = Undoing(batch, kind.importer).undo(by)
            move(batch, from_states=(State.UNDOING,), state=State.UNDONE, undone_at=timezone.now(), said="")
            record(
                by=by,
                verb="undo_import",
                words=f"撤销导入{kind.title}，{rows} 条记录回到了导入以前",
                about=batch,
                where=batch.place,
            )
    except InTheWay as found:
        _end(batch, str(found))
    except IntegrityError:  # somebody was faster, or something that this knows nothing of points at the rows
        _end(batch, IN_USE)


def _judged(batch: ImportBatch, report: Report, said: str) -> None:
    with transaction.atomic():
        try:
            move(
                batch,
                from_states=(batch.state,),
                state=State.JUDGED,
                counts=dict(report.counts),
                digest=digest_of(report.verdicts),
                total=len(report.verdicts),
                done=len(report.verdicts),
                said=said,
            )
        except BatchError as error:
            raise Stopped from error
        batch.verdicts.all().delete()
        ImportVerdict.objects.bulk_create(
            (
                ImportVerdict(
                    batch=batch,
                    position=position,
                    row=verdict.row,
                    key=verdict.key[:200],
                    outcome=verdict.outcome,
                    words=verdict.words,
                )
                for position, verdict in enumerate(report.verdicts)
            ),
            batch_size=AT_ONCE,
        )


def _end(batch: ImportBatch, words: str) -> None:
    """It cannot be: a file is refused, what is stored stays stored."""
    batch.refresh_from_db()  # what was written of it may have been taken back with the rows
    if batch.state == State.UNDOING:
        move(batch, from_states=(State.UNDOING,), state=State.STORED, undone_by=None, said=words)
        return
    with suppress(BatchError), transaction.atomic():  # it may be given up by now
        move(batch, from_states=(batch.state,), state=State.REFUSED, said=words, file_key="")
        batch.verdicts.all().delete()


def digest_of(verdicts: Iterable[Verdict]) -> str:
    """The same verdicts give the same digest."""
    said = hashlib.sha256()
    for verdict in verdicts:
        line = [verdict.row, verdict.key, verdict.outcome, verdict.words]
        said.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return said.hexdigest()


def _what_differs(batch: ImportBatch, report: Report) -> str:
    seen = dict(batch.verdicts.values_list("position", "outcome"))
    words = dict(batch.verdicts.values_list("position", "words"))
    now = dict(enumerate(report.verdicts))
    moved = [
        place for place, one in now.items() if (one.outcome, one.words) != (seen.get(place), words.get(place))
    ]
    first = "、".join(f"第 {now[place].row} 行" for place in moved[:5])
    return (
        f"没有导入：您确认以后，登记的资料已经有了变化，{len(moved)} 行和刚才看到的不一样（{first}{'等' if len(moved) > 5 else ''}）。"
        f"下面是现在的结果，请看过再确认。刚才是：{counts_words(batch.counts)}。"
    )


def _what_is_unused(report: Report) -> str:
    return f"表里没有用到的列：{'、'.join(report.ignored)}。" if report.ignored else ""


class _Telling:
    """Tells over a connection of its own, past the transaction of the import, how far it is; hears when to stop."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.connection = connection.copy()
        self.next = 0.0

    def __enter__(self) -> "_Telling":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self.next and done < total:
            return
        self.next = now + TELL_EVERY
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE org_importbatch SET done = %s, total = %s, touched_at = now() WHERE id = %s AND state = %s",
                [done, total, self.batch.pk, self.batch.state],
            )
            if not cursor.rowcount:
                raise Stopped
