"""What the database says of an obligation is what the rule says, and why a week is excused."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction

from elders.actions import close_elder, merge_elders, reopen_elder
from elders.models import Elder, Pause
from tests.cast import Cast
from tests.factories import breaks, make_elder, make_visit
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion
from visits.actions import close_weeks, open_week
from visits.models import Excuse, Obligation, Reckoning
from visits.progress import Progress, standing_of, with_progress
from visits.rules import Due, Standing, standing

PAST = Week(date(2025, 3, 3))


def stands(elder: Elder, week: Week = PAST) -> tuple[str, str]:
    """Progress and reason."""
    return with_progress(Obligation.objects.all()).values_list("progress", "reason").get(
        elder=elder, monday=week.monday
    )  # fmt: skip


def owed(elder: Elder, required: Due, **more: Any) -> Obligation:
    return Obligation(
        elder=elder, monday=PAST.monday, risk_class="B", home_required=required.home,
        greeting_required=required.greeting, policy_version=date(2024, 1, 1),
        village_code=elder.household.village_code, **more,
    )  # fmt: skip


# By mode


@pytest.mark.parametrize(
    ("required", "done", "expected"),
    [
        (Due(1, 1), Due(1, 1), Standing(Due(0, 0), 0, Due(0, 0))),
        (Due(1, 1), Due(2, 0), Standing(Due(0, 0), 1, Due(0, 0))),
        (Due(1, 1), Due(3, 0), Standing(Due(0, 0), 1, Due(1, 0))),
        (Due(1, 2), Due(2, 0), Standing(Due(0, 1), 1, Due(0, 0))),
        (Due(2, 1), Due(0, 4), Standing(Due(2, 0), 0, Due(0, 3))),
        (Due(1, 1), Due(2, 1), Standing(Due(0, 0), 0, Due(1, 0))),
    ],
)
def test_surplus_home_visit_covers_a_greeting_and_never_the_other_way_round(
    required: Due, done: Due, expected: Standing
) -> None:
    assert standing(required, done, surplus_covers=True) == expected


def test_nothing_is_covered_where_the_policy_does_not_say_so() -> None:
    assert standing(Due(1, 1), Due(3, 0), surplus_covers=False) == Standing(Due(0, 1), 0, Due(2, 0))


@pytest.mark.parametrize("surplus_covers", [True, False])
def test_database_and_rule_agree(cast: Cast, surplus_covers: bool) -> None:
    """Whatever is owed, of four elders of whom none to three home visits and greetings were made."""
    elders = {}
    for home, greeting in ((0, 0), (1, 0), (2, 1), (0, 2)):
        elder = elders[home, greeting] = make_elder(cast.group)
        for number in range(home):
            make_visit(cast.worker, elder, at=f"2025-03-0{number + 3} 09:00", state="valid")
        for number in range(greeting):
            make_visit(cast.worker, elder, at=f"2025-03-0{number + 3} 15:00", mode="video", state="valid")
    for required in map(Due._make, product(range(3), repeat=2)):
        with transaction.atomic():
            Obligation.objects.bulk_create(
                owed(elder, required, surplus_covers=surplus_covers) for elder in elders.values()
            )
            found = {one.elder_id: one for one in with_progress(Obligation.objects.all())}
            transaction.set_rollback(True)  # what a week asks for cannot be changed
        for done, elder in elders.items():
            one = found[elder.pk]
            expected = standing(required, Due(*done), surplus_covers=surplus_covers)
            assert ((one.home_done, one.greeting_done), standing_of(one)) == (done, expected)
            assert (one.progress == Progress.MET) == (not expected.missing.total)


@pytest.mark.parametrize(
    ("at", "progress"),
    [
        ("2025-03-02 23:50", "missed"),
        ("2025-03-03 00:10", "met"),
        ("2025-03-09 23:50", "met"),
        ("2025-03-10 00:10", "missed"),
    ],
)
def test_week_is_from_monday_to_sunday_in_shanghai(cast: Cast, system: User, at: str, progress: str) -> None:
    """Read now, and as it is written down."""
    elder = make_elder(cast.group)
    open_week(by=system, week=PAST)
    make_visit(cast.worker, elder, at=at, mode="phone", state="valid")
    assert stands(elder) == (progress, "")
    close_weeks(by=system)
    assert Reckoning.objects.get().progress == progress


def test_two_contacts_of_a_kind_on_one_day_count_once(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, date(1940, 5, 1))
    open_week(by=system, week=PAST)
    for hour in ("09", "15"):
        make_visit(cast.worker, elder, at=f"2025-03-04 {hour}:00", state="valid")
        make_visit(cast.worker, elder, at=f"2025-03-04 {hour}:30", mode="phone", state="valid")
    close_weeks(by=system)
    written = Reckoning.objects.get()
    assert (written.home_done, written.greeting_done, written.progress) == (1, 1, "missed")


# Excused


def test_excuses_are_those_of_pauses_and_closings() -> None:
    assert set(Excuse) == {*Pause.Reason, *Elder.CloseReason, Excuse.LEFT}


@pytest.mark.parametrize("reason", Pause.Reason)
def test_paused_on_one_day_of_the_week_excuses_with_the_reason(cast: Cast, system: User, reason: str) -> None:
    elder = make_elder(cast.group)
    elder.pauses.create(starts_on=PAST.sunday, ends_on=PAST.sunday, reason=reason)
    open_week(by=system, week=PAST)
    assert stands(elder) == ("excused", reason)


@pytest.mark.parametrize("day", [PAST.sunday + timedelta(days=1), PAST.monday - timedelta(days=1)])
def test_paused_the_day_before_or_after_excuses_nothing(cast: Cast, system: User, day: date) -> None:
    elder = make_elder(cast.group)
    elder.pauses.create(starts_on=day, ends_on=day, reason="away")
    open_week(by=system, week=PAST)
    assert stands(elder) == ("missed", "")


def test_met_is_met_though_paused(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    elder.pauses.create(starts_on=PAST.monday, ends_on=PAST.monday, reason="away")
    open_week(by=system, week=PAST)
    make_visit(cast.worker, elder, mode="phone", state="valid")
    assert stands(elder) == ("met", "")


@pytest.mark.parametrize("last_day", [PAST.monday, PAST.sunday])
@pytest.mark.parametrize("reason", ["died", "moved", "institution", "not_eligible"])
def test_left_during_the_week_excuses_with_the_reason(
    cast: Cast, system: User, reason: str, last_day: date
) -> None:
    elder = make_elder(cast.group)
    open_week(by=system, week=PAST)
    close_elder(by=system, elder=elder, last_day=last_day, reason=reason)
    assert stands(elder) == ("excused", reason)


def test_left_after_the_week_excuses_nothing(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    open_week(by=system, week=PAST)
    close_elder(by=system, elder=elder, last_day=PAST.next.monday, reason="died")
    assert stands(elder) == ("missed", "")


def test_died_in_hospital_reads_as_died(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    elder.pauses.create(starts_on=PAST.monday, ends_on=PAST.sunday, reason="hospital")
    open_week(by=system, week=PAST)
    close_elder(by=system, elder=elder, last_day=PAST.sunday, reason="died")
    assert stands(elder) == ("excused", "died")


def test_week_of_a_closing_stays_excused_when_the_record_is_opened_again(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    open_week(by=system, week=PAST)
    close_elder(by=system, elder=elder, last_day=PAST.monday, reason="moved")
    reopen_elder(by=system, elder=elder, since=PAST.next.monday, reason="搬回来了")
    assert stands(elder) == ("excused", "left")


def test_week_of_a_merged_file_is_excused(cast: Cast, system: User) -> None:
    loser, winner = make_elder(cast.group), make_elder(cast.group)
    week = Week.of(today())
    open_week(by=system, week=week)
    merge_elders(by=system, loser=loser, winner=winner, reason="同一个人")
    assert stands(loser, week) == ("excused", "merged")
    assert stands(winner, week) == ("open", "")


# What it was reckoned from


@pytest.mark.parametrize("consent", ["full", "phone_only"])
def test_consent_and_reading_are_frozen(cast: Cast, system: User, consent: str) -> None:
    make_elder(cast.group, date(1940, 5, 1), consent=consent)
    version = PolicyVersion.objects.get(series="care")
    version.values["surplus_home_covers_phone"] = consent == "full"
    version.save()
    open_week(by=system, week=PAST)
    one = Obligation.objects.get()
    assert (one.consent, one.surplus_covers) == (consent, consent == "full")


def test_database_refuses_to_change_what_a_week_asks_for(cast: Cast, system: User) -> None:
    make_elder(cast.group)
    open_week(by=system, week=PAST)
    with breaks("obligation_stays_frozen"):
        Obligation.objects.update(greeting_required=0)
    with breaks("obligation_stays_frozen"):
        Obligation.objects.all()._raw_delete(using="default")
    with breaks("obligation_stays_frozen"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE visits_obligation CASCADE")


def test_home_visits_are_never_owed_to_phone_only_or_anything_to_who_refused(cast: Cast) -> None:
    elder = make_elder(cast.group)
    with breaks("obligation_fits_consent"):
        Obligation.objects.bulk_create([owed(elder, Due(1, 1), consent="phone_only")])
    with breaks("obligation_fits_consent"):
        Obligation.objects.bulk_create([owed(elder, Due(0, 1), consent="refused")])
