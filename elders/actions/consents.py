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
    *,
    by: User,
    elder: Elder,
    since: date,
    kind: str,
    reason: str = "",
    signer: str = "",
    signed_by: str = "",
    signed_on: date | None = None,
    staff_signed_by: str = "",
    staff_signed_on: date | None = None,
) -> Consent:
    """What the elder answered on a day. The same answer again is written too: the three months run from it anew.

    It acts on the weeks that are opened after it. Raise ValueError (Chinese) for a refusal without its reason, a day to
    come, one before the last answer, or a signature that is none; of the same day, it corrects that one, and leaves its
    signatures where none is given.
    """
    if since > today():
        raise ValueError(f"问的日期 {since} 还没到。请填已经问过的那一天。")
    if kind == Consent.Kind.REFUSED and not reason.strip():
        raise ValueError("不愿意被探访的，要写原因。")
    if signer == Consent.Signer.SELF:
        signed_by = signed_by.strip() or elder.name
    if signer == Consent.Signer.FAMILY and not signed_by.strip():
        raise ValueError("家庭成员签的字，要写签字人的姓名。")
    signatures = _signature("signed", signed_by, signed_on, since) | _signature(
        "staff_signed", staff_signed_by, staff_signed_on, since
    )
    if signed_by.strip():
        signatures["signer"] = signer
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.REVIEW_REGISTRATION)
        if elder.status not in Elder.REGISTERED:
            raise ValueError(f"{elder.name}不在册，不用再问。")
        last = elder.consents.order_by("since").last()
        if last and since < last.since:
            raise ValueError(f"{last.since} 已经问过一次，这次问的日期不能比它早。请核对。")
        consent, _ = Consent.objects.update_or_create(
            elder=elder, since=since, defaults={"kind": kind, "reason": reason.strip(), **signatures}
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


def _signature(prefix: str, name: str, day: date | None, asked_on: date) -> dict[str, str | date]:
    """Who signed, and when, as fields of Consent: on the day of asking where no other is said; none where nobody did."""
    name = name.strip()
    if day and not name:
        raise ValueError(f"写了签字日期 {day}，没有写谁签的字。请填签字人，没有签字的把日期也空着。")
    if day and day > today():
        raise ValueError(f"签字日期 {day} 还没到。请填实际签字的那一天。")
    return {f"{prefix}_by": name, f"{prefix}_on": day or asked_on} if name else {}
