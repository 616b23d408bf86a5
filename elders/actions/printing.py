"""Whoever prints annex 3 takes whole numbers out of the system: recorded on each file, with the reason (domain.md §6)."""

from collections.abc import Sequence

from django.db import transaction

from elders.models import Elder
from visitcare.audit.actions import record
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right


def record_printing(*, by: User, elders: Sequence[Elder], reason: str) -> None:
    """Raise ValueError (Chinese) without a reason, NotAllowed for an elder outside one's places."""
    if not reason.strip():
        raise ValueError("打印的表上有个人信息，要写明用途。")
    for code in {elder.household.place_id for elder in elders}:
        require(by, Right.EXPORT, code)
    with transaction.atomic():
        for elder in elders:
            record(
                by=by,
                verb="print_form",
                words=f"打印了{elder.name}的信息登记表",
                reason=reason.strip(),
                about=elder,
                where=elder.household.place,
            )
