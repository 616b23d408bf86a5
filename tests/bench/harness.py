"""Medians of a few rounds, each beside the least that the same work could take in the same run."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from django.db import connection, transaction

ROUNDS = 5
UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (0, "ns"))


@dataclass(frozen=True)
class Row:
    """One line of the table; both times in seconds. `target` is what we want, in words."""

    work: str
    size: int
    floor_words: str
    floor: float
    ours: float
    target: str

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


@dataclass(frozen=True)
class Fact:
    """One line of the table that is no time."""

    work: str
    size: int
    found: str
    target: str


def seconds(work: Callable[[], object], *, before: Callable[[], object] | None = None) -> float:
    """The median time of one call; what comes before each is not counted."""
    times = []
    for _ in range(ROUNDS):
        if before:
            before()
        times.append(once(work))
    return median(times)


def once(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def percentiles(works: Iterable[Callable[[], object]]) -> tuple[float, float]:
    """p50 and p95 of many calls, after one that warms up."""
    first, *rest = works
    first()
    times = sorted(once(work) for work in rest)
    return median(times), times[len(times) * 95 // 100]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is rolled back, so that every round begins at the same state; but not before the
    references were checked, which else a commit would do."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def undoing(work: Callable[[], object]) -> Callable[[], None]:
    def round_of_work() -> None:
        with undone():
            work()

    return round_of_work


def say(row: Row | Fact) -> None:
    if isinstance(row, Fact):
        print(f"{row.work:<34} {row.size:>9,}  {row.found:>9}  {'':>9}  {'':>7}  {row.target}", flush=True)
        return
    print(
        f"{row.work:<34} {row.size:>9,}  {_words(row.ours):>9}  {_words(row.floor):>9}  {row.ratio:>6.1f}×"
        f"  {row.target:<12}  {row.floor_words}",
        flush=True,
    )


def say_head() -> None:
    head = f"{'work':<34} {'size':>9}  {'ours':>9}  {'floor':>9}  {'ratio':>7}  {'target':<12}  what the floor does"
    print(head, "-" * len(head), sep="\n", flush=True)


def _words(time_taken: float) -> str:
    scale, unit = next(one for one in UNITS if time_taken >= one[0])
    return f"{time_taken / (scale or 1e-9):.3g} {unit}"
