"""Drafting: *wanted minus booked*, so that it can be run again at any time (domain.md §4)."""

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from subsidies.claims import ClaimBook, Seen
from subsidies.models import Line, PaidVisit, Reversal, Settlement, UnpaidVisit
from subsidies.payees import payee_snapshots
from subsidies.rules import Decision, amount_of, decide
from visitcare.kit.copying import copy_rows
from visitcare.kit.money import yuan
from visitcare.kit.weeks import Month
from visitcare.policy.models import pay_policy
from visitcare.policy.rules import PayPolicy
from visits.rules import GREETING, HOME, kind_of

Minimum = dict[tuple[UUID, date], tuple[int, int]]
"""(home, greeting) owed to an elder in the week of a Monday."""


class SettlementError(ValueError):
    """What cannot be settled, assessed or approved now, in words for the person who tries."""


@dataclass(frozen=True, slots=True)
class _Payment:
    """What a paid row says apart from its keys; two drafts agree when these do."""

    worker: UUID
    village_code: str
    started_at: Any
    mode: str
    risk_class: str
    units: int
    amount: Decimal
    beyond_minimum: bool
    late_report: bool


@dataclass(frozen=True, slots=True)
class _Takeback:
    paid_visit: UUID
    worker: UUID
    number: int
    amount: Decimal


