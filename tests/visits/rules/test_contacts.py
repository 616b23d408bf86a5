"""Which contacts count, and which are late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.visits.rules.moments import POLICY, at
from visitcare.kit.weeks import SHANGHAI
from visitcare.policy.rules import CarePolicy
from visits.rules import (
    FINDING_WORDS,
    HOME,
    MODE_WORDS,
    OUTCOME_WORDS,
    OUTCOMES,
    PHONE,
    REFERRAL_DAYS,
    VIDEO,
    is_backfilled,
    is_countable,
    is_late,
    kind_of,
)

# Countable contacts


@pytest.mark.parametrize(
    ("outcome", "unable", "countable"),
    [
        ("met", False, True),
        ("spoke", False, True),
        ("family", False, False),
        ("family", True, True),
        ("not_home", True, False),
        ("no_answer", True, False),
        ("declined", True, False),
    ],
)
def test_countable_is_the_elder_met_or_heard(outcome: str, unable: bool, countable: bool) -> None:
    assert is_countable(outcome, unable_to_answer=unable, policy=POLICY) is countable


@pytest.mark.parametrize("unable", [True, False])
def test_family_may_answer_for_anybody_only_by_policy(unable: bool) -> None:
    anybody = CarePolicy(family_answer_needs_unable=False)
    assert is_countable("family", unable_to_answer=unable, policy=anybody) is True
    assert is_countable("declined", unable_to_answer=unable, policy=anybody) is False


def test_phone_and_video_are_one_kind() -> None:
    assert [kind_of(mode) for mode in (HOME, PHONE, VIDEO)] == ["home", "greeting", "greeting"]


def test_words_cover_every_mode_outcome_and_area() -> None:
    assert set(MODE_WORDS) == set(OUTCOMES)
    assert set(OUTCOME_WORDS) == {outcome for outcomes in OUTCOMES.values() for outcome in outcomes}
    assert set(REFERRAL_DAYS) == set(FINDING_WORDS) == {"health", "safety", "family", "livelihood", "needs"}


# Lateness


@pytest.mark.parametrize(
    ("started", "received", "late"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00", False),
        ("2026-11-23T00:00", "2026-11-30T23:59:59", False),
        ("2026-11-23T00:00", "2026-12-01T00:00:00", True),
        ("2026-11-29T23:59:59", "2026-11-30T23:59:59.999999", False),
        ("2026-11-29T23:59:59", "2026-12-01T00:00:00", True),
        ("2026-11-30T00:00", "2026-12-01T00:00:00", False),  # a Monday's visit has another week
        ("2026-11-30T00:00", "2026-12-07T23:59:59", False),
        ("2026-12-28T10:00", "2027-01-04T23:59:59", False),  # week 53 of 2026
        ("2027-01-03T23:00", "2027-01-04T23:59:59", False),
        ("2027-01-03T23:00", "2027-01-05T00:00:00", True),
        ("2026-10-31T10:00", "2026-11-02T23:59:59", False),  # a month's end changes nothing
        ("2026-10-31T10:00", "2026-11-03T00:00:00", True),
        ("2028-02-29T10:00", "2028-03-06T23:59:59", False),
        ("2028-02-29T10:00", "2028-03-07T00:00:00", True),
    ],
)
def test_late_begins_on_the_tuesday_after_the_week(started: str, received: str, late: bool) -> None:
    assert is_late(at(started), at(received)) is late


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)), st.integers(0, 20 * 24 * 3600))
def test_late_is_the_same_for_every_moment_of_a_week(started: datetime, seconds: int) -> None:
    moment = started.replace(tzinfo=SHANGHAI)
    received = moment + timedelta(seconds=seconds)
    monday = started.date() - timedelta(days=started.weekday())
    expected = received.date() >= monday + timedelta(days=8)
    assert is_late(moment, received) is expected
    assert is_late(moment.astimezone(UTC), received.astimezone(UTC)) is expected


@pytest.mark.parametrize(
    ("started", "received", "backfilled"),
    [
        ("2026-11-23T20:00", "2026-11-23T23:59:59", False),
        ("2026-11-23T20:00", "2026-11-24T00:00:00", True),
        ("2026-11-23T00:00", "2026-11-22T23:58:00", False),
        ("2026-11-23T07:30", "2026-11-23T08:30", False),  # midnight of UTC lies between them
    ],
)
def test_backfilled_is_typed_on_a_later_day_in_shanghai(
    started: str, received: str, backfilled: bool
) -> None:
    assert is_backfilled(at(started), at(received)) is backfilled
