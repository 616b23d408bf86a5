"""What a round of 排摸 counts and shows: by village for the town, by household for whoever looks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from elders.models import Elder, HouseholdMember, ScreenedPerson, ScreeningRound
from elders.models.screening import to_register
from visitcare.kit.identity import age_on
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import today
from visitcare.org.models import Division, User
from visitcare.org.roles import Right

AGE = 60
"""From this age on a person is looked at (domain.md §6)."""
ANNOUNCED = (60, 80)
"""The birthdays that change what a person may be, and are told beforehand."""
AHEAD = timedelta(days=90)
TOWN_DIGITS = 9
COUNTED = ("total", "looked", "changed", "missing", "gone", "turning")

Result = ScreenedPerson.Result


# Birthdays


def birthday_soon(born: date | None, day: date) -> int | None:
    """60 or 80 if the person reaches that age within 90 days from tomorrow on, else None."""
    if born is None:
        return None
    return next((age for age in ANNOUNCED if age_on(born, day) < age <= age_on(born, day + AHEAD)), None)


def turning(age: int, day: date) -> Q:
    """The same, of rows: those who reach this age within 90 days."""
    return Q(birth_date__gt=years_before(day, age), birth_date__lte=years_before(day + AHEAD, age))


def years_before(day: date, years: int) -> date:
    """The last birth date that makes a person this old on a day. Born on 29 February is a year older on 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February of a year that has none then
        return date(day.year - years, 2, 28)


# For the town


@dataclass(frozen=True, slots=True)
class VillageStand:
    """How far one village is: people on the list, and of them what was found."""

    code: str
    name: str
    total: int
    looked: int
    changed: int
    missing: int
    gone: int
    to_register: int
    turning: int

    @property
    def waiting(self) -> int:
        return self.total - self.looked


def stands(rounds: ScreeningRound, day: date) -> list[VillageStand]:
    """Every village of the round's town in the order of the codes, also one with nobody on its list."""
    soon = turning(60, day) | turning(80, day)
    people = ScreenedPerson.objects.filter(round=rounds).order_by()
    counts = people.values("village_code").annotate(
        total=Count("pk"),
        looked=Count("pk", filter=~Q(result=Result.WAITING)),
        changed=Count("pk", filter=Q(result=Result.CHANGED)),
        missing=Count("pk", filter=Q(result=Result.MISSING)),
        gone=Count("pk", filter=Q(result__in=[Result.MOVED, Result.DIED])),
        turning=Count("pk", filter=soon),
    )
    rows = counts.values_list("village_code", *COUNTED)
    unregistered = dict(
        people.filter(to_register())
        .values("village_code")
        .annotate(n=Count("pk"))
        .values_list("village_code", "n")
    )
    found = {code: dict(zip(COUNTED, numbers, strict=True)) for code, *numbers in rows}
    villages = Division.objects.at(Division.Level.VILLAGE).filter(code__startswith=rounds.town_id)
    nothing = dict.fromkeys(COUNTED, 0)
    return [
        VillageStand(code, name, to_register=unregistered.get(code, 0), **found.get(code, nothing))
        for code, name in villages.filter(Q(active=True) | Q(code__in=found)).values_list("code", "name")
    ]


def of_unknown_age(rounds: ScreeningRound) -> "QuerySet[HouseholdMember]":
    """The family members of the town of whom nobody knows how old they are: they may belong on the list."""
    elders = Elder.objects.filter(household=OuterRef("household"), name=OuterRef("name"))
    members = HouseholdMember.objects.exclude(lives_here=False).filter(
        ~Exists(elders), birth_date=None, household__place__code__startswith=rounds.town_id
    )
    return members.select_related("household__place").order_by("household__place", "household", "pk")


def waiting_in_open_rounds(user: User) -> "QuerySet[ScreenedPerson]":
    """Whom nobody has looked at yet, within what a person sees."""
    return ScreenedPerson.objects.visible_to(user).filter(round__closed_on=None).waiting()


def behind_words(user: User, day: date) -> str:
    """As in "3 个村没做完，其中 1 个村超期"; "" where every village is done."""
    waiting = waiting_in_open_rounds(user).order_by()
    counts = waiting.aggregate(
        behind=Count("village_code", distinct=True),
        overdue=Count("village_code", distinct=True, filter=Q(round__due_on__lt=day)),
    )
    if not counts["behind"]:
        return ""
    late = f"，其中 {counts['overdue']} 个村超期" if counts["overdue"] else ""
    return f"{counts['behind']} 个村没做完{late}"


# For whoever looks


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a person's own round stands: for the first page."""

    name: str
    left: int


def places_of(user: User) -> Q:
    """Of rows with a `place`: the places in which the person screens."""
    return in_areas("place__code", user.areas_with(Right.SCREEN))


def own_people(user: User) -> "QuerySet[ScreenedPerson]":
    """Everybody on the lists of open rounds whom this person is to look at."""
    return ScreenedPerson.objects.filter(places_of(user), round__closed_on=None)


def open_rounds(user: User) -> "QuerySet[ScreeningRound]":
    """The open rounds of the towns in which the person screens, the first due first."""
    towns = {area[:TOWN_DIGITS] for area in user.areas_with(Right.SCREEN)}
    return ScreeningRound.objects.open().filter(town__in=towns).order_by("due_on", "town")


def open_rounds_with_left(user: User) -> "QuerySet[Any]":
    """The same rounds with how many of the person's own are `left`."""
    own = in_areas("people__place__code", user.areas_with(Right.SCREEN))
    return open_rounds(user).annotate(left=Count("people", filter=own & Q(people__result=Result.WAITING)))


def stand_of(rounds: Sequence[Mapping[str, Any]]) -> Stand | None:
    """The round that is due first, with how many are left in all of them."""
    if not rounds:
        return None
    return Stand(rounds[0]["name"], sum(one["left"] for one in rounds))


@dataclass(slots=True)
class Home:
    """The people of one household, or one who was newly met."""

    place_code: str
    place_words: str
    address: str
    people: list[ScreenedPerson] = field(default_factory=list)


def homes(people: "QuerySet[ScreenedPerson]") -> list[Home]:
    """People by group and household; one query. Each carries `age` and `soon`, the birthday that is near."""
    day = today()
    ordered = people.select_related("place", "looked_by").order_by(
        "place", F("household__number").asc(nulls_last=True), "household", "birth_year", "pk"
    )
    found = []
    for _, rows in groupby(ordered, key=lambda one: (one.place_id, one.household_id or one.pk)):
        members: list[Any] = list(rows)
        for one in members:
            one.age = age_on(one.birth_date, day) if one.birth_date else day.year - one.birth_year
            one.soon = birthday_soon(one.birth_date, day)
        first = members[0]
        found.append(Home(first.place_id, first.place.name, first.address, members))
    return found


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the village to choose: how many are on the list, how many are left."""

    code: str
    words: str
    total: int
    left: int


def groups(all_homes: Sequence[Home]) -> list[Group]:
    return [
        Group(code, here[0].place_words, total, left)
        for code, here in (
            (code, list(rows)) for code, rows in groupby(all_homes, key=lambda home: home.place_code)
        )
        for total, left in [(len(_people(here)), sum(one.result == Result.WAITING for one in _people(here)))]
    ]


def _people(some: Iterable[Home]) -> list[ScreenedPerson]:
    return [one for home in some for one in home.people]
