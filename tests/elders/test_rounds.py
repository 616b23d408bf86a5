"""Days off, stand-ins, and the rounds nobody goes to."""

from datetime import date, timedelta
from typing import Any

import pytest

from elders.actions import (
    arrange_stand_in,
    assign_worker,
    end_stand_in,
    say_away,
    say_weekdays_off,
    take_back_away,
)
from elders.coverage import gaps_of, uncovered
from elders.models import Assignment, DaysOff, Elder, Household, StandIn
from tests.cast import Cast, make_cast
from tests.factories import breaks, make_elder, make_household, overtaken
from visitcare.audit.models import Event
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed, appoint, end_posting
from visitcare.org.models import Posting, User
from visits.queries import round_of

DAY = timedelta(days=1)
TODAY = today()
MONDAY = next_monday(TODAY)


def stand_in(cast: Cast, **said: Any) -> StandIn:
    """From today for a week the second worker goes to the worker's round."""
    return arrange_stand_in(
        **{
            "by": cast.head, "absent": cast.worker, "substitute": cast.second_worker, "town": cast.town,
            "starts_on": TODAY, "ends_on": TODAY + 6 * DAY, "reason": "住院",
        }
        | said
    )  # fmt: skip


# What the database holds


def test_days_off_that_overlap_are_refused(cast: Cast) -> None:
    away = {"worker": cast.worker, "kind": "away"}
    DaysOff.objects.create(**away, starts_on=TODAY, ends_on=TODAY + DAY)
    DaysOff.objects.create(worker=cast.worker, kind="weekly", weekdays=[2], starts_on=TODAY)
    with breaks("days_off_once_at_a_time"):
        DaysOff.objects.create(**away, starts_on=TODAY + DAY, ends_on=TODAY + 5 * DAY)


def test_days_off_that_end_before_they_start_are_refused(cast: Cast) -> None:
    with breaks("days_off_end_after_start"):
        DaysOff.objects.create(
            worker=cast.worker, kind="weekly", weekdays=[1], starts_on=TODAY, ends_on=TODAY - DAY
        )


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "weekly", "weekdays": []},
        {"kind": "weekly", "weekdays": [7]},
        {"kind": "away", "weekdays": []},
        {"kind": "away", "weekdays": [1], "ends_on": TODAY},
    ],
)
def test_days_off_of_no_kind_are_refused(cast: Cast, said: dict[str, Any]) -> None:
    with breaks("days_off_of_a_kind"):
        DaysOff.objects.create(worker=cast.worker, starts_on=TODAY, **said)


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("stand_in_is_somebody_else", {"substitute": "worker"}),
        ("stand_in_ends_after_start", {"ends_on": TODAY - DAY}),
        ("stand_in_has_reason", {"reason": ""}),
    ],
)
def test_stand_in_that_cannot_be_is_refused(cast: Cast, constraint: str, said: dict[str, Any]) -> None:
    row = {"substitute": "second_worker", "ends_on": TODAY, "reason": "住院"} | said
    row["substitute"] = getattr(cast, row["substitute"])
    with breaks(constraint):
        StandIn.objects.create(
            absent=cast.worker, town=cast.town, handed_over=[cast.town.code], starts_on=TODAY, **row
        )


def test_stand_ins_of_one_town_that_overlap_are_refused(cast: Cast) -> None:
    stand_in(cast)
    row = {
        "absent": cast.worker, "substitute": cast.cadre, "handed_over": [], "starts_on": TODAY + DAY,
        "ends_on": TODAY + DAY,
    }  # fmt: skip
    StandIn.objects.create(town=cast.other_town, reason="住院", **row)
    with breaks("one_stand_in_at_a_time"):
        StandIn.objects.create(town=cast.town, reason="住院", **row)


# Days off


