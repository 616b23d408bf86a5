"""排摸: a town's rounds, with how far each village is and what is to be done."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet

from elders import actions
from elders.admin.screened import TO_DO
from elders.models import ScreenedPerson, ScreeningRound
from elders.screening import VillageStand, of_unknown_age, stands
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
    link,
    page_url,
    rows_url,
)
from visitcare.kit.weeks import today
from visitcare.org.filters import TownFilter, towns_of
from visitcare.org.models import Division
from visitcare.org.roles import Right

Result, Source = ScreenedPerson.Result, ScreenedPerson.Source
MOST_LISTED = 50


class OpenForm(DoorForm):
    town = forms.ModelChoiceField(label="镇", queryset=Division.objects.none(), empty_label=None)
    name = forms.CharField(label="名称", max_length=40, help_text="例如：2026年四季度排摸。")
    due_on = forms.DateField(label="哪天以前做完", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        codes = [code for code, _ in towns_of(self.request) if user.may(Right.REVIEW_REGISTRATION, code)]
        towns: Any = self.fields["town"]
        towns.queryset = Division.objects.filter(code__in=codes)
        self.initial.setdefault("name", f"{today().year}年{'一二三四'[(today().month - 1) // 3]}季度排摸")


class StandingFilter(Choice):
    title = "状态"
    parameter_name = "state"
    initial = "open"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("open", "进行中"), ("overdue", "进行中，已超期"), ("closed", "已结束")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "closed":
            return rows.exclude(closed_on=None)
        going_on = rows.filter(closed_on=None)
        return going_on.filter(due_on__lt=today()) if value == "overdue" else going_on


class TownOfRound(TownFilter):
    path = "town__code"


def _close(request: OfficeRequest, screening: ScreeningRound, said: dict[str, Any]) -> str:
    left = actions.close_screening(by=request.user, screening=screening)
    return f"“{screening}”结束了" + (
        f"，{left} 人没有看，名单上照样写着“还没看”。" if left else "，都看过了。"
    )


def state_badge(screening: ScreeningRound, day: date) -> str:
    if screening.closed_on:
        return badge("已结束")
    left = screening.days_left(day)
    if left < 0:
        return badge(f"超期 {-left} 天", "bad")
    return badge(f"还有 {left} 天" if left else "今天到期", "mind")


@admin.register(ScreeningRound)
class ScreeningRoundAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    add_right = Right.REVIEW_REGISTRATION
    add_form = OpenForm
    add_words = "开始排摸"
    list_intro = "一次排摸，全镇各村一起做：在册老人和 60 岁以上的家庭成员都在名单上，村干部、网格员在手机上一个一个看。"
    list_display = ("name", "town", "state_words", "opened_on", "due_on", "looked_words")
    list_filter = (StandingFilter, TownOfRound)
    list_select_related = ("town",)
    ordering = ("-opened_on", "town", "pk")
    empty_words = "还没有排摸。镇里可以点“开始排摸”。"
    doors = (
        Door(
            "close",
            "结束排摸",
            Right.REVIEW_REGISTRATION,
            _close,
            shown=lambda request, screening: screening.closed_on is None,
            words="结束以后，村里不能再填。没有看的人照样写着“还没看”，不会当作看过。",
            tone="danger",
        ),
    )

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, ScreeningRound]:
        opened = actions.open_screening(by=request.user, **said)
        return f"“{opened}”开始了，名单一共 {opened.people.count()} 人，村里的手机上已经看得到。", opened

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        looked = Count("people", filter=~Q(people__result=Result.WAITING))
        return rows.annotate(total=Count("people"), looked=looked)

    @admin.display(description="状态")
    def state_words(self, screening: ScreeningRound) -> str:
        return state_badge(screening, today())

    @admin.display(description="看过 / 名单")
    def looked_words(self, screening: Any) -> str:
        return f"{screening.looked} / {screening.total}"

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("town")

    def place_code(self, screening: ScreeningRound) -> str:
        return screening.town_id

    def badges(self, screening: ScreeningRound) -> Iterable[str]:
        yield state_badge(screening, today())

    def subheading(self, screening: ScreeningRound) -> str:
        return screening.town.name

    def sections(self, request: OfficeRequest, screening: ScreeningRound) -> Iterable[Section]:
        villages = stands(screening, today())
        left = sum(one.waiting for one in villages)
        ended = f"，没有看的 {left} 人照样是“还没看”" if left else ""
        yield Facts(
            "",
            rows=[
                ("镇", screening.town.name),
                ("开始", screening.opened_on),
                ("限期", screening.due_on),
                ("结束", f"{screening.closed_on}{ended}" if screening.closed_on else "还没有结束"),
                ("还没做完的村", f"{sum(bool(one.waiting) for one in villages)} 个"),
            ],
        )
        yield Table(
            "要办的事",
            "排摸只看、不改档案：点进去，在老人的档案里更新登记、转移或注销。档案办好了，这里就少一件。",
            heads=("事情", "人数"),
            rows=[
                (words, self._count(screening, follow=value, count=screening.people.filter(narrow()).count()))
                for value, words, narrow in TO_DO
            ],
            numbers=frozenset({1}),
        )
        yield self._by_village(screening, villages)
        if not screening.closed_on:
            yield from self._of_unknown_age(screening)

    def _of_unknown_age(self, screening: ScreeningRound) -> Iterable[Section]:
        members = of_unknown_age(screening)
        if count := members.count():
            more = f"，先列 {MOST_LISTED} 人" if count > MOST_LISTED else ""
            yield Table(
                f"不知道年龄的家庭成员 {count} 人{more}",
                "没有出生日期，排不进名单。请问清楚，在“改家庭情况”里补上身份证号码；满 60 岁的，夜里会加进名单。",
                heads=("姓名", "与户主关系", "户"),
                rows=[
                    (one.name, one.relation, link(one.household, page_url(one.household)))
                    for one in members[:MOST_LISTED]
                ],
            )

    def _by_village(self, screening: ScreeningRound, villages: Sequence[VillageStand]) -> Table:
        def cells(one: VillageStand, **where: str) -> list[Any]:
            return [
                self._count(screening, count=one.total, **where),
                self._count(screening, count=one.looked, result="looked", **where),
                self._count(screening, count=one.waiting, result=Result.WAITING, **where),
                self._count(screening, count=one.changed, result=Result.CHANGED, **where),
                self._count(screening, count=one.missing, result=Result.MISSING, **where),
                self._count(screening, count=one.gone, result="gone", **where),
                self._count(screening, count=one.to_register, follow="register", **where),
                self._count(screening, count=one.turning, turning="soon", **where),
            ]

        return Table(
            "各村",
            heads=(
                "村（居）",
                "名单",
                "看过",
                "还没看",
                "有变化",
                "没找到",
                "搬走、去世",
                "新发现未登记",
                "90 天内满 60、80",
            ),
            rows=[(one.name, *cells(one, village=one.code)) for one in villages],
            numbers=frozenset(range(1, 9)),
            empty="这个镇还没有村。",
            foot=("合计", *cells(_sum(villages))) if villages else (),
        )

    def _count(self, screening: ScreeningRound, *, count: int, **filters: str) -> Any:
        return link(count, rows_url("elders.screenedperson", round=screening.pk, **filters)) if count else 0

    def closing(self, request: OfficeRequest, screening: ScreeningRound) -> Iterable[Section]:
        yield from traces(request, screening, where=screening.town_id)


def _sum(villages: Sequence[VillageStand]) -> VillageStand:
    counts = ("total", "looked", "changed", "missing", "gone", "to_register", "turning")
    return VillageStand("", "合计", *(sum(getattr(one, name) for one in villages) for name in counts))
