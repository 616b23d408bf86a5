"""The registry's rows as the facts that the rules judge: whole households at a time, for any day."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from elders.models import Assessment, Elder, HouseholdMember, RegistrationForm
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
    forms: _Dated = field(default_factory=_Dated)
    assessments: _Dated = field(default_factory=_Dated)


@dataclass(frozen=True, slots=True)
class _Member:
    birth_date: date
    able: bool


def _is_able(health: str) -> bool:
    return not any(word in health for word in UNABLE_WORDS)


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
        households = list(households)
        self.people: dict[UUID, _Person] = {}
        self.dwellings: dict[UUID, list[_Person]] = defaultdict(list)
        self.members: dict[UUID, list[_Member]] = defaultdict(list)
        known: set[tuple[UUID, str | None]] = set()
        elders = Elder.objects.filter(household__in=households, merged_into=None)
        for pk, household, birth_date, closed_on, index in elders.values_list(
            "id", "household_id", "birth_date", "closed_on", "id_number_index"
        ):
            person = _Person(pk, household, birth_date, closed_on)
            self.people[pk] = person
            self.dwellings[household].append(person)
            known.add((household, index))
        self._load_forms()
        self._load_members(households, known)

    def _load_forms(self) -> None:
        approved = RegistrationForm.objects.filter(
            elder__in=self.people, state=RegistrationForm.State.APPROVED
        )
        for elder, day, *values in approved.values_list("elder_id", "registered_on", *_FORM_FIELDS):
            self.people[elder].forms.add(day, dict(zip(_FORM_FIELDS, values, strict=True)))
        assessments = Assessment.objects.filter(elder__in=self.people)
        for elder, day, level in assessments.values_list("elder_id", "assessed_on", "level"):
            self.people[elder].assessments.add(day, level)

    def _load_members(self, households: list[UUID], known: set[tuple[UUID, str | None]]) -> None:
        """Those who live here and are not its elders too (`known`, by their ID number): nobody counts twice."""
        members = HouseholdMember.objects.filter(
            household__in=households, lives_here=True, birth_date__isnull=False
        )
        for household, birth_date, health, index in members.values_list(
            "household_id", "birth_date", "health", "id_number_index"
        ):
            if index and (household, index) in known:
                continue
            assert birth_date is not None  # the filter says so; the types cannot
            self.members[household].append(_Member(birth_date, _is_able(health)))

    def take_in(self, other: "FactBook") -> None:
        """The households of another book, which this one does not have."""
        self.people |= other.people
        self.dwellings.update(other.dwellings)
        self.members.update(other.members)

    def suppose(
        self,
        elder: UUID,
        household: UUID,
        birth_date: date,
        day: date,
        facts: Mapping[str, Any],
        ability: str,
    ) -> None:
        """Go on as if a form of this day were approved, of somebody known or new."""
        if elder not in self.people:
            self.people[elder] = _Person(elder, household, birth_date, None)
            self.dwellings[household].append(self.people[elder])
        person = self.people[elder]
        person.forms.add(day, {name: facts.get(name) for name in _FORM_FIELDS})
        if ability:
            person.assessments.add(day, ability)

    def suppose_member(self, household: UUID, birth_date: date, health: str) -> None:
        """Go on as if somebody lived there."""
        self.members[household].append(_Member(birth_date, _is_able(health)))

    def __iter__(self) -> Iterator[UUID]:
        """The elders with an approved form whose record is open."""
        return (person.id for person in self.people.values() if person.forms.days and not person.closed_on)

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
            able_adult_at_home=self._able_adult(person.household, day) or form.get("able_adult_at_home"),
            # Two elders are said to live here and the other one is not registered: unknown, not nobody.
            cohabiting_elders=None if not others and form.get("living") == "elders_only" else others,
        )

    def _cohabitants(self, person: _Person, day: date) -> tuple[Health, ...]:
        """The other elders ≥ 60 of the dwelling; a family member counts without facts of their own (domain.md §6)."""
        elders = (
            other
            for other in self.dwellings[person.household]
            if other.id != person.id
            and other.forms.days
            and other.forms.days[0] <= day
            and not (other.closed_on and other.closed_on < day)
            and age_on(other.birth_date, day) >= ADULT_OLD
        )
        members = (m for m in self.members[person.household] if age_on(m.birth_date, day) >= ADULT_OLD)
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
        for member in self.members[person.household]:
            days.update(birthday(member.birth_date, age) for age in (ADULT, ADULT_OLD))
        return sorted(day for day in days if start <= day <= end)