class Draft:
    """One refresh of one draft: decide on everything, then write only the differences."""

    def __init__(self, settlement: Settlement) -> None:
        self.settlement = settlement
        self.month = Month(settlement.month)
        self.policy = pay_policy(self.month.first)
        self.book = ClaimBook(settlement)
        self.payments: dict[UUID, _Payment] = {}
        self.unpaid: dict[UUID, tuple[str, UUID | None]] = {}
        self.takebacks: list[_Takeback] = []
        self.other_total = Decimal(0)

    def write(self) -> bool:
        """Bring the draft's rows up to date; False when they were."""
        self._decide()
        self.takebacks = self._takebacks()
        changed = self._write_unpaid()
        lines = self._wanted_lines()
        booked = {line.worker_id: line for line in self.settlement.lines.all()}
        changed |= self._drop_payments()
        changed |= self._write_lines(lines, booked)
        changed |= self._add_payments(booked)
        return self._write_head() or changed

    def _decide(self) -> None:
        month = self.book.of_month()
        late = self.book.late_reports()
        seen = {one.claim.id: one for one in (*month, *late)}
        late_ids = {one.claim.id for one in late}
        everything = list(seen.values())
        minimum = self.book.minimum(everything)
        emitted: list[Decision] = []
        for decision in self._decisions(everything, minimum, self.policy):
            is_late_report = decision.claim.id in late_ids
            if decision.claim.day < self.month.first and not is_late_report:
                continue  # of the week in which the month begins; it only counted towards the minimum
            emitted.append(decision)
            self._keep(decision, seen[decision.claim.id], is_late_report)
        self.other_total = self._other_unit_total(everything, minimum, {d.claim.id for d in emitted})

    def _decisions(self, seen: list[Seen], minimum: Minimum, policy: PayPolicy) -> list[Decision]:
        claims = (one.claim for one in seen)
        return decide(claims, policy, minimum=minimum, paid_before=self.book.paid_before(seen, policy))

    def _keep(self, decision: Decision, seen: Seen, late_report: bool) -> None:
        claim = decision.claim
        if decision.reason:
            self.unpaid[claim.id] = (decision.reason, decision.other)
            return
        rate = self.policy.rate if not late_report else pay_policy(Month.of(claim.day).first).rate
        self.payments[claim.id] = _Payment(
            worker=claim.worker,
            village_code=seen.village_code,
            started_at=claim.started_at,
            mode=claim.mode,
            risk_class=seen.risk_class,
            units=decision.units,
            amount=yuan(rate * decision.units),
            beyond_minimum=decision.beyond_minimum,
            late_report=late_report,
        )

    def _other_unit_total(self, seen: list[Seen], minimum: Minimum, emitted: set[UUID]) -> Decimal:
        """What the month would come to if it were paid by elder instead of by contact, or the reverse."""
        other = replace(self.policy, pay_unit="elder" if self.policy.pay_unit == "contact" else "contact")
        decisions = self._decisions(seen, minimum, other)
        return yuan(amount_of([decision for decision in decisions if decision.claim.id in emitted], other))

    def _takebacks(self) -> list[_Takeback]:
        """Frozen payments whose visit is no longer valid, and reversals whose visit has become valid again."""
        frozen = PaidVisit.objects.filter(
            settlement__town=self.settlement.town,
            settlement__state__in=Settlement.FROZEN,
            settlement__month__lt=self.settlement.month,
        )
        others = Reversal.objects.filter(paid_visit=OuterRef("pk")).exclude(settlement=self.settlement)
        # Filtered first: a condition on reversals after the count would join, and count, them a second time.
        booked = frozen.filter(~Q(visit__state="valid") | Exists(others)).annotate(
            number=Count("reversals", filter=~Q(reversals__settlement=self.settlement))
        )
        found = []
        for visit, worker, amount, number, state in booked.values_list(
            "visit", "line__worker", "amount", "number", "visit__state"
        ):
            is_reversed = number % 2 == 1
            if (state == "valid") == is_reversed:
                found.append(_Takeback(visit, worker, number + 1, amount if is_reversed else -amount))
        return found

    # Writing the differences

    def _write_unpaid(self) -> bool:
        booked = {
            visit: (reason, other)
            for visit, reason, other in self.settlement.unpaid_visits.values_list(
                "visit", "reason", "other_visit"
            )
        }
        if booked == self.unpaid:
            return False
        gone = [visit for visit, told in booked.items() if self.unpaid.get(visit) != told]
        self.settlement.unpaid_visits.filter(visit__in=gone).delete()
        copy_rows(
            UnpaidVisit,
            ("settlement", "visit", "reason", "other_visit"),
            (
                (self.settlement.pk, visit, reason, other)
                for visit, (reason, other) in sorted(self.unpaid.items())
                if booked.get(visit) != (reason, other)
            ),
        )
        return True

    def _wanted_lines(self) -> dict[UUID, "_LineTotals"]:
        lines: dict[UUID, _LineTotals] = defaultdict(_LineTotals)
        for payment in self.payments.values():
            lines[payment.worker].add(payment)
        for takeback in self.takebacks:
            lines[takeback.worker].amount += takeback.amount
            lines[takeback.worker].reversed += 1
        return lines

    def _drop_payments(self) -> bool:
        """Take out payments and reversals that are no longer wanted, or no longer so."""
        stale = [
            visit for visit, payment in self._booked_payments().items() if self.payments.get(visit) != payment
        ]
        dropped = (
            PaidVisit.objects.filter(settlement=self.settlement, visit__in=stale).delete()[0] if stale else 0
        )
        wanted = {(one.paid_visit, one.number, one.amount) for one in self.takebacks}
        for reversal in self.settlement.reversals.all():
            if (reversal.paid_visit_id, reversal.number, reversal.amount) not in wanted:
                reversal.delete()
                dropped += 1
        return bool(dropped)

    def _booked_payments(self) -> dict[UUID, _Payment]:
        columns = (
            "line__worker", "village_code", "started_at", "mode", "risk_class", "units", "amount", "beyond_minimum",
            "late_report",
        )  # fmt: skip
        rows = PaidVisit.objects.filter(settlement=self.settlement).values_list("visit", *columns)
        return {visit: _Payment(*rest) for visit, *rest in rows}

    def _write_lines(self, wanted: dict[UUID, "_LineTotals"], booked: dict[UUID, Line]) -> bool:
        gone = [worker for worker in booked if worker not in wanted]
        self.settlement.lines.filter(worker__in=gone).delete()
        for worker in gone:
            del booked[worker]
        payees = payee_snapshots(self.settlement, wanted)
        changed = bool(gone)
        for worker, totals in wanted.items():
            said = {**payees[worker], **totals.columns()}
            line = booked.get(worker)
            if line is None:
                booked[worker] = Line.objects.create(
                    id=uuid.uuid4(), settlement=self.settlement, worker_id=worker, **said
                )
                changed = True
            elif any(getattr(line, name) != value for name, value in said.items()):
                for name, value in said.items():
                    setattr(line, name, value)
                line.save()
                changed = True
        return changed

    def _add_payments(self, lines: dict[UUID, Line]) -> bool:
        booked = set(PaidVisit.objects.filter(settlement=self.settlement).values_list("visit", flat=True))
        added = copy_rows(
            PaidVisit,
            (
                "visit", "settlement", "line", "village_code", "started_at", "mode", "risk_class", "units", "amount",
                "beyond_minimum", "late_report",
            ),
            (
                (
                    visit, self.settlement.pk, lines[one.worker].pk, one.village_code, one.started_at, one.mode,
                    one.risk_class, one.units, one.amount, one.beyond_minimum, one.late_report,
                )
                for visit, one in sorted(self.payments.items())
                if visit not in booked
            ),
        )  # fmt: skip
        known = set(self.settlement.reversals.values_list("paid_visit", "number"))
        for one in self.takebacks:
            if (one.paid_visit, one.number) not in known:
                Reversal.objects.create(
                    paid_visit_id=one.paid_visit,
                    number=one.number,
                    settlement=self.settlement,
                    line=lines[one.worker],
                    amount=one.amount,
                )
                added += 1
        return bool(added)

    def _write_head(self) -> bool:
        settlement = self.settlement
        total = settlement.lines.aggregate(total=Sum("amount"))["total"] or Decimal(0)
        said = {
            "town_name": settlement.town.name,
            "rate": self.policy.rate,
            "policy_version": self.policy.effective_from,
            "visit_count": len(self.payments) + len(self.unpaid),
            "paid_count": len(self.payments),
            "total": yuan(total),
            "other_unit_total": self.other_total,
        }
        if all(getattr(settlement, name) == value for name, value in said.items()):
            return False
        for name, value in said.items():
            setattr(settlement, name, value)
        settlement.drafted_at = timezone.now()
        settlement.save(update_fields=[*said, "drafted_at"])
        return True


@dataclass(slots=True)
class _LineTotals:
    counts: Counter[str] = field(default_factory=Counter)
    beyond: int = 0
    late: int = 0
    reversed: int = 0
    amount: Decimal = Decimal(0)

    def add(self, payment: _Payment) -> None:
        self.counts[kind_of(payment.mode)] += 1
        self.beyond += payment.beyond_minimum
        self.late += payment.late_report
        self.amount += payment.amount

    def columns(self) -> dict[str, Any]:
        remarks = [
            f"补报 {self.late} 次" if self.late else "",
            f"冲正 {self.reversed} 次" if self.reversed else "",
        ]
        return {
            "home_count": self.counts[HOME],
            "greeting_count": self.counts[GREETING],
            "beyond_minimum": self.beyond,
            "amount": yuan(self.amount),
            "remark": "；".join(filter(None, remarks)),
        }
