"""The steps of a batch: uploaded and judged, confirmed and stored, or given up. Nothing is stored that nobody saw."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePath
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.kit.encryption import fresh_key
from visitcare.kit.sheets.safety import MAX_FILE_BYTES
from visitcare.kit.texts import tidy
from visitcare.org.actions import NotAllowed
from visitcare.org.importing.files import drop_file, keep_file
from visitcare.org.importing.kinds import Kind
from visitcare.org.importing.processes import is_running, start_process
from visitcare.org.models import Division, ImportBatch, User, common_place
from visitcare.org.roles import Right

State = ImportBatch.State
STARTING = timedelta(seconds=30)
"""A process that has not shown itself after this has died."""


class BatchError(ValueError):
    """What cannot be done with a batch, or not now; in words."""


class Upload(Protocol):
    """A file that arrives."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterable[bytes]: ...


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
    require_all_rights(by, batch)
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
        move(
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
    require_all_rights(by, batch)
    with transaction.atomic():
        move(
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
    require_all_rights(by, batch)
    if has_died(batch):
        with transaction.atomic():
            move(
                batch,
                started_at_then=batch.started_at,
                from_states=ImportBatch.RUNNING,
                started_at=timezone.now(),
                done=0,
            )
            _start(batch)


def abandon_batch(*, by: User, batch: ImportBatch) -> None:
    """Give a batch up: its file and its verdicts are deleted. One that is being stored only when it has died."""
    require_all_rights(by, batch)
    if batch.state == State.STORING and not has_died(batch):
        raise BatchError("正在导入，现在不能放弃。等它完成以后，可以整批撤销。")
    with transaction.atomic():
        move(
            batch,
            from_states=(State.JUDGING, State.JUDGED, State.STORING),
            started_at_then=batch.started_at,
            state=State.ABANDONED,
            file_key="",
        )
        batch.verdicts.all().delete()
        record(by=by, verb="abandon_import", words="放弃导入", about=batch, where=batch.place)
        transaction.on_commit(partial(drop_file, batch))


def stop_undoing(*, by: User, batch: ImportBatch) -> None:
    """Leave stored what was to be taken back by a process that has died; it has taken back nothing."""
    require_all_rights(by, batch)
    if has_died(batch):
        with transaction.atomic():
            move(
                batch,
                from_states=(State.UNDOING,),
                started_at_then=batch.started_at,
                state=State.STORED,
                undone_by=None,
            )
            record(by=by, verb="stop_undoing_import", words="不撤销导入了", about=batch, where=batch.place)


def has_died(batch: ImportBatch) -> bool:
    """Whether a batch that should run does not."""
    if batch.state not in ImportBatch.RUNNING or timezone.now() - batch.started_at < STARTING:
        return False
    return not is_running(batch)


def require_all_rights(by: User, batch: ImportBatch) -> None:
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


def move(
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
