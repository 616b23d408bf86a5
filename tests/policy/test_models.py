from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.cast import Cast
from tests.factories import breaks
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion, care_policy, pay_policy
from visitcare.policy.rules import CarePolicy, PayPolicy

MONDAY, FIRST = date(2025, 3, 3), date(2025, 3, 1)


def version(cast: Cast, **changes: object) -> PolicyVersion:
    """A pay version of March 2025, drafted and enacted by two people, but for the changes."""
    said = {
        "series": "pay",
        "effective_from": FIRST,
        "values": {"rate": "4.00"},
        "drafted_by": cast.officer,
        "enacted_by": cast.approver,
        "enacted_at": timezone.now(),
    }
    return PolicyVersion(**said | changes)


def stored(*versions: PolicyVersion) -> None:
    PolicyVersion.objects.bulk_create(versions)


def test_first_versions_are_the_readings_of_the_code(db: None) -> None:
    assert care_policy(date(2024, 1, 1)) == CarePolicy()
    assert pay_policy(date(2024, 1, 1)) == PayPolicy()
    assert pay_policy(date(2024, 1, 1)).rate == Decimal("3.50")


def test_before_the_first_version_the_first_holds(db: None) -> None:
    assert (care_policy(date(2020, 1, 1)), pay_policy(date(2020, 1, 1))) == (CarePolicy(), PayPolicy())


def test_version_holds_from_its_day_on(cast: Cast) -> None:
    stored(version(cast))
    assert pay_policy(date(2025, 2, 28)).rate == Decimal("3.50")
    assert pay_policy(FIRST) == PayPolicy(effective_from=FIRST, rate=Decimal("4.00"))


def test_version_that_nobody_enacted_does_not_hold(cast: Cast) -> None:
    stored(version(cast, enacted_by=None, enacted_at=None))
    assert pay_policy(FIRST) == PayPolicy()


def test_series_do_not_mix(cast: Cast) -> None:
    stored(version(cast, series="care", effective_from=MONDAY, values={"auto_accept_hours": 48}))
    assert (care_policy(MONDAY).auto_accept_hours, pay_policy(MONDAY)) == (48, PayPolicy())


@pytest.mark.parametrize(("series", "day"), [("care", date(2025, 3, 4)), ("pay", date(2025, 3, 2))])
def test_version_on_another_day_is_refused(cast: Cast, series: str, day: date) -> None:
    with breaks("policy_starts_on_its_day"):
        stored(version(cast, series=series, effective_from=day))


def test_version_enacted_by_its_drafter_is_refused(cast: Cast) -> None:
    with breaks("policy_enacted_by_another"):
        stored(version(cast, enacted_by=cast.officer))


@pytest.mark.parametrize("half", [{"enacted_by": None}, {"enacted_at": None}])
def test_version_half_enacted_is_refused(cast: Cast, half: dict[str, None]) -> None:
    with breaks("policy_enacted_by_another"):
        stored(version(cast, **half))


def test_two_enacted_versions_of_a_day_are_refused(cast: Cast) -> None:
    stored(version(cast))
    with breaks("one_policy_a_day"):
        stored(version(cast))


def test_two_drafts_for_a_day_are_kept(cast: Cast) -> None:
    stored(version(cast, enacted_by=None, enacted_at=None), version(cast, enacted_by=None, enacted_at=None))
    assert PolicyVersion.objects.filter(effective_from=FIRST).count() == 2


def test_values_survive_the_way_to_the_database_and_back(db: None, system: User) -> None:
    policy = CarePolicy(
        effective_from=date(2024, 1, 1), semi_disabled=frozenset({"mild", "moderate"}), a_weekly=(3, 1)
    )
    PolicyVersion.objects.filter(series="care").update(values=policy.to_json())
    assert care_policy(date(2025, 1, 1)) == policy


def test_value_nobody_knows_is_refused_in_words(cast: Cast) -> None:
    stored(version(cast, values={"tip": "1.00"}))
    with pytest.raises(ValueError) as caught:
        pay_policy(FIRST)
    assert str(caught.value) == "不认识的政策参数：tip。请检查参数名称。"
