"""The second sheet: the members of the households."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import CommandError

from elders.models import HouseholdMember
from tests.cast import Cast
from tests.elders.importing.rows import NUMBER, Row, classes, counts, elder, other, relative, stored
from tests.factories import id_number, make_elder, make_household


def test_members_come_with_the_second_sheet(load: Callable[..., str]) -> None:
    load(elder(户编号="H1"), members=[relative()])
    member = HouseholdMember.objects.get()
    assert (member.household, member.name, member.sex, member.relation, member.birth_date) == (
        stored().household, "马建新", "male", "儿子", date(1975, 1, 1)
    )  # fmt: skip
    assert (member.lives_here, member.visits_often) == (True, True)


def test_members_count_for_b2_from_the_first_class_on(load: Callable[..., str]) -> None:
    husband = relative(姓名="陈兴", 与户主关系="丈夫", 居民身份证号码=id_number(date(1948, 1, 1), sex="male"))
    load(elder(户编号="H1", 重病="尿毒症", **{"居住状况*": "双老同住"}), members=[husband])
    assert classes() == [(date(2025, 1, 13), "B", ["B2"])]


def test_members_again_change_nothing(load: Callable[..., str]) -> None:
    rows, members = [elder(户编号="H1")], [relative()]
    load(*rows, members=members)
    before = counts()
    load(*rows, members=members)
    assert counts() == before


def test_member_of_an_unknown_household_stores_nothing(load: Callable[..., str]) -> None:
    before = counts()
    with pytest.raises(CommandError):
        load(elder(户编号="H1"), members=[relative(户编号="H2")])
    assert counts() == before


def test_household_made_by_hand_is_found_by_its_number(load: Callable[..., str], cast: Cast) -> None:
    home = make_household(cast.second_group, number="H1")
    make_elder(home, date(1948, 1, 1), name="陈兴")
    load(elder(户编号="H1"))
    assert stored().household == home


TWICE = "一个人只算在一户，请核对住在哪里。"


def test_member_who_is_an_elder_of_another_household_is_warned_of(
    load: Callable[..., str], cast: Cast
) -> None:
    me = relative(姓名="马凤英", 居民身份证号码=NUMBER, 户编号="H2")
    load(elder(户编号="H1"))
    load(other(户编号="H2"))
    by_head = ("--approve", "--by", cast.head.login)
    said = load(other(户编号="H2"), members=[me], options=by_head)
    assert "家庭成员：马凤英：有提醒，家庭成员马凤英自己也登记为老人：马凤英，1950年5月1日生" in said
    assert TWICE in said
    again = load(other(户编号="H2"), members=[me | {"居民身份证号码": None}], options=by_head)
    assert TWICE in again
    assert HouseholdMember.objects.count() == 1


def test_member_who_is_an_elder_further_up_is_warned_of(load: Callable[..., str]) -> None:
    me = relative(姓名="马凤英", 居民身份证号码=NUMBER)
    said = load(elder(户编号="H1"), other(户编号="H2"), members=[me | {"户编号": "H2"}])
    assert f"有提醒，也在第一张表里登记为另一户的老人。{TWICE}" in said


@pytest.mark.parametrize("changes", [{"户编号": "H1"}, {"户编号": "H2", "是否同住": "否"}])
def test_member_who_lives_with_nobody_else_is_not_warned_of(load: Callable[..., str], changes: Row) -> None:
    me = relative(姓名="马凤英", 居民身份证号码=NUMBER, **changes)
    for _ in range(2):
        assert TWICE not in load(elder(户编号="H1"), other(户编号="H2"), members=[me])
