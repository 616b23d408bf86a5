from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest

from elders.actions import assign_worker, fill_address, open_household, remove_member, write_member
from elders.models import Assignment, Household, HouseholdMember
from tests.cast import Cast
from tests.factories import breaks, id_number, make_household
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User

SON = {"sex": "male", "id_number": "", "birth_date": date(1975, 5, 1), "health": "", "lives_here": True}


def last_event() -> tuple[str, str, str]:
    event = Event.objects.latest("at")
    return event.actor_name, event.verb, event.words


@pytest.fixture
def home(cast: Cast) -> Household:
    return make_household(cast.group, number="01001")


def test_open_household_is_a_file_in_its_place(cast: Cast) -> None:
    household = open_household(by=cast.cadre, place=cast.group, address="1组8号")
    assert (household.village_code, str(household)) == (cast.village.code, "滨江镇永安村1组 1组8号")
    assert last_event() == ("朱卫东", "open_household", "建户：滨江镇永安村1组 1组8号")


def test_open_household_number_stands_once_in_a_village(cast: Cast, home: Household) -> None:
    with breaks("household_number_once_a_village"):
        open_household(by=cast.head, place=cast.second_group, number="01001")
    assert open_household(by=cast.head, place=cast.next_group, number="01001").pk != home.pk


def test_write_member_new_then_unchanged_then_changed(cast: Cast, home: Household) -> None:
    outcomes = [
        write_member(by=cast.cadre, household=home, name="王建", relation="儿子", said=said)
        for said in (SON, SON, SON | {"health": "高血压"})
    ]
    assert outcomes == ["new", "unchanged", "changed"]
    assert list(home.members.values_list("name", "health")) == [("王建", "高血压")]
    events = Event.objects.filter(verb="write_member").order_by("at")
    assert [event.data["changed"] for event in events] == [sorted(["name", "relation", *SON]), ["health"]]


def test_write_member_keeps_numbers_out_of_the_event(cast: Cast, home: Household) -> None:
    number = id_number(date(1975, 5, 1))
    write_member(by=cast.cadre, household=home, name="王建", relation="", said=SON | {"id_number": number})
    event = Event.objects.get(verb="write_member")
    assert number not in f"{event.words}{event.about_label}{event.data}"


def test_fill_address_only_where_there_is_none(cast: Cast, home: Household) -> None:
    for address in ("1组8号", "1组9号", ""):
        fill_address(by=cast.cadre, household=home, address=address)
    assert Household.objects.get(pk=home.pk).address == "1组8号"
    assert Event.objects.filter(verb="fill_address").count() == 1


def test_assign_worker_names_one_for_the_household(cast: Cast, home: Household) -> None:
    assign_worker(by=cast.head, household=home, worker=cast.visitor, starts_on=date(2025, 1, 6))
    assert Assignment.objects.in_force(date(2025, 1, 6)).get().worker == cast.visitor
    assert last_event() == ("季海峰", "assign_worker", "自 2025-01-06 起由袁小燕探访这户")


def test_assign_worker_twice_at_a_time_is_refused_by_the_database(cast: Cast, home: Household) -> None:
    assign_worker(by=cast.head, household=home, worker=cast.visitor, starts_on=date(2025, 1, 6))
    with breaks("one_assignment_at_a_time"):
        assign_worker(by=cast.head, household=home, worker=cast.worker, starts_on=date(2025, 2, 3))


def allowed(cast: Cast, act: Callable[[User], object]) -> set[str]:
    """Who of the cast may do it."""
    may = set()
    for name, one in cast.everybody().items():
        if isinstance(one, User):
            with suppress(NotAllowed):
                act(one)
                may.add(name)
    return may


def test_households_are_kept_by_whoever_registers_elders_there(cast: Cast, home: Household) -> None:
    def keep(one: User) -> None:
        write_member(by=one, household=home, name=one.name, relation="", said=SON)
        remove_member(by=one, member=home.members.get(name=one.name), reason="写错了")
        fill_address(by=one, household=make_household(cast.group), address="1组1号")
        open_household(by=one, place=cast.group)

    assert allowed(cast, keep) == {"worker", "cadre", "reviewer", "head"}
    assert HouseholdMember.objects.count() == 0


def test_grid_worker_keeps_no_household_beyond_the_group(cast: Cast) -> None:
    def keep(one: User) -> None:
        open_household(by=one, place=cast.second_group)

    assert allowed(cast, keep) == {"second_worker", "cadre", "reviewer", "head"}
    assert "worker" not in allowed(cast, lambda one: open_household(by=one, place=cast.village))


def test_who_visits_whom_is_the_towns_to_say(cast: Cast) -> None:
    def assign(one: User) -> None:
        home = make_household(cast.group)
        assign_worker(by=one, household=home, worker=cast.worker, starts_on=date(2025, 1, 6))

    assert allowed(cast, assign) == {"reviewer", "head"}


def test_known_member_is_renamed_and_taken_off(cast: Cast, home: Household) -> None:
    write_member(by=cast.cadre, household=home, name="王建", relation="儿子", said=SON)
    member = home.members.get()
    said = {
        "by": cast.cadre,
        "household": home,
        "name": "王健",
        "relation": "儿子",
        "said": SON,
        "known": member,
    }
    assert [write_member(**said), write_member(**said)] == ["changed", "unchanged"]
    assert Event.objects.filter(verb="write_member").order_by("-at")[0].data["changed"] == ["name"]
    remove_member(by=cast.cadre, member=home.members.get(), reason="写错了")
    assert last_event() == ("朱卫东", "remove_member", "删去家庭成员王健（儿子）")
    assert home.members.count() == 0
