"""What somebody has sent from a phone and could not be taken in, for their own eyes."""

from datetime import datetime, timedelta
from typing import TypedDict

from django.db.models import Q
from django.utils import timezone

from visitcare.org.models import User
from visits.models import KeptBack

SHOWN = timedelta(days=31)
"""How long what a person has decided stays shown to whoever sent it."""


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
    """The newest first: what waits, and what was not taken of late. What was taken in after all is a record."""
    shown = Q(state__in=KeptBack.OPEN) | Q(
        state=KeptBack.State.DECLINED, decided_at__gte=timezone.now() - SHOWN
    )
    own = KeptBack.objects.filter(shown, received__sender=user).exclude(decided_by=user)
    return [
        {
            "id": str(kept.received.item),
            "kind": kept.received.kind,
            "state": kept.state,
            "state_words": kept.get_state_display(),
            "words": kept.words,
            "reason": kept.reason,
            "when": kept.since,
        }
        for kept in own.select_related("received").order_by("-since")
    ]
