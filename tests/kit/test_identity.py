import re
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from visitcare.kit.identity import (
    CardNumber,
    IdNumber,
    PaperError,
    age_on,
    birthday,
    born_to_turn,
    check_digit,
    parse_card_number,
    parse_id_number,
    parse_mobile,
    parse_other_paper,
    parse_phone,
)

TODAY = date(2026, 11, 23)
WOMAN = IdNumber("32069919360510018X", date(1936, 5, 10), "female", converted=False)
MAN = IdNumber("320699194603040173", date(1946, 3, 4), "male", converted=False)
EXCEL = "{}被 Excel 改成了数字，后几位已经丢失；请把这一列设为“文本”格式，再重新输入{}"


def numbered(born: str, order: str = "017", region: str = "320699") -> str:
    """A made-up ID number with a right check digit."""
    first17 = region + born + order
    return first17 + check_digit(first17)


def refusal_of_id(raw: object) -> str:
    with pytest.raises(PaperError) as error:
        parse_id_number(raw, today=TODAY)
    return str(error.value)


@pytest.mark.parametrize(
    ("raw", "person"),
    [
        ("320699194603040173", MAN),
        ("32069919360510018X", WOMAN),
        ("32069919360510018x", WOMAN),
        ("３２０６９９１９３６０５１００１８ｘ", WOMAN),
        (" 320699 19460304 0173\u3000\n", MAN),
        ("\u202d320699194603040173\u202c", MAN),
    ],
)
def test_id_number_is_normalised(raw: str, person: IdNumber) -> None:
    assert parse_id_number(raw, today=TODAY) == person


@pytest.mark.parametrize("raw", ["320699460304017", 320699460304017, "３２０６９９ 460304 017"])
def test_id_number_of_15_digits_is_converted(raw: object) -> None:
    assert parse_id_number(raw, today=TODAY) == IdNumber(MAN.number, MAN.birth_date, "male", converted=True)


def test_id_number_of_any_region_is_accepted() -> None:
    number = numbered("19460304", region="999999")
    assert parse_id_number(number, today=TODAY).number == number


@given(st.dates(date(1902, 1, 1), TODAY), st.integers(0, 999))
def test_id_number_with_its_check_digit_reads_back(born: date, order: int) -> None:
    number = numbered(f"{born:%Y%m%d}", f"{order:03}")
    person = IdNumber(number, born, "male" if order % 2 else "female", converted=False)
    assert parse_id_number(number, today=TODAY) == person


@given(st.from_regex("[0-9]{17}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_check_digit_changes_with_every_single_digit(first17: str, place: int, shift: int) -> None:
    wrong = str((int(first17[place]) + shift) % 10)
    assert check_digit(first17[:place] + wrong + first17[place + 1 :]) != check_digit(first17)


@given(st.from_regex("[0-9]{17}", fullmatch=True), st.integers(0, 15))
def test_check_digit_changes_when_neighbours_are_swapped(first17: str, place: int) -> None:
    one, other = first17[place], first17[place + 1]
    assume(one != other)
    assert check_digit(first17[:place] + other + one + first17[place + 2 :]) != check_digit(first17)


@pytest.mark.parametrize(
    "text", ["", "3206991946030401", "32069919460304017X", "３２０６９９１９４６０３０４０１７"]
)
def test_check_digit_of_other_than_17_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        check_digit(text)


@pytest.mark.parametrize(
    "raw",
    [
        320699194603040173.0,
        320699194603040173,
        320699194603040000,
        320699460304017.0,
        float("inf"),
        "3.20699E+17",
        "3.20699194603040e17",
        "3.20699194603040E 17",
        "３．２０６９９Ｅ＋１７",
        "320699194603040173.0",
        "320699194603040000",
    ],
)
def test_id_number_that_excel_made_a_number_is_refused_with_that_reason(raw: object) -> None:
    assert refusal_of_id(raw) == EXCEL.format("身份证号码", "身份证号码")


def test_id_number_ending_in_000_with_a_right_check_digit_is_accepted() -> None:
    number = next(n for n in (numbered("19460304", f"{order}00") for order in range(10)) if n.endswith("000"))
    assert parse_id_number(number, today=TODAY).number == number


@pytest.mark.parametrize("raw", [None, "", "  \u3000", "\ufeff"])
def test_id_number_missing(raw: object) -> None:
    assert refusal_of_id(raw) == "没有填写身份证号码，请填写 18 位号码"


@pytest.mark.parametrize(
    "raw", ["无", "3206**********0173", "X", "3206991946O3040173", "32069919460304017Ⅴ", -5, True]
)
def test_id_number_with_other_characters(raw: object) -> None:
    message = "身份证号码只能有数字，最后一位可以是 X，不能有汉字、* 或其他符号，请对照证件改正"
    assert refusal_of_id(raw) == message


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        ("32069919460304017", "17 位数字"),
        ("3206991946030401733", "19 位数字"),
        ("3206994603040", "13 位数字"),
        ("32069946030401X", "14 位数字加 X"),
        (32069946, "8 位数字"),
    ],
)
def test_id_number_of_wrong_length_is_counted(raw: object, count: str) -> None:
    message = f"身份证号码应为 18 位（旧证为 15 位数字），这里是 {count}，请对照证件改正"
    assert refusal_of_id(raw) == message


