"""Run every measurement and print the table. Nothing is kept: the database part has a scratch database of its own."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import django
from django.conf import settings

FEW_GROUPS = 60
"""Of the first town: about 10,000 visits."""
FULL = 20
"""Towns of --full; a run without it has one, which is a twentieth of a large county."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL} towns, 50,000 elders, instead of one")
    parser.add_argument("--pure", action="store_true", help="only what needs no database")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visitcare.settings")
    django.setup()

    from tests.bench import classes, harness, plans

    if chosen.full:
        harness.ROUNDS = 3
    harness.say_head()
    for area in (classes, plans):
        for row in area.measure():
            harness.say(row)
    if not chosen.pure:
        with scratch_database():
            measure_registry(FULL if chosen.full else 1)
        with scratch_database():
            measure_database(FULL if chosen.full else 1)


def measure_registry(towns: int) -> None:
    from tests.bench import harness, registry
    from tests.bench.county import seed_empty

    for row in registry.measure(seed_empty(towns), settle_down=analyse):
        harness.say(row)


def measure_database(towns: int) -> None:
    from tests.bench import harness, importing, judging, pages, settlements, weeks
    from tests.bench.county import HOUSEHOLDS, seed, seed_books, seed_month, seed_year
    from visitcare.kit.weeks import Month, Week, today
    from visits.models import Visit

    month = Month.of(today()).previous
    homes = seed(towns)
    first = FEW_GROUPS * HOUSEHOLDS
    seed_month(homes[:first], month)
    analyse()
    few, few_visits = pages.review_list(), Visit.objects.count()
    seed_month(homes[first:], month, waiting=0)
    quiet = seed_year(month)
    analyse()
    many, many_visits = pages.review_list(), Visit.objects.count()
    harness.say(
        harness.Row("lists of visits, p50", many_visits, f"with {few_visits:,} visits", few, many, "≤ 2×")
    )
    without_books = 0.0
    for row in settlements.measure(month, quiet, emptied=emptied):
        harness.say(row)
        if not without_books and isinstance(row, harness.Row):
            without_books = row.ours
    seed_books(month)
    analyse()
    for measured in (
        settlements.measure_after_a_year(month, without_books, emptied=emptied),
        judging.measure(homes),
        weeks.measure(homes, Week.of(today()).next),
        weeks.measure_reports(homes, Week.of(month.first).next),
        pages.measure(homes),
        importing.measure(homes),
    ):
        for row in measured:
            harness.say(row)


def analyse() -> None:
    """As autovacuum does in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def emptied() -> None:
    """Take out of the tables of money what was rolled back."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM subsidies_settlement, subsidies_line, subsidies_paidvisit, subsidies_unpaidvisit"
        )


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database that is dropped at the end, and settings as plain as those of the tests."""
    from django.db import connection
    from django.test.utils import override_settings, setup_test_environment, teardown_test_environment

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain}
    kept = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{os.getpid()}"
    setup_test_environment(debug=False)
    try:
        with (
            TemporaryDirectory() as static,
            override_settings(ROOT_URLCONF="tests.bench.pages", STORAGES=storages, STATIC_ROOT=static),
        ):
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET synchronous_commit = off")
                yield
            finally:
                connection.creation.destroy_test_db(kept, verbosity=0)
    finally:
        teardown_test_environment()


if __name__ == "__main__":
    sys.exit(main())