def test_weekdays_hold_from_next_monday_in_place_of_what_was_said_before(cast: Cast) -> None:
    DaysOff.objects.create(worker=cast.worker, kind="weekly", weekdays=[0], starts_on=date(2025, 1, 6))
    say_weekdays_off(by=cast.worker, worker=cast.worker, weekdays=[6, 2, 2])
    said = DaysOff.objects.filter(worker=cast.worker).order_by("starts_on")
    assert [(one.weekdays, one.starts_on, one.ends_on) for one in said] == [
        ([0], date(2025, 1, 6), MONDAY - DAY),
        ([2, 6], MONDAY, None),
    ]
    say_weekdays_off(by=cast.cadre, worker=cast.worker, weekdays=[3])
    assert [one.weekdays for one in said.all()] == [[0], [3]]
    say_weekdays_off(by=cast.reviewer, worker=cast.worker, weekdays=[])
    assert [(one.weekdays, one.ends_on) for one in said.all()] == [([0], MONDAY - DAY)]
    words = list(Event.objects.filter(verb="say_weekdays_off").values_list("words", flat=True))
    assert f"陆桂芳自 {MONDAY} 起每周星期三、星期日不方便探访" in words
    assert len(words) == 3


def test_what_was_said_already_is_not_said_again(cast: Cast) -> None:
    for _ in range(2):
        say_weekdays_off(by=cast.worker, worker=cast.worker, weekdays=[2])
    assert (DaysOff.objects.count(), Event.objects.filter(verb="say_weekdays_off").count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", [[2], [3]])
def test_button_tapped_twice_says_it_once(second: list[int]) -> None:
    cast = make_cast()

    def say(weekdays: list[int]) -> DaysOff | None:
        return say_weekdays_off(by=cast.worker, worker=cast.worker, weekdays=weekdays)

    assert isinstance(overtaken(lambda: say(second), by=lambda: say([2])), DaysOff)
    assert DaysOff.objects.get().weekdays == second


def test_one_day_of_the_week_is_left(cast: Cast) -> None:
    with pytest.raises(ValueError, match="至少留一天"):
        say_weekdays_off(by=cast.worker, worker=cast.worker, weekdays=range(7))


def test_away_until_it_is_taken_back(cast: Cast) -> None:
    running = say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY - DAY, ends_on=TODAY + DAY)
    coming = say_away(
        by=cast.worker, worker=cast.worker, starts_on=MONDAY + 7 * DAY, ends_on=MONDAY + 8 * DAY
    )
    with pytest.raises(ValueError, match="已经登记过不在的日子"):
        say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY, ends_on=TODAY)
    for one in (running, coming):
        take_back_away(by=cast.worker, away=one)
    assert [(one.starts_on, one.ends_on) for one in DaysOff.objects.all()] == [(TODAY - DAY, TODAY - DAY)]
    with pytest.raises(ValueError, match="已经过去"):
        take_back_away(by=cast.worker, away=DaysOff.objects.get())


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(TODAY, TODAY - DAY, "早于第一天"), (TODAY - 2 * DAY, TODAY - DAY, "已经过去")],
)
def test_away_of_days_that_cannot_be_is_refused_in_words(
    cast: Cast, first: date, last: date, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        say_away(by=cast.worker, worker=cast.worker, starts_on=first, ends_on=last)


def test_days_of_a_worker_are_said_by_them_their_village_and_their_town_alone(cast: Cast) -> None:
    may = set()
    for name, one in cast.everybody().items():
        if not isinstance(one, User):
            continue
        try:
            away = say_away(by=one, worker=cast.worker, starts_on=MONDAY, ends_on=MONDAY)
        except NotAllowed:
            continue
        may.add(name)
        take_back_away(by=one, away=away)
    assert may == {"worker", "cadre", "reviewer", "head"}


# Stand-ins


def test_stand_in_opens_exactly_the_round_for_exactly_the_days(cast: Cast) -> None:
    theirs, named, elsewhere = (make_elder(one) for one in (cast.group, cast.next_group, cast.next_group))
    own, given_away = make_elder(cast.second_group), make_elder(cast.group)
    for elder, worker in ((named, cast.worker), (given_away, cast.visitor)):
        Assignment.objects.create(household=elder.household, worker=worker, starts_on=TODAY)

    def seen() -> set[Elder]:
        return set(Elder.objects.visible_to(User.objects.get(pk=cast.second_worker.pk)))

    assert seen() == {own}
    made = stand_in(cast)
    assert seen() == {own, theirs, named}
    assert elsewhere not in seen()
    assert theirs in Elder.objects.visible_to(cast.worker)  # who is away still sees them
    for first, last in ((TODAY - 3 * DAY, TODAY - DAY), (TODAY + DAY, TODAY + 3 * DAY)):
        StandIn.objects.filter(pk=made.pk).update(starts_on=first, ends_on=last)
        assert seen() == {own}


def test_stand_in_sees_nothing_more_once_they_serve_no_longer_in_the_town(cast: Cast) -> None:
    elder = make_elder(cast.group)
    stand_in(cast)
    Posting.objects.filter(user=cast.second_worker).update(ends_on=TODAY - DAY)
    Posting.objects.create(
        user=cast.second_worker, role="grid_worker", place=cast.other_group, starts_on=date(2024, 1, 1)
    )
    substitute = User.objects.get(pk=cast.second_worker.pk)
    assert elder not in Elder.objects.visible_to(substitute)


def test_stand_in_of_a_worker_of_two_towns_sees_the_one_that_said_so(cast: Cast) -> None:
    here, there = make_elder(cast.group), make_elder(cast.other_group)
    for user in (cast.worker, cast.second_worker):
        Posting.objects.create(
            user=user, role="visitor", place=cast.other_village, starts_on=date(2024, 1, 1)
        )
    Posting.objects.filter(user=cast.second_worker, role="visitor").update(starts_on=TODAY + 9 * DAY)
    stand_in(cast)
    seen = set(Elder.objects.visible_to(User.objects.get(pk=cast.second_worker.pk)))
    assert (here in seen, there in seen) == (True, False)


def test_stand_in_is_arranged_by_the_village_and_the_town_alone(cast: Cast) -> None:
    may = set()
    for name, one in cast.everybody().items():
        if not isinstance(one, User):
            continue
        try:
            made = stand_in(cast, by=one, starts_on=MONDAY, ends_on=MONDAY)
        except NotAllowed:
            continue
        may.add(name)
        end_stand_in(by=one, stand_in=made)
    assert may == {"cadre", "reviewer", "head"}


def test_cadre_does_not_hand_over_the_households_of_the_next_village(cast: Cast) -> None:
    household = make_household(cast.next_group)
    assign_worker(by=cast.head, household=household, worker=cast.worker, starts_on=TODAY)
    with pytest.raises(NotAllowed):
        stand_in(cast, by=cast.cadre)
    stand_in(cast, by=cast.reviewer)


@pytest.mark.parametrize(("by", "reaches"), [("cadre", False), ("head", True)])
def test_what_the_worker_gets_later_is_handed_over_only_by_whose_it_is(
    cast: Cast, by: str, reaches: bool
) -> None:
    """A group of the next village, and a household there."""
    here, there, named = (make_elder(one) for one in (cast.group, cast.next_group, cast.next_group))
    made = stand_in(cast, by=getattr(cast, by))
    posting = appoint(
        by=cast.head, user=cast.worker, role="grid_worker", place=cast.next_group, starts_on=TODAY
    )
    assign_worker(by=cast.head, household=named.household, worker=cast.worker, starts_on=TODAY)
    end_of(cast.next_worker, TODAY - DAY)
    say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY, ends_on=TODAY)

    def seen() -> list[bool]:
        found = Elder.objects.visible_to(User.objects.get(pk=cast.second_worker.pk))
        return [one in found for one in (here, there, named)]

    assert seen() == [True, reaches, reaches]
    alone = [] if reaches else ["away"]
    assert [why(one.household) for one in (here, there, named)] == [[], alone, alone]
    if not reaches:
        end_stand_in(by=cast.cadre, stand_in=made)  # still theirs to end
    Posting.objects.filter(pk=posting.pk).delete()
    assert seen() == [True, False, reaches]


