"""老年人分类台账. 31 March 2025 is a Monday, 30 April a Wednesday."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from elders.actions import accept_move, close_elder, pause_elder, propose_move, reclassify
from elders.models import Assessment
from elders.sheets import classes
from tests.cast import OTHER_TOWN, TOWN, Cast
from tests.factories import make_elder, make_form, make_household
from visitcare.kit.sheets import write_workbook
from visitcare.kit.weeks import Month, today
from visitcare.org.models import User

HEADINGS = (
    "序号", "镇（园区、街道）", "村(居)/组", "户编号", "姓名", "居民身份证号码", "性别", "年龄", "类别", "依据", "手工调整", "对象类型",
    "类别起始日期", "居住地址",
)  # fmt: skip


def opened(month: str, *towns: str) -> Workbook:
    file = BytesIO()
    write_workbook(file, classes(Month.parse(month), towns))
    return load_workbook(file)


def rows(month: str = "2025-03", town: str = TOWN) -> list[dict[str, Any]]:
    """The rows of one town by their headings."""
    head, *body = opened(month, town).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


def told(month: str = "2025-03") -> dict[str, tuple[str, str]]:
    """Class and codes by name."""
    if not classes(Month.parse(month), [TOWN]):
        return {}
    return {row["姓名"]: (row["类别"], row["依据"]) for row in rows(month)}


def test_row_says_who_is_in_which_class_and_why(cast: Cast) -> None:
    home = make_household(cast.group, number="7", address="永安村1组7号")
    elder = make_elder(home, date(1940, 5, 1), sex="male", name="施汉忠", family_planning_special=True)
    head, row = opened("2025-03", TOWN).worksheets[0].iter_rows(values_only=True)
    assert (head, row) == (
        HEADINGS,
        (1, "滨江镇", "永安村1组", "7", "施汉忠", elder.id_number, "男", 84, "A类", "A1 A3", None,
         "独居老人、高龄老人、计划生育特殊家庭老年人", datetime(2025, 1, 13), "永安村1组7号"),
    )  # fmt: skip


def test_id_numbers_are_text(cast: Cast) -> None:
    elder = make_elder(cast.group)
    cell = opened("2025-03", TOWN).worksheets[0].cell(2, HEADINGS.index("居民身份证号码") + 1)
    assert (cell.value, cell.data_type, cell.number_format) == (elder.id_number, "s", "@")


def test_every_class_has_its_letter_and_codes(cast: Cast) -> None:
    make_elder(cast.group, date(1940, 5, 1), name="甲")
    make_elder(cast.group, serious_illness=True, name="乙")
    make_elder(cast.group, name="丙")
    assert told() == {"甲": ("A类", "A1"), "乙": ("B类", "B1"), "丙": ("C类", "C")}


# The last day of the month


@pytest.mark.parametrize(
    ("born", "risk_class"),
    [
        (date(1945, 3, 23), "A类"),  # eighty on a Sunday: A from Monday the 24th
        (date(1945, 3, 30), "A类"),  # from the 31st itself
        (date(1945, 3, 31), "C类"),  # eighty on the last day: from 7 April
    ],
)
def test_class_is_that_of_the_last_day(cast: Cast, born: date, risk_class: str) -> None:
    make_elder(cast.group, born)
    by_month = [[row["类别"] for row in rows(month)] for month in ("2025-02", "2025-03", "2025-04")]
    assert by_month == [["C类"], [risk_class], ["A类"]]


@pytest.mark.parametrize(("born", "age"), [(date(1950, 3, 31), 75), (date(1950, 4, 1), 74)])
def test_age_is_that_of_the_last_day(cast: Cast, born: date, age: int) -> None:
    make_elder(cast.group, born)
    assert [row["年龄"] for row in rows()] == [age]


def test_codes_are_those_stored_with_the_period(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, economy=["subsistence_allowance"], family_planning_special=True)
    assert told() == {"马凤英": ("A类", "A3")}
    Assessment.objects.create(elder=elder, assessed_on=today(), level="mild")
    elder.forms.update(family_planning_special=False)
    reclassify(by=system)
    assert elder.class_periods.latest("starts_on").codes == ["A2"]
    assert told() == {"马凤英": ("A类", "A3")}


# Who is in it


@pytest.mark.parametrize(
    ("last_day", "months"),
    [(date(2025, 4, 29), ["2025-03"]), (date(2025, 4, 30), ["2025-03", "2025-04"])],
)
def test_closed_before_the_last_day_is_left_out(
    cast: Cast, system: User, last_day: date, months: list[str]
) -> None:
    elder = make_elder(cast.group)
    close_elder(by=system, elder=elder, last_day=last_day, reason="died")  # the class runs to Sunday, 4 May
    assert [month for month in ("2025-03", "2025-04", "2025-05") if told(month)] == months


def test_without_a_class_is_left_out(cast: Cast) -> None:
    make_elder(cast.group, name="在内", registered_on=date(2025, 3, 30))  # from Monday the 31st
    make_elder(cast.group, name="太晚", registered_on=date(2025, 3, 31))  # from 7 April
    make_elder(
        cast.group, date(1960, 5, 1), name="不在范围", living="with_family", able_adult_at_home=True
    )  # fmt: skip
    make_form(make_household(cast.group), date(1940, 5, 1), name="待批")
    assert told() == {"在内": ("C类", "C")}


def test_paused_is_left_in(cast: Cast, system: User) -> None:
    pause_elder(
        by=system, elder=make_elder(cast.group), starts_on=date(2025, 3, 3), ends_on=None, reason="away"
    )
    assert told() == {"马凤英": ("C类", "C")}


# Sheets


def test_every_town_with_anybody_has_a_worksheet(cast: Cast) -> None:
    make_elder(cast.group, name="陈")
    assert opened("2025-03", OTHER_TOWN, TOWN).sheetnames == ["滨江镇"]
    make_elder(cast.other_group, name="郭")
    book = opened("2025-03", OTHER_TOWN, TOWN)
    assert {sheet.title: [row[4] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book} == {
        "滨江镇": ["陈"], "海晏镇": ["郭"]
    }  # fmt: skip
    assert [row["姓名"] for row in rows(town=OTHER_TOWN)] == ["郭"]


def test_nobody_is_no_sheet(cast: Cast) -> None:
    assert classes(Month.parse("2025-03"), [TOWN]) == []


def test_rows_go_by_place_then_name(cast: Cast) -> None:
    places = {"丁": cast.next_group, "乙": cast.second_group, "朱": cast.group, "施": cast.group}
    for name, place in places.items():
        make_elder(place, name=name)
    assert [(row["序号"], row["村(居)/组"], row["姓名"]) for row in rows()] == [
        (1, "永安村1组", "施"), (2, "永安村1组", "朱"), (3, "永安村2组", "乙"), (4, "新丰村1组", "丁")
    ]  # fmt: skip


def test_row_stands_where_the_elder_lived_then(cast: Cast) -> None:
    elder = make_elder(cast.group)
    move = propose_move(
        by=cast.head,
        elder=elder,
        village=cast.other_village,
        whole_household=True,
        starts_on=today(),
        reason="x",
    )
    accept_move(by=cast.other_head, move=move, place=cast.other_group)
    before, after = Month.of(today()).previous, Month.of(today())
    towns = [cast.town.code, cast.other_town.code]
    assert [sheet.name for sheet in classes(before, towns)] == [cast.town.name]
    assert [sheet.name for sheet in classes(after, towns)] == [cast.other_town.name]
