from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitcare.kit.weeks import SHANGHAI
from visitcare.policy.rules import CarePolicy
from visits.rules import (
    FINDING_WORDS,
    HOME,
    LEEWAY,
    MODE_WORDS,
    OUTCOME_WORDS,
    OUTCOMES,
    PHONE,
    REFERRAL_DAYS,
    VIDEO,
    Arrival,
    Asked,
    Doubt,
    Due,
    Neighbour,
    Planned,
    Refusal,
    Visited,
    doubts,
    duty,
    is_backfilled,
    is_countable,
    is_late,
    kind_of,
    mark,
    plan_round,
    refusals,
    still_due,
    true_time,
    ways,
)

POLICY = CarePolicy()


def at(text: str) -> datetime:
    """A moment in Shanghai, but as UTC: as a server would have it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def key(number: int) -> UUID:
    return UUID(int=number)


# Countable contacts


@pytest.mark.parametrize(
    ("outcome", "unable", "countable"),
    [
        ("met", False, True),
        ("spoke", False, True),
        ("family", False, False),
        ("family", True, True),
        ("not_home", True, False),
        ("no_answer", True, False),
        ("declined", True, False),
    ],
)
def test_countable_is_the_elder_met_or_heard(outcome: str, unable: bool, countable: bool) -> None:
    assert is_countable(outcome, unable_to_answer=unable, policy=POLICY) is countable


@pytest.mark.parametrize("unable", [True, False])
def test_family_may_answer_for_anybody_only_by_policy(unable: bool) -> None:
    anybody = CarePolicy(family_answer_needs_unable=False)
    assert is_countable("family", unable_to_answer=unable, policy=anybody) is True
    assert is_countable("declined", unable_to_answer=unable, policy=anybody) is False


def test_phone_and_video_are_one_kind() -> None:
    assert [kind_of(mode) for mode in (HOME, PHONE, VIDEO)] == ["home", "greeting", "greeting"]


def test_words_cover_every_mode_outcome_and_area() -> None:
    assert set(MODE_WORDS) == set(OUTCOMES)
    assert set(OUTCOME_WORDS) == {outcome for outcomes in OUTCOMES.values() for outcome in outcomes}
    assert set(REFERRAL_DAYS) == set(FINDING_WORDS) == {"health", "safety", "family", "livelihood", "needs"}


# Lateness


@pytest.mark.parametrize(
    ("started", "received", "late"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00", False),
        ("2026-11-23T00:00", "2026-11-30T23:59:59", False),
        ("2026-11-23T00:00", "2026-12-01T00:00:00", True),
        ("2026-11-29T23:59:59", "2026-11-30T23:59:59.999999", False),
        ("2026-11-29T23:59:59", "2026-12-01T00:00:00", True),
        ("2026-11-30T00:00", "2026-12-01T00:00:00", False),  # a Monday's visit has another week
        ("2026-11-30T00:00", "2026-12-07T23:59:59", False),
        ("2026-12-28T10:00", "2027-01-04T23:59:59", False),  # week 53 of 2026
        ("2027-01-03T23:00", "2027-01-04T23:59:59", False),
        ("2027-01-03T23:00", "2027-01-05T00:00:00", True),
        ("2026-10-31T10:00", "2026-11-02T23:59:59", False),  # a month's end changes nothing
        ("2026-10-31T10:00", "2026-11-03T00:00:00", True),
        ("2028-02-29T10:00", "2028-03-06T23:59:59", False),
        ("2028-02-29T10:00", "2028-03-07T00:00:00", True),
    ],
)
def test_late_begins_on_the_tuesday_after_the_week(started: str, received: str, late: bool) -> None:
    assert is_late(at(started), at(received)) is late


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)), st.integers(0, 20 * 24 * 3600))
def test_late_is_the_same_for_every_moment_of_a_week(started: datetime, seconds: int) -> None:
    moment = started.replace(tzinfo=SHANGHAI)
    received = moment + timedelta(seconds=seconds)
    monday = started.date() - timedelta(days=started.weekday())
    expected = received.date() >= monday + timedelta(days=8)
    assert is_late(moment, received) is expected
    assert is_late(moment.astimezone(UTC), received.astimezone(UTC)) is expected


@pytest.mark.parametrize(
    ("started", "received", "backfilled"),
    [
        ("2026-11-23T20:00", "2026-11-23T23:59:59", False),
        ("2026-11-23T20:00", "2026-11-24T00:00:00", True),
        ("2026-11-23T00:00", "2026-11-22T23:58:00", False),
        ("2026-11-23T07:30", "2026-11-23T08:30", False),  # midnight of UTC lies between them
    ],
)
def test_backfilled_is_typed_on_a_later_day_in_shanghai(
    started: str, received: str, backfilled: bool
) -> None:
    assert is_backfilled(at(started), at(received)) is backfilled


# Duties


@pytest.mark.parametrize(
    ("risk_class", "consent", "due"),
    [
        ("A", "full", Due(2, 2)),
        ("B", "full", Due(1, 1)),
        ("C", "full", Due(0, 1)),
        ("A", "phone_only", Due(0, 2)),
        ("B", "phone_only", Due(0, 1)),
        ("C", "phone_only", Due(0, 1)),
        ("A", "refused", None),
        ("C", "refused", None),
    ],
)
def test_duty_by_class_and_consent(risk_class: str, consent: str, due: Due | None) -> None:
    assert duty(risk_class, consent, POLICY) == due


def test_duty_follows_the_policy() -> None:
    assert duty("C", "full", CarePolicy(c_weekly=(1, 3))) == Due(1, 3)


@pytest.mark.parametrize(
    ("done", "left", "left_without_cover"),
    [
        (Due(0, 0), Due(2, 2), Due(2, 2)),
        (Due(2, 2), Due(0, 0), Due(0, 0)),
        (Due(1, 4), Due(1, 0), Due(1, 0)),  # a greeting never covers a home visit
        (Due(0, 9), Due(2, 0), Due(2, 0)),
        (Due(3, 0), Due(0, 1), Due(0, 2)),  # a surplus home visit covers a greeting
        (Due(4, 0), Due(0, 0), Due(0, 2)),
        (Due(9, 0), Due(0, 0), Due(0, 2)),
        (Due(1, 1), Due(1, 1), Due(1, 1)),
    ],
)
def test_still_due_of_class_a(done: Due, left: Due, left_without_cover: Due) -> None:
    assert still_due(Due(2, 2), done, POLICY) == left
    assert still_due(Due(2, 2), done, CarePolicy(surplus_home_covers_phone=False)) == left_without_cover


def test_still_due_of_a_phone_only_elder_is_covered_by_a_home_visit() -> None:
    assert still_due(Due(0, 2), Due(1, 0), POLICY) == Due(0, 1)


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


# Refusals

HOME_A, HOME_B = key(1), key(2)
WORKER = key(9)
COUPLE = (Visited("马志强", HOME_A), Visited("马凤英", HOME_A))
VISIT = Arrival(
    mode=HOME,
    outcome="met",
    started_at=at("2026-11-24T09:30"),
    received_at=at("2026-11-24T09:40"),
    elders=COUPLE,
)


def with_elder(**changes: Any) -> Arrival:
    return replace(VISIT, elders=(COUPLE[0], replace(COUPLE[1], **changes)))


def test_visit_like_any_other_is_neither_refused_nor_doubted() -> None:
    assert (refusals(VISIT), doubts(VISIT, POLICY)) == ([], [])


@pytest.mark.parametrize(
    ("arrival", "refusal"),
    [
        (replace(VISIT, elders=()), Refusal("elders", "没有选老人。请至少选一位。")),
        (
            with_elder(household=HOME_B),
            Refusal("elders", "这几位老人不是一户。请一户记一条。", mendable=True),
        ),
        (replace(VISIT, mode="letter"), Refusal("mode", "没有选怎么看望的。请选上门、电话或视频。")),
        (replace(VISIT, mode=""), Refusal("mode", "没有选怎么看望的。请选上门、电话或视频。")),
        (
            replace(VISIT, outcome="spoke"),
            Refusal("outcome", "“本人接听”和“上门”对不上。请改探访方式或结果。"),
        ),
        (replace(VISIT, mode=PHONE), Refusal("outcome", "“见到本人”和“电话”对不上。请改探访方式或结果。")),
        (replace(VISIT, outcome="slept"), Refusal("outcome", "“slept”和“上门”对不上。请改探访方式或结果。")),
        (
            replace(VISIT, started_at=at("2026-11-24T09:45:01")),
            Refusal("started_at", "时间写成了还没到的 2026-11-24 09:45。请改一下时间。"),
        ),
        (
            with_elder(died_on=date(2026, 11, 23)),
            Refusal(
                "elders", "马凤英已于 2026-11-23 去世，这之后不能再记探访。请核对日期和人。", mendable=True
            ),
        ),
        (
            with_elder(is_worker=True),
            Refusal("elders", "马凤英就是探访人本人，不能探访自己。请换一位探访人来记。"),
        ),
    ],
)
def test_impossible_visit_is_refused_with_words(arrival: Arrival, refusal: Refusal) -> None:
    """What stands in the registry may be wrong there, and can be mended; what was said cannot."""
    assert refusals(arrival) == [refusal]


@pytest.mark.parametrize(
    ("sent", "was"),
    [
        (None, "10:00:00"),
        ("10:05:00", "10:00:00"),
        ("10:15:00", "10:00:00"),
        ("10:04:59", "10:05:01"),
        ("10:15:01", "09:54:59"),
    ],
)
def test_time_is_put_right_by_as_much_as_the_clock_is_off(sent: str | None, was: str) -> None:
    """By more than five minutes, either way."""

    def clock(text: str) -> datetime:
        return at(f"2026-11-24T{text}")

    found = true_time(clock("10:00:00"), sent_at=clock(sent) if sent else None, arrived_at=clock("10:10:00"))
    assert found == clock(was)


@pytest.mark.parametrize(
    "arrival",
    [
        replace(VISIT, started_at=at("2026-11-24T09:45:00")),  # a phone's clock five minutes ahead
        with_elder(died_on=date(2026, 11, 24)),  # alive that morning
        with_elder(died_on=date(2026, 11, 25)),
        replace(VISIT, elders=COUPLE[:1]),
        *(
            replace(VISIT, mode=mode, outcome=outcome)
            for mode, outcomes in OUTCOMES.items()
            for outcome in outcomes
        ),
    ],
)
def test_possible_visit_is_not_refused(arrival: Arrival) -> None:
    assert refusals(arrival) == []


def test_visit_on_the_night_after_a_death_is_judged_by_the_day_in_shanghai() -> None:
    night = replace(
        VISIT, started_at=at("2026-11-24T00:10"), elders=(replace(COUPLE[0], died_on=date(2026, 11, 23)),)
    )
    assert [refusal.field for refusal in refusals(night)] == ["elders"]


def test_refusals_are_all_told_at_once() -> None:
    wrong = replace(VISIT, mode="", started_at=at("2026-11-25T09:00"), elders=())
    assert [refusal.field for refusal in refusals(wrong)] == ["elders", "mode", "started_at"]


# Doubts

EARLIER = Neighbour(key(50), HOME_A, WORKER, HOME, at("2026-11-24T08:00"))
NEXT_DOOR = Neighbour(key(51), HOME_B, WORKER, HOME, at("2026-11-24T09:27"))
WORDS = "精神很好，菜自己种"


@pytest.mark.parametrize(
    ("arrival", "doubt"),
    [
        (
            replace(VISIT, household_same_day=(EARLIER,)),
            Doubt("second_contact", "同一户这天已有一次上门：08:00", key(50)),
        ),
        (
            replace(VISIT, mode=PHONE, outcome="spoke", household_same_day=(replace(EARLIER, mode=VIDEO),)),
            Doubt("second_contact", "同一户这天已有一次电话（视频）：08:00", key(50)),
        ),
        (with_elder(paused=True), Doubt("paused_elder", "马凤英这天登记为住院或外出")),
        (with_elder(active=False), Doubt("elder_not_active", "马凤英这天还不在册，或者已经注销")),
        (
            replace(VISIT, elders=tuple(replace(elder, active=False) for elder in COUPLE)),
            Doubt("elder_not_active", "马志强、马凤英这天还不在册，或者已经注销"),
        ),
        (with_elder(phone_only=True), Doubt("phone_only", "马凤英登记的意愿是仅电话，这次是上门")),
        (replace(VISIT, assigned=False), Doubt("not_assigned", "不是这户的责任网格员")),
        (
            replace(VISIT, started_at=at("2026-11-24T05:59:59")),
            Doubt("odd_hour", "时间是 05:59，在 6:00—21:00 之外"),
        ),
        (
            replace(VISIT, started_at=at("2026-11-23T21:00:01")),
            Doubt("odd_hour", "时间是 21:00，在 6:00—21:00 之外"),
        ),
        (replace(VISIT, worker_nearby=(NEXT_DOOR,)), Doubt("burst", "和另一户的上门只隔 3 分钟", key(51))),
        (
            replace(VISIT, worker_nearby=(replace(NEXT_DOOR, started_at=at("2026-11-24T09:34:59")),)),
            Doubt("burst", "和另一户的上门只隔 4 分钟", key(51)),
        ),
        (
            replace(VISIT, words=WORDS, worker_nearby=(replace(NEXT_DOOR, mode=PHONE, words=WORDS),)),
            Doubt("same_words", "写的内容和另一条一字不差", key(51)),
        ),
        (
            replace(VISIT, received_at=at("2026-12-01T00:00")),
            Doubt("late", "2026-12-01 00:00 才录入，2026-12-01 零点已到期"),
        ),
    ],
)
def test_doubtful_visit_is_flagged_with_words(arrival: Arrival, doubt: Doubt) -> None:
    assert doubts(arrival, POLICY) == [doubt]


@pytest.mark.parametrize(
    "arrival",
    [
        replace(VISIT, household_same_day=(replace(EARLIER, mode=PHONE),)),  # home and phone on one day
        replace(VISIT, household_same_day=(replace(EARLIER, started_at=at("2026-11-23T23:59")),)),
        replace(
            VISIT, worker_nearby=(replace(NEXT_DOOR, mode=PHONE),)
        ),  # a call from the doorstep of the next
        replace(VISIT, worker_nearby=(replace(NEXT_DOOR, household=HOME_A),)),
        replace(VISIT, worker_nearby=(replace(NEXT_DOOR, started_at=at("2026-11-24T09:25")),)),
        replace(VISIT, worker_nearby=(replace(NEXT_DOOR, started_at=at("2026-11-24T09:35")),)),
        replace(
            VISIT, mode=PHONE, outcome="spoke", worker_nearby=(NEXT_DOOR, replace(NEXT_DOOR, mode=PHONE))
        ),
        replace(VISIT, mode=PHONE, outcome="spoke", elders=(replace(COUPLE[0], phone_only=True),)),
        replace(VISIT, words="都好", worker_nearby=(replace(NEXT_DOOR, mode=PHONE, words="都好"),)),
        replace(VISIT, words=WORDS, worker_nearby=(replace(NEXT_DOOR, mode=PHONE, words=WORDS + "。"),)),
        replace(VISIT, started_at=at("2026-11-24T06:00")),
        replace(VISIT, started_at=at("2026-11-23T21:00")),
        replace(VISIT, received_at=at("2026-11-30T23:59:59")),
    ],
)
def test_neighbour_that_is_none_of_its_business_raises_no_flag(arrival: Arrival) -> None:
    assert doubts(arrival, POLICY) == []


def test_doubts_follow_the_policy() -> None:
    early = replace(VISIT, started_at=at("2026-11-24T04:00"), worker_nearby=(NEXT_DOOR,))
    assert [doubt.code for doubt in doubts(early, CarePolicy(day_starts_hour=4))] == []
    midnight = replace(VISIT, started_at=at("2026-11-23T23:59"))
    assert doubts(midnight, CarePolicy(day_ends_hour=24)) == []
    assert doubts(replace(VISIT, worker_nearby=(NEXT_DOOR,)), CarePolicy(burst_minutes=3)) == []


def test_doubts_flag_each_code_once() -> None:
    crowded = replace(
        VISIT,
        assigned=False,
        elders=tuple(replace(elder, paused=True, phone_only=True) for elder in COUPLE),
        household_same_day=(EARLIER, replace(EARLIER, id=key(52))),
        worker_nearby=(NEXT_DOOR, replace(NEXT_DOOR, id=key(53))),
    )
    assert [doubt.code for doubt in doubts(crowded, POLICY)] == [
        "second_contact",
        "paused_elder",
        "phone_only",
        "not_assigned",
        "burst",
    ]
