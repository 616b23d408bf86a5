"""A worker's correction of their own record: a new one takes its place, the old one stays readable."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from visitcare.audit.actions import record
from visitcare.org.models import User
from visits.actions.intake import Finding, Logged
from visits.actions.logging import log_visit, take_back
from visits.models import Flag, Visit

CORRECTED = "已更正，见新记录"
LASTING = ("corrected", "conflict", "clock_wrong")
"""Flags that a correction does not answer: they stay until a person decides."""


def correct_visit(
    *,
    by: User,
    visit: Visit,
    visit_id: UUID,
    elders: Sequence[UUID],
    mode: str,
    outcome: str,
    started_at: datetime,
    received_at: datetime | None = None,
    agreed: bool | None = None,
    notes: Mapping[str, str] | None = None,
    findings: Sequence[Finding] = (),
    answers: Mapping[UUID, bool] | None = None,
    phone_said: datetime | None = None,
    vouched: bool = False,
) -> Logged:
    """Put a new visit, `visit_id`, in the place of `visit`, which is withdrawn. The same correction again answers
    with what is stored.

    A correction is as timely as the record it mends. What the old record found goes with it; what the town is to look
    at stays so, however often it is corrected.

    Raise VisitRefused when the town has reviewed the old record meanwhile, it is not `by`'s own or the new one cannot
    be; VisitConflict and NotAllowed as log_visit does.
    """
    with transaction.atomic():
        old = Visit.objects.select_for_update().get(pk=visit.pk)
        is_new = not Visit.objects.filter(pk=visit_id).exists()
        if is_new:
            take_back(
                by,
                old,
                why=CORRECTED,
                refusal="这条已经审核过或撤回了，不能再更正。有问题请打电话给镇里。",
            )
        logged = log_visit(
            by=by,
            visit_id=visit_id,
            worker=by,
            elders=elders,
            mode=mode,
            outcome=outcome,
            started_at=started_at,
            received_at=old.received_at if started_at <= old.received_at else received_at,
            agreed=agreed,
            notes=notes,
            findings=findings,
            answers=answers,
            phone_said=phone_said,
            vouched=vouched,
        )
        if is_new:
            _carry_over(by, old, logged.visit)
    return logged


def _carry_over(by: User, old: Visit, new: Visit) -> None:
    if flags := _flags_for(old, new):
        Flag.objects.bulk_create(
            flags,
            update_conflicts=True,
            unique_fields=["visit", "code"],
            update_fields=["words", "other_visit"],
        )
        Visit.objects.filter(pk=new.pk).update(flagged=True)
    record(
        by=by,
        verb="correct_visit",
        words=f"更正 {old} 的记录",
        about=old,
        where=new.household.place,
        data={"old": str(old.pk), "new": str(new.pk)},
    )


def _flags_for(old: Visit, new: Visit) -> list[Flag]:
    """What the town is to look at in the new record because of the old one."""
    lasting = {
        flag.code: Flag(visit=new, code=flag.code, words=flag.words, other_visit_id=flag.other_visit_id)
        for flag in old.flags.filter(code__in=LASTING)
    }
    if old.state == Visit.State.RETURNED:
        words = f"退回后更正的；退回时说：{old.review_reason}"
        lasting["corrected"] = Flag(visit=new, code="corrected", words=words, other_visit=old)
    return list(lasting.values())
