"""The demo county, small, loaded once for all tests of this module and rolled back at its end."""

from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.db.models import F, Q

from elders.models import ActivePeriod, Assessment, ClassPeriod, Elder, HouseholdMember, RegistrationForm
from elders.rules import ALL_RULES, SCORES
from subsidies.actions.books import check_sums
from subsidies.models import PaidVisit, Reason, Settlement, UnpaidVisit
from visitcare.audit.models import Event
from visitcare.console.demo import accounts
from visitcare.console.demo.staff import LOGINS, PASSWORD
from visitcare.kit.identity import birthday, parse_card_number, parse_id_number
from visitcare.kit.weeks import Month, Week, local_day, today
from visitcare.org.models import BankAccount, Division, Posting, User
from visitcare.org.roles import ROLES, Role
from visits.actions import Record, log_visit, open_week
from visits.models import (
    Flag,
    Obligation,
    OpenedWeek,
    PlannedVisit,
    Reckoning,
    Referral,
    Review,
    Visit,
    VisitedElder,
)
from visits.progress import as_of_now
from visits.queries import cards_of_week, returned_visits

pytestmark = pytest.mark.django_db

WEEKS = 9
FLAGS = {
    "second_contact",
    "paused_elder",
    "elder_not_active",
    "phone_only",
    "not_assigned",
    "odd_hour",
    "burst",
    "same_words",
    "late",
}
COUNTED = (
    User,
    Posting,
    Elder,
    RegistrationForm,
    ClassPeriod,
    Obligation,
    PlannedVisit,
    Visit,
    Flag,
    Review,
    Referral,
    PaidVisit,
    Event,
)


@pytest.fixture(scope="module", autouse=True)
def printed(module_database: None) -> str:
    """What the command printed."""
    out = StringIO()
    call_command("demo", elders=120, weeks=WEEKS, seed=3, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in COUNTED}


def one(login: str) -> User:
    return User.objects.get(login=login)


# Who


def test_demo_has_the_elders_asked_for_in_three_towns() -> None:
    assert Elder.objects.count() == 120
    towns = {code[:9] for code in Elder.objects.values_list("household__place", flat=True)}
    assert towns == {"320681100", "320681107", "320681110"}


def test_demo_has_every_class_and_rule() -> None:
    codes = {code for codes in ClassPeriod.objects.values_list("codes", flat=True) for code in codes}
    assert codes == {rule.code for rule in ALL_RULES}
    assert set(ClassPeriod.objects.filter(ends_on=None).values_list("risk_class", flat=True)) == {
        "A",
        "B",
        "C",
    }


def test_demo_has_records_in_every_state() -> None:
    assert set(Elder.objects.values_list("status", flat=True)) == set(Elder.Status.values)
    assert set(RegistrationForm.objects.values_list("state", flat=True)) == set(RegistrationForm.State.values)


def test_demo_activates_whoever_has_a_class_and_nobody_else() -> None:
    classified = set(ClassPeriod.objects.values_list("elder", flat=True))
    assert set(ActivePeriod.objects.values_list("elder", flat=True)) == classified


def test_demo_has_an_80th_birthday_this_week_whose_class_change_is_coming() -> None:
    week = Week.of(today())
    turning = [
        elder
        for elder in Elder.objects.filter(status=Elder.Status.ACTIVE)
        if week.monday <= birthday(elder.birth_date, 80) <= week.sunday
    ]
    coming = ClassPeriod.objects.filter(elder__in=turning, starts_on=week.next.monday, acknowledged_at=None)
    assert "A1" in {code for period in coming for code in period.codes}


def test_demo_assessments_have_levels_and_scores_that_agree_or_say_why() -> None:
    for assessment in Assessment.objects.all():
        low, high = SCORES[assessment.level]
        assert assessment.score is not None
        assert low <= assessment.score <= high or assessment.mismatch_reason


def test_demo_people_are_nobody() -> None:
    papers = [*Elder.objects.all(), *User.objects.exclude(login="system")]
    numbers = [person.id_number for person in papers]
    numbers += [member.id_number for member in HouseholdMember.objects.all() if member.id_number]
    assert {number[:6] for number in numbers} == {"320699"}
    assert {parse_id_number(number, today=today()).number for number in numbers} == set(numbers)
    assert len(set(numbers)) == len(numbers)
    phones = [user.mobile for user in User.objects.exclude(login="system")]
    phones += [
        phone for elder in Elder.objects.all() for phone in (elder.phone, elder.emergency_phone) if phone
    ]
    assert {(phone[:6], len(phone)) for phone in phones} == {("199000", 11)}
    assert len(set(phones)) == len(phones)


