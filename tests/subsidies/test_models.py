from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from subsidies.models import Line, PaidVisit, Reversal, Settlement, UnpaidVisit, Withholding
from tests.cast import Cast
from tests.factories import breaks, draft, freeze, make_elder, make_visit, moment, review, unguarded

MARCH = date(2025, 3, 1)


@pytest.fixture
def settlement(cast: Cast) -> Settlement:
    """A draft that pays one visit and leaves one unpaid."""
    elder = make_elder(cast.group)
    make_visit(cast.worker, elder, state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00", state="invalid")
    return draft(cast.town)


def blank(cast: Cast, **changes: Any) -> Settlement:
    said = {
        "town": cast.other_town, "month": MARCH, "rate": Decimal("3.50"), "policy_version": date(2024, 1, 1),
        "drafted_at": timezone.now(),
    }  # fmt: skip
    return Settlement(**said | changes)


# One settlement a town and month, and its stages


def test_second_settlement_of_a_town_and_month_is_refused(cast: Cast, settlement: Settlement) -> None:
    with breaks("one_settlement_a_town_and_month"):
        Settlement.objects.bulk_create([blank(cast, town=cast.town)])


def test_settlement_of_no_whole_month_is_refused(cast: Cast) -> None:
    with breaks("settlement_month_is_its_first"):
        Settlement.objects.bulk_create([blank(cast, month=date(2025, 3, 2))])


def test_maker_is_never_checker(cast: Cast, settlement: Settlement) -> None:
    now = timezone.now()
    with breaks("settlement_maker_is_not_checker"):
        Settlement.objects.filter(pk=settlement.pk).update(
            state="approved",
            assessed_by=cast.head,
            assessed_at=now,
            approved_by=cast.head,
            approved_at=now,
            digest="x",
        )


@pytest.mark.parametrize(
    "half",
    [
        {"state": "assessed"},
        {"state": "approved"},
        {"state": "closed", "digest": "x"},
        {"approved_at": moment("2025-04-02 09:00"), "state": "approved", "digest": "x"},
    ],
)
def test_stage_without_its_people_is_refused(
    cast: Cast, settlement: Settlement, half: dict[str, Any]
) -> None:
    with breaks("settlement_state_has_its_people"):
        Settlement.objects.filter(pk=settlement.pk).update(**half)


def test_approved_without_a_digest_is_refused(cast: Cast, settlement: Settlement) -> None:
    now = timezone.now()
    with breaks("settlement_state_has_its_people"):
        Settlement.objects.filter(pk=settlement.pk).update(
            state="approved",
            assessed_by=cast.head,
            assessed_at=now,
            approved_by=cast.approver,
            approved_at=now,
        )


# A visit is paid at most once


def test_visit_paid_twice_is_refused(cast: Cast, settlement: Settlement) -> None:
    paid = PaidVisit.objects.get()
    another = draft(cast.town, "2025-04")
    line = Line.objects.create(settlement=another, worker=cast.worker, amount=Decimal("3.50"))
    with breaks("subsidies_paidvisit_pkey"):
        PaidVisit.objects.bulk_create(
            [
                PaidVisit(
                    visit_id=paid.pk, settlement=another, line=line, village_code=paid.village_code,
                    started_at=paid.started_at, mode="home", amount=Decimal("3.50"),
                )
            ]
        )  # fmt: skip


@pytest.mark.parametrize("wrong", [{"amount": Decimal(0)}, {"amount": Decimal("-3.50")}, {"units": 0}])
def test_payment_of_nothing_is_refused(settlement: Settlement, wrong: dict[str, Any]) -> None:
    with breaks("paid_visit_is_positive"):
        PaidVisit.objects.update(**wrong)


def test_second_line_of_a_worker_is_refused(cast: Cast, settlement: Settlement) -> None:
    with breaks("one_line_a_worker"):
        Line.objects.bulk_create([Line(settlement=settlement, worker=cast.worker, amount=Decimal(0))])


def test_second_reason_for_a_visit_is_refused(settlement: Settlement) -> None:
    unpaid = UnpaidVisit.objects.get()
    with breaks("one_reason_a_settlement"):
        UnpaidVisit.objects.bulk_create(
            [UnpaidVisit(settlement=settlement, visit_id=unpaid.visit_id, reason="late")]
        )


# Reversals


@pytest.fixture
def taken_back(cast: Cast, settlement: Settlement) -> Reversal:
    """The visit that March paid is taken back in April, which is a draft."""
    visit = PaidVisit.objects.get().visit
    freeze(settlement, maker=cast.head, checker=cast.approver)
    review(visit, "invalid")
    return draft(cast.town, "2025-04").reversals.get()


def again(reversal: Reversal, **changes: Any) -> Reversal:
    said = {
        "paid_visit": reversal.paid_visit, "number": 2, "settlement": reversal.settlement, "line": reversal.line,
        "amount": Decimal("3.50"),
    }  # fmt: skip
    return Reversal(**said | changes)


def test_reversal_is_given_again_and_taken_back_by_turns(taken_back: Reversal) -> None:
    Reversal.objects.bulk_create([again(taken_back)])
    Reversal.objects.bulk_create([again(taken_back, number=3, amount=Decimal("-3.50"))])
    assert list(Reversal.objects.order_by("number").values_list("amount", flat=True)) == [
        Decimal("-3.50"), Decimal("3.50"), Decimal("-3.50")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "amount"), [(2, "-3.50"), (2, "0.00"), (2, "3.00"), (3, "-3.50"), (1, "-3.50"), (0, "3.50")]
)
def test_reversal_that_does_not_answer_its_payment_is_refused(
    taken_back: Reversal, number: int, amount: str
) -> None:
    with breaks("reversal_answers_its_payment"):
        Reversal.objects.bulk_create([again(taken_back, number=number, amount=Decimal(amount))])


