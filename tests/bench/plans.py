"""Planning the week of a county's households."""

import random
from collections.abc import Iterator

from tests.bench.harness import Row, seconds
from visits.rules import HOME, PHONE, Due, Planned, plan_household

ELDERS = 50_000
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

    def planned() -> None:
        for turn, duties in enumerate(households):
            plan_household(duties, turn)

    floor, ours = seconds(without_thought), seconds(planned)
    yield Row("plan_household, a county", ELDERS, "a trivial loop, as many contacts", floor, ours, "< 5×")