def test_stand_in_of_somebody_who_has_left_can_be_ended(cast: Cast) -> None:
    made = stand_in(cast, by=cast.cadre)
    end_of(cast.worker, TODAY - DAY)
    with pytest.raises(NotAllowed):
        end_stand_in(by=cast.other_head, stand_in=made)
    end_stand_in(by=cast.cadre, stand_in=made)
    assert StandIn.objects.get().ends_on == TODAY


def test_another_town_does_not_read_why_somebody_stands_in(cast: Cast) -> None:
    """Though the worker once served there, or still does."""
    made = stand_in(cast)
    away = say_away(by=cast.head, worker=cast.worker, starts_on=TODAY, ends_on=TODAY)
    once = Posting.objects.create(
        user=cast.worker,
        role="visitor",
        place=cast.other_village,
        starts_on=date(2024, 1, 1),
        ends_on=TODAY - DAY,
    )

    def seen(*names: str) -> list[tuple[bool, bool]]:
        people = [User.objects.get(login=name) for name in names]
        return [
            (made in StandIn.objects.visible_to(one), away in DaysOff.objects.visible_to(one))
            for one in people
        ]

    assert seen("head", "cadre", "other_head") == [(True, True), (True, True), (False, False)]
    Posting.objects.filter(pk=once.pk).update(ends_on=None)
    assert seen("other_head") == [(False, True)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"substitute": "worker"}, "另一个人"),
        ({"substitute": "other_worker"}, "没有探访的任职"),
        ({"substitute": "reviewer"}, "没有探访的任职"),
        ({"substitute": "disabled"}, "没有探访的任职"),
        ({"absent": "cadre"}, "没有自己负责的组"),
        ({"absent": "other_worker"}, "没有自己负责的组"),
        ({"starts_on": TODAY - DAY}, "已经过去"),
        ({"ends_on": TODAY - DAY}, "早于第一天"),
        ({"reason": " "}, "原因"),
    ],
)
def test_stand_in_that_cannot_be_is_refused_in_words(cast: Cast, said: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stand_in(
            cast, **{n: getattr(cast, v) if n in ("absent", "substitute") else v for n, v in said.items()}
        )
    assert StandIn.objects.count() == 0


def test_second_stand_in_for_the_same_days_is_refused_in_words(cast: Cast) -> None:
    stand_in(cast)
    with pytest.raises(ValueError, match="已经有人代班"):
        stand_in(cast, substitute=cast.cadre, starts_on=TODAY + 6 * DAY, ends_on=TODAY + 9 * DAY)


def test_stand_in_ends_with_today_or_never_begins(cast: Cast) -> None:
    running, coming = stand_in(cast), stand_in(cast, starts_on=MONDAY + 7 * DAY, ends_on=MONDAY + 8 * DAY)
    keys = (running.pk, coming.pk)
    for one in (running, coming):
        end_stand_in(by=cast.cadre, stand_in=one)
    assert [one.ends_on for one in StandIn.objects.all()] == [TODAY]
    with pytest.raises(ValueError, match="已经到期"):
        end_stand_in(by=cast.cadre, stand_in=StandIn.objects.get())
    told = Event.objects.filter(verb="end_stand_in").values_list("about_id", "words")
    assert set(told) == {(str(pk), "结束施建国代陆桂芳的班") for pk in keys}


# Rounds nobody goes to


def why(household: Household) -> list[str]:
    return [one for one in ("vacant", "soon", "away") if household in uncovered(Household.objects.all(), one)]  # type: ignore[arg-type]


def end_of(user: User, last_day: date) -> None:
    end_posting(by=User.objects.system(), posting=user.postings.get(), last_day=last_day)


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        (None, []),
        (TODAY - DAY, ["vacant"]),
        (TODAY, ["soon"]),
        (TODAY + 13 * DAY, ["soon"]),
        (TODAY + 14 * DAY, []),
    ],
)
def test_group_without_a_posting_shows(cast: Cast, last_day: date | None, expected: list[str]) -> None:
    home = make_elder(cast.group).household
    if last_day:
        end_of(cast.worker, last_day)
    assert why(home) == expected
    assert (home in uncovered(Household.objects.all())) == bool(expected)


