"""The only writers of settlements."""

from subsidies.actions.approving import (
    approve_settlement,
    assess_settlement,
    send_back,
    withdraw_withholding,
    withhold,
)
from subsidies.actions.drafting import SettlementError
from subsidies.actions.settling import Settled, settle

__all__ = [
    "Settled",
    "SettlementError",
    "approve_settlement",
    "assess_settlement",
    "send_back",
    "settle",
    "withdraw_withholding",
    "withhold",
]
