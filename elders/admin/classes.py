"""类别变化: what the engine changed by itself, for the town to look at (domain.md §1: a list, not a gate)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import (
    BooleanField,
    DateField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.utils.html import format_html

from elders import actions
from elders.admin.of_elder import OfElderAdmin
from elders.admin.words import cause_words, class_badge, why_of_period
from elders.models import ClassPeriod, RegistrationForm
from elders.rules import RULE_BY_CODE
from visitcare.kit.admin import (
    BulkDoor,
    Choice,
    Door,
    Facts,
    OfficeRequest,
    Period,
    Section,
    badge,
    by_field,
    day,
)
from visitcare.kit.weeks import next_monday, today
from visitcare.org.filters import places
from visitcare.org.roles import Right

A_WEEK = timedelta(days=7)
COMING = "coming"


def _by_itself() -> Q:
    """A period that changed something by itself: not the first one, which came with an approved form."""
    before = ClassPeriod.objects.filter(elder=OuterRef("elder"), starts_on__lt=OuterRef("starts_on"))
    week_before = ExpressionWrapper(OuterRef("starts_on") - Value(A_WEEK), output_field=DateField())
    with_a_form = RegistrationForm.objects.filter(
        elder=OuterRef("elder"),
        state=RegistrationForm.State.APPROVED,
        registered_on__gte=week_before,
        registered_on__lt=OuterRef("starts_on"),
    )
    return Exists(before) | ~Exists(with_a_form)


def changes(periods: "QuerySet[ClassPeriod]") -> "QuerySet[ClassPeriod]":
    """The periods that changed something by themselves."""
    return periods.filter(_by_itself())


def coming_changes(periods: "QuerySet[ClassPeriod]") -> "QuerySet[ClassPeriod]":
    """What changes next Monday: the periods that begin then, and those that end before it with none to follow."""
    return periods.filter(Q(_by_itself(), starts_on=next_monday(today())) | _leaves())


def _leaves() -> Q:
    """A period after whose end, on the coming Sunday, an elder on the books is in no class."""
    monday = next_monday(today())
    following = ClassPeriod.objects.filter(elder=OuterRef("elder"), starts_on=monday)
    return Q(~Exists(following), ends_on=monday - timedelta(days=1), elder__closed_on=None)


class ToDoFilter(Choice):
    title = "确认"
    parameter_name = "todo"
    initial = "yes"
    all_words = "全部类别记录"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("yes", "待确认的变化"), (COMING, "下个星期一起变的"), ("done", "已确认的")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == COMING:
            return coming_changes(rows)
        if value == "yes":
            return changes(rows.filter(acknowledged_at=None))
        return rows.exclude(acknowledged_at=None)


class StartsIn(Period):
    title = "从哪时起"
    path = "starts_on"
    days = True


def _acknowledge(request: OfficeRequest, period: ClassPeriod, said: dict[str, Any]) -> str:
    actions.acknowledge_classes(by=request.user, periods=[period])
    return f"确认了{period.elder.name}的类别变化。"


def _acknowledge_all(request: OfficeRequest, rows: QuerySet, said: dict[str, Any]) -> list[tuple[int, str]]:
    periods = list(rows.select_related("elder__household"))
    count = actions.acknowledge_classes(by=request.user, periods=periods)
    happened = [(messages.SUCCESS, f"确认了 {count} 人次的类别变化。")]
    if count < len(periods):
        happened.append((messages.INFO, f"另外 {len(periods) - count} 条早已确认过。"))
    return happened


@admin.register(ClassPeriod)
class ClassPeriodAdmin(OfElderAdmin):
    people = ("acknowledged_by", "override__proposed_by", "override__decided_by", "override__ended_by")
    list_title = "类别变化"
    list_intro = "生日、新的评估、家里人的变化，都会让类别从下一个星期一起自动变。请看一看对不对，再点确认；不确认也照样执行。"
    list_display = ("elder_name", "change", "since", "cause", "place", "because", "acknowledged")
    list_filter = (
        ToDoFilter,
        by_field("risk_class", "变成", ClassPeriod.RiskClass.choices, parameter="class"),
        *places("elder__household__place__code"),
        StartsIn,
    )
    ordering = ("-starts_on", "elder__household__place", "pk")
    empty_words = "没有要确认的类别变化。"
    doors = (
        Door(
            "acknowledge",
            "确认",
            Right.APPROVE_ELDER,
            _acknowledge,
            shown=lambda request, period: period.acknowledged_at is None,
            tone="main",
        ),
    )
    bulk_doors = (
        BulkDoor(
            "acknowledge_all",
            "确认",
            Right.APPROVE_ELDER,
            _acknowledge_all,
            words="确认只表示镇里看过这些变化。",
            tone="main",
        ),
    )

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        history = Prefetch("elder__class_periods", ClassPeriod.objects.select_related("override"))
        leaves = _leaves() if request.GET.get(ToDoFilter.parameter_name) == COMING else Q(pk=None)
        return rows.prefetch_related(history, "elder__household__elders").annotate(
            leaves=ExpressionWrapper(leaves, output_field=BooleanField())
        )

    @admin.display(description="变化")
    def change(self, period: ClassPeriod) -> str:
        if period.leaves:  # type: ignore[attr-defined]
            return format_html("{} → 不再列入", class_badge(period.risk_class))
        before = self._before(period)
        was = class_badge(before.risk_class) if before else "新列入"
        words = format_html("{} → {}", was, class_badge(period.risk_class))
        if not period.override:
            return words
        return format_html("{}<small>手工调整，系统判定是{}类</small>", words, period.computed_class)

    @admin.display(description="从哪天起")
    def since(self, period: ClassPeriod) -> str:
        return day(next_monday(today()) if period.leaves else period.starts_on)  # type: ignore[attr-defined]

    @admin.display(description="为什么变")
    def cause(self, period: ClassPeriod) -> str:
        if period.leaves:  # type: ignore[attr-defined]
            return "按资料不在探访范围了"
        return cause_words(period, self._before(period))

    def _before(self, period: ClassPeriod) -> ClassPeriod | None:
        """The period before it, among those that came along with the list."""
        history = period.elder.class_periods.all()
        return next((one for one in history if one.starts_on < period.starts_on), None)

    @admin.display(description="依据")
    def because(self, period: ClassPeriod) -> str:
        return "；".join(f"{code} {RULE_BY_CODE[code].title}" for code in period.codes)

    @admin.display(description="镇里确认")
    def acknowledged(self, period: ClassPeriod) -> str:
        return str(period.acknowledged_by) if period.acknowledged_by else badge("还没有", "mind")

    # Page

    def heading(self, period: ClassPeriod) -> str:
        return f"{period.elder.name}，{day(period.starts_on)}起"

    def badges(self, period: ClassPeriod) -> Iterable[str]:
        return [class_badge(period.risk_class)]

    def sections(self, request: OfficeRequest, period: ClassPeriod) -> Iterable[Section]:
        history = period.elder.class_periods.select_related("override")
        before = history.filter(starts_on__lt=period.starts_on).first()
        yield Facts(
            "",
            rows=[
                self.whose(period),
                ("以前的类别", before or "没有（新列入）"),
            ],
        )
        yield why_of_period(period.elder, period, before)
