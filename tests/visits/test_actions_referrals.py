from datetime import date

import pytest

from elders.models import Elder
from tests.cast import VILLAGE, Cast
from tests.factories import make_elder, make_household, make_visit, moment
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed
from visits.actions import Finding, solve_referral
from visits.models import Referral


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
