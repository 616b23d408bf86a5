"""类别变化: what the engine changed by itself, for the town to look at (domain.md §1: a list, not a gate)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.html import format_html

from elders import actions
from elders.admin.words import class_badge, why_of_period
from elders.models import ClassPeriod, RegistrationForm
from elders.rules import RULE_BY_CODE
from visitcare.kit.admin import (
    BulkDoor,
    Choice,
    Door,
    Facts,
    OfficeRequest,
    Period,
    ScopedAdmin,
    Section,
    badge,
    by_field,
    day,
    link,
    page_url,
)
from visitcare.org.filters import places
from visitcare.org.roles import Right

A_WEEK = timedelta(days=7)


def changes(periods: "QuerySet[ClassPeriod]") -> "QuerySet[ClassPeriod]":
    """The periods that changed something by themselves: not the first one, which came with an approved form."""
    before = ClassPeriod.objects.filter(elder=OuterRef("elder"), starts_on__lt=OuterRef("starts_on"))
    week_before = ExpressionWrapper(OuterRef("starts_on") - Value(A_WEEK), output_field=DateField())
    with_a_form = RegistrationForm.objects.filter(
        elder=OuterRef("elder"),
        state=RegistrationForm.State.APPROVED,
        registered_on__gte=week_before,
        registered_on__lt=OuterRef("starts_on"),
    )
    return periods.filter(Exists(before) | ~Exists(with_a_form))


class ToDoFilter(Choice):
    title = "确认"
    parameter_name = "todo"
    initial = "yes"
    all_words = "全部类别记录"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("yes", "待确认的变化"), ("done", "已确认的")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
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
class ClassPeriodAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_title = "类别变化"
    list_intro = "生日、新的评估、家里人的变化，都会让类别从下一个星期一起自动变。请看一看对不对，再点确认；不确认也照样执行。"
    list_display = ("elder_name", "change", "starts_on", "place", "because", "acknowledged")
    list_filter = (
        ToDoFilter,
        by_field("risk_class", "变成", ClassPeriod.RiskClass.choices, parameter="class"),
        *places("elder__household__place__code"),
        StartsIn,
    )
    list_select_related = ("elder__household__place", "acknowledged_by")
    search_hint = "姓名或村名"
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

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("elder__household__place", "acknowledged_by")

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        before = ClassPeriod.objects.filter(
            elder=OuterRef("elder"), starts_on__lt=OuterRef("starts_on")
        ).order_by("-starts_on")
        return rows.annotate(class_before=Subquery(before.values("risk_class")[:1]))

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(Q(elder__name__icontains=term) | Q(elder__household__place__path__icontains=term))

    @admin.display(description="老人")
    def elder_name(self, period: ClassPeriod) -> str:
        return period.elder.name

    @admin.display(description="变化")
    def change(self, period: ClassPeriod) -> str:
        before = class_badge(period.class_before) if period.class_before else "新列入"  # type: ignore[attr-defined]
        return format_html("{} → {}", before, class_badge(period.risk_class))

    @admin.display(description="村（居）/组")
    def place(self, period: ClassPeriod) -> str:
        return period.elder.household.place.path

    @admin.display(description="依据")
    def because(self, period: ClassPeriod) -> str:
        return "；".join(f"{code} {RULE_BY_CODE[code].title}" for code in period.codes)

    @admin.display(description="镇里确认")
    def acknowledged(self, period: ClassPeriod) -> str:
        return str(period.acknowledged_by) if period.acknowledged_by else badge("还没有", "mind")

    # Page

    def place_code(self, period: ClassPeriod) -> str:
        return period.elder.household.place_id

    def heading(self, period: ClassPeriod) -> str:
        return f"{period.elder.name}，{day(period.starts_on)}起"

    def badges(self, period: ClassPeriod) -> Iterable[str]:
        return [class_badge(period.risk_class)]

    def subheading(self, period: ClassPeriod) -> str:
        return str(period.elder.household)

    def sections(self, request: OfficeRequest, period: ClassPeriod) -> Iterable[Section]:
        before = period.elder.class_periods.filter(starts_on__lt=period.starts_on).first()
        yield Facts(
            "",
            rows=[
                ("老人", link(period.elder, page_url(period.elder))),
                ("以前的类别", before or "没有（新列入）"),
            ],
        )
        yield why_of_period(period.elder, period)
