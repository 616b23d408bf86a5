"""The county's list of serious illnesses (domain.md §1): what is on it, and what shows that somebody has one."""

from django.db import IntegrityError, transaction

from elders.models import SeriousIllness
from visitcare.audit.actions import record
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right


def list_illness(*, by: User, name: str, evidence: str) -> SeriousIllness:
    """Put an illness on the list. Raise ValueError (Chinese) where it stands there already."""
    require(by, Right.DRAFT_POLICY)
    with transaction.atomic():
        try:
            with transaction.atomic():
                illness = SeriousIllness.objects.create(name=name, evidence=evidence)
        except IntegrityError:
            raise ValueError(f"名录里已经有“{name}”。停用了的，请打开它点“恢复使用”。") from None
        record(by=by, verb="list_illness", words=f"重病名录增加{name}", about=illness)
        return illness


def use_illness(*, by: User, illness: SeriousIllness, active: bool, reason: str) -> None:
    """Take an illness out of use, or into use again; forms that name it stay as they are."""
    require(by, Right.DRAFT_POLICY)
    if not reason.strip():
        raise ValueError("请写原因，登记的人会来问。")
    with transaction.atomic():
        if not SeriousIllness.objects.filter(pk=illness.pk, active=not active).update(active=active):
            raise ValueError(f"“{illness.name}”已经{'在用' if active else '停用'}，不用再办。")
        record(
            by=by,
            verb="use_illness",
            words=f"重病名录{'恢复使用' if active else '停用'}{illness.name}",
            reason=reason.strip(),
            about=illness,
        )
