"""What the night does with batches that nobody goes on with."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from visitcare.org.importing.batches import State, has_died
from visitcare.org.importing.files import drop_file, drop_files_but
from visitcare.org.models import ImportBatch, ImportVerdict

WAITING = (State.JUDGING, State.JUDGED, State.STORING)
"""For their file, or for somebody to look at it."""
KEPT = timedelta(days=7)
"""How long a file waits for somebody to confirm it, and the verdicts for somebody to read them."""


def forget_old_batches() -> int:
    """Delete files that nobody confirmed within a week, verdicts that nobody reads any more, and what was left lying
    about; how many batches that were."""
    old = ImportBatch.objects.filter(touched_at__lt=timezone.now() - KEPT)
    waiting = old.filter(state__in=WAITING)
    with transaction.atomic():
        given_up = [batch for batch in waiting if _give_up(batch)]
        ImportVerdict.objects.filter(
            Q(batch__in=given_up) | Q(batch__in=old.exclude(state__in=WAITING))
        ).delete()
    for batch in given_up:
        drop_file(batch)
    drop_files_but(ImportBatch.objects.filter(state__in=WAITING))
    return len(given_up)


def _give_up(batch: ImportBatch) -> bool:
    """Whether a batch is given up: not one that runs, nor one that somebody has gone on with by now."""
    if batch.state in ImportBatch.RUNNING and not has_died(batch):
        return False
    as_it_was = ImportBatch.objects.filter(pk=batch.pk, state=batch.state, touched_at=batch.touched_at)
    return bool(as_it_was.update(state=State.ABANDONED, file_key="", touched_at=timezone.now()))
