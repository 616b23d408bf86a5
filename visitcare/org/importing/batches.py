"""The steps of a batch: uploaded and judged, confirmed and stored, or given up. Nothing is stored that nobody saw."""

import hashlib
import json
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePath
from typing import Any, Protocol

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.audit.models import CurrentTransaction
from visitcare.kit.encryption import fresh_key
from visitcare.kit.sheets import OUTCOME_WORDS, SheetRefused, Verdict
from visitcare.kit.sheets.safety import MAX_FILE_BYTES
from visitcare.kit.texts import tidy
from visitcare.org.actions import NotAllowed
from visitcare.org.importing.files import drop_file, drop_files_but, keep_file, opened_file
from visitcare.org.importing.importer import Importer
from visitcare.org.importing.kinds import Kind
from visitcare.org.importing.processes import in_turn, is_running, running, start_process
from visitcare.org.importing.running import Report, one_at_a_time, run_import
from visitcare.org.importing.undoing import InTheWay, Undoing
from visitcare.org.models import Division, ImportBatch, ImportVerdict, User, common_place
from visitcare.org.roles import Right

State = ImportBatch.State
STARTING = timedelta(seconds=30)
"""A process that has not shown itself after this has died."""
KEPT = timedelta(days=7)
"""How long a file waits for somebody to confirm it, and the verdicts for somebody to read them."""
TELL_EVERY = 1.0
AT_ONCE = 2_000
NO_MEMORY = "这个文件用的内存太多，读不下去。请分成几个文件上传。"


class BatchError(ValueError):
    """What cannot be done with a batch, or not now; in words."""


