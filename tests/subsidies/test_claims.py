"""What settling knows of a visit. All visits are of March 2025, which begins on a Saturday."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from elders.actions import close_elder, pause_elder
from elders.models import Elder, Household
from subsidies.claims import Claims
from subsidies.models import Settlement
from tests.cast import Cast
from tests.factories import draft, freeze, id_number, make_elder, make_household, make_visit, moment, review
from visitcare.kit.weeks import Week
from visitcare.org.actions import appoint, end_posting
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion
from visits.actions import open_week
from visits.actions.weeks import owed
from visits.models import Visit

A_BORN, C_BORN = date(1940, 5, 1), date(1950, 5, 1)
YESTERDAY, THAT_DAY, NEXT_DAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)


@pytest.fixture
def home(cast: Cast) -> Household:
    return make_household(cast.group, number="7")


@pytest.fixture
def elder(home: Household) -> Elder:
    return make_elder(home)


def seen(visit: Visit, settlement: Settlement) -> list[tuple[UUID, date]]:
    """The elders for whom a visit earns something, as the settlement of its month knows it, and its day."""
    Claims(settlement).stage()
    with connection.cursor() as cursor:
        cursor.execute("SELECT elder, day FROM settling_part WHERE visit = %s AND earning", [visit.pk])
        return cursor.fetchall()


def answers(settlement: Settlement) -> dict[UUID, str]:
    """Every visit of the settlement: what it is paid, or the reason why not."""
    paid = {visit: str(amount) for visit, amount in settlement.paid_visits.values_list("visit", "amount")}
    return paid | dict(settlement.unpaid_visits.values_list("visit", "reason"))


def answer(cast: Cast, *visits: Visit) -> list[str]:
    found = answers(draft(cast.town))
    return [found[visit.pk] for visit in visits]


def beyond(cast: Cast, *visits: Visit) -> list[bool]:
    rows = dict(draft(cast.town).paid_visits.values_list("visit", "beyond_minimum"))
    return [rows[visit.pk] for visit in visits]


def close(elder: Elder, last_day: date) -> None:
    close_elder(by=User.objects.system(), elder=elder, last_day=last_day, reason="moved")


def pay(cast: Cast, **values: Any) -> None:
    """A pay policy of March with these readings."""
    PolicyVersion.objects.create(
        series="pay", effective_from=date(2025, 3, 1), values=values,
        drafted_by=cast.officer, enacted_by=cast.approver, enacted_at=timezone.now(),
    )  # fmt: skip


# A joint visit


def test_joint_visit_is_paid_once_for_the_one_who_is_active(cast: Cast, elder: Elder) -> None:
    gone = make_elder(elder.household, C_BORN + timedelta(1))
    close(gone, YESTERDAY)
    visit = make_visit(cast.worker, elder, gone, state="valid")
    assert answer(cast, visit) == ["3.50"]
    assert seen(visit, draft(cast.town)) == [(elder.pk, THAT_DAY)]


def test_joint_visit_counts_for_whom_the_family_may_answer(cast: Cast, elder: Elder) -> None:
    deaf = make_elder(elder.household, C_BORN + timedelta(1), cannot_speak_or_hear=True)
    visit = make_visit(cast.worker, elder, deaf, mode="phone", outcome="family", state="valid")
    assert answer(cast, visit) == ["3.50"]
    assert seen(visit, draft(cast.town)) == [(deaf.pk, THAT_DAY)]


def test_joint_visit_that_counts_for_another_than_the_active_is_not_paid(cast: Cast, elder: Elder) -> None:
    deaf = make_elder(elder.household, C_BORN + timedelta(1), cannot_speak_or_hear=True)
    close(deaf, YESTERDAY)
    visit = make_visit(cast.worker, elder, deaf, mode="phone", outcome="family", state="valid")
    assert answer(cast, visit) == ["elder_not_active"]


def test_joint_visit_that_counts_for_nobody_is_not_countable(cast: Cast, elder: Elder) -> None:
    gone = make_elder(elder.household, C_BORN + timedelta(1))
    close(gone, YESTERDAY)
    visit = make_visit(cast.worker, elder, gone, mode="phone", outcome="family", state="valid")
    assert answer(cast, visit) == ["not_countable"]


# The worker


@pytest.mark.parametrize("lives_here", [True, None, False])
def test_own_household_is_where_the_worker_is_a_family_member(
    cast: Cast, home: Household, elder: Elder, lives_here: bool | None
) -> None:
    number = id_number(date(1965, 1, 1))
    cast.worker.id_number = number
    cast.worker.save()
    home.members.create(name="陆桂芳", id_number=number, lives_here=lives_here)
    visit = make_visit(cast.worker, elder, state="valid")
    assert answer(cast, visit) == ["3.50" if lives_here is False else "own_household"]


def test_own_household_is_where_the_worker_is_an_elder(cast: Cast, home: Household, elder: Elder) -> None:
    number = id_number(date(1955, 1, 1))
    cast.worker.id_number = number
    cast.worker.save()
    make_elder(home, date(1955, 1, 1), number=number, name="陆桂芳")
    assert answer(cast, make_visit(cast.worker, elder, state="valid")) == ["own_household"]


def test_own_household_is_any_of_the_workers_rows_in_its_own_village(cast: Cast, system: User) -> None:
    appoint(by=system, user=cast.worker, role="visitor", place=cast.next_group, starts_on=date(2024, 1, 1),
            ends_on=date(2024, 1, 31), own_household="7")  # fmt: skip
    for place, expected in ((cast.next_village, "own_household"), (cast.second_group, "3.50")):
        visit = make_visit(cast.worker, make_elder(make_household(place, number="7")), state="valid")
        assert answer(cast, visit) == [expected]


def test_own_household_is_no_others(cast: Cast, elder: Elder) -> None:
    cast.second_worker.postings.update(own_household="7")
    cast.worker.postings.update(own_household="77")
    visit = make_visit(cast.worker, elder, state="valid")
    assert answer(cast, visit) == ["3.50"]


def test_worker_of_another_town_is_paid_where_the_elder_lives(cast: Cast, elder: Elder) -> None:
    visit = make_visit(cast.other_worker, elder, state="valid")
    assert (answer(cast, visit), answers(draft(cast.other_town))) == (["3.50"], {})
    assert (
        draft(cast.town).lines.get().place_words == "港西村1组"
    )  # the first posting: there is none in the town


def test_any_posting_of_the_day_makes_payable(cast: Cast, system: User, elder: Elder) -> None:
    visit = make_visit(cast.cadre, elder, state="valid")
    assert answer(cast, visit) == ["worker_not_payable"]
    appoint(by=system, user=cast.cadre, role="grid_worker", place=cast.next_group, starts_on=THAT_DAY,
            ends_on=THAT_DAY, payable=True)  # fmt: skip
    assert answer(cast, visit) == ["3.50"]


def test_grid_worker_without_pay_is_not_payable(cast: Cast, elder: Elder) -> None:
    cast.worker.postings.update(payable=False, own_household="77")
    assert answer(cast, make_visit(cast.worker, elder, state="valid")) == ["worker_not_payable"]


def test_posting_counts_from_its_first_to_its_last_day(cast: Cast, system: User, elder: Elder) -> None:
    days = ("2025-03-03 23:59", "2025-03-04 00:00", "2025-03-05 23:59", "2025-03-06 00:00")
    visits = [make_visit(cast.visitor, elder, at=at, mode="phone", state="valid") for at in days]
    posting = appoint(by=system, user=cast.visitor, role="grid_worker", place=cast.group, starts_on=THAT_DAY,
                      payable=True)  # fmt: skip
    end_posting(by=system, posting=posting, last_day=NEXT_DAY)
    assert answer(cast, *visits) == ["worker_not_payable", "3.50", "3.50", "worker_not_payable"]


# The day in Shanghai


def test_active_until_midnight_of_the_last_day(cast: Cast, elder: Elder) -> None:
    close(elder, THAT_DAY)
    days = ("2025-03-04 23:59", "2025-03-05 00:00")
    visits = [make_visit(cast.worker, elder, at=at, mode="phone", state="valid") for at in days]
    assert answer(cast, *visits) == ["3.50", "elder_not_active"]


def test_active_from_the_day_of_registration(cast: Cast) -> None:
    elder = make_elder(cast.group, registered_on=THAT_DAY)
    days = ("2025-03-03 23:59", "2025-03-04 00:00")
    visits = [make_visit(cast.worker, elder, at=at, mode="phone", state="valid") for at in days]
    assert answer(cast, *visits) == ["elder_not_active", "3.50"]


def test_second_contact_is_one_of_the_same_day(cast: Cast, elder: Elder) -> None:
    days = ("2025-03-04 00:00", "2025-03-04 23:59", "2025-03-05 00:00")
    visits = [make_visit(cast.worker, elder, at=at, mode="phone", state="valid") for at in days]
    assert answer(cast, *visits) == ["3.50", "second_contact", "3.50"]


def test_paused_is_active(cast: Cast, system: User, elder: Elder) -> None:
    pause_elder(by=system, elder=elder, starts_on=YESTERDAY, ends_on=None, reason="hospital")
    assert answer(cast, make_visit(cast.worker, elder, mode="phone", state="valid")) == ["3.50"]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2025-03-02 23:59", "2025-03-04 00:00"),  # a Sunday, of the week before
        ("2025-03-03 00:00", "2025-03-11 00:00"),
        ("2025-03-31 23:59", "2025-04-08 00:00"),
        ("2025-12-31 23:59", "2026-01-06 00:00"),
    ],
)
def test_late_begins_on_the_tuesday_after_the_week_also_where_a_month_or_a_year_ends(
    cast: Cast, elder: Elder, at: str, until: str
) -> None:
    late = moment(until)
    visits = [
        make_visit(cast.worker, elder, at=at, mode=mode, state="valid", received_at=received_at)
        for mode, received_at in (("home", late), ("phone", late - timedelta(microseconds=1)))
    ]
    found = answers(draft(cast.town, at[:7]))
    assert [found[visit.pk] for visit in visits] == ["late", "3.50"]


# The class


def classes(cast: Cast, *visits: Visit) -> list[str]:
    rows = dict(draft(cast.town).paid_visits.values_list("visit", "risk_class"))
    return [rows[visit.pk] for visit in visits]


def test_class_is_the_highest_of_the_contacts_elders(cast: Cast, elder: Elder) -> None:
    eighty_four = make_elder(elder.household, A_BORN)
    ill = make_elder(elder.household, date(1951, 5, 1), serious_illness=True)
    visits = [
        make_visit(cast.worker, *people, at=f"2025-03-0{day} 09:00", state="valid")
        for day, people in enumerate([(elder,), (elder, ill), (ill, eighty_four, elder)], start=3)
    ]
    assert classes(cast, *visits) == ["C", "B", "A"]


def test_class_is_that_of_the_day(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1945, 3, 9))  # eighty on a Sunday: A from the Monday
    days = ("2025-03-09 23:59", "2025-03-10 00:00")
    visits = [make_visit(cast.worker, elder, at=at, mode="phone", state="valid") for at in days]
    assert classes(cast, *visits) == ["C", "A"]


def test_class_is_none_before_the_first_monday(cast: Cast) -> None:
    elder = make_elder(cast.group, registered_on=YESTERDAY)
    assert classes(cast, make_visit(cast.worker, elder, state="valid")) == [""]


# Beyond the minimum


def test_beyond_minimum_goes_by_elder_kind_and_week(cast: Cast) -> None:
    elder, other = (make_elder(cast.group, serious_illness=True) for _ in range(2))  # B: one of each kind
    said = [(elder, "03 09:00", "home"), (elder, "03 10:00", "phone"), (elder, "05 09:00", "home"),
            (elder, "06 09:00", "video"), (elder, "10 09:00", "home"), (other, "07 09:00", "home")]  # fmt: skip
    visits = [
        make_visit(cast.worker, who, at=f"2025-03-{at}", mode=mode, state="valid") for who, at, mode in said
    ]
    assert beyond(cast, *visits) == [False, False, True, True, False, False]
    assert draft(cast.town).lines.get().beyond_minimum == 2


def test_joint_visit_is_beyond_when_it_is_for_all_of_its_elders(cast: Cast, elder: Elder) -> None:
    ill = make_elder(elder.household, C_BORN, serious_illness=True)
    open_week(by=User.objects.system(), week=Week.of(THAT_DAY).next)
    visits = [
        make_visit(cast.worker, elder, ill, at=f"2025-03-{day} 09:00", state="valid") for day in (11, 12)
    ]
    assert beyond(cast, *visits) == [False, True]


def test_beyond_minimum_goes_by_the_obligation_where_the_week_was_opened(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, A_BORN, consent="phone_only")  # owed no home visit
    open_week(by=system, week=Week.of(THAT_DAY))
    elder.consents.update(kind="full")  # since: what opening would owe now is two
    visits = [
        make_visit(cast.worker, elder, at=f"2025-03-{day} 09:00", state="valid") for day in ("04", "11")
    ]
    assert beyond(cast, *visits) == [True, False]


@pytest.mark.parametrize("is_opened", [True, False])
def test_who_refused_is_owed_nothing(cast: Cast, system: User, is_opened: bool) -> None:
    elder = make_elder(cast.group, A_BORN, consent="refused")
    if is_opened:
        open_week(by=system, week=Week.of(THAT_DAY))
    assert beyond(cast, make_visit(cast.worker, elder, state="valid")) == [True]


@pytest.mark.parametrize("ids", [(1, 2), (2, 1)])
def test_each_elder_of_a_household_has_a_minimum_of_their_own(cast: Cast, ids: tuple[int, int]) -> None:
    home = make_household(cast.group)
    old, young = make_elder(home, A_BORN), make_elder(home, C_BORN)
    alone = make_visit(cast.worker, young, state="valid", visit_id=UUID(int=ids[0]))
    both = make_visit(
        cast.worker, old, young, at="2025-03-05 09:00", state="valid", visit_id=UUID(int=ids[1])
    )
    assert beyond(cast, alone, both) == [True, False]


def test_two_a_day_that_a_frozen_month_has_paid_leave_no_room(cast: Cast, elder: Elder) -> None:
    pay(cast, per_day=2)
    visits = [
        make_visit(cast.worker, elder, at=f"2025-03-04 {hour}:00", state=state)
        for hour, state in (("09", "valid"), ("10", "valid"), ("11", ""))
    ]
    freeze(draft(cast.town), maker=cast.head, checker=cast.approver)
    review(visits[2], "valid")
    april = draft(cast.town, "2025-04")
    assert april.unpaid_visits.values_list("visit", "reason").get() == (visits[2].pk, "second_contact")
    assert april.paid_count == 0


@pytest.mark.parametrize(("state", "is_beyond"), [("valid", True), ("invalid", False), ("", False)])
def test_week_before_the_month_counts_towards_the_minimum(cast: Cast, state: str, is_beyond: bool) -> None:
    elder = make_elder(cast.group, serious_illness=True)
    before = make_visit(cast.worker, elder, at="2025-02-24 00:00", state=state)
    visit = make_visit(cast.worker, elder, at="2025-03-01 09:00", state="valid")
    settlement = draft(cast.town)
    assert (answers(settlement), settlement.visit_count) == ({visit.pk: "3.50"}, 1)
    assert beyond(cast, visit) == [is_beyond]
    assert seen(before, settlement) == [(elder.pk, date(2025, 2, 24))]


def test_sunday_before_that_week_no_longer_counts(cast: Cast) -> None:
    elder = make_elder(cast.group, serious_illness=True)
    make_visit(cast.worker, elder, at="2025-02-23 23:59", state="valid")
    assert beyond(cast, make_visit(cast.worker, elder, at="2025-03-01 09:00", state="valid")) == [False]


# Pay policies


@pytest.fixture
def couple(elder: Elder) -> tuple[Elder, Elder]:
    return elder, make_elder(elder.household, C_BORN + timedelta(1))


def test_paid_by_elder(cast: Cast, couple: tuple[Elder, Elder]) -> None:
    pay(cast, pay_unit="elder")
    husband, wife = couple
    visits = [
        make_visit(cast.worker, husband, state="valid"),
        make_visit(cast.worker, husband, wife, at="2025-03-04 10:00", state="valid"),
        make_visit(cast.worker, wife, at="2025-03-04 11:00", state="valid"),
        make_visit(cast.worker, husband, wife, at="2025-03-05 09:00", state="valid"),
    ]
    assert answer(cast, *visits) == ["3.50", "3.50", "second_contact", "7.00"]
    settlement = draft(cast.town)
    assert (settlement.total, settlement.other_unit_total) == (Decimal("14.00"), Decimal("7.00"))
    units = settlement.paid_visits.order_by("started_at").values_list("units", flat=True)
    assert list(units) == [1, 1, 2]


def test_paid_by_elder_only_for_whom_it_counts(cast: Cast, couple: tuple[Elder, Elder]) -> None:
    pay(cast, pay_unit="elder")
    close(couple[1], YESTERDAY)
    assert answer(cast, make_visit(cast.worker, *couple, state="valid")) == ["3.50"]


def test_two_a_day_are_paid(cast: Cast, elder: Elder) -> None:
    pay(cast, per_day=2)
    visits = [make_visit(cast.worker, elder, at=f"2025-03-04 1{hour}:00", state="valid") for hour in range(3)]
    assert answer(cast, *visits) == ["3.50", "3.50", "second_contact"]


def test_cap_at_the_weekly_minimum_counts_each_kind(cast: Cast) -> None:
    pay(cast, pay_cap="weekly_minimum")
    elder = make_elder(cast.group, serious_illness=True)
    make_visit(cast.worker, elder, at="2025-02-28 09:00", state="valid")  # the week's home visit
    said = [("01", "home"), ("01", "phone"), ("02", "phone"), ("03", "home"), ("04", "phone")]
    visits = [
        make_visit(cast.worker, elder, at=f"2025-03-{day} 09:00", mode=mode, state="valid")
        for day, mode in said
    ]
    assert answer(cast, *visits) == ["beyond_cap", "3.50", "beyond_cap", "3.50", "3.50"]


def test_week_that_is_opened_meanwhile_is_owed_once(
    cast: Cast, system: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(cast, pay_cap="weekly_minimum")
    elder = make_elder(cast.group, A_BORN)  # owed two home visits
    visits = [
        make_visit(cast.worker, elder, at=f"2025-03-{day} 09:00", state="valid") for day in ("04", "05", "06")
    ]

    def owed_and_overtaken(*arguments: Any, **named: Any) -> list[Any]:
        owing = list(owed(*arguments, **named))
        open_week(by=system, week=Week.of(THAT_DAY))
        return owing

    monkeypatch.setattr("subsidies.claims.owed", owed_and_overtaken)
    assert answer(cast, *visits) == ["3.50", "3.50", "beyond_cap"]


@pytest.mark.parametrize("cap", ["3", 3])
def test_cap_of_a_number_counts_all_kinds_of_a_week(cast: Cast, elder: Elder, cap: str | int) -> None:
    pay(cast, pay_cap=cap)
    said = [("03", "home"), ("03", "phone"), ("04", "home"), ("09", "phone"), ("10", "home")]
    visits = [
        make_visit(cast.worker, elder, at=f"2025-03-{day} 09:00", mode=mode, state="valid")
        for day, mode in said
    ]
    assert answer(cast, *visits) == ["3.50", "3.50", "3.50", "beyond_cap", "3.50"]


def test_every_draft_shows_what_the_other_unit_comes_to(cast: Cast, couple: tuple[Elder, Elder]) -> None:
    husband, wife = couple
    make_visit(cast.worker, *couple, at="2025-02-28 09:00", state="valid")  # of another month
    make_visit(cast.worker, *couple, at="2025-03-03 09:00", state="valid")
    make_visit(cast.worker, husband, at="2025-03-04 09:00", state="valid")
    make_visit(cast.worker, wife, at="2025-03-04 10:00", state="valid")
    make_visit(cast.worker, wife, at="2025-03-05 10:00")
    settlement = draft(cast.town)
    assert (settlement.total, settlement.other_unit_total) == (Decimal("7.00"), Decimal("14.00"))


# Late reports


def test_late_report_of_the_week_that_the_month_begins_in_is_paid_and_counted_once(cast: Cast) -> None:
    elder = make_elder(cast.group, A_BORN)  # owed two home visits
    late = make_visit(cast.worker, elder, at="2025-02-28 09:00")
    freeze(draft(cast.town, "2025-02"), maker=cast.head, checker=cast.approver)
    review(late, "valid")
    visit = make_visit(cast.worker, elder, at="2025-03-01 09:00", state="valid")
    rows = draft(cast.town).paid_visits.order_by("started_at")
    assert list(rows.values_list("visit", "late_report", "beyond_minimum")) == [
        (late.pk, True, False),
        (visit.pk, False, False),
    ]


def test_late_report_waits_for_the_first_month_that_is_open(cast: Cast, elder: Elder) -> None:
    late = make_visit(cast.worker, elder, at="2025-01-28 09:00")
    freeze(draft(cast.town, "2025-01"), maker=cast.head, checker=cast.approver)
    draft(cast.town, "2025-02")
    review(late, "valid")
    assert answers(draft(cast.town)) == {}
    assert answers(draft(cast.town, "2025-02")) == {late.pk: "3.50"}


def test_by_elder_only_whom_a_paid_visit_counted_for_has_had_the_day(cast: Cast, elder: Elder) -> None:
    pay(cast, pay_unit="elder")
    deaf = make_elder(elder.household, C_BORN + timedelta(1), cannot_speak_or_hear=True)
    make_visit(cast.worker, elder, deaf, mode="phone", outcome="family", state="valid")
    late = make_visit(cast.worker, elder, at="2025-03-04 15:00", mode="phone")
    freeze(draft(cast.town), maker=cast.head, checker=cast.approver)
    review(late, "valid")
    assert answers(draft(cast.town, "2025-04")) == {late.pk: "3.50"}
