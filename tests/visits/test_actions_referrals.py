from datetime import date
from uuid import uuid4

import pytest

from elders.models import Elder
from tests.cast import VILLAGE, Cast
from tests.factories import make_elder, make_household, make_visit, moment, review
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.actions import Finding, correct_visit, solve_referral, withdraw_visit
from visits.models import Referral, Visit


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def referral(cast: Cast, elder: Elder) -> Referral:
    make_visit(cast.worker, elder, findings=[Finding("safety", ("gas",), "管子老化")])
    return Referral.objects.get()


# Opened by a visit


@pytest.mark.parametrize(
    ("area", "due_on"),
    [("health", date(2025, 3, 7)), ("safety", date(2025, 3, 11)), ("family", date(2025, 3, 18)),
     ("livelihood", date(2025, 3, 18)), ("needs", date(2025, 3, 18))],
)  # fmt: skip
def test_finding_opens_a_referral_with_its_clock(cast: Cast, elder: Elder, area: str, due_on: date) -> None:
    visit = make_visit(cast.worker, elder, findings=[Finding(area, ("else",), "记一下", elder.pk)])
    referral = Referral.objects.get()
    assert (referral.visit, referral.household, referral.elder, referral.village_code) == (
        visit, elder.household, elder, VILLAGE
    )  # fmt: skip
    assert (referral.area, referral.kinds, referral.words, referral.state, referral.due_on) == (
        area, ["else"], "记一下", "open", due_on
    )  # fmt: skip


def test_what_the_household_mends_itself_is_its_own(cast: Cast, elder: Elder) -> None:
    findings = [Finding("safety", ("power",), household_mends=True), Finding("safety", ("building",))]
    make_visit(cast.worker, elder, findings=findings)
    assert sorted(Referral.objects.values_list("owner", "elder")) == [("household", None), ("town", None)]


def test_visit_without_findings_opens_nothing(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder)
    assert Referral.objects.count() == 0


# Asked at the next visit


def test_solved_by_the_answer_at_the_next_visit(cast: Cast, elder: Elder, referral: Referral) -> None:
    make_visit(cast.worker, elder, at="2025-03-11 09:00", by=cast.worker, answers={referral.pk: True})
    referral.refresh_from_db()
    assert (referral.state, referral.solved_by, referral.solved_at, referral.outcome) == (
        "solved", cast.worker, moment("2025-03-11 09:00"), "探访时看到已经解决"
    )  # fmt: skip


def test_open_after_a_no_and_after_no_question(cast: Cast, elder: Elder, referral: Referral) -> None:
    make_visit(cast.worker, elder, at="2025-03-11 09:00", answers={referral.pk: False})
    make_visit(cast.worker, elder, at="2025-03-12 09:00")
    referral.refresh_from_db()
    assert referral.state == "open"


def test_answer_of_another_household_solves_nothing(cast: Cast, referral: Referral) -> None:
    stranger = make_elder(make_household(cast.group))
    make_visit(cast.worker, stranger, at="2025-03-11 09:00", answers={referral.pk: True})
    referral.refresh_from_db()
    assert referral.state == "open"


# Closed by the offices


@pytest.mark.parametrize("who", ["cadre", "reviewer", "head"])
def test_solved_with_what_was_done(cast: Cast, referral: Referral, who: str) -> None:
    solve_referral(by=getattr(cast, who), referral=referral, outcome="换了新管")
    referral.refresh_from_db()
    assert (referral.state, referral.solved_by, referral.outcome) == (
        "solved",
        getattr(cast, who),
        "换了新管",
    )
    event = Event.objects.get(verb="solve_referral")
    assert (event.words, event.reason, event.area_path) == (
        "办结：煤气，管子老化",
        "换了新管",
        "滨江镇永安村1组",
    )


@pytest.mark.parametrize("who", ["worker", "visitor", "other_head", "officer", "auditor", "admin"])
def test_solved_by_somebody_else_is_refused(cast: Cast, referral: Referral, who: str) -> None:
    with pytest.raises(NotAllowed):
        solve_referral(by=getattr(cast, who), referral=referral, outcome="换了新管")


