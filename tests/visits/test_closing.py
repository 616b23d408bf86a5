"""Closing a week, and what changes behind it."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from elders.actions import close_elder, end_pause, pause_elder, reopen_elder
from elders.models import Elder
from tests.cast import Cast, make_cast
from tests.factories import at_once, breaks, make_elder, make_visit, overtaken, review, run
from visitcare.audit.models import Event
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import close_weeks, open_week, reckon_changes
from visits.models import Obligation, OpenedWeek, Reckoning, Visit
from visits.progress import as_of_now, with_progress

PAST = Week(date(2025, 3, 3))


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def closed(elder: Elder, system: User) -> Elder:
    """An elder who was owed a greeting in a week that is closed; nobody called."""
    open_week(by=system, week=PAST)
    close_weeks(by=system)
    assert written(elder) == ("missed", "", 0, 0)
    return elder


def written(elder: Elder) -> tuple[Any, ...]:
    return Reckoning.objects.values_list("progress", "reason", "home_done", "greeting_done").get(
        obligation__elder=elder
    )  # fmt: skip


def disagreeing() -> list[Any]:
    """The closed obligations of which now says something else than what was written down."""
    pairs = zip(
        as_of_now(Obligation.objects.order_by("pk").filter(reckoning__isnull=False)).values_list(
            "pk", "home_now", "greeting_now", "progress_now", "reason_now"
        ),
        Reckoning.objects.order_by("pk").values_list(
            "pk", "home_done", "greeting_done", "progress", "reason"
        ),
        strict=True,
    )
    return [(now, then) for now, then in pairs if now != then]


def told() -> list[tuple[str, str, str]]:
    events = Event.objects.filter(verb="reckon_week").order_by("at")
    return list(events.values_list("actor_name", "words", "reason"))


# Closing


def test_closing_writes_down_how_each_obligation_stands(cast: Cast, system: User) -> None:
    met, missed, away, dead = (make_elder(cast.group) for _ in range(4))
    away.pauses.create(starts_on=PAST.monday, ends_on=PAST.sunday, reason="away")
    open_week(by=system, week=PAST)
    close_elder(by=system, elder=dead, last_day=PAST.monday, reason="died")
    make_visit(cast.worker, met, state="valid")
    make_visit(cast.worker, missed, mode="phone")
    (done,) = close_weeks(by=system)
    assert (done.week, done.counts) == (PAST, {"met": 1, "missed": 1, "excused": 2})
    assert [written(one) for one in (met, missed, away, dead)] == [
        ("met", "", 1, 0), ("missed", "", 0, 0), ("excused", "away", 0, 0), ("excused", "died", 0, 0),
    ]  # fmt: skip
    event = Event.objects.get(verb="close_week")
    assert event.words == "关闭 2025-W10 周：免访 2 人，达标 1 人，未达标 1 人"
    assert event.data == {"week": "2025-W10", "met": 1, "missed": 1, "excused": 2}
    assert disagreeing() == []


def test_closing_again_changes_nothing(closed: Elder, system: User) -> None:
    before = OpenedWeek.objects.get()
    assert close_weeks(by=system) == []
    assert OpenedWeek.objects.get().closed_at == before.closed_at
    assert (Reckoning.objects.count(), Event.objects.filter(verb="close_week").count()) == (1, 1)


def test_week_is_closed_from_the_tuesday_after_it_on(
    elder: Elder, system: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_week(by=system, week=PAST)
    for days, expected in ((7, []), (8, [PAST])):
        day = PAST.monday + timedelta(days=days)
        monkeypatch.setattr("visits.actions.closing.today", lambda day=day: day)
        assert [one.week for one in close_weeks(by=system)] == expected


def test_week_without_obligations_is_closed_too(cast: Cast, system: User) -> None:
    open_week(by=system, week=PAST)
    assert [one.counts for one in close_weeks(by=system)] == [{}]


def test_week_53_is_closed(elder: Elder, system: User) -> None:
    elder.class_periods.update(starts_on=date(2020, 1, 6))
    elder.active_periods.update(starts_on=date(2020, 1, 1))
    open_week(by=system, week=Week.parse("2020-W53"))
    assert [(one.week.label, one.counts) for one in close_weeks(by=system)] == [("2020-W53", {"missed": 1})]


def test_closed_week_is_read_from_what_was_written_down(closed: Elder) -> None:
    Reckoning.objects.update(progress="met", home_done=7)
    one = with_progress(Obligation.objects.all()).get()
    assert (one.progress, one.home_done) == ("met", 7)
    assert as_of_now(Obligation.objects.all()).values_list("progress_now", flat=True).get() == "missed"


def test_nightly_closes_and_says_so(elder: Elder, system: User) -> None:
    open_week(by=system, week=PAST)
    assert "关闭 2025-W10 周：未达标 1 人" in run("nightly")
    assert "已关闭的周重新核算：0 人有变化" in run("nightly")


# What changes afterwards


def test_review_after_closing_counts_for_the_week_of_the_visit(
    cast: Cast, elder: Elder, system: User
) -> None:
    visit = make_visit(cast.worker, elder, mode="phone")
    open_week(by=system, week=PAST)
    close_weeks(by=system)
    review(visit, "valid")
    assert written(elder) == ("met", "", 0, 1)
    review(visit, "invalid")
    assert written(elder) == ("missed", "", 0, 0)
    label = f"{elder.name} 2025-W10 周："
    assert told() == [
        ("系统", label + "未达标（上门 0/0，电话 0/1） → 达标（上门 0/0，电话 1/1）", "审核探访：通过"),
        ("系统", label + "达标（上门 0/0，电话 1/1） → 未达标（上门 0/0，电话 0/1）", "审核探访：无效，电话回访，老人说没有来"),
    ]  # fmt: skip
    event = Event.objects.filter(verb="reckon_week").first()
    assert event is not None
    assert (event.about_type, event.area_code) == ("visits.Obligation", cast.village.code)
    assert disagreeing() == []


def test_late_visit_counts_for_its_week_once_it_is_valid(cast: Cast, closed: Elder) -> None:
    late = make_visit(cast.worker, closed, mode="phone", received_at=timezone.now())
    assert (written(closed)[0], told()) == ("missed", [])
    review(late, "valid")
    assert (written(closed)[0], disagreeing()) == ("met", [])


def test_review_of_an_open_week_or_without_effect_leaves_no_event(cast: Cast, closed: Elder) -> None:
    make_visit(cast.worker, closed, at="2025-03-12 09:00", mode="phone", state="valid")
    make_visit(cast.worker, closed, mode="phone", outcome="no_answer", state="valid")
    assert (told(), disagreeing()) == ([], [])


def test_requirement_stays_as_it_was(cast: Cast, closed: Elder, system: User) -> None:
    before = Obligation.objects.values().get()
    closed.consents.create(since=PAST.monday, kind="refused", reason="不愿意")
    make_visit(cast.worker, closed, mode="phone", state="valid")
    reckon_changes(by=system)
    assert Obligation.objects.values().get() == before


def _pause(elder: Elder, system: User) -> None:
    pause_elder(by=system, elder=elder, starts_on=PAST.sunday, ends_on=PAST.next.sunday, reason="hospital")


def _close(elder: Elder, system: User) -> None:
    close_elder(by=system, elder=elder, last_day=PAST.monday, reason="died")


@pytest.mark.parametrize(("change", "reason"), [(_pause, "hospital"), (_close, "died")])
def test_what_is_registered_later_excuses_a_closed_week_at_night(
    closed: Elder, system: User, change: Callable[[Elder, User], None], reason: str
) -> None:
    change(closed, system)
    assert (reckon_changes(by=system), written(closed)[:2]) == (1, ("excused", reason))
    assert [why for _, _, why in told()] == ["核算以后，暂停或注销的登记变了"]
    assert (reckon_changes(by=system), disagreeing()) == (0, [])


def test_excuse_that_is_taken_back_is_reckoned_again(elder: Elder, system: User) -> None:
    pause_elder(by=system, elder=elder, starts_on=date(2025, 2, 3), ends_on=None, reason="away")
    open_week(by=system, week=PAST)
    close_weeks(by=system)
    assert written(elder)[:2] == ("excused", "away")
    end_pause(by=system, elder=elder, last_day=PAST.monday - timedelta(days=1))
    reckon_changes(by=system)
    assert (written(elder)[:2], disagreeing()) == (("missed", ""), [])


def test_closing_that_is_taken_back_is_reckoned_again(elder: Elder, system: User) -> None:
    open_week(by=system, week=PAST)
    close_elder(by=system, elder=elder, last_day=PAST.monday, reason="moved")
    close_weeks(by=system)
    reopen_elder(by=system, elder=elder, since=PAST.next.monday, reason="弄错了")
    assert (reckon_changes(by=system), written(elder)[:2]) == (1, ("excused", "left"))
    assert disagreeing() == []


@pytest.mark.parametrize("way", ["changed", "gone"])
def test_what_was_done_past_the_product_is_found_at_night(
    cast: Cast, elder: Elder, system: User, way: str
) -> None:
    """By the row history: somebody's SQL, or an import that is undone."""
    visit = make_visit(cast.worker, elder, mode="phone", state="valid")
    open_week(by=system, week=PAST)
    close_weeks(by=system)
    if way == "gone":
        visit.visited.all().delete()
    else:
        Visit.objects.update(state="pending")
    assert (reckon_changes(by=system), written(elder)[0]) == (1, "missed")
    assert [why for _, _, why in told()] == ["核算以后，探访的审核结果变了"]


