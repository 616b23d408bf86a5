"""What visits found, until it is solved."""

from django.db import transaction
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.models import Referral


def solve_referral(*, by: User, referral: Referral, outcome: str) -> None:
    """Close a referral, saying what was done."""
    require(by, Right.FOLLOW_UP, referral.village_code)
    if not outcome.strip():
        raise ValueError("请写处理结果：做了什么，谁做的。")
    with transaction.atomic():
        changed = Referral.objects.filter(pk=referral.pk, state=Referral.State.OPEN).update(
            state=Referral.State.SOLVED, solved_by=by, solved_at=timezone.now(), outcome=outcome
        )
        if not changed:
            raise ValueError("这件事已经办结了，不用再办。")
        record(
            by=by,
            verb="solve_referral",
            words=f"办结：{referral.summary}",
            reason=outcome,
            about=referral,
            where=referral.household.place,
        )
