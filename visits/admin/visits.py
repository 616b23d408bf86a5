"""探访记录: the review queue, flagged first; one visit on one page; decisions alone and in bulk."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.html import format_html

from elders.models import Elder
from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.kit.admin import (
    BulkDoor,
    Choice,
    Door,
    Facts,
    Included,
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
    rows_url,
)
from visitcare.kit.weeks import SHANGHAI, local_day
from visitcare.org.filters import places
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.actions import review_visits, uphold
from visits.admin.words import (
    FLAG_WORDS,
    ElderFilter,
    HouseholdFilter,
    WorkerFilter,
    elder_link,
    flags_words,
    names,
    place_words,
    referrals_table,
    state_badge,
    visits_table,
    with_people,
)
from visits.models import Flag, Mode, Outcome, Recheck, Visit, VisitedElder, note_words
from visits.places import usual_before
from visits.rules import is_backfilled

LAST_VISITS = 10
MOST_NAMES = 200
"""A search by name looks at the visits of no more than so many people of that name."""


class FlaggedFilter(Choice):
    title = "疑点"
    parameter_name = "flagged"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("yes", "有疑点"), ("no", "没有疑点"), *FLAG_WORDS.items()]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value in ("yes", "no"):
            return rows.filter(flagged=value == "yes")
        return rows.filter(Exists(Flag.objects.filter(visit=OuterRef("pk"), code=value)), flagged=True)


class StateFilter(Choice):
    """With what somebody wants looked at again, which is decided on already: beside 审核 it would find nothing."""

    title = "审核"
    parameter_name = "state"
    initial = Visit.State.PENDING
    rechecks: ClassVar = {"recheck": "请求复核，等答复", "rechecked": "复核答复过"}

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [*Visit.State.choices, *self.rechecks.items()]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value in self.rechecks:
            return rows.filter(recheck__isnull=False, recheck__answered_at__isnull=value == "recheck")
        return rows.filter(state=value)


class ElderOfVisitFilter(ElderFilter):
    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(pk__in=VisitedElder.objects.filter(elder_id=UUID(value)).values("visit"))


def _decide(request: OfficeRequest, visit: Visit, said: dict[str, Any], *, state: str) -> str:
    review_visits(
        by=request.user, visits=Visit.objects.filter(pk=visit.pk), state=state, reason=said.get("reason", "")
    )
    return f"{_when(visit)}的记录：{Visit.State(state).label}。"


def _decide_all(
    request: OfficeRequest, rows: QuerySet, said: dict[str, Any], *, state: str
) -> list[tuple[int, str]]:
    done = review_visits(by=request.user, visits=rows, state=state, reason=said.get("reason", ""))
    return list(_what_happened(done, state))


def _what_happened(done: Counter[str], state: str) -> Iterable[tuple[int, str]]:
    label = Visit.State(state).label
    if done["decided"]:
        yield messages.SUCCESS, f"{done['decided']} 条审核为“{label}”。"
    if done["same"]:
        yield messages.INFO, f"{done['same']} 条本来就是“{label}”，没有动。"
    if done["withdrawn"]:
        yield messages.INFO, f"{done['withdrawn']} 条探访人自己已经撤回，没有动。"


def _uphold(request: OfficeRequest, visit: Visit, said: dict[str, Any]) -> str:
    uphold(by=request.user, visit=visit, reason=said["reason"])
    return f"{_when(visit)}的记录：维持{visit.get_state_display()}，答复了本人。"


def _waits_for_recheck(request: OfficeRequest, visit: Visit) -> bool:
    return visit.worker_id != request.user.pk and Recheck.objects.waiting().filter(visit=visit).exists()


def _when(visit: Visit) -> str:
    return f"{visit.started_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _can_become(state: str, request: OfficeRequest, visit: Visit) -> bool:
    return visit.state not in (state, Visit.State.WITHDRAWN) and visit.worker_id != request.user.pk


def _door(name: str, label: str, state: str, **options: Any) -> Door:
    return Door(
        name,
        label,
        Right.REVIEW_VISIT,
        partial(_decide, state=state),
        shown=partial(_can_become, state),
        **options,
    )


_RETURN_WORDS = "退回给探访人更正。写清楚要改什么，本人会看到。"
_INVALID_WORDS = "无效的记录不算任务，也不计酬。写明为什么，本人会看到。"


@admin.register(Visit)
class VisitAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_display = (
        "when",
        "elders_names",
        "place",
        "worker_name",
        "mode",
        "outcome",
        "doubts",
        "state_words",
    )
    list_filter = (
        StateFilter,
        FlaggedFilter,
        by_field("mode", "方式", Mode.choices),
        by_field("outcome", "结果", Outcome.choices),
        *places("village_code"),
        Period,
        ElderOfVisitFilter,
        HouseholdFilter,
        WorkerFilter,
    )
    search_hint = "老人姓名或探访人姓名"
    empty_words = "没有符合条件的探访记录。等审核的都看完了，或者换一个筛选条件看看。"
    doors = (
        _door("accept", "通过", Visit.State.VALID, tone="main", key="a"),
        _door("return", "退回", Visit.State.RETURNED, form=ReasonForm, words=_RETURN_WORDS, key="r"),
        _door(
            "invalidate",
            "无效",
            Visit.State.INVALID,
            form=ReasonForm,
            words=_INVALID_WORDS,
            tone="danger",
            key="x",
        ),
        Door(
            "uphold",
            "维持，答复本人",
            Right.REVIEW_VISIT,
            _uphold,
            shown=_waits_for_recheck,
            form=ReasonForm,
            words="结果不变。写明为什么，本人会看到；本人只能请求一次。",
        ),
    )
    bulk_doors = (
        BulkDoor(
            "accept_all",
            "通过",
            Right.REVIEW_VISIT,
            partial(_decide_all, state=Visit.State.VALID),
            words="通过的记录计入任务，符合条件的计酬。有疑点的，请先看过再通过。",
            tone="main",
        ),
        BulkDoor(
            "return_all",
            "退回",
            Right.REVIEW_VISIT,
            partial(_decide_all, state=Visit.State.RETURNED),
            form=ReasonForm,
            words=_RETURN_WORDS,
        ),
        BulkDoor(
            "invalidate_all",
            "无效",
            Right.REVIEW_VISIT,
            partial(_decide_all, state=Visit.State.INVALID),
            form=ReasonForm,
            words=_INVALID_WORDS,
            tone="danger",
        ),
    )

    # List

    def get_ordering(self, request: OfficeRequest) -> Sequence[str]:
        """What waits is a queue, by risk and age; everything else is history, latest first."""
        waiting = request.GET.get("state", Visit.State.PENDING) == Visit.State.PENDING
        return ("-flagged", "started_at", "pk") if waiting else ("-started_at", "pk")

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        return with_people(rows).select_related("household__place", "worker")

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        """By people first and their visits then, each by its index: names stand on no visit."""
        elders = Elder.objects.ever_within(request.user).filter(name__icontains=term)
        workers = User.objects.filter(name__icontains=term)
        found = VisitedElder.objects.filter(elder__in=list(elders.values_list("pk", flat=True)[:MOST_NAMES]))
        went = Visit.objects.filter(worker__in=list(workers.values_list("pk", flat=True)[:MOST_NAMES]))
        return rows.filter(pk__in=found.values("visit").union(went.values("pk")))

    @admin.display(description="时间")
    def when(self, visit: Visit) -> str:
        late = format_html("<small>{} 录入</small>", moment(visit.received_at))
        return format_html("{}{}", moment(visit.started_at), late if _is_backfilled(visit) else "")

    @admin.display(description="老人")
    def elders_names(self, visit: Visit) -> str:
        return names(visited.elder for visited in visit.visited.all())

    @admin.display(description="村（居）/组")
    def place(self, visit: Visit) -> str:
        return visit.household.place.path

    @admin.display(description="探访人")
    def worker_name(self, visit: Visit) -> str:
        return visit.worker.name

    @admin.display(description="疑点")
    def doubts(self, visit: Visit) -> str:
        return flags_words(visit) if visit.flagged else "—"

    @admin.display(description="审核")
    def state_words(self, visit: Visit) -> str:
        return state_badge(visit)

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("household__place", "worker")

    def place_code(self, visit: Visit) -> str:
        return visit.village_code

    def heading(self, visit: Visit) -> str:
        elders = names(visited.elder for visited in visit.visited.select_related("elder"))
        return f"{visit.get_mode_display()}探访 {elders}"

    def badges(self, visit: Visit) -> Iterable[str]:
        yield state_badge(visit)
        if visit.flagged:
            yield badge("有疑点", "mind")

    def subheading(self, visit: Visit) -> str:
        return f"{_when(visit)}，{visit.worker.name}，{visit.household}"

    def after_door(self, request: OfficeRequest, door: Door, visit: Visit) -> str:
        """A decision on what was waiting leads to what waits next in the queue, and from its end to its beginning."""
        if visit.state != Visit.State.PENDING:
            return page_url(visit)
        waiting = self.get_queryset(request).filter(state=Visit.State.PENDING, flagged=True)
        waiting = waiting.exclude(worker=request.user).order_by("started_at", "pk")
        later = Q(started_at__gt=visit.started_at) | Q(started_at=visit.started_at, pk__gt=visit.pk)
        following = waiting.filter(later).first() or waiting.first()
        return page_url(following) if following else rows_url("visits.visit")

    def sections(self, request: OfficeRequest, visit: Visit) -> Iterable[Section]:
        flags = list(visit.flags.select_related("other_visit"))
        if flags:
            yield Included(
                "为什么要看一看", include="admin/visits/flags.html", it={"flags": _flag_rows(request, flags)}
            )
        if recheck := Recheck.objects.select_related("answered_by").filter(visit=visit).first():
            yield Facts("本人请求复核", rows=list(_recheck_facts(recheck)))
        yield Facts("记录", rows=list(self._facts(request, visit)))
        if photos := list(visit.photos.all()):
            yield Included(
                "照片",
                "谁看过，记在操作记录里。",
                include="admin/visits/photos.html",
                it={"photos": photos},
            )
        notes = [note_words(name, words) for name, words in visit.notes.items() if words]
        if notes:
            yield Facts("写了什么", rows=notes)
        found = visit.referrals.visible_to(request.user).order_by("opened_at")
        if found:
            yield referrals_table("这次发现的情况", found, empty="")
        yield from self._last_visits(request, visit)
        yield Table(
            "审核经过",
            heads=("时间", "谁", "结果", "说明"),
            rows=[
                (moment(review.at), review.by.name, review.get_state_display(), review.reason)
                for review in visit.reviews.select_related("by")
            ],
            empty="还没有人审核过。",
        )

    def closing(self, request: OfficeRequest, visit: Visit) -> Iterable[Section]:
        yield from traces(request, visit, former(VisitedElder, visit=visit), where=visit.village_code)

    def _facts(self, request: OfficeRequest, visit: Visit) -> Iterable[tuple[str, Any]]:
        visited = list(visit.visited.select_related("elder"))
        yield "探访时间", moment(visit.started_at)
        yield (
            "录入时间",
            format_html("{}{}", moment(visit.received_at), "（补录）" if _is_backfilled(visit) else ""),
        )
        yield "方式", visit.get_mode_display()
        yield "结果", visit.get_outcome_display()
        yield "探访人", link(visit.worker.name, rows_url("visits.visit", worker=visit.worker_id, state="all"))
        if visit.entered_by_id != visit.worker_id:
            yield "录入人（代录）", visit.entered_by.name
        for one in visited:
            yield "老人", format_html("{}：{}", elder_link(request, one.elder), _counts(one))
        if visit.mode == Mode.HOME:
            yield "老人同意上门", {True: "同意", False: "没有同意", None: "没有问到"}[visit.agreed]
        yield "户", link(visit.household, page_url(visit.household))
        if position := visit.position:
            yield "位置", place_words(position, usual_before(visit))
        if visit.imported:
            yield "来历", "从旧系统导入"

    def _last_visits(self, request: OfficeRequest, visit: Visit) -> Iterable[Section]:
        for one in visit.visited.select_related("elder"):
            visits = (
                with_people(Visit.objects.visible_to(request.user))
                .filter(visited__elder=one.elder, visited__started_at__lte=visit.started_at)
                .exclude(pk=visit.pk)
                .order_by("-visited__started_at")[:LAST_VISITS]
            )
            yield visits_table(
                f"{one.elder.name}以前的探访",
                list(visits),
                empty="这是第一次。",
                more=("看全部", rows_url("visits.visit", elder=one.elder_id, state="all")),
            )


def _recheck_facts(recheck: Recheck) -> Iterable[tuple[str, Any]]:
    yield "请求时间", moment(recheck.asked_at)
    yield "本人说", recheck.words or "没有写"
    if recheck.answered_by and recheck.answered_at:
        yield "答复", f"{recheck.answer}（{recheck.answered_by.name}）"
        yield "答复时间", moment(recheck.answered_at)


def _counts(one: VisitedElder) -> str:
    if not one.countable:
        return "不算（没有见到或联系上本人）"
    day = local_day(one.started_at)
    active = one.elder.active_periods.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)
    return "算一次" if active.exists() else "那天不在册，不计酬"


def _is_backfilled(visit: Visit) -> bool:
    return is_backfilled(visit.started_at, visit.received_at)


def _flag_rows(request: OfficeRequest, flags: Sequence[Flag]) -> list[dict[str, Any]]:
    others = {flag.other_visit_id for flag in flags if flag.other_visit_id}
    seen = set(Visit.objects.visible_to(request.user).filter(pk__in=others).values_list("pk", flat=True))
    return [
        {
            "title": FLAG_WORDS.get(flag.code, "疑点"),
            "words": flag.words,
            "other": flag.other_visit if flag.other_visit_id in seen else None,
            "address": page_url(flag.other_visit) if flag.other_visit and flag.other_visit_id in seen else "",
        }
        for flag in flags
    ]
