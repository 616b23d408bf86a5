from datetime import date, timedelta

import pytest

from elders.actions import close_elder, end_pause, pause_elder
from elders.models import ActivePeriod, ClassPeriod, Elder, Pause
from tests.cast import Cast
from tests.factories import make_elder, make_form, make_household
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed

TUESDAY = date(2025, 3, 4)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    """Active since 2025-01-06, class C since 2025-01-13."""
    return make_elder(cast.group)


def status(elder: Elder) -> str:
    return Elder.objects.get(pk=elder.pk).status


def active(elder: Elder) -> list[tuple[date, date | None]]:
    return list(ActivePeriod.objects.filter(elder=elder).values_list("starts_on", "ends_on"))


def classes(elder: Elder) -> list[tuple[date, date | None]]:
    return list(
        ClassPeriod.objects.filter(elder=elder).order_by("starts_on").values_list("starts_on", "ends_on")
    )


def pauses(elder: Elder) -> list[tuple[date, date | None]]:
    return list(Pause.objects.filter(elder=elder).values_list("starts_on", "ends_on"))


# Closing


def test_closed_is_active_to_the_last_day_and_classed_to_its_sunday(cast: Cast, elder: Elder) -> None:
    close_elder(by=cast.head, elder=elder, last_day=TUESDAY, reason="died")
    elder.refresh_from_db()
    assert (elder.status, elder.closed_on, elder.died_on) == ("closed", TUESDAY, TUESDAY)
    assert active(elder) == [(date(2025, 1, 6), TUESDAY)]
    assert classes(elder) == [(date(2025, 1, 13), date(2025, 3, 9))]
    event = Event.objects.latest("at")
    assert (event.verb, event.words) == ("close_elder", "注销马凤英：去世，最后一天 2025-03-04")


def test_closed_on_a_sunday_ends_the_class_that_day(cast: Cast, elder: Elder) -> None:
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 9), reason="moved")
    assert classes(elder) == [(date(2025, 1, 13), date(2025, 3, 9))]


def test_closed_for_another_reason_than_death_has_no_day_of_death(cast: Cast, elder: Elder) -> None:
    close_elder(by=cast.head, elder=elder, last_day=TUESDAY, reason="moved")
    assert Elder.objects.get(pk=elder.pk).died_on is None


def test_closing_takes_back_what_would_have_begun_later(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1945, 3, 12))  # C, then A from 2025-03-17
    assert len(classes(elder)) == 2
    close_elder(by=cast.head, elder=elder, last_day=TUESDAY, reason="died")
    assert classes(elder) == [(date(2025, 1, 13), date(2025, 3, 9))]


def test_closing_before_the_registration_leaves_no_active_day(cast: Cast, elder: Elder) -> None:
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 1, 1), reason="died")
    assert (active(elder), classes(elder)) == ([], [])


def test_closing_in_the_future_is_refused(cast: Cast, elder: Elder) -> None:
    tomorrow = today() + timedelta(days=1)
    with pytest.raises(ValueError) as caught:
        close_elder(by=cast.head, elder=elder, last_day=tomorrow, reason="moved")
    assert str(caught.value) == f"注销日期 {tomorrow} 还没到。请填已经发生的日期。"
    assert status(elder) == "active"


def test_closing_twice_is_refused(cast: Cast, elder: Elder) -> None:
    close_elder(by=cast.head, elder=elder, last_day=TUESDAY, reason="died")
    with pytest.raises(ValueError) as caught:
        close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 5), reason="moved")
    assert str(caught.value) == "马凤英已于 2025-03-04 注销，不用再办。"
    assert active(elder) == [(date(2025, 1, 6), TUESDAY)]


@pytest.mark.parametrize("who", ["cadre", "worker", "reviewer", "other_head", "officer"])
def test_closing_by_somebody_else_is_refused(cast: Cast, elder: Elder, who: str) -> None:
    with pytest.raises(NotAllowed):
        close_elder(by=getattr(cast, who), elder=elder, last_day=TUESDAY, reason="died")
    assert status(elder) == "active"


# Pausing


def test_paused_stays_active_for_pay(cast: Cast, elder: Elder) -> None:
    pause_elder(
        by=cast.reviewer, elder=elder, starts_on=TUESDAY, ends_on=date(2025, 3, 20), reason="hospital"
    )
    assert (status(elder), pauses(elder)) == ("paused", [(TUESDAY, date(2025, 3, 20))])
    assert active(elder) == [(date(2025, 1, 6), None)]
    event = Event.objects.latest("at")
    assert (event.actor_name, event.words) == ("顾敏", "马凤英自 2025-03-04 起暂停探访：住院")


def test_pausing_twice_is_refused(cast: Cast, elder: Elder) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="hospital")
    with pytest.raises(ValueError) as caught:
        pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="away")
    assert str(caught.value) == "马凤英现在不是在册状态，不能暂停。"


def test_pausing_somebody_not_approved_is_refused(cast: Cast) -> None:
    waiting = make_form(make_household(cast.group), date(1950, 5, 1)).elder
    with pytest.raises(ValueError):
        pause_elder(by=cast.head, elder=waiting, starts_on=TUESDAY, ends_on=None, reason="away")
    assert (status(waiting), pauses(waiting)) == ("submitted", [])


def test_pause_that_ends_before_it_starts_is_refused_in_words(cast: Cast, elder: Elder) -> None:
    with pytest.raises(ValueError) as caught:
        pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=date(2025, 3, 1), reason="away")
    assert str(caught.value) == "暂停到 2025-03-01 为止，早于起始日期 2025-03-04。请核对。"
    assert status(elder) == "active"


@pytest.mark.parametrize("who", ["cadre", "worker", "other_head", "officer"])
def test_pausing_by_somebody_else_is_refused(cast: Cast, elder: Elder, who: str) -> None:
    with pytest.raises(NotAllowed):
        pause_elder(by=getattr(cast, who), elder=elder, starts_on=TUESDAY, ends_on=None, reason="away")


def test_end_of_a_pause_is_its_last_day(cast: Cast, elder: Elder) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="hospital")
    end_pause(by=cast.reviewer, elder=elder, last_day=date(2025, 3, 11))
    assert (status(elder), pauses(elder)) == ("active", [(TUESDAY, date(2025, 3, 11))])
    assert Event.objects.latest("at").words == "马凤英的暂停到 2025-03-11 为止"


def test_end_of_a_pause_before_its_planned_end_shortens_it(cast: Cast, elder: Elder) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=date(2025, 3, 31), reason="hospital")
    end_pause(by=cast.head, elder=elder, last_day=date(2025, 3, 11))
    assert pauses(elder) == [(TUESDAY, date(2025, 3, 11))]


def test_end_of_a_pause_that_is_over_leaves_its_days(cast: Cast, elder: Elder) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=date(2025, 3, 11), reason="hospital")
    end_pause(by=cast.head, elder=elder, last_day=date(2025, 3, 31))
    assert pauses(elder) == [(TUESDAY, date(2025, 3, 11))]


def test_end_of_no_pause_is_refused(cast: Cast, elder: Elder) -> None:
    with pytest.raises(ValueError) as caught:
        end_pause(by=cast.head, elder=elder, last_day=TUESDAY)
    assert str(caught.value) == "马凤英现在不是暂停状态。"


def test_paused_elder_can_be_closed(cast: Cast, elder: Elder) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="hospital")
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 11), reason="died")
    assert (status(elder), active(elder)) == ("closed", [(date(2025, 1, 6), date(2025, 3, 11))])
