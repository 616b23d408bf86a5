"""A correction takes the place of a record and changes nothing else."""

from datetime import date
from uuid import uuid4

import pytest

from tests.cast import Cast
from tests.factories import make_elder, make_visit, moment
from visitcare.audit.models import Event
from visits.actions import Finding, VisitConflict, VisitRefused, correct_visit
from visits.models import Referral, Review, Visit

TOLD = {"mode": "home", "outcome": "met", "started_at": moment("2025-03-04 09:00"), "agreed": True}


def test_correction_keeps_the_time_of_arrival(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone")
    new = correct_visit(by=cast.worker, visit=old, visit_id=uuid4(), elders=[elder.pk], **TOLD).visit
    assert new.received_at == old.received_at
    assert list(new.flags.values_list("code", flat=True)) == []


def test_correction_to_a_later_time_arrives_now(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone")
    later = TOLD | {"started_at": moment("2025-03-05 09:00")}
    new = correct_visit(by=cast.worker, visit=old, visit_id=uuid4(), elders=[elder.pk], **later).visit
    assert new.received_at > old.received_at
    assert list(new.flags.values_list("code", flat=True)) == ["late"]


def test_correction_leaves_its_trace(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", state="returned")
    new = correct_visit(by=cast.worker, visit=old, visit_id=uuid4(), elders=[elder.pk], **TOLD).visit
    assert list(Review.objects.filter(visit=old).values_list("state", flat=True)) == ["returned", "withdrawn"]
    event = Event.objects.get(verb="correct_visit")
    assert (event.actor_name, event.data) == (cast.worker.name, {"old": str(old.pk), "new": str(new.pk)})


def test_what_the_old_record_found_goes_with_it(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(
        cast.worker,
        elder,
        at="2025-03-04 09:00",
        findings=[Finding("safety", ("gas",)), Finding("needs", ("meals",))],
    )
    correct_visit(
        by=cast.worker,
        visit=old,
        visit_id=uuid4(),
        elders=[elder.pk],
        findings=[Finding("safety", ("power",))],
        **TOLD,
    )
    assert list(Referral.objects.filter(state="open").values_list("kinds", flat=True)) == [["power"]]
    assert set(Referral.objects.filter(visit=old).values_list("outcome", flat=True)) == {
        "探访记录已更正，见新记录"
    }


def test_same_correction_again_changes_nothing(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old, number = make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone"), uuid4()
    made = [
        correct_visit(by=cast.worker, visit=old, visit_id=number, elders=[elder.pk], **TOLD).created
        for _ in range(2)
    ]
    assert made == [True, False]
    assert (Visit.objects.count(), Event.objects.filter(verb="correct_visit").count()) == (2, 1)
    with pytest.raises(VisitConflict):
        correct_visit(
            by=cast.worker, visit=old, visit_id=number, elders=[elder.pk], **TOLD | {"outcome": "not_home"}
        )


@pytest.mark.parametrize("state", ["valid", "invalid"])
def test_reviewed_record_stays_as_it_is(cast: Cast, state: str) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone", state=state)
    with pytest.raises(VisitRefused, match="已经审核过"):
        correct_visit(by=cast.worker, visit=old, visit_id=uuid4(), elders=[elder.pk], **TOLD)
    assert list(Visit.objects.values_list("state", flat=True)) == [state]


def test_impossible_correction_withdraws_nothing(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone")
    with pytest.raises(VisitRefused, match="对不上"):
        correct_visit(
            by=cast.worker, visit=old, visit_id=uuid4(), elders=[elder.pk], **TOLD | {"outcome": "spoke"}
        )
    old.refresh_from_db()
    assert old.state == "pending"


def test_record_of_somebody_else_is_not_ones_own_to_correct(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone")
    with pytest.raises(VisitRefused):
        correct_visit(by=cast.cadre, visit=old, visit_id=uuid4(), elders=[elder.pk], **TOLD)
