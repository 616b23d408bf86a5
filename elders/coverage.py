"""Which households nobody goes to: their group has no grid worker, soon will have none, or its worker is away and
nobody stands in (domain.md §6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from elders.models import Assignment, ClassPeriod, Consent, DaysOff, Elder, Household, StandIn
from visitcare.kit.arrays import array_of
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
    return owed.filter(reasons[why] if why else reasons["vacant"] | reasons["soon"] | reasons["away"])


def _reasons(day: date) -> dict[Why, Q]:
    """Of households: one of them at a time holds."""
    served, later = _is_served(day), _is_served(day + AHEAD)
    return {
        "vacant": ~served,
        "soon": served & ~later,
        "away": served & later & _is_left_alone(day),
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


def _is_served(day: date) -> Q:
    """Somebody is named for the household, or serves its group or village as a grid worker."""
    named = Assignment.objects.served(day).filter(household=OuterRef("pk"))
    return Q(Exists(named)) | Q(Exists(_serving(day)))


def _serving(day: date) -> "QuerySet[Posting]":
    here = Q(place=OuterRef("place")) | Q(place=OuterRef("village_code"))
    return Posting.objects.in_force(day).filter(here, role=Role.GRID_WORKER, user__is_active=True)


def _is_left_alone(day: date) -> Q:
    """All who go to the household are away on some day to come, and nobody stands in for them then."""
    alone = Q(pk__in=[])
    for town, workers in _away_alone(day).items():
        named = Assignment.objects.served(day).filter(household=OuterRef("pk"))
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
    named, or whoever was is away too. There are few of them at a time; one statement."""
    window = [day + timedelta(days=n) for n in range(AHEAD.days + 1)]
    first, last = window[0], window[-1]
    rounds = Posting.objects.in_force(day).filter(user=OuterRef("worker"), role__in=ROUND_ROLES)
    named = StandIn.objects.filter(absent=OuterRef("worker"), substitute__is_active=True).during(first, last)
    gone: dict[UUID, list[Any]] = defaultdict(list)
    for away in (
        DaysOff.objects.filter(kind=DaysOff.Kind.AWAY)
        .during(first, last)
        .annotate(places=ArraySubquery(rounds.values("place")))
        .annotate(named=array_of(named, "substitute", "town", "starts_on", "ends_on"))
    ):
        gone[away.worker_id].append(away)

    def is_gone(worker: UUID, when: date) -> bool:
        return any(away.has(when) for away in gone.get(worker, ()))

    def goes_instead(named: Iterable[Mapping[str, str]], town: str, when: date) -> bool:
        return any(
            one["town"] == town
            and one["starts_on"] <= when.isoformat() <= one["ends_on"]
            and not is_gone(UUID(one["substitute"]), when)
            for one in named
        )

    found: dict[str, set[UUID]] = defaultdict(set)
    for worker, (away, *_) in gone.items():
        for town in {place[:9] for place in away.places}:
            if any(is_gone(worker, when) and not goes_instead(away.named, town, when) for when in window):
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
