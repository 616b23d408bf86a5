import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitcare.kit.weeks import SHANGHAI, Month, Week, local_day, next_monday, today

DAYS = st.dates(date(1900, 1, 1), date(2900, 12, 31))
W48 = Week(date(2026, 11, 23))


@pytest.fixture(params=["America/New_York", "Pacific/Kiritimati"])
def process_elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("process_elsewhere")
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 29, 15, 59, 59, tzinfo=UTC), date(2026, 11, 29)),
        (datetime(2026, 11, 29, 16, 0, tzinfo=UTC), date(2026, 11, 30)),
    ],
)
def test_today_turns_at_midnight_in_shanghai(
    moment: datetime, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    assert today() == day


def test_local_day_of_a_phone_in_another_zone_is_the_day_in_shanghai() -> None:
    assert local_day(datetime(2026, 11, 29, 11, 0, tzinfo=ZoneInfo("America/New_York"))) == date(2026, 11, 30)


def test_local_day_of_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 11, 29, 11, 0))


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 11, 23), date(2026, 11, 30)),
        (date(2026, 11, 24), date(2026, 11, 30)),
        (date(2026, 11, 29), date(2026, 11, 30)),
        (date(2026, 12, 28), date(2027, 1, 4)),
    ],
)
def test_next_monday_is_strictly_after(day: date, monday: date) -> None:
    assert next_monday(day) == monday


def test_week_words_and_days() -> None:
    assert (W48.label, W48.words) == ("2026-W48", "11月23日—11月29日")
    assert (W48.monday, W48.sunday) == (date(2026, 11, 23), date(2026, 11, 29))
    assert W48.days == tuple(date(2026, 11, day) for day in range(23, 30))


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
        (date(2023, 1, 1), "2022-W52"),
    ],
)
def test_week_at_the_turn_of_the_year_has_the_iso_label(day: date, label: str) -> None:
    assert Week.of(day).label == label


@given(DAYS)
def test_week_of_a_day_has_that_day_and_stands_between_its_neighbours(day: date) -> None:
    week = Week.of(day)
    assert day in week.days
    assert Week.parse(week.label) == week
    assert week.previous.sunday + timedelta(1) == week.monday
    assert week.next.monday == next_monday(day)
    assert week.previous < week < week.next
    assert week.next.previous == week


@pytest.mark.usefixtures("process_elsewhere")
def test_week_moments_are_midnights_in_shanghai() -> None:
    assert W48.opens_at == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert W48.ends_at == datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
    assert W48.timely_until == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert W48.timely_until.isoformat() == "2026-12-01T00:00:00+08:00"


@pytest.mark.usefixtures("process_elsewhere")
@pytest.mark.parametrize(
    ("moment", "within"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, 999999, SHANGHAI), False),
        (datetime(2026, 11, 23, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 29, 23, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 30, tzinfo=SHANGHAI), False),
        (datetime(2026, 11, 29, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 16, 0, tzinfo=UTC), False),
    ],
)
def test_week_has_the_moments_from_monday_to_sunday_midnight(moment: datetime, within: bool) -> None:
    assert W48.has(moment) is within
    assert (W48.opens_at <= moment < W48.ends_at) is within


@pytest.mark.parametrize("text", ["2026-W48", " 2026-w48 "])
def test_week_parse(text: str) -> None:
    assert Week.parse(text) == W48


@pytest.mark.parametrize("text", ["", "2026-48", "2026-W4", "48", "2026-W48-1", "9999-W52", "２０２６-W48"])
def test_week_parse_of_another_text_shows_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="不是周次，请写成“年-W周”，例如 2026-W48"):
        Week.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2025-W53", "2025 年没有第 53 周，请改正周次"),
        ("2026-W54", "2026 年没有第 54 周，请改正周次"),
        ("2026-W00", "2026 年没有第 0 周，请改正周次"),
    ],
)
def test_week_parse_of_a_week_the_year_lacks(text: str, message: str) -> None:
    with pytest.raises(ValueError) as error:
        Week.parse(text)
    assert str(error.value) == message


def test_week_of_another_day_than_monday_is_refused() -> None:
    with pytest.raises(ValueError, match="not a Monday"):
        Week(date(2026, 11, 24))


def test_week_or_month_of_a_moment_is_refused() -> None:
    moment = datetime(2026, 11, 30, 1, 0, tzinfo=SHANGHAI)
    with pytest.raises(TypeError, match="local_day"):
        Week.of(moment)
    with pytest.raises(TypeError, match="local_day"):
        Month.of(moment)


def test_week_and_month_are_values() -> None:
    assert {W48, Week.parse("2026-W48")} == {W48}
    assert {Month.of(W48.monday), Month.parse("2026-11")} == {Month(date(2026, 11, 1))}
    with pytest.raises(AttributeError):
        W48.monday = date(2026, 11, 30)  # type: ignore[misc]


def test_month_words_and_edges() -> None:
    month = Month.parse("2026-10")
    assert (month.label, month.words) == ("2026-10", "2026年10月")
    assert (month.first, month.last) == (date(2026, 10, 1), date(2026, 10, 31))
    assert month.starts_at == datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
    assert month.ends_at == datetime(2026, 10, 31, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(("label", "last"), [("2024-02", 29), ("2026-02", 28), ("2026-12", 31)])
def test_month_last_day(label: str, last: int) -> None:
    assert Month.parse(label).last.day == last


@given(DAYS)
def test_month_of_a_day_has_that_day_and_stands_between_its_neighbours(day: date) -> None:
    month = Month.of(day)
    assert month.first <= day <= month.last
    assert Month.parse(month.label) == month
    assert month.previous.last + timedelta(1) == month.first
    assert month.previous < month < month.next
    assert month.next.previous == month


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "2026-1", "2026-10-01", "10-2026"])
def test_month_parse_of_another_text_shows_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="不是月份，请写成“年-月”，例如 2026-10"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("month", "weeks"),
    [
        ("2026-09", ["2026-W36", "2026-W37", "2026-W38", "2026-W39"]),  # W40 ends on 4 October
        ("2026-10", ["2026-W40", "2026-W41", "2026-W42", "2026-W43"]),
        ("2026-11", ["2026-W44", "2026-W45", "2026-W46", "2026-W47", "2026-W48"]),  # 1 November is a Sunday
        ("2027-01", ["2026-W53", "2027-W01", "2027-W02", "2027-W03", "2027-W04"]),
    ],
)
def test_month_counts_the_weeks_whose_sunday_is_in_it(month: str, weeks: list[str]) -> None:
    assert [week.label for week in Month.parse(month).weeks_ending] == weeks


@given(DAYS)
def test_month_every_week_ends_in_exactly_one(day: date) -> None:
    week = Week.of(day)
    month = Month.of(week.sunday)
    found = [m.label for m in (month.previous, month, month.next) if week in m.weeks_ending]
    assert found == [month.label]
