"""Whoever acts on a record is judged by the place where it is, not by the one where they saw it last."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from elders.actions import (
    approve_override,
    continue_override,
    end_override,
    merge_elders,
    propose_override,
    record_assessment,
    return_override,
)
from elders.actions.locking import lock_elder
from elders.models import ClassOverride, Elder, Household
from tests.cast import Cast
from tests.factories import make_elder, make_household, overtaken
from visitcare.audit.models import Event
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import Right

REVIEW = next_monday(today()) + timedelta(days=60)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def far(cast: Cast) -> Household:
    return make_household(cast.other_group)


# While somebody waits for the record


def locked_after_moving(elder: Elder, home: Household, by: User) -> object:
    """What `by` gets who asks for the record while it goes to another household."""

    def lock() -> Elder:
        with transaction.atomic():
            return lock_elder(elder, by=by, right=Right.APPROVE_ELDER)

    return overtaken(lock, by=lambda: Elder.objects.filter(pk=elder.pk).update(household=home))


def test_whoever_waited_gets_the_record_where_it_is_now(
    transactional_db: None, cast: Cast, elder: Elder, far: Household
) -> None:
    locked = locked_after_moving(elder, far, cast.other_head)
    assert isinstance(locked, Elder)
    assert (locked.pk, locked.household.place) == (elder.pk, cast.other_group)


def test_whoever_waited_is_judged_by_where_it_is_now(
    transactional_db: None, cast: Cast, elder: Elder, far: Household
) -> None:
    assert isinstance(locked_after_moving(elder, far, cast.head), NotAllowed)


# On a record that has gone since it was read


def as_read(elder: Elder) -> Elder:
    """The record with the household that whoever looks at it now sees."""
    return Elder.objects.select_related("household__place").get(pk=elder.pk)


def proposed(cast: Cast, elder: Elder) -> ClassOverride:
    propose_override(by=cast.reviewer, elder=elder, risk_class="A", reason="跌倒过", review_on=REVIEW)
    return ClassOverride.objects.select_related("elder__household__place").get()


def approved(cast: Cast, elder: Elder) -> ClassOverride:
    approve_override(by=cast.head, override=proposed(cast, elder))
    return ClassOverride.objects.select_related("elder__household__place").get()


def assess(cast: Cast, elder: Elder) -> Callable[[], Any]:
    seen = as_read(elder)
    return lambda: record_assessment(
        by=cast.head, elder=seen, assessed_on=today(), assessor="评估站", level="mild"
    )


def propose(cast: Cast, elder: Elder) -> Callable[[], Any]:
    seen = as_read(elder)
    return lambda: propose_override(
        by=cast.head, elder=seen, risk_class="A", reason="跌倒过", review_on=REVIEW
    )


def approve(cast: Cast, elder: Elder) -> Callable[[], Any]:
    override = proposed(cast, elder)
    return lambda: approve_override(by=cast.head, override=override)


def return_(cast: Cast, elder: Elder) -> Callable[[], Any]:
    override = proposed(cast, elder)
    return lambda: return_override(by=cast.head, override=override, reason="不用")


def end(cast: Cast, elder: Elder) -> Callable[[], Any]:
    override = approved(cast, elder)
    return lambda: end_override(by=cast.head, override=override, reason="好转")


def continue_(cast: Cast, elder: Elder) -> Callable[[], Any]:
    override = approved(cast, elder)
    return lambda: continue_override(by=cast.head, override=override, review_on=REVIEW, reason="还需要")


def merge(cast: Cast, elder: Elder) -> Callable[[], Any]:
    loser, winner = as_read(elder), make_elder(cast.group)
    return lambda: merge_elders(by=cast.head, loser=loser, winner=winner, reason="重复建档")


@pytest.mark.parametrize("act", [assess, propose, approve, return_, end, continue_, merge])
def test_record_that_has_gone_to_another_town_is_that_towns(
    cast: Cast, elder: Elder, far: Household, act: Callable[[Cast, Elder], Callable[[], Any]]
) -> None:
    ready = act(cast, elder)
    told = Event.objects.count()
    Elder.objects.filter(pk=elder.pk).update(household=far)
    with pytest.raises(NotAllowed):
        ready()
    assert Event.objects.count() == told
