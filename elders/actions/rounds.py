"""The days on which workers do not go, and who goes to their rounds instead."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from elders.models import WEEKDAY_WORDS, Assignment, DaysOff, StandIn, in_days
from visitcare.audit.actions import record
from visitcare.kit.refusals import refused_in_words
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed, require
from visitcare.org.models import Division, User
from visitcare.org.roles import FIELD_ROLES, ROUND_ROLES, Right

DAY = timedelta(days=1)
DAYS_OVERLAP = {"days_off_once_at_a_time": "这段时间里已经登记过不在的日子。请先取消那一条，再登记。"}
STAND_INS_OVERLAP = {"one_stand_in_at_a_time": "这段时间里已经有人代班了。请换个时间，或者先结束原来的代班。"}


def may_arrange(by: User, worker: User) -> bool:
    """Whether somebody arranges the rounds of a place in which the worker serves, or will serve."""
    going_on = worker.postings.filter(Q(ends_on=None) | Q(ends_on__gte=today()), role__in=FIELD_ROLES)
    return any(by.may(Right.ARRANGE_ROUNDS, place) for place in going_on.values_list("place", flat=True))


def _require_own_or_arranged(by: User, worker: User) -> None:
    if by != worker and not may_arrange(by, worker):
        raise NotAllowed("只有本人、本村的村干部和镇里可以登记。")


def say_weekdays_off(*, by: User, worker: User, weekdays: Collection[int]) -> DaysOff | None:
    """Which weekdays (0 = Monday) never suit a worker, in place of what was said before. From next Monday on: the week
    in progress stays as it is. Of two at once the second waits, and finds what the first has said."""
    _require_own_or_arranged(by, worker)
    off = sorted(set(weekdays))
    if len(off) == len(WEEKDAY_WORDS):
        raise ValueError("七天都不方便，就没法安排探访了。至少留一天；一段时间不在的，请登记日期。")
    monday = next_monday(today())
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=worker.pk)
        said = DaysOff.objects.filter(worker=worker, kind=DaysOff.Kind.WEEKLY)
        latest = said.filter(Q(ends_on=None) | Q(ends_on__gte=monday)).order_by("-starts_on").first()
        if (latest.weekdays if latest else []) == off:
            return latest
        said.filter(starts_on__gte=monday).delete()
        said.filter(Q(ends_on=None) | Q(ends_on__gte=monday)).update(ends_on=monday - DAY)
        made = None
        if off:
            made = DaysOff.objects.create(
                worker=worker, kind=DaysOff.Kind.WEEKLY, weekdays=off, starts_on=monday
            )
        words = "、".join(WEEKDAY_WORDS[day] for day in off)
        record(
            by=by,
            verb="say_weekdays_off",
            words=f"{worker.name}自 {monday} 起每周{f'{words}不方便探访' if off else '哪天都方便'}",
            about=worker,
        )
        return made


def say_away(*, by: User, worker: User, starts_on: date, ends_on: date) -> DaysOff:
    """A worker is away from one day to another."""
    _require_own_or_arranged(by, worker)
    if ends_on < starts_on:
        raise ValueError(f"最后一天（{ends_on}）早于第一天（{starts_on}）。请改日期。")
    if ends_on < today():
        raise ValueError(f"{ends_on} 已经过去了。只登记今天和以后的日子。")
    with refused_in_words(DAYS_OVERLAP):
        made = DaysOff.objects.create(
            worker=worker, kind=DaysOff.Kind.AWAY, starts_on=starts_on, ends_on=ends_on
        )
        record(by=by, verb="say_away", words=f"{worker.name}{made}", about=worker)
    return made


def take_back_away(*, by: User, away: DaysOff) -> None:
    """Somebody is back earlier, or stays after all: what has not come yet is struck off."""
    _require_own_or_arranged(by, away.worker)
    if away.kind != DaysOff.Kind.AWAY or away.ends_on is None or away.ends_on < today():
        raise ValueError("这一条已经过去了，不用取消。")
    with transaction.atomic():
        if away.starts_on >= today():
            away.delete()
        else:
            away.ends_on = today() - DAY
            away.save(update_fields=["ends_on"])
        record(
            by=by,
            verb="take_back_away",
            words=f"取消{away.worker.name}自 {max(away.starts_on, today())} 起不在的日子",
            about=away.worker,
        )


def arrange_stand_in(
    *, by: User, absent: User, substitute: User, town: Division, starts_on: date, ends_on: date, reason: str
) -> StandIn:
    """Somebody who serves in the town goes to a worker's round there from one day to another. Who arranges it must keep
    all of it: a cadre does not give away the households of the next village, nor such as the worker gets there later."""
    if absent == substitute:
        raise ValueError("代班的要是另一个人。")
    if not reason.strip():
        raise ValueError("请写代班的原因。")
    if ends_on < starts_on:
        raise ValueError(f"最后一天（{ends_on}）早于第一天（{starts_on}）。请改日期。")
    if starts_on < today():
        raise ValueError(f"第一天（{starts_on}）已经过去了。代班从今天或以后开始。")
    places = _round(absent, town, starts_on, ends_on)
    if not places:
        raise ValueError(f"{absent.name}这段时间在{town.name}没有自己负责的组，不用代班。")
    _require_all(by, places)
    served = substitute.postings.in_force(starts_on).filter(
        role__in=FIELD_ROLES, place__code__startswith=town.code
    )
    if not (substitute.is_active and served.exists()):
        raise ValueError(f"{substitute.name}那天在{town.name}没有探访的任职，不能代班。请先登记任职。")
    with refused_in_words(STAND_INS_OVERLAP):
        made = StandIn.objects.create(
            absent=absent,
            substitute=substitute,
            town=town,
            handed_over=_arranged_in(by, town),
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason.strip(),
        )
        record(by=by, verb="arrange_stand_in", words=str(made), reason=made.reason, about=made, where=town)
    return made


def end_stand_in(*, by: User, stand_in: StandIn) -> None:
    """From tomorrow on nobody stands in; one that has not begun is struck off."""
    if stand_in.ends_on <= today():
        raise ValueError("这次代班已经到期了，不用结束。")
    places = _round(stand_in.absent, stand_in.town, stand_in.starts_on, stand_in.ends_on)
    _require_all(by, [place for place in places if stand_in.covers(place)] or stand_in.handed_over)
    with transaction.atomic():
        record(
            by=by,
            verb="end_stand_in",
            words=f"结束{stand_in.substitute.name}代{stand_in.absent.name}的班",
            about=stand_in,
            where=stand_in.town,
        )
        if stand_in.starts_on > today():
            stand_in.delete()
        else:
            stand_in.ends_on = today()
            stand_in.save(update_fields=["ends_on"])


def _round(absent: User, town: Division, first: date, last: date) -> list[str]:
    """The places in a town to which a worker goes on some days."""
    within = in_days(first, last)
    postings = absent.postings.filter(within, role__in=ROUND_ROLES, place__code__startswith=town.code)
    named = Assignment.objects.filter(within, worker=absent, household__place__code__startswith=town.code)
    return [*postings.values_list("place", flat=True), *named.values_list("household__place", flat=True)]


def _require_all(by: User, places: Iterable[str]) -> None:
    for place in places:
        require(by, Right.ARRANGE_ROUNDS, place)


def _arranged_in(by: User, town: Division) -> list[str]:
    """Where in a town somebody arranges rounds: all of it, or some villages."""
    areas = by.areas_with(Right.ARRANGE_ROUNDS)
    if any(town.code.startswith(area) for area in areas):
        return [town.code]
    return sorted(area for area in areas if area.startswith(town.code))