def test_group_of_somebody_who_cannot_sign_in_is_vacant(cast: Cast) -> None:
    home = make_elder(cast.group).household
    User.objects.filter(pk=cast.worker.pk).update(is_active=False)
    assert why(home) == ["vacant"]


def test_group_with_a_successor_or_a_grid_worker_of_the_village_does_not_show(cast: Cast) -> None:
    homes = [make_elder(one).household for one in (cast.group, cast.next_group)]
    end_of(cast.worker, TODAY + DAY)
    end_of(cast.next_worker, TODAY + DAY)
    system = User.objects.system()
    for place in (cast.group, cast.next_village):
        appoint(by=system, user=cast.second_worker, role="grid_worker", place=place, starts_on=TODAY + DAY)
    assert [why(home) for home in homes] == [[], []]


def test_household_with_a_worker_of_its_own_does_not_show(cast: Cast) -> None:
    home = make_elder(cast.group).household
    end_of(cast.worker, TODAY - DAY)
    assign_worker(by=cast.head, household=home, worker=cast.next_worker, starts_on=TODAY)
    assert why(home) == []
    say_away(by=cast.next_worker, worker=cast.next_worker, starts_on=TODAY, ends_on=TODAY)
    assert why(home) == ["away"]


def test_household_of_somebody_who_serves_no_longer_in_the_town_shows(cast: Cast) -> None:
    home = make_elder(cast.group).household
    end_of(cast.worker, TODAY - DAY)
    assign_worker(by=cast.head, household=home, worker=cast.next_worker, starts_on=TODAY)
    end_of(cast.next_worker, TODAY - DAY)
    appoint(
        by=cast.other_head,
        user=cast.next_worker,
        role="grid_worker",
        place=cast.other_group,
        starts_on=TODAY - DAY,
    )
    assert why(home) == ["vacant"]


