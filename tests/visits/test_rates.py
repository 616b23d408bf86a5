"""The two rates, by place and period."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from elders.actions import close_elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder, make_visit, moment
from visitcare.kit.weeks import Month, Week, today
from visitcare.org.models import User
from visits.actions import close_weeks, open_week
from visits.models import Progress
from visits.rates import Rates, rate_words, rates, together

MARCH = Month.parse("2025-03")


def of_march(cast: Cast, digits: int = 12) -> dict[str, Rates]:
    return rates(frozenset({cast.county.code}), MARCH.first, MARCH.last, digits=digits)


def counted(one: Rates) -> tuple[int, int, int, int, int]:
    return one.met, one.owed, one.visited, one.active, one.refused


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "—"), (0, 3, "0.0%"), (2, 3, "66.6%"), (9_999, 10_000, "99.9%"), (7, 7, "100.0%")],
)
def test_all_is_said_of_all_alone(part: int, whole: int, words: str) -> None:
    assert rate_words(part, whole) == words


def test_both_rates_by_village_town_and_together(cast: Cast, system: User) -> None:
    met, missed, away, also = (make_elder(group) for group in [cast.group] * 3 + [cast.next_group])
    make_elder(cast.group, consent="refused")
    make_elder(cast.other_group)
    away.pauses.create(starts_on=date(2025, 3, 3), ends_on=date(2025, 3, 9), reason="away")
    open_week(by=system, week=Week(date(2025, 3, 3)))
    make_visit(cast.worker, met, mode="phone", state="valid")
    make_visit(cast.worker, missed, mode="phone", at="2025-03-20 09:00", state="valid")
    make_visit(cast.worker, away, mode="phone", at="2025-03-20 09:00", outcome="no_answer", state="valid")
    make_visit(cast.next_worker, also, mode="phone", at="2025-02-20 09:00", state="valid")
    make_visit(cast.next_worker, also, mode="phone", at="2025-03-20 09:00")
    for _ in range(2):
        found = of_march(cast)
        assert {code: counted(one) for code, one in found.items()} == {
            cast.village.code: (1, 2, 2, 3, 1),
            cast.next_village.code: (0, 1, 0, 1, 0),
            cast.other_village.code: (0, 1, 0, 1, 0),
        }
        assert (found[cast.village.code].weekly, found[cast.village.code].monthly) == ("50.0%", "66.6%")
        by_town = of_march(cast, 9)
        assert counted(by_town[cast.town.code]) == (1, 3, 2, 4, 1)
        assert counted(together(by_town.values())) == counted(together(found.values())) == (1, 4, 2, 5, 1)
        close_weeks(by=system)  # and again, from what was written down


@pytest.mark.parametrize(
    ("monday", "owed"),
    [(date(2025, 2, 17), 0), (date(2025, 2, 24), 1), (date(2025, 3, 24), 1), (date(2025, 3, 31), 0)],
)
def test_period_has_the_weeks_that_end_in_it(cast: Cast, system: User, monday: date, owed: int) -> None:
    make_elder(cast.group)
    open_week(by=system, week=Week(monday))
    assert of_march(cast)[cast.village.code].owed == owed


def test_only_places_of_the_areas_are_told(cast: Cast, system: User) -> None:
    for group in (cast.group, cast.next_group, cast.other_group):
        make_elder(group)
    open_week(by=system, week=Week(date(2025, 3, 3)))
    found = rates(frozenset({cast.village.code}), MARCH.first, MARCH.last, digits=12)
    assert list(found) == [cast.village.code]
    assert rates(frozenset(), MARCH.first, MARCH.last, digits=12) == {}


def test_elders_count_who_are_on_the_books_at_the_end_where_they_live_then(cast: Cast, system: User) -> None:
    leaving, dying = make_elder(cast.group), make_elder(cast.group)
    close_elder(by=system, elder=dying, last_day=date(2025, 3, 20), reason="died")
    leaving.residences.update(ends_on=date(2025, 3, 15))
    leaving.residences.create(household=make_elder(cast.other_group).household, starts_on=date(2025, 3, 16))
    assert {code: one.active for code, one in of_march(cast).items()} == {cast.other_village.code: 2}


def test_running_month_counts_the_elders_of_today(cast: Cast) -> None:
    make_elder(cast.group, registered_on=today() - timedelta(days=7))
    month = Month.of(today())
    found = rates(frozenset({cast.town.code}), month.first, month.last, digits=9)
    assert found[cast.town.code].active == 1


def test_week_to_come_lowers_no_rate(cast: Cast, system: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is opened on the Sunday before."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment("2025-03-16 12:00"))
    make_elder(cast.group)
    for monday in (date(2025, 3, 10), date(2025, 3, 17)):
        open_week(by=system, week=Week(monday))
    assert sum(together(of_march(cast).values()).counts[state] for state in Progress.values) == 1


def test_one_statement_for_any_number(cast: Cast, system: User) -> None:
    make_elder(cast.group)
    open_week(by=system, week=Week(date(2025, 3, 3)))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        of_march(cast)
    assert len(asked) == 1


def test_first_page_shows_both(cast: Cast, system: User) -> None:
    met = make_elder(cast.group)
    make_elder(cast.group, consent="refused")
    open_week(by=system, week=Week(date(2025, 3, 3)))
    make_visit(cast.worker, met, mode="phone", state="valid")
    page = Desk(cast.head).open("/admin/?week=2025-W10").content.decode()
    assert "3月探访率" in page
    assert page.count("100.0%") == 4  # both rates, of the village and together
