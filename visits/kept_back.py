"""What somebody has sent from a phone and could not be taken in, for their own eyes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from elders.models import Elder
from visitcare.org.models import User
from visits.actions.receiving import entry_of
from visits.models import KeptBack, Mode

SHOWN = timedelta(days=31)
"""How long what a person has decided stays shown to whoever sent it."""
MOST = 50
STRANGER = "别处的老人"
WITHDRAWN = "withdrawn"
"""Told to the phone of what its person has taken back, or corrected, before anybody looked at it."""


class OwnKeptBack(TypedDict):
    """`words` say why it was not taken in, `reason` what the town has said of it."""

    id: str
    kind: str
    state: str
    state_words: str
    words: str
    reason: str
    when: datetime


def kept_back_of(user: User) -> list[OwnKeptBack]:
    """The newest first: what waits, and what of late was not taken, or taken back. What was taken in after all is a record."""
    return [
        {
            "id": str(kept.received.item),
            "kind": kept.received.kind,
            "state": WITHDRAWN if kept.decided_by_id == user.pk else kept.state,
            "state_words": "撤回" if kept.decided_by_id == user.pk else kept.get_state_display(),
            "words": kept.words,
            "reason": kept.reason,
            "when": kept.since,
        }
        for kept in _open_or_decided(user, KeptBack.State.DECLINED)
    ]


def _open_or_decided(user: User, *decided: str) -> "QuerySet[KeptBack]":
    """What is open, and what a person has decided so of late."""
    lately = Q(state__in=decided, decided_at__gte=timezone.now() - SHOWN)
    own = KeptBack.objects.filter(Q(state__in=KeptBack.OPEN) | lately, received__sender=user)
    return own.select_related("received").order_by("-since")


# On their own page


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """As its sender reads it in 我的记录; `id` is the key under which it is taken back."""

    id: UUID
    names: str
    started_at: datetime
    mode: str
    state: str
    why: str

    @property
    def state_words(self) -> str:
        return _STATES[self.state][2]

    @property
    def chip(self) -> tuple[str, str]:
        """Class name and icon of the state."""
        return _STATES[self.state][:2]

    @property
    def can_withdraw(self) -> bool:
        return self.state == KeptBack.State.WAITING


_STATES: dict[str, tuple[str, str, str]] = {
    KeptBack.State.WAITING: ("wait", "clock", "已收到，镇里要核对"),
    KeptBack.State.CONFLICT: ("wait", "clock", "已收到，镇里要核对"),
    KeptBack.State.DECLINED: ("bad", "no", "镇里没收"),
    KeptBack.State.TAKEN: ("ok", "tick", "后来收下了"),
}


def kept_records(user: User) -> list[KeptRecord]:
    """What waits, and what the town has decided of late, the newest first; two statements and those of the row rule."""
    decided = _open_or_decided(user, KeptBack.State.DECLINED, KeptBack.State.TAKEN)
    shown = decided.exclude(decided_by=user)[:MOST]
    sent = [(kept, entry) for kept in shown if (entry := entry_of(kept.received)).item.said]
    records = [(kept, entry.record(user)) for kept, entry in sent]
    named = {elder for _, record in records for elder in record.elders}
    names = (
        dict(Elder.objects.ever_within(user).filter(pk__in=named).values_list("pk", "name")) if named else {}
    )
    return [
        KeptRecord(
            id=record.id,
            names="、".join(dict.fromkeys(names.get(elder, STRANGER) for elder in record.elders)),
            started_at=record.started_at,
            mode=Mode(record.mode).label,
            state=kept.state,
            why=_why(kept),
        )
        for kept, record in records
    ]


def _why(kept: KeptBack) -> str:
    if kept.state == KeptBack.State.DECLINED:
        return f"镇里说：{kept.reason}"
    return "" if kept.state == KeptBack.State.TAKEN else kept.words
