"""How much somebody may send in a day: far more than anybody visits, far less than a disk holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Sum
from django.db.models.functions import Length

from visitcare.kit.weeks import midnight, today
from visitcare.org.models import User
from visits.models import Received

MOST_ROWS, MOST_LETTERS = 2_000, 50_000_000
UNASKED = 10
"""Up to a tenth of it this process goes by what it has seen itself, so that hardly anybody costs a statement."""


class TooMuch(ValueError):
    """Nothing of it was kept, in words for whoever sent it."""

    def __init__(self) -> None:
        super().__init__("今天发来的太多了，先停一停。没有发出去的都还在手机上，明天会自己再发。")


@dataclass(slots=True)
class _Seen:
    day: date
    rows: int = 0
    letters: int = 0


_seen: dict[UUID, _Seen] = {}


def insist_on_measure(*, by: User, texts: Sequence[str]) -> None:
    """Raise TooMuch where these bodies would be more than one sender's for a day."""
    letters = sum(map(len, texts))
    seen = _seen.get(by.pk)
    if seen is None or seen.day != today():
        seen = _seen[by.pk] = _Seen(today())
    seen.rows += len(texts)
    seen.letters += letters
    if seen.rows <= MOST_ROWS // UNASKED and seen.letters <= MOST_LETTERS // UNASKED:
        return
    kept = Received.objects.filter(sender=by, received_at__gte=midnight(today()))
    already = kept.aggregate(rows=Count("pk"), letters=Sum(Length("body"), default=0))
    if already["rows"] + len(texts) > MOST_ROWS or already["letters"] + letters > MOST_LETTERS:
        raise TooMuch
