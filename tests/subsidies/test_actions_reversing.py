from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from elders.models import Elder
from subsidies.actions import (
    approve_settlement,
    assess_settlement,
)
from subsidies.actions.drafting import Draft
from subsidies.models import Reversal, Settlement
from subsidies.verifying import verify
from tests.cast import Cast
from tests.factories import draft, make_visit, review
from tests.subsidies.books import figures, late_reports, reversals, unpaid, versions
from visitcare.kit.weeks import Month
from visitcare.policy.models import PolicyVersion
from visits.actions import correct_visit

MARCH = Month(date(2025, 3, 1))


# After the freeze


def test_valid_after_the_freeze_is_paid_next_month_as_late_report(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder)
    march = frozen("2025-03")
    assert unpaid(march) == {visit.pk: "pending"}
    before = versions()
    review(visit, "valid")
    april = draft(cast.town, "2025-04")
    assert (figures(april), late_reports(april)) == ((1, 1, Decimal("3.50")), [visit.pk])
    assert april.lines.get().remark == "补报 1 次"
    assert set(before) <= set(versions())


def test_arrived_after_the_freeze_is_paid_next_month_where_late_is_paid(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    PolicyVersion.objects.filter(series="pay").update(values={"late_unpaid": False})
    frozen("2025-03")
    visit = make_visit(cast.worker, elder, received_at=timezone.now(), state="valid")
    assert late_reports(draft(cast.town, "2025-04")) == [visit.pk]


def test_reviewed_between_assessment_and_approval_is_paid_next_month(cast: Cast, elder: Elder) -> None:
    visit = make_visit(cast.worker, elder)
    march = draft(cast.town)
    assess_settlement(by=cast.head, settlement=march, assessment="已核对")
    review(visit, "valid")
    approve_settlement(by=cast.approver, settlement=march)
    assert late_reports(draft(cast.town, "2025-04")) == [visit.pk]


@pytest.mark.parametrize("answered", ["", "returned", "invalid"])
def test_reviewed_while_the_town_assesses_is_paid_next_month(
    cast: Cast, elder: Elder, monkeypatch: pytest.MonkeyPatch, answered: str
) -> None:
    visit = make_visit(cast.worker, elder, state=answered)
    march = draft(cast.town)
    write = Draft.write

    def write_and_be_overtaken(self: Draft) -> bool:
        changed = write(self)
        review(visit, "valid")
        return changed

    with monkeypatch.context() as patch:
        patch.setattr(Draft, "write", write_and_be_overtaken)
        assess_settlement(by=cast.head, settlement=march, assessment="已核对")
    approve_settlement(by=cast.approver, settlement=march)
    assert unpaid(march) == {visit.pk: answered or "pending"}
    assert late_reports(draft(cast.town, "2025-04")) == [visit.pk]


def test_correction_of_what_was_answered_is_paid_next_month(cast: Cast, elder: Elder) -> None:
    old = make_visit(cast.worker, elder, state="returned")
    march = draft(cast.town)
    assess_settlement(by=cast.head, settlement=march, assessment="已核对")
    approve_settlement(by=cast.approver, settlement=march)
    new = correct_visit(
        by=cast.worker, visit=old, visit_id=uuid4(), elders=[elder.pk], mode="phone", outcome="spoke",
        started_at=old.started_at,
    ).visit  # fmt: skip
    review(new, "valid")
    assert late_reports(draft(cast.town, "2025-04")) == [new.pk]


def test_review_after_the_assessment_reopens_what_was_answered(cast: Cast, elder: Elder) -> None:
    visit = make_visit(cast.visitor, elder, state="valid")
    march = draft(cast.town)
    assess_settlement(by=cast.head, settlement=march, assessment="已核对")
    approve_settlement(by=cast.approver, settlement=march)
    assert unpaid(march) == {visit.pk: "worker_not_payable"}
    cast.visitor.postings.update(payable=True, role="grid_worker")
    assert figures(draft(cast.town, "2025-04")) == (0, 0, Decimal("0.00"))
    for state in ("invalid", "valid"):
        review(visit, state)
    assert late_reports(draft(cast.town, "2025-04")) == [visit.pk]


@pytest.mark.parametrize(
    ("since", "total"), [(date(2025, 4, 1), "7.50"), (date(2025, 3, 1), "7.50"), (date(2025, 5, 1), "7.00")]
)
def test_late_report_is_paid_at_the_rate_of_its_frozen_month(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement], since: date, total: str
) -> None:
    visit = make_visit(cast.worker, elder)
    frozen("2025-03")
    PolicyVersion.objects.create(
        series="pay", effective_from=since, values={"rate": "4.00"},
        drafted_by=cast.officer, enacted_by=cast.approver, enacted_at=timezone.now(),
    )  # fmt: skip
    review(visit, "valid")
    make_visit(cast.worker, elder, at="2025-04-03 09:00", state="valid")
    assert figures(frozen("2025-04")) == (2, 2, Decimal(total))
    assert verify() == []


def test_late_report_goes_to_the_first_open_month_only(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder)
    frozen("2025-03")
    review(visit, "valid")
    april, may = draft(cast.town, "2025-04"), draft(cast.town, "2025-05")
    assert (late_reports(april), figures(may)) == ([visit.pk], (0, 0, Decimal("0.00")))


