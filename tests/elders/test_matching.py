"""Who is found before a second record of the same person is made, and how much of it is told to whom."""

from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from elders.actions import close_elder, write_member
from elders.matching import Sought, near_matches, one_digit_off
from elders.models import Elder, Household
from tests.cast import Cast
from tests.desk import Desk
from tests.elders.test_admin import typed
from tests.factories import id_number, make_elder, make_household
from visitcare.audit.models import Event
from visitcare.kit.identity import check_digit
from visitcare.org.models import User

BORN = date(1945, 2, 3)
NUMBER = id_number(BORN, sex="male")


def slip(number: str, place: int) -> str:
    """The number with another digit at a place, and whatever check digit it had."""
    other = str((int(number[place]) + 1) % 10) if number[place] != "X" else "0"
    return number[:place] + other + number[place + 1 :]


def right(first17: str) -> str:
    return first17[:17] + check_digit(first17[:17])


# Numbers


@pytest.mark.parametrize("place", range(18))
def test_slip_at_any_place_leads_back_to_the_right_number(place: int) -> None:
    assert NUMBER in one_digit_off(slip(NUMBER, place))


def test_exchanged_neighbours_lead_back_to_the_right_number() -> None:
    for place, (one, other) in enumerate(pairwise(NUMBER)):
        if one != other and other != "X":
            assert NUMBER in one_digit_off(NUMBER[:place] + other + one + NUMBER[place + 2 :]), place


@pytest.mark.parametrize("place", range(17))
def test_right_number_leads_to_those_one_digit_beside_it(place: int) -> None:
    neighbour = right(slip(NUMBER, place))
    assert neighbour in one_digit_off(NUMBER)
    assert NUMBER not in one_digit_off(NUMBER)


def test_about_170_numbers_are_looked_up() -> None:
    assert 160 < len(one_digit_off(NUMBER)) <= 170
    assert 10 < len(one_digit_off(slip(NUMBER, 16))) < 40
    assert all(other == right(other) for other in one_digit_off(NUMBER) | one_digit_off(slip(NUMBER, 3)))


@pytest.mark.parametrize("typed", ["", "3206", "王德明", NUMBER + "1", "A" + NUMBER[1:], NUMBER[:17] + "A"])
def test_what_is_no_number_leads_nowhere(typed: str) -> None:
    assert one_digit_off(typed) == set()


# Records


def found(by: User, **said: Any) -> list[tuple[str, str, bool]]:
    return [
        (one.likeness.value, one.nearness.value, one.is_asked) for one in near_matches(Sought(**said), by=by)
    ]


@pytest.mark.parametrize("number", [NUMBER, NUMBER.lower(), f" {NUMBER[:6]} {NUMBER[6:]} "])
def test_same_number_is_found_however_it_is_typed(cast: Cast, number: str) -> None:
    make_elder(cast.group, BORN, number=NUMBER)
    assert found(cast.cadre, number=number, place=cast.village.code) == [("same_number", "village", False)]


def test_closed_and_merged_records_are_found(cast: Cast, system: User) -> None:
    kept = make_elder(cast.group, BORN, number=right(slip(NUMBER, 16)))
    merged = make_elder(cast.group, BORN, name="马大", number=NUMBER)
    close_elder(by=system, elder=merged, last_day=date(2025, 3, 2), reason="moved")
    assert found(cast.cadre, number=NUMBER)[0] == ("same_number", "county", False)
    Elder.objects.filter(pk=merged.pk).update(merged_into=kept, close_reason="merged")
    assert found(cast.cadre, number=NUMBER)[0] == ("same_number", "county", True)


def test_name_and_birth_date_are_found_without_a_number(cast: Cast) -> None:
    make_elder(cast.group, BORN, name="施汉清", number="")
    assert found(cast.cadre, name="施汉清", birth_date=BORN) == [("same_name_and_birth", "county", True)]
    assert found(cast.cadre, name="施汉清", birth_date=date(1945, 2, 4)) == []
    assert found(cast.cadre, name="施汉", birth_date=BORN) == []
    assert found(cast.cadre, name="", birth_date=BORN) == []


