from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder, make_visit
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed, appoint
from visitcare.org.models import User
from visitcare.org.roles import Role
from visitcare.policy.models import PolicyVersion
from visits.actions import accept_unflagged, log_visit, review_visits, withdraw_visit
from visits.actions.reviewing import ReviewError
from visits.models import Review, Visit


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def visits(cast: Cast, elder: Elder) -> list[Visit]:
    """Three visits of three days that wait for review."""
    return [make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00") for day in (3, 4, 5)]


def all_of_them() -> QuerySet[Visit]:
    return Visit.objects.all()


def states() -> list[str]:
    return list(Visit.objects.order_by("started_at").values_list("state", flat=True))


# Deciding


def test_review_decides_on_a_whole_queryset(cast: Cast, visits: list[Visit]) -> None:
    assert review_visits(by=cast.reviewer, visits=all_of_them(), state="valid") == Counter(decided=3)
    assert states() == ["valid"] * 3
    visit = Visit.objects.get(pk=visits[0].pk)
    assert (visit.reviewed_by, visit.review_reason) == (cast.reviewer, "")
    assert list(visit.reviews.values_list("by", "state", "reason")) == [(cast.reviewer.pk, "valid", "")]


def test_review_of_many_leaves_one_event(cast: Cast, visits: list[Visit]) -> None:
    review_visits(by=cast.reviewer, visits=all_of_them(), state="invalid", reason="电话回访，老人说没有来")
    event = Event.objects.get(verb="review_visits")
    assert (event.actor_name, event.words, event.reason, event.area_path) == (
        "顾敏", "审核 3 条探访记录：无效", "电话回访，老人说没有来", "滨江镇"
    )  # fmt: skip
    assert event.data == {"visits": [str(pk) for pk in sorted(visit.pk for visit in visits)]}


def test_review_says_what_happened_to_each(cast: Cast, visits: list[Visit]) -> None:
    withdraw_visit(by=cast.worker, visit=visits[0])
    review_visits(by=cast.reviewer, visits=Visit.objects.filter(pk=visits[1].pk), state="valid")
    done = review_visits(by=cast.reviewer, visits=all_of_them(), state="valid")
    assert done == Counter(decided=1, same=1, withdrawn=1)
    assert (states(), Review.objects.count()) == (["withdrawn", "valid", "valid"], 3)


def test_review_that_changes_nothing_leaves_no_event(cast: Cast, visits: list[Visit]) -> None:
    review_visits(by=cast.reviewer, visits=all_of_them(), state="valid")
    events = Event.objects.count()
    assert review_visits(by=cast.reviewer, visits=all_of_them(), state="valid") == Counter(same=3, decided=0)
    assert Event.objects.count() == events


def test_review_can_be_changed_and_all_decisions_stay(cast: Cast, visits: list[Visit]) -> None:
    one = Visit.objects.filter(pk=visits[0].pk)
    for state, reason in (("returned", "时间不对"), ("valid", ""), ("invalid", "老人说没有来")):
        review_visits(by=cast.reviewer, visits=one, state=state, reason=reason)
    history = Review.objects.order_by("at").values_list("state", "reason")
    assert list(history) == [("returned", "时间不对"), ("valid", ""), ("invalid", "老人说没有来")]
    assert (one.get().state, one.get().review_reason) == ("invalid", "老人说没有来")


@pytest.mark.parametrize("state", ["returned", "invalid"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_review_against_a_visit_needs_a_reason(
    cast: Cast, visits: list[Visit], state: str, reason: str
) -> None:
    with pytest.raises(ReviewError) as caught:
        review_visits(by=cast.reviewer, visits=all_of_them(), state=state, reason=reason)
    assert str(caught.value) == "退回和无效都要写原因，网格员会看到。"
    assert states() == ["pending"] * 3


def test_review_with_too_long_a_reason_is_refused(cast: Cast, visits: list[Visit]) -> None:
    with pytest.raises(ReviewError) as caught:
        review_visits(by=cast.reviewer, visits=all_of_them(), state="invalid", reason="长" * 201)
    assert str(caught.value) == "原因有 201 个字，太长了。请写在 200 个字以内。"


@pytest.mark.parametrize("state", ["pending", "withdrawn", "paid", ""])
def test_review_to_another_state_is_refused(cast: Cast, visits: list[Visit], state: str) -> None:
    with pytest.raises(ReviewError) as caught:
        review_visits(by=cast.reviewer, visits=all_of_them(), state=state, reason="x")
    assert str(caught.value) == "请选：通过、退回或无效。"


def test_review_of_nothing_is_no_error(cast: Cast) -> None:
    assert review_visits(by=cast.reviewer, visits=Visit.objects.none(), state="valid")["decided"] == 0


# Who may


def test_review_with_foreign_rows_is_refused_whole(cast: Cast, visits: list[Visit]) -> None:
    make_visit(cast.other_worker, make_elder(cast.other_group))
    with pytest.raises(NotAllowed) as caught:
        review_visits(by=cast.reviewer, visits=all_of_them(), state="valid")
    assert str(caught.value) == "里面有不是本镇的记录。请重新筛选。"
    assert states() == ["pending"] * 4


@pytest.mark.parametrize(
    "who", ["worker", "cadre", "head", "officer", "approver", "auditor", "admin", "disabled"]
)
def test_review_by_somebody_else_is_refused(cast: Cast, visits: list[Visit], who: str) -> None:
    with pytest.raises(NotAllowed):
        review_visits(by=getattr(cast, who), visits=all_of_them(), state="valid")
    assert states() == ["pending"] * 3


def test_review_of_ones_own_visits_is_refused_whole(cast: Cast, system: User, visits: list[Visit]) -> None:
    appoint(
        by=system,
        user=cast.worker,
        role=Role.TOWN_REVIEWER,
        place=cast.town,
        starts_on=cast.worker.joined_at.date(),
    )
    both = User.objects.get(pk=cast.worker.pk)
    with pytest.raises(ReviewError) as caught:
        review_visits(by=both, visits=all_of_them(), state="valid")
    assert str(caught.value) == "里面有您自己的探访记录，请同事来审核。"
    assert states() == ["pending"] * 3


@pytest.mark.parametrize("rows", [1, 3])
def test_review_costs_as_much_for_three_as_for_one(cast: Cast, visits: list[Visit], rows: int) -> None:
    chosen = Visit.objects.filter(pk__in=[visit.pk for visit in visits[:rows]])
    reviewer = User.objects.get(pk=cast.reviewer.pk)
    with CaptureQueriesContext(connection) as queries:
        review_visits(by=reviewer, visits=chosen, state="valid")
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 10


# By itself


def fresh(cast: Cast, elder: Elder, hours: float) -> Visit:
    """A visit that was received so many hours ago."""
    received_at = timezone.now() - timedelta(hours=hours)
    return log_visit(
        by=cast.worker, worker=cast.worker, visit_id=uuid4(), elders=[elder.pk], mode="phone", outcome="spoke",
        started_at=received_at.replace(hour=4, minute=0) - timedelta(days=1), received_at=received_at,
    ).visit  # fmt: skip


@pytest.mark.parametrize(("hours", "accepted"), [(23.9, 0), (24.1, 1)])
def test_unflagged_is_accepted_a_day_after_it_was_received(
    cast: Cast, system: User, elder: Elder, hours: float, accepted: int
) -> None:
    visit = fresh(cast, elder, hours)
    assert accept_unflagged(by=system) == accepted
    visit.refresh_from_db()
    assert visit.state == ("valid" if accepted else "pending")


def test_accepted_by_policy_says_so(cast: Cast, system: User, visits: list[Visit]) -> None:
    assert accept_unflagged(by=system) == 3
    visit = Visit.objects.get(pk=visits[0].pk)
    assert (visit.state, visit.reviewed_by, visit.review_reason) == ("valid", system, "按政策自动通过")


def test_accepted_once(cast: Cast, system: User, visits: list[Visit]) -> None:
    assert [accept_unflagged(by=system), accept_unflagged(by=system)] == [3, 0]
    assert Review.objects.count() == 3


def test_flagged_waits_for_a_person(cast: Cast, system: User, elder: Elder) -> None:
    make_visit(cast.worker, elder, at="2025-03-04 22:00")
    assert (accept_unflagged(by=system), states()) == (0, ["pending"])


def test_imported_is_never_accepted_by_itself(cast: Cast, system: User, visits: list[Visit]) -> None:
    Visit.objects.filter(pk=visits[0].pk).update(imported=True)
    assert (accept_unflagged(by=system), states()) == (2, ["pending", "valid", "valid"])


@pytest.mark.parametrize("state", ["returned", "invalid"])
def test_what_somebody_has_decided_stays(cast: Cast, system: User, elder: Elder, state: str) -> None:
    make_visit(cast.worker, elder, state=state)
    assert (accept_unflagged(by=system), states()) == (0, [state])


def test_hours_until_accepted_are_policy(cast: Cast, system: User, elder: Elder) -> None:
    fresh(cast, elder, 30)
    PolicyVersion.objects.filter(series="care").update(values={"auto_accept_hours": 48})
    assert accept_unflagged(by=system) == 0
