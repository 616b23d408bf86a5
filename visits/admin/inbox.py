"""没收下的手机记录: what phones have sent and nobody could take in; why, and what can be done about it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse

from elders.models import Elder
from visitcare.audit.admin import story
from visitcare.kit.admin import (
    Choice,
    Door,
    DoorForm,
    Facts,
    FileInput,
    OfficeRequest,
    Period,
    ReasonForm,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    link,
    moment,
    page_url,
)
from visitcare.org.filters import places
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.actions import decline_kept, read_item, take_again, take_phone_file
from visits.actions.mending import CAN_BE_TRIED
from visits.actions.phone_files import KNOWN, MOST_BYTES, NOT_TAKEN, TAKEN, FromFile
from visits.admin.words import elder_link
from visits.models import KeptBack, Mode, Outcome, Received, Visit, note_words
from visits.rules import found_words

MOST_CHARACTERS = 500_000
"""Of what is pasted."""
OPEN = "open"
TONES = {
    KeptBack.State.WAITING: "wait",
    KeptBack.State.CONFLICT: "mind",
    KeptBack.State.REFUSED: "bad",
    KeptBack.State.TAKEN: "ok",
    KeptBack.State.DECLINED: "plain",
}
IF_THE_SECOND_IS_TRUE = (
    "先收到的那条是“已经有的记录”，没有动。先收的对：在这里点“不收，说明原因”。"
    "后来的这条对：先到“已经有的记录”点“退回”，写明要改成什么，请本人更正；再在这里点“不收，说明原因”。"
)
UNKNOWN = "本镇没有这个编号的老人"
OUTCOME_TONES = {TAKEN: "ok", KNOWN: "plain", NOT_TAKEN: "bad"}
"""Of what stood in a file."""


class StateFilter(Choice):
    title = "处理"
    parameter_name = "state"
    initial = OPEN

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [(OPEN, "要看一看"), *((str(value), str(words)) for value, words in KeptBack.State.choices)]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(state__in=KeptBack.OPEN) if value == OPEN else rows.filter(state=value)


class SentIn(Period):
    title = "收到时间"
    path = "since"


def _take_again(request: OfficeRequest, kept: KeptBack, said: dict[str, Any]) -> str:
    answer = take_again(by=request.user, kept=kept)
    return "收下了，已经记成探访。" if answer.is_taken else f"还是收不下：{answer.words}"


def _decline(request: OfficeRequest, kept: KeptBack, said: dict[str, Any]) -> str:
    decline_kept(by=request.user, kept=kept, reason=said["reason"])
    return "不收，本人会看到原因。"


class PhoneFileForm(DoorForm):
    file = forms.FileField(
        label="手机上点“存成文件”存下来的文件",
        required=False,
        allow_empty_file=True,  # the action says more of it
        help_text="里面的记录一条一条地看，和手机自己发来的一样。手机以后再发，不会重复。最多 2,000 条、5 MB。",
        widget=FileInput(attrs={"accept": ".json"}),
    )
    text = forms.CharField(
        label="或者：本人点“复制”发来的文字",
        required=False,
        max_length=MOST_CHARACTERS,
        help_text="从头到尾全部粘贴进来，不要改。",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "文字太长了，可能粘贴不全。请让本人把文件带来。"},
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and bool(said.get("file")) == bool(said.get("text")):
            raise forms.ValidationError("请选一个文件，或者把发来的文字粘贴进来：两样选一样。")
        return said


def _is_not_own(request: OfficeRequest, kept: KeptBack) -> bool:
    return kept.received.sender_id != request.user.pk


@admin.register(KeptBack)
class KeptBackAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    add_right = Right.REVIEW_VISIT
    add_form = PhoneFileForm
    add_words = "收手机存的文件"
    list_intro = (
        "手机发来、系统收不下的记录，一条也没有丢。先看为什么：该改的（负责的人、住处、任职、去世日期）改好，"
        "再点“再处理一次”；不该收的，写明原因，本人会看到。"
    )
    list_display = ("when", "sender_name", "kind", "why", "state_words")
    list_filter = (
        StateFilter,
        by_field("received__kind", "类别", Received.Kind.choices),
        *places("village_code"),
        SentIn,
    )
    list_select_related = ("received__sender",)
    search_hint = "发送人姓名"
    ordering = ("since", "pk")
    empty_words = "没有收不下的手机记录。"
    doors = (
        Door(
            "again",
            "再处理一次",
            Right.REVIEW_VISIT,
            _take_again,
            shown=lambda request, kept: kept.state in CAN_BE_TRIED and _is_not_own(request, kept),
            words="按去的那天谁负责、住在哪里来看。收下的，录入时间是手机第一次发来的时间。",
            tone="main",
        ),
        Door(
            "decline",
            "不收，说明原因",
            Right.REVIEW_VISIT,
            _decline,
            form=ReasonForm,
            shown=lambda request, kept: kept.state in KeptBack.OPEN and _is_not_own(request, kept),
            words="不收的记录不算探访。写明为什么、该怎么办，本人会看到。",
        ),
    )

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> HttpResponse:
        """A page with what has become of each: it is not kept, what could not be taken in stands in the list."""
        # What is larger never came in whole: its size is told, not its content.
        content = said["file"].read(MOST_BYTES + 1) if said["file"] else said["text"].encode()
        sender, found = take_phone_file(by=request.user, content=content)
        context = {
            "title": self.add_words,
            "heading": f"{sender.name}手机存的文件",
            "sections": list(_from_file(request, found)),
        }
        return self._page(request, self.page_template, context)

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(received__sender__in=User.objects.filter(name__icontains=term))

    @admin.display(description="收到")
    def when(self, kept: KeptBack) -> str:
        return moment(kept.since)

    @admin.display(description="发送人")
    def sender_name(self, kept: KeptBack) -> str:
        return kept.received.sender.name

    @admin.display(description="类别")
    def kind(self, kept: KeptBack) -> str:
        return kept.received.get_kind_display()

    @admin.display(description="为什么没收下（告诉发送人的话）")
    def why(self, kept: KeptBack) -> str:
        return kept.words

    @admin.display(description="处理")
    def state_words(self, kept: KeptBack) -> str:
        return badge(kept.get_state_display(), TONES[KeptBack.State(kept.state)])

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("received__sender", "decided_by")

    def place_code(self, kept: KeptBack) -> str:
        return kept.village_code

    def heading(self, kept: KeptBack) -> str:
        return f"{kept.received.sender.name}发来的{kept.received.get_kind_display()}"

    def badges(self, kept: KeptBack) -> Iterable[str]:
        return [self.state_words(kept)]

    def sections(self, request: OfficeRequest, kept: KeptBack) -> Iterable[Section]:
        what_to_do = IF_THE_SECOND_IS_TRUE if kept.state == KeptBack.State.CONFLICT else ""
        yield Facts("为什么没收下", what_to_do, rows=list(self._why(request, kept)))
        yield Facts("手机上写的", rows=list(_said(request, kept.received)))

    def closing(self, request: OfficeRequest, kept: KeptBack) -> Iterable[Section]:
        yield story(kept)

    def _why(self, request: OfficeRequest, kept: KeptBack) -> Iterable[tuple[str, Any]]:
        yield "告诉发送人的话", kept.words
        for visit in Visit.objects.visible_to(request.user).filter(
            pk__in=[kept.received.item, kept.received.visit]
        ):
            words = "已经有的记录" if visit.pk == kept.received.item else "要更正或撤回的记录"
            yield words, link(visit, page_url(visit))
        if kept.decided_by:
            yield "处理人", kept.decided_by.name
            yield "处理时间", moment(kept.decided_at)
        if kept.reason:
            yield "处理说明", kept.reason


def _said(request: OfficeRequest, received: Received) -> Iterable[tuple[str, Any]]:
    """What the phone tells, as far as it can be read; of people outside the own area no name."""
    item = read_item(json.loads(received.body))
    yield "发送人", received.sender.name
    yield "第一次收到", moment(received.received_at)
    if received.app:
        yield "手机版本", received.app
    for refusal in item.refusals:
        yield "看不懂的", refusal.words
    if item.said is None:
        return
    said = item.said
    yield "探访时间", moment(said.started_at)
    if said.sent_at:
        yield "发送时手机上的时间", moment(said.sent_at)
    yield "方式", Mode(said.mode).label
    yield "结果", Outcome(said.outcome).label
    known = {elder.pk: elder for elder in Elder.objects.ever_within(request.user).filter(pk__in=said.elders)}
    for key in said.elders:
        yield "老人", elder_link(request, known[key]) if key in known else UNKNOWN
    for name, words in said.notes.items():
        yield note_words(name, words)
    for finding in said.findings:
        name, words = note_words(finding.area, found_words(finding.area, finding.kinds, finding.words))
        yield f"{name}{_about(known, finding.elder)}", words


def _from_file(request: OfficeRequest, found: Sequence[FromFile]) -> Iterable[Section]:
    counts = Counter(one.outcome for one in found)
    yield Facts(
        "",
        note="没收下、要核对的，也在“没收下的手机记录”里。",
        rows=[(outcome, f"{counts[outcome]} 条") for outcome in OUTCOME_TONES],
    )
    people = {elder for one in found if one.item.said for elder in one.item.said.elders}
    known = {elder.pk: elder.name for elder in Elder.objects.ever_within(request.user).filter(pk__in=people)}
    yield Table(
        "一条一条看",
        heads=("什么", "时间", "老人", "结果", "说明（告诉本人的话）"),
        rows=[
            (
                Received.Kind(one.item.kind).label,
                moment(one.item.said.started_at if one.item.said else None),
                "、".join(known.get(pk, UNKNOWN) for pk in (one.item.said.elders if one.item.said else ())),
                badge(one.outcome, OUTCOME_TONES[one.outcome]),
                one.words,
            )
            for one in found
        ],
    )


def _about(known: dict[UUID, Elder], key: UUID | None) -> str:
    return f"（{known[key].name}）" if key in known else ""
