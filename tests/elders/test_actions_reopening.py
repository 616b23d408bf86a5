from datetime import date, timedelta

import pytest

from elders.actions import (
    approve_form,
    close_elder,
    end_pauses_that_are_over,
    pause_elder,
    reopen_elder,
    submit_form,
)
from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import id_number, make_elder, make_form, make_household
from visitcare.audit.models import Event
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User

TUESDAY, WEDNESDAY, FRIDAY = date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 7)
DAY = timedelta(days=1)


@pytest.fixture
def closed(cast: Cast) -> Elder:
    """Active since 2025-01-06, closed after Tuesday 2025-03-04."""
    elder = make_elder(cast.group, date(1950, 5, 1), number=id_number(date(1950, 5, 1)))
    close_elder(by=cast.head, elder=elder, last_day=TUESDAY, reason="moved")
    elder.refresh_from_db()
    return elder


def active(elder: Elder) -> list[tuple[date, date | None]]:
    return list(elder.active_periods.order_by("starts_on").values_list("starts_on", "ends_on"))


def test_reopened_with_a_gap_is_active_from_that_day(cast: Cast, closed: Elder) -> None:
    assert reopen_elder(by=cast.head, elder=closed, since=FRIDAY, reason="搬回来了") is True
    closed.refresh_from_db()
    assert (closed.status, closed.closed_on, closed.close_reason) == ("active", None, "")
    assert active(closed) == [(date(2025, 1, 6), TUESDAY), (FRIDAY, None)]
    event = Event.objects.get(verb="reopen_elder")
    assert (event.words, event.reason, event.area_path) == (
        "马凤英自 2025-03-07 起重新入册", "搬回来了", "滨江镇永安村1组"
    )  # fmt: skip


def test_reopened_without_a_gap_was_never_away(cast: Cast, closed: Elder) -> None:
    reopen_elder(by=cast.head, elder=closed, since=WEDNESDAY, reason="登记错了")
    assert active(closed) == [(date(2025, 1, 6), None)]


def test_reopened_has_a_class_from_next_monday_and_none_for_the_weeks_between(
    cast: Cast, closed: Elder
) -> None:
    reopen_elder(by=cast.head, elder=closed, since=today(), reason="搬回来了")
    periods = closed.class_periods.order_by("starts_on").values_list("starts_on", "ends_on")
    assert list(periods) == [(date(2025, 1, 13), date(2025, 3, 9)), (next_monday(today()), None)]


def test_closed_today_by_mistake_is_reopened_from_tomorrow(cast: Cast) -> None:
    elder = make_elder(cast.group)
    close_elder(by=cast.head, elder=elder, last_day=today(), reason="moved")
    reopen_elder(by=cast.head, elder=elder, since=today() + DAY, reason="点错了")
    assert active(elder) == [(date(2025, 1, 6), None)]


@pytest.mark.parametrize("since", [TUESDAY, today() + DAY])
def test_reopened_on_a_day_that_cannot_be_is_refused(cast: Cast, closed: Elder, since: date) -> None:
    with pytest.raises(ValueError) as caught:
        reopen_elder(by=cast.head, elder=closed, since=since, reason="搬回来了")
    assert str(caught.value) == "恢复日期要在注销日期 2025-03-04 之后，最晚是今天。"


def test_reopened_without_a_reason_is_refused(cast: Cast, closed: Elder) -> None:
    with pytest.raises(ValueError) as caught:
        reopen_elder(by=cast.head, elder=closed, since=FRIDAY, reason=" ")
    assert str(caught.value) == "重新入册要写原因。"


def test_reopened_beside_another_open_record_is_refused(cast: Cast, closed: Elder) -> None:
    make_elder(cast.next_group, date(1950, 5, 1), number=closed.id_number)
    with pytest.raises(ValueError) as caught:
        reopen_elder(by=cast.head, elder=closed, since=FRIDAY, reason="搬回来了")
    assert str(caught.value) == "马凤英另有一份在册的档案（可能在别的村）。请在那一份里办理。"
    closed.refresh_from_db()
    assert closed.status == "closed"


@pytest.mark.parametrize("who", ["cadre", "reviewer", "other_head", "officer", "auditor", "admin"])
def test_reopening_is_the_own_town_heads(cast: Cast, closed: Elder, who: str) -> None:
    with pytest.raises(NotAllowed):
        reopen_elder(by=getattr(cast, who), elder=closed, since=FRIDAY, reason="搬回来了")


def test_file_that_was_never_approved_is_reopened_as_a_draft(cast: Cast) -> None:
    """Of ninety years: in scope by the age alone, if anybody had approved it."""
    elder = make_form(make_household(cast.group), date(1935, 5, 1)).elder
    close_elder(by=cast.head, elder=elder, last_day=TUESDAY, reason="died")
    said = Desk(cast.head).press(elder, "reopen", since=WEDNESDAY, reason="同名，弄错了")
    assert said == ["马凤英的档案恢复成草稿：登记表还没有批准过。请村里核对以后再提交。"]
    elder.refresh_from_db()
    assert (elder.status, active(elder), elder.class_periods.count()) == ("draft", [], 0)
    form = elder.forms.get()
    assert form.state == "returned"
    submit_form(by=cast.head, form=form)
    approve_form(by=cast.head, form=form)
    assert Elder.objects.get(pk=elder.pk).status == "active"


def test_spouse_of_a_reopened_elder_is_judged_again(cast: Cast) -> None:
    home = make_household(cast.group)
    ill = make_elder(home, date(1950, 5, 1), name="甲", living="elders_only", serious_illness=True)
    well = make_elder(home, date(1952, 5, 1), name="乙", living="elders_only")
    close_elder(by=cast.head, elder=ill, last_day=TUESDAY, reason="institution")
    reopen_elder(by=cast.head, elder=ill, since=FRIDAY, reason="回家住了")
    assert well.class_periods.order_by("starts_on").last().codes == ["B2"]  # type: ignore[union-attr]


# Pauses


def test_pause_that_is_over_ends_by_itself(cast: Cast) -> None:
    over, going_on, open_end = (make_elder(cast.group, name=name) for name in "甲乙丙")
    for elder, ends_on in ((over, today() - DAY), (going_on, today()), (open_end, None)):
        pause_elder(
            by=cast.head, elder=elder, starts_on=today() - 5 * DAY, ends_on=ends_on, reason="hospital"
        )
    system = User.objects.system()
    assert [end_pauses_that_are_over(by=system) for _ in range(2)] == [1, 0]
    assert dict(Elder.objects.values_list("name", "status")) == {
        "甲": "active",
        "乙": "paused",
        "丙": "paused",
    }


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        (1, None, f"暂停从 {today() + DAY} 起，还没到。请到那天再办。"),
        (0, 90, "一次暂停最多 90 天。请把结束日期改早，到期再看情况续办。"),
    ],
)
def test_pause_that_cannot_be_is_refused(cast: Cast, starts: int, ends: int | None, words: str) -> None:
    elder = make_elder(cast.group)
    ends_on = today() + ends * DAY if ends else None
    with pytest.raises(ValueError) as caught:
        pause_elder(
            by=cast.head, elder=elder, starts_on=today() + starts * DAY, ends_on=ends_on, reason="away"
        )
    assert str(caught.value) == words


def test_pause_of_ninety_days_is_the_longest(cast: Cast) -> None:
    elder = make_elder(cast.group)
    pause_elder(by=cast.head, elder=elder, starts_on=today(), ends_on=today() + 89 * DAY, reason="away")
    assert Elder.objects.get(pk=elder.pk).status == "paused"
