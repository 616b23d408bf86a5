"""Settling a month, town by town, against the COPY of the rows it writes; and what it leaves behind."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial

from django.db import connection

from subsidies.actions import settle
from subsidies.models import Line, PaidVisit, Settlement, UnpaidVisit
from tests.bench.harness import Fact, Row, seconds, undoing, undone
from tests.bench.tables import copied_out, copy_again, copy_in
from visitcare.kit.weeks import Month, Week
from visitcare.org.models import Division, User
from visits.actions import open_week
from visits.models import Visit

WRITTEN = (Line, UnpaidVisit, PaidVisit)


def measure(month: Month, quiet: date, *, emptied: Callable[[], object]) -> Iterator[Row | Fact]:
    """`quiet` begins a month with a quarter of the visits. Tables of money are empty before every round; `emptied` also
    takes out what rolled back rounds have left in them, which no settling meets."""
    system, towns = User.objects.system(), list(Division.objects.at("town"))
    for each in (month, Month.of(quiet)):
        open_weeks(each)

    def settle_all(of: Month = month) -> None:
        settle(by=system, month=of, towns=towns)

    visits = visits_of(month)
    with undone():
        settle_all()
        rows, head = copied_out(*WRITTEN), copied_out(Settlement)
        again = seconds(settle_all)
    # A transaction each, as settling has.
    full = seconds(undoing(partial(copy_again, head | rows)), before=emptied)
    bare = seconds(undoing(partial(copy_in, rows)), before=emptied)
    ours = seconds(undoing(settle_all), before=emptied)
    yield Row("settle, a month", visits, "COPY of its rows with their key", bare, ours, "≤ 8×")
    yield Row("settle, a month", visits, "the same, with foreign keys and all", full, ours, "")
    yield Row("settle again, nothing new", visits, "COPY of its rows with their key", bare, again, "≤ 8×")
    fewer = seconds(undoing(partial(settle_all, Month.of(quiet))), before=emptied)
    times = visits / max(visits_of(Month.of(quiet)), 1)
    yield Row(f"settle, {times:.1f} times the visits", visits, "the fewer visits", fewer, ours, "≤ 5×")
    yield from _traces(visits, settle_all)


def measure_after_a_year(month: Month, without: float, *, emptied: Callable[[], object]) -> Iterator[Row]:
    """Once more, behind `seed_books`; `without` any books it took so many seconds."""
    system, towns = User.objects.system(), list(Division.objects.at("town"))
    ours = seconds(undoing(partial(settle, by=system, month=month, towns=towns)), before=emptied)
    yield Row("settle, a year of books behind", visits_of(month), "without any books", without, ours, "≤ 2×")


def open_weeks(month: Month) -> None:
    """As the nights before have done."""
    week = Week.of(month.first)
    while week.monday <= month.last:
        open_week(by=User.objects.system(), week=week)
        week = week.next


def visits_of(month: Month) -> int:
    return Visit.objects.filter(started_at__gte=month.starts_at, started_at__lt=month.ends_at).count()


def _traces(visits: int, settle_all: "partial[None]") -> Iterable[Fact]:
    """Bytes of write-ahead log, pages touched once already since the last checkpoint; and rows of visits rewritten."""
    undoing(settle_all)()
    with undone(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        (begun,) = cursor.fetchone()
        settle_all()
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", [begun])
        written = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT sum(n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname IN (%s, %s)",
            ["visits_visit", "visits_visitedelder"],
        )
        (rewritten,) = cursor.fetchone()
    yield Fact("settle, bytes of WAL a visit", visits, f"{written / visits:.0f}", "≤ 300")
    yield Fact("settle, rows of visits rewritten", visits, str(rewritten), "0")