def test_demo_birth_dates_are_those_of_the_papers() -> None:
    for elder in Elder.objects.all():
        card = parse_id_number(elder.id_number, today=today())
        assert (card.birth_date, card.sex) == (elder.birth_date, elder.sex)


def test_demo_cards_are_mostly_right() -> None:
    warned = Counter(bool(parse_card_number(account.card).warning) for account in BankAccount.objects.all())
    assert 0 < warned[True] < warned[False]


# Accounts


def test_demo_prints_every_account_and_the_password(printed: str) -> None:
    assert [account.login for account in accounts()] == list(LOGINS)
    assert all(login in printed for login in LOGINS)
    assert PASSWORD in printed


def test_demo_accounts_sign_in_by_login_or_mobile() -> None:
    for account in accounts():
        user = one(account.login)
        validate_password(PASSWORD, user)
        assert authenticate(username=account.login, password=PASSWORD) == user
        assert not user.must_change_password
    assert authenticate(username=accounts()[0].mobile, password=PASSWORD) == one("wangge")


def test_demo_leaves_everybody_else_without_a_password() -> None:
    others = User.objects.exclude(login__in=[*LOGINS, "system"])
    assert others.count() > 20
    assert not any(user.has_usable_password() for user in others)
    assert all(user.must_change_password for user in others)


def test_demo_accounts_cover_every_role_and_one_person_holds_two() -> None:
    roles = {login: set(one(login).postings.values_list("role", flat=True)) for login in LOGINS}
    assert set().union(*roles.values()) == set(Role.values)
    assert roles["xiaozhen"] == {Role.TOWN_REVIEWER, Role.TOWN_HEAD}
    assert roles["shipizhun"] == roles["shipizhun2"] == {Role.COUNTY_APPROVER}


def test_demo_postings_stand_at_a_level_of_their_role() -> None:
    for posting in Posting.objects.select_related("place"):
        assert posting.place.level in ROLES[posting.role].levels


def test_demo_has_a_payable_posting_from_mid_month_and_one_that_ended() -> None:
    day = Month.of(today()).previous.first.replace(day=15)
    assert Posting.objects.filter(payable=True, starts_on=day).count() == 1
    assert Posting.objects.filter(payable=False, ends_on=day - timedelta(days=1)).count() == 1
    assert Posting.objects.filter(ends_on__lt=day - timedelta(days=1)).count() == 1


def test_demo_worker_has_a_round_worth_looking_at() -> None:
    worker = one("wangge")
    cards = cards_of_week(worker, Week.of(today()), today())
    notes = [note.words for card in cards for note in card.notes]
    assert {card.risk_class for card in cards} >= {"A", "B", "C"}
    assert any("生日" in words for words in notes)
    assert any("解决了吗" in words for words in notes)
    assert any(len(card.elders) == 2 for card in cards)
    assert returned_visits(worker)


# Weeks and visits


def test_demo_opens_the_weeks_up_to_the_next() -> None:
    weeks = [Week.of(today()).next]
    while len(weeks) < WEEKS + 2:
        weeks.append(weeks[-1].previous)
    assert set(OpenedWeek.objects.values_list("monday", flat=True)) == {week.monday for week in weeks}
    assert set(Obligation.objects.values_list("monday", flat=True)) == {week.monday for week in weeks}


def test_demo_closes_the_weeks_that_can_be_typed_no_more() -> None:
    closed = OpenedWeek.objects.exclude(closed_at=None).values_list("monday", flat=True)
    over = OpenedWeek.objects.filter(monday__lte=today() - timedelta(days=8)).values_list("monday", flat=True)
    assert set(closed) == set(over) != set()
    written = Reckoning.objects.order_by("pk").values_list("progress", "reason", "home_done", "greeting_done")
    now = as_of_now(Obligation.objects.filter(monday__in=closed).order_by("pk"))
    assert list(written) == list(now.values_list("progress_now", "reason_now", "home_now", "greeting_now"))
    assert {progress for progress, *_ in written} == {"met", "missed", "excused"}


def test_demo_raises_every_flag() -> None:
    assert set(Flag.objects.values_list("code", flat=True)) == FLAGS
    assert set(Visit.objects.filter(flagged=True).values_list("pk", flat=True)) == set(
        Flag.objects.values_list("visit", flat=True)
    )


def test_demo_visits_end_yesterday_and_are_mostly_done() -> None:
    first = Week.of(today()).monday - timedelta(weeks=WEEKS)
    days = {local_day(at) for at in Visit.objects.values_list("started_at", flat=True)}
    assert first <= min(days)
    assert max(local_day(at) for at in Visit.objects.values_list("received_at", flat=True)) < today()
    planned = PlannedVisit.objects.filter(day__lt=today()).count()
    counted = VisitedElder.objects.filter(countable=True).count()
    assert 0.8 < counted / planned < 1.15


