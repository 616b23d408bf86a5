"""Looking at what is masked: with a reason, and never without a trace (domain.md §6)."""

from django.db import transaction
from django.db.models import TextChoices

from elders.models import Elder
from visitcare.audit.actions import record
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right


class Secret(TextChoices):
    """What can be looked at; the values are fields of Elder."""

    ID_NUMBER = "id_number", "证件号码"
    PHONE = "phone", "联系电话"
    EMERGENCY_PHONE = "emergency_phone", "紧急联系人电话"


def reveal(*, by: User, elder: Elder, what: str, reason: str) -> str:
    """The whole number. The event says who looked at what and why, and never the number itself.

    Raise ValueError (Chinese) without a reason or where nothing was filled in.
    """
    require(by, Right.REVEAL, elder.household.place_id)
    if not reason.strip():
        raise ValueError("查看个人信息要写原因，会记在操作记录里。")
    secret = Secret(what)
    value: str = getattr(elder, secret.value)
    if not value:
        raise ValueError(f"{elder.name}没有登记{secret.label}。")
    with transaction.atomic():
        record(
            by=by,
            verb="reveal",
            words=f"查看了{elder.name}的{secret.label}",
            reason=reason.strip(),
            about=elder,
            where=elder.household.place,
        )
    return value
