"""What could not be taken in from phones: tried again when somebody has mended what stood in its way, or not taken."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from visitcare.audit.actions import record
from visitcare.org.actions import NotAllowed, require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visits.actions.answering import Answer
from visits.actions.receiving import Taking, entry_of, log_broken
from visits.models import KeptBack, Received

LOOKED_BACK = timedelta(days=31)
"""How far the nightly run looks for what was kept and never judged."""
AT_ONCE = 100
CAN_BE_TRIED = (KeptBack.State.WAITING, KeptBack.State.REFUSED)


class MendingError(ValueError):
    """What cannot be done with something that was kept back, in words for whoever tried."""


def take_again(*, by: User, kept: KeptBack) -> Answer:
    """Let what was kept back go through the same door once more, now that the town stands for it: the postings and
    assignments of the day of the visit decide. What is taken in bears the moment at which it first came."""
    with transaction.atomic():
        held = _held(by, kept, CAN_BE_TRIED, "这条已经处理过了，不用再办。")
        sender = User.objects.get(pk=held.received.sender_id)
        (answer,) = Taking(sender, vouched=True).take([entry_of(held.received)])
        if (
            held.state == KeptBack.State.WAITING
        ):  # the town's to decide on still, and their sender's to be told of
            KeptBack.objects.filter(pk=held.pk, state=KeptBack.State.REFUSED).update(state=held.state)
        if answer.is_taken:
            KeptBack.objects.filter(pk=held.pk).update(decided_by=by, decided_at=timezone.now())
        _record(by, held, verb="take_again", words=f"再处理{sender.name}手机发来的记录：{answer.words}")
    return answer


def decline_kept(*, by: User, kept: KeptBack, reason: str) -> None:
    """Not to be taken in; whoever sent it reads the reason."""
    reason = reason.strip()
    if not reason:
        raise MendingError("请写为什么不收，本人会看到。")
    with transaction.atomic():
        held = _held(by, kept, KeptBack.OPEN, "这条已经处理过了，不用再办。")
        KeptBack.objects.filter(pk=held.pk).update(
            state=KeptBack.State.DECLINED, decided_by=by, decided_at=timezone.now(), reason=reason
        )
        _record(
            by,
            held,
            verb="decline_kept",
            words=f"不收{held.received.sender.name}手机发来的记录",
            reason=reason,
        )


def take_what_waits() -> int:
    """Judge what was kept and never judged, for the process died in between; how many. What goes wrong with one sender
    holds up nobody else: the next night tries again."""
    since = timezone.now() - LOOKED_BACK
    waiting = Received.objects.unanswered().filter(received_at__gte=since).select_related("kept_back")
    count = 0
    for _, rows in groupby(waiting.order_by("sender", "received_at", "pk"), key=lambda row: row.sender_id):
        sent = list(rows)
        try:
            _take(sent)
            count += len(sent)
        except Exception as error:
            log_broken(sent[0].pk, error)
    return count


def _take(rows: Sequence[Received]) -> None:
    """Of one sender, in their order."""
    sender = User.objects.get(pk=rows[0].sender_id)
    entries = [entry_of(row) for row in rows]
    for start in range(0, len(entries), AT_ONCE):
        Taking(sender).take(entries[start : start + AT_ONCE])


def _held(by: User, kept: KeptBack, states: "tuple[str, ...]", refusal: str) -> KeptBack:
    require(by, Right.REVIEW_VISIT, kept.village_code)
    held = KeptBack.objects.select_for_update(of=("self",)).select_related("received__sender").get(pk=kept.pk)
    if held.received.sender_id == by.pk:
        raise NotAllowed("这是您自己发来的记录，请同事来办。")
    if held.state not in states:
        raise MendingError(refusal)
    return held


def _record(by: User, kept: KeptBack, *, verb: str, words: str, reason: str = "") -> None:
    place = Division.objects.filter(pk=kept.village_code).first()
    record(by=by, verb=verb, words=words, reason=reason, about=kept, where=place)
