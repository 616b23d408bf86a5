"""Whether the books are right, by reading them: the invariants of public money (domain.md §4), settlement by settlement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from subsidies.actions import SettlementError
from subsidies.actions.books import check_books
from subsidies.models import Settlement
from visitcare.kit.weeks import Month


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with the settlement of which town and month, and which visit."""

    what: str
    where: str


CHECKS: tuple[tuple[str, str], ...] = (
    (
        "考核人和批准人是同一个人",
        "SELECT s.town_name, s.month, NULL FROM subsidies_settlement s WHERE s.assessed_by_id = s.approved_by_id",
    ),
    (
        "付款和冲正合起来既不是零也不是原来的金额",
        """SELECT s.town_name, s.month, p.visit_id FROM subsidies_paidvisit p
        JOIN subsidies_settlement s ON s.id = p.settlement_id
        JOIN subsidies_reversal r ON r.paid_visit_id = p.visit_id
        GROUP BY s.id, p.visit_id HAVING p.amount + sum(r.amount) NOT IN (0, p.amount)""",
    ),
    (
        "计酬的探访不在这份结算的镇里",
        """SELECT s.town_name, s.month, p.visit_id FROM subsidies_paidvisit p
        JOIN subsidies_settlement s ON s.id = p.settlement_id
        WHERE NOT starts_with(p.village_code, s.town_code)""",
    ),
    (
        "计酬的探访晚于结算的月份，或者没有标补报就早于它",
        """SELECT s.town_name, s.month, p.visit_id FROM subsidies_paidvisit p
        JOIN subsidies_settlement s ON s.id = p.settlement_id
        WHERE date_trunc('month', p.started_at AT TIME ZONE 'Asia/Shanghai')::date > s.month
        OR (date_trunc('month', p.started_at AT TIME ZONE 'Asia/Shanghai')::date < s.month) <> p.late_report""",
    ),
    (
        "付给的不是去探访的人",
        """SELECT s.town_name, s.month, p.visit_id FROM subsidies_paidvisit p
        JOIN subsidies_settlement s ON s.id = p.settlement_id JOIN subsidies_line l ON l.id = p.line_id
        JOIN visits_visit v ON v.id = p.visit_id WHERE v.worker_id <> l.worker_id""",
    ),
    (
        "金额不是标准乘以计酬数",
        # Of its own month, which for a late report is another settlement's.
        """SELECT s.town_name, s.month, p.visit_id FROM subsidies_paidvisit p
        JOIN subsidies_settlement s ON s.id = p.settlement_id
        LEFT JOIN subsidies_settlement own ON own.town_code = s.town_code
            AND own.month = date_trunc('month', p.started_at AT TIME ZONE 'Asia/Shanghai')::date
        WHERE p.amount IS DISTINCT FROM own.rate * p.units""",
    ),
    (
        "同一份结算里既计酬又写了不计酬的原因",
        """SELECT s.town_name, s.month, p.visit_id FROM subsidies_paidvisit p
        JOIN subsidies_settlement s ON s.id = p.settlement_id
        JOIN subsidies_unpaidvisit u ON u.visit_id = p.visit_id AND u.settlement_id = p.settlement_id""",
    ),
    (
        "冻结的结算里，计酬的和不计酬的探访合起来不是它的探访次数",
        """SELECT s.town_name, s.month, NULL FROM subsidies_settlement s
        WHERE s.state IN ('approved', 'closed') AND s.visit_count <>
            (SELECT count(*) FROM subsidies_paidvisit p WHERE p.settlement_id = s.id)
          + (SELECT count(*) FROM subsidies_unpaidvisit u WHERE u.settlement_id = s.id)""",
    ),
)
"""What must find no row, and the rows it finds: town, month and, where it is about one, the visit. That a visit is paid
once is no check: the key of payments holds it."""


def verify() -> list[Fault]:
    """Everything that is wrong with the books as they stand at one moment; nothing when they are right."""
    with _one_moment():
        return [*_wrong_sums(), *_wrong_rows()]


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read from one snapshot, and write nothing. Whoever has begun a transaction before has chosen what it sees."""
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        if is_first:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _wrong_sums() -> Iterator[Fault]:
    for settlement in Settlement.objects.select_related("town").order_by("month", "town"):
        try:
            check_books(settlement)
        except SettlementError as error:
            yield Fault("合计或指纹对不上", str(error))


def _wrong_rows() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        for what, statement in CHECKS:
            cursor.execute(statement)
            for town, month, visit in cursor.fetchall():
                yield Fault(what, f"{town} {Month(month).words}{f'，探访 {visit}' if visit else ''}")
