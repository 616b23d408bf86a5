"""Whether a settlement agrees with itself: its sums, and the digest that froze it (domain.md §4)."""

import hashlib
import json
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum

from subsidies.actions.drafting import SettlementError
from subsidies.models import Line, PaidVisit, Reversal, Settlement

MEND = "请重新结算（已经上报的，先由市里退回）；再不对请联系系统管理员。"


def check_books(settlement: Settlement) -> None:
    """Sums and, once frozen, the digest, or SettlementError: nothing that does not agree is approved or leaves."""
    check_sums(settlement)
    if settlement.is_frozen and settlement.digest != digest(settlement):
        raise SettlementError(
            f"{settlement}冻结以后有人动过明细：指纹对不上，没有办理。请联系系统管理员和审计人员。"
        )


def check_sums(settlement: Settlement) -> None:
    """Of each line the sum of its visits and reversals = its amount, and the sum of the lines = the total."""
    paid, back = _by_line(settlement.paid_visits.all()), _by_line(settlement.reversals.all())
    total = Decimal(0)
    for line in Line.objects.filter(settlement=settlement).only("payee_name", "amount"):
        items = paid.get(line.pk, Decimal(0)) + back.get(line.pk, Decimal(0))
        if items != line.amount:
            raise SettlementError(
                f"{settlement}对不上：{line.payee_name}逐次合计 {items} 元，明细 {line.amount} 元。{MEND}"
            )
        total += line.amount
    if total != settlement.total:
        raise SettlementError(f"{settlement}对不上：明细合计 {total} 元，总额 {settlement.total} 元。{MEND}")


def _by_line(items: "QuerySet[PaidVisit] | QuerySet[Reversal]") -> dict[UUID, Decimal]:
    return dict(items.order_by().values_list("line").annotate(Sum("amount")))


def digest(settlement: Settlement) -> str:
    """SHA-256 over the canonical lines and their visits: the same settlement always gives the same one."""
    lines = [
        [
            str(line.worker_id),
            *(line.place_code, line.place_words, line.payee_name, line.payee_id_number, line.payee_mobile),
            *(line.bank, line.card, line.home_count, line.greeting_count, line.beyond_minimum),
            *(str(line.amount), line.remark),
        ]
        for line in Line.objects.filter(settlement=settlement).order_by("worker")
    ]
    visits = [
        [str(visit), str(line), str(amount)]
        for visit, line, amount in PaidVisit.objects.filter(settlement=settlement)
        .order_by("visit")
        .values_list("visit", "line__worker", "amount")
    ]
    reversals = [
        [str(visit), number, str(amount)]
        for visit, number, amount in settlement.reversals.order_by("paid_visit", "number").values_list(
            "paid_visit", "number", "amount"
        )
    ]
    head = [
        settlement.town_id,
        settlement.town_name,
        settlement.month.isoformat(),
        str(settlement.rate),
        str(settlement.total),
    ]
    canonical = json.dumps([head, lines, visits, reversals], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
