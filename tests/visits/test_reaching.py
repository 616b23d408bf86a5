"""The steps after a failed attempt, and their words. Pure: no database."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import moment
from visits.chains import Answer, Attempt, Chain
from visits.rules.reaching import REFUSAL, SILENCE, following, step_at, steps_after

FAILED_AT = moment("2025-03-05 09:00")


def chain(
    *, after: float = 0, hours: int = 24, outcomes: tuple[str, ...] = ("no_answer",), **said: object
) -> Chain:
    """Tried once an hour from 9:00 on, and looked at so many hours after the first."""
    attempts = [Attempt(n, FAILED_AT + timedelta(hours=n), outcome) for n, outcome in enumerate(outcomes)]
    return Chain(
        elder=uuid4(),
        name="施汉忠",
        risk_class="A",
        hours=hours,
        now=FAILED_AT + timedelta(hours=after),
        attempts=attempts,
        **said,  # type: ignore[arg-type]
    )


def told(step: str) -> Answer:
    return Answer(step, "不知道", FAILED_AT, "陆桂芳")


@pytest.mark.parametrize(
    ("hours", "begins"),
    [(24, ((0, "retry"), (6, "contact"), (12, "village"), (24, "town"))),
     (48, ((0, "retry"), (12, "contact"), (24, "village"), (48, "town"))),
     (168, ((0, "retry"), (24, "contact"), (72, "village"), (168, "town")))],
)  # fmt: skip
def test_each_step_has_its_part_of_the_hours_of_the_class(
    hours: int, begins: tuple[tuple[int, str], ...]
) -> None:
    found = []
    for at, name in begins:
        found.append((at, chain(hours=hours, after=at).step.name))
        before = chain(hours=hours, after=at - 0.01).step.name
        assert before != name or at == 0
    assert tuple(found) == begins


def test_owners_of_the_steps() -> None:
    assert [(step.name, step.owner) for step in SILENCE] == [
        ("retry", "worker"), ("contact", "worker"), ("village", "village"), ("town", "town"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "step"), [((), "retry"), (("contact",), "village"), (("village",), "town"), (("town",), "town")]
)
def test_what_was_done_in_vain_hands_on_at_once(asked: tuple[str, ...], step: str) -> None:
    assert chain(answers=[told(one) for one in asked]).step.name == step


def test_what_was_done_in_vain_takes_nothing_back() -> None:
    assert chain(after=30, answers=[told("contact")]).step.name == "town"


def test_later_attempt_does_not_start_the_clock_again() -> None:
    tried = chain(after=24, outcomes=("no_answer",) * 20)
    assert (tried.since, tried.step.name) == (FAILED_AT, "town")


def test_who_declines_is_left_alone_until_the_town_asks() -> None:
    declined = chain(after=23, outcomes=("no_answer", "declined"))
    assert declined.steps is REFUSAL
    assert (declined.step.name, declined.owner_words, declined.asks_contact) == ("leave", "探访人", False)
    assert declined.to_do == "不勉强，也不用再去找。镇里会问老人的意愿。"
    asked = chain(after=24, outcomes=("declined",))
    assert (asked.step_words, asked.owner_words, asked.is_alert) == ("镇里问意愿", "镇里", True)


def test_silence_after_a_refusal_is_silence() -> None:
    assert chain(outcomes=("declined", "not_home")).steps is SILENCE


def test_steps_end_with_the_town() -> None:
    assert [steps_after(outcome)[-1].name for outcome in ("not_home", "no_answer", "declined")] == [
        "town"
    ] * 3
    assert following(SILENCE, SILENCE[-1]) is None


def test_attempt_in_a_moment_is_the_first_step() -> None:
    """A phone may be a little ahead of the server."""
    now = FAILED_AT - timedelta(minutes=2)
    assert step_at(SILENCE, since=FAILED_AT, hours=24, now=now, in_vain=()).name == "retry"


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (
            0,
            "请再试一次，最晚今天 15:00；还不行，就问紧急联系人施小明。到明天 9:00 还没人联系上，镇里会收到提醒。",
        ),
        (6, "请问紧急联系人施小明，老人在哪里，最晚今天 21:00。到明天 9:00 还没人联系上，镇里会收到提醒。"),
        (12, "请村干部上门看看，最晚明天 9:00。到明天 9:00 还没人联系上，镇里会收到提醒。"),
        (24, "已经报给镇里了。联系上了，就记一次。"),
    ],
)
def test_words_say_what_to_do_and_until_when(after: float, words: str) -> None:
    known = chain(after=after, contact="施小明", phone="19900000001")
    assert known.to_do + known.what_follows == words


def test_words_without_a_contact_lead_to_the_neighbours() -> None:
    assert "请问家里人或者邻居，老人在哪里" in chain(after=7, contact="施小明").to_do


def test_step_reached_early_does_not_name_an_hour_that_is_over() -> None:
    late = chain(after=8, answers=[told("contact")])
    assert (late.step.name, late.until) == ("village", FAILED_AT + timedelta(hours=24))


@pytest.mark.parametrize(
    ("after", "words"),
    [(23.9, ""), (24, "不到 1 小时"), (25.5, "1 小时"), (71, "47 小时"), (24 + 48, "2 天")],
)
def test_overdue_counts_from_the_hours_of_the_class(after: float, words: str) -> None:
    assert chain(after=after).overdue_words == words


def test_story_counts_the_attempts() -> None:
    assert chain(after=1).story == "今天 9:00 没联系上施汉忠。"
    assert (
        chain(after=24, outcomes=("no_answer", "not_home")).story == "昨天 9:00 起没联系上施汉忠，试了 2 次。"
    )
    assert chain(after=24, outcomes=("no_answer", "declined")).story == "昨天 10:00 施汉忠不愿意。"
