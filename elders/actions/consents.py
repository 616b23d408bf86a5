"""Whether an elder wishes to be visited, asked again (domain.md §2)."""

from datetime import date

from django.db import transaction

from elders.actions.locking import lock_elder
from elders.models import Consent, Elder
from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.models import User
from visitcare.org.roles import Right


def write_consent(
    *, by: User, elder: Elder, since: date, kind: str, reason: str = "", signed_by: str = ""
) -> Consent:
    """What the elder answered on a day. The same answer again is written too: the three months run from it anew.

    It acts on the weeks that are opened after it. Raise ValueError (Chinese) for a refusal without its reason, a day to
    come, or one before the last answer; of the same day, it corrects that one.
    """
    if since > today():
        raise ValueError(f"问的日期 {since} 还没到。请填已经问过的那一天。")
    if kind == Consent.Kind.REFUSED and not reason.strip():
        raise ValueError("不愿意被探访的，要写原因。")
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.REVIEW_REGISTRATION)
        if elder.status not in Elder.REGISTERED:
            raise ValueError(f"{elder.name}不在册，不用再问。")
        last = elder.consents.order_by("since").last()
        if last and since < last.since:
            raise ValueError(f"{last.since} 已经问过一次，这次问的日期不能比它早。请核对。")
        consent, _ = Consent.objects.update_or_create(
            elder=elder,
            since=since,
            defaults={"kind": kind, "reason": reason.strip(), "signed_by": signed_by.strip()},
        )
        record(
            by=by,
            verb="write_consent",
            words=f"{since} 再问{elder.name}的探访意愿：{consent.get_kind_display()}",
            reason=reason.strip(),
            about=elder,
            where=elder.household.place,
        )
        return consent