def test_demo_visits_lie_in_the_village_of_their_household() -> None:
    assert not Visit.objects.exclude(village_code=F("household__village_code")).exists()
    assert not VisitedElder.objects.exclude(elder__household=F("visit__household")).exists()
    assert not VisitedElder.objects.exclude(started_at=F("visit__started_at")).exists()
    assert not Referral.objects.exclude(village_code=F("household__village_code")).exists()


def test_demo_visits_are_in_every_state_and_every_decision_has_its_review() -> None:
    assert set(Visit.objects.values_list("state", flat=True)) == set(Visit.State.values)
    decided = Visit.objects.exclude(state__in=[Visit.State.PENDING, Visit.State.WITHDRAWN])
    latest = dict(Review.objects.order_by("at", "pk").values_list("visit", "state"))
    assert latest == dict(decided.values_list("pk", "state"))
    assert not Review.objects.filter(at__lte=F("visit__received_at")).exists()


def test_demo_leaves_work_for_the_reviewers() -> None:
    waiting = Visit.objects.filter(state=Visit.State.PENDING)
    assert waiting.filter(flagged=True).exists()
    assert waiting.filter(flagged=False).exists()


def test_demo_visit_said_again_is_known() -> None:
    """The same content has the same fingerprint by the bulk path and by the worker's own."""
    visit = Visit.objects.exclude(notes={}).filter(referrals=None).order_by("pk").first()
    assert visit is not None
    said: dict[str, Any] = {
        "worker": visit.worker,
        "elders": tuple(visit.elders.order_by("birth_date", "pk").values_list("pk", flat=True)),
        "mode": visit.mode,
        "outcome": visit.outcome,
        "started_at": visit.started_at,
        "received_at": visit.received_at,
        "agreed": True if visit.outcome == "met" else None,
        "notes": visit.notes,
    }
    assert visit.content_hash == Record(id=visit.pk, **said).fingerprint
    assert not log_visit(by=visit.worker, visit_id=visit.pk, **said).created


def test_demo_referrals_are_open_and_solved() -> None:
    assert set(Referral.objects.values_list("state", flat=True)) == set(Referral.State.values)
    solved = Referral.objects.filter(state=Referral.State.SOLVED)
    assert not solved.filter(Q(outcome="") | Q(solved_at__lte=F("opened_at"))).exists()


# Money


def test_demo_freezes_the_older_month_and_leaves_the_last_on_its_way() -> None:
    last = Month.of(today()).previous
    states = {
        (month, town): state
        for month, town, state in Settlement.objects.values_list("month", "town", "state")
    }
    assert states == {
        (last.previous.first, "320681100"): "approved",
        (last.previous.first, "320681107"): "approved",
        (last.previous.first, "320681110"): "approved",
        (last.first, "320681100"): "assessed",
        (last.first, "320681107"): "draft",
        (last.first, "320681110"): "draft",
    }
    assert Settlement.objects.get(month=last.first, town="320681107").sent_back


def test_demo_settlement_sums_agree() -> None:
    for settlement in Settlement.objects.all():
        check_sums(settlement)


def test_demo_pays_valid_visits_or_takes_the_payment_back() -> None:
    not_valid = PaidVisit.objects.exclude(visit__state=Visit.State.VALID)
    assert not_valid.count() == 2
    assert all(paid.reversals.count() == 1 for paid in not_valid)


def test_demo_withholds_a_line() -> None:
    assert UnpaidVisit.objects.filter(reason=Reason.WITHHELD).exists()


def test_demo_leaves_events_of_what_was_done() -> None:
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert verbs >= {
        "load_demo",
        "load_divisions",
        "open_week",
        "close_elder",
        "settle",
        "approve_settlement",
    }
    assert Event.objects.filter(verb="load_demo").count() == 1


# Again


def test_demo_run_again_changes_nothing_and_prints_the_accounts(printed: str) -> None:
    before = counts()
    out = StringIO()
    call_command("demo", elders=500, weeks=4, seed=99, stdout=out)
    assert counts() == before
    told = out.getvalue()
    assert told.startswith("演示县已经在了，没有改动。")
    assert told.partition("演示账号")[2] == printed.partition("演示账号")[2]


def test_demo_week_opened_again_stays_as_it_is() -> None:
    before = counts()
    for week in (Week.of(today()), Week.of(today()).next):
        assert open_week(by=User.objects.system(), week=week).obligations == 0
    assert counts() == before


def test_demo_carries_all_divisions_of_the_county() -> None:
    assert Division.objects.exclude(level="group").count() == 358
    assert Division.objects.filter(level="village", active=True).count() == 335