def test_number_one_digit_off_is_found_right_or_wrong(cast: Cast) -> None:
    make_elder(cast.group, BORN, number=NUMBER)
    for number in (slip(NUMBER, 9), right(slip(NUMBER, 9))):
        assert found(cast.cadre, number=number) == [("one_digit_off", "county", True)]


def test_two_digits_off_are_not_found(cast: Cast) -> None:
    make_elder(cast.group, BORN, number=NUMBER)
    assert found(cast.cadre, number=right(slip(slip(NUMBER, 9), 4))) == []


def test_nearest_come_first(cast: Cast) -> None:
    home = make_household(cast.group)
    make_elder(cast.other_group, BORN, number=NUMBER)
    make_elder(cast.second_group, BORN, name="施汉清", number="")
    make_elder(home, BORN, name="施汉清", number=right(slip(NUMBER, 16)))
    said = {
        "number": NUMBER,
        "name": "施汉清",
        "birth_date": BORN,
        "place": cast.group.code,
        "household": home.pk,
    }
    assert [(one.likeness.value, one.nearness.value) for one in near_matches(Sought(**said), by=cast.cadre)] == [
        ("same_name_and_birth", "household"), ("same_name_and_birth", "village"), ("same_number", "county"),
    ]  # fmt: skip


def test_of_many_near_ones_the_likest_and_the_nearest_are_kept(cast: Cast) -> None:
    home, others = make_household(cast.group), make_household(cast.other_group)
    inside, *outside = sorted(one_digit_off(NUMBER))[:30]
    # The keys are random: with those that matter behind all others, a cut by the key would lose them.
    first, last = (lambda number: UUID(int=number)), (lambda number: UUID(int=2**128 - number))
    for order, number in enumerate(outside, 1):
        _elder(others, number, pk=first(order))
    _elder(home, inside, pk=last(1))
    _elder(others, NUMBER, pk=last(2))
    _elder(others, "", pk=last(3), name="施汉清")
    sought = {"number": NUMBER, "name": "施汉清", "birth_date": BORN, "household": home.pk}
    told = found(cast.cadre, **sought)
    assert len(told) == 20
    assert told[:3] == [
        ("one_digit_off", "household", True), ("same_number", "county", False), ("same_name_and_birth", "county", True),
    ]  # fmt: skip


def _elder(home: Household, number: str, *, pk: UUID, name: str = "顾金珍") -> Elder:
    person = {"name": name, "sex": "male", "birth_date": BORN, "id_number": number}
    return Elder.objects.create(pk=pk, household=home, **person)


def test_family_member_is_found_and_asked_about_in_another_household(cast: Cast, system: User) -> None:
    home = make_household(cast.group, address="1组8号")
    make_elder(home, name="李秀英")
    said = {"id_number": NUMBER, "birth_date": BORN, "sex": "male"}
    write_member(by=system, household=home, name="施汉清", relation="丈夫", said=said)
    (match,) = near_matches(Sought(number=NUMBER, place=cast.village.code), by=cast.cadre)
    assert match.words == (
        f"施汉清，1945年2月3日生，3206**********{NUMBER[-4:]}，是滨江镇永安村1组 1组8号李秀英这户的家庭成员，证件号码相同。"
    )
    assert match.is_asked
    (inside,) = near_matches(Sought(number=NUMBER, household=home.pk), by=cast.cadre)
    assert not inside.is_asked


