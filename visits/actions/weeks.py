"""Opening a week: obligations frozen, plan written (domain.md §2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from elders.models import ClassPeriod, Consent, Move
from visitcare.audit.actions import record
from visitcare.kit.copying import copy_rows
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visitcare.policy.models import care_policy
from visitcare.policy.rules import CarePolicy
from visits.actions.planning import plan_rows
from visits.models import Obligation, OpenedWeek, PlannedVisit
from visits.models.villages import VILLAGE_DIGITS
from visits.rules import Due, duty


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening wrote; both zero when the week was open already."""

    obligations: int
    planned: int


class Owed(NamedTuple):
    """What one elder is owed in a week, from which class and consent, and where they live."""

    elder: UUID
    household: UUID
    place: str
    risk_class: str
    consent: str
    due: Due


def open_week(*, by: User, week: Week) -> Opened:
    """Freeze the obligations of a week from the classes in force on its Monday, and write its plan.

    Until the Monday begins a re-run adds what is missing; from then on an opened week is never touched. A past week
    that was never opened is opened from the classes of its Monday.
    """
    with transaction.atomic():
        _, is_new = OpenedWeek.objects.select_for_update().get_or_create(
            monday=week.monday, defaults={"opened_at": timezone.now()}
        )
        if not is_new and today() >= week.monday:
            return Opened(0, 0)
        policy = care_policy(week.monday)
        owing = list(owed(week.monday, policy))
        known = set(Obligation.objects.filter(monday=week.monday).values_list("elder", flat=True))
        fresh = [one for one in owing if one.elder not in known]
        obligations = copy_rows(
            Obligation,
            (
                "elder",
                "monday",
                "risk_class",
                "home_required",
                "greeting_required",
                "consent",
                "policy_version",
                "surplus_covers",
                "village_code",
            ),
            (
                (
                    one.elder,
                    week.monday,
                    one.risk_class,
                    *one.due,
                    one.consent,
                    policy.effective_from,
                    policy.surplus_home_covers_phone,
                    one.place[:VILLAGE_DIGITS],
                )
                for one in fresh
            ),
        )
        planned = copy_rows(
            PlannedVisit,
            ("elder", "monday", "day", "mode", "village_code"),
            plan_rows(week, owing, {one.elder for one in fresh}),
        )
        if obligations:
            record(
                by=by,
                verb="open_week",
                words=f"打开 {week.label} 周：{obligations} 人有任务，计划 {planned} 次探访",
                data={"week": week.label},
            )
    return Opened(obligations, planned)


def owed(monday: date, policy: CarePolicy, *, place: str = "") -> Iterator[Owed]:
    """Who is owed what in the week of a Monday, household by household within its place (a code; "": everywhere): where
    they live on that day."""
    consents = Consent.objects.filter(elder=OuterRef("elder"), since__lte=monday).order_by("-since")
    living = (Q(elder__residences__starts_on=None) | Q(elder__residences__starts_on__lte=monday)) & (
        Q(elder__residences__ends_on=None) | Q(elder__residences__ends_on__gte=monday)
    )
    home = "elder__residences__household"
    periods = (
        ClassPeriod.objects.filter(Q(ends_on=None) | Q(ends_on__gte=monday), starts_on__lte=monday)
        .filter(Q(elder__closed_on=None) | Q(elder__closed_on__gte=monday), elder__merged_into=None)
        .filter(living, **{f"{home}__place__code__startswith": place})
        .annotate(wishes=Subquery(consents.values("kind")[:1]))
        .order_by(f"{home}__place", home, "elder__birth_date", "elder")
    )
    moving = _moving_until(monday)
    for elder, household, place, risk_class, wishes in periods.values_list(
        "elder", home, f"{home}__place", "risk_class", "wishes"
    ):
        consent = wishes or Consent.Kind.FULL.value
        due = duty(risk_class, consent, policy)
        if due is not None:
            household, place = moving.get(elder, (household, place))
            yield Owed(elder, household, place, risk_class, consent, due)


def _moving_until(monday: date) -> dict[UUID, tuple[UUID, str]]:
    """Who will live elsewhere when a week to come begins: the household and its place; those who move into one that is
    made on that day are one by then."""
    if monday <= today():
        return {}
    moves = Move.objects.filter(state=Move.State.ACCEPTED, starts_on__lte=monday)
    rows = moves.annotate(
        home=Coalesce("to_household", "party"), home_place=Coalesce("to_household__place", "place")
    )
    return {elder: (home, place) for elder, home, place in rows.values_list("elder", "home", "home_place")}