def test_reversal_in_the_settlement_that_paid_is_refused(settlement: Settlement) -> None:
    line, paid = settlement.lines.get(), PaidVisit.objects.get()
    with breaks("reversal_answers_its_payment"):
        Reversal.objects.bulk_create(
            [Reversal(paid_visit=paid, number=1, settlement=settlement, line=line, amount=Decimal("-3.50"))]
        )


@pytest.mark.parametrize(
    ("number", "amount", "constraint"),
    [(2, "-3.50", "reversal_alternates"), (0, "-3.50", "reversal_alternates"), (1, "-3.50", "reversal_once")],
)
def test_reversal_is_held_by_its_constraints_too(
    taken_back: Reversal, number: int, amount: str, constraint: str
) -> None:
    with unguarded(), breaks(constraint):
        Reversal.objects.bulk_create([again(taken_back, number=number, amount=Decimal(amount))])


# Withholding


def test_withholding_without_a_reason_is_refused(cast: Cast, settlement: Settlement) -> None:
    with breaks("withheld_with_reason"):
        Withholding.objects.bulk_create(
            [Withholding(settlement=settlement, worker=cast.worker, by=cast.head)]
        )


@pytest.mark.parametrize("one_visit", [True, False])
def test_same_withholding_twice_is_refused(cast: Cast, settlement: Settlement, one_visit: bool) -> None:
    said = {
        "settlement": settlement,
        "worker": cast.worker,
        "by": cast.head,
        "reason": "待核实",
        "visit_id": PaidVisit.objects.get().pk if one_visit else None,
    }
    Withholding.objects.bulk_create([Withholding(**said)])
    with breaks("withheld_once"):
        Withholding.objects.bulk_create([Withholding(**said)])


# Nothing that was settled can be deleted


def test_settled_visit_cannot_be_deleted(settlement: Settlement) -> None:
    for visit in (PaidVisit.objects.get().visit, UnpaidVisit.objects.get().visit):
        with pytest.raises(ProtectedError), transaction.atomic():
            visit.delete()


def test_settlement_with_lines_cannot_be_deleted(settlement: Settlement) -> None:
    with pytest.raises(ProtectedError), transaction.atomic():
        settlement.delete()


# Who sees them


OFFICES = {"reviewer", "head", "officer", "approver", "second_approver", "auditor"}


def test_draft_is_seen_by_the_offices_of_its_area_only(cast: Cast, settlement: Settlement) -> None:
    for row in (settlement, settlement.lines.get(), PaidVisit.objects.get(), UnpaidVisit.objects.get()):
        rows = type(row).objects
        seen = {name for name, one in cast.everybody().items() if row in rows.visible_to(one)}  # type: ignore[attr-defined]
        assert seen == OFFICES


def test_worker_sees_the_own_line_once_it_is_frozen(cast: Cast, settlement: Settlement) -> None:
    frozen = freeze(settlement, maker=cast.head, checker=cast.approver)
    line = frozen.lines.get()
    seen = {name for name, one in cast.everybody().items() if line in Line.objects.visible_to(one)}
    assert seen == OFFICES | {"worker"}


def test_names_of_rows(settlement: Settlement) -> None:
    assert [str(settlement), str(settlement.lines.get()), str(UnpaidVisit.objects.get())] == [
        "滨江镇 2025年3月", "陆桂芳 3.50", "审核为无效"
    ]  # fmt: skip