def test_id_number_with_wrong_check_digit() -> None:
    assert refusal_of_id("320699194603040174") == (
        "身份证号码 3206**********0174 的校验码不对，可能有一位写错，请对照证件逐位核对"
    )


@pytest.mark.parametrize("born", ["19461304", "19460230", "19470229", "19460300", "00000304"])
def test_id_number_with_an_impossible_date(born: str) -> None:
    assert re.fullmatch(
        r"身份证号码 3206\*{10}017[0-9X] 的第 7—14 位（出生日期）不是真实的日期，请对照证件改正",
        refusal_of_id(numbered(born)),
    )


def test_id_number_of_15_digits_with_an_impossible_date() -> None:
    assert refusal_of_id("320699461304017") == (
        "身份证号码 3206*******4017 的第 7—12 位（出生日期）不是真实的日期，请对照证件改正"
    )


def test_id_number_of_the_future_from_tomorrow_on() -> None:
    assert parse_id_number(numbered("20261123"), today=TODAY).birth_date == TODAY
    assert re.fullmatch(
        r"身份证号码 3206\*{10}017[0-9X] 的第 7—14 位（出生日期）晚于今天，请对照证件改正",
        refusal_of_id(numbered("20261124")),
    )


def test_id_number_of_someone_older_than_125() -> None:
    assert parse_id_number(numbered("19001124"), today=TODAY).birth_date == date(1900, 11, 24)
    assert re.fullmatch(
        r"按身份证号码 3206\*{10}017[0-9X] 的第 7—14 位（出生日期）已满 126 岁，超过 125 岁，请对照证件改正",
        refusal_of_id(numbered("19001123")),
    )


@given(st.from_regex("320699(18|19|20|21)[0-9]{2}[0-9]{7}[0-9X]", fullmatch=True))
def test_id_number_is_never_whole_in_the_refusal(number: str) -> None:
    assume(check_digit(number[:17]) != number[17])
    message = refusal_of_id(number)
    assert number not in message
    assert number[6:14] not in message


@pytest.mark.parametrize(
    "raw",
    [
        "19900001001",
        19900001001,
        19900001001.0,
        "１９９００００１００１",
        "199 0000 1001",
        "199-0000-1001",
        "199—0000—1001",
        "+86 19900001001",
        "+86-199-0000-1001",
        "008619900001001",
        "8619900001001",
        8619900001001,
        "（+86）19900001001",
    ],
)
def test_mobile_and_phone_take_a_mobile_in_any_form(raw: object) -> None:
    assert parse_mobile(raw) == "19900001001"
    assert parse_phone(raw) == "19900001001"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("1990000100", "这里是 10 位数字"),
        ("199000010011", "这里是 12 位数字"),
        ("29900001001", "这里是 11 位数字"),
        (51300000000, "这里是 11 位数字"),
        ("19900001001、19900001002", "这里有数字以外的字符"),
        ("199****1001", "这里有数字以外的字符"),
        ("1.99E+10", "这里有数字以外的字符"),
        (float("nan"), "这里有数字以外的字符"),
    ],
)
def test_mobile_that_is_none(raw: object, found: str) -> None:
    with pytest.raises(PaperError) as error:
        parse_mobile(raw)
    assert str(error.value) == f"手机号码应为 11 位数字，以 1 开头，{found}，请核对"


