"""A correction takes the place of a record and changes nothing else."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.cast import Cast
from tests.factories import make_elder, make_household, make_visit, moment, review
from visitcare.audit.models import Event
from visitcare.org.models import User
from visits.actions import Finding, VisitConflict, VisitRefused, correct_visit, withdraw_visit
from visits.models import Flag, Referral, Review, Visit

TOLD = {"mode": "home", "outcome": "met", "started_at": moment("2025-03-04 09:00"), "agreed": True}


def correct(by: User, old: Visit, **said: Any) -> Visit:
    """As TOLD, but for what is said otherwise."""
    elders = said.pop("elders", None) or list(old.visited.values_list("elder", flat=True))
    return correct_visit(by=by, visit=old, visit_id=uuid4(), elders=elders, **TOLD | said).visit


def flags(visit: Visit) -> list[str]:
    visit.refresh_from_db()
    codes = sorted(visit.flags.values_list("code", flat=True))
    assert visit.flagged is bool(codes)
    return codes


def test_correction_keeps_the_time_of_arrival(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", outcome="not_home")
    new = correct_visit(by=cast.worker, visit=old, visit_id=uuid4(), elders=[elder.pk], **TOLD).visit
    assert new.received_at == old.received_at
    assert list(new.flags.values_list("code", flat=True)) == []


@pytest.mark.parametrize(
    "other",
    [
        {"started_at": moment("2025-03-04 10:00")},  # later than the old one came in
        {"started_at": moment("2025-03-03 09:00")},
    ],
)
def test_correction_into_another_contact_arrives_now(cast: Cast, other: dict[str, Any]) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00")
    new = correct(cast.worker, old, **other)
    assert new.received_at > old.received_at
    assert flags(new) == ["late"]


def test_slip_between_a_visit_and_a_call_keeps_the_time_of_arrival(cast: Cast) -> None:
    old = make_visit(cast.worker, make_elder(cast.group, date(1940, 6, 1)), at="2025-03-04 09:00")
    assert flags(correct(cast.worker, old, mode="phone", outcome="spoke")) == []


def test_correction_into_another_household_arrives_now(cast: Cast) -> None:
    elder, other = (make_elder(cast.group, date(1940, 6, 1)) for _ in range(2))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00")
    assert flags(correct(cast.worker, old, elders=[other.pk])) == ["late"]


def test_correction_of_who_was_at_home_is_of_the_same_contact(cast: Cast) -> None:
    home = make_household(cast.group)
    first, second = (make_elder(home, date(year, 1, 1), living="elders_only") for year in (1940, 1941))
    old = make_visit(cast.worker, first, at="2025-03-04 09:00")
    assert flags(correct(cast.worker, old, elders=[first.pk, second.pk])) == []


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


@pytest.mark.parametrize("day", ["2025-03-04", "2025-03-03"])
def test_record_that_was_sent_back_stays_flagged_however_often_it_is_corrected(cast: Cast, day: str) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", state="returned")
    new = correct(cast.worker, old, started_at=moment(f"{day} 09:00"))
    last = correct(cast.worker, new, started_at=moment(f"{day} 09:00"))
    assert "corrected" in flags(last)
    flag = last.flags.get(code="corrected")
    assert ("老人说没有来" in flag.words, flag.other_visit) == (True, old)


def test_flags_that_a_correction_does_not_answer_stay(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    said = moment("2025-03-09 09:00")
    old = make_visit(cast.worker, elder, at="2025-03-04 23:30", phone_said=said)
    for code in ("conflict", "same_photo", "far", "outside_county"):
        Flag.objects.create(visit=old, code=code, words="要看一看")
    lasting = ["clock_wrong", "conflict", "far", "outside_county", "same_photo"]
    assert sorted(flags(correct(cast.worker, old))) == lasting


def test_record_sent_back_again_tells_the_last_reason(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    new = correct(cast.worker, make_visit(cast.worker, elder, at="2025-03-04 09:00", state="returned"))
    review(new, "returned")
    last = correct(cast.worker, Visit.objects.get(pk=new.pk))
    assert (flags(last), last.flags.get().other_visit) == (["corrected"], new)


@pytest.mark.parametrize("mode", ["home", "phone"])
def test_record_sent_back_is_not_taken_back_and_typed_anew_unseen(cast: Cast, mode: str) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", state="returned")
    moved = correct(cast.worker, old, started_at=moment("2025-03-03 09:00"))
    withdraw_visit(by=cast.worker, visit=moved)
    for day, first in (("2025-03-03", moved), ("2025-03-04", old)):
        new = make_visit(cast.worker, elder, at=f"{day} 10:00", mode=mode)
        assert (flags(new), new.flags.get().other_visit) == (["corrected"], first)
    others = (
        make_visit(cast.worker, elder, at="2025-03-05 10:00"),
        make_visit(cast.visitor, make_elder(cast.group), at="2025-03-04 10:00"),
        make_visit(cast.worker, make_elder(cast.group), at="2025-03-04 12:00"),
    )
    assert [flags(one) for one in others] == [[], [], []]


def test_record_found_false_is_not_typed_anew_unseen(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", state="invalid")
    new = make_visit(cast.worker, elder, at="2025-03-04 10:00")
    assert (flags(new), new.flags.get().other_visit) == (["corrected"], old)


def test_slip_taken_back_before_anybody_saw_it_is_no_doubt(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    withdraw_visit(by=cast.worker, visit=make_visit(cast.worker, elder, at="2025-03-04 09:00"))
    assert flags(make_visit(cast.worker, elder, at="2025-03-04 10:00")) == []


def test_notes_that_the_correction_does_not_speak_of_stay_but_for_those_of_findings(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 6, 1))
    old = make_visit(
        cast.worker,
        elder,
        at="2025-03-04 09:00",
        notes={"remark": "带了药", "health": "血压高，头晕", "family": "儿子在外地"},
        findings=[
            Finding("health", ("else",), "头晕"),
            Finding("health", ("mood",), "想儿子\n睡不好"),
            Finding("safety", ("gas",), "管子老化"),
        ],
    )
    assert old.notes["health"] == "血压高，头晕\n头晕\n想儿子\n睡不好"
    new = correct(
        cast.worker, old, notes={"family": "女儿来过"}, findings=[Finding("health", ("mood",), "心情不好")]
    )
    new.refresh_from_db()
    assert new.notes == {"remark": "带了药", "health": "血压高，头晕\n心情不好", "family": "女儿来过"}
    assert set(correct(cast.worker, new).notes) == {"remark", "health", "family"}


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
