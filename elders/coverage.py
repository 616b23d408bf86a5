"""Which households nobody goes to: their group has no grid worker, soon will have none, or its worker is away and
nobody stands in (domain.md §6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Left

from elders.models import (
    Assignment,
    ClassPeriod,
    Consent,
    DaysOff,
    Elder,
    Household,
    StandIn,
    serving_there,
)
from elders.models.rounds import TOWN_DIGITS, VILLAGE_DIGITS
from visitcare.kit.ranges import Days, all_days, own_days
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import today
from visitcare.org.models import Posting, User
from visitcare.org.roles import FIELD_ROLES, ROUND_ROLES, Right, Role

AHEAD = timedelta(days=14)
"""How long before it happens it is shown."""
Why = Literal["vacant", "soon", "away"]
WHY_WORDS: dict[Why, str] = {
    "vacant": "现在没有网格员",
    "soon": f"{AHEAD.days} 天内没有网格员",
    "away": "网格员不在，没人代班",
}


def uncovered(households: "QuerySet[Household]", why: Why | None = None) -> "QuerySet[Household]":
    """Those with elders who are owed visits to whom nobody goes, for one of the reasons or for any."""
    day = today()
    owed, reasons = households.filter(_is_owed(day)), _reasons(day)
    return owed.filter(reasons[why] if why else ~_gone_to().hold(day, day + AHEAD))


def _reasons(day: date) -> dict[Why, Q]:
    """Of households: at most one of them holds."""
    last = day + AHEAD
    now, always = _served().hold(day, day), _served().hold(day, last)
    return {
        "vacant": ~now,
        "soon": now & ~always,
        "away": always & ~_gone_to().hold(day, last),
    }


def _is_owed(day: date) -> Q:
    """An elder on the books who has a class and did not refuse."""
    later = Consent.objects.filter(elder=OuterRef("elder"), since__gt=OuterRef("since"), since__lte=day)
    refused = Consent.objects.filter(
        ~Exists(later), elder=OuterRef("pk"), kind=Consent.Kind.REFUSED, since__lte=day
    )
    classed = ClassPeriod.objects.on(day).filter(elder=OuterRef("pk"))
    active = Elder.objects.filter(household=OuterRef("pk"), status=Elder.Status.ACTIVE)
    return Q(Exists(active.filter(Exists(classed), ~Exists(refused))))


# On which days somebody goes to a household: each an expression over the dates of postings, assignments, days off and
# stand-ins, so that no day is overlooked.


def _served() -> Days:
    """Somebody is named for it, or serves its group or village as a grid worker."""
    return all_days(_named(), _serves_by_name()) + all_days(_grid_workers())


def _gone_to() -> Days:
    """Whoever serves it is there, or somebody stands in. While one is named, none of the group goes."""
    by_name = all_days(_named(), _goes(_serves_by_name(), "worker", "household__place"))
    by_place = all_days(_grid_workers(), _goes(own_days(), "user", "place"))
    return by_name + (by_place - all_days(_named(), _serves_by_name()))


def _named() -> "QuerySet[Assignment]":
    return Assignment.objects.filter(household=OuterRef("pk"))


def _serves_by_name() -> Days:
    return own_days() * all_days(serving_there("worker", "household__place"))


def _grid_workers() -> "QuerySet[Posting]":
    here = Q(place=OuterRef("place")) | Q(place=OuterRef("village_code"))
    return Posting.objects.filter(here, role=Role.GRID_WORKER, user__is_active=True)


def _goes(served: Days, worker: str, place: str) -> Days:
    """Of the days on which a worker serves a place: they are there, or somebody stands in."""
    return (served - _away(worker)) + served * _stood_in(worker, place)


def _stood_in(worker: str, place: str) -> Days:
    """Whoever stands in for the worker there serves in the town themselves, and is not away."""
    around = [Left(OuterRef(place), digits) for digits in (TOWN_DIGITS, VILLAGE_DIGITS)]
    rows = StandIn.objects.filter(absent=OuterRef(worker), town=around[0], handed_over__overlap=around)
    serves = own_days() * all_days(serving_there("substitute", "town"))
    return all_days(rows, serves - _away("substitute"))


def _away(worker: str) -> Days:
    return all_days(DaysOff.objects.filter(kind=DaysOff.Kind.AWAY, worker=OuterRef(worker)))


@dataclass(frozen=True, slots=True)
class Gap:
    """The households of one group that nobody goes to for one reason."""

    place: str
    households: int
    words: str


def gaps_of(user: User) -> list[Gap]:
    """What a cadre is told on the phone, group by group; nothing to who does not arrange rounds."""
    return gaps_from(gaps_within(user)) if user.may(Right.ARRANGE_ROUNDS) else []


def gaps_within(user: User) -> "QuerySet[Any, Any]":
    """A cadre's households counted by group and by `why` nobody goes to them, if so: `place__name` and `households`."""
    day = today()
    whens = [When(holds, then=Value(why)) for why, holds in _reasons(day).items()]
    return (
        Household.objects.visible_to(user)
        .filter(_is_owed(day))
        .annotate(why=Case(*whens, output_field=CharField()))
        .order_by("place")
        .values("place", "place__name", "why")
        .annotate(households=Count("pk"))
    )


def gaps_from(rows: Iterable[Mapping[str, Any]]) -> list[Gap]:
    """Those that are counted for a reason, in the order of `WHY_WORDS`."""
    counted = list(rows)
    return [
        Gap(row["place__name"], row["households"], words)
        for why, words in WHY_WORDS.items()
        for row in counted
        if row["why"] == why
    ]


def workers_to_arrange(user: User) -> "QuerySet[Any]":
    """The people with rounds in the places whose rounds this person arranges."""
    return _people(user, ROUND_ROLES)


def substitutes_of(user: User) -> "QuerySet[Any]":
    """Who can stand in there: whoever visits in these places."""
    return _people(user, FIELD_ROLES)


def _people(user: User, roles: Iterable[str]) -> "QuerySet[Any]":
    areas = user.areas_with(Right.ARRANGE_ROUNDS)
    going_on = Q(ends_on=None) | Q(ends_on__gte=today())
    serving = Posting.objects.filter(in_areas("place__code", areas), going_on, role__in=roles)
    return User.objects.filter(pk__in=serving.values("user"), is_active=True).order_by("name", "pk")
