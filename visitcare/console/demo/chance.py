"""Chance: one generator decides everything, so that the same seed and day give the same county."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from visitcare.kit.weeks import SHANGHAI

T = TypeVar("T")


class Chance:
    """Draws of every kind from one seed. Never give it a set: sets have no order of their own."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (made-up people, not secrets)

    def happens(self, share: float) -> bool:
        """True in that share of the cases (0 to 1)."""
        return self._random.random() < share

    def pick(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def weighted(self, shares: Mapping[T, float]) -> T:
        return self._random.choices(list(shares), list(shares.values()))[0]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones, or all of them where there are fewer."""
        return self._random.sample(options, min(count, len(options)))

    def shuffled(self, options: Sequence[T]) -> list[T]:
        return self.some(options, len(options))

    def number(self, low: int, high: int) -> int:
        """Both ends included."""
        return self._random.randint(low, high)

    def day(self, first: date, last: date) -> date:
        """Both ends included; `first` where they are the wrong way round."""
        return first + timedelta(days=self.number(0, max((last - first).days, 0)))

    def moment(self, day: date, low: str, high: str) -> datetime:
        """A minute of a day in Shanghai, between "08:00" and "17:30", both included."""
        minutes = self.number(_minutes(low), _minutes(high))
        return at_minute(day, minutes)

    def uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def at_minute(day: date, minutes: int) -> datetime:
    """So many minutes after midnight in Shanghai."""
    return datetime.combine(day, time(minutes // 60, minutes % 60), SHANGHAI)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def portion(count: int, share: float, least: int = 1) -> int:
    """That share of a count, but at least so many: a small county has its special cases too."""
    return max(least, int(count * share))
