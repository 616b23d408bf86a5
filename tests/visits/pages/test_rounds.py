"""Rounds on a Wednesday: the plan on the days that suit, a visit on another day, somebody who stands in."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from elders.actions import arrange_stand_in, say_away, say_weekdays_off
from elders.models import Assignment, DaysOff, Elder, StandIn
from tests.cast import Cast
from tests.factories import draft, make_elder, make_visit, review
from tests.visits.phone import OLD, TODAY, YOUNGER, couple, open_this_week, read, record_url, said, text_of
from visitcare.audit.models import Event
from visitcare.kit.weeks import Week
from visitcare.org.actions import NotAllowed, appoint, end_posting
from visitcare.org.models import User
from visits.actions import move_planned, open_week
from visits.models import PlannedVisit, Visit

DAY = timedelta(days=1)
WEEK = Week.of(TODAY)
NEXT = WEEK.next
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = WEEK.days


def again(user: User) -> User:
    """As the next request knows them."""
    return User.objects.get(pk=user.pk)


def covered(cast: Cast, **more: Any) -> StandIn:
    """The second worker goes to the worker's round on Wednesday and Thursday."""
    days = {"starts_on": WEDNESDAY, "ends_on": THURSDAY, "reason": "住院"} | more
    return arrange_stand_in(
        by=cast.head, absent=cast.worker, substitute=cast.second_worker, town=cast.town, **days
    )


def plan_of(*elders: Elder, week: Week = NEXT) -> list[tuple[date, str]]:
    rows = PlannedVisit.objects.filter(elder__in=elders, monday=week.monday).order_by("day", "mode")
    return list(rows.values_list("day", "mode"))


def flags(visit: Visit) -> list[str]:
    return list(visit.flags.values_list("code", flat=True))


# The plan


def test_plan_of_next_week_leaves_out_the_days_that_do_not_suit(cast: Cast, system: User) -> None:
    elders = [make_elder(cast.group, YOUNGER) for _ in range(6)]
    say_weekdays_off(by=cast.worker, worker=cast.worker, weekdays=[0, 2])
    say_away(
        by=cast.worker, worker=cast.worker, starts_on=NEXT.monday + 3 * DAY, ends_on=NEXT.monday + 3 * DAY
    )
    open_week(by=system, week=NEXT)
    assert Counter(day.weekday() for day, _ in plan_of(*elders)) == {1: 3, 4: 3}
    open_week(by=system, week=NEXT.next)
    assert {day.weekday() for day, _ in plan_of(*elders, week=NEXT.next)} == {1, 3, 4}


def test_week_in_progress_is_not_planned_anew(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, OLD)
    open_this_week()
    before = plan_of(elder, week=WEEK)
    DaysOff.objects.create(worker=cast.worker, kind="weekly", weekdays=[0, 1, 2, 3], starts_on=MONDAY)
    open_this_week()
    assert plan_of(elder, week=WEEK) == before


def test_who_stands_in_goes_on_days_that_suit_them(cast: Cast, system: User) -> None:
    elders = [make_elder(cast.group, YOUNGER) for _ in range(4)]
    first, last = NEXT.monday, NEXT.sunday
    say_away(by=cast.worker, worker=cast.worker, starts_on=first, ends_on=last)
    covered(cast, starts_on=first, ends_on=last)
    say_weekdays_off(by=cast.second_worker, worker=cast.second_worker, weekdays=[1, 2, 3])
    open_week(by=system, week=NEXT)
    assert {day.weekday() for day, _ in plan_of(*elders)} == {0, 4}


def test_who_stands_in_goes_only_while_they_serve(cast: Cast, system: User) -> None:
    elders = [make_elder(cast.group, YOUNGER) for _ in range(4)]
    first, last = NEXT.monday, NEXT.sunday
    say_weekdays_off(by=cast.worker, worker=cast.worker, weekdays=[0, 1, 2])
    covered(cast, starts_on=first, ends_on=last)
    say_weekdays_off(by=cast.second_worker, worker=cast.second_worker, weekdays=[3, 4])
    end_posting(by=system, posting=cast.second_worker.postings.get(), last_day=NEXT.days[1])
    open_week(by=system, week=NEXT)
    assert {day.weekday() for day, _ in plan_of(*elders)} == {0, 1, 3, 4}


