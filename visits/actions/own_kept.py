"""Somebody's own records that could not be taken in, taken back or corrected before a person looked at them."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from visitcare.audit.actions import Occurrence, record_each
from visitcare.org.models import Division, User
from visits.models import KeptBack

WITHDRAWN = "本人撤回"


def withdraw_kept(*, by: User, item: UUID) -> int:
    """Take back what waits of one's own under a key of the phone; how many there were."""
    return close_kept(by=by, kept=KeptBack.objects.filter(received__item=item), why=WITHDRAWN)


def close_kept(*, by: User, kept: "QuerySet[KeptBack]", why: str) -> int:
    """Let what waits of some of one's own count no more; how many there were. What the town has decided stays so."""
    with transaction.atomic():
        own = kept.filter(received__sender=by, state=KeptBack.State.WAITING).select_related("received")
        waiting = list(own.select_for_update(of=("self",)).order_by("pk"))
        KeptBack.objects.filter(pk__in=[one.pk for one in waiting]).update(
            state=KeptBack.State.DECLINED, decided_by=by, decided_at=timezone.now(), reason=why
        )
        places = Division.objects.in_bulk({one.village_code for one in waiting})
        record_each(
            by=by,
            verb="close_kept",
            reason=why,
            of=[
                Occurrence(
                    f"{by.name}手机发来、等处理的{one.received.get_kind_display()}，不再算",
                    one,
                    places.get(one.village_code),
                )
                for one in waiting
            ],
        )
    return len(waiting)
