"""Birthdays that the rules look at, announced before they come (domain.md §1: 80 for A1 and B1, 70 for families with the
certificate, 60 for being in scope at all)."""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import ExtractDay, ExtractMonth

from elders.facts import FactBook
from elders.models import Elder, RegistrationForm
from elders.rules import ADULT_OLD, ADVANCED, FAMILY_PLANNING_AGE, Verdict, classify
from visitcare.kit.identity import birthday, born_to_turn
from visitcare.kit.weeks import next_monday, today
from visitcare.policy.models import care_policy

DAYS_AHEAD = 30
LEAP_DAY = 229
AGES = (ADVANCED, FAMILY_PLANNING_AGE, ADULT_OLD)

Elders = TypeVar("Elders", bound="QuerySet[Elder]")


def window() -> tuple[date, date]:
    """The days that are announced: from tomorrow on."""
    return today() + timedelta(days=1), today() + timedelta(days=DAYS_AHEAD)


def soon_to_turn(elders: Elders, years: int) -> Elders:
    """Those on the books who turn that many years old within the window, as far as the rules ask for it."""
    first, last = born_to_turn(years, *window())
    found = elders.filter(status__in=Elder.REGISTERED, birth_date__gte=first, birth_date__lte=last)
    if years != FAMILY_PLANNING_AGE:
        return found
    newest = RegistrationForm.objects.filter(elder=OuterRef("pk"), state=RegistrationForm.State.APPROVED)
    certified = Subquery(newest.order_by("-registered_on").values("family_planning_special")[:1])
    return found.annotate(certified=certified).filter(certified=True)


def with_birthday(elders: Elders) -> Elders:
    """Those on the books whose birthday, whichever it is, lies within the window; of 29 February, on 1 March."""
    first, last = window()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    wanted = {day.month * 100 + day.day for day in days}
    if any((day.month, day.day) == (3, 1) and not isleap(day.year) for day in days):
        wanted.add(LEAP_DAY)
    month_and_day = ExtractMonth("birth_date") * 100 + ExtractDay("birth_date")
    return (
        elders.filter(status__in=Elder.REGISTERED)
        .annotate(celebrates=month_and_day)
        .filter(celebrates__in=wanted)
    )


@dataclass(frozen=True, slots=True)
class Birthday:
    """A birthday to come and what the engine says from the Monday after it, on what is known today."""

    day: date
    years: int
    monday: date
    before: Verdict
    after: Verdict

    @property
    def changes(self) -> bool:
        return (self.before.risk_class, self.before.codes) != (self.after.risk_class, self.after.codes)


def birthdays_of(elder: Elder) -> Iterator[Birthday]:
    """The announced birthdays of one elder: the 80th always, the others where something changes."""
    first, last = window()
    days = [(birthday(elder.birth_date, years), years) for years in AGES]
    coming = [(day, years) for day, years in days if first <= day <= last]
    if elder.status not in Elder.REGISTERED or not coming:
        return
    book = FactBook([elder.household_id])
    for day, years in coming:
        monday = next_monday(day)
        before = classify(book.facts(elder.pk, day - timedelta(days=1)), care_policy(monday))
        after = classify(book.facts(elder.pk, day), care_policy(monday))
        found = Birthday(day, years, monday, before, after)
        if found.changes or years == ADVANCED:
            yield found
