"""The class on an elder's page: what it is and why, what may change it, and what it was."""

from collections.abc import Iterable

from django.urls import reverse

from elders.admin.override_doors import OVERRIDABLE
from elders.admin.words import (
    cause_words,
    class_badge,
    judge,
    letter_words,
    override_badge,
    override_facts,
    why_now,
    why_of_period,
)
from elders.birthdays import Birthday, birthdays_of
from elders.models import ClassOverride, ClassPeriod, Elder
from visitcare.kit.admin import Facts, OfficeRequest, Section, Table, badge, day, link, page_url
from visitcare.kit.weeks import next_monday, today
from visitcare.org.roles import Right

HOUSEHOLD = "elder__household__elders"
"""Of a class period, for the causes of a change."""
DECIDED_BY = ("acknowledged_by", "override__proposed_by", "override__decided_by", "override__ended_by")


def class_badges(elder: Elder) -> Iterable[str]:
    """The class of today and the one that is to come."""
    period = ClassPeriod.objects.on(today()).filter(elder=elder).first()
    coming = elder.class_periods.filter(starts_on__gt=today()).order_by("starts_on").first()
    if period or not coming:
        yield class_badge(period.risk_class if period else None)
    if coming:
        yield class_badge(coming.risk_class)
        yield badge(f"{day(coming.starts_on)}起")


def class_sections(request: OfficeRequest, elder: Elder) -> Iterable[Section]:
    for coming in birthdays_of(elder):
        yield Facts("快到的生日", note=_birthday_words(coming))
    override = elder.open_override
    if override and override.state == ClassOverride.State.PROPOSED:
        yield Facts("手工调整，等批准", rows=override_facts(override))
    door = _override_door(request, elder) if override is None else ""
    periods = list(
        elder.class_periods.filter(starts_on__lte=next_monday(today())).select_related(*DECIDED_BY)
    )
    shown = [one for one in periods if one.ends_on is None or one.ends_on >= today()]
    for period in reversed(shown):  # the present one, then the coming one
        before = next((one for one in periods if one.starts_on < period.starts_on), None)
        yield why_of_period(elder, period, before, door)
    if not shown:
        yield from _would_be(elder)


def _would_be(elder: Elder) -> Iterable[Section]:
    verdict = judge(elder, today())
    if verdict and verdict.in_scope:
        yield why_now(f"{elder.name}按今天的资料", verdict)
    elif verdict:
        note = "按今天的资料，不在探访范围。资料有变化，会从下一个星期一起自动变。"
        yield why_now(f"{elder.name}现在没有类别", verdict, note=note)


def _birthday_words(coming: Birthday) -> str:
    """The day, and what the engine says from the Monday after it."""
    after = coming.after
    letter = letter_words(after.risk_class) if after.in_scope else "不在探访范围"
    codes = f"（{'、'.join(after.codes)}）" if after.codes else ""
    what = f"会是{letter}{codes}" if coming.changes else f"类别不变，{letter}{codes}"
    return f"{day(coming.day)}满 {coming.years} 岁，从{day(coming.monday)}起，按现在的资料{what}。"


def _override_door(request: OfficeRequest, elder: Elder) -> str:
    """Where another class can be proposed, by whoever may."""
    may = request.user.may(Right.REVIEW_REGISTRATION, elder.household.place_id)
    is_open = may and elder.status in OVERRIDABLE
    return reverse("admin:elders_elder_override", args=[elder.pk]) if is_open else ""


def class_history(elder: Elder) -> Iterable[Section]:
    periods = list(
        elder.class_periods.select_related("acknowledged_by", "override").prefetch_related(HOUSEHOLD)
    )
    yield Table(
        "类别的历史",
        heads=("类别", "起", "止", "为什么变", "系统判定", "依据", "资料截至", "镇里确认"),
        rows=[
            (
                class_badge(period.risk_class),
                link(period.starts_on, page_url(period)),
                period.ends_on or "—",
                cause_words(period, before),
                letter_words(period.computed_class),
                "、".join(period.codes),
                period.judged_on,
                period.acknowledged_by or "—",
            )
            for period, before in zip(periods, [*periods[1:], None], strict=False)
        ],
        empty="还没有类别。",
    )
    overrides = elder.overrides.select_related("proposed_by", "decided_by")
    if overrides:
        yield Table(
            "手工调整",
            heads=("调整为", "状态", "起", "止", "复核日期", "理由", "提出人", "批准人"),
            rows=[
                (
                    link(one.get_risk_class_display(), page_url(one)),
                    override_badge(one),
                    one.starts_on or "—",
                    one.ended_on or "—",
                    one.review_on,
                    one.reason,
                    one.proposed_by,
                    one.decided_by or "—",
                )
                for one in overrides
            ],
        )