def test_what_is_owed_is_planned_also_where_nobody_is_there(cast: Cast, system: User) -> None:
    elders = [make_elder(cast.group, YOUNGER) for _ in range(5)]
    say_away(by=cast.worker, worker=cast.worker, starts_on=NEXT.monday, ends_on=NEXT.sunday)
    open_week(by=system, week=NEXT)
    assert sorted(day.weekday() for day, _ in plan_of(*elders)) == [0, 1, 2, 3, 4]


def test_round_of_two_groups_is_one(cast: Cast, system: User) -> None:
    places = (cast.group, cast.second_group)
    appoint(
        by=cast.head,
        user=cast.worker,
        role="grid_worker",
        place=cast.second_group,
        starts_on=date(2023, 1, 2),
    )
    elders = [make_elder(places[number % 2], YOUNGER) for number in range(10)]
    named = make_elder(cast.next_group, YOUNGER)
    Assignment.objects.create(household=named.household, worker=cast.worker, starts_on=TODAY)
    open_week(by=system, week=NEXT)
    assert sorted(Counter(day for day, _ in plan_of(named, *elders)).values()) == [2, 2, 2, 2, 3]


def test_household_of_somebody_who_has_left_is_planned_with_its_group(cast: Cast, system: User) -> None:
    elders = [make_elder(cast.group, YOUNGER) for _ in range(5)]
    named = make_elder(cast.group, YOUNGER)
    Assignment.objects.create(household=named.household, worker=cast.next_worker, starts_on=TODAY)
    end_posting(by=system, posting=cast.next_worker.postings.get(), last_day=TODAY)
    say_weekdays_off(by=cast.worker, worker=cast.worker, weekdays=[0])
    open_week(by=system, week=NEXT)
    assert sorted(Counter(day.weekday() for day, _ in plan_of(named, *elders)).items()) == [
        (1, 2), (2, 2), (3, 1), (4, 1)
    ]  # fmt: skip


def test_household_keeps_its_day_when_others_come_and_go(cast: Cast, system: User) -> None:
    elders = [make_elder(cast.group, YOUNGER) for _ in range(6)]
    open_week(by=system, week=NEXT)
    days = {elder: plan_of(elder) for elder in elders}
    make_elder(cast.group, OLD)
    open_week(by=system, week=NEXT)
    assert {elder: plan_of(elder) for elder in elders} == days
    open_week(by=system, week=NEXT.next)
    later = {
        elder: [(day - 7 * DAY, mode) for day, mode in plan_of(elder, week=NEXT.next)] for elder in elders
    }
    assert later == days


# Moved within the week


@pytest.fixture
def elder(cast: Cast) -> Elder:
    """Class A, with a plan of this week that is known."""
    elder = make_elder(cast.group, OLD, name="施汉忠")
    open_this_week()
    PlannedVisit.objects.filter(elder=elder).delete()
    plan = ((TUESDAY, "home"), (WEDNESDAY, "phone"), (THURSDAY, "home"), (FRIDAY, "phone"))
    for day, mode in plan:
        PlannedVisit.objects.create(
            elder=elder, monday=MONDAY, day=day, mode=mode, village_code=cast.village.code
        )
    return elder


def move(user: User, elder: Elder, mode: str, day: date, to: date) -> None:
    move_planned(by=user, household=elder.household, mode=mode, day=day, to=to)


def test_contact_moves_and_leaves_a_trace(cast: Cast, elder: Elder) -> None:
    move(cast.worker, elder, "home", TUESDAY, SATURDAY)
    assert (SATURDAY, "home") in plan_of(elder, week=WEEK)
    assert (TUESDAY, "home") not in plan_of(elder, week=WEEK)
    event = Event.objects.get(verb="move_planned")
    assert event.words == "计划的上门从星期二（2025-03-04）改到星期六（2025-03-08）"
    assert (event.area_code, event.about_id) == (cast.group.code, str(elder.household_id))


@pytest.mark.parametrize(
    ("mode", "day", "to", "words"),
    [
        ("home", TUESDAY, THURSDAY, "星期四已经有一次上门了"),
        ("phone", WEDNESDAY, FRIDAY, "星期五已经有一次电话了"),
        ("home", THURSDAY, TUESDAY, "星期二已经过去了"),
        ("home", THURSDAY, NEXT.monday, "只能改到本周"),
        ("home", NEXT.monday, NEXT.sunday, "只能改本周的计划"),
        ("home", FRIDAY, SATURDAY, "没有这一次了"),
    ],
)
def test_contact_that_cannot_move_stays(
    cast: Cast, elder: Elder, mode: str, day: date, to: date, words: str
) -> None:
    before = plan_of(elder, week=WEEK)
    with pytest.raises(ValueError, match=words):
        move(cast.worker, elder, mode, day, to)
    assert plan_of(elder, week=WEEK) == before
    assert not Event.objects.filter(verb="move_planned").exists()


