"""The registry's rows as the facts that the rules judge: whole households at a time, for any day."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from elders.models import Assessment, Elder, HouseholdMember, RegistrationForm, Residence
from elders.rules import ADULT_OLD, ADVANCED, FAMILY_PLANNING_AGE, Facts, Health
from visitcare.kit.identity import age_on, birthday

ADULT = 18
UNABLE_WORDS = ("失能", "失智", "残", "瘫", "卧床", "重病", "精神", "癌", "肿瘤")
"""Health of a family member that leaves them unable to look after an elder."""


@dataclass(slots=True)
class _Dated:
    """Values by the day from which they hold."""

    days: list[date] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, day: date, value: Any) -> None:
        at = bisect_right(self.days, day)
        self.days.insert(at, day)
        self.values.insert(at, value)

    def on(self, day: date) -> Any:
        at = bisect_right(self.days, day)
        return self.values[at - 1] if at else None


@dataclass(slots=True)
class _Person:
    id: UUID
    household: UUID
    birth_date: date
    closed_on: date | None
    former: list[tuple[date, UUID]] = field(default_factory=list)
    """The last days in other households, with these."""
    forms: _Dated = field(default_factory=_Dated)
    assessments: _Dated = field(default_factory=_Dated)

    def home(self, day: date) -> UUID:
        """The household on a day."""
        return next((household for last_day, household in self.former if day <= last_day), self.household)


@dataclass(frozen=True, slots=True)
class _Member:
    birth_date: date
    able: bool


def _member(birth_date: date, health: str) -> _Member:
    return _Member(birth_date, able=not any(word in health for word in UNABLE_WORDS))


_FORM_FIELDS = (
    "living",
    "spouse_location",
    "child_location",
    "able_adult_at_home",
    "dementia",
    "disability_grade",
    "serious_illness",
    "economy",
    "family_planning_special",
    "left_behind",
    "cares_for_dependent_child",
    "lives_with_dependent_child_long_term",
    "other",
)


class FactBook:
    """The facts of every elder of some households: approved forms and assessments, by day."""

    def __init__(self, households: Iterable[UUID]) -> None:
        self.households = set(households)
        self.people: dict[UUID, _Person] = {}
        self.dwellings: dict[UUID, list[_Person]] = defaultdict(list)
        self.members: dict[UUID, list[_Member]] = defaultdict(list)
        self.known: set[tuple[UUID, str | None]] = set()
        self._load_people(Elder.objects.filter(household__in=self.households))
        self._load_former()
        self._load_forms()
        self._load_members()

    def _load_people(self, elders: "QuerySet[Elder]") -> None:
        for pk, household, birth_date, closed_on, index in elders.filter(merged_into=None).values_list(
            "id", "household_id", "birth_date", "closed_on", "id_number_index"
        ):
            self.people[pk] = person = _Person(pk, household, birth_date, closed_on)
            self.dwellings[household].append(person)
            self.known.add((household, index))

    def _load_former(self) -> None:
        """Who has moved, from or to these households, and with whom they lived before."""
        former = Residence.objects.filter(ends_on__isnull=False).order_by()
        # Two questions, for each has an index; one with "or" reads all residences of the county.
        here = former.filter(household__in=self.households)
        there = former.filter(elder__household__in=self.households)
        left = set(here.union(there).values_list("household", flat=True))
        if not left:
            return
        self._load_people(Elder.objects.filter(household__in=left - self.households))
        lived_there = former.filter(household__in=left).exclude(elder__in=self.people)
        self._load_people(Elder.objects.filter(pk__in=list(lived_there.values_list("elder", flat=True))))
        stays = former.filter(elder__in=self.people).order_by("ends_on")
        for elder, household, last_day, index in stays.values_list(
            "elder", "household", "ends_on", "elder__id_number_index"
        ):
            assert last_day is not None  # the filter says so; the types cannot
            self.known.add((household, index))
            person = self.people[elder]
            person.former.append((last_day, household))
            if person not in self.dwellings[household]:
                self.dwellings[household].append(person)

    def _load_forms(self) -> None:
        approved = RegistrationForm.objects.filter(
            elder__in=self.people, state=RegistrationForm.State.APPROVED
        )
        for elder, day, *values in approved.values_list("elder_id", "registered_on", *_FORM_FIELDS):
            self.people[elder].forms.add(day, dict(zip(_FORM_FIELDS, values, strict=True)))
        assessments = Assessment.objects.filter(elder__in=self.people)
        for elder, day, level in assessments.values_list("elder_id", "assessed_on", "level"):
            self.people[elder].assessments.add(day, level)

    def _load_members(self) -> None:
        """Those who live here and are not its elders too, or were (by their ID number): nobody counts twice, and whoever
        has moved away is told of by their stay."""
        members = HouseholdMember.objects.filter(
            household__in=self.dwellings, lives_here=True, birth_date__isnull=False
        )
        for household, birth_date, health, index in members.values_list(
            "household_id", "birth_date", "health", "id_number_index"
        ):
            if index and (household, index) in self.known:
                continue
            assert birth_date is not None  # the filter says so; the types cannot
            self.members[household].append(_member(birth_date, health))

    def take_in(self, other: "FactBook") -> None:
        """The households of another book. Of what both know this one's word stands: it may suppose more."""
        # Of a dwelling that it knows through somebody who has moved a book does not know all elders, and so not which
        # members are elders too.
        new = (other.households - self.households) | (other.dwellings.keys() - self.dwellings.keys())
        self.members.update((home, other.members[home]) for home in new)
        for pk, person in other.people.items():
            self.people.setdefault(pk, person)
        for home, people in other.dwellings.items():
            here = {person.id for person in self.dwellings[home]}
            self.dwellings[home] += [self.people[one.id] for one in people if one.id not in here]
        self.households |= other.households
        self.known |= other.known

    def __iter__(self) -> Iterator[UUID]:
        """The elders of the households with an approved form whose record is open."""
        return (
            person.id
            for person in self.people.values()
            if person.household in self.households and person.forms.days and not person.closed_on
        )

    def suppose(self, form: RegistrationForm) -> None:
        """Take a form that nobody has approved yet as if it were."""
        said = {name: getattr(form, name) for name in _FORM_FIELDS}
        self.people[form.elder_id].forms.add(form.registered_on, said)

    def suppose_said(
        self,
        elder: UUID,
        household: UUID,
        *,
        birth_date: date,
        day: date,
        said: Mapping[str, Any],
        ability: str,
        members: Iterable[tuple[date, str]] = (),
    ) -> None:
        """Take for granted what a form says that nobody has approved yet: of somebody known or of somebody new.
        `members` are those of the family who live here, by birth date and health."""
        if elder not in self.people:
            self.people[elder] = _Person(elder, household, birth_date, None)
            self.dwellings[household].append(self.people[elder])
        self.people[elder].forms.add(day, {name: said.get(name) for name in _FORM_FIELDS})
        if ability:
            self.people[elder].assessments.add(day, ability)
        for member in members:
            self.suppose_member(household, *member)

    def suppose_member(self, household: UUID, birth_date: date, health: str) -> None:
        """Go on as if one of the family lived there."""
        self.members[household].append(_member(birth_date, health))

    def first_day(self, elder: UUID) -> date:
        """The day of the first approved form."""
        return self.people[elder].forms.days[0]

    def facts(self, elder: UUID, day: date) -> Facts:
        """What is known of an elder on a day."""
        person = self.people[elder]
        form = person.forms.on(day) or {}
        economy = form.get("economy")
        others = self._cohabitants(person, day)
        return Facts(
            as_of=day,
            birth_date=person.birth_date,
            living=form.get("living") or None,
            spouse_location=form.get("spouse_location") or None,
            child_location=form.get("child_location") or None,
            ability=person.assessments.on(day),
            dementia=form.get("dementia"),
            disability_grade=form.get("disability_grade"),
            serious_illness=form.get("serious_illness"),
            economy=None if economy is None else frozenset(economy),
            family_planning_special=form.get("family_planning_special"),
            left_behind=form.get("left_behind"),
            cares_for_dependent_child=form.get("cares_for_dependent_child"),
            lives_with_dependent_child_long_term=form.get("lives_with_dependent_child_long_term"),
            other=form.get("other"),
            able_adult_at_home=self._able_adult(person.home(day), day) or form.get("able_adult_at_home"),
            # Two elders are said to live here and the other one is not registered: unknown, not nobody.
            cohabiting_elders=None if not others and form.get("living") == "elders_only" else others,
        )

    def _cohabitants(self, person: _Person, day: date) -> tuple[Health, ...]:
        """The other elders ≥ 60 of the dwelling; a family member counts without facts of their own (domain.md §6)."""
        home = person.home(day)
        elders = (
            other
            for other in self.dwellings[home]
            if other.id != person.id
            and other.home(day) == home
            and other.forms.days
            and other.forms.days[0] <= day
            and not (other.closed_on and other.closed_on < day)
            and age_on(other.birth_date, day) >= ADULT_OLD
        )
        members = (m for m in self.members[home] if age_on(m.birth_date, day) >= ADULT_OLD)
        return (*(self._health(other, day) for other in elders), *(Health() for _ in members))

    def _health(self, person: _Person, day: date) -> Health:
        form = person.forms.on(day)
        return Health(
            person.assessments.on(day), form["dementia"], form["disability_grade"], form["serious_illness"]
        )

    def _able_adult(self, household: UUID, day: date) -> bool:
        return any(m.able and ADULT <= age_on(m.birth_date, day) < ADULT_OLD for m in self.members[household])

    def causes(self, elder: UUID, start: date, end: date) -> list[date]:
        """Days in [start, end] on which something in the dwelling may have changed the elder's class."""
        person = self.people[elder]
        days: set[date] = set()
        for other in self.dwellings[person.household]:
            days.update(other.forms.days, other.assessments.days)
            days.update(birthday(other.birth_date, age) for age in (ADULT_OLD, FAMILY_PLANNING_AGE, ADVANCED))
            if other.closed_on:
                days.add(other.closed_on + timedelta(days=1))
            days.update(last_day + timedelta(days=1) for last_day, _ in other.former)
        for member in self.members[person.household]:
            days.update(birthday(member.birth_date, age) for age in (ADULT, ADULT_OLD))
        return sorted(day for day in days if start <= day <= end)