class Upload(Protocol):
    """A file that arrives."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterable[bytes]: ...


# What people do


def upload_batch(*, by: User, kind: Kind, file: Upload, options: Collection[str] = ()) -> ImportBatch:
    """Keep a file sealed and start judging it."""
    kind.make(by, options)
    if not file.size:
        raise BatchError("文件是空的（0 字节）。请检查是不是选错了文件，或者还没有保存。")
    if file.size > MAX_FILE_BYTES:
        raise BatchError(
            f"文件超过 {MAX_FILE_BYTES // 1024**2} MB。请删去图片和无关的工作表，或分成几个文件再上传。"
        )
    batch = ImportBatch(
        kind=kind.name,
        rights=kind.rights(options),
        options=sorted(options),
        place=_place(by, kind.rights(options)),
        uploaded_by=by,
        file_name=tidy(PurePath(file.name or "").name)[:200],
        file_key=fresh_key(),
        started_at=timezone.now(),
    )
    _refuse_second(by)
    keep_file(batch, file.chunks())
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
            record(by=by, verb="upload_import", words=f"上传{kind.title}表格", about=batch, where=batch.place)
            _start(batch)
    except BaseException as error:
        drop_file(batch)
        if isinstance(error, IntegrityError):  # two uploads at once: the constraint has let one in
            _refuse_second(by)
        raise
    return batch


def confirm_batch(*, by: User, batch: ImportBatch, digest: str, skip_bad_rows: bool = False) -> None:
    """Store what was judged, as `by` saw it: `digest` is that of the verdicts on their page."""
    _require_all_rights(by, batch)
    if by.pk != batch.uploaded_by_id:
        raise NotAllowed("只有上传的人能确认导入。")
    if batch.refused_rows and not skip_bad_rows:
        raise BatchError(
            f"有 {batch.refused_rows} 行有问题。请改好重新上传，或者勾选“跳过有问题的行”，只导入其余的。"
        )
    if not sum(batch.counts.values()) - batch.refused_rows:
        raise BatchError("没有一行可以导入。请按说明改好，重新上传。")
    _refuse_second(by)
    with transaction.atomic():
        _move(
            batch,
            digest_then=digest,
            from_states=(State.JUDGED,),
            state=State.STORING,
            skip_bad_rows=skip_bad_rows,
            started_at=timezone.now(),
            done=0,
            said="",
        )
        record(by=by, verb="confirm_import", words="确认导入", about=batch, where=batch.place)
        _start(batch)


def undo_batch(*, by: User, batch: ImportBatch) -> None:
    """Start taking back what a batch has stored."""
    _require_all_rights(by, batch)
    with transaction.atomic():
        _move(
            batch,
            from_states=(State.STORED,),
            state=State.UNDOING,
            undone_by=by,
            started_at=timezone.now(),
            said="",
        )
        _start(batch)


def start_again(*, by: User, batch: ImportBatch) -> None:
    """Run a batch anew whose process has died. What it had written went with it."""
    _require_all_rights(by, batch)
    if has_died(batch):
        with transaction.atomic():
            _move(
                batch,
                started_at_then=batch.started_at,
                from_states=ImportBatch.RUNNING,
                started_at=timezone.now(),
                done=0,
            )
            _start(batch)


def abandon_batch(*, by: User, batch: ImportBatch) -> None:
    """Give a batch up: its file and its verdicts are deleted. One that is being stored only when it has died."""
    _require_all_rights(by, batch)
    if batch.state == State.STORING and not has_died(batch):
        raise BatchError("正在导入，现在不能放弃。等它完成以后，可以整批撤销。")
    with transaction.atomic():
        _move(
            batch,
            from_states=(State.JUDGING, State.JUDGED, State.STORING),
            started_at_then=batch.started_at,
            state=State.ABANDONED,
            file_key="",
        )
        batch.verdicts.all().delete()
        record(by=by, verb="abandon_import", words="放弃导入", about=batch, where=batch.place)
        transaction.on_commit(partial(drop_file, batch))


def has_died(batch: ImportBatch) -> bool:
    """Whether a batch that should run does not."""
    if batch.state not in ImportBatch.RUNNING or timezone.now() - batch.started_at < STARTING:
        return False
    return not is_running(batch)


def _require_all_rights(by: User, batch: ImportBatch) -> None:
    """One row rule for seeing a batch and for acting on it."""
    if not ImportBatch.objects.visible_to(by).filter(pk=batch.pk).exists():
        raise NotAllowed("您没有办理这一批导入所需的全部权限，或者它不在您管的地区。")


def _place(by: User, rights: Iterable[Right]) -> Division:
    """The smallest place with all of those in it where the person may import this."""
    return Division.objects.get(pk=max((common_place(by.areas_with(right)) for right in rights), key=len))


def _refuse_second(by: User) -> None:
    other = ImportBatch.objects.filter(uploaded_by=by, state__in=ImportBatch.RUNNING).first()
    if other:
        raise BatchError(
            f"您 {timezone.localtime(other.uploaded_at):%H:%M} 上传的一批还没有完成。"
            "请等它完成；如果它停了，请先打开它，重新开始或者放弃。"
        )


def _start(batch: ImportBatch) -> None:
    # A process that cannot be started is one that died: the page says so, and it can be started again.
    transaction.on_commit(partial(start_process, batch), robust=True)


def _move(
    batch: ImportBatch,
    *,
    from_states: Collection[str],
    digest_then: str | None = None,
    started_at_then: datetime | None = None,
    **to: Any,
) -> None:
    """Change a batch that is still what it was; of two who try at once one is told."""
    rows = ImportBatch.objects.filter(pk=batch.pk, state__in=from_states)
    if digest_then is not None:
        rows = rows.filter(digest=digest_then)
    if started_at_then is not None:
        rows = rows.filter(started_at=started_at_then)
    if not rows.update(**to, touched_at=timezone.now()):
        raise BatchError("这一批的情况刚才变了。请刷新页面，看过再办。")
    batch.refresh_from_db()


# What the process does


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
        try:
            work = _undo if batch.state == State.UNDOING else _run
            work(batch, kinds[batch.kind])
        except Stopped:
            pass
        except (SheetRefused, NotAllowed) as refusal:
            _end(batch, str(refusal))
        except MemoryError:
            _end(batch, NO_MEMORY)
    if batch.state in (State.REFUSED, State.STORED):
        drop_file(batch)


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
    _move(
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
    _require_all_rights(by, batch)
    try:
        with transaction.atomic():
            one_at_a_time()
            rows = Undoing(batch, kind.importer).undo(by)
            _move(batch, from_states=(State.UNDOING,), state=State.UNDONE, undone_at=timezone.now(), said="")
            record(
                by=by,
                verb="undo_import",
                words=f"撤销导入{kind.title}，{rows} 条记录回到了导入以前",
                about=batch,
                where=batch.place,
            )
    except InTheWay as found:
        _move(batch, from_states=(State.UNDOING,), state=State.STORED, undone_by=None, said=str(found))


def _judged(batch: ImportBatch, report: Report, said: str) -> None:
    with transaction.atomic():
        try:
            _move(
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
    if batch.state == State.UNDOING:
        _move(batch, from_states=(State.UNDOING,), state=State.STORED, undone_by=None, said=words)
        return
    with suppress(BatchError), transaction.atomic():  # it may be given up by now
        _move(batch, from_states=(batch.state,), state=State.REFUSED, said=words, file_key="")
        batch.verdicts.all().delete()


def digest_of(verdicts: Iterable[Verdict]) -> str:
    """The same verdicts give the same digest."""
    said = hashlib.sha256()
    for verdict in verdicts:
        line = [verdict.row, verdict.key, verdict.outcome, verdict.words]
        said.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return said.hexdigest()


def counts_words(counts: Mapping[str, int]) -> str:
    return "，".join(
        f"{words} {counts[outcome]} 行" for outcome, words in OUTCOME_WORDS.items() if counts.get(outcome)
    )


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


# What the night does


def forget_old_batches() -> int:
    """Delete files that nobody confirmed within a week, verdicts that nobody reads any more, and what was left lying
    about; how many batches that were."""
    old = ImportBatch.objects.filter(touched_at__lt=timezone.now() - KEPT)
    waiting = old.exclude(state__in=[State.STORED, State.UNDOING, State.UNDONE, State.ABANDONED])
    given_up = [batch for batch in waiting if batch.state not in ImportBatch.RUNNING or has_died(batch)]
    keys = [batch.pk for batch in given_up]
    with transaction.atomic():
        ImportVerdict.objects.filter(batch__in=old).exclude(batch__in=waiting.exclude(pk__in=keys)).delete()
        ImportBatch.objects.filter(pk__in=keys).update(
            state=State.ABANDONED, file_key="", touched_at=timezone.now()
        )
    for batch in given_up:
        drop_file(batch)
    drop_files_but(ImportBatch.objects.filter(state__in=[State.JUDGING, State.JUDGED, State.STORING]))
    return len(given_up)
