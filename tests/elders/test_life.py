"""Lives nobody thought of: any order of what can happen to a record, and what must be true after each step."""

from contextlib import ExitStack
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from unittest import mock

import hypothesis
import pytest
from django.db import transaction
from hypothesis import strategies as st

from elders.actions import (
    accept_move,
    approve_form,
    astray,
    carry_out_moves,
    close_elder,
    end_pause,
    end_pauses_that_are_over,
    merge_elders,
    pause_elder,
    propose_move,
    reclassify,
    reopen_elder,
    review_pause,
    send_back_move,
    withdraw_move,
    write_consent,
)
from elders.models import ActivePeriod, Elder, Move, Pause, RegistrationForm, Residence
from tests.cast import Cast
from tests.factories import id_number, make_form, make_household
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User

DAY = timedelta(days=1)
BEGINS = date(2025, 3, 3)
BORN = date(1950, 5, 1)
CLOCKS = (
    "elders.actions.life.today",
    "elders.actions.moving.today",
    "elders.actions.merging.today",
    "elders.actions.consents.today",
    "elders.actions.classification.today",
)
STEPS = (
    "approve", "pause", "pause_for", "review", "end_pause", "close", "die", "reopen", "move", "move_far", "move_later",
    "accept", "send_back", "withdraw", "merge", "ask", "night",
)  # fmt: skip
Step = tuple[str, int, int, int]
lives = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 40)),
    min_size=5,
    max_size=30,
)