def test_household_named_to_somebody_who_has_left_is_the_groups_own_again(cast: Cast) -> None:
    elder = make_elder(cast.next_group)
    assign_worker(by=cast.head, household=elder.household, worker=cast.worker, starts_on=TODAY)

    def goes() -> list[str]:
        people = (User.objects.get(pk=one.pk) for one in (cast.worker, cast.next_worker))
        return [one.name for one in people if elder.household in round_of(one)]

    assert goes() == ["陆桂芳"]
    end_of(cast.worker, TODAY - DAY)
    assert goes() == ["沈秀兰"]
    assert elder not in Elder.objects.visible_to(User.objects.get(pk=cast.worker.pk))
    stand_in(cast, absent=cast.next_worker)
    assert elder in Elder.objects.visible_to(User.objects.get(pk=cast.second_worker.pk))


def test_household_to_which_nothing_is_owed_does_not_show(cast: Cast) -> None:
    refusing = make_elder(cast.group, consent="refused").household
    empty = make_household(cast.group)
    end_of(cast.worker, TODAY - DAY)
    assert (why(refusing), why(empty)) == ([], [])


def test_worker_who_is_away_without_a_stand_in_shows(cast: Cast) -> None:
    home = make_elder(cast.group).household
    say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY + 3 * DAY, ends_on=TODAY + 5 * DAY)
    assert why(home) == ["away"]
    half = stand_in(cast, starts_on=TODAY + 3 * DAY, ends_on=TODAY + 4 * DAY)
    assert why(home) == ["away"]  # the third day is nobody's
    stand_in(cast, starts_on=TODAY + 5 * DAY, ends_on=TODAY + 5 * DAY, substitute=cast.cadre)
    assert why(home) == []
    say_away(by=cast.second_worker, worker=cast.second_worker, starts_on=half.ends_on, ends_on=half.ends_on)
    assert why(home) == ["away"]  # whoever was to go is away, too


def test_stand_in_goes_in_the_town_that_said_so_and_while_they_can_sign_in(cast: Cast) -> None:
    home = make_elder(cast.group).household
    say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY, ends_on=TODAY)
    said = StandIn.objects.filter(pk=stand_in(cast, starts_on=TODAY, ends_on=TODAY).pk)
    assert why(home) == []
    said.update(town=cast.other_town)
    assert why(home) == ["away"]
    said.update(town=cast.town)
    User.objects.filter(pk=cast.second_worker.pk).update(is_active=False)
    assert why(home) == ["away"]


