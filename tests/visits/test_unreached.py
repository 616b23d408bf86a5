from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder, make_household, make_visit
from visitcare.kit.weeks import SHANGHAI
from visits.models import Visit
from visits.unreached import unreached

Try = Callable[..., Visit]


@pytest.fixture
def elder(cast: Cast) -> Elder:
    """Class A: nobody may stay unreached for longer than 24 hours."""
    return make_elder(cast.group, date(1940, 5, 1))


@pytest.fixture
def call(cast: Cast, elder: Elder) -> Try:
    """A call so many hours ago; nobody answers unless told otherwise."""

    def made(hours: float, *elders: Elder, outcome: str = "no_answer", state: str = "") -> Visit:
        moment = (timezone.now() - timedelta(hours=hours)).astimezone(SHANGHAI)
        at = datetime.strftime(moment, "%Y-%m-%d %H:%M")
        return make_visit(
            cast.worker, *(elders or (elder,)), at=at, mode="phone", outcome=outcome, state=state
        )

    return made


def found() -> list[Visit]:
    return list(unreached(Visit.objects.order_by("started_at")))


def test_unreached_from_the_hours_of_the_class_on(call: Try) -> None:
    visit = call(24.1)
    assert found() == [visit]


def test_unreached_not_before_the_hours_are_over(call: Try) -> None:
    call(23.5)
    assert found() == []


@pytest.mark.parametrize(("hours", "count"), [(167, 0), (169, 1)])
def test_unreached_class_c_has_seven_days(cast: Cast, call: Try, hours: float, count: int) -> None:
    call(hours, make_elder(cast.group))
    assert len(found()) == count


def test_unreached_ends_with_the_first_success(call: Try) -> None:
    call(60)
    call(50, outcome="spoke")
    assert found() == []


def test_unreached_begins_with_the_first_attempt_since_the_last_success(call: Try) -> None:
    call(100)
    call(90, outcome="spoke")
    first = call(80)
    call(2)
    assert found() == [first]


@pytest.mark.parametrize("state", ["invalid", "withdrawn"])
def test_unreached_success_that_does_not_stand_ends_nothing(call: Try, state: str) -> None:
    visit = call(60)
    success = call(50, outcome="spoke")
    Visit.objects.filter(pk=success.pk).update(
        state=state, review_reason="x", reviewed_by=success.worker, reviewed_at=timezone.now()
    )
    assert found() == [visit]


def test_unreached_declined_is_somebody_who_answered(call: Try) -> None:
    call(60, outcome="declined")
    assert found() == []


def test_unreached_one_of_a_couple_is_enough(cast: Cast, call: Try) -> None:
    home = make_household(cast.group)
    one, two = (make_elder(home, date(1940, day, day), living="elders_only") for day in (1, 2))
    visit = call(60, one, two)
    call(50, one, outcome="spoke")
    assert found() == [visit]


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_unreached_asks_only_for_who_is_at_home(call: Try, elder: Elder, status: str) -> None:
    call(60)
    closed = {"closed_on": date(2026, 1, 1), "close_reason": "moved"} if status == "closed" else {}
    Elder.objects.filter(pk=elder.pk).update(status=status, **closed)
    assert found() == []
