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


def still_due(required: Due, done: Due, policy: CarePolicy) -> Due:
    """What is left: a surplus home visit may cover a greeting (P), a greeting never covers a home visit."""
    home = max(required.home - done.home, 0)
    surplus = max(done.home - required.home, 0) if policy.surplus_home_covers_phone else 0
    return Due(home, max(required.greeting - done.greeting - surplus, 0))