@pytest.mark.parametrize("raw", [None, "", " - ", "+86"])
def test_mobile_or_phone_missing(raw: object) -> None:
    with pytest.raises(PaperError, match=r"^没有填写手机号码，请补上$"):
        parse_mobile(raw)
    with pytest.raises(PaperError, match=r"^没有填写电话号码，请补上$"):
        parse_phone(raw)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("20000000", "20000000"),
        (20000000, "20000000"),
        ("2000000", "2000000"),
        ("0513-20000000", "0513-20000000"),
        ("（0513）2000 0000", "0513-20000000"),
        ("051320000000", "0513-20000000"),
        ("01020000000", "010-20000000"),
        ("025-20000000", "025-20000000"),
        ("+86 513 20000000", "0513-20000000"),
        (51320000000, "0513-20000000"),  # typed as 051320000000, which Excel takes for a number
        (51320000000.0, "0513-20000000"),
        (1020000000, "010-20000000"),
    ],
)
def test_phone_takes_landlines(raw: object, number: str) -> None:
    assert parse_phone(raw) == number


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("51320000000", "这里是 11 位数字"),
        ("200000", "这里是 6 位数字"),
        ("051310000000", "这里是 12 位数字"),
        ("0513-20000000/19900001001", "这里有数字以外的字符"),
        ("没有", "这里有数字以外的字符"),
    ],
)
def test_phone_that_is_none(raw: object, found: str) -> None:
    with pytest.raises(PaperError) as error:
        parse_phone(raw)
    assert str(error.value) == (
        "电话号码应为 11 位手机号码，或 7 至 8 位固定电话（可加区号，如 0513-），"
        f"一格只写一个；{found}，请核对"
    )


@pytest.mark.parametrize(
    "raw", ["9999000000000000012", "９９９９ 0000 0000 0000 012", "9999-0000-0000-0000-012"]
)
def test_card_number_is_normalised(raw: str) -> None:
    assert parse_card_number(raw) == CardNumber("9999000000000000012", warning="")


@pytest.mark.parametrize("raw", ["9999000000000001", "9999000000000000017"])
def test_card_number_that_fails_the_luhn_check_is_kept_with_a_warning(raw: str) -> None:
    warning = "卡号没有通过校验：存折账号可以不管，银行卡请再核对一遍"
    assert parse_card_number(raw) == CardNumber(raw, warning)


@pytest.mark.parametrize("raw", ["h0123456701", " H01234 56701\u200b", "Ｈ０123456701"])
def test_number_of_another_paper_is_one_text_however_it_is_typed(raw: str) -> None:
    assert parse_other_paper(raw) == "H0123456701"


def test_number_of_another_paper_has_a_limit() -> None:
    assert parse_other_paper("H" * 40) == "H" * 40
    assert (parse_other_paper(None), parse_other_paper(83211234)) == ("", "83211234")
    with pytest.raises(PaperError, match="证件号码太长了，最多 40 位"):
        parse_other_paper("H" * 41)


def test_card_number_whose_end_excel_may_have_lost_says_so() -> None:
    warning = "卡号末尾都是 0，可能被 Excel 改成过数字，请对照银行卡或存折核对"
    assert parse_card_number("9999000000000130000") == CardNumber("9999000000000130000", warning)


@given(st.from_regex("9999[0-9]{11,14}", fullmatch=True))
def test_card_number_has_exactly_one_last_digit_without_warning(body: str) -> None:
    assert [parse_card_number(f"{body}{last}").warning for last in range(10)].count("") == 1