class Lives:
    """Three people with four files, two of which bear one number, and a clock."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.system, self.day = cast, User.objects.system(), BEGINS
        number = id_number(BORN)
        shared = make_household(cast.group)
        self.files = [
            make_form(home, BORN, number=paper, registered_on=BEGINS).elder
            for home, paper in (
                (shared, number),
                (shared, id_number(BORN)),
                (make_household(cast.next_group), number),
                (make_household(cast.other_group), id_number(BORN)),
            )
        ]
        self.places = [cast.group, cast.next_group, cast.second_group, cast.other_group]
        self.done: list[str] = []

    def take(self, step: Step) -> None:
        """One step; what is refused in words leaves everything as it was."""
        name, who, where, days = step
        self.day += timedelta(days=days % 5)
        elder = Elder.objects.select_related("household__place").get(pk=self.files[who].pk)
        try:
            with transaction.atomic():
                getattr(self, f"_{name}")(elder, where, days)
        except (ValueError, NotAllowed):
            return
        self.done.append(name)

    def _approve(self, elder: Elder, where: int, days: int) -> None:
        form = RegistrationForm.objects.select_related("elder__household__place").get(elder=elder)
        approve_form(by=self.system, form=form)

    def _pause(self, elder: Elder, where: int, days: int) -> None:
        pause_elder(by=self.system, elder=elder, starts_on=self.day - days * DAY, ends_on=None, reason="away")

    def _pause_for(self, elder: Elder, where: int, days: int) -> None:
        ends_on = self.day + days * DAY
        pause_elder(by=self.system, elder=elder, starts_on=self.day, ends_on=ends_on, reason="hospital")

    def _review(self, elder: Elder, where: int, days: int) -> None:
        review_pause(by=self.system, elder=elder, ends_on=self.day + days * DAY, reason="还没回来")

    def _end_pause(self, elder: Elder, where: int, days: int) -> None:
        end_pause(by=self.system, elder=elder, last_day=self.day - days % 2 * DAY)

    def _close(self, elder: Elder, where: int, days: int) -> None:
        close_elder(by=self.system, elder=elder, last_day=self.day - days * DAY, reason="moved")

    def _die(self, elder: Elder, where: int, days: int) -> None:
        close_elder(by=self.system, elder=elder, last_day=self.day - days * DAY, reason="died")

    def _reopen(self, elder: Elder, where: int, days: int) -> None:
        reopen_elder(by=self.system, elder=elder, since=self.day - (days % 3 - 1) * DAY, reason="搬回来了")

    def _propose(self, elder: Elder, where: int, starts_on: date, *, whole: bool) -> tuple[Move, Division]:
        place = self.places[where]
        village = Division.objects.get(code=place.village_code)
        move = propose_move(
            by=self.system,
            elder=elder,
            whole_household=whole,
            village=village,
            starts_on=starts_on,
            reason="x",
        )
        return move, place

    def _move(self, elder: Elder, where: int, days: int) -> None:
        move, place = self._propose(elder, where, self.day, whole=days % 2 == 0)
        accept_move(by=self.system, move=move, place=place)

    def _move_later(self, elder: Elder, where: int, days: int) -> None:
        move, place = self._propose(elder, where, self.day + days * DAY, whole=days % 2 == 0)
        accept_move(by=self.system, move=move, place=place)

    def _move_far(self, elder: Elder, where: int, days: int) -> None:
        self._propose(elder, where, self.day + days * DAY, whole=days % 2 == 0)

    def _open_move(self, elder: Elder) -> Move:
        """That of the elder, else of anybody: few lives would meet their own."""
        moves = Move.objects.open().select_related("village", "household__place").order_by("elder")
        move = moves.filter(elder=elder).first() or moves.first()
        if move is None:
            raise ValueError("no move")
        return move

    def _accept(self, elder: Elder, where: int, days: int) -> None:
        move = self._open_move(elder)
        joins = Elder.objects.registered().filter(household__village_code=move.village_id).first()
        accept_move(by=self.system, move=move, place=move.village, joins=joins.household if joins else None)

    def _send_back(self, elder: Elder, where: int, days: int) -> None:
        send_back_move(by=self.system, move=self._open_move(elder), reason="不在这里")

    def _withdraw(self, elder: Elder, where: int, days: int) -> None:
        withdraw_move(by=self.system, move=self._open_move(elder), reason="不搬了")

    def _merge(self, elder: Elder, where: int, days: int) -> None:
        winner = Elder.objects.select_related("household__place").get(pk=self.files[where].pk)
        merge_elders(by=self.system, loser=elder, winner=winner, reason="同一个人")

    def _ask(self, elder: Elder, where: int, days: int) -> None:
        kind = ("full", "phone_only", "refused")[where % 3]
        write_consent(by=self.system, elder=elder, since=self.day, kind=kind, reason="自己能行")

    def _night(self, elder: Elder, where: int, days: int) -> None:
        end_pauses_that_are_over(by=self.system)
        carry_out_moves(by=self.system)
        reclassify(by=self.system, on=self.day)

    # What must be true

    def check(self) -> None:
        for elder in Elder.objects.all():
            self._check_stays(elder)
            self._check_state(elder)
        assert not astray().exists()
        registered = Elder.objects.registered().exclude(id_number_index=None)
        numbers = list(registered.values_list("id_number_index", flat=True))
        assert len(numbers) == len(set(numbers))
        for move in Move.objects.open():
            elder = move.elder
            assert (elder.status != "closed", move.household_id) == (True, elder.household_id)

    def _check_stays(self, elder: Elder) -> None:
        """Every day has one home, and the last is the elder's."""
        stays = list(Residence.objects.filter(elder=elder))
        assert (stays[0].starts_on, stays[-1].ends_on) == (None, None)
        for before, after in pairwise(stays):
            assert before.ends_on is not None
            assert before.ends_on + DAY == after.starts_on
        (home,) = Residence.objects.on(self.day).filter(elder=elder)
        assert home.household_id == elder.household_id == stays[-1].household_id

    def _check_state(self, elder: Elder) -> None:
        active = spans(ActivePeriod.objects.filter(elder=elder).order_by("starts_on"))
        pauses = spans(Pause.objects.filter(elder=elder).order_by("starts_on"))
        for periods in (active, pauses):
            for (_, end), (start, _) in pairwise(periods):
                assert end < start
        is_open = bool(active) and active[-1][1] == date.max
        assert is_open == (elder.status in ("active", "paused")), elder.status
        going_on = any(end >= self.day for _, end in pauses)
        if elder.status in ("approved", "active", "draft", "submitted"):
            assert not any(end == date.max for _, end in pauses)
        if elder.status == "closed":
            assert elder.closed_on is not None
            assert not active or active[-1][1] <= elder.closed_on
            assert not pauses or pauses[-1][1] <= elder.closed_on
        assert elder.status != "paused" or pauses
        assert not going_on or elder.status in ("paused", "closed", "active")
        assert (elder.merged_into_id is not None) == (elder.close_reason == "merged")
        assert elder.merged_into is None or elder.merged_into.merged_into_id is None


def spans(rows: Any) -> list[tuple[date, date]]:
    return [(start, end or date.max) for start, end in rows.values_list("starts_on", "ends_on")]


class _Undo(Exception):
    pass


def live(cast: Cast, steps: list[Step]) -> list[str]:
    lived = Lives(cast)
    with ExitStack() as clocks:
        for clock in CLOCKS:
            clocks.enter_context(mock.patch(clock, side_effect=lambda: lived.day))
        for step in steps:
            lived.take(step)
            lived.check()
    return lived.done


def every_life(cast: Cast, examples: int) -> set[str]:
    """The steps that were taken, not refused, in many lives."""
    done: set[str] = set()

    @hypothesis.settings(max_examples=examples, deadline=None, database=None)
    @hypothesis.given(steps=lives)
    def any_life(steps: list[Step]) -> None:
        try:
            with transaction.atomic():
                begun = [("approve", who, 0, 0) for who in (0, 1, 3)]
                done.update(live(cast, [*begun, *steps]))
                raise _Undo
        except _Undo:
            pass

    any_life()
    return done


def test_any_order_of_steps_leaves_a_record_whole(cast: Cast) -> None:
    every_life(cast, 25)


@pytest.mark.deep
def test_any_order_of_steps_leaves_a_record_whole_in_many_lives(cast: Cast) -> None:
    taken = every_life(cast, 300)
    assert {"approve", "pause", "move", "accept", "close", "merge"} <= taken
