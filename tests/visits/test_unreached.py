from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from elders.actions import pause_elder
from elders.models import Consent, Elder, Pause
from tests.cast import Cast
from tests.factories import make_elder, make_household, make_visit
from visitcare.kit.weeks import SHANGHAI, Week, today
from visitcare.org.models import User
from visits.actions import inquire, withdraw_visit
from visits.chains import Chain
from visits.models import Visit
from visits.queries import cards_of_week
from visits.unreached import chains_of, chains_seen_by

Try = Callable[..., Visit]


@pytest.fixture
def elder(cast: Cast) -> Elder:
    """Class A: 24 hours."""
    return make_elder(cast.group, date(1940, 5, 1))


@pytest.fixture
def call(cast: Cast, elder: Elder) -> Try:
    """A call so many hours ago; nobody answers unless told otherwise."""

    def made(
        hours: float, *elders: Elder, outcome: str = "no_answer", state: str = "", mode: str = "phone"
    ) -> Visit:
        moment = (timezone.now() - timedelta(hours=hours)).astimezone(SHANGHAI)
        at = datetime.strftime(moment, "%Y-%m-%d %H:%M")
        return make_visit(cast.worker, *(elders or (elder,)), at=at, mode=mode, outcome=outcome, state=state)

    return made


@pytest.fixture
def chain(cast: Cast, elder: Elder) -> Callable[[], Chain | None]:
    """As the office reads it; the card of the household says the same."""

    def read() -> Chain | None:
        found = chains_of([elder.pk]).get(elder.pk)
        on_cards = [one for one in chains_on_cards(cast.worker) if one.elder == elder.pk]
        assert [replace(one, now=found.now) for one in on_cards if found] == ([found] if found else [])
        assert bool(on_cards) == bool(found)
        return found

    return read


def chains_on_cards(worker: User) -> list[Chain]:
    cards = cards_of_week(worker, Week.of(today()), today())
    return [chain for card in cards for chain in card.chains]


def set_state(visit: Visit, state: str) -> None:
    Visit.objects.filter(pk=visit.pk).update(
        state=state, review_reason="x", reviewed_by=visit.worker, reviewed_at=timezone.now()
    )


def close(elder: Elder) -> None:
    Elder.objects.filter(pk=elder.pk).update(
        status="closed", closed_on=date(2026, 1, 1), close_reason="moved"
    )


# The clock


@pytest.mark.parametrize(
    ("hours", "step"),
    [(0.1, "retry"), (6.1, "contact"), (12.1, "village"), (23.9, "village"), (24.1, "town")],
)
def test_chain_progresses_by_time_alone(
    call: Try, chain: Callable[[], Chain], hours: float, step: str
) -> None:
    call(hours)
    assert chain().step.name == step


@pytest.mark.parametrize(
    ("said", "risk_class", "hours"),
    [
        ({"birth_date": date(1940, 5, 1)}, "A", 24),
        ({"birth_date": date(1950, 5, 1), "serious_illness": True}, "B", 48),
        ({"birth_date": date(1950, 5, 1)}, "C", 168),
    ],
)
def test_chain_has_the_hours_of_the_class(
    cast: Cast, call: Try, said: dict[str, object], risk_class: str, hours: int
) -> None:
    elder = make_elder(cast.group, **said)  # type: ignore[arg-type]
    visit = call(1, elder)
    found = chains_of([elder.pk])[elder.pk]
    assert (found.risk_class, found.hours) == (risk_class, hours)
    assert found.alert_at == visit.started_at + timedelta(hours=hours)


def test_chain_begins_with_the_first_attempt_since_the_last_success(
    call: Try, chain: Callable[[], Chain]
) -> None:
    call(100)
    call(90, outcome="spoke")
    first = call(80)
    call(2, mode="home", outcome="not_home")
    assert chain().since == first.started_at
    assert [attempt.outcome for attempt in chain().attempts] == ["no_answer", "not_home"]


