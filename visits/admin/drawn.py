"""加访的老人: the elders of campaigns, each with how far it is."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery

from visitcare.kit.admin import (
    Choice,
    Facts,
    Link,
    OfficeRequest,
    ScopedAdmin,
    Section,
    badge,
    day,
    link,
    page_url,
)
from visitcare.kit.weeks import midnight
from visitcare.org.filters import places
from visitcare.org.models import Division
from visitcare.org.roles import Right
from visits.admin.campaigns import COUNTS_FOR_BOTH
from visits.admin.words import ElderFilter, elder_link, in_villages_like, visits_table, with_people
from visits.extra import ExtraProgress, overdue, with_extra_progress
from visits.models import Campaign, CampaignElder, Visit

EXTRA_TONES = {
    ExtraProgress.DONE: "ok",
    ExtraProgress.TO_DO: "wait",
    ExtraProgress.MISSED: "bad",
    ExtraProgress.EXCUSED: "plain",
    ExtraProgress.STOPPED: "plain",
}


def extra_badge(progress: str) -> str:
    return badge(ExtraProgress(progress).label, EXTRA_TONES[ExtraProgress(progress)])


class ExtraFilter(Choice):
    title = "完成情况"
    parameter_name = "progress"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [*ExtraProgress.choices, ("overdue", "待做，日子已过")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return overdue(rows) if value == "overdue" else with_extra_progress(rows).filter(progress=value)


class CampaignFilter(Link):
    title = "加访"
    parameter_name = "campaign"

    def find(self, value: str) -> str:
        found = Campaign.objects.visible_to(self.request.user).filter(pk=value).first()
        return str(found) if found else ""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(campaign=value)


@admin.register(CampaignElder)
class CampaignElderAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_intro = COUNTS_FOR_BOTH
    list_display = (
        "elder_name",
        "campaign_name",
        "place",
        "days_words",
        "home",
        "greeting",
        "progress_words",
    )
    list_filter = (ExtraFilter, *places("village_code"), CampaignFilter, ElderFilter)
    list_select_related = ("elder__household__place", "campaign")
    search_hint = "老人姓名或村名"
    ordering = ("-campaign__first_day", "village_code", "pk")
    empty_words = "没有符合条件的老人。"

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        rows = rows if "progress" in rows.query.annotations else with_extra_progress(rows)
        villages = Division.objects.filter(code=OuterRef("village_code")).values("path")
        return rows.annotate(village=Subquery(villages))

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(Q(elder__name__icontains=term) | in_villages_like(term))

    @admin.display(description="老人")
    def elder_name(self, one: CampaignElder) -> str:
        return one.elder.name

    @admin.display(description="加访")
    def campaign_name(self, one: CampaignElder) -> str:
        return link(one.campaign, page_url(one.campaign))

    @admin.display(description="村（居）")
    def place(self, one: Any) -> str:
        return str(one.village)

    @admin.display(description="日子")
    def days_words(self, one: CampaignElder) -> str:
        return f"{day(one.campaign.first_day)} 到 {day(one.campaign.last_day)}"

    @admin.display(description="上门（已 / 加）")
    def home(self, one: Any) -> str:
        return f"{one.home_now} / {one.home_asked}"

    @admin.display(description="电话、视频（已 / 加）")
    def greeting(self, one: Any) -> str:
        return f"{one.greeting_now} / {one.greeting_due}"

    @admin.display(description="完成情况")
    def progress_words(self, one: Any) -> str:
        return extra_badge(one.progress)

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("elder__household__place", "campaign__place")

    def get_object(self, request: OfficeRequest, object_id: str, from_field: str | None = None) -> Any:
        one = super().get_object(request, object_id, from_field)
        if one is None:
            return None
        rows = CampaignElder.objects.select_related("elder__household__place", "campaign__place")
        return with_extra_progress(rows).get(pk=one.pk)

    def place_code(self, one: CampaignElder) -> str:
        return one.village_code

    def heading(self, one: CampaignElder) -> str:
        return f"{one.elder.name}，{one.campaign}"

    def badges(self, one: Any) -> Iterable[str]:
        yield extra_badge(one.progress)

    def sections(self, request: OfficeRequest, one: Any) -> Iterable[Section]:
        yield Facts(
            "",
            COUNTS_FOR_BOTH,
            rows=[
                ("老人", elder_link(request, one.elder)),
                ("加访", self.campaign_name(one)),
                ("日子", self.days_words(one)),
                ("上门（已 / 加）", self.home(one)),
                ("电话、视频（已 / 加）", self.greeting(one)),
            ],
        )
        visits = with_people(Visit.objects.visible_to(request.user)).filter(
            visited__elder=one.elder,
            visited__started_at__gte=midnight(one.campaign.first_day),
            visited__started_at__lt=midnight(one.campaign.last_day + timedelta(days=1)),
        )
        yield visits_table(
            "这些日子的探访", list(visits.order_by("started_at")), empty="这些日子还没有探访记录。"
        )
