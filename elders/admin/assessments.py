"""能力评估: the list over all elders, to see who is to be assessed again; each is entered on the elder's page."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet

from elders.admin.of_elder import OfElderAdmin
from elders.models import Assessment, Elder
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
from visitcare.kit.identity import birthday
from visitcare.kit.weeks import today
from visitcare.org.filters import places


def a_year_ago() -> date:
    """Whoever was assessed by then is to be assessed again."""
    return birthday(today(), -1)


def newest(assessments: "QuerySet[Assessment]") -> "QuerySet[Assessment]":
    """The last of each elder who is on the books."""
    later = Assessment.objects.filter(elder=OuterRef("elder"), assessed_on__gt=OuterRef("assessed_on"))
    return assessments.filter(~Exists(later), elder__status__in=Elder.REGISTERED)


class HoldsFilter(Choice):
    title = "复评"
    parameter_name = "again"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("due", "满一年，该复评了"), ("now", "现在用的（每人最近一次）")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        found = newest(rows)
        return found.filter(assessed_on__lte=a_year_ago()) if value == "due" else found


@admin.register(Assessment)
class AssessmentAdmin(OfElderAdmin):
    list_intro = "按 GB/T 42195-2022 做的评估。录入或改正，请打开老人的档案，点“录入能力评估”。"
    list_display = ("elder_name", "assessed_on", "level_words", "score", "assessor", "place", "age")
    list_filter = (
        by_field("level", "能力程度", Assessment.Level.choices),
        HoldsFilter,
        *places("elder__household__place__code"),
    )
    ordering = ("-assessed_on", "pk")
    empty_words = "没有能力评估。"

    @admin.display(description="能力程度")
    def level_words(self, assessment: Assessment) -> str:
        return assessment.get_level_display()

    @admin.display(description="满一年")
    def age(self, assessment: Assessment) -> str:
        return badge("满一年了", "mind") if assessment.assessed_on <= a_year_ago() else ""

    # Page

    def heading(self, assessment: Assessment) -> str:
        return f"{assessment.elder.name}，{day(assessment.assessed_on)}的能力评估"

    def sections(self, request: OfficeRequest, assessment: Assessment) -> Iterable[Section]:
        yield Facts(
            "",
            rows=[
                self.whose(assessment),
                ("评估日期", assessment.assessed_on),
                ("能力程度", assessment.get_level_display()),
                ("评估总分", assessment.score),
                ("标准", assessment.standard),
                ("评估人", assessment.assessor),
                ("分数与程度不一致的说明", assessment.mismatch_reason or "—"),
            ],
        )

    def closing(self, request: OfficeRequest, assessment: Assessment) -> Iterable[Section]:
        yield from traces(request, assessment, where=assessment.elder.household.place_id)
