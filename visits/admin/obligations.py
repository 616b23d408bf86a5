"""周任务: who is owed what in a week, and how far it is."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.html import format_html, format_html_join

from elders.admin.words import class_badge
from elders.models import ClassPeriod
from visitcare.audit.admin import story
from visitcare.kit.admin import (
    Choice,
    Facts,
    OfficeRequest,
    Period,
    ScopedAdmin,
    Section,
    by_field,
    day,
)
from visitcare.kit.admin.pages import NOTHING
from visitcare.kit.weeks import Week, local_day, today
from visitcare.org.filters import places
from visitcare.org.models import Division
from visitcare.org.roles import Right
from visits.admin.words import (
    ElderFilter,
    elder_link,
    in_villages_like,
    progress_badge,
    visits_table,
    with_people,
)
from visits.cards import due_words
from visits.models import Obligation, OpenedWeek, Visit
from visits.progress import Excuse, Progress, as_of_now, standing_of, with_progress
from visits.rules import Due

OWED = "owed"
"""Everything that is not excused: what the rate is measured against."""


class WeekFilter(Period):
    """One week at a time: this one, unless another is asked for."""

    title = "周"
    path = "monday"
    days = True
    parameter_name = "week"
    all_words = "所有的周"

    def __init__(self, *args: Any) -> None:
        self.initial = Week.of(today()).label
        super().__init__(*args)

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [(value, words) for value, words in super().options(request) if "W" in value]


class ProgressFilter(Choice):
    title = "完成情况"
    parameter_name = "progress"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [*((str(value), str(words)) for value, words in Progress.choices), (OWED, "应访（不含免访）")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        states = with_progress(rows)
        if value == OWED:
            return states.exclude(progress=Progress.EXCUSED)
        return states.filter(progress=value)


class ExcuseFilter(Choice):
    title = "免访原因"
    parameter_name = "reason"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [(str(value), str(words)) for value, words in Excuse.choices]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return with_progress(rows).filter(reason=value)


@admin.register(Obligation)
class ObligationAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_intro = (
        "每周一零点定下来，一周里不再变。只有审核通过的探访才算数；多出来的上门可以抵电话，电话不能抵上门。"
    )
    list_display = (
        *("elder_name", "risk", "wishes", "place", "week_words", "home", "greeting"),
        *("covered", "missing", "extra", "progress_words"),
    )
    list_filter = (
        WeekFilter,
        ProgressFilter,
        ExcuseFilter,
        by_field("risk_class", "类别", ClassPeriod.RiskClass.choices, parameter="class"),
        *places("village_code"),
        ElderFilter,
    )
    list_select_related = ("elder__household__place",)
    search_hint = "老人姓名或村名"
    ordering = ("-monday", "village_code", "risk_class", "pk")
    empty_words = "没有符合条件的周任务。这一周可能还没有打开。"

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        villages = Division.objects.filter(code=OuterRef("village_code")).values("path")
        rows = rows if "progress" in rows.query.annotations else with_progress(rows)
        return rows.annotate(village=Subquery(villages))

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(Q(elder__name__icontains=term) | in_villages_like(term))

    @admin.display(description="老人")
    def elder_name(self, obligation: Obligation) -> str:
        return obligation.elder.name

    @admin.display(description="类别")
    def risk(self, obligation: Obligation) -> str:
        return class_badge(obligation.risk_class)

    @admin.display(description="村（居）/组")
    def place(self, obligation: Obligation) -> str:
        """Where it was owed; the group, as long as the elder lives in that village."""
        place = obligation.elder.household.place
        if place.village_code == obligation.village_code:
            return place.path
        return f"{obligation.village}（已迁出）"  # type: ignore[attr-defined]

    @admin.display(description="周")
    def week_words(self, obligation: Obligation) -> str:
        return f"{obligation.monday.month}月{obligation.monday.day}日起"

    @admin.display(description="上门（已 / 应）")
    def home(self, obligation: Obligation) -> str:
        return f"{obligation.home_done} / {obligation.home_required}"  # type: ignore[attr-defined]

    @admin.display(description="电话、视频（已 / 应）")
    def greeting(self, obligation: Obligation) -> str:
        return f"{obligation.greeting_done} / {obligation.greeting_required}"  # type: ignore[attr-defined]

    @admin.display(description="意愿")
    def wishes(self, obligation: Obligation) -> str:
        return _whole(obligation.get_consent_display())

    @admin.display(description="上门抵电话")
    def covered(self, obligation: Obligation) -> Any:
        return standing_of(obligation).covered or NOTHING

    @admin.display(description="还差")
    def missing(self, obligation: Any) -> str:
        """Nothing is asked for that is excused."""
        is_excused = obligation.progress == Progress.EXCUSED
        return NOTHING if is_excused else _times(standing_of(obligation).missing)

    @admin.display(description="多做")
    def extra(self, obligation: Obligation) -> str:
        return _times(standing_of(obligation).extra)

    @admin.display(description="完成情况")
    def progress_words(self, obligation: Any) -> str:
        return progress_badge(obligation.progress, obligation.reason)

    # Page

    def get_object(
        self, request: OfficeRequest, object_id: str, from_field: str | None = None
    ) -> Obligation | None:
        obligation = super().get_object(request, object_id, from_field)
        if obligation is None:
            return None
        return with_progress(Obligation.objects.select_related("elder__household__place")).get(
            pk=obligation.pk
        )

    def place_code(self, obligation: Obligation) -> str:
        return obligation.village_code

    def heading(self, obligation: Obligation) -> str:
        return f"{obligation.elder.name}，{Week(obligation.monday).words}"

    def badges(self, obligation: Obligation) -> Iterable[str]:
        return [class_badge(obligation.risk_class), self.progress_words(obligation)]

    def sections(self, request: OfficeRequest, obligation: Obligation) -> Iterable[Section]:
        week = Week(obligation.monday)
        standing = standing_of(obligation)
        covers = "多出来的上门可抵电话" if obligation.surplus_covers else "多出来的上门不抵电话"
        yield Facts(
            "",
            rows=[
                ("老人", elder_link(request, obligation.elder)),
                ("上门（已 / 应）", self.home(obligation)),
                ("电话、视频（已 / 应）", self.greeting(obligation)),
                ("多出来的上门抵电话", f"{standing.covered} 次" if standing.covered else NOTHING),
                ("还差", self.missing(obligation)),
                ("多做", _times(standing.extra)),
                ("周", f"{week.label}（{week.words}）"),
                ("按哪版政策", f"{day(obligation.policy_version)}版，{covers}"),
                ("按哪种探访意愿", obligation.get_consent_display()),
                ("核算", self._closed_words(obligation)),
            ],
        )
        visits = with_people(Visit.objects.visible_to(request.user)).filter(
            visited__elder=obligation.elder,
            visited__started_at__gte=week.opens_at,
            visited__started_at__lt=week.ends_at,
        )
        yield visits_table(
            "这一周的探访", list(visits.order_by("started_at")), empty="这一周还没有探访记录。"
        )

    def _closed_words(self, obligation: Any) -> str:
        """Whether the week is closed; and where something has changed behind it since, that the night will see to it."""
        week = OpenedWeek.objects.filter(monday=obligation.monday).first()
        if week is None or week.closed_at is None:
            return "这一周还没有关闭，按现在审核通过的探访算"
        now = as_of_now(Obligation.objects.all()).get(pk=obligation.pk)
        if (now.progress_now, now.reason_now) == (obligation.progress, obligation.reason):
            return f"这一周{day(local_day(week.closed_at))}关闭；以后的变动会重新核算，并记在操作记录里"
        state = Progress(now.progress_now).label
        return f"登记有变动，今晚重新核算：{state}{'：' + Excuse(now.reason_now).label if now.reason_now else ''}"

    def closing(self, request: OfficeRequest, obligation: Obligation) -> Iterable[Section]:
        """The row itself never changes: how it was reckoned again is all there is to tell."""
        yield story(obligation, complete=request.user.may(Right.READ_AUDIT, obligation.village_code))


def _times(due: Due) -> str:
    """As in "上门 1 次、电话 2 次", with line breaks between them only."""
    return format_html_join("、", "{}", ((_whole(words),) for words in due_words(due))) or NOTHING


def _whole(words: str) -> str:
    """Words that no line break divides."""
    return format_html('<span class="vc-nw">{}</span>', words)
