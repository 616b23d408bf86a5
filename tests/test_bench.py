"""The benchmarks themselves, on a county of a handful: that they run, and measure what they say."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from subsidies.models import PaidVisit
from tests.bench import classes, county, harness, pages, plans, settlements, weeks
from tests.bench.county import Home, seed
from tests.bench.harness import Row
from visitcare.kit.weeks import Month, Week, today
from visits.models import Obligation, Visit


@pytest.fixture
def homes(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Home]:
    """Two groups of three households."""
    for name, value in (("VILLAGES", 1), ("GROUPS", 2), ("HOUSEHOLDS", 3)):
        monkeypatch.setattr(county, name, value)
    monkeypatch.setattr(harness, "ROUNDS", 1)
    monkeypatch.setattr(pages, "REQUESTS", 2)
    return seed(1, Month.of(today()).previous)


MEASURED: dict[str, Callable[[list[Home]], Iterator[Row]]] = {
    "settlements": lambda homes: settlements.measure(Month.of(today()).previous),
    "weeks": lambda homes: weeks.measure(homes, Week.of(today()).next),
    "pages": pages.measure,
}


@pytest.mark.parametrize("area", MEASURED)
def test_measurement_runs_and_leaves_the_county_as_it_was(
    homes: list[Home], settings: Settings, area: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ROOT_URLCONF = "tests.bench.pages"
    rows = list(MEASURED[area](homes))
    for row in rows:
        harness.say(row)
    assert [row for row in rows if row.ours <= 0 or row.floor <= 0 or row.size <= 0] == []
    assert len(capsys.readouterr().out.splitlines()) == len(rows) > 0
    if area != "pages":
        assert (PaidVisit.objects.count(), Obligation.objects.count()) == (0, 0)
        assert Visit.objects.count() == len(homes) * county.CONTACTS


def test_pure_measurements_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "ROUNDS", 1)
    monkeypatch.setattr(classes, "ELDERS", 20)
    monkeypatch.setattr(plans, "ELDERS", 20)
    assert [row.size for row in (*classes.measure(), *plans.measure())] == [20, 20, 20]
