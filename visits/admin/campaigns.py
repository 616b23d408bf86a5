"""加访: what is asked for beyond the weeks, how far it is, and with whom."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.html import format_html

from elders.forms import day_field
from elders.models import ClassPeriod, Elder
from visitcare.audit.admin import traces
from visitcare.kit.admin import (
    Choice,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ReasonForm,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    day,
    link,
    moment,
    rows_url,
)
from visitcare.kit.admin.lists import ScopedChangeList
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import today
from visitcare.org.models import Division
from visitcare.org.roles import Right
from visits import actions
from visits.actions.campaigns import due_words
from visits.extra import ExtraProgress, counts_of, reached
from visits.models import Campaign, CampaignElder

Kind, Living = Campaign.Kind, Campaign.Living
COUNTS_FOR_BOTH = "加访的日子里，一次探访同时算加访和当周的任务；当周的任务照旧，不会因为加访改变。"
OLDEST = 120


class WhatForm(DoorForm):
    """What a campaign asks for, and when."""

    kind = forms.ChoiceField(label="事由", choices=Kind.choices)
    words = forms.CharField(label="名称", max_length=60, help_text="例如：春节走访。网格员在手机上会看到。")
    first_day = day_field("第一天", initial=today)
    last_day = day_field("最后一天", initial=today)
    home_due = forms.IntegerField(label="每人加上门几次", min_value=0, max_value=31, initial=1)
    greeting_due = forms.IntegerField(label="每人加电话（视频）几次", min_value=0, max_value=31, initial=0)


class CampaignForm(WhatForm):
    """A campaign by filter; `reach` is what the person has been shown (`reach_of`)."""

    place = forms.ModelChoiceField(label="地区", queryset=Division.objects.none(), empty_label=None)
    classes = forms.MultipleChoiceField(
        label="类别",
        choices=ClassPeriod.RiskClass.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="一个也不勾，就是不分类别。",
    )
    age_from = forms.IntegerField(
        label="满多少周岁", required=False, min_value=60, max_value=OLDEST, help_text="不填，就是不分年龄。"
    )
    living = forms.ChoiceField(label="居住状况", choices=[("", "不分"), *Living.choices], required=False)
    reach = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = self.request.user.areas_with(Right.ARRANGE_EXTRA)
        levels = [Division.Level.COUNTY, Division.Level.TOWN, Division.Level.VILLAGE]
        place: Any = self.fields["place"]
        place.queryset = Division.objects.filter(
            in_areas("code", areas), level__in=levels, active=True
        ).order_by("code")
        place.label_from_instance = lambda division: division.path


class StandingFilter(Choice):
    title = "状态"
    parameter_name = "state"
    initial = "going"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("going", "进行中和将要开始"), ("over", "已结束")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        going = Q(last_day__gte=today(), ended_on=None)
        return rows.filter(going if value == "going" else ~going)


def state_badge(campaign: Campaign) -> str:
    if campaign.ended_on:
        return badge("提前结束")
    if campaign.first_day > today():
        return badge("还没开始", "wait")
    return badge("进行中", "mind") if campaign.last_day >= today() else badge("已结束")


def whom_words(campaign: Campaign) -> str:
    """Whom it was drawn from, in words."""
    if campaign.elder:
        return f"只为{campaign.elder.name}"
    classes = "、".join(f"{letter}类" for letter in campaign.classes) or "不分类别"
    age = f"，满 {campaign.age_from} 周岁" if campaign.age_from is not None else ""
    living = f"，{Living(campaign.living).label}" if campaign.living else ""
    return f"{campaign.place.path}，{classes}{age}{living}"


def _end(request: OfficeRequest, campaign: Campaign, said: dict[str, Any]) -> str:
    actions.end_campaign(by=request.user, campaign=campaign, reason=said["reason"])
    return f"“{campaign}”提前结束了，手机上不再提醒。已经做的照样算。"


class CampaignList(ScopedChangeList):
    """How far all campaigns of a page are, from one statement."""

    def get_results(self, request: OfficeRequest) -> None:
        super().get_results(request)
        counts: dict[Any, Counter[str]] = defaultdict(Counter)
        drawn = CampaignElder.objects.visible_to(request.user)
        shown = drawn.filter(campaign__in=[campaign.pk for campaign in self.result_list])
        for (progress, campaign), count in counts_of(shown, "campaign").items():
            counts[campaign][progress] += count
        for campaign in self.result_list:
            campaign.counts = counts[campaign.pk]


@admin.register(Campaign)
class CampaignAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    add_right = Right.ARRANGE_EXTRA
    add_form = CampaignForm
    add_words = "安排加访"
    add_template = "admin/visits/campaign_add.html"
    list_intro = f"节日、高温、台风等时候，给一部分老人多加几次探访。{COUNTS_FOR_BOTH}"
    list_display = (
        *("name", "kind_words", "area", "days_words", "each_words", "state_words"),
        *("reached_count", "done_count", "missed_count"),
    )
    list_filter = (StandingFilter, by_field("kind", "事由", Kind.choices))
    list_select_related = ("place", "elder")
    ordering = ("-first_day", "-pk")
    empty_words = "没有正在进行的加访。"
    doors = (
        Door(
            "end",
            "提前结束",
            Right.ARRANGE_EXTRA,
            _end,
            form=ReasonForm,
            shown=lambda request, campaign: campaign.ended_on is None and campaign.last_day >= today(),
            words="结束以后，没有做的不再要求，也不算没做到。",
            tone="danger",
        ),
    )

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, Campaign] | HttpResponse:
        """First how many elders it would reach; only what the person has seen is set up."""
        shown = said.pop("reach")
        reach = reach_of(
            place=said["place"].code,
            day=said["first_day"],
            home_only=not said["greeting_due"],
            **{name: said[name] for name in ("classes", "age_from", "living")},
        )
        if shown != reach:
            return self._preview(request, reach)
        campaign = actions.set_up_campaign(by=request.user, **said)
        return f"“{campaign}”安排好了，{campaign.drawn.count()} 位老人，手机上已经看得到。", campaign

    def _preview(self, request: OfficeRequest, reach: str) -> HttpResponse:
        sent = request.POST.copy()
        sent["reach"] = reach
        form = CampaignForm(sent, request=request)
        context = {
            "title": self.add_words,
            "form": form,
            "back": self._list_url(),
            "reach": int(reach.split()[0]),
        }
        return self._page(request, self.add_template, context)

    def get_changelist(self, request: OfficeRequest, **kwargs: Any) -> type[ScopedChangeList]:
        return CampaignList

    @admin.display(description="名称")
    def name(self, campaign: Campaign) -> str:
        return campaign.words

    @admin.display(description="事由")
    def kind_words(self, campaign: Campaign) -> str:
        return campaign.get_kind_display()

    @admin.display(description="地区")
    def area(self, campaign: Campaign) -> str:
        return campaign.place.path

    @admin.display(description="日子")
    def days_words(self, campaign: Campaign) -> str:
        return f"{day(campaign.first_day)} 到 {day(campaign.last_day)}"

    @admin.display(description="每人加")
    def each_words(self, campaign: Campaign) -> str:
        return due_words(campaign)

    @admin.display(description="状态")
    def state_words(self, campaign: Campaign) -> str:
        return state_badge(campaign)

    @admin.display(description="老人")
    def reached_count(self, campaign: Any) -> str:
        return _link(campaign, campaign.counts.total())

    @admin.display(description="做到了")
    def done_count(self, campaign: Any) -> str:
        return _link(campaign, campaign.counts[ExtraProgress.DONE], progress=ExtraProgress.DONE)

    @admin.display(description="没做到")
    def missed_count(self, campaign: Any) -> str:
        return _link(campaign, campaign.counts[ExtraProgress.MISSED], progress=ExtraProgress.MISSED)

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("place", "elder", "set_up_by", "ended_by")

    def place_code(self, campaign: Campaign) -> str:
        return campaign.place_id

    def badges(self, campaign: Campaign) -> Iterable[str]:
        yield badge(campaign.get_kind_display())
        yield state_badge(campaign)

    def sections(self, request: OfficeRequest, campaign: Campaign) -> Iterable[Section]:
        ended = campaign.ended_on and f"{day(campaign.ended_on)}，{campaign.ended_by}：{campaign.end_reason}"
        yield Facts(
            "",
            COUNTS_FOR_BOTH,
            rows=[
                ("日子", self.days_words(campaign)),
                ("每人加", due_words(campaign)),
                ("给哪些老人", whom_words(campaign)),
                ("安排", format_html("{}，{}", campaign.set_up_by, moment(campaign.set_up_at))),
                *([("提前结束", ended)] if ended else []),
            ],
        )
        yield self._by_village(request, campaign)

    def _by_village(self, request: OfficeRequest, campaign: Campaign) -> Table:
        drawn = CampaignElder.objects.visible_to(request.user).filter(campaign=campaign)
        counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (progress, village), count in counts_of(drawn, "village_code").items():
            counts[village][progress] += count
            counts[""][progress] += count
        villages = Division.objects.filter(code__in=counts).order_by("code")

        def cells(code: str) -> list[Any]:
            where = {"village": code} if code else {}
            total = _link(campaign, sum(counts[code].values()), **where)
            parts = [
                _link(campaign, counts[code][state], progress=state, **where)
                for state in ExtraProgress.values
            ]
            return [total, *parts]

        return Table(
            "各村",
            "只算审核通过的探访。待做的，可以录到最后一天那一周之后的星期一。",
            heads=("村（居）", "老人", *map(str, ExtraProgress.labels)),
            rows=[(village.path, *cells(village.code)) for village in villages],
            numbers=frozenset(range(1, 2 + len(ExtraProgress))),
            foot=("合计", *cells("")),
            empty="您看得到的村里没有这次加访的老人。",
        )

    def closing(self, request: OfficeRequest, campaign: Campaign) -> Iterable[Section]:
        yield from traces(request, campaign, where=campaign.place_id)


def reach_of(**conditions: Any) -> str:
    """What a person is shown of conditions of `reached`: how many elders they find, and which conditions they are."""
    words = json.dumps(conditions, default=str, sort_keys=True)
    return f"{reached(**conditions).count()} {hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _link(campaign: Campaign, count: int, **filters: Any) -> Any:
    address = rows_url("visits.campaignelder", campaign=campaign.pk, **filters)
    return link(count, address) if count else 0


# For one elder


class ElderExtraForm(WhatForm):
    """Home from hospital is what it is for, unless another is chosen: due within 24 hours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].initial = Kind.DISCHARGE
        self.fields["words"].initial = "出院回访"
        self.fields["last_day"].initial = today() + timedelta(days=1)
        self.fields["last_day"].help_text = "出院的，24 小时内要看到：填第二天。"


def extra_for_elder(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    place = Division.objects.get(code=elder.household.place.village_code)
    actions.set_up_campaign(by=request.user, elder=elder, place=place, **said)
    return f"给{elder.name}安排了“{said['words']}”，手机上已经看得到。"
