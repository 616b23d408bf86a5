"""手工调整: the list of what waits for a decision, what is in force and what is to be looked at again."""

from collections.abc import Iterable, Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html

from elders.admin.of_elder import OfElderAdmin
from elders.admin.override_doors import DECIDING
from elders.admin.words import class_badge, override_badge, override_facts
from elders.models import ClassOverride
from visitcare.audit.admin import traces
from visitcare.kit.admin import (
    Choice,
    Facts,
    OfficeRequest,
    Section,
    badge,
    by_field,
    day,
)
from visitcare.kit.weeks import today
from visitcare.org.filters import places


class ReviewFilter(Choice):
    title = "复核"
    parameter_name = "review"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("due", "该复核了")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        due: QuerySet = rows.due_for_review(today())  # type: ignore[attr-defined]
        return due


@admin.register(ClassOverride)
class ClassOverrideAdmin(OfElderAdmin):
    people = ("proposed_by", "decided_by", "ended_by")
    list_intro = "按字面判定不合实际的，镇里可以调高或调低：一个人提出，另一个人批准，到期复核。系统的判定照样在算，写在旁边。"
    list_display = ("elder_name", "change", "state_words", "place", "reason", "since", "review")
    list_filter = (
        by_field("state", "状态", ClassOverride.State.choices),
        ReviewFilter,
        *places("elder__household__place__code"),
    )
    ordering = ("-proposed_at", "pk")
    empty_words = "没有手工调整。要调整，请打开老人的档案，点“手工调整类别”。"
    doors = DECIDING

    @admin.display(description="系统判定 → 调整为")
    def change(self, override: ClassOverride) -> str:
        return format_html("{} → {}", class_badge(override.computed_class), class_badge(override.risk_class))

    @admin.display(description="状态")
    def state_words(self, override: ClassOverride) -> str:
        return override_badge(override)

    @admin.display(description="起止")
    def since(self, override: ClassOverride) -> str:
        if not override.starts_on:
            return "—"
        if not override.ended_on:
            return f"{day(override.starts_on)}起"
        if override.ended_on < override.starts_on:
            return "没有开始就结束了"
        return f"{day(override.starts_on)}—{day(override.ended_on)}"

    @admin.display(description="复核日期")
    def review(self, override: ClassOverride) -> str:
        due = override.state == ClassOverride.State.APPROVED and override.review_on <= today()
        return badge(f"{day(override.review_on)} 该复核了", "mind") if due else day(override.review_on)

    # Page

    def heading(self, override: ClassOverride) -> str:
        return f"{override.elder.name}的手工调整"

    def badges(self, override: ClassOverride) -> Iterable[str]:
        return [class_badge(override.risk_class), override_badge(override)]

    def sections(self, request: OfficeRequest, override: ClassOverride) -> Iterable[Section]:
        yield Facts("", rows=[self.whose(override), *override_facts(override)])

    def closing(self, request: OfficeRequest, override: ClassOverride) -> Iterable[Section]:
        yield from traces(request, override, where=override.elder.household.place_id)
