"""老年人分类台账: who is in which class, and why (domain.md §5)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from elders.models import ClassPeriod
from elders.rules import CATEGORY_WORDS
from visitcare.kit.identity import age_on
from visitcare.kit.sheets import Field, Sheet
from visitcare.kit.weeks import Month
from visitcare.org.models import Division

CLASSES = (
    Field("序号", 6, "count"),
    Field("镇（园区、街道）", 17),
    Field("村(居)/组", 17),
    Field("户编号", 9),
    Field("姓名", 9),
    Field("居民身份证号码", 20),
    Field("性别", 5),
    Field("年龄", 5, "count"),
    Field("类别", 6),
    Field("依据", 8),
    Field("手工调整", 20),
    Field("对象类型", 24),
    Field("类别起始日期", 11, "date"),
    Field("居住地址", 18),
)


def classes(month: Month, towns: Sequence[str]) -> list[Sheet]:
    """The class in force on the month's last day, with the rules stored with that period; one worksheet a town."""
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
    periods = (
        ClassPeriod.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)
        .filter(elder__household__place__code__startswith=town.code)
        .filter(Q(elder__closed_on=None) | Q(elder__closed_on__gte=day))
        .select_related("elder__household__place", "override")
        .order_by("elder__household__place", "elder__name", "elder")
    )
    for number, period in enumerate(periods.iterator(chunk_size=2_000), 1):
        elder = period.elder
        place = elder.household.place
        yield (
            number,
            town.name,
            place.path.removeprefix(town.path),
            elder.household.number,
            elder.name,
            elder.id_number,
            elder.get_sex_display(),
            age_on(elder.birth_date, day),
            period.get_risk_class_display(),
            " ".join(period.codes),
            _by_hand(period),
            "、".join(CATEGORY_WORDS[name] for name in period.verdict["categories"]),
            period.starts_on,
            elder.household.address,
        )


def _by_hand(period: ClassPeriod) -> str:
    """What an override says; the rules beside it (依据) are the engine's."""
    override = period.override
    if override is None:
        return ""
    return f"系统判定{period.computed_class}类；{override.reason}（{override.review_on} 复核）"
