"""Many who settle and approve at the same moment, each a process of its own: one effect; and what holds with a guard off.

Everybody meets after reading and before writing. Who holds the lock meets nobody, waits a moment and goes on alone.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from threading import BrokenBarrierError
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from subsidies.actions import approve_settlement, approving, assess_settlement, settle
from subsidies.actions.drafting import Draft
from subsidies.models import PaidVisit, Settlement
from subsidies.verifying import verify
from tests.cast import Cast
from tests.factories import draft, in_processes, make_elder, make_visit, review
from visitcare.audit.models import Event
from visitcare.kit.weeks import Month
from visitcare.org.models import Posting, User
from visitcare.org.roles import Role

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]

MANY = 8
MARCH = Month.parse("2025-03")


@pytest.fixture
def settlement(cast: Cast) -> Settlement:
    """An empty draft of March, and since then 24 valid visits of two workers."""
    empty = draft(cast.town)
    for worker, group in ((cast.worker, cast.group), (cast.next_worker, cast.next_group)):
        for elder in (make_elder(group) for _ in range(3)):
            for day in (3, 10, 17, 24):
                make_visit(worker, elder, at=f"2025-03-{day:02} 09:00", state="valid")
    return empty


@pytest.fixture
def approvers(cast: Cast) -> list[User]:
    users = [User(login=f"approver{n}", name=f"批准人{n}", mobile=f"1990008{n:04}") for n in range(MANY)]
    User.objects.bulk_create(users)
    Posting.objects.bulk_create(
        Posting(user=user, role=Role.COUNTY_APPROVER, place=cast.county, starts_on=date(2024, 1, 1))
        for user in users
    )
    return users


def meet_before(owner: Any, name: str, patch: pytest.MonkeyPatch) -> None:
    """Whoever calls this waits until all are there, or for five seconds."""
    barrier = multiprocessing.get_context("fork").Barrier(MANY)
    go_on = getattr(owner, name)

    def meet(*arguments: Any) -> Any:
        with suppress(BrokenBarrierError):
            barrier.wait(5)
        return go_on(*arguments)

    patch.setattr(owner, name, meet)


def without_locks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)


@contextmanager
def without_trigger(table: str, trigger: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def all_settle(cast: Cast) -> list[str]:
    system = User.objects.system()
    return in_processes(*[lambda: settle(by=system, month=MARCH, towns=[cast.town])] * MANY)


def all_approve(settlement: Settlement, approvers: list[User]) -> list[str]:
    return in_processes(*[lambda by=by: approve_settlement(by=by, settlement=settlement) for by in approvers])


def insist_on_one_draft(cast: Cast, settlement: Settlement) -> None:
    settlement.refresh_from_db()
    assert PaidVisit.objects.filter(settlement=settlement).count() == settlement.paid_count == 24
    assert settlement.lines.count() == 2
    assert verify() == []
    assert not settle(by=User.objects.system(), month=MARCH, towns=[cast.town])[0].changed


def approvals() -> int:
    return Event.objects.filter(verb="approve_settlement").count()


def test_eight_settlers_make_one_draft(
    cast: Cast, settlement: Settlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_before(Draft, "_write_lines", monkeypatch)
    assert all_settle(cast) == [""] * MANY
    insist_on_one_draft(cast, settlement)
    assert Event.objects.filter(verb="settle").count() == 2  # the empty draft's, and one of the eight


def test_settlers_without_lock_run_into_the_constraints(
    cast: Cast, settlement: Settlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_before(Draft, "_write_lines", monkeypatch)
    without_locks(monkeypatch)
    answers = all_settle(cast)
    assert answers.count("") == 1
    assert sum("one_line_a_worker" in answer for answer in answers) == MANY - 1
    monkeypatch.undo()
    insist_on_one_draft(cast, settlement)


def test_eight_approvers_approve_once(
    cast: Cast, settlement: Settlement, approvers: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    meet_before(approving, "check_books", monkeypatch)
    answers = all_approve(settlement, approvers)
    assert answers.count("") == approvals() == 1
    assert sum("已经批准过了" in answer for answer in answers) == MANY - 1
    assert verify() == []


def test_approvers_without_lock_are_stopped_by_the_trigger(
    cast: Cast, settlement: Settlement, approvers: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    meet_before(approving, "check_books", monkeypatch)
    without_locks(monkeypatch)
    answers = all_approve(settlement, approvers)
    assert answers.count("") == approvals() == 1
    assert sum("a frozen settlement does not change" in answer for answer in answers) == MANY - 1


def test_without_lock_and_trigger_a_month_is_approved_eight_times(
    cast: Cast, settlement: Settlement, approvers: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    meet_before(approving, "check_books", monkeypatch)
    without_locks(monkeypatch)
    with without_trigger("subsidies_settlement", "guard_settlement"):
        assert all_approve(settlement, approvers) == [""] * MANY
    assert approvals() == MANY


def test_settlers_do_not_move_what_is_being_approved(
    cast: Cast, settlement: Settlement, approvers: list[User]
) -> None:
    late = make_visit(cast.worker, make_elder(cast.group), at="2025-03-05 09:00")
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    review(late, "valid")
    system = User.objects.system()
    calls = [lambda by=by: approve_settlement(by=by, settlement=settlement) for by in approvers]
    answers = in_processes(*calls, *[lambda: settle(by=system, month=MARCH, towns=[cast.town])] * MANY)
    assert answers[:MANY].count("") == approvals() == 1
    assert all(answer == "" or "已经考核上报" in answer for answer in answers[MANY:])
    settlement.refresh_from_db()
    assert settlement.is_frozen
    assert settlement.paid_count == 24
    assert verify() == []
    assert draft(cast.town, "2025-04").paid_count == 1  # the late one, in the next open month
