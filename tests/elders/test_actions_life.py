from datetime import date, timedelta

import pytest

from elders.actions import close_elder, end_pause, pause_elder, reopen_elder, review_pause
from elders.models import ActivePeriod, ClassPeriod, Elder, Pause
from tests.cast import Cast
from tests.factories import REGISTERED, at_once, make_elder, make_form, make_household
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


def test_closing_sends_back_the_form_that_waits_for_the_town(cast: Cast, elder: Elder) -> None:
    form = make_form(elder.household, elder.birth_date, elder=elder, registered_on=TUESDAY)
    close_elder(by=cast.head, elder=elder, last_day=TUESDAY, reason="died")
    form.refresh_from_db()
    assert (form.state, form.decided_by, form.decision_reason) == ("returned", cast.head, "已注销：去世")
    assert elder.forms.get(registered_on=REGISTERED).state == "approved"


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


def test_closing_ends_the_pause_too(cast: Cast, elder: Elder) -> None:
    """Reopened, nobody is paused and active at once."""
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="hospital")
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 11), reason="moved")
    assert pauses(elder) == [(TUESDAY, date(2025, 3, 11))]
    reopen_elder(by=cast.head, elder=elder, since=today(), reason="搬回来了")
    assert (status(elder), pauses(elder)) == ("active", [(TUESDAY, date(2025, 3, 11))])


# Days that cannot be


@pytest.mark.parametrize(
    ("last_day", "reason", "words"),
    [
        (date(1950, 4, 30), "died", "注销日期 1950-04-30 早于出生日期 1950-05-01。请核对。"),
        (date(2025, 1, 5), "moved", "马凤英 2025-01-06 才入册，注销日期 2025-01-05 不能比它早。请核对。"),
        (TUESDAY, "merged", "并档要说并到哪一份。请点“并入另一份档案”。"),
    ],
)
def test_end_that_cannot_be_is_refused(
    cast: Cast, elder: Elder, last_day: date, reason: str, words: str
) -> None:
    with pytest.raises(ValueError) as caught:
        close_elder(by=cast.head, elder=elder, last_day=last_day, reason=reason)
    assert (str(caught.value), status(elder)) == (words, "active")


def test_pause_before_the_registration_is_refused(cast: Cast, elder: Elder) -> None:
    with pytest.raises(ValueError, match="2025-01-06 才入册"):
        pause_elder(by=cast.head, elder=elder, starts_on=date(2025, 1, 5), ends_on=None, reason="away")


@pytest.mark.parametrize("ends_on", [date(2025, 3, 11), None])
def test_pause_over_another_is_refused_in_words(cast: Cast, elder: Elder, ends_on: date | None) -> None:
    pause_elder(
        by=cast.head, elder=elder, starts_on=date(2025, 3, 10), ends_on=date(2025, 3, 20), reason="away"
    )
    end_pause(by=cast.head, elder=elder, last_day=date(2025, 3, 20))
    with pytest.raises(ValueError, match="和 2025-03-10 到 2025-03-20 的那次暂停（外出）重叠"):
        pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=ends_on, reason="hospital")
    assert status(elder) == "active"


def test_pause_ends_neither_tomorrow_nor_before_it_began(cast: Cast, elder: Elder) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="hospital")
    with pytest.raises(ValueError, match="还没到"):
        end_pause(by=cast.head, elder=elder, last_day=today() + timedelta(days=1))
    with pytest.raises(ValueError, match="最后一天不能是 2025-03-03"):
        end_pause(by=cast.head, elder=elder, last_day=date(2025, 3, 3))
    assert (status(elder), pauses(elder)) == ("paused", [(TUESDAY, None)])


# Reviewing a pause


def test_reviewed_pause_goes_on_for_ninety_days_from_today(cast: Cast, elder: Elder) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="hospital")
    last = today() + timedelta(days=89)
    with pytest.raises(ValueError, match="最多 90 天"):
        review_pause(by=cast.reviewer, elder=elder, ends_on=last + timedelta(days=1), reason="还在住院")
    review_pause(by=cast.reviewer, elder=elder, ends_on=last, reason="还在住院")
    assert (status(elder), pauses(elder)) == ("paused", [(TUESDAY, last)])
    event = Event.objects.get(verb="review_pause")
    assert (event.words, event.reason) == (f"复核马凤英的暂停（住院）：续到 {last}", "还在住院")


@pytest.mark.parametrize(("days", "reason", "words"), [(10, " ", "要写原因"), (-1, "还在住院", "已经过了")])
def test_review_that_cannot_be_is_refused(
    cast: Cast, elder: Elder, days: int, reason: str, words: str
) -> None:
    pause_elder(by=cast.head, elder=elder, starts_on=TUESDAY, ends_on=None, reason="hospital")
    with pytest.raises(ValueError, match=words):
        review_pause(by=cast.head, elder=elder, ends_on=today() + timedelta(days=days), reason=reason)
    assert pauses(elder) == [(TUESDAY, None)]


def test_review_of_no_pause_is_refused(cast: Cast, elder: Elder) -> None:
    with pytest.raises(ValueError, match="现在不是暂停状态"):
        review_pause(by=cast.head, elder=elder, ends_on=today(), reason="还在住院")


# Two at once


def test_two_who_close_at_once_close_once(transactional_db: None, cast: Cast) -> None:
    elder = make_elder(cast.group)
    days = (TUESDAY, date(2025, 3, 5))
    said = at_once(
        *[
            lambda day=day: close_elder(by=cast.head, elder=elder, last_day=day, reason="moved")
            for day in days
        ]
    )
    assert sorted(type(one).__name__ for one in said) == ["NoneType", "ValueError"]
    won = days[said.index(None)]
    assert active(elder) == [(date(2025, 1, 6), won)]
    assert Event.objects.filter(verb="close_elder").count() == 1
