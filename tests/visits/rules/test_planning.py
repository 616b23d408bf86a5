"""The plan of a week."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.rules import HOME, LEEWAY, PHONE, Asked, Due, Planned, mark, plan_round, ways

# Plan: one household

DUES = st.builds(Due, st.integers(0, 7), st.integers(0, 7))
HOUSEHOLDS = st.lists(DUES, max_size=4).map(tuple)
CLASSES = st.sampled_from([Due(2, 2), Due(1, 1), Due(0, 1), Due(0, 2)])
USUAL = st.lists(CLASSES, min_size=1, max_size=3).map(tuple)
FREE = st.sets(st.integers(0, 6), min_size=1).map(sorted).map(tuple)


@pytest.mark.parametrize(
    ("duties", "first"),
    [
        ([], []),
        ([Due(0, 0)], []),
        ([Due(0, 1)], [Planned(0, PHONE, (0,))]),
        ([Due(1, 1)], [Planned(0, HOME, (0,)), Planned(2, PHONE, (0,))]),
        (
            [Due(2, 2), Due(2, 2)],
            [Planned(0, HOME, (0, 1)), Planned(1, PHONE, (0, 1)), Planned(2, HOME, (0, 1)), Planned(3, PHONE, (0, 1))],
        ),
        (
            [Due(0, 2), Due(1, 1)],  # one wants calls only
            [Planned(0, PHONE, (0, 1)), Planned(1, HOME, (1,)), Planned(3, PHONE, (0,))],
        ),
        (
            [Due(1, 3)],
            [Planned(0, PHONE, (0,)), Planned(1, HOME, (0,)), Planned(2, PHONE, (0,)), Planned(3, PHONE, (0,))],
        ),
    ],
)  # fmt: skip
def test_first_way_of_a_household(duties: list[Due], first: list[Planned]) -> None:
    assert list(ways(tuple(duties))[0].contacts) == first


@given(HOUSEHOLDS, FREE)
def test_plan_gives_every_elder_exactly_what_is_due_and_each_kind_once_a_day(
    duties: tuple[Due, ...], free: tuple[int, ...]
) -> None:
    for way in ways(duties, free):
        for index, due in enumerate(duties):
            mine = [(contact.day, contact.mode) for contact in way.contacts if index in contact.elders]
            assert len(set(mine)) == len(mine)
            assert Counter(mode for _, mode in mine) == +Counter({HOME: due.home, PHONE: due.greeting})
        assert all(contact.elders for contact in way.contacts)


@given(HOUSEHOLDS, FREE)
def test_plan_goes_to_a_household_no_more_often_than_its_neediest_elder_needs(
    duties: tuple[Due, ...], free: tuple[int, ...]
) -> None:
    homes, greetings = (
        max((getattr(due, kind) for due in duties), default=0) for kind in ("home", "greeting")
    )
    for way in ways(duties, free):
        modes = Counter(contact.mode for contact in way.contacts)
        assert (modes[HOME], modes[PHONE]) == (homes, greetings)
        days = [(one.day, one.mode) for one in way.contacts]
        assert days == sorted(days)
        assert way.marks == sum(mark(*one) for one in days)


@given(HOUSEHOLDS, FREE)
def test_plan_uses_different_days_while_there_are_any(duties: tuple[Due, ...], free: tuple[int, ...]) -> None:
    workdays = {day for day in free if day < 5}
    for way in ways(duties, free):
        days = [contact.day for contact in way.contacts]
        if len(days) <= len(workdays):
            assert set(days) <= workdays
        if len(days) <= len(free):
            assert len(set(days)) == len(days)


@given(HOUSEHOLDS, FREE)
def test_plan_leaves_out_the_days_that_do_not_suit_as_long_as_it_can(
    duties: tuple[Due, ...], free: tuple[int, ...]
) -> None:
    for way in ways(duties, free):
        modes = Counter(contact.mode for contact in way.contacts)
        if max(modes.values(), default=0) <= len(free):
            assert {contact.day for contact in way.contacts} <= set(free)


@given(USUAL)
def test_plan_alternates_home_and_phone(duties: tuple[Due, ...]) -> None:
    for way in ways(duties):
        modes = [contact.mode for contact in way.contacts]
        if modes.count(HOME):
            assert all(one != other for one, other in pairwise(modes))


def test_plan_of_more_than_seven_of_a_kind_is_seven() -> None:
    assert sorted((one.mode, one.day) for one in ways((Due(9, 8),))[0].contacts) == [
        (mode, day) for mode in (HOME, PHONE) for day in range(7)
    ]


def test_plan_of_more_than_seven_contacts_leaves_no_day_empty() -> None:
    assert {one.day for one in ways((Due(4, 4),))[0].contacts} == set(range(7))


# Plan: a worker's round

ROUNDS = st.lists(USUAL, min_size=1, max_size=45)


def asked(duties: Iterable[tuple[Due, ...]], plan: Iterable[tuple[Planned, ...]] = ()) -> list[Asked]:
    """The households as the plan is asked about them, a week after it was `plan`."""
    marks = [sum(mark(one.day, one.mode) for one in contacts) for contacts in plan]
    return [Asked(its, before) for its, before in zip_longest(duties, marks, fillvalue=0)]  # type: ignore[arg-type]


def spread(plan: Iterable[tuple[Planned, ...]], days: Iterable[int], *modes: str) -> int:
    """By how much the heaviest of these days is heavier than the lightest."""
    load = Counter(one.day for contacts in plan for one in contacts if one.mode in modes)
    of_days = [load[day] for day in days]
    return max(of_days) - min(of_days)


def others_moved(before: list[tuple[Planned, ...]], after: list[tuple[Planned, ...]]) -> int:
    return sum(one != other for one, other in zip(before, after, strict=True))


@given(ROUNDS)
def test_no_workday_of_a_round_is_much_heavier_than_another(duties: list[tuple[Due, ...]]) -> None:
    plan = plan_round(asked(duties))
    for modes in ((HOME, PHONE), (HOME,), (PHONE,)):
        assert spread(plan, range(5), *modes) <= LEEWAY


@given(ROUNDS, FREE.filter(lambda free: sum(day < 5 for day in free) >= 3))
def test_nor_is_one_of_the_days_that_suit(duties: list[tuple[Due, ...]], free: tuple[int, ...]) -> None:
    plan = plan_round(asked(duties), free)
    assert spread(plan, [day for day in free if day < 5], HOME, PHONE) <= 2 * LEEWAY
    assert {one.day for contacts in plan for one in contacts} <= set(free)


@given(st.lists(HOUSEHOLDS, max_size=30), FREE)
def test_round_planned_again_stays_as_it_is(duties: list[tuple[Due, ...]], free: tuple[int, ...]) -> None:
    plan = plan_round(asked(duties), free)
    assert plan_round(asked(duties, plan), free) == plan


@given(ROUNDS, USUAL, st.integers(0, 45))
def test_one_household_more_moves_few_others(
    duties: list[tuple[Due, ...]], new: tuple[Due, ...], place: int
) -> None:
    plan = plan_round(asked(duties))
    place = min(place, len(duties))
    grown = asked(duties, plan)
    grown.insert(place, Asked(new))
    after = plan_round(grown)
    assert others_moved(plan, after[:place] + after[place + 1 :]) <= 2
    assert after[place] in [way.contacts for way in ways(new)]


@given(ROUNDS.filter(lambda duties: len(duties) > 1), st.integers(0, 45))
def test_one_household_less_moves_few_others(duties: list[tuple[Due, ...]], gone: int) -> None:
    plan = plan_round(asked(duties))
    gone %= len(duties)
    left = asked(duties, plan)
    del left[gone]
    assert others_moved(plan[:gone] + plan[gone + 1 :], plan_round(left)) <= 4


def test_even_round_keeps_everybody_where_they_are() -> None:
    duties = [(Due(0, 1),)] * 10
    plan = plan_round(asked(duties))
    after = plan_round([*asked(duties, plan), Asked((Due(0, 1),)), Asked((Due(1, 1),))])
    assert after[:10] == plan


def test_household_that_is_owed_more_keeps_the_days_it_had() -> None:
    friday = mark(4, PHONE)
    (contacts,) = plan_round([Asked((Due(1, 1),), friday)])
    assert Planned(4, PHONE, (0,)) in contacts


def test_day_that_has_become_too_heavy_gives_some_away() -> None:
    crowded = [Asked((Due(0, 1),), mark(1, PHONE))] * 9
    plan = plan_round(crowded)
    assert spread(plan, range(5), PHONE) <= LEEWAY
    assert sum(contacts[0].day == 1 for contacts in plan) == 3  # no more of them move than it takes


def test_day_that_does_not_suit_any_more_is_left() -> None:
    monday = mark(0, PHONE)
    plan = plan_round([Asked((Due(0, 1),), monday), Asked((Due(0, 1),), mark(3, PHONE))], (1, 2, 3, 4, 5, 6))
    assert plan[0][0].day in (1, 2, 4)
    assert plan[1][0].day == 3
