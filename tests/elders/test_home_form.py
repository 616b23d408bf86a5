"""Parts 2 to 4 of annex 3, as an office fills them in for a household."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from elders.actions import remove_member, write_conditions
from elders.models import AssistanceItem, Elder, Household, HouseholdMember
from tests.cast import Cast
from tests.desk import Desk
from tests.elders.test_admin import typed
from tests.factories import breaks, id_number, make_elder, make_household
from visitcare.audit.models import Event
from visitcare.kit.admin import page_url
from visitcare.org.actions import NotAllowed

HELPED = {
    "water_safe": "true", "power_safe": "false", "housing_safe": "unknown", "age_friendly": "已装扶手",
    "has_pension": "true", "pension_monthly": "230.50", "helping_bodies": ["local", "volunteers"],
    "help_responsible": "村委会", "help_measures": "每月上门",
}  # fmt: skip


@pytest.fixture
def head(cast: Cast) -> Desk:
    return Desk(cast.head)


@pytest.fixture
def home(cast: Cast) -> Household:
    return make_elder(cast.group, date(1945, 2, 3)).household


def lines(prefix: str, *said: dict[str, Any], known: int = 0) -> dict[str, Any]:
    """Lines of a table as a browser sends them."""
    sent = {f"{prefix}-TOTAL_FORMS": str(len(said)), f"{prefix}-INITIAL_FORMS": str(known)}
    for number, line in enumerate(said):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in line.items()}
    return sent


def son(**more: Any) -> dict[str, Any]:
    return {"name": "王建", "relation": "儿子", "lives_here": "true", "health": "健康", **more}


def test_what_is_filled_in_is_stored(home: Household, head: Desk) -> None:
    items = lines(
        "items", {"name": "尊老金", "monthly_amount": "60"}, {"name": "低保金", "monthly_amount": ""}
    )
    said = head.press(home, "home", **HELPED, **lines("members", son()), **items)
    assert said == ["家庭情况改好了。成员有变化的，类别从下一个星期一起自动重新判定。"]
    home.refresh_from_db()
    assert (home.water_safe, home.power_safe, home.housing_safe) == (True, False, None)
    assert (home.pension_monthly, home.has_assistance) == (Decimal("230.50"), True)
    assert home.helping_bodies == ["local", "volunteers"]
    assert list(home.assistance.values_list("name", "monthly_amount")) == [
        ("低保金", None), ("尊老金", Decimal(60)),
    ]  # fmt: skip
    assert list(home.members.values_list("name", "relation", "lives_here")) == [("王建", "儿子", True)]
    event = Event.objects.get(verb="write_conditions")
    assert event.data["changed"] == sorted({*HELPED, "has_assistance", "assistance"} - {"housing_safe"})


def test_what_is_the_same_is_not_written_again(home: Household, head: Desk) -> None:
    for _ in range(2):
        head.press(home, "home", **HELPED, **lines("items", {"name": "尊老金", "monthly_amount": "60"}))
    assert [event.data for event in Event.objects.filter(verb="write_conditions")][1:] == []


def test_page_shows_what_is_known_and_no_whole_number(home: Household, head: Desk) -> None:
    number = id_number(date(1975, 5, 1))
    head.press(home, "home", **HELPED, **lines("members", son(id_number=number)))
    page = head.open(page_url(home).replace("change", "home")).content.decode()
    assert 'value="王建"' in page
    assert 'value="已装扶手"' in page
    assert number not in page
    assert f'placeholder="{number[:4]}' in page


def test_member_changes_the_name_and_keeps_the_number(home: Household, head: Desk) -> None:
    number = id_number(date(1975, 5, 1), sex="male")
    head.press(home, "home", **lines("members", son(id_number=number)))
    member = home.members.get()
    head.press(home, "home", **lines("members", son(member=member.pk, name="王建国"), known=1))
    found = home.members.get()
    assert (found.pk, found.name, found.id_number, found.birth_date) == (
        member.pk, "王建国", number, date(1975, 5, 1)
    )  # fmt: skip


def test_member_who_died_is_taken_off_with_the_reason(home: Household, head: Desk) -> None:
    head.press(home, "home", **lines("members", son()))
    member = home.members.get()
    head.press(home, "home", **lines("members", son(member=member.pk, gone="died"), known=1))
    assert home.members.count() == 0
    assert Event.objects.get(verb="remove_member").reason == "去世"


def test_member_of_another_household_is_not_reached(cast: Cast, home: Household, head: Desk) -> None:
    foreign = make_household(cast.other_group).members.create(name="外人", relation="儿子")
    head.press(home, "home", **lines("members", son(member=foreign.pk, gone="died"), known=1))
    head.press(home, "home", **lines("members", son(member=foreign.pk, name="改名"), known=1))
    assert HouseholdMember.objects.get(pk=foreign.pk).name == "外人"
    assert home.members.count() == 0


def test_half_a_line_is_asked_for(home: Household, head: Desk) -> None:
    said = head.press(home, "home", **lines("members", {"name": "", "relation": "儿子"}))
    assert said == ["家庭成员第 1 行：请填“姓名”。"]
    assert home.members.count() == 0


@pytest.mark.parametrize(
    ("typed_in", "words"),
    [
        (
            lines("members", son(id_number="320699197505010012")),
            "家庭成员第 1 行：身份证号码 3206**********0012 的校验码不对，可能有一位写错，请对照证件逐位核对。",
        ),
        (
            lines("items", {"name": "尊老金", "monthly_amount": "六十"}),
            "救助和补贴第 1 行：金额写成 480 或 480.50。",
        ),
        (
            lines("items", {"name": "尊老金"}, {"name": "尊老金"}),
            "救助和补贴：“尊老金”写了两行，请合成一行。",
        ),
        (
            {"has_assistance": "false", **lines("items", {"name": "尊老金"})},
            "选了没有享受，下面又写了补贴项目。请改一致。",
        ),
        ({"has_pension": "false", "pension_monthly": "230"}, "选了没有养老保险，又填了每月金额。请改一致。"),
        ({"pension_monthly": "-1"}, "金额不能小于 0。"),
        ({"helping_bodies": ["none", "local"]}, "勾了“没有帮扶”，就不能再勾别的。"),
        ({"help_measures": "很" * 10_000}, "“帮扶措施”最多 500 个字，现在有 10000 个。请写短一些。"),
    ],
)
def test_what_cannot_be_is_told(home: Household, head: Desk, typed_in: dict[str, Any], words: str) -> None:
    assert words in head.press(home, "home", **typed_in)
    assert Event.objects.filter(verb="write_conditions").count() == 0


def test_nothing_ticked_is_not_asked_and_no_help_is_none(home: Household, head: Desk) -> None:
    head.press(home, "home", helping_bodies=["none"])
    assert Household.objects.get(pk=home.pk).helping_bodies == []
    head.press(home, "home")
    assert Household.objects.get(pk=home.pk).helping_bodies is None


def test_other_helper_ticks_its_box(home: Household, head: Desk) -> None:
    head.press(home, "home", helping_other="商会")
    assert Household.objects.get(pk=home.pk).helping_bodies == ["other"]


def test_new_elder_comes_with_the_household(cast: Cast, head: Desk) -> None:
    home = lines("members", son()) | lines("items", {"name": "尊老金", "monthly_amount": "60"})
    assert head.add("elders.elder", **typed(cast, **HELPED, **home)) == [
        "施汉清的登记表已提交，等镇民政负责人批准。"
    ]
    found = Elder.objects.get().household
    assert (found.water_safe, found.help_responsible) == (True, "村委会")
    assert (found.members.get().name, found.assistance.get().name) == ("王建", "尊老金")


def test_elder_of_a_known_household_takes_nothing_back(cast: Cast, head: Desk) -> None:
    home = make_household(cast.group, number="01001")
    write_conditions(
        by=cast.head,
        household=home,
        said={"water_safe": True, "helping_bodies": ["local"]},
        assistance=[("尊老金", None)],
    )
    head.add("elders.elder", **typed(cast, household="known", number="01001"))
    home.refresh_from_db()
    assert (home.water_safe, home.helping_bodies, home.assistance.count()) == (True, ["local"], 1)


def test_removing_without_a_reason_is_refused(cast: Cast, home: Household) -> None:
    member = home.members.create(name="王建")
    with pytest.raises(ValueError, match="删去家庭成员要写原因"):
        remove_member(by=cast.head, member=member, reason=" ")


def test_conditions_of_another_town_are_refused(cast: Cast, home: Household) -> None:
    with pytest.raises(NotAllowed):
        write_conditions(by=cast.other_head, household=home, said={"water_safe": True})


# Who is an elder elsewhere


@pytest.mark.parametrize(("lives_here", "told"), [("true", 1), ("unknown", 1), ("false", 0)])
def test_member_who_is_an_elder_of_another_household_is_warned_of(
    cast: Cast, home: Household, head: Desk, lives_here: str, told: int
) -> None:
    wife = make_elder(cast.second_group, name="李秀英")
    line = son(name="李秀英", relation="妻子", id_number=wife.id_number, lives_here=lives_here)
    said = head.press(home, "home", **lines("members", line))
    assert sum("家庭成员李秀英自己也登记为老人：李秀英，" in words for words in said) == told
    assert home.members.get().name == "李秀英"
    known = line | {"member": home.members.get().pk, "id_number": ""}
    again = head.press(home, "home", **lines("members", known, known=1))
    assert sum("家庭成员李秀英自己也登记为老人" in words for words in again) == told
    gone = head.press(home, "home", **lines("members", known | {"gone": "left"}, known=1))
    assert not any("自己也登记为老人" in words for words in gone)


def test_new_elder_whose_member_is_an_elder_elsewhere_is_warned_of(cast: Cast, head: Desk) -> None:
    wife = make_elder(cast.other_group, name="李秀英")
    said = head.add("elders.elder", **typed(cast, **lines("members", son(id_number=wife.id_number))))
    assert "有一位家庭成员，已经在别处登记为老人。一个人只算在一户，请核对住在哪里。" in said


# Guards


def test_pension_amount_without_a_pension_is_refused(home: Household) -> None:
    for said in ({"has_pension": False}, {"has_pension": None}, {"has_pension": True, "pension_monthly": -1}):
        with breaks("pension_amount_with_a_pension"):
            Household.objects.filter(pk=home.pk).update(**{"pension_monthly": 230, **said})


def test_item_twice_is_refused(home: Household) -> None:
    AssistanceItem.objects.create(household=home, name="尊老金")
    with breaks("assistance_item_once"):
        AssistanceItem.objects.bulk_create([AssistanceItem(household=home, name="尊老金")])


def test_negative_item_is_refused(home: Household) -> None:
    with breaks("assistance_not_negative"):
        AssistanceItem.objects.bulk_create([AssistanceItem(household=home, name="尊老金", monthly_amount=-1)])


# Two officers


def test_later_of_two_officers_is_told_and_loses_nothing(cast: Cast, home: Household, head: Desk) -> None:
    seen = head.open(page_url(home).replace("change", "home")).context["form"]["seen"].value()
    Desk(cast.reviewer).press(home, "home", age_friendly="有扶手", seen=seen)
    said = {"help_measures": "每周送餐", "age_friendly": "没有改造"}
    answer = head.client.post(page_url(home).replace("change", "home"), {**said, "seen": seen})
    page = answer.content.decode()
    assert "您填的时候，这份资料有人改过，还没有收下您的：" in page
    assert "顾敏" in page
    assert "家庭环境适老化情况：（空） → 有扶手" in page
    assert "每周送餐" in page
    now = answer.context["form"]["seen"].value()
    assert Household.objects.get(pk=home.pk).help_measures == ""
    head.press(home, "home", **said, seen=now)
    assert Household.objects.get(pk=home.pk).age_friendly == "没有改造"


def test_officer_alone_is_not_stopped(home: Household, head: Desk) -> None:
    head.press(home, "home", age_friendly="有扶手")
    seen = head.open(page_url(home).replace("change", "home")).context["form"]["seen"].value()
    head.press(home, "home", age_friendly="已装扶手", seen=seen)
    assert Household.objects.get(pk=home.pk).age_friendly == "已装扶手"
