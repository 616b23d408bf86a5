"""The plan of a week: a proposal for each household of a worker's round (domain.md §2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from visits.rules.contacts import HOME, PHONE
from visits.rules.duties import Due


@dataclass(frozen=True, slots=True)
class Planned:
    """One proposed contact of a household: the day (0 = Monday), the mode, and which of its elders take part."""

    day: int
    mode: str
    elders: tuple[int, ...]


WORKDAYS, WEEKDAYS = 5, 7
EVERY_DAY = tuple(range(WEEKDAYS))
LEEWAY = 2
"""By how many contacts one day of a round may be heavier than another before households get other days."""


class Way(NamedTuple):
    """One way to spread a household's contacts over a week. `cells` are what it adds to: the load of each of its days,
    of its home visits and of its calls; `marks` names its days and modes in one number (see `mark`)."""

    contacts: tuple[Planned, ...]
    cells: tuple[int, ...]
    marks: int


class Asked(NamedTuple):
    """What the plan must know of one household: a Due for each elder, and the marks of its latest plan (0: none)."""

    duties: tuple[Due, ...]
    marks: int = 0


def mark(day: int, mode: str) -> int:
    """A contact as one bit: home visits on the first seven, calls on the next."""
    return 1 << (day if mode == HOME else WEEKDAYS + day)


def plan_round(households: Sequence[Asked], free: tuple[int, ...] = EVERY_DAY) -> list[tuple[Planned, ...]]:
    """The week of one worker's households, on the days that suit (`free`, 0 = Monday).

    A household keeps the days of its latest plan, or as many of them as what it is owed now allows; a new one gets the
    days with least on them. Only where a day has become heavier than another by more than LEEWAY, households move,
    and no more of them than that takes. So the same round planned again stays as it is, and one household more or
    less moves the others only when the days would not be even without it.
    """
    load = [0] * (3 * WEEKDAYS)
    open_to = [ways(asked.duties, free) for asked in households]
    chosen = [_as_before(asked.marks, its) for asked, its in zip(households, open_to, strict=True)]
    for way in chosen:
        if way is not None:
            _add(load, way, 1)
    settled = [way or _lightest(load, its) for way, its in zip(chosen, open_to, strict=True)]
    _even_out(load, settled, open_to, [day for day in free if day < WORKDAYS])
    return [way.contacts for way in settled]


def _as_before(marks: int, its: tuple[Way, ...]) -> Way | None:
    """The way that has most in common with the latest plan, if anything."""
    if not marks:
        return None
    for way in its:
        if way.marks == marks:
            return way
    best = max(its, key=lambda way: (way.marks & marks).bit_count())
    return best if best.marks & marks else None


def _lightest(load: list[int], its: tuple[Way, ...]) -> Way:
    """The way that falls on the days with least on them; it is added to the load."""
    best, least = its[0], _cost(load, its[0])
    for way in its[1:]:
        cost = _cost(load, way)
        if cost < least:
            best, least = way, cost
    _add(load, best, 1)
    return best


def _cost(load: list[int], way: Way) -> int:
    return sum([load[cell] for cell in way.cells])


def _add(load: list[int], way: Way, times: int) -> None:
    for cell in way.cells:
        load[cell] += times


def _even_out(
    load: list[int], settled: list[Way], open_to: Sequence[tuple[Way, ...]], days: Sequence[int]
) -> None:
    """Move households, the last first, until no day is heavier than another by more than LEEWAY, or none can be moved
    to lighter days. Every move makes the squares of the loads less in sum: it ends."""
    moved = True
    while moved and _is_uneven(load, days):
        moved = False
        for index in reversed(range(len(settled))):
            way = settled[index]
            _add(load, way, -1)
            settled[index] = _lightest(load, (way, *open_to[index]))
            if settled[index] is not way:
                moved = True
                if not _is_uneven(load, days):
                    return


def _is_uneven(load: list[int], days: Sequence[int]) -> bool:
    """Whether the days differ too much in all contacts, in home visits or in calls."""
    for kind in range(3):
        of_days = [load[kind * WEEKDAYS + day] for day in days]
        if of_days and max(of_days) - min(of_days) > LEEWAY:
            return True
    return False


@lru_cache(maxsize=10_000)
def ways(duties: tuple[Due, ...], free: tuple[int, ...] = EVERY_DAY) -> tuple[Way, ...]:
    """All ways to spread a household's contacts: home and phone alternate, on different days, elders together.

    Weekends stay free for catching up unless there are more contacts than working days that suit; then some days get
    one of each kind rather than a day that does not suit, and such a day is used only when there is no other: what is
    owed comes first. Never more than one contact of a kind a day: whoever is owed more than seven of a kind is planned
    seven.
    """
    homes = min(max((due.home for due in duties), default=0), WEEKDAYS)
    greetings = min(max((due.greeting for due in duties), default=0), WEEKDAYS)
    days = _days(homes, greetings, free)
    orders = (True, False) if homes == greetings else (homes > greetings,)
    slots = {
        _slots(homes, greetings, days, turn, home_first=home_first): None
        for turn in range(len(days))
        for home_first in orders
    }
    return tuple(_way(duties, one) for one in slots)


def _days(homes: int, greetings: int, free: tuple[int, ...]) -> tuple[int, ...]:
    """The days to spread over."""
    workdays = tuple(day for day in free if day < WORKDAYS)
    if homes + greetings <= len(workdays):
        return workdays or EVERY_DAY
    return free if max(homes, greetings) <= len(free) else EVERY_DAY


def _slots(
    homes: int, greetings: int, days: tuple[int, ...], turn: int, *, home_first: bool
) -> tuple[tuple[int, str], ...]:
    """Day and mode of each contact, in the order of the week. The more frequent mode begins."""
    if homes + greetings > len(days):  # some days get one of each kind
        each = ((HOME, _spread(homes, days, turn)), (PHONE, _spread(greetings, days, turn + 1)))
        return tuple(sorted((day, mode) for mode, its in each for day in its))
    left = [(HOME, homes), (PHONE, greetings)] if home_first else [(PHONE, greetings), (HOME, homes)]
    modes = [mode for round_ in range(max(homes, greetings)) for mode, count in left if round_ < count]
    return tuple(zip(_spread(homes + greetings, days, turn), modes, strict=True))


def _spread(count: int, days: tuple[int, ...], turn: int) -> list[int]:
    return sorted(days[(position * len(days) // count + turn) % len(days)] for position in range(count))


def _way(duties: tuple[Due, ...], slots: tuple[tuple[int, str], ...]) -> Way:
    """With the elders of each contact: those who are owed as many of its kind."""
    counts = {HOME: 0, PHONE: 0}
    contacts, cells, marks = [], [], 0
    for day, mode in slots:
        counts[mode] += 1
        owed = tuple(
            index
            for index, due in enumerate(duties)
            if (due.home if mode == HOME else due.greeting) >= counts[mode]
        )
        contacts.append(Planned(day, mode, owed))
        cells += [day, (WEEKDAYS if mode == HOME else 2 * WEEKDAYS) + day]
        marks |= mark(day, mode)
    return Way(tuple(contacts), tuple(cells), marks)
