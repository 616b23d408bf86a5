"""能力评估: the list over all elders, to see who is to be assessed again; each is entered on the elder's page."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet

from elders.models import Assessment, Elder
from visitcare.audit.admin import traces
from visitcare.kit.admin import (
    Choice,
    Facts,
    OfficeRequest,
    ScopedAdmin,
    Section,
    badge,
    by_field,
    day,
    link,
    page_url,
)
from visitcare.kit.identity import birthday
from visitcare.kit.weeks import today
from visitcare.org.filters import places
from visitcare.org.roles import Right


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
class AssessmentAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_intro = "按 GB/T 42195-2022 做的评估。录入或改正，请打开老人的档案，点“录入能力评估”。"
    list_display = ("elder_name", "assessed_on", "level_words", "score", "assessor", "place", "age")
    list_filter = (
        by_field("level", "能力程度", Assessment.Level.choices),
        HoldsFilter,
        *places("elder__household__place__code"),
    )
    list_select_related = ("elder__household__place",)
    search_hint = "姓名或村名"
    ordering = ("-assessed_on", "pk")
    empty_words = "没有能力评估。"

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("elder__household__place")

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(Q(elder__name__icontains=term) | Q(elder__household__place__path__icontains=term))

    @admin.display(description="老人")
    def elder_name(self, assessment: Assessment) -> str:
        return assessment.elder.name

    @admin.display(description="能力程度")
    def level_words(self, assessment: Assessment) -> str:
        return assessment.get_level_display()

    @admin.display(description="村（居）/组")
    def place(self, assessment: Assessment) -> str:
        return assessment.elder.household.place.path

    @admin.display(description="满一年")
    def age(self, assessment: Assessment) -> str:
        return badge("满一年了", "mind") if assessment.assessed_on <= a_year_ago() else ""

    # Page

    def place_code(self, assessment: Assessment) -> str:
        return assessment.elder.household.place_id

    def heading(self, assessment: Assessment) -> str:
        return f"{assessment.elder.name}，{day(assessment.assessed_on)}的能力评估"

    def subheading(self, assessment: Assessment) -> str:
        return str(assessment.elder.household)

    def sections(self, request: OfficeRequest, assessment: Assessment) -> Iterable[Section]:
        yield Facts(
            "",
            rows=[
                ("老人", link(assessment.elder, page_url(assessment.elder))),
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
