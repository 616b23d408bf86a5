from datetime import date, datetime

import pytest

from tests.factories import moment
from visitcare.kit.cells import (
    CellError,
    group_name,
    read_choice,
    read_date,
    read_moment,
    read_several,
    read_yes_no,
    required,
)
from visitcare.kit.sheets import Row


def row(value: object) -> Row:
    return Row(2, {"栏": value})


def test_required_gives_the_text() -> None:
    assert required(row(7), "栏") == "7"


def test_required_blank_cell_is_refused() -> None:
    with pytest.raises(CellError) as caught:
        required(row(None), "栏")
    assert str(caught.value) == "“栏”空着。请填上再导入。"


@pytest.mark.parametrize(
    "written",
    [
        datetime(2026, 10, 5),
        date(2026, 10, 5),
        "2026-10-05",
        "2026-10-5",
        "2026/10/5",
        "2026.10.05",
        "20261005",
        20261005,
        "2026年10月5日",
        "2026-10-05 00:00:00",
    ],
)
def test_read_date_as_people_write_it(written: object) -> None:
    assert read_date(row(written), "栏") == date(2026, 10, 5)


@pytest.mark.parametrize(
    "written", ["昨天", "2026-13-01", "2026-02-30", "2026-10", "26-10-05", "20261", 45000.0]
)
def test_read_date_other_text_is_refused(written: object) -> None:
    with pytest.raises(CellError) as caught:
        read_date(row(written), "栏")
    assert str(caught.value).endswith("不是日期。请写成 2026-10-15 这样。")


@pytest.mark.parametrize("written", ["202611", "2026111", "20261-1"])
def test_read_date_that_could_be_two_days_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        read_date(row(written), "栏")


def test_read_date_blank_is_none() -> None:
    assert read_date(row(None), "栏") is None


@pytest.mark.parametrize(
    "written", [datetime(2026, 10, 5, 9, 30), "2026-10-05 09:30", "2026/10/5 9:30", "2026-10-05T09:30:00"]
)
def test_read_moment_is_in_shanghai(written: object) -> None:
    assert read_moment(row(written), "栏") == moment("2026-10-05 09:30")


@pytest.mark.parametrize("written", ["2026-10-05", "09:30", "2026-10-05 25:00", "2026-10-05 09:30 左右"])
def test_read_moment_other_text_is_refused(written: str) -> None:
    with pytest.raises(CellError) as caught:
        read_moment(row(written), "栏")
    assert str(caught.value) == f"“栏”写的是“{written}”，不是时间。请写成 2026-10-15 09:30 这样。"


def test_read_moment_blank_is_none() -> None:
    assert read_moment(row(None), "栏") is None


@pytest.mark.parametrize(("written", "meant"), [("是", True), ("否", False), (None, None)])
def test_read_yes_no(written: object, meant: bool | None) -> None:
    assert read_yes_no(row(written), "栏") is meant


def test_read_choice_unknown_word_lists_the_known_ones() -> None:
    with pytest.raises(CellError) as caught:
        read_choice(row("有"), "栏", {"是": True, "否": False})
    assert str(caught.value) == "“栏”写的是“有”，不认识。请写：是、否。"


@pytest.mark.parametrize("written", ["甲、乙", "甲，乙", "甲,乙", "甲；乙", "甲 乙", "甲、乙、甲"])
def test_read_several_with_any_separator_and_each_once(written: str) -> None:
    assert read_several(row(written), "栏", {"甲": 1, "乙": 2}) == [1, 2]


def test_read_several_names_the_word_it_does_not_know() -> None:
    with pytest.raises(CellError) as caught:
        read_several(row("甲、丙"), "栏", {"甲": 1, "乙": 2})
    assert str(caught.value) == "“栏”里的“丙”不认识。请从这些里选，用顿号隔开：甲、乙。"


def test_read_several_blank_is_none() -> None:
    assert read_several(row(None), "栏", {"甲": 1}) is None


@pytest.mark.parametrize("written", ["1", "01", "1组", "第1组", "第一组", "一组", "第一村民小组", "1小组"])
def test_group_name_one_group_in_many_spellings(written: str) -> None:
    assert group_name(written) == "1组"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("十组", "10组"),
        ("十二组", "12组"),
        ("第二十组", "20组"),
        ("二十一", "21组"),
        ("东组", "东组"),
        ("", ""),
    ],
)
def test_group_name_tens_and_names(written: str, name: str) -> None:
    assert group_name(written) == name
