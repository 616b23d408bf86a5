"""The plan of a week: a proposal for each household (domain.md §2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from visits.rules.contacts import HOME, PHONE
from visits.rules.duties import Due


@dataclass(frozen=True, slots=True)
class Planned:
    """One proposed contact of a household: the day (0 = Monday), the mode, and which of its elders take part."""

    day: int
    mode: str
    elders: tuple[int, ...]


WORKDAYS, WEEKDAYS = 5, 7


def plan_household(duties: Sequence[Due], offset: int) -> list[Planned]:
    """Spread a household's contacts of a week: home and phone alternate, on different days, elders together.

    `duties` is one Due an elder, `offset` rotates the days so that a worker's households do not all fall on Monday.
    Weekends stay free for catching up unless there are more contacts than working days. Never more than one contact
    of a kind a day: whoever is owed more than seven of a kind is planned seven.
    """
    homes = min(max((due.home for due in duties), default=0), WEEKDAYS)
    greetings = min(max((due.greeting for due in duties), default=0), WEEKDAYS)
    counts = {HOME: 0, PHONE: 0}
    planned: list[Planned] = []
    for day, mode in _slots(homes, greetings, offset):
        counts[mode] += 1
        owed = tuple(
            index
            for index, due in enumerate(duties)
            if (due.home if mode == HOME else due.greeting) >= counts[mode]
        )
        planned.append(Planned(day, mode, owed))
    return planned


def _slots(homes: int, greetings: int, offset: int) -> list[tuple[int, str]]:
    """Day and mode of each contact, in the order of the week."""
    total = homes + greetings
    if total > WEEKDAYS:  # some days get one of each kind
        each = ((HOME, _days(homes, WEEKDAYS, offset)), (PHONE, _days(greetings, WEEKDAYS, offset + 1)))
        return sorted((day, mode) for mode, days in each for day in days)
    days = _days(total, WORKDAYS if total <= WORKDAYS else WEEKDAYS, offset)
    return list(zip(days, _alternating(homes, greetings, offset), strict=True))


def _days(count: int, span: int, offset: int) -> list[int]:
    return sorted([(position * span // count + offset) % span for position in range(count)])


def _alternating(homes: int, greetings: int, offset: int) -> list[str]:
    """The more frequent mode begins; of two equal ones each in every other household, so that no day is all homes."""
    home_first = homes > greetings or (homes == greetings and offset % 2 == 0)
    left = [(HOME, homes), (PHONE, greetings)] if home_first else [(PHONE, greetings), (HOME, homes)]
    return [mode for turn in range(max(homes, greetings)) for mode, count in left if turn < count]