def test_solved_without_words_is_refused(cast: Cast, referral: Referral) -> None:
    with pytest.raises(ValueError) as caught:
        solve_referral(by=cast.head, referral=referral, outcome=" ")
    assert str(caught.value) == "请写处理结果：做了什么，谁做的。"


def test_solved_twice_is_refused(cast: Cast, referral: Referral) -> None:
    solve_referral(by=cast.head, referral=referral, outcome="换了新管")
    with pytest.raises(ValueError) as caught:
        solve_referral(by=cast.cadre, referral=referral, outcome="又换了")
    assert str(caught.value) == "这件事已经办结了，不用再办。"
    referral.refresh_from_db()
    assert referral.outcome == "换了新管"


# While the visit that saw it solved counts


@pytest.fixture
def seen_solved(cast: Cast, elder: Elder, referral: Referral) -> Visit:
    return make_visit(cast.worker, elder, at="2025-03-11 09:00", by=cast.worker, answers={referral.pk: True})


def state_of(referral: Referral) -> tuple[str, User | None, str]:
    referral.refresh_from_db()
    return referral.state, referral.solved_by, referral.outcome


OPEN = ("open", None, "")


@pytest.mark.parametrize("state", ["invalid", "returned"])
def test_what_a_refused_visit_saw_solved_waits_again_until_it_is_accepted(
    cast: Cast, referral: Referral, seen_solved: Visit, state: str
) -> None:
    solved = state_of(referral)
    assert solved == ("solved", cast.worker, "探访时看到已经解决")
    review(seen_solved, state)
    assert state_of(referral) == OPEN
    review(seen_solved, "valid")
    assert state_of(referral) == solved
    assert referral.solved_at == seen_solved.started_at


def test_what_a_withdrawn_visit_saw_solved_waits_again(
    cast: Cast, referral: Referral, seen_solved: Visit
) -> None:
    withdraw_visit(by=cast.worker, visit=seen_solved)
    assert state_of(referral) == OPEN


@pytest.mark.parametrize(("answers", "state"), [(True, "solved"), (False, "open"), (None, "open")])
def test_correction_says_again_what_is_solved(
    cast: Cast, elder: Elder, referral: Referral, seen_solved: Visit, answers: bool | None, state: str
) -> None:
    new = correct_visit(
        by=cast.worker,
        visit=seen_solved,
        visit_id=uuid4(),
        elders=[elder.pk],
        mode="home",
        outcome="met",
        started_at=seen_solved.started_at,
        answers={} if answers is None else {referral.pk: answers},
    ).visit
    assert state_of(referral)[0] == state
    assert referral.solved_in == (new if answers else seen_solved)


def test_what_was_answered_since_stays_answered(
    cast: Cast, elder: Elder, referral: Referral, seen_solved: Visit
) -> None:
    review(seen_solved, "returned")
    solve_referral(by=cast.reviewer, referral=referral, outcome="管子换了")
    for state in ("valid", "invalid"):
        review(seen_solved, state)
        assert state_of(referral) == ("solved", cast.reviewer, "管子换了")


def test_finding_that_was_taken_back_itself_does_not_wait_again(
    cast: Cast, referral: Referral, seen_solved: Visit
) -> None:
    withdraw_visit(by=cast.worker, visit=referral.visit)
    review(seen_solved, "invalid")
    assert state_of(referral)[0] == "solved"


def test_visit_of_before_saw_nothing_solved(cast: Cast, elder: Elder, referral: Referral) -> None:
    make_visit(cast.worker, elder, at="2025-03-04 08:00", by=cast.worker, answers={referral.pk: True})
    assert state_of(referral) == OPEN


def test_answer_after_it_outlives_a_visit_that_counts_again(
    cast: Cast, elder: Elder, referral: Referral, seen_solved: Visit
) -> None:
    review(seen_solved, "invalid")
    make_visit(cast.worker, elder, at="2025-03-18 09:00", answers={referral.pk: False})
    review(seen_solved, "valid")
    referral.refresh_from_db()
    assert referral.state == "open"