def test_what_was_looked_at_long_ago_is_not_looked_at_again(closed: Elder, system: User) -> None:
    _pause(closed, system)
    after = timezone.now() + timedelta(days=2)
    OpenedWeek.objects.update(reckoned_at=after)
    assert reckon_changes(by=system) == 0


def test_nothing_is_reckoned_where_no_week_is_closed(elder: Elder, system: User) -> None:
    open_week(by=system, week=Week.of(today()))
    assert (reckon_changes(by=system), Reckoning.objects.count()) == (0, 0)


# At once


@pytest.fixture
def owing(transactional_db: None) -> tuple[Cast, Elder, Visit]:
    """A week that is over, committed, with a call that waits for review."""
    cast = make_cast()
    elder = make_elder(cast.group)
    open_week(by=User.objects.system(), week=PAST)
    return cast, elder, make_visit(cast.worker, elder, mode="phone")


def test_two_closings_at_once_close_once(owing: tuple[Cast, Elder, Visit]) -> None:
    close = partial(close_weeks, by=User.objects.system())
    assert sorted(len(found) for found in at_once(close, close)) == [0, 1]
    assert (Reckoning.objects.count(), Event.objects.filter(verb="close_week").count()) == (1, 1)


def test_closing_waits_for_a_review_of_the_week(owing: tuple[Cast, Elder, Visit]) -> None:
    _, elder, visit = owing
    close = partial(close_weeks, by=User.objects.system())
    (closed,) = overtaken(close, by=lambda: review(visit, "valid"))
    assert (closed.counts, written(elder)[0], disagreeing()) == ({"met": 1}, "met", [])


