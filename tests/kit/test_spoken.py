from datetime import UTC, date, datetime

import pytest

from visitcare.kit.spoken import (
    clock_words,
    date_words,
    day_words,
    heading_words,
    moment_words,
    weekday_words,
)

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 24), "前天"),
        (date(2026, 11, 25), "昨天"),
        (TODAY, "今天"),
        (date(2026, 11, 27), "明天"),
        (date(2026, 11, 28), "后天"),
        (date(2026, 11, 29), "11月29日"),
        (date(2025, 11, 26), "2025年11月26日"),
    ],
)
def test_day_words_near_and_far(day: date, words: str) -> None:
    assert day_words(day, today=TODAY) == words


def test_date_words_name_another_year() -> None:
    assert [date_words(date(year, 1, 2), today=TODAY) for year in (2026, 2027)] == ["1月2日", "2027年1月2日"]


def test_weekday_words() -> None:
    assert [weekday_words(date(2026, 11, day)) for day in (23, 29)] == ["星期一", "星期日"]


def test_heading_words_near_and_far() -> None:
    assert heading_words(TODAY, today=TODAY) == "今天 11月26日 星期四"
    assert heading_words(date(2026, 11, 20), today=TODAY) == "11月20日 星期五"


def test_clock_and_moment_words_are_those_of_shanghai() -> None:
    late = datetime(2026, 11, 25, 16, 5, tzinfo=UTC)
    assert clock_words(late) == "0:05"
    assert moment_words(late, today=TODAY) == "今天 0:05"
