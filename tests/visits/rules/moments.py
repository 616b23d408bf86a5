"""What the rules are tried with."""

from datetime import UTC, datetime
from uuid import UUID

from visitcare.kit.weeks import SHANGHAI
from visitcare.policy.rules import CarePolicy

POLICY = CarePolicy()


def at(text: str) -> datetime:
    """A moment in Shanghai, but as UTC: as a server would have it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def key(number: int) -> UUID:
    return UUID(int=number)