@pytest.mark.parametrize("state", ["", "valid"])
@pytest.mark.parametrize(("mode", "outcome"), [("phone", "spoke"), ("home", "met"), ("video", "spoke")])
def test_chain_ends_with_the_first_success(
    call: Try, chain: Callable[[], Chain | None], mode: str, outcome: str, state: str
) -> None:
    call(60)
    call(50, mode=mode, outcome=outcome, state=state)
    assert chain() is None


def test_chain_ends_with_a_success_of_anybody(
    cast: Cast, elder: Elder, call: Try, chain: Callable[[], Chain | None]
) -> None:
    visit = call(60)
    at = f"{(visit.started_at + timedelta(hours=1)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    make_visit(cast.cadre, elder, at=at)
    assert chain() is None


def test_family_that_answers_does_not_end_it(call: Try, chain: Callable[[], Chain | None]) -> None:
    call(60)
    call(50, outcome="family")
    assert chain() is not None


@pytest.mark.parametrize("state", ["invalid", "withdrawn", "returned"])
def test_success_that_does_not_stand_starts_the_clock_again(
    call: Try, chain: Callable[[], Chain | None], state: str
) -> None:
    visit, success = call(60), call(50, outcome="spoke")
    assert chain() is None
    set_state(success, state)
    again = chain()
    assert again
    assert again.since == visit.started_at


def test_withdrawn_attempt_takes_its_clock_away(
    cast: Cast, call: Try, chain: Callable[[], Chain | None]
) -> None:
    visit = call(30)
    later = call(2)
    withdraw_visit(by=cast.worker, visit=visit)
    left = chain()
    assert left
    assert left.since == later.started_at
    withdraw_visit(by=cast.worker, visit=later)
    assert chain() is None


@pytest.mark.parametrize(("state", "stays"), [("invalid", False), ("returned", True), ("valid", True)])
def test_reviewed_attempt_keeps_its_clock_unless_it_never_was(
    call: Try, chain: Callable[[], Chain | None], state: str, stays: bool
) -> None:
    set_state(call(30), state)
    assert (chain() is not None) == stays


def test_attempts_of_one_minute_make_one_chain(elder: Elder, call: Try) -> None:
    call(30)
    call(30)
    assert [len(chain.attempts) for chain in chains_of([elder.pk]).values()] == [2]


def test_declined_leads_to_the_town_without_looking_for_anybody(
    call: Try, chain: Callable[[], Chain]
) -> None:
    call(13, outcome="declined")
    assert chain().step.name == "leave"
    call(25, outcome="declined")
    assert (chain().step.name, chain().declined) == ("town", True)


def test_each_of_a_couple_has_a_chain_of_their_own(cast: Cast, call: Try) -> None:
    home = make_household(cast.group)
    one, two = (make_elder(home, date(1940, day, day), living="elders_only") for day in (1, 2))
    call(60, one, two)
    assert set(chains_of([one.pk, two.pk])) == {one.pk, two.pk}
    call(50, one, outcome="spoke")
    assert set(chains_of([one.pk, two.pk])) == {two.pk}
    call(5, one)
    assert [chain.elder for chain in chains_on_cards(cast.worker)] == [
        two.pk,
        one.pk,
    ]  # the longest overdue first


# Who is owed nothing


def test_closed_elder_has_no_chain(call: Try, elder: Elder, chain: Callable[[], Chain | None]) -> None:
    call(60)
    close(elder)
    assert chain() is None


def test_pause_ends_the_chain_for_good(
    call: Try, elder: Elder, chain: Callable[[], Chain | None], system: User
) -> None:
    call(60)
    pause_elder(by=system, elder=elder, starts_on=today(), ends_on=None, reason="hospital")
    assert chain() is None
    Pause.objects.update(starts_on=today() - timedelta(days=1), ends_on=today() - timedelta(days=1))
    Elder.objects.filter(pk=elder.pk).update(status="active")
    assert chain() is None  # what was tried before the hospital says nothing of today


def test_pause_of_former_times_or_to_come_answers_nothing(
    call: Try, elder: Elder, chain: Callable[[], Chain | None]
) -> None:
    call(30)
    for starts, ends in ((-20, -10), (3, 9)):
        Pause.objects.create(
            elder=elder,
            reason="away",
            starts_on=today() + timedelta(days=starts),
            ends_on=today() + timedelta(days=ends),
        )
    assert chain() is not None


