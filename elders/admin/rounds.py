"""代班 and 不方便的日子: at the page of a worker, and as a list."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet

from elders import actions
from elders.coverage import AHEAD, substitutes_of
from elders.forms.rounds import day_field, weekdays_field
from elders.models import DaysOff, StandIn
from visitcare.audit.admin import traces
from visitcare.kit.admin import (
    Choice,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ScopedAdmin,
    Section,
    Table,
    badge,
    day,
    link,
    page_url,
)
from visitcare.kit.weeks import next_monday, today
from visitcare.org.filters import TownFilter
from visitcare.org.models import Division, User
from visitcare.org.roles import ROUND_ROLES, Right

KEPT_IN_SIGHT = timedelta(days=90)
"""For how long after its end a row stands on the worker's page."""


# At the page of a worker


def of_worker(request: OfficeRequest, worker: User) -> Iterable[Section]:
    """What is said of their days, and who stands in for whom."""
    since = today() - KEPT_IN_SIGHT
    off = DaysOff.objects.visible_to(request.user).filter(worker=worker).exclude(ends_on__lt=since)
    stand_ins = StandIn.objects.visible_to(request.user).filter(ends_on__gte=since)
    concerned = stand_ins.filter(absent=worker) | stand_ins.filter(substitute=worker)
    if off:
        yield Table(
            "不方便的日子",
            heads=("哪几天", "从", "到"),
            rows=[(one, day(one.starts_on), day(one.ends_on)) for one in off],
        )
    if concerned:
        yield Table(
            "代班",
            heads=("谁代谁", "镇", "从", "到", "原因"),
            rows=[
                (
                    link(f"{one.substitute}代{one.absent}", page_url(one)),
                    one.town,
                    day(one.starts_on),
                    day(one.ends_on),
                    one.reason,
                )
                for one in concerned.select_related("absent", "substitute", "town")
            ],
        )


class WeekdaysDoorForm(DoorForm):
    weekdays = weekdays_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        still = DaysOff.objects.filter(worker=self.obj, kind=DaysOff.Kind.WEEKLY).exclude(
            ends_on__lt=next_monday(today())
        )
        latest = still.order_by("-starts_on").first()
        self.fields["weekdays"].initial = latest.weekdays if latest else []


class AwayDoorForm(DoorForm):
    starts_on = day_field("从哪天起")
    ends_on = day_field("到哪天为止")


class TakeBackForm(DoorForm):
    away = forms.ModelChoiceField(label="哪一条", queryset=DaysOff.objects.none(), empty_label="请选")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["away"]
        field.queryset = _away_to_come(self.request, self.obj)


class StandInDoorForm(DoorForm):
    """The town is asked only where the worker serves several of the person's."""

    town = forms.ModelChoiceField(label="镇", queryset=Division.objects.none(), empty_label=None)
    substitute = forms.ModelChoiceField(label="谁代班", queryset=User.objects.none(), empty_label="请选")
    starts_on = day_field("从哪天起")
    ends_on = day_field("到哪天为止")
    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        town, substitute = (self.fields[name] for name in ("town", "substitute"))
        towns = _towns(self.request, self.obj)
        town.queryset = towns  # type: ignore[attr-defined]
        substitute.queryset = substitutes_of(self.request.user).exclude(pk=self.obj.pk)  # type: ignore[attr-defined]
        if len(towns) < 2:
            town.required, town.widget = False, forms.HiddenInput()

    def clean_town(self) -> Division | None:
        return self.cleaned_data["town"] or _towns(self.request, self.obj).first()


def _towns(request: OfficeRequest, worker: User) -> "QuerySet[Division]":
    """Where the worker has a round that this person arranges."""
    served = worker.postings.filter(role__in=ROUND_ROLES).exclude(ends_on__lt=today())
    codes = set(served.values_list("place", flat=True))
    mine = {code[:9] for code in codes if request.user.may(Right.ARRANGE_ROUNDS, code)}
    return Division.objects.filter(code__in=mine)


def _away_to_come(request: OfficeRequest, worker: User) -> "QuerySet[DaysOff]":
    away = DaysOff.objects.visible_to(request.user).filter(worker=worker, kind=DaysOff.Kind.AWAY)
    return away.filter(ends_on__gte=today())


def _weekdays(request: OfficeRequest, worker: User, said: dict[str, Any]) -> str:
    actions.say_weekdays_off(by=request.user, worker=worker, weekdays=said["weekdays"])
    return f"记下了。从 {day(next_monday(today()))} 那周起，计划避开这几天；本周的不变。"


def _away(request: OfficeRequest, worker: User, said: dict[str, Any]) -> str:
    away = actions.say_away(by=request.user, worker=worker, **said)
    return f"记下了：{worker.name}{away}。没有人代班的，“今天的工作”里会提醒。"


def _take_back(request: OfficeRequest, worker: User, said: dict[str, Any]) -> str:
    actions.take_back_away(by=request.user, away=said["away"])
    return "取消了。"