def test_review_that_waits_for_the_closing_is_reckoned(owing: tuple[Cast, Elder, Visit]) -> None:
    _, elder, visit = owing
    close = partial(close_weeks, by=User.objects.system())
    assert overtaken(lambda: review(visit, "valid"), by=close) is None
    assert (written(elder)[0], disagreeing(), len(told())) == ("met", [], 1)


# The database


def test_closed_week_says_when_it_was_reckoned(cast: Cast, system: User) -> None:
    open_week(by=system, week=PAST)
    with breaks("closed_week_is_reckoned"):
        OpenedWeek.objects.update(closed_at=timezone.now())


def test_what_is_written_down_is_final(closed: Elder) -> None:
    with breaks("reckoning_is_final"):
        Reckoning.objects.update(progress="open")
    for said in ({"progress": "excused"}, {"reason": "away"}):
        with breaks("reckoning_excused_with_reason"):
            Reckoning.objects.update(**said)


def test_week_is_closed_all_or_nothing(elder: Elder, system: User, monkeypatch: pytest.MonkeyPatch) -> None:
    open_week(by=system, week=PAST)

    def fails(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("visits.actions.closing.record", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        close_weeks(by=system)
    assert (OpenedWeek.objects.get().closed_at, Reckoning.objects.count()) == (None, 0)
