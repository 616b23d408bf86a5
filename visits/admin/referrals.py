"""隐患与需求: what visits found and who sees to it, until it is solved."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet

from visitcare.audit.admin import story
from visitcare.kit.admin import (
    Choice,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    Period,
    ScopedAdmin,
    Section,
    badge,
    by_field,
    link,
    moment,
    page_url,
)
from visitcare.kit.weeks import today
from visitcare.org.filters import places
from visitcare.org.roles import Right
from visits.actions import solve_referral
from visits.admin.words import ElderFilter, HouseholdFilter, elder_link
from visits.models import Area, Referral


class StandingFilter(Choice):
    title = "状态"
    parameter_name = "state"
    initial = "open"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("open", "待解决"), ("overdue", "待解决，已超期"), ("solved", "已解决")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "solved":
            return rows.filter(state=Referral.State.SOLVED)
        waiting = rows.filter(state=Referral.State.OPEN)
        return waiting.filter(due_on__lt=today()) if value == "overdue" else waiting


class FoundIn(Period):
    title = "发现时间"
    path = "opened_at"


class OutcomeForm(DoorForm):
    outcome = forms.CharField(
        label="处理结果",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="做了什么，谁做的。",
    )


def _solve(request: OfficeRequest, referral: Referral, said: dict[str, Any]) -> str:
    solve_referral(by=request.user, referral=referral, outcome=said["outcome"])
    return "办结了。"


@admin.register(Referral)
class ReferralAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_display = ("summary", "area", "who", "place", "opened", "owner", "due", "standing")
    list_filter = (
        StandingFilter,
        by_field("area", "方面", Area.choices),
        by_field("owner", "由谁办", Referral.Owner.choices),
        *places("village_code"),
        FoundIn,
        ElderFilter,
        HouseholdFilter,
    )
    list_select_related = ("household__place", "elder")
    search_hint = "老人姓名、村名或情况"
    ordering = ("due_on", "pk")
    empty_words = "没有符合条件的隐患或需求。"
    doors = (
        Door(
            "solve",
            "办结",
            Right.FOLLOW_UP,
            _solve,
            form=OutcomeForm,
            shown=lambda request, referral: referral.state == Referral.State.OPEN,
            tone="main",
        ),
    )

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(
            Q(elder__name__icontains=term)
            | Q(household__place__path__icontains=term)
            | Q(words__icontains=term)
        )

    @admin.display(description="情况")
    def summary(self, referral: Referral) -> str:
        return referral.summary

    @admin.display(description="老人")
    def who(self, referral: Referral) -> str:
        return referral.elder.name if referral.elder else "全户"

    @admin.display(description="村（居）/组")
    def place(self, referral: Referral) -> str:
        return referral.household.place.path

    @admin.display(description="发现")
    def opened(self, referral: Referral) -> str:
        return moment(referral.opened_at)

    @admin.display(description="限期")
    def due(self, referral: Referral) -> Any:
        return referral.due_on

    @admin.display(description="状态")
    def standing(self, referral: Referral) -> str:
        if referral.state == Referral.State.SOLVED:
            return badge("已解决", "ok")
        late = (today() - referral.due_on).days
        return badge(f"超期 {late} 天", "bad") if late > 0 else badge("待解决", "mind")

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("household__place", "elder", "solved_by", "visit__worker")
        )

    def place_code(self, referral: Referral) -> str:
        return referral.village_code

    def badges(self, referral: Referral) -> Iterable[str]:
        return [self.standing(referral)]

    def subheading(self, referral: Referral) -> str:
        return f"{self.who(referral)}，{referral.household}"

    def sections(self, request: OfficeRequest, referral: Referral) -> Iterable[Section]:
        visit = referral.visit
        yield Facts(
            "",
            rows=[
                ("方面", referral.get_area_display()),
                ("情况", referral.summary),
                ("老人", elder_link(request, referral.elder) if referral.elder else "全户"),
                ("户", link(referral.household, page_url(referral.household))),
                ("发现", link(f"{visit}，{visit.worker.name}", page_url(visit))),
                ("由谁办", referral.get_owner_display()),
                ("限期", referral.due_on),
                ("处理结果", referral.outcome or "—"),
                ("确认人", referral.solved_by or "—"),
                ("解决时间", moment(referral.solved_at)),
            ],
        )

    def closing(self, request: OfficeRequest, referral: Referral) -> Iterable[Section]:
        yield story(referral)
