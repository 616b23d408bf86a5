"""Planning the week of a county's households."""

import random
from collections.abc import Iterator

from tests.bench.harness import Row, seconds
from visits.rules import HOME, PHONE, Asked, Due, Planned, plan_round

ELDERS = 50_000
ROUND = 16
"""Households of a worker."""
DUES = (Due(2, 2), Due(1, 1), Due(0, 1), Due(0, 1))


def trivial(duties: list[Due]) -> list[Planned]:
    """As many contacts, without a thought for days or company."""
    return [
        Planned(day, mode, (index,))
        for index, due in enumerate(duties)
        for mode, count in ((HOME, due.home), (PHONE, due.greeting))
        for day in range(count)
    ]


def measure() -> Iterator[Row]:
    chance = random.Random(2)
    households = [chance.choices(DUES, k=chance.choice([1, 1, 1, 2])) for _ in range(ELDERS * 4 // 5)]

    def without_thought() -> None:
        for duties in households:
            trivial(duties)

    rounds = [
        [Asked(tuple(duties)) for duties in households[first : first + ROUND]]
        for first in range(0, len(households), ROUND)
    ]

    def planned() -> None:
        for homes in rounds:
            plan_round(homes)

    floor, ours = seconds(without_thought), seconds(planned)
    yield Row("plan_round, a county", ELDERS, "a trivial loop, as many contacts", floor, ours, "< 5×")
