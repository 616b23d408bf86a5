import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitcare.policy.rules import FIRST_VERSION, SERIES, CarePolicy, PayPolicy, Values

WEEKLY = st.tuples(st.integers(0, 7), st.integers(0, 7))
DAYS = st.dates(date(2024, 1, 1), date(2099, 12, 31))
CARE = st.builds(
    CarePolicy,
    effective_from=DAYS,
    a_weekly=WEEKLY,
    c_weekly=WEEKLY,
    kin_in_county_breaks_alone=st.booleans(),
    semi_disabled=st.frozensets(st.sampled_from(["mild", "moderate"])),
    burst_minutes=st.integers(0, 60),
    far_metres=st.integers(0, 50_000),
    top_speed_kmh=st.integers(1, 200),
    photo_days=st.integers(1, 3650),
)
PAY = st.builds(
    PayPolicy,
    effective_from=DAYS,
    rate=st.decimals("0.01", 100, places=2),
    pay_unit=st.sampled_from(["contact", "elder"]),
    pay_cap=st.sampled_from(["none", "weekly_minimum", "3"]),
    late_unpaid=st.booleans(),
)


@given(CARE | PAY)
def test_values_come_back_from_json_as_they_went(values: CarePolicy | PayPolicy) -> None:
    stored = json.loads(json.dumps(values.to_json()))
    read = type(values).from_json(values.effective_from, stored)
    assert read == values
    assert read.to_json() == values.to_json()
    assert [type(getattr(read, field.name)) for field in fields(read)] == [
        type(getattr(values, field.name)) for field in fields(values)
    ]


@pytest.mark.parametrize("series", SERIES.values())
def test_defaults_are_the_readings_of_the_first_version(series: type[Values]) -> None:
    assert series.from_json(FIRST_VERSION, {}) == series()
    assert (series().version, "effective_from" in series().to_json()) == ("2024-01-01", False)


def test_care_defaults() -> None:
    assert CarePolicy().to_json() == {
        "a_weekly": (2, 2),
        "b_weekly": (1, 1),
        "c_weekly": (0, 1),
        "kin_in_county_breaks_alone": True,
        "semi_disabled": ["mild"],
        "surplus_home_covers_phone": True,
        "family_answer_needs_unable": True,
        "auto_accept_hours": 24,
        "spot_check_percent": 5,
        "day_starts_hour": 6,
        "day_ends_hour": 21,
        "burst_minutes": 5,
        "far_metres": 1000,
        "top_speed_kmh": 60,
        "photo_days": 365,
        "alert_hours_a": 24,
        "alert_hours_b": 48,
        "alert_hours_c": 168,
    }


def test_pay_defaults() -> None:
    said = PayPolicy().to_json()
    assert {name: said[name] for name in ("rate", "pay_unit", "per_day", "pay_cap", "late_unpaid")} == {
        "rate": "3.50",
        "pay_unit": "contact",
        "per_day": 1,
        "pay_cap": "none",
        "late_unpaid": True,
    }


@pytest.mark.parametrize("stored", ["3.6", 3.6, Decimal("3.6")])
def test_rate_is_exact_however_it_was_stored(stored: Any) -> None:
    assert PayPolicy.from_json(FIRST_VERSION, {"rate": stored}).rate == Decimal("3.60")


def test_fields_that_a_version_does_not_name_take_the_default() -> None:
    read = PayPolicy.from_json(date(2026, 2, 1), {"per_day": 2})
    assert read == PayPolicy(effective_from=date(2026, 2, 1), per_day=2)
    assert read.version == "2026-02-01"


@pytest.mark.parametrize(
    ("series", "stored"),
    [
        (CarePolicy, {"rate": "3.50", "a_weekly": [2, 2], "b_daily": 1}),
        (PayPolicy, {"rates": 1, "effective_from": ""}),
    ],
)
def test_names_that_nobody_knows_are_refused(series: type[Values], stored: dict[str, Any]) -> None:
    stored = stored | {"甲": 1}
    with pytest.raises(ValueError) as error:
        series.from_json(FIRST_VERSION, stored)
    words = {CarePolicy: "b_daily、rate、甲", PayPolicy: "effective_from、rates、甲"}[series]
    assert str(error.value) == f"不认识的政策参数：{words}。请检查参数名称。"


@pytest.mark.parametrize(
    ("risk_class", "weekly", "hours"), [("A", (2, 2), 24), ("B", (1, 1), 48), ("C", (0, 1), 168)]
)
def test_class_has_its_frequency_and_its_alert(risk_class: str, weekly: tuple[int, int], hours: int) -> None:
    assert (CarePolicy().weekly(risk_class), CarePolicy().alert_hours(risk_class)) == (weekly, hours)


@pytest.mark.parametrize("rate", ["3.505", "0", "0.00", "-3.50", "0.001"])
def test_a_rate_is_whole_fen_and_above_nothing(rate: str) -> None:
    with pytest.raises(ValueError, match=f"补贴标准应大于 0，最多两位小数.*写的是 {rate}。"):
        PayPolicy.from_json(FIRST_VERSION, {"rate": rate})


def test_a_rate_may_be_written_short() -> None:
    assert PayPolicy.from_json(FIRST_VERSION, {"rate": "4"}).rate == 4
