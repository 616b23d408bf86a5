"""Drafting: *wanted minus booked*, so that it can be run again at any time (domain.md §4)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from subsidies.claims import Claims
from subsidies.models import Line, PaidVisit, Reversal, Settlement
from subsidies.payees import payee_snapshots
from visitcare.kit.money import yuan
from visitcare.kit.weeks import Month
from visitcare.policy.models import pay_policy

# What was decided on the month's visits and on late reports; those of the week before only counted towards the minimum.
# A late report is paid at the rate at which its own month was frozen. A rate is whole fen: nothing is rounded here.
_DECIDED = """
CREATE TEMP TABLE settling_decided ON COMMIT DROP AS
SELECT decision.*, units * coalesce(own.rate, %(rate)s) AS amount
FROM ({decisions}) decision
LEFT JOIN subsidies_settlement own
     ON late_report AND own.town_code = %(town_code)s AND own.month = date_trunc('month', day)::date
WHERE late_report OR day >= %(month)s
"""

_WANTED_UNPAID = "SELECT visit, reason, other FROM settling_decided WHERE reason <> ''"
_BOOKED_UNPAID = """
SELECT visit_id AS visit, reason, other_visit_id AS other FROM subsidies_unpaidvisit WHERE settlement_id = %(settlement)s
"""
_WANTED_PAID = """
SELECT visit, worker, village_code, started_at, mode, risk_class, units, amount, beyond_minimum, late_report
FROM settling_decided WHERE reason = ''
"""
_BOOKED_PAID = """
SELECT p.visit_id AS visit, l.worker_id AS worker, p.village_code, p.started_at, p.mode, p.risk_class, p.units, p.amount,
       p.beyond_minimum, p.late_report
FROM subsidies_paidvisit p JOIN subsidies_line l ON l.id = p.line_id WHERE p.settlement_id = %(settlement)s
"""

# Both sides of EXCEPT are read before a row is written, whatever the tables held when they were last analysed: an
# anti-join with a table that seems empty would be planned as a loop over the very rows that it writes. In the order of
# the visits' ids the primary key grows at its end.
_DROP_UNPAID = f"""
DELETE FROM subsidies_unpaidvisit WHERE settlement_id = %(settlement)s
AND visit_id IN (SELECT visit FROM ({_BOOKED_UNPAID} EXCEPT {_WANTED_UNPAID}) gone)
"""
_ADD_UNPAID = f"""
INSERT INTO subsidies_unpaidvisit (settlement_id, visit_id, reason, other_visit_id)
SELECT %(settlement)s, visit, reason, other FROM ({_WANTED_UNPAID} EXCEPT {_BOOKED_UNPAID}) fresh ORDER BY visit
"""
_DROP_PAID = f"""
DELETE FROM subsidies_paidvisit WHERE settlement_id = %(settlement)s
AND visit_id IN (SELECT visit FROM ({_BOOKED_PAID} EXCEPT {_WANTED_PAID}) gone)
"""
_ADD_PAID = f"""
INSERT INTO subsidies_paidvisit (visit_id, settlement_id, line_id, village_code, started_at, mode, risk_class, units,
                                 amount, beyond_minimum, late_report)
SELECT visit, %(settlement)s, line.id, fresh.village_code, started_at, mode, risk_class, units, fresh.amount,
       fresh.beyond_minimum, late_report
FROM ({_WANTED_PAID} EXCEPT {_BOOKED_PAID}) fresh
JOIN subsidies_line line ON line.settlement_id = %(settlement)s AND line.worker_id = fresh.worker
ORDER BY visit
"""
_TOTALS = """
SELECT worker, count(*) FILTER (WHERE mode = 'home'), count(*) FILTER (WHERE mode <> 'home'),
       count(*) FILTER (WHERE beyond_minimum), count(*) FILTER (WHERE late_report), sum(amount)
