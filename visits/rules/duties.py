"""What an elder is owed in a week, and what is left of it (notice part 3; domain.md §2)."""

from typing import NamedTuple

from visitcare.policy.rules import CarePolicy


class Due(NamedTuple):
    """Contacts of a week, by kind."""

    home: int
    greeting: int

    @property
    def total(self) -> int:
        return self.home + self.greeting


def duty(risk_class: str, consent: str, policy: CarePolicy) -> Due | None:
    """What an elder is owed in a week; None when they refused (domain.md §2: no obligation)."""
    if consent == "refused":
        return None
    home, greeting = policy.weekly(risk_class)
    return Due(0 if consent == "phone_only" else home, greeting)


class Standing(NamedTuple):
    """How far an obligation is, by kind. `covered` are greetings that surplus home visits stand for; `extra` is what
    was done beyond all that."""

    missing: Due
    covered: int
    extra: Due


def standing(required: Due, done: Due, *, surplus_covers: bool) -> Standing:
    """What was done of what is owed: a surplus home visit may cover a greeting (P), a greeting never covers a home visit."""
    surplus = max(done.home - required.home, 0)
    short = max(required.greeting - done.greeting, 0)
    covered = min(surplus, short) if surplus_covers else 0
    return Standing(
        missing=Due(max(required.home - done.home, 0), short - covered),
        covered=covered,
        extra=Due(surplus - covered, max(done.greeting - required.greeting, 0)),
    )


def still_due(required: Due, done: Due, policy: CarePolicy) -> Due:
    """What is left of what is owed."""
    return standing(required, done, surplus_covers=policy.surplus_home_covers_phone).missing
