from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from elders.models import Assignment, Elder
from tests.cast import VILLAGE, Cast
from tests.factories import breaks, make_elder, make_visit, moment
from visits.actions import Finding
from visits.models import Flag, Obligation, OpenedWeek, PlannedVisit, Referral, Review, Visit, VisitedElder

MONDAY = date(2025, 3, 3)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def visit(cast: Cast, elder: Elder) -> Visit:
    return make_visit(cast.worker, elder, findings=[Finding("safety", ("gas",), elder=elder.pk)])


def copied(visit: Visit, **changes: object) -> Visit:
    """Another row like this one, but for the changes."""
    again = Visit.objects.get(pk=visit.pk)
    again.pk = uuid4()
    for name, value in changes.items():
        setattr(again, name, value)
    return again


# Weeks


def test_opened_week_is_named_by_a_monday(db: None) -> None:
    with breaks("opened_week_is_monday"):
        OpenedWeek.objects.bulk_create(
            [OpenedWeek(monday=MONDAY + timedelta(days=1), opened_at=timezone.now())]
        )


def test_second_obligation_of_a_week_is_refused(elder: Elder) -> None:
    def owed() -> Obligation:
        return Obligation(
            elder=elder, monday=MONDAY, risk_class="C", home_required=0, greeting_required=1,
            policy_version=date(2024, 1, 1), village_code=VILLAGE,
        )  # fmt: skip

    Obligation.objects.bulk_create([owed()])
    with breaks("one_obligation_a_week"):
        Obligation.objects.bulk_create([owed()])


def test_same_contact_planned_twice_a_day_is_refused(elder: Elder) -> None:
    def planned(mode: str) -> PlannedVisit:
        return PlannedVisit(elder=elder, monday=MONDAY, day=MONDAY, mode=mode, village_code=VILLAGE)

    PlannedVisit.objects.bulk_create([planned("home"), planned("phone")])
    with breaks("planned_once_a_day"):
        PlannedVisit.objects.bulk_create([planned("home")])


# Visits


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [("home", "spoke"), ("home", "no_answer"), ("phone", "met"), ("phone", "not_home"), ("video", "met"), ("post", "met")],
)  # fmt: skip
def test_outcome_that_does_not_fit_the_mode_is_refused(visit: Visit, mode: str, outcome: str) -> None:
    with breaks("visit_outcome_fits_mode"):
        Visit.objects.bulk_create([copied(visit, mode=mode, outcome=outcome)])


@pytest.mark.parametrize("state", ["valid", "invalid", "returned"])
def test_visit_reviewed_by_nobody_is_refused(visit: Visit, state: str) -> None:
    with breaks("visit_reviewed_by_somebody"):
        Visit.objects.filter(pk=visit.pk).update(state=state, review_reason="没有来")


@pytest.mark.parametrize("state", ["invalid", "returned"])
def test_visit_refused_without_a_reason_is_refused(cast: Cast, visit: Visit, state: str) -> None:
    with breaks("visit_refused_with_reason"):
        Visit.objects.filter(pk=visit.pk).update(
            state=state, reviewed_by=cast.reviewer, reviewed_at=timezone.now(), review_reason=""
        )


def test_same_uuid_twice_is_refused(visit: Visit) -> None:
    with breaks("visits_visit_pkey"):
        Visit.objects.bulk_create([copied(visit, pk=visit.pk)])


def test_same_elder_twice_in_a_visit_is_refused(visit: Visit, elder: Elder) -> None:
    with breaks("elder_once_a_visit"):
        VisitedElder.objects.bulk_create(
            [VisitedElder(visit=visit, elder=elder, started_at=visit.started_at, countable=True)]
        )


def test_same_flag_twice_on_a_visit_is_refused(visit: Visit) -> None:
    Flag.objects.bulk_create([Flag(visit=visit, code="late", words="晚了")])
    with breaks("flag_once_a_visit"):
        Flag.objects.bulk_create([Flag(visit=visit, code="late", words="又晚了")])


def test_visited_elder_cannot_be_deleted(visit: Visit, elder: Elder) -> None:
    with pytest.raises(ProtectedError), transaction.atomic():
        elder.delete()


@pytest.mark.parametrize(
    "half", [{"state": "solved"}, {"state": "solved", "solved_at": moment("2025-03-05 09:00")}]
)
def test_referral_solved_by_nobody_is_refused(visit: Visit, half: dict[str, object]) -> None:
    with breaks("referral_solved_by_somebody"):
        Referral.objects.filter(visit=visit).update(**half)


# Who sees them


OFFICES = {"cadre", "reviewer", "head", "officer", "approver", "second_approver", "auditor"}


def watchers(cast: Cast, row: Visit | Flag | Review | Referral | Obligation) -> set[str]:
    rows = type(row).objects
    return {name for name, one in cast.everybody().items() if row in rows.visible_to(one)}  # type: ignore[attr-defined]


def test_visit_is_seen_by_whoever_went_and_the_offices(cast: Cast, visit: Visit) -> None:
    assert watchers(cast, visit) == {"worker"} | OFFICES


def test_flag_and_review_are_seen_with_their_visit(cast: Cast, visit: Visit) -> None:
    flag = Flag.objects.create(visit=visit, code="late", words="晚了")
    review = Review.objects.create(visit=visit, at=timezone.now(), by=cast.reviewer, state="valid")
    assert watchers(cast, flag) == watchers(cast, review) == {"worker"} | OFFICES


def test_referral_is_seen_by_everybody_who_visits_the_household(cast: Cast, visit: Visit) -> None:
    referral = Referral.objects.get()
    assert watchers(cast, referral) == {"worker", "visitor"} | OFFICES
    Assignment.objects.create(household=visit.household, worker=cast.next_worker, starts_on=MONDAY)
    assert watchers(cast, referral) == {"worker", "visitor", "next_worker"} | OFFICES


def test_referral_in_words(visit: Visit) -> None:
    referral = Referral.objects.get()
    assert (referral.summary, str(visit)) == ("煤气", "2025-03-04 上门")
    referral.words = "管子老化"
    assert referral.summary == "煤气，管子老化"
    referral.kinds, referral.words = [], ""
    assert referral.summary == "房子、水电、煤气"
