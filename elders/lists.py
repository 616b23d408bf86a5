"""The lists that an office works from, as Excel: who is on the books, whose birthday comes, whose file lacks something, who
does not want to be visited, whose pause runs out. Each is a choice of the elders that a list shows, with columns of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from elders.birthdays import with_birthday
from elders.completeness import GAPS, with_short_files
from elders.due import refusing, with_last_asked, with_pause_due
from elders.models import ClassPeriod, Consent, Elder, Pause
from elders.sheets import CLASS_FIELDS, class_cells
from visitcare.kit.identity import age_on, birthday
from visitcare.kit.sheets import Field, Sheet
from visitcare.kit.weeks import today

Elders: TypeAlias = "QuerySet[Any]"

WHO = (
    Field("序号", 6, "count"),
    Field("村(居)/组", 24),
    Field("户编号", 9),
    Field("姓名", 9),
    Field("性别", 5),
    Field("年龄", 5, "count"),
)


@dataclass(frozen=True, slots=True)
class ListKind:
    """A list: its title, the elders it is about, the columns after who they are, and what stands in them."""

    title: str
    narrow: Callable[[Elders], Elders]
    fields: Sequence[Field]
    cells: Callable[[Any], Sequence[object]]


def _with_class(elders: Elders) -> Elders:
    now = ClassPeriod.objects.on(today()).filter(elder=OuterRef("pk"))
    return elders.annotate(risk_class=Subquery(now.values("risk_class")[:1]))


def _classified(elders: Elders) -> Elders:
    now = ClassPeriod.objects.on(today())
    return elders.filter(pk__in=now.values("elder")).prefetch_related(
        Prefetch("class_periods", now.select_related("override"), to_attr="classes_now")
    )


def _next_birthday(elder: Elder) -> tuple[date, int]:
    years = age_on(elder.birth_date, today()) + 1
    return birthday(elder.birth_date, years), years


def _with_refusal(elders: Elders) -> Elders:
    last = Consent.objects.filter(elder=OuterRef("pk"), since__lte=today()).order_by("-since")
    return with_last_asked(refusing(elders)).annotate(refusal_reason=Subquery(last.values("reason")[:1]))


def _with_pause(elders: Elders) -> Elders:
    last = Pause.objects.filter(elder=OuterRef("pk")).order_by("-starts_on")
    paused = with_pause_due(elders.filter(status=Elder.Status.PAUSED))
    return paused.annotate(
        pause_reason=Subquery(last.values("reason")[:1]), paused_from=Subquery(last.values("starts_on")[:1])
    )


LISTS: dict[str, ListKind] = {
    "registry": ListKind(
        "老年人名册",
        _with_class,
        (
            Field("居民身份证号码", 20),
            Field("类别", 6),
            Field("状态", 8),
            Field("联系电话", 13),
            Field("紧急联系人", 10),
            Field("紧急联系人电话", 13),
            Field("居住地址", 18),
        ),
        lambda elder: (
            elder.id_number,
            f"{elder.risk_class}类" if elder.risk_class else "",
            elder.get_status_display(),
            elder.phone,
            elder.emergency_name,
            elder.emergency_phone,
            elder.household.address,
        ),
    ),
    "classes": ListKind(
        "老年人分类台账",
        _classified,
        (Field("居民身份证号码", 20), *CLASS_FIELDS, Field("居住地址", 18)),
        lambda elder: (elder.id_number, *class_cells(elder.classes_now[0]), elder.household.address),
    ),
    "birthdays": ListKind(
        "30天内生日名单",
        with_birthday,
        (
            Field("出生日期", 11, "date"),
            Field("生日", 11, "date"),
            Field("满几岁", 7, "count"),
            Field("联系电话", 13),
        ),
        lambda elder: (elder.birth_date, *_next_birthday(elder), elder.phone),
    ),
    "files": ListKind(
        "一户一档不全名单",
        lambda elders: with_short_files(elders.filter(status__in=Elder.REGISTERED)),
        (Field("缺几项", 7, "count"), Field("还缺", 60)),
        lambda elder: (len(elder.gaps), "、".join(GAPS[code].words for code in elder.gaps)),
    ),
    "refusals": ListKind(
        "拒绝探访名单",
        _with_refusal,
        (
            Field("上次询问", 11, "date"),
            Field("原因", 30),
            Field("联系电话", 13),
            Field("紧急联系人电话", 13),
        ),
        lambda elder: (elder.asked_on, elder.refusal_reason, elder.phone, elder.emergency_phone),
    ),
    "pauses": ListKind(
        "暂停探访名单",
        _with_pause,
        (
            Field("原因", 8),
            Field("暂停起", 11, "date"),
            Field("到期", 11, "date"),
            Field("紧急联系人电话", 13),
        ),
        lambda elder: (
            dict(Pause.Reason.choices)[elder.pause_reason],
            elder.paused_from,
            elder.pause_due,
            elder.emergency_phone,
        ),
    ),
}
"""By name. Whoever is not meant by a list does not stand on it, whatever the filter shows."""


def sheet_of(kind: ListKind, elders: Elders) -> Sheet:
    """One worksheet with the elders of a list that this kind is about, in the order of their places."""
    chosen = kind.narrow(elders).select_related("household__place")
    return Sheet(
        name=kind.title,
        title=f"{kind.title}（{today():%Y年%-m月%-d日}）",
        fields=(*WHO, *kind.fields),
        rows=list(_rows(kind, chosen)),
        plain=True,
    )


def _rows(kind: ListKind, elders: Elders) -> Iterator[Sequence[object]]:
    ordered = elders.order_by("household__place", "household__number", "birth_date", "pk")
    for number, elder in enumerate(ordered.iterator(chunk_size=2_000), 1):
        yield (
            number,
            elder.household.place.path,
            elder.household.number,
            elder.name,
            elder.get_sex_display(),
            age_on(elder.birth_date, today()),
            *kind.cells(elder),
        )