def test_couple_moves_together(cast: Cast) -> None:
    home, *both = couple(cast)
    open_this_week()
    (day, mode) = plan_of(both[0], week=WEEK)[-1]
    taken = {other for other, its in plan_of(both[0], week=WEEK) if its == mode}
    to = next(other for other in (SUNDAY, SATURDAY) if other not in taken)
    move_planned(by=cast.worker, household=home, mode=mode, day=day, to=to)
    assert all((to, mode) in plan_of(one, week=WEEK) for one in both)


def test_contact_is_moved_by_whose_round_it_is_alone(cast: Cast, elder: Elder) -> None:
    may = set()
    for name in ("worker", "second_worker", "next_worker", "visitor", "cadre", "head", "other_worker"):
        try:
            move(getattr(cast, name), elder, "home", TUESDAY, SUNDAY)
        except NotAllowed:
            continue
        may.add(name)
        PlannedVisit.objects.filter(elder=elder, day=SUNDAY).update(day=TUESDAY)
    assert may == {"worker", "visitor", "cadre"}
    covered(cast)
    move(again(cast.second_worker), elder, "home", TUESDAY, SUNDAY)


def test_page_shows_what_is_left_and_where_it_can_go(
    cast: Cast, elder: Elder, enter: Callable[[User], Client]
) -> None:
    make_visit(cast.worker, elder, at="2025-03-04 09:00")
    client, url = enter(cast.worker), reverse("move_plan", args=[elder.household_id])
    html = read(client, url)
    assert url in read(client, "/")
    words = text_of(html)
    assert [f"{kind}：计划" in words for kind in ("上门", "电话")] == [True, True]
    assert 'value="home 2025-03-04' not in html  # was made
    assert 'value="home 2025-03-06 2025-03-08"' in html
    assert 'value="home 2025-03-06 2025-03-04"' not in html
    assert 'value="phone 2025-03-05 2025-03-07" disabled' in html
    response = client.post(url, {"move": "home 2025-03-06 2025-03-08"})
    assert response.headers["Location"] == f"/#h-{elder.household_id}"
    assert "改好了：上门改到星期六。" in read(client, "/")
    for wrong in ("", "home", "home 2025-03-06 2025-02-30", "walk 2025-03-06 2025-03-07"):
        assert "没有点改到哪一天" in client.post(url, {"move": wrong}).content.decode()
    assert enter(cast.second_worker).get(url).status_code == 404


# Somebody stands in


def test_who_stands_in_has_the_round_beside_their_own(cast: Cast, enter: Callable[[User], Client]) -> None:
    theirs, own = make_elder(cast.group, OLD), make_elder(cast.second_group, OLD)
    open_this_week()
    covered(cast)
    html = read(enter(cast.second_worker), "/")
    assert [record_url(one.household) in html for one in (theirs, own)] == [True, True]
    assert text_of(html).count("代班：陆桂芳的户。") == 1
    away = read(enter(cast.worker), "/")
    assert record_url(theirs.household) in away
    assert "代班" not in text_of(away)