FROM settling_decided WHERE reason = '' GROUP BY worker ORDER BY worker
"""


class SettlementError(ValueError):
    """What cannot be settled, assessed or approved now, in words for the person who tries."""


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
        self.claims = Claims(settlement)

    def write(self) -> bool:
        """Bring the draft's rows up to date; False when they were."""
        self._decide()
        takebacks = self._takebacks()
        lines = {line.worker_id: line for line in self.settlement.lines.all()}
        changed = self._book(_DROP_UNPAID) + self._book(_ADD_UNPAID)
        # Items lie in lines: those that go leave before their line, those that come need theirs to be there.
        changed += self._book(_DROP_PAID) + self._drop_reversals(takebacks)
        changed += self._write_lines(self._wanted_lines(takebacks), lines)
        changed += self._add_payments() + self._add_reversals(takebacks, lines)
        changed += self._write_head()
        self._drop_staged()
        return changed > 0

    def _decide(self) -> None:
        with connection.cursor() as cursor:
            # A town's month is little beside all visits, but its sorts are large: to the rows by index, no compiling, no
            # files.
            cursor.execute(
                "SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
            )
        self.claims.stage()
        statement, given = self.claims.decisions(self.policy)
        with connection.cursor() as cursor:
            cursor.execute(_DECIDED.format(decisions=statement), given | {"rate": self.policy.rate})
            cursor.execute("ANALYZE settling_decided (visit, worker)")

    def _drop_staged(self) -> None:
        """What was decided, and what it was decided on: the transaction may draft once more."""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE settling_decided")
        self.claims.drop()

    def _other_unit_total(self) -> Decimal:
        """What the month would come to if it were paid by elder instead of by contact, or the reverse."""
        other = replace(self.policy, pay_unit="elder" if self.policy.pay_unit == "contact" else "contact")
        statement, given = self.claims.decisions(other)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(sum(units), 0) FROM ({statement}) other WHERE late_report OR day >= %(month)s",
                given,
            )
            return yuan(other.rate * cursor.fetchone()[0])

    def _book(self, statement: str) -> int:
        """How many rows a statement about this settlement wrote."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {"settlement": self.settlement.pk})
            return int(cursor.rowcount)

    def _takebacks(self) -> list[_Takeback]:
        """Frozen payments whose visit is no longer valid, and reversals whose visit has become valid again.

        As with late reports, the first open settlement after the payment takes it back; but where another that is open
        holds a reversal already, it stays there until that one is drafted again or frozen.
        """
        frozen = PaidVisit.objects.filter(
            settlement__town=self.settlement.town,
            settlement__state__in=Settlement.FROZEN,
            settlement__month__lt=self.settlement.month,
            settlement__month__gt=self.claims.still_open,
        )
        others = Reversal.objects.filter(paid_visit=OuterRef("pk")).exclude(settlement=self.settlement)
        elsewhere = others.exclude(settlement__state__in=Settlement.FROZEN)
        # Two ways to the few among the payments of years, each by an index. Filtered before the count: a condition on
        # reversals after it would join, and count, them a second time.
        falsified = ~Q(visit__state="valid") & Q(visit__village_code__in=self.claims.villages)
        reversed_before = Q(
            pk__in=Reversal.objects.filter(settlement__town=self.settlement.town).values("paid_visit")
        )
        found = {}
        for candidates in (falsified, reversed_before):
            booked = frozen.filter(candidates, ~Exists(elsewhere)).annotate(
                number=Count("reversals", filter=~Q(reversals__settlement=self.settlement))
            )
            for visit, worker, amount, number, state in booked.values_list(
                "visit", "line__worker", "amount", "number", "visit__state"
            ):
                is_reversed = number % 2 == 1
                if (state == "valid") == is_reversed:
                    found[visit] = _Takeback(visit, worker, number + 1, amount if is_reversed else -amount)
        return list(found.values())

    # Writing the differences

    def _add_payments(self) -> int:
        """Write the payments that are new; how many."""
        # The database plans the check of a reference once a session, by what the lines are then: from an empty table it
        # would go through all of them for every payment.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        added = self._book(_ADD_PAID)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = on")
        return added

    def _wanted_lines(self, takebacks: Sequence[_Takeback]) -> dict[UUID, "_LineTotals"]:
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS)
            lines = {worker: _LineTotals(*totals) for worker, *totals in cursor.fetchall()}
        for takeback in takebacks:
            line = lines.setdefault(takeback.worker, _LineTotals())
            line.amount += takeback.amount
            line.reversed += 1
        return lines

    def _drop_reversals(self, takebacks: Sequence[_Takeback]) -> int:
        """Take out reversals that are no longer wanted, or no longer so."""
        wanted = {(one.paid_visit, one.number, one.amount) for one in takebacks}
        dropped = 0
        for reversal in self.settlement.reversals.all():
            if (reversal.paid_visit_id, reversal.number, reversal.amount) not in wanted:
                reversal.delete()
                dropped += 1
        return dropped

    def _add_reversals(self, takebacks: Sequence[_Takeback], lines: dict[UUID, Line]) -> int:
        known = set(self.settlement.reversals.values_list("paid_visit", "number"))
        fresh = [one for one in takebacks if (one.paid_visit, one.number) not in known]
        for one in fresh:
            Reversal.objects.create(
                paid_visit_id=one.paid_visit,
                number=one.number,
                settlement=self.settlement,
                line=lines[one.worker],
                amount=one.amount,
            )
        return len(fresh)

    def _write_lines(self, wanted: dict[UUID, "_LineTotals"], booked: dict[UUID, Line]) -> bool:
        gone = [worker for worker in booked if worker not in wanted]
        self.settlement.lines.filter(worker__in=gone).delete()
        for worker in gone:
            del booked[worker]
        payees = payee_snapshots(self.settlement, wanted)
        changed = bool(gone)
        fresh = []
        for worker, totals in wanted.items():
            said = {**payees[worker], **totals.columns()}
            line = booked.get(worker)
            if line is None:
                booked[worker] = Line(id=uuid.uuid4(), settlement=self.settlement, worker_id=worker, **said)
                fresh.append(booked[worker])
            elif any(getattr(line, name) != value for name, value in said.items()):
                for name, value in said.items():
                    setattr(line, name, value)
                line.save()
                changed = True
        return bool(Line.objects.bulk_create(fresh)) or changed

    def _write_head(self) -> bool:
        settlement = self.settlement
        total = settlement.lines.aggregate(total=Sum("amount"))["total"] or Decimal(0)
        paid, unpaid = settlement.paid_visits.count(), settlement.unpaid_visits.count()
        said = {
            "town_name": settlement.town.name,
            "rate": self.policy.rate,
            "policy_version": self.policy.effective_from,
            "visit_count": paid + unpaid,
            "paid_count": paid,
            "total": yuan(total),
            "other_unit_total": self._other_unit_total(),
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
    home: int = 0
    greeting: int = 0
    beyond: int = 0
    late: int = 0
    amount: Decimal = Decimal(0)
    reversed: int = 0

    def columns(self) -> dict[str, Any]:
        remarks = [
            f"补报 {self.late} 次" if self.late else "",
            f"冲正 {self.reversed} 次" if self.reversed else "",
        ]
        return {
            "home_count": self.home,
            "greeting_count": self.greeting,
            "beyond_minimum": self.beyond,
            "amount": yuan(self.amount),
            "remark": "；".join(filter(None, remarks)),
        }
