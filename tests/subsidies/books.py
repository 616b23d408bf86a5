"""What tests of settling read out of the books."""

from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from subsidies.models import Settlement


def figures(settlement: Settlement) -> tuple[int, int, Decimal]:
    """Visits, paid visits and total, which must agree with the rows."""
    items = settlement.paid_visits.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    back = settlement.reversals.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    lines = settlement.lines.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    assert items + back == lines == settlement.total
    assert settlement.paid_count == settlement.paid_visits.count()
    assert settlement.visit_count == settlement.paid_count + settlement.unpaid_visits.count()
    return settlement.visit_count, settlement.paid_count, settlement.total


def unpaid(settlement: Settlement) -> dict[Any, str]:
    return dict(settlement.unpaid_visits.values_list("visit", "reason"))


def late_reports(settlement: Settlement) -> list[Any]:
    return list(settlement.paid_visits.filter(late_report=True).values_list("visit", flat=True))


def reversals(settlement: Settlement) -> list[tuple[Any, int, Decimal]]:
    return list(settlement.reversals.values_list("paid_visit", "number", "amount"))


def versions() -> list[tuple[object, ...]]:
    """Where and by which transaction each row was last written."""
    rows: list[tuple[object, ...]] = []
    with connection.cursor() as cursor:
        for table in ("settlement", "line", "paidvisit", "unpaidvisit", "reversal"):
            cursor.execute(f"SELECT '{table}', ctid::text, xmin::text FROM subsidies_{table} ORDER BY 2")
            rows += cursor.fetchall()
    return rows
