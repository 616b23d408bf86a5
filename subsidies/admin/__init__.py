"""Settlements, lines and visits in the offices' admin."""

from subsidies.admin.settlements import SettlementAdmin
from subsidies.admin.visits import PaidVisitAdmin, UnpaidVisitAdmin

__all__ = ["PaidVisitAdmin", "SettlementAdmin", "UnpaidVisitAdmin"]
