"""When something was, by a phone whose clock may be wrong."""

from datetime import datetime, timedelta

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a phone's clock may be off before anything is made of it."""


def true_time(said: datetime, *, sent_at: datetime | None, arrived_at: datetime) -> datetime:
    """When it was: what the phone says, put right by as much as its clock was wrong when it sent this. A phone that
    does not say when it sent is believed."""
    if sent_at is None or abs(arrived_at - sent_at) <= CLOCK_TOLERANCE:
        return said
    return said + (arrived_at - sent_at)
