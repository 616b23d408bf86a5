"""导入: a file is uploaded, judged row by row, looked at, confirmed, and can be taken back."""

import io
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.views.decorators.http import require_safe

from visitcare.audit.actions import record
from visitcare.audit.admin import story
from visitcare.console.downloads import download
from visitcare.console.importing import KINDS, kinds_of
from visitcare.kit.admin import (
    Door,
    DoorForm,
    Facts,
    FileInput,
    Included,
    Link,
    OfficeRequest,
    ReasonForm,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    link,
    moment,
    page_url,
    rows_url,
)
from visitcare.kit.sheets import OUTCOME_WORDS, Verdict, write_verdicts
from visitcare.org.importing import (
    abandon_batch,
    confirm_batch,
    counts_words,
    has_died,
    start_again,
    stop_undoing,
    undo_batch,
    upload_batch,
    write_template,
)
from visitcare.org.models import ImportBatch, ImportVerdict
from visitcare.org.roles import Right

State = ImportBatch.State
TONES = {
    State.JUDGING: "wait",
    State.JUDGED: "mind",
    State.REFUSED: "bad",
    State.STORING: "wait",
    State.STORED: "ok",
    State.ABANDONED: "plain",
    State.UNDOING: "wait",
    State.UNDONE: "plain",
}
OUTCOME_TONES = {"new": "ok", "changed": "mind", "unchanged": "plain", "warning": "mind", "refused": "bad"}
MOST_SHOWN = 50


