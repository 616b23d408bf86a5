"""Who does what, and until when, after an attempt to reach an elder has failed (domain.md §2).

One clock an elder: it starts with the first failed attempt since the last success, and no later attempt starts it
again. Its length is the hours of the elder's class (P); each step begins at a part of it, or as soon as the one before
it has been done in vain.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

SILENT = ("not_home", "no_answer")
DECLINED = "declined"
FAILED = (*SILENT, DECLINED)

WORKER, VILLAGE, TOWN = "worker", "village", "town"
"""Who owns a step."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it begins when a part of the hours is over; within days, at the time of day of the attempt."""

    name: str
    owner: str
    begins: Fraction

    def begins_at(self, since: datetime, hours: int) -> datetime:
        after = timedelta(hours=float(self.begins * hours))
        if self.begins < 1 and after > DAY:
            after -= after % DAY  # nobody is told to call by four in the morning
        return since + after


RETRY = Step("retry", WORKER, Fraction(0))
ASK_CONTACT = Step("contact", WORKER, Fraction(1, 4))
LOOK = Step("village", VILLAGE, Fraction(1, 2))
ALERT = Step("town", TOWN, Fraction(1))
LEAVE = Step("leave", WORKER, Fraction(0))

SILENCE = (RETRY, ASK_CONTACT, LOOK, ALERT)
REFUSAL = (LEAVE, ALERT)
"""Who declines has been heard: nobody looks for them and nobody presses them. The town asks what they wish."""


def steps_after(outcome: str) -> Sequence[Step]:
    """The steps that follow an attempt that failed in this way."""
    return REFUSAL if outcome == DECLINED else SILENCE


def step_at(
    steps: Sequence[Step], *, since: datetime, hours: int, now: datetime, in_vain: Collection[str]
) -> Step:
    """The step whose turn it is: the last that has begun by the clock, or the one after what was done in vain."""
    reached = 0
    for number, step in enumerate(steps):
        if step.begins_at(since, hours) <= now:
            reached = max(reached, number)
        if step.name in in_vain:
            reached = max(reached, number + 1)
    return steps[min(reached, len(steps) - 1)]


def following(steps: Sequence[Step], step: Step) -> Step | None:
    """The step after one, None after the last."""
    return next(iter(steps[steps.index(step) + 1 :]), None)
