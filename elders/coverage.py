"""Which households nobody goes to: their group has no grid worker, soon will have none, or its worker is away and
nobody stands in (domain.md §6)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from elders.models import Assignment, ClassPeriod, Consent, DaysOff, Elder, Household, StandIn
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
    owed = households.filter(_is_owed(day))
    served, later = _is_served(day), _is_served(day + AHEAD)
    conditions: dict[Why, Q] = {
        "vacant": ~served,
        "soon": served & ~later,
        "away": served & later & _is_left_alone(day),
    }
    if why:
        return owed.filter(conditions[why])
    return owed.filter(~served | ~later | conditions["away"])


def _is_owed(day: date) -> Q:
    """An elder on the books who has a class and did not refuse."""
    later = Consent.objects.filter(elder=OuterRef("elder"), since__gt=OuterRef("since"), since__lte=day)
    refused = Consent.objects.filter(
        ~Exists(later), elder=OuterRef("pk"), kind=Consent.Kind.REFUSED, since__lte=day
    )
    classed = ClassPeriod.objects.on(day).filter(elder=OuterRef("pk"))
    active = Elder.objects.filter(household=OuterRef("pk"), status=Elder.Status.ACTIVE)
    return Q(Exists(active.filter(Exists(classed), ~Exists(refused))))


def _is_served(day: date) -> Q:
    """Somebody is named for the household, or serves its group or village as a grid worker."""
    named = Assignment.objects.in_force(day).filter(household=OuterRef("pk"), worker__is_active=True)
    return Q(Exists(named)) | Q(Exists(_serving(day)))


def _serving(day: date) -> "QuerySet[Posting]":
    here = Q(place=OuterRef("place")) | Q(place=OuterRef("village_code"))
    return Posting.objects.in_force(day).filter(here, role=Role.GRID_WORKER, user__is_active=True)


def _is_left_alone(day: date) -> Q:
    """All who go to the household are away on some day to come, and nobody stands in for them then."""
    alone = Q(pk__in=[])
    for town, workers in _away_alone(day).items():
        named = Assignment.objects.in_force(day).filter(household=OuterRef("pk"))
        serving = _serving(day)
        by_name = Q(Exists(named.filter(worker__in=workers)))
        by_place = (
            ~Q(Exists(named))
            & Q(Exists(serving.filter(user__in=workers)))
            & ~Q(Exists(serving.exclude(user__in=workers)))
        )
        alone |= Q(place__code__startswith=town) & (by_name | by_place)
    return alone


def _away_alone(day: date) -> dict[str, set[UUID]]:
    """By town the workers of rounds who are away on a day until AHEAD on which nobody goes in their place: nobody was
    named, or whoever was is away too. There are few of them at a time."""
    window = [day + timedelta(days=n) for n in range(AHEAD.days + 1)]
    gone: dict[UUID, list[DaysOff]] = defaultdict(list)
    for away in DaysOff.objects.filter(kind=DaysOff.Kind.AWAY).during(window[0], window[-1]):
        gone[away.worker_id].append(away)
    standing: dict[tuple[UUID, str], list[StandIn]] = defaultdict(list)
    for one in StandIn.objects.filter(absent__in=gone, substitute__is_active=True).during(
        window[0], window[-1]
    ):
        standing[one.absent_id, one.town_id].append(one)

    def is_gone(worker: UUID, when: date) -> bool:
        return any(away.has(when) for away in gone.get(worker, ()))

    def goes_instead(worker: UUID, town: str, when: date) -> bool:
        return any(
            one.has(when) and not is_gone(one.substitute_id, when) for one in standing.get((worker, town), ())
        )

    found: dict[str, set[UUID]] = defaultdict(set)
    served = Posting.objects.in_force(day).filter(user__in=gone, role__in=ROUND_ROLES)
    for worker, place in served.values_list("user", "place"):
        town = place[:9]
        if any(is_gone(worker, when) and not goes_instead(worker, town, when) for when in window):
            found[town].add(worker)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Gap:
    """The households of one group that nobody goes to for one reason."""

    place: str
    households: int
    words: str


def gaps_of(user: User) -> list[Gap]:
    """What a cadre is told on the phone, group by group; nothing to who does not arrange rounds."""
    if not user.may(Right.ARRANGE_ROUNDS):
        return []
    households = Household.objects.visible_to(user)
    return [
        Gap(name, count, words)
        for why, words in WHY_WORDS.items()
        for _, name, count in uncovered(households, why)
        .order_by("place")
        .values_list("place", "place__name")
        .annotate(Count("pk"))
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