def test_stand_in_who_serves_no_longer_does_not_go(cast: Cast) -> None:
    home = make_elder(cast.group).household
    say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY + 3 * DAY, ends_on=TODAY + 5 * DAY)
    stand_in(cast)
    assert why(home) == []
    end_of(cast.second_worker, TODAY + 5 * DAY)
    assert why(home) == []
    end_of(cast.second_worker, TODAY + 4 * DAY)
    assert why(home) == ["away"]


def test_days_between_two_postings_show(cast: Cast) -> None:
    home = make_elder(cast.group).household
    end_of(cast.worker, TODAY + 3 * DAY)
    successor = appoint(
        by=cast.head,
        user=cast.second_worker,
        role="grid_worker",
        place=cast.group,
        starts_on=TODAY + 10 * DAY,
    )
    assert why(home) == ["soon"]
    Posting.objects.filter(pk=successor.pk).update(starts_on=TODAY + 4 * DAY)
    assert why(home) == []


def test_two_of_a_group_who_are_away_on_different_days_leave_nobody_alone(cast: Cast) -> None:
    home = make_elder(cast.group).household
    appoint(by=cast.head, user=cast.second_worker, role="grid_worker", place=cast.group, starts_on=TODAY)
    for worker, days in ((cast.worker, 3), (cast.second_worker, 5)):
        day = TODAY + days * DAY
        say_away(by=worker, worker=worker, starts_on=day, ends_on=day + DAY)
    assert why(home) == []
    DaysOff.objects.filter(worker=cast.second_worker).update(starts_on=TODAY + 4 * DAY)
    assert why(home) == ["away"]


def test_colleague_who_leaves_before_the_worker_is_away_does_not_go(cast: Cast) -> None:
    home = make_elder(cast.group).household
    appoint(by=cast.head, user=cast.second_worker, role="grid_worker", place=cast.village, starts_on=TODAY)
    Posting.objects.filter(place=cast.village, role="grid_worker").update(ends_on=TODAY + 2 * DAY)
    say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY + 3 * DAY, ends_on=TODAY + 3 * DAY)
    assert why(home) == ["away"]


def test_nobody_of_the_group_goes_instead_of_whoever_is_named(cast: Cast) -> None:
    home = make_elder(cast.group).household
    assign_worker(by=cast.head, household=home, worker=cast.next_worker, starts_on=TODAY)
    say_away(by=cast.next_worker, worker=cast.next_worker, starts_on=TODAY, ends_on=TODAY + 20 * DAY)
    assert why(home) == ["away"]
    stand_in(cast, absent=cast.next_worker, ends_on=TODAY + 14 * DAY)
    assert why(home) == []


def test_worker_with_a_colleague_in_the_group_may_be_away(cast: Cast) -> None:
    home = make_elder(cast.group).household
    appoint(by=cast.head, user=cast.second_worker, role="grid_worker", place=cast.group, starts_on=TODAY)
    say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY, ends_on=TODAY)
    assert why(home) == []


def test_away_beyond_two_weeks_is_for_later(cast: Cast) -> None:
    home = make_elder(cast.group).household
    away = say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY + 15 * DAY, ends_on=TODAY + 20 * DAY)
    assert why(home) == []
    DaysOff.objects.filter(pk=away.pk).update(starts_on=TODAY + 14 * DAY)
    assert why(home) == ["away"]


def test_cadre_is_told_of_the_groups_of_the_village(cast: Cast) -> None:
    make_elder(cast.group)
    make_elder(cast.group)
    make_elder(cast.next_group)
    for user in (cast.worker, cast.next_worker):
        end_of(user, TODAY - DAY)
    assert [(gap.place, gap.households, gap.words) for gap in gaps_of(cast.cadre)] == [
        ("1组", 2, "现在没有网格员")
    ]
    assert gaps_of(cast.second_worker) == []
