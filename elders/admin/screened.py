"""排摸的人: everybody on the lists of the rounds, with what was found."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet

from elders.admin.words import yes_no
from elders.models import Elder, ScreenedPerson, ScreeningRound
from elders.models.screening import to_close, to_find, to_move, to_register, to_renew
from elders.screening import turning
from visitcare.audit.admin import traces
from visitcare.kit.admin import (
    Choice,
    Facts,
    Link,
    OfficeRequest,
    ScopedAdmin,
    Section,
    badge,
    by_field,
    link,
    page_url,
)
from visitcare.kit.identity import age_on
from visitcare.kit.masking import mask_id_number
from visitcare.kit.weeks import today
from visitcare.org.filters import places
from visitcare.org.roles import Right

Result, Source = ScreenedPerson.Result, ScreenedPerson.Source
TONES = {
    Result.WAITING: "wait",
    Result.SAME: "ok",
    Result.CHANGED: "mind",
    Result.MISSING: "bad",
    Result.NEW: "mind",
}
TO_DO = (
    ("find", "没找到：打听下落，住院的办暂停", to_find),
    ("renew", "情况有变化：更新登记", to_renew),
    ("close", "去世了：办注销", to_close),
    ("move", "搬走了：办转移或注销", to_move),
    ("register", "新发现：登记", to_register),
)
"""What the registry does not show yet, by the value of the filter."""


class RoundFilter(Link):
    title = "排摸"
    parameter_name = "round"

    def find(self, value: str) -> str:
        found = ScreeningRound.objects.visible_to(self.request.user).filter(pk=value)
        screening = found.select_related("town").first()
        return f"{screening.town.name}{screening}" if screening else ""

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(round=value)


class ResultFilter(Choice):
    title = "结果"
    parameter_name = "result"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [
            *[(str(value), str(words)) for value, words in Result.choices],
            ("looked", "看过的"),
            ("gone", "搬走了、去世了"),
        ]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "looked":
            return rows.exclude(result=Result.WAITING)
        return rows.filter(result__in=[Result.MOVED, Result.DIED] if value == "gone" else [value])


class ToDoFilter(Choice):
    title = "要办的事"
    parameter_name = "follow"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("any", "全部要办的（各镇最近一次排摸）"), *((value, words) for value, words, _ in TO_DO)]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        if value == "any":
            return rows.to_do()  # type: ignore[attr-defined]
        narrow = next(narrow for known, _, narrow in TO_DO if known == value)
        return rows.filter(narrow())


class OpenFilter(Choice):
    title = "哪次"
    parameter_name = "open"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("yes", "正在进行的排摸"), ("no", "已经结束的排摸")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(round__closed_on__isnull=value == "yes")


class TurningFilter(Choice):
    title = "90 天内"
    parameter_name = "turning"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return [("60", "满 60 岁"), ("80", "满 80 岁"), ("soon", "满 60 岁或 80 岁")]

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        ages = (60, 80) if value == "soon" else (int(value),)
        condition = Q()
        for age in ages:
            condition |= turning(age, today())
        return rows.filter(condition)


def result_badge(person: ScreenedPerson) -> str:
    return badge(person.get_result_display(), TONES.get(Result(person.result), "plain"))


@admin.register(ScreenedPerson)
class ScreenedPersonAdmin(ScopedAdmin):
    see = Right.SEE_REGISTRY
    list_display = ("name", "age_words", "source", "place_words", "result_words", "note", "looked_words")
    list_filter = (
        RoundFilter,
        OpenFilter,
        ResultFilter,
        ToDoFilter,
        by_field("source", "来源", Source.choices),
        TurningFilter,
        *places("village_code"),
    )
    list_select_related = ("place", "looked_by")
    search_hint = "姓名、村名或地址"
    ordering = ("village_code", "place", "household", "pk")
    empty_words = "没有符合条件的人。"

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(
            Q(name__icontains=term) | Q(place__path__icontains=term) | Q(address__icontains=term)
        )

    @admin.display(description="年龄")
    def age_words(self, person: ScreenedPerson) -> Any:
        return age_on(person.birth_date, today()) if person.birth_date else f"{person.birth_year} 年生"

    @admin.display(description="村（居）/组")
    def place_words(self, person: ScreenedPerson) -> str:
        return person.place.path

    @admin.display(description="结果")
    def result_words(self, person: ScreenedPerson) -> str:
        return result_badge(person)

    @admin.display(description="谁看的，哪天")
    def looked_words(self, person: ScreenedPerson) -> str:
        return f"{person.looked_by} {person.looked_on}" if person.looked_by else "—"

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("round", "place", "looked_by", "elder")

    def place_code(self, person: ScreenedPerson) -> str:
        return person.place_id

    def badges(self, person: ScreenedPerson) -> Iterable[str]:
        yield result_badge(person)

    def subheading(self, person: ScreenedPerson) -> str:
        return f"{person.round}，{person.place.path}"

    def sections(self, request: OfficeRequest, person: ScreenedPerson) -> Iterable[Section]:
        elder = person.elder
        if elder and not Elder.objects.visible_to(request.user).filter(pk=elder.pk).exists():
            elder = None  # has moved to another town since
        yield Facts(
            "",
            rows=[
                ("排摸", link(person.round, page_url(person.round))),
                ("来源", person.get_source_display()),
                ("档案", link(elder, page_url(elder)) if elder else "—"),
                ("性别", person.get_sex_display() or None),
                ("出生", person.birth_date or f"{person.birth_year} 年"),
                ("证件号码", mask_id_number(person.id_number) or "—"),
                ("村（居）/组", person.place.path),
                ("居住地址", person.address or None),
                ("独自居住", yes_no(person.lives_alone) or "—"),
                ("结果", person.get_result_display()),
                ("说明", person.note or "—"),
                ("谁看的", person.looked_by or "—"),
                ("哪天看的", person.looked_on or "—"),
            ],
        )

    def closing(self, request: OfficeRequest, person: ScreenedPerson) -> Iterable[Section]:
        yield from traces(request, person, where=person.place_id)
