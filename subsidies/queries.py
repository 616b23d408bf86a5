"""What a worker reads about their own money: this month so far, and the slip of each settled month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from elders.models import Assignment
from subsidies.claims import own_decisions
from subsidies.models import Line, Reason, Settlement, UnpaidVisit, Withholding
from visitcare.kit.masking import mask_card
from visitcare.kit.money import yuan
from visitcare.kit.scope import in_areas
from visitcare.kit.spoken import clock_words, date_words
from visitcare.kit.weeks import Month, local_day, today
from visitcare.org.models import User
from visitcare.org.roles import Role
from visitcare.policy.models import pay_policy
from visitcare.policy.rules import PayPolicy
from visits.models import Obligation, Visit
from visits.queries import recheck_words


@dataclass(frozen=True, slots=True)
class Estimate:
    """A month that is not settled yet, as far as the worker's own records tell. `units` is what is paid each at
    `rate`; `waiting` what is added when the pending records become valid."""

    month: Month
    rate: Decimal
    units: int
    amount: Decimal
    waiting: int
    waiting_amount: Decimal


def estimate(user: User, month: Month) -> Estimate:
    """What the month may come to. Rough: visits of other workers to the same households are not looked at, and where pay
    is capped at the weekly minimum a week that was never opened counts for nothing."""
    policy = pay_policy(month.first)
    units, all_units = (_units(user, month, policy, hoping=hoping) for hoping in (False, True))
    waiting = all_units - units
    return Estimate(
        month, policy.rate, units, yuan(policy.rate * units), waiting, yuan(policy.rate * waiting)
    )


def _units(user: User, month: Month, policy: PayPolicy, *, hoping: bool) -> int:
    statement, given = own_decisions(user, month, policy, hoping=hoping)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(units), 0) FROM ({statement}) own", given)
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A visit that is not paid, and why, in words; `recheck` as in `visits.cards.Record`."""

    id: UUID
    day: str
    names: str
    mode: str
    why: str
    is_decided: bool
    recheck: str | None

    @property
    def can_ask(self) -> bool:
        return self.is_decided and self.recheck is None


@dataclass(frozen=True, slots=True)
class Slip:
    """A worker's part in one frozen settlement. `due` is None where no week of the month was opened."""

    month: Month
    town: str
    is_paid_out: bool
    rate: Decimal
    amount: Decimal
    home: int
    greeting: int
    paid_amount: Decimal
    taken_back: Decimal
    card: str
    bank: str
    due: int | None
    unpaid: list[Unpaid]

    @property
    def paid(self) -> int:
        return self.home + self.greeting

    @property
    def visited(self) -> int:
        return self.paid + len(self.unpaid)

    @property
    def is_by_contact(self) -> bool:
        """Whether the sum is simply visits times rate."""
        return self.paid_amount == self.paid * self.rate


def settled_months(user: User) -> "QuerySet[Settlement]":
    """Frozen settlements with anything of this worker's in them, latest first."""
    lines = Line.objects.filter(settlement=OuterRef("pk"), worker=user)
    return (
        Settlement.objects.filter(Exists(lines) | Exists(_unpaid(user).filter(settlement=OuterRef("pk"))))
        .filter(state__in=Settlement.FROZEN)
        .select_related("town")
        .order_by("-month", "town")
    )


def _unpaid(user: User) -> "QuerySet[UnpaidVisit]":
    """What the worker took back is no visit of theirs any more."""
    return UnpaidVisit.objects.filter(visit__worker=user).exclude(reason=Reason.WITHDRAWN)


def slip(user: User, settlement: Settlement) -> Slip:
    """The slip of a worker in a frozen settlement (domain.md §4: every unpaid visit with its one reason)."""
    line = Line.objects.filter(settlement=settlement, worker=user).first()
    month = Month(settlement.month)
    paid = line.paid_visits.aggregate(sum=Sum("amount"))["sum"] if line else None
    back = line.reversals.aggregate(sum=Sum("amount"))["sum"] if line else None
    return Slip(
        month=month,
        town=settlement.town.name,
        is_paid_out=settlement.state == Settlement.State.CLOSED,
        rate=settlement.rate,
        amount=line.amount if line else yuan(0),
        home=line.home_count if line else 0,
        greeting=line.greeting_count if line else 0,
        paid_amount=yuan(paid or 0),
        taken_back=yuan(back or 0),
        card=mask_card(line.card) if line else "",
        bank=line.bank if line else "",
        due=_due(user, month, settlement.town_id),
        unpaid=_why_unpaid(user, settlement),
    )


def _why_unpaid(user: User, settlement: Settlement) -> list[Unpaid]:
    held: Iterable[tuple[UUID | None, str]] = Withholding.objects.filter(
        settlement=settlement, worker=user
    ).values_list("visit", "reason")
    reasons = dict(held)
    rows = (
        _unpaid(user)
        .filter(settlement=settlement)
        .select_related("visit", "other_visit")
        .annotate(names=ArrayAgg("visit__elders__name", order_by="visit__elders__birth_date"))
        .annotate(rechecked=recheck_words("visit__recheck"))
        .order_by("visit__started_at")
    )
    return [
        Unpaid(
            id=row.visit_id,
            day=date_words(local_day(row.visit.started_at), today=today()),
            names="、".join(row.names),
            mode=row.visit.get_mode_display(),
            why=_why(row, reasons.get(row.visit_id) or reasons.get(None) or ""),
            is_decided=row.visit.state in (Visit.State.VALID, Visit.State.INVALID),
            recheck=row.rechecked,
        )
        for row in rows
    ]


def _why(row: UnpaidVisit, withheld: str) -> str:
    """The reason, and what a worker would ask next: which other visit, when it was typed, what the town said."""
    words = row.get_reason_display()
    if row.reason == Reason.SECOND_CONTACT and row.other_visit:
        return f"{words}：{_when(row.other_visit.started_at)}那次。"
    if row.reason == Reason.LATE:
        return f"{words}：{_when(row.visit.received_at)}才录入。"
    if row.reason == Reason.WITHHELD and withheld:
        return f"{words}：{withheld}"
    if row.reason in (Reason.INVALID, Reason.RETURNED) and row.visit.review_reason:
        return f"{words}：{row.visit.review_reason}"
    return f"{words}。"


def _when(moment: datetime) -> str:
    return f"{date_words(local_day(moment), today=today())} {clock_words(moment)} "


def _due(user: User, month: Month, town: str) -> int | None:
    """Contacts that were due from the worker's households in the month's weeks: each household's most, by kind."""
    during = Q(starts_on__lte=month.last) & (Q(ends_on=None) | Q(ends_on__gte=month.first))
    postings = user.postings.filter(during, role=Role.GRID_WORKER, place__code__startswith=town)
    places = in_areas("elder__household__place__code", frozenset(postings.values_list("place", flat=True)))
    named = Assignment.objects.served(month.first, month.last)
    mine, others = named.filter(worker=user), named.exclude(worker=user)
    rows = (
        Obligation.objects.filter(
            places | Q(elder__household__in=mine.values("household")),
            monday__in=[week.monday for week in month.weeks_ending],
            village_code__startswith=town,
        )
        .exclude(elder__household__in=others.values("household"))
        .order_by()
        .values("elder__household", "monday")
        .annotate(home=Max("home_required"), greeting=Max("greeting_required"))
    )
    dues = [row["home"] + row["greeting"] for row in rows]
    return sum(dues) if dues else None