class UploadForm(DoorForm):
    kind = forms.ChoiceField(label="导入什么")
    file = forms.FileField(
        label="表格文件（.xlsx）",
        allow_empty_file=True,  # the action says more of it
        help_text="先检查每一行，不存；您看过结果、确认以后才导入。一次最多 50,000 行、50 MB。",
        widget=FileInput(attrs={"accept": ".xlsx"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        self.kinds = kinds_of(user)
        choice: Any = self.fields["kind"]
        choice.choices = [(kind.name, kind.title) for kind in self.kinds]
        for kind in self.kinds:
            for option in kind.options:
                if user.may(option.right):
                    self.fields[option.name] = forms.BooleanField(
                        label=f"{kind.title}：{option.label}", required=False
                    )


class ConfirmForm(DoorForm):
    """`digest` says which verdicts were seen."""

    digest = forms.CharField(widget=forms.HiddenInput)
    skip = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batch: ImportBatch = self.obj
        self.fields["digest"].initial = batch.digest
        good = batch.total - batch.refused_rows
        self.fields["skip"].label = f"跳过有问题的 {batch.refused_rows} 行，只导入其余 {good} 行"
        if not batch.refused_rows:
            del self.fields["skip"]


def _confirm(request: OfficeRequest, batch: ImportBatch, said: dict[str, Any]) -> str:
    confirm_batch(by=request.user, batch=batch, digest=said["digest"], skip_bad_rows=bool(said.get("skip")))
    return "开始导入了。可以离开这一页，过一会儿再来看。"


def _start_again(request: OfficeRequest, batch: ImportBatch, said: dict[str, Any]) -> str:
    start_again(by=request.user, batch=batch)
    return "重新开始了。"


def _abandon(request: OfficeRequest, batch: ImportBatch, said: dict[str, Any]) -> str:
    abandon_batch(by=request.user, batch=batch)
    return "已放弃，上传的文件已删除。什么都没有导入。"


def _stop_undoing(request: OfficeRequest, batch: ImportBatch, said: dict[str, Any]) -> str:
    stop_undoing(by=request.user, batch=batch)
    return "没有撤销，这一批还是已导入的。"


def _undo(request: OfficeRequest, batch: ImportBatch, said: dict[str, Any]) -> str:
    undo_batch(by=request.user, batch=batch)
    return "正在撤销。可以离开这一页，过一会儿再来看。"


def _verdicts(request: OfficeRequest, batch: ImportBatch, said: dict[str, Any]) -> HttpResponse:
    rows = batch.verdicts.order_by("position").iterator(chunk_size=2_000)
    out = io.BytesIO()
    write_verdicts(
        out,
        "导入结果",
        (Verdict(one.row, one.key, one.outcome, one.words) for one in rows),  # type: ignore[arg-type]
    )
    record(
        by=request.user,
        verb="export_verdicts",
        words="下载导入结果",
        reason=said["reason"],
        about=batch,
        where=batch.place,
    )
    return download(out.getvalue(), "导入结果.xlsx")


class OfBatch(Link):
    """The verdicts of one batch."""

    title = "导入"
    parameter_name = "batch"

    def find(self, value: str) -> str:
        batches = ImportBatch.objects.visible_to(self.request.user).only("kind", "file_name")
        batch = batches.filter(pk=value).first()
        return f"{KINDS[batch.kind].title} {batch.file_name}" if batch else ""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(batch=value)


@admin.register(ImportVerdict)
class ImportVerdictAdmin(ScopedAdmin):
    see = Right.IMPORT_SHEETS
    list_title = "导入结果"
    list_display = ("which_row", "key", "shown_outcome", "words")
    list_filter = (by_field("outcome", "结果", list(OUTCOME_WORDS.items())), OfBatch)

    @admin.display(description="行")
    def which_row(self, verdict: ImportVerdict) -> str:
        return f"第 {verdict.row} 行"

    @admin.display(description="结果")
    def shown_outcome(self, verdict: ImportVerdict) -> str:
        return badge(verdict.get_outcome_display(), OUTCOME_TONES[verdict.outcome])

    def sections(self, request: OfficeRequest, verdict: ImportVerdict) -> Iterable[Section]:
        yield Facts(
            "",
            rows=[
                ("导入", link(KINDS[verdict.batch.kind].title, page_url(verdict.batch))),
                ("结果", self.shown_outcome(verdict)),
                ("说明", verdict.words or "—"),
            ],
        )


@admin.register(ImportBatch)
class ImportBatchAdmin(ScopedAdmin):
    """Whoever sees a batch holds all that it asks for: the doors ask for nothing more."""

    see = add_right = Right.IMPORT_SHEETS
    add_form = UploadForm
    add_words = "上传并检查"
    add_template = "admin/imports/upload.html"
    page_template = "admin/imports/batch.html"
    list_title = "导入"
    list_intro = "上传表格，先看每一行的结果，确认以后才导入；导入以后还没有人用到的，可以整批撤销。"
    empty_words = "还没有上传过表格。点上面的“上传并检查”，那里可以下载模板。"
    list_display = ("uploaded", "shown_kind", "file_name", "uploaded_by", "shown_state", "shown_counts")
    list_filter = (
        by_field("kind", "种类", [(kind.name, kind.title) for kind in KINDS.values()]),
        by_field("state", "状态", State.choices),
    )
    doors = (
        Door(
            "confirm",
            "确认导入",
            "",
            _confirm,
            form=ConfirmForm,
            shown=lambda request, batch: (
                batch.state == State.JUDGED and batch.uploaded_by_id == request.user.pk
            ),
            words="导入时会再检查一遍。如果登记的资料在这中间有了变化，会先给您看新的结果，不会直接存。",
            tone="main",
        ),
        Door(
            "start_again",
            "重新开始",
            "",
            _start_again,
            shown=lambda request, batch: has_died(batch),
            tone="main",
        ),
        Door(
            "verdicts",
            "下载结果（Excel）",
            "",
            _verdicts,
            form=ReasonForm,
            shown=lambda request, batch: batch.verdicts.exists(),
            words="表里有个人信息。原因会和您的名字一起记在操作记录里。",
            apart=True,
        ),
        Door(
            "undo",
            "撤销这次导入",
            "",
            _undo,
            shown=lambda request, batch: batch.state == State.STORED,
            words="这一批新增的都会删除，改过的都回到导入以前。已经有人用到或者改过其中任何一条，就不能整批撤销，会告诉您是哪些。",
            tone="danger",
        ),
        Door(
            "stop_undoing",
            "不撤销了",
            "",
            _stop_undoing,
            shown=lambda request, batch: batch.state == State.UNDOING and has_died(batch),
            words="撤销停在半路，什么都没有撤掉。这一批还是已导入的。",
        ),
        Door(
            "abandon",
            "放弃",
            "",
            _abandon,
            shown=lambda request, batch: (
                batch.state in (State.JUDGING, State.JUDGED)
                or (batch.state == State.STORING and has_died(batch))
            ),
            words="上传的文件和检查结果会删除，什么都不会导入。",
            apart=True,  # the page of a batch that runs looks again by itself, and would close it
        ),
    )

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).defer("made")

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        return rows.select_related("uploaded_by")

    @admin.display(description="上传时间")
    def uploaded(self, batch: ImportBatch) -> str:
        return moment(batch.uploaded_at)

    @admin.display(description="种类")
    def shown_kind(self, batch: ImportBatch) -> str:
        return KINDS[batch.kind].title

    @admin.display(description="状态")
    def shown_state(self, batch: ImportBatch) -> str:
        return (
            badge("停了", "bad")
            if has_died(batch)
            else badge(batch.get_state_display(), TONES[State(batch.state)])
        )

    @admin.display(description="结果")
    def shown_counts(self, batch: ImportBatch) -> str:
        return counts_words(batch.counts) or "—"

    def heading(self, batch: ImportBatch) -> str:
        return f"导入{KINDS[batch.kind].title}"

    def subheading(self, batch: ImportBatch) -> str:
        return batch.file_name

    def badges(self, batch: ImportBatch) -> Iterable[str]:
        return [self.shown_state(batch)]

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, ImportBatch]:
        kind = KINDS[said["kind"]]
        chosen = [option.name for option in kind.options if said.get(option.name)]
        batch = upload_batch(by=request.user, kind=kind, file=said["file"], options=chosen)
        return "收到了，正在检查每一行。", batch

    def sections(self, request: OfficeRequest, batch: ImportBatch) -> Iterable[Section]:
        died = has_died(batch)
        if batch.state in ImportBatch.RUNNING:
            yield Included("", include="admin/imports/progress.html", it={"batch": batch, "died": died})
        if batch.said:
            yield Included("", include="admin/imports/said.html", it={"batch": batch})
        if batch.counts:
            yield Facts("结果", note=_note(batch), rows=_counts(batch))
        yield from _rows(batch, "有问题和有提醒的行", "refused", "warning")
        yield from _rows(batch, "有变化的行", "changed")
        yield Facts("这一批", rows=self._facts(batch))
        yield story(batch, complete=request.user.may(Right.READ_AUDIT, batch.place_id))

    def _facts(self, batch: ImportBatch) -> list[tuple[str, Any]]:
        kind = KINDS[batch.kind]
        chosen = [option.label for option in kind.options if option.name in batch.options]
        rows: list[tuple[str, Any]] = [
            ("上传人", f"{batch.uploaded_by}（{batch.place.path or batch.place}）"),
            ("上传时间", moment(batch.uploaded_at)),
        ]
        if chosen:
            rows.append(("选项", "；".join(chosen)))
        if batch.stored_at:
            rows.append(("导入时间", moment(batch.stored_at)))
        if batch.undone_at:
            rows += [("撤销时间", moment(batch.undone_at)), ("撤销人", batch.undone_by)]
        return rows

    def _page(self, request: OfficeRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        """The page of a batch that runs looks again by itself, without script."""
        batch: ImportBatch | None = context.get("original")
        is_running = batch is not None and batch.state in ImportBatch.RUNNING and not has_died(batch)
        return super()._page(request, template, {**context, "is_running": is_running})

    def get_urls(self) -> list[URLPattern]:
        template = path(
            "template/",
            self.admin_site.admin_view(require_safe(self.template_view)),
            name="org_importbatch_template",
        )
        return [template, *super().get_urls()]

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """The template of ?kind=, or of the first kind that the person may import."""
        user: Any = request.user
        kinds = {kind.name: kind for kind in kinds_of(user)}
        kind = kinds.get(request.GET.get("kind", next(iter(kinds), "")))
        if kind is None or not user.may(self.see):
            raise PermissionDenied
        return download(write_template(kind), f"{kind.title}导入模板.xlsx")


def _rows(batch: ImportBatch, title: str, *outcomes: str) -> Iterable[Table]:
    """The first rows of some outcomes, the worse ones before."""
    rows = batch.verdicts.filter(outcome__in=outcomes).order_by("outcome", "position")
    if rows.exists():
        yield Table(
            title,
            heads=("行", "对象", "结果", "说明"),
            rows=[
                (one.row, one.key, badge(one.get_outcome_display(), OUTCOME_TONES[one.outcome]), one.words)
                for one in rows[:MOST_SHOWN]
            ],
            more=("看全部结果", rows_url("org.importverdict", batch=batch.pk)),
        )


def _note(batch: ImportBatch) -> str:
    if batch.state == State.JUDGED:
        return f"检查了 {batch.total} 行，还没有导入。点数字看是哪些行。"
    return ""


def _counts(batch: ImportBatch) -> list[tuple[str, Any]]:
    """How many rows of each outcome, each a link to them while they are kept: those with a warning are one list."""
    kept = batch.verdicts.exists()
    warned = {outcome: batch.counts.get(f"warned_{outcome}", 0) for outcome in OUTCOME_WORDS}
    rows: list[tuple[str, Any]] = []
    for outcome, words in OUTCOME_WORDS.items():
        number = batch.counts.get(outcome, 0) - warned[outcome]
        number += sum(warned.values()) if outcome == "warning" else 0
        listed: Any = f"{number} 行"
        if kept:
            listed = link(listed, rows_url("org.importverdict", batch=batch.pk, outcome=outcome))
        told = [listed] if number else []
        told += [f"{warned[outcome]} 行有提醒"] if warned[outcome] else []
        if told:
            rows.append((words, format_html_join("，另有 ", "{}", ((one,) for one in told))))
    return rows