def test_who_stands_in_records_without_a_doubt_and_is_paid(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    covered(cast)
    client = enter(cast.second_worker)
    client.post(record_url(elder.household), said(elder, started_at="2025-03-05T09:42"))
    visit = Visit.objects.get()
    assert (visit.worker, flags(visit)) == (cast.second_worker, [])
    review(visit, "valid")
    assert [line.worker for line in draft(cast.town).lines.all()] == [cast.second_worker]


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2025-03-04 09:00", ["not_assigned"]),
        ("2025-03-05 09:00", []),
        ("2025-03-06 09:00", []),
        ("2025-03-07 09:00", ["not_assigned"]),
    ],
)
def test_who_stands_in_is_assigned_on_those_days(
    cast: Cast, system: User, at: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elder, named = make_elder(cast.group, OLD), make_elder(cast.next_group, OLD)
    Assignment.objects.create(household=named.household, worker=cast.worker, starts_on=MONDAY)
    covered(cast)
    visits = [
        make_visit(cast.second_worker, one, at=f"{at[:-4]}{hour}")
        for one, hour in ((elder, "9:00"), (named, "8:00"))
    ]
    assert [flags(visit) for visit in visits] == [found, found]


def test_who_stood_in_may_still_type_what_was_then(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    elder = make_elder(cast.group, OLD)
    made = covered(cast)
    StandIn.objects.filter(pk=made.pk).update(starts_on=MONDAY, ends_on=TUESDAY)
    substitute = again(cast.second_worker)
    visit = make_visit(substitute, elder, at="2025-03-04 09:00", by=substitute)
    assert flags(visit) == []
    with pytest.raises(NotAllowed):
        make_visit(substitute, elder, at="2025-03-05 09:00", by=substitute)


def test_household_given_to_somebody_else_is_not_handed_over(cast: Cast) -> None:
    elder = make_elder(cast.group, OLD)
    Assignment.objects.create(household=elder.household, worker=cast.visitor, starts_on=MONDAY)
    covered(cast)
    assert flags(make_visit(cast.second_worker, elder, at="2025-03-05 09:00")) == ["not_assigned"]


def test_household_of_somebody_who_has_left_is_the_groups_from_that_day(cast: Cast, system: User) -> None:
    """Whoever was named for it still is on the days before; a second posting of theirs tells nothing else."""
    elder = make_elder(cast.group, OLD)
    Assignment.objects.create(household=elder.household, worker=cast.next_worker, starts_on=date(2025, 1, 6))
    appoint(
        by=system, user=cast.next_worker, role="visitor", place=cast.other_village, starts_on=date(2025, 1, 6)
    )
    end_posting(by=system, posting=cast.next_worker.postings.get(role="grid_worker"), last_day=MONDAY)

    def is_doubted(worker: User, day: date, hour: int) -> bool:
        return "not_assigned" in flags(make_visit(worker, elder, at=f"{day} {hour:02}:00"))

    assert [is_doubted(cast.worker, day, 8) for day in (MONDAY, TUESDAY)] == [True, False]
    assert [is_doubted(cast.next_worker, day, 10) for day in (MONDAY, TUESDAY)] == [False, True]


# The pages of days off and stand-ins


def test_worker_says_which_days_do_not_suit(cast: Cast, enter: Callable[[User], Client]) -> None:
    client, url = enter(cast.worker), reverse("my_days_off")
    assert url in read(client, "/")
    client.post(url, {"go": "weekly", "weekdays": ["2", "6"]})
    assert 'value="2" id="id_weekdays_2" checked' in read(client, url)
    client.post(url, {"go": "away", "starts_on": "2025-03-10", "ends_on": "2025-03-12"})
    away = DaysOff.objects.get(kind="away")
    assert "3月10日 星期一到3月12日 星期三不在" in text_of(read(client, url))
    client.post(url, {"go": str(away.pk)})
    assert not DaysOff.objects.filter(kind="away").exists()
    wrong = (
        ({"go": "away", "starts_on": "2025-03-12", "ends_on": "2025-03-10"}, "早于第一天"),
        ({"go": "away", "starts_on": "12月", "ends_on": "2025-03-10"}, "不是日期"),
        ({"go": "weekly", "weekdays": [str(day) for day in range(7)]}, "至少留一天"),
        ({"go": "?"}, "没有点要办什么"),
    )
    for sent, words in wrong:
        assert words in client.post(url, sent).content.decode()


def test_cadre_hands_a_round_over(cast: Cast, enter: Callable[[User], Client]) -> None:
    make_elder(cast.group, OLD)
    make_elder(cast.second_group, OLD)
    say_away(by=cast.worker, worker=cast.worker, starts_on=TODAY, ends_on=TODAY + DAY)
    client, url = enter(cast.cadre), reverse("rounds")
    assert "1组 1 户：网格员不在，没人代班。" in text_of(read(client, "/"))
    arranged = {
        "go": "arrange",
        "absent": cast.worker.pk,
        "substitute": cast.second_worker.pk,
        "reason": "看病",
    }
    arranged |= {"starts_on": "2025-03-05", "ends_on": "2025-03-06"}
    assert "没有这个人" in client.post(url, arranged | {"absent": cast.next_worker.pk}).content.decode()
    client.post(url, arranged)
    made = StandIn.objects.get()
    assert (made.absent, made.substitute, made.town) == (cast.worker, cast.second_worker, cast.town)
    assert "没人代班" not in text_of(read(enter(cast.cadre), "/"))
    assert "施建国代陆桂芳" in text_of(read(client, url))
    client.post(url, {"go": str(made.pk)})
    made.refresh_from_db()
    assert made.ends_on == TODAY
    assert reverse("days_off", args=[cast.worker.pk]) in read(client, url)
    assert client.get(reverse("days_off", args=[cast.next_worker.pk])).status_code == 404