def _stand_in(request: OfficeRequest, worker: User, said: dict[str, Any]) -> str:
    if said["town"] is None:
        raise ValueError(f"{worker.name}在您管的地区没有自己负责的组，不用代班。")
    return f"安排好了：{actions.arrange_stand_in(by=request.user, absent=worker, **said)}。"


def _end(request: OfficeRequest, stand_in: StandIn, said: dict[str, Any]) -> str:
    last_day = min(stand_in.ends_on, today())
    actions.end_stand_in(by=request.user, stand_in=stand_in)
    return f"{stand_in.substitute}代{stand_in.absent}到 {day(last_day)} 为止。"


def _arranges(request: OfficeRequest, worker: User) -> bool:
    return actions.may_arrange(request.user, worker)


DOORS_OF_WORKER = (
    Door(
        "weekdays_off",
        "每周不方便的日子",
        Right.ARRANGE_ROUNDS,
        _weekdays,
        form=WeekdaysDoorForm,
        shown=_arranges,
        words="下一周起的计划避开这几天。都不勾，就是哪天都方便。",
    ),
    Door(
        "away",
        "登记不在的日子",
        Right.ARRANGE_ROUNDS,
        _away,
        form=AwayDoorForm,
        shown=_arranges,
        words=f"计划避开这段时间。{AHEAD.days} 天内没有人代班的，会提醒镇里和村里。",
    ),
    Door(
        "take_back_away",
        "取消不在的日子",
        Right.ARRANGE_ROUNDS,
        _take_back,
        form=TakeBackForm,
        shown=lambda request, worker: _arranges(request, worker) and _away_to_come(request, worker).exists(),
    ),
    Door(
        "stand_in",
        "安排代班",
        Right.ARRANGE_ROUNDS,
        _stand_in,
        form=StandInDoorForm,
        shown=lambda request, worker: _arranges(request, worker) and _towns(request, worker).exists(),
        words="代班的人这段时间看得到、也可以记这位网格员的户；谁去的，补贴算谁的。只限本镇的户。",
    ),
)


# The list


class StateFilter(Choice):
    title = "状态"
    parameter_name = "state"

    def options(self, request: OfficeRequest) -> list[tuple[str, str]]:
        return [("running", "正在代班"), ("coming", "还没开始"), ("over", "到期了")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "over":
            return rows.filter(ends_on__lt=today())
        if value == "coming":
            return rows.filter(starts_on__gt=today())
        return rows.filter(starts_on__lte=today(), ends_on__gte=today())


class TownOfRound(TownFilter):
    path = "town__code"


@admin.register(StandIn)
class StandInAdmin(ScopedAdmin):
    see = Right.SEE_ACCOUNTS
    list_title = "代班"
    list_intro = "谁不在的时候谁去。要安排，请打开不在的那个人的账号页面，点“安排代班”。"
    list_display = ("who", "town", "first_day", "last_day", "reason", "state_words")
    list_filter = (StateFilter, TownOfRound)
    list_select_related = ("absent", "substitute", "town")
    search_hint = "姓名"
    ordering = ("-starts_on", "pk")
    doors = (
        Door(
            "end",
            "不代了",
            Right.ARRANGE_ROUNDS,
            _end,
            shown=lambda request, one: one.ends_on > today(),
            words="正在代班的，今天是最后一天；还没开始的，就取消了。",
        ),
    )

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(absent__name__icontains=term) | rows.filter(substitute__name__icontains=term)

    def place_code(self, stand_in: StandIn) -> str:
        return stand_in.town_id

    @admin.display(description="谁代谁")
    def who(self, stand_in: StandIn) -> str:
        return f"{stand_in.substitute}代{stand_in.absent}"

    @admin.display(description="从")
    def first_day(self, stand_in: StandIn) -> str:
        return day(stand_in.starts_on)

    @admin.display(description="到")
    def last_day(self, stand_in: StandIn) -> str:
        return day(stand_in.ends_on)

    @admin.display(description="状态")
    def state_words(self, stand_in: StandIn) -> str:
        if stand_in.has(today()):
            return badge("正在代班", "ok")
        return badge("还没开始", "wait") if stand_in.starts_on > today() else badge("到期了")

    def badges(self, stand_in: StandIn) -> Iterable[str]:
        return [self.state_words(stand_in)]

    def sections(self, request: OfficeRequest, stand_in: StandIn) -> Iterable[Section]:
        known = User.objects.visible_to(request.user).in_bulk(  # type: ignore[attr-defined]
            [stand_in.absent_id, stand_in.substitute_id]
        )

        def person(one: User) -> Any:
            return link(one, page_url(one)) if one.pk in known else one.name

        yield Facts(
            "",
            rows=[
                ("谁不在", person(stand_in.absent)),
                ("谁代班", person(stand_in.substitute)),
                ("镇", stand_in.town.name),
                ("从", day(stand_in.starts_on)),
                ("到", day(stand_in.ends_on)),
                ("原因", stand_in.reason),
            ],
        )
        yield from traces(request, stand_in, where=stand_in.town_id, also=Right.ARRANGE_ROUNDS)