@pytest.mark.parametrize(
    ("who", "group", "words"),
    [
        ("cadre", "group", "施汉清，1945年2月3日生，"),
        ("cadre", "next_group", "本镇别的村有一位老人，证件号码相同。"),
        ("cadre", "other_group", "别的镇有一位老人，证件号码相同。"),
        ("worker", "second_group", "本村别的组有一位老人，证件号码相同。"),
    ],
)
def test_of_a_record_out_of_sight_only_that_there_is_one_is_told(
    cast: Cast, who: str, group: str, words: str
) -> None:
    elder = make_elder(getattr(cast, group), BORN, name="施汉清", number=NUMBER)
    (match,) = near_matches(Sought(number=NUMBER, place=cast.group.code), by=getattr(cast, who))
    assert match.words.startswith(words)
    assert match.is_seen is (group == "group")
    assert str(elder.pk) not in match.key
    if not match.is_seen:
        assert not any(secret in match.words for secret in (elder.name, NUMBER[-4:], "1945"))


# The desk asks


@pytest.fixture
def head(cast: Cast) -> Desk:
    return Desk(cast.head)


def test_desk_shows_whoever_is_like_this_one_and_goes_on_when_looked_at(cast: Cast, head: Desk) -> None:
    like = make_elder(cast.group, BORN, name="施汉清", number="")
    said = typed(cast, id_number=NUMBER)
    assert head.add("elders.elder", **said) == [
        "有像是同一个人的，请先看一看。不是同一个人的，打上勾再提交。"
    ]
    (match,) = near_matches(Sought(name="施汉清", birth_date=BORN), by=cast.head)
    assert head.add("elders.elder", **said, looked_at=[match.key]) == [
        "施汉清的登记表已提交，等镇民政负责人批准。"
    ]
    event = Event.objects.get(verb="register_elder", actor_id=cast.head.pk)
    assert event.data["looked_at"] == [
        {"record": "elders.Elder", "id": str(like.pk), "likeness": "same_name_and_birth"}
    ]


def test_desk_asks_for_cohabitants_too(cast: Cast, head: Desk) -> None:
    make_elder(cast.other_group, BORN, name="施汉清", number="")
    home = make_household(cast.group)
    said = {
        name: value for name, value in typed(cast).items() if name not in ("village", "group", "household")
    }
    assert head.press(home, "add_elder", **said) == [
        "有像是同一个人的，请先看一看。不是同一个人的，打上勾再提交。"
    ]


def test_tick_for_another_match_is_none_for_this_one(cast: Cast, head: Desk) -> None:
    make_elder(cast.group, BORN, name="施汉清", number="")
    (match,) = near_matches(Sought(name="施汉清", birth_date=BORN), by=cast.head)
    make_elder(cast.group, BORN, name="施汉清", number="")
    said = head.add("elders.elder", **typed(cast, id_number=NUMBER), looked_at=[match.key])
    assert said == ["有像是同一个人的，请先看一看。不是同一个人的，打上勾再提交。"]


def test_being_told_of_a_record_out_of_sight_is_on_record_where_it_lies_once_a_day(
    cast: Cast, head: Desk
) -> None:
    elder = make_elder(cast.other_group, BORN, name="陈二", number=right(slip(NUMBER, 16)))
    for _ in range(2):
        assert head.add("elders.elder", **typed(cast, id_number=NUMBER)) != []
    event = Event.objects.get(verb="note_unseen")
    assert (event.actor_name, event.about_id, event.area_code, event.words) == (
        "季海峰", str(elder.pk), cast.other_group.code, "登记时遇到别处的档案：证件号码只差一位",
    )  # fmt: skip
    assert not Elder.objects.filter(name="施汉清").exists()


def test_nobody_is_their_own_emergency_contact(cast: Cast, head: Desk) -> None:
    said = typed(cast, emergency_name="施汉清", emergency_phone="199 0001 2345")
    assert head.add("elders.elder", **said) == [
        "紧急联系人不能是老人自己。请填家里人、邻居或村里的人；没有的，就空着。"
    ]
    namesake = typed(cast, emergency_name="施汉清", emergency_phone="19900012346")
    assert head.add("elders.elder", **namesake) == ["施汉清的登记表已提交，等镇民政负责人批准。"]
