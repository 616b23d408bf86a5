"""Writing the registry: elders by the thousand, each class by the engine, each closing and pause by its action."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import TypeVar
from uuid import uuid5

from django.db.models import DateTimeField, Min, Model, OuterRef, Subquery
from django.db.models.functions import Cast

from elders.actions import acknowledge_classes, close_elder, pause_elder, reclassify, write_class_history
from elders.facts import FactBook
from elders.models import (
    ActivePeriod,
    Assessment,
    Assignment,
    AssistanceItem,
    CarePlan,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    Pause,
    RegistrationForm,
    Residence,
)
from elders.rules import classify
from visitcare.console.demo.chance import Chance
from visitcare.console.demo.households import Home, Person
from visitcare.console.demo.staff import Staff
from visitcare.org.models import User
from visitcare.policy.models import care_policy

BATCH = 1_000
SEEN_AFTER = timedelta(days=10)
"""The towns have looked at class changes older than this."""
M = TypeVar("M", bound=Model)


def write_registry(*, by: User, chance: Chance, staff: Staff, homes: list[Home], today: date) -> None:
    """Households, elders and forms at once, as the actions would have left them; then the classes."""
    people = [person for home in homes for person in home.people]
    approved = [person for person in people if person.is_approved]
    for home in homes:
        for person in home.people:
            _decide(chance, staff.heads[home.town.division.code], person)
    _create(Household, (home.household for home in homes))
    _create(Assignment, (home.named for home in homes if home.named))
    _create(HouseholdMember, (member for home in homes for member in home.members))
    _create(AssistanceItem, (item for home in homes for item in home.assistance))
    _create(Elder, (person.elder for person in people))
    _create(
        Residence,
        (
            Residence(id=uuid5(one.elder.pk, "home"), elder=one.elder, household_id=one.elder.household_id)
            for one in people
        ),
    )
    _create(RegistrationForm, (form for person in people for form in person.forms))
    _create(Assessment, (assessment for person in people for assessment in person.assessments))
    _create(Consent, (consent for person in people for consent in person.consents))
    _create(CarePlan, (plan for person in people for plan in person.plans))
    _create(Pause, (pause for person in people for pause in person.pauses if _is_over(pause, today)))
    _activate(chance, approved)
    write_class_history(by=by, elders=[person.elder.pk for person in approved])
    _backdate()


def _create(model: type[M], rows: Iterable[M]) -> None:
    model._default_manager.bulk_create(rows, batch_size=BATCH)


def _is_over(pause: Pause, today: date) -> bool:
    return pause.ends_on is not None and pause.ends_on < today


def _decide(chance: Chance, head: User, person: Person) -> None:
    """Approved, not yet active: whether somebody is in scope is for the engine to say."""
    person.elder.status = Elder.Status.APPROVED if person.is_approved else person.status
    for form in person.forms if person.is_approved else ():
        form.state = RegistrationForm.State.APPROVED
        form.decided_by = head
        form.decided_at = chance.moment(form.registered_on + timedelta(days=1), "08:30", "17:00")


def _activate(chance: Chance, approved: list[Person]) -> None:
    """As approve_form does: active from the day of the form if in scope then."""
    book = FactBook({person.elder.household_id for person in approved})
    policy_on = cache(care_policy)
    in_scope = [
        person
        for person in approved
        if classify(
            book.facts(person.elder.pk, person.registered_on), policy_on(person.registered_on)
        ).in_scope
    ]
    _create(
        ActivePeriod,
        (ActivePeriod(id=chance.uuid(), elder=one.elder, starts_on=one.registered_on) for one in in_scope),
    )
    Elder.objects.filter(pk__in=[one.elder.pk for one in in_scope]).update(status=Elder.Status.ACTIVE)


def _backdate() -> None:
    """The files were opened when the elders were registered, not when the demo was loaded."""
    forms = RegistrationForm.objects.order_by()
    for model, of_row in ((Elder, "elder"), (Household, "elder__household")):
        first = forms.filter(**{of_row: OuterRef("pk")}).values(of_row).annotate(day=Min("registered_on"))
        opened = Cast(Subquery(first.values("day")), DateTimeField())
        model._default_manager.update(created_at=opened)


def write_changes(*, by: User, staff: Staff, homes: list[Home], today: date) -> None:
    """Records closed and paused by their towns, class changes seen, and what follows for the coming Monday."""
    for home in homes:
        town = home.town.division.code
        for person in home.people:
            if person.closed_on:
                close_elder(
                    by=staff.heads[town],
                    elder=person.elder,
                    last_day=person.closed_on,
                    reason=person.close_reason,
                )
            for pause in person.pauses:
                if not _is_over(pause, today):
                    pause_elder(
                        by=staff.reviewers[town],
                        elder=person.elder,
                        starts_on=pause.starts_on,
                        ends_on=pause.ends_on,
                        reason=pause.reason,
                    )
    for town, head in staff.heads.items():
        seen = ClassPeriod.objects.filter(
            elder__household__place__code__startswith=town, starts_on__lt=today - SEEN_AFTER
        )
        acknowledge_classes(by=head, periods=list(seen.select_related("elder__household")))
    reclassify(by=by, on=today)
