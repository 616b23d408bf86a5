"""老年人分类台账: who is in which class, and why (domain.md §5). 排摸情况表: who was found in a round."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Prefetch, Q

from elders.models import ClassPeriod, Residence, ScreeningRound
from elders.rules import CATEGORY_WORDS
from visitcare.kit.identity import age_on
from visitcare.kit.sheets import Field, Sheet
from visitcare.kit.weeks import Month
from visitcare.org.models import Division

CLASS_FIELDS = (
    Field("类别", 6),
    Field("依据", 8),
    Field("手工调整", 20),
    Field("对象类型", 38),
    Field("类别起始日期", 11, "date"),
)
CLASSES = (
    Field("序号", 6, "count"),
    Field("镇（园区、街道）", 17),
    Field("村(居)/组", 17),
    Field("户编号", 9),
    Field("姓名", 9),
    Field("居民身份证号码", 20),
    Field("性别", 5),
    Field("年龄", 5, "count"),
    *CLASS_FIELDS,
    Field("居住地址", 18),
)


def classes(month: Month, towns: Sequence[str]) -> list[Sheet]:
    """The class in force on the month's last day, with the rules stored with that period; one worksheet a town, of those
    who lived in it then."""
    sheets = []
    for town in Division.objects.filter(code__in=towns).order_by("code"):
        rows = list(_rows(month, town))
        if rows:
            last = month.last
            title = f"{town.name}特殊困难老年人分类台账（截至 {last.year}年{last.month}月{last.day}日）"
            sheets.append(Sheet(name=town.name, title=title, fields=CLASSES, rows=rows, plain=True))
    return sheets


def _rows(month: Month, town: Division) -> Iterator[tuple[Any, ...]]:
    day = month.last
    classes_then = ClassPeriod.objects.on(day).select_related("override")
    stays = (
        Residence.objects.on(day)
        .filter(household__place__code__startswith=town.code, elder__in=classes_then.values("elder"))
        .filter(Q(elder__closed_on=None) | Q(elder__closed_on__gte=day))
        .select_related("elder", "household__place")
        .prefetch_related(Prefetch("elder__class_periods", classes_then, to_attr="classes_then"))
        .order_by("household__place", "elder__name", "elder")
    )
    for number, stay in enumerate(stays.iterator(chunk_size=2_000), 1):
        elder, home = stay.elder, stay.household
        (period,) = elder.classes_then
        yield (
            number,
            town.name,
            home.place.path.removeprefix(town.path),
            home.number,
            elder.name,
            elder.id_number,
            elder.get_sex_display(),
            age_on(elder.birth_date, day),
            *class_cells(period),
            home.address,
        )


def class_cells(period: ClassPeriod) -> Sequence[object]:
    """A class and why, for the columns of `CLASS_FIELDS`."""
    return (
        period.get_risk_class_display(),
        " ".join(period.codes),
        _by_hand(period),
        "、".join(CATEGORY_WORDS[name] for name in period.verdict["categories"]),
        period.starts_on,
    )


def _by_hand(period: ClassPeriod) -> str:
    """What an override says; the rules beside it (依据) are the engine's."""
    override = period.override
    if override is None:
        return ""
    return f"系统判定{period.computed_class}类；{override.reason}（{override.review_on} 复核）"


SCREENED = (
    Field("序号", 6, "count"),
    Field("村(居)/组", 17),
    Field("姓名", 9),
    Field("性别", 5),
    Field("出生年份", 9, "count"),
    Field("居住地址", 18),
    Field("来源", 10),
    Field("结果", 14),
    Field("说明", 24),
    Field("谁看的", 9),
    Field("哪天看的", 11, "date"),
)


def screened(screening: ScreeningRound) -> list[Sheet]:
    """排摸情况表: everybody on the list of a round, with what was found."""
    people = screening.people.select_related("place", "looked_by").order_by(
        "village_code", "place", "household", "pk"
    )
    rows = [
        (
            number,
            one.place.path.removeprefix(screening.town.path),
            one.name,
            one.get_sex_display(),
            one.birth_year,
            one.address,
            one.get_source_display(),
            one.get_result_display(),
            one.note,
            one.looked_by.name if one.looked_by else "",
            one.looked_on,
        )
        for number, one in enumerate(people.iterator(chunk_size=2_000), 1)
    ]
    title = f"{screening.town.name}{screening.name}情况表"
    return (
        [Sheet(name=screening.town.name, title=title, fields=SCREENED, rows=rows, plain=True)] if rows else []
    )
