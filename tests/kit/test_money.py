from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitcare.kit.money import capitals, yuan


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("3.5", "3.50"),
        (7, "7.00"),
        (Decimal("3.505"), "3.51"),
        (Decimal("2.345"), "2.35"),
        (Decimal("-2.345"), "-2.35"),
        (Decimal("2.3449"), "2.34"),
        (" 350 ", "350.00"),
        (Decimal("-0.001"), "0.00"),
        (Decimal("-0.00"), "0.00"),
    ],
)
def test_yuan_has_two_places_and_rounds_halves_up(value: Decimal | int | str, amount: str) -> None:
    assert str(yuan(value)) == amount


@pytest.mark.parametrize("value", [3.5, 0.0, True, None])
def test_yuan_refuses_what_is_not_exact(value: Any) -> None:
    with pytest.raises(TypeError):
        yuan(value)


@pytest.mark.parametrize("value", ["三元五角", "", "NaN", "Infinity", Decimal("sNaN"), "1e40"])
def test_yuan_of_no_amount_says_how_to_write_it(value: Decimal | str) -> None:
    with pytest.raises(ValueError, match=r"不是金额，请写成数字，例如 3\.50"):
        yuan(value)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("-0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.10", "壹角整"),
        ("0.55", "伍角伍分"),
        ("3.50", "叁元伍角整"),
        ("10.05", "壹拾元零伍分"),
        ("10.5", "壹拾元伍角整"),
        ("16.00", "壹拾陆元整"),
        ("107.00", "壹佰零柒元整"),
        ("350.00", "叁佰伍拾元整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("20000.30", "贰万元叁角整"),
        ("100000", "壹拾万元整"),
        ("107000.53", "壹拾万零柒仟元伍角叁分"),
        ("1001001", "壹佰万零壹仟零壹元整"),
        ("100000000", "壹亿元整"),
        ("100001000", "壹亿零壹仟元整"),
        ("100010001", "壹亿零壹万零壹元整"),
        ("999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ("-3.50", "负叁元伍角整"),
        ("-0.05", "负伍分"),
        ("-107.00", "负壹佰零柒元整"),
    ],
)
def test_capitals(amount: str, words: str) -> None:
    assert capitals(Decimal(amount)) == words


def test_capitals_of_a_trillion_is_refused() -> None:
    with pytest.raises(ValueError, match="金额太大"):
        capitals(Decimal(10**12))


@given(st.integers(-(10**14) + 1, 10**14 - 1))
def test_capitals_read_back_is_the_amount(cents: int) -> None:
    words = capitals(Decimal(cents).scaleb(-2))
    assert read_capitals(words) == cents
    assert "零零" not in words


def read_capitals(words: str) -> int:
    """The cents that capitals say, by adding up each digit with the units behind it."""
    total = section = digit = 0
    for char in words.removeprefix("负"):
        if char in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(char)
        elif char in "拾佰仟":
            section += digit * 10 ** ("拾佰仟".index(char) + 1)
            digit = 0
        elif char in "亿万元":
            total += (section + digit) * {"亿": 10**10, "万": 10**6, "元": 100}[char]
            section = digit = 0
        elif char in "角分":
            total += digit * {"角": 10, "分": 1}[char]
            digit = 0
    return -total if words.startswith("负") else total