@pytest.mark.parametrize("raw", [9999000000000012, 9.999e18, "9.999E+18", "9999000000000120000.0"])
def test_card_number_that_excel_made_a_number_is_refused_with_that_reason(raw: object) -> None:
    with pytest.raises(PaperError) as error:
        parse_card_number(raw)
    assert str(error.value) == EXCEL.format("卡号", "卡号")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("999900000000001", "卡号应为 16 至 19 位数字，这里是 15 位数字，请对照银行卡或存折改正"),
        (999900000000001, "卡号应为 16 至 19 位数字，这里是 15 位数字，请对照银行卡或存折改正"),
        ("99990000000000000001", "卡号应为 16 至 19 位数字，这里是 20 位数字，请对照银行卡或存折改正"),
        ("9999********0014", "卡号应为 16 至 19 位数字，这里有数字以外的字符，请对照银行卡或存折改正"),
        (None, "没有填写卡号，请填写 16 至 19 位卡号"),
    ],
)
def test_card_number_that_is_none(raw: object, message: str) -> None:
    with pytest.raises(PaperError) as error:
        parse_card_number(raw)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1946, 11, 23), date(2026, 11, 22), 79),
        (date(1946, 11, 23), date(2026, 11, 23), 80),
        (date(1948, 2, 29), date(2027, 2, 28), 78),
        (date(1948, 2, 29), date(2027, 3, 1), 79),
        (date(1948, 2, 29), date(2028, 2, 28), 79),
        (date(1948, 2, 29), date(2028, 2, 29), 80),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
    ],
)
def test_age_changes_on_the_birthday(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


@pytest.mark.parametrize(
    ("born", "years", "day"),
    [
        (date(1946, 11, 23), 80, date(2026, 11, 23)),
        (date(1948, 2, 29), 79, date(2027, 3, 1)),
        (date(1948, 2, 29), 80, date(2028, 2, 29)),
        (date(1840, 2, 29), 60, date(1900, 3, 1)),
    ],
)
def test_birthday(born: date, years: int, day: date) -> None:
    assert birthday(born, years) == day


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 130))
def test_age_is_reached_on_the_birthday_and_not_before(born: date, years: int) -> None:
    day = birthday(born, years)
    assert age_on(born, day) == years
    assert age_on(born, day - timedelta(1)) == years - 1


@pytest.mark.parametrize(
    ("years", "first", "last", "born"),
    [
        (80, date(2026, 11, 27), date(2026, 12, 26), (date(1946, 11, 27), date(1946, 12, 26))),
        (80, date(2025, 2, 27), date(2025, 3, 1), (date(1945, 2, 27), date(1945, 3, 1))),
        (70, date(2026, 3, 1), date(2026, 3, 1), (date(1956, 2, 29), date(1956, 3, 1))),
        (70, date(2026, 2, 28), date(2026, 2, 28), (date(1956, 2, 28), date(1956, 2, 28))),
        (80, date(2028, 2, 29), date(2028, 2, 29), (date(1948, 2, 29), date(1948, 2, 29))),
    ],
)
def test_who_turns_that_old_was_born_between(
    years: int, first: date, last: date, born: tuple[date, date]
) -> None:
    assert born_to_turn(years, first, last) == born


def test_nobody_turns_seventy_on_a_leap_day_that_was_none() -> None:
    first, last = born_to_turn(70, date(2028, 2, 29), date(2028, 2, 29))
    assert first > last


@given(st.dates(date(1930, 1, 1), date(1970, 12, 31)), st.sampled_from([60, 70, 80]), st.integers(0, 40))
def test_birth_dates_are_exactly_those_whose_birthday_comes(born: date, years: int, days: int) -> None:
    turns = birthday(born, years)
    for start in (turns - timedelta(days=days), turns + timedelta(days=1), turns - timedelta(days=days + 31)):
        end = start + timedelta(days=days)
        first, last = born_to_turn(years, start, end)
        assert (first <= born <= last) == (start <= turns <= end)
