"""请求复核 (experience.md, the worker): a decision that somebody thinks wrong is looked at once more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.actions.records import NotTheirs
from visits.models import Recheck, Visit

DECIDED = (Visit.State.VALID, Visit.State.INVALID)
MOST_WORDS = 200


class RecheckError(ValueError):
    """It cannot be asked for or answered as things stand, in words for whoever tried."""


def ask_for_recheck(*, by: User, visit: UUID, words: str = "") -> bool:
    """Ask once more about a visit of one's own that the town has decided on; whether it was not asked before.

    Raise NotTheirs for somebody else's, RecheckError for what nobody has decided on.
    """
    if len(words) > MOST_WORDS:
        raise RecheckError(f"写了 {len(words)} 个字，太长了。请写在 {MOST_WORDS} 个字以内。")
    with transaction.atomic():
        own = Visit.objects.select_for_update(of=("self",)).select_related("household__place")
        found = own.filter(pk=visit, worker=by).first()
        if found is None:
            raise NotTheirs
        if found.state not in DECIDED:
            raise RecheckError("这条镇里还没有审定，不用请求复核。写错了，请点“更正”。")
        _, is_new = Recheck.objects.get_or_create(
            visit=found, defaults={"asked_at": timezone.now(), "words": words}
        )
        if is_new:
            record(
                by=by,
                verb="ask_recheck",
                words=f"请求复核 {found} 的记录",
                reason=words,
                about=found,
                where=found.household.place,
            )
    return is_new


def uphold(*, by: User, visit: Visit, reason: str) -> None:
    """Leave a visit as it was decided, and say why. Raise NotAllowed outside of one's area, RecheckError for one's own and
    where nothing waits."""
    if not reason.strip():
        raise RecheckError("请写为什么维持原来的结果，本人会看到。")
    with transaction.atomic():
        held = (
            Visit.objects.select_for_update(of=("self",)).select_related("household__place").get(pk=visit.pk)
        )
        if not by.may(Right.REVIEW_VISIT, held.village_code):
            raise NotAllowed("这条不是本镇的记录。")
        if held.worker_id == by.pk:
            raise RecheckError("这是您自己的探访记录，请同事来复核。")
        if not answer_rechecks(by=by, visits=[held.pk], answer=reason, now=timezone.now()):
            raise RecheckError("这条没有等答复的复核请求，或者别人已经答复了。")
        record(
            by=by,
            verb="uphold_visit",
            words=f"复核 {held} 的记录：维持{held.get_state_display()}",
            reason=reason,
            about=held,
            where=held.household.place,
        )


def answer_rechecks(*, by: User, visits: Sequence[UUID], answer: str, now: datetime) -> int:
    """What waits of these visits is answered with it; how many there were."""
    waiting = Recheck.objects.waiting().filter(visit__in=visits)
    return int(waiting.update(answered_by=by, answered_at=now, answer=answer))
