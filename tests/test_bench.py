"""The benchmarks themselves, on a county of a handful: that they run, and measure what they say."""

from collections.abc import Callable, Iterator

import pytest
from dateutil.relativedelta import relativedelta
from pytest_django import Settings

from elders.models import Elder
from subsidies.models import PaidVisit, Settlement
from tests.bench import (
    classes,
    county,
    harness,
    importing,
    judging,
    pages,
    plans,
    registry,
    settlements,
    weeks,
)
from tests.bench.county import Home, seed, seed_books, seed_empty, seed_month, seed_year
from tests.bench.harness import Fact, Row
from tests.bench.settlements import visits_of
from visitcare.kit.weeks import Month, Week, today

MONTH = Month.of(today()).previous


@pytest.fixture
def homes(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Home]:
    """Two groups of three households."""
    for name, value in (("VILLAGES", 1), ("GROUPS", 2), ("HOUSEHOLDS", 3)):
        monkeypatch.setattr(county, name, value)
    monkeypatch.setattr(harness, "ROUNDS", 1)
    monkeypatch.setattr(pages, "REQUESTS", 2)
    monkeypatch.setattr(pages, "LISTS", 1)
    monkeypatch.setattr(pages, "SYNCS", 1)
    homes = seed(1)
    seed_month(homes, MONTH, waiting=3)
    return homes


def nothing() -> None:
    """No VACUUM within the transaction of a test."""


MEASURED: dict[str, Callable[[list[Home]], Iterator[Row]]] = {
    "settlements": lambda homes: settlements.measure(MONTH, seed_year(MONTH), emptied=nothing),
    "books": lambda homes: measured_after_a_year(),
    "weeks": lambda homes: weeks.measure(homes, Week.of(today()).next),
    "reports": lambda homes: weeks.measure_reports(homes, Week.of(MONTH.first).next),
    "pages": pages.measure,
    "judging": judging.measure,
    "importing": importing.measure,
}


def measured_after_a_year() -> Iterator[Row]:
    seed_year(MONTH)
    seed_books(MONTH)
    frozen = Settlement.objects.filter(state=Settlement.State.CLOSED)
    assert [one.month for one in frozen.order_by("-month")] == [
        MONTH.first - relativedelta(months=ago) for ago in range(1, 12)
    ]
    assert all(one.paid_visits.exists() for one in frozen)
    return settlements.measure_after_a_year(MONTH, 1.0, emptied=nothing)


@pytest.mark.parametrize("area", MEASURED)
def test_measurement_runs_and_leaves_the_county_as_it_was(
    homes: list[Home], settings: Settings, area: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ROOT_URLCONF = "tests.bench.pages"
    rows = list(MEASURED[area](homes))
    for row in rows:
        harness.say(row)
    assert all(row.found if isinstance(row, Fact) else min(row.ours, row.floor) > 0 for row in rows)
    assert all(row.size > 0 for row in rows)
    assert len(capsys.readouterr().out.splitlines()) == len(rows) > 0
    if area != "pages":
        assert not PaidVisit.objects.filter(started_at__gte=MONTH.starts_at).exists()
        assert visits_of(MONTH) == len(homes) * county.CONTACTS


def test_lists_of_visits_are_measured(homes: list[Home]) -> None:
    assert pages.review_list() > 0


def test_pure_measurements_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "ROUNDS", 1)
    monkeypatch.setattr(classes, "ELDERS", 20)
    monkeypatch.setattr(plans, "ELDERS", 20)
    assert [row.size for row in (*classes.measure(), *plans.measure()) if row.ours > 0] == [20, 20, 20]


def test_lists_are_measured_small_and_large(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ROOT_URLCONF = "tests.bench.pages"
    for module, name, value in (
        (county, "VILLAGES", 1), (county, "GROUPS", 2), (county, "HOUSEHOLDS", 3), (registry, "FEW", 2),
        (registry, "LOOKS", 1), (registry, "SOMEBODY", 0),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    rows = list(registry.measure(seed_empty(1), settle_down=nothing))
    assert {row.size for row in rows} == {Elder.objects.count()}
    assert {row.floor_words.split(",")[0] for row in rows} == {"with 2 elders"}
    assert rows[0].floor_words == f"with 2 elders, 2 rows shown for {Elder.objects.count()}"
    assert len(rows) == len(registry.FILTERS) + len(registry.TERMS)