def test_too_late_after_the_freeze_has_its_reason_once(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    frozen("2025-03")
    visit = make_visit(cast.worker, elder, received_at=timezone.now(), state="valid")
    april = frozen("2025-04")
    assert unpaid(april) == {visit.pk: "late"}
    assert figures(draft(cast.town, "2025-05")) == (0, 0, Decimal("0.00"))


def test_found_false_after_the_freeze_is_taken_back_next_month(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    march = frozen("2025-03")
    review(visit, "invalid")
    april = draft(cast.town, "2025-04")
    assert (figures(april), reversals(april)) == ((0, 0, Decimal("-3.50")), [(visit.pk, 1, Decimal("-3.50"))])
    line = april.lines.get()
    assert (line.worker, line.amount, line.home_count, line.remark) == (
        cast.worker,
        Decimal("-3.50"),
        0,
        "冲正 1 次",
    )
    march.refresh_from_db()
    assert figures(march) == (1, 1, Decimal("3.50"))


def test_taken_back_once_however_often_it_is_settled(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    frozen("2025-03")
    review(visit, "invalid")
    draft(cast.town, "2025-04")
    before = versions()
    draft(cast.town, "2025-04")
    assert versions() == before
    frozen("2025-04")
    assert figures(draft(cast.town, "2025-05")) == (0, 0, Decimal("0.00"))
    assert Reversal.objects.count() == 1


def test_second_contact_of_a_false_visit_is_paid_as_late_report(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    first = make_visit(cast.worker, elder, mode="phone", state="valid")
    second = make_visit(cast.visitor, elder, at="2025-03-04 15:00", mode="video", state="valid")
    third = make_visit(cast.worker, elder, at="2025-03-04 16:00", mode="phone", state="valid")
    march = frozen("2025-03")
    assert unpaid(march) == {second.pk: "worker_not_payable", third.pk: "second_contact"}
    review(first, "invalid")
    april = draft(cast.town, "2025-04")
    assert (reversals(april), late_reports(april)) == ([(first.pk, 1, Decimal("-3.50"))], [third.pk])
    assert figures(april) == (1, 1, Decimal("0.00"))
    assert april.lines.get().remark == "补报 1 次；冲正 1 次"


def test_reversal_found_wrong_is_itself_reversed(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    months = ["2025-04", "2025-05", "2025-06", "2025-07"]
    amounts = ["-3.50", "3.50", "-3.50", "3.50"]
    frozen("2025-03")
    for number, (month, amount) in enumerate(zip(months, amounts, strict=True), start=1):
        review(visit, "invalid" if number % 2 else "valid")
        draft(cast.town, month)
        before = versions()
        settlement = draft(cast.town, month)  # again: nothing changes
        assert versions() == before
        assert reversals(settlement) == [(visit.pk, number, Decimal(amount))]
        assert figures(frozen(month)) == (0, 0, Decimal(amount))


def test_change_of_mind_before_the_next_draft_takes_nothing_back(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    frozen("2025-03")
    review(visit, "invalid")
    assert draft(cast.town, "2025-04").total == Decimal("-3.50")
    review(visit, "valid")
    april = draft(cast.town, "2025-04")
    assert (figures(april), april.lines.count(), Reversal.objects.count()) == ((0, 0, Decimal("0.00")), 0, 0)


def test_only_the_first_open_month_takes_back(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    frozen("2025-03")
    draft(cast.town, "2025-04")
    review(visit, "invalid")
    for months in (("2025-05", "2025-04"), ("2025-04", "2025-05")):
        found = {month: reversals(draft(cast.town, month)) for month in months}
        assert found == {"2025-04": [(visit.pk, 1, Decimal("-3.50"))], "2025-05": []}
    review(visit, "valid")
    assert figures(draft(cast.town, "2025-05")) == (0, 0, Decimal("0.00"))
    assert figures(draft(cast.town, "2025-04")) == (0, 0, Decimal("0.00"))
    review(visit, "invalid")
    assert reversals(frozen("2025-04")) == [(visit.pk, 1, Decimal("-3.50"))]
    review(visit, "valid")
    assert reversals(draft(cast.town, "2025-05")) == [(visit.pk, 2, Decimal("3.50"))]


def test_month_drafted_late_leaves_a_takeback_to_the_draft_that_has_it(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    frozen("2025-03")
    review(visit, "invalid")
    frozen("2025-05")
    review(visit, "valid")
    assert reversals(draft(cast.town, "2025-06")) == [(visit.pk, 2, Decimal("3.50"))]
    review(visit, "invalid")
    assert reversals(draft(cast.town, "2025-04")) == []
    assert reversals(draft(cast.town, "2025-06")) == []
    review(visit, "valid")
    assert reversals(draft(cast.town, "2025-04")) == [(visit.pk, 2, Decimal("3.50"))]


def test_reversal_and_new_visits_make_one_net_line(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    false = make_visit(cast.worker, elder, state="valid")
    frozen("2025-03")
    review(false, "invalid")
    for day in (3, 4):
        make_visit(cast.worker, elder, at=f"2025-04-0{day} 09:00", state="valid")
    april = draft(cast.town, "2025-04")
    assert figures(april) == (2, 2, Decimal("3.50"))
    assert (april.lines.get().home_count, april.lines.get().amount) == (2, Decimal("3.50"))