def test_refusal_ends_the_chain_for_good(call: Try, elder: Elder, chain: Callable[[], Chain | None]) -> None:
    call(60)
    refusal = Consent.objects.create(elder=elder, since=today(), kind="refused", reason="自己能行")
    assert chain() is None
    Consent.objects.filter(pk=refusal.pk).update(since=today() - timedelta(days=1))
    Consent.objects.create(elder=elder, since=today(), kind="full")
    assert chain() is None


def test_refusal_of_former_times_answers_nothing(
    call: Try, elder: Elder, chain: Callable[[], Chain | None]
) -> None:
    Consent.objects.create(elder=elder, since=today() - timedelta(days=40), kind="refused", reason="自己能行")
    Consent.objects.create(elder=elder, since=today() - timedelta(days=35), kind="phone_only")
    call(60)
    assert chain() is not None


# What people found out


def test_word_that_somebody_is_safe_ends_the_chain_until_the_next_attempt(
    cast: Cast, call: Try, elder: Elder, chain: Callable[[], Chain | None]
) -> None:
    call(30)
    inquiry = inquire(by=cast.worker, elder=elder, step="contact", safe=True, words="在女儿家")
    assert chain() is None
    inquiry.covers_until = timezone.now() - timedelta(hours=3)
    inquiry.save()
    assert chain() is None
    later = call(2)
    again = chain()
    assert again
    assert again.since == later.started_at


def test_word_for_a_week_covers_the_attempts_of_the_week(
    cast: Cast, call: Try, elder: Elder, chain: Callable[[], Chain | None]
) -> None:
    call(30)
    until = today() + timedelta(days=7)
    inquire(by=cast.worker, elder=elder, step="contact", safe=True, words="这周都在女儿家", until=until)
    call(0)
    assert chain() is None


def test_nothing_found_hands_on_to_the_next(
    cast: Cast, call: Try, elder: Elder, chain: Callable[[], Chain]
) -> None:
    call(1)
    inquire(by=cast.worker, elder=elder, step="contact", safe=False, words="没接")
    assert chain().step.name == "village"
    assert [(answer.who, answer.words) for answer in chain().answers] == [(cast.worker.name, "没接")]
    inquire(by=cast.cadre, elder=elder, step="village", safe=False, words="门锁着")
    assert chain().step.name == "town"


def test_what_was_asked_before_the_chain_is_of_another(
    cast: Cast, call: Try, elder: Elder, chain: Callable[[], Chain]
) -> None:
    call(40)
    inquiry = inquire(by=cast.worker, elder=elder, step="contact", safe=False, words="没接")
    inquiry.at = timezone.now() - timedelta(hours=30)
    inquiry.save()
    call(20, outcome="spoke")
    call(1)
    assert (chain().step.name, list(chain().answers)) == ("retry", [])


# Whose


def test_office_sees_the_chains_of_its_own_place(cast: Cast, call: Try, elder: Elder) -> None:
    abroad = make_elder(cast.other_group, date(1940, 5, 1))
    at = f"{(timezone.now() - timedelta(hours=30)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    call(30)
    make_visit(cast.other_worker, abroad, at=at, mode="phone", outcome="no_answer")
    seen = {
        who: set(chains_seen_by(getattr(cast, who))) for who in ("head", "other_head", "officer", "admin")
    }
    assert seen == {
        "head": {elder.pk}, "other_head": {abroad.pk}, "officer": {elder.pk, abroad.pk}, "admin": set(),
    }  # fmt: skip


@pytest.mark.parametrize("elders", [1, 3])
def test_chains_cost_the_same_for_any_number(
    cast: Cast, call: Try, elders: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = [make_elder(cast.group, date(1940, 5, 1)) for _ in range(elders)]
    for one in found:
        call(30, one)
        inquire(by=cast.worker, elder=one, step="contact", safe=False, words="没接")
    with django_assert_num_queries(2):  # the policy, and all chains
        assert len(chains_of([one.pk for one in found])) == elders
