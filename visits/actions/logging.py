"""Logging a visit: refused when impossible, stored and flagged when doubtful (domain.md §3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from visitcare.audit.actions import record as record_event
from visitcare.kit.positions import Position
from visitcare.org.models import User
from visits import rules
from visits.actions.intake import Intake
from visits.actions.records import Finding, Logged, Record, VisitRefused, again
from visits.actions.referrals import reopen_solved_in
from visits.models import Referral, Review, Visit


def log_visit(
    *,
    by: User,
    visit_id: UUID,
    worker: User,
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
    position: Position | None = None,
    vouched: bool = False,
) -> Logged:
    """Store one contact. The same UUID with the same content again answers with what is stored.

    `answers` says of open referrals whether they are solved; one that was not asked stays open. Raises as
    Intake.take does.
    """
    record = Record(
        id=visit_id,
        worker=worker,
        elders=tuple(elders),
        mode=mode,
        outcome=outcome,
        started_at=started_at,
        received_at=received_at or timezone.now(),
        agreed=agreed,
        notes=dict(notes or {}),
        findings=tuple(findings),
        answers=dict(answers or {}),
        phone_said=phone_said,
        position=position,
    )
    intake = Intake(by=by, vouched=vouched)
    intake.around.load(ids=[visit_id], elders=elders, workers=[worker], first=started_at, last=started_at)
    logged = intake.take(record)
    try:
        intake.store()
    except IntegrityError:
        known = Visit.objects.filter(pk=visit_id).first()  # another process was a moment faster
        if known is None:
            raise
        return again(known, record, by)
    return logged


def withdraw_visit(*, by: User, visit: Visit) -> None:
    """A worker takes back their own record, until the town has reviewed it."""
    with transaction.atomic():
        take_back(by, visit, why="本人撤回", refusal="镇里已经审核过这条，不能撤回了。有问题请打电话给镇里。")
        record_event(
            by=by,
            verb="withdraw_visit",
            words=f"撤回 {visit} 的记录",
            about=visit,
            where=visit.household.place,
        )


def take_back(by: User, visit: Visit, *, why: str, refusal: str) -> None:
    """Let a record of `by`'s own count no more, with what it found or saw solved; VisitRefused once it has been
    reviewed."""
    now = timezone.now()
    mine = Visit.objects.filter(pk=visit.pk, worker=by, state__in=[Visit.State.PENDING, Visit.State.RETURNED])
    if not mine.update(state=Visit.State.WITHDRAWN, review_reason=why):
        raise VisitRefused([rules.Refusal("state", refusal)])
    Review.objects.create(visit=visit, at=now, by=by, state=Visit.State.WITHDRAWN, reason=why)
    Referral.objects.filter(visit=visit, state=Referral.State.OPEN).update(
        state=Referral.State.SOLVED, solved_by=by, solved_at=now, outcome=f"探访记录{why}"
    )
    reopen_solved_in([visit.pk])
