"""How settlements read in the admin: states, reasons, amounts, and the filters that other pages link to."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from subsidies.models import Line, Reason, Settlement
from visitcare.kit.admin import Choice, Link, Period, badge
from visitcare.org.filters import TownFilter

STATE_TONES = {
    Settlement.State.DRAFT: "mind",
    Settlement.State.ASSESSED: "wait",
    Settlement.State.APPROVED: "ok",
    Settlement.State.CLOSED: "plain",
}
REASON_WORDS: dict[str, str] = {
    Reason.PENDING: "还没有审核",
    Reason.RETURNED: "已退回，还没有更正",
    Reason.WITHDRAWN: "探访人自己撤回",
    Reason.INVALID: "审核为无效",
    Reason.NOT_COUNTABLE: "没有见到或联系上本人",
    Reason.ELDER_NOT_ACTIVE: "那天老人不在册",
    Reason.LATE: "录入太晚，过了期限",
    Reason.WORKER_NOT_PAYABLE: "探访人那天不是计酬的网格员",
    Reason.OWN_HOUSEHOLD: "探访的是自己家",
    Reason.SECOND_CONTACT: "同一户当天同一种方式已计过一次",
    Reason.BEYOND_CAP: "超过了规定的次数",
    Reason.WITHHELD: "镇里暂不发放",
    Reason.ALREADY_SETTLED: "已经在别的月份结算过",
}
"""The reasons as an office reads them; the worker reads `Reason`'s own labels."""


def state_badge(settlement: Settlement) -> SafeString:
    return badge(settlement.get_state_display(), STATE_TONES[Settlement.State(settlement.state)])


def yuan_words(amount: Decimal | None) -> str:
    """As in "1,234.50"; nothing is 0.00."""
    return f"{amount or Decimal(0):,.2f}"


class SettlementFilter(Link):
    """The rows of one settlement."""

    title = "结算"
    parameter_name = "settlement"

    def find(self, value: str) -> str:
        found = (
            Settlement.objects.visible_to(self.request.user).select_related("town").filter(pk=value).first()
        )
        return str(found) if found else ""

    def narrow(self, rows: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        return rows.filter(settlement=value)


class LineFilter(Link):
    """The paid visits of one line."""

    title = "领款人"
    parameter_name = "line"

    def find(self, value: str) -> str:
        found = Line.objects.visible_to(self.request.user).filter(pk=value).first()
        return found.payee_name if found else ""

    def narrow(self, rows: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        return rows.filter(line=value)


class MonthFilter(Period):
    title = "月份"
    parameter_name = "month"
    path = "month"
    days = True

    def options(self, request: Any) -> list[tuple[str, str]]:
        return [(value, words) for value, words in super().options(request) if "W" not in value]


class MonthOfSettlement(MonthFilter):
    path = "settlement__month"


class TownOfSettlement(TownFilter):
    path = "settlement__town__code"


class Yes(Choice):
    """A filter on a field that is true or false."""

    field = ""

    def options(self, request: Any) -> list[tuple[str, str]]:
        return [("yes", "是"), ("no", "否")]

    def narrow(self, rows: "QuerySet[Any]", value: str) -> "QuerySet[Any]":
        return rows.filter(**{self.field: value == "yes"})
