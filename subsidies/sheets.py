"""The county's money on paper: 补贴发放花名册 and 补贴资金汇总表 (domain.md §5)."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Left

from subsidies.actions.books import check_books
from subsidies.actions.drafting import SettlementError
from subsidies.models import Line, PaidVisit, Settlement
from visitcare.kit.money import capitals
from visitcare.kit.sheets import Field, Sheet
from visitcare.kit.weeks import Month
from visits.rules import HOME

ROSTER = (
    Field("序号", 5, "count"),
    Field("姓名", 9),
    Field("身份证号码", 20),
    Field("村(居)/组", 18),
    Field("开户银行", 16),
    Field("卡号", 21),
    Field("上门次数", 6, "count", total=True),
    Field("电话(视频)次数", 7, "count", total=True),
    Field("合计次数", 6, "count", total=True),
    Field("标准(元/次)", 7, "money"),
    Field("金额(元)", 10, "money", total=True),
    Field("联系电话", 13),
    Field("领款人签字", 11),
    Field("备注", 10),
)
VILLAGE_DIGITS = 12
SIGNATURES = "单位负责人：　　　　　　　　审核人：　　　　　　　　制表人：　　　　　　　　"


def settlements_of(month: Month, towns: Sequence[str]) -> list[Settlement]:
    """The settlements of a month for these towns (codes); SettlementError when there is none, or when one does not
    agree with itself."""
    found = list(
        Settlement.objects.filter(month=month.first, town__in=towns).select_related("town").order_by("town")
    )
    if not found:
        raise SettlementError(f"{month.words}还没有结算。请先运行结算，再导出。")
    for settlement in found:
        check_books(settlement)
    return found


def by_village_and_name(lines: "QuerySet[Line]") -> list[Line]:
    """The order of the pay list (contracts.md): by village, then name."""
    return list(lines.order_by(Left("place_code", VILLAGE_DIGITS), "payee_name", "place_code", "worker"))


def roster(month: Month, towns: Sequence[str]) -> list[Sheet]:
    """补贴发放花名册: one worksheet a town, one row per worker with an item, by village then name."""
    return [_roster(settlement) for settlement in settlements_of(month, towns)]


def _roster(settlement: Settlement) -> Sheet:
    lines = by_village_and_name(Line.objects.filter(settlement=settlement))
    return Sheet(
        name=settlement.town_name,
        title=f"{settlement.town_name}{Month(settlement.month).words}特殊困难老年人探访工作补贴发放花名册",
        unit_line=f"单位：{settlement.town_name}",
        date_line=Month(settlement.month).words,
        fields=ROSTER,
        rows=[_roster_row(number, line, settlement.rate) for number, line in enumerate(lines, 1)],
        totals=True,
        closing_lines=(f"人民币（大写）：{capitals(settlement.total)}", SIGNATURES),
        draft=not settlement.is_frozen,
    )


def _roster_row(number: int, line: Line, rate: Decimal) -> tuple[Any, ...]:
    return (
        number,
        line.payee_name,
        line.payee_id_number,
        line.place_words,
        line.bank,
        line.card,
        line.home_count,
        line.greeting_count,
        line.home_count + line.greeting_count,
        rate,
        line.amount,
        line.payee_mobile,
        "",
        line.remark,
    )


CLASSES = ("A", "B", "C")
SUMMARY = (
    Field("序号", 5, "count"),
    Field("镇（园区、街道）", 16),
    *(
        Field(f"{letter}类{kind}次数", 8, "count", total=True)
        for letter in CLASSES
        for kind in ("上门", "电话(视频)")
    ),
    Field("合计次数", 8, "count", total=True),
    Field("超出每周最低次数", 9, "count", total=True),
    Field("冲正(元)", 9, "money", total=True),
    Field("金额(元)", 12, "money", total=True),
    Field("状态", 12),
)


def summary(month: Month, towns: Sequence[str]) -> list[Sheet]:
    """补贴资金汇总表: town × class × mode on one worksheet. A contact belongs to the highest class among its elders."""
    settlements = settlements_of(month, towns)
    counts = _counts(settlements)
    beyond = _beyond(settlements)
    reversed_amounts = {
        settlement.pk: settlement.reversals.aggregate(total=Sum("amount"))["total"] or Decimal(0)
        for settlement in settlements
    }
    total = sum((settlement.total for settlement in settlements), Decimal(0))
    rows = [
        (
            number,
            settlement.town_name,
            *(counts[settlement.pk][letter, kind] for letter in CLASSES for kind in (True, False)),
            settlement.paid_count,
            beyond.get(settlement.pk, 0),
            reversed_amounts[settlement.pk],
            settlement.total,
            settlement.get_state_display(),
        )
        for number, settlement in enumerate(settlements, 1)
    ]
    return [
        Sheet(
            name="汇总",
            title=f"{month.words}特殊困难老年人探访工作补贴资金汇总表",
            unit_line=f"单位：{settlements[0].town_name if len(settlements) == 1 else '市民政局'}",
            date_line=month.words,
            fields=SUMMARY,
            rows=rows,
            totals=True,
            closing_lines=(f"人民币（大写）：{capitals(total)}", SIGNATURES),
            draft=not all(settlement.is_frozen for settlement in settlements),
        )
    ]


def _counts(settlements: Sequence[Settlement]) -> dict[Any, dict[tuple[str, bool], int]]:
    counts: dict[Any, dict[tuple[str, bool], int]] = defaultdict(lambda: defaultdict(int))
    rows = PaidVisit.objects.filter(settlement__in=settlements).values_list(
        "settlement", "risk_class", "mode"
    )
    for settlement, letter, mode, count in rows.annotate(Count("pk")).order_by():
        counts[settlement][letter or "C", mode == HOME] += count
    return counts


def _beyond(settlements: Sequence[Settlement]) -> dict[Any, int]:
    rows = PaidVisit.objects.filter(settlement__in=settlements, beyond_minimum=True).values_list("settlement")
    return dict(rows.annotate(Count("pk")).order_by())
