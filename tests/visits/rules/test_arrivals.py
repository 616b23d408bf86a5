"""What is refused on arrival, and what is doubted."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from tests.visits.rules.moments import POLICY, at, key
from visitcare.policy.rules import CarePolicy
from visits.rules import (
    HOME,
    OUTCOMES,
    PHONE,
    VIDEO,
    Arrival,
    Doubt,
    Neighbour,
    Refusal,
    Visited,
    doubts,
    refusals,
    true_time,
)

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
