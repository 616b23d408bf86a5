"""What the night does with batches that nobody goes on with."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from visitcare.org.importing.batches import State, has_died
from visitcare.org.importing.files import drop_file, drop_files_but
from visitcare.org.models import ImportBatch, ImportVerdict

KEPT = timedelta(days=7)
"""How long a file waits for somebody to confirm it, and the verdicts for somebody to read them."""


def forget_old_batches() -> int:
    """Delete files that nobody confirmed within a week, verdicts that nobody reads any more, and what was left lying
    about; how many batches that were."""
    old = ImportBatch.objects.filter(touched_at__lt=timezone.now() - KEPT)
    waiting = old.exclude(state__in=[State.STORED, State.UNDOING, State.UNDONE, State.ABANDONED])
    given_up = [batch for batch in waiting if batch.state not in ImportBatch.RUNNING or has_died(batch)]
    keys = [batch.pk for batch in given_up]
    with transaction.atomic():
        ImportVerdict.objects.filter(batch__in=old).exclude(batch__in=waiting.exclude(pk__in=keys)).delete()
        ImportBatch.objects.filter(pk__in=keys).update(
            state=State.ABANDONED, file_key="", touched_at=timezone.now()
        )
    for batch in given_up:
        drop_file(batch)
    drop_files_but(ImportBatch.objects.filter(state__in=[State.JUDGING, State.JUDGED, State.STORING]))
    return len(given_up)
