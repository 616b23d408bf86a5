"""Public money in the offices' admin: settlements with their lines, and every visit's payment or its one reason."""

from subsidies.admin.items import LineAdmin, PaidVisitAdmin, UnpaidVisitAdmin
from subsidies.admin.settlements import SettlementAdmin

__all__ = ["LineAdmin", "PaidVisitAdmin", "SettlementAdmin", "UnpaidVisitAdmin"]
