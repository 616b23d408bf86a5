"""Many records at once: one that is bad holds up no other, and what they cost."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from psycopg2.errors import DeadlockDetected

from elders.models import Assignment, Elder, StandIn
from tests.cast import Cast
from tests.factories import make_elder, make_visit
from tests.visits.outbox import AT, Phone, record, visit_item
from tests.visits.phone import TODAY, later
from visits.actions import measure
from visits.models import KeptBack, Received, Visit


def test_household_of_another_day_of_the_batch_is_not_opened(cast: Cast, phone: Phone) -> None:
    """What is judged alone and what is judged among others comes to the same."""
    named = make_elder(cast.next_group)
    day = TODAY - timedelta(days=1)
    Assignment.objects.create(household=named.household, worker=cast.worker, starts_on=day, ends_on=day)
    stood_in = make_elder(cast.second_group)
    StandIn.objects.create(
        absent=cast.second_worker,
        substitute=cast.worker,
        town=cast.town,
        handed_over=[cast.town.code],
        starts_on=day,
        ends_on=day,
        reason="住院",
    )
    said = [record(one, at=AT - timedelta(days=n), mode="home") for one in (named, stood_in) for n in (0, 1)]
    together = phone.sync(*map(visit_item, said))
    Visit.objects.all().delete()
    alone = [phone.sync(visit_item(one))[0] for one in said]
    assert [answer["status"] for answer in together] == [202, 201, 202, 201]
    assert [(one["status"], one["words"]) for one in together] == [
        (one["status"], one["words"]) for one in alone
    ]


def test_one_bad_item_holds_up_none(cast: Cast, phone: Phone, elder: Elder) -> None:
    foreign = make_elder(cast.next_group)
    first, third = visit_item(record(elder)), visit_item(record(elder, at=AT - timedelta(hours=1)))
    answers = phone.sync(
        first, visit_item(record(foreign)), third, {"kind": "visit", "id": "x", "record": record(elder)}, "junk",
        {"kind": "fax", "id": str(uuid4())}, visit_item(record(elder) | {"mode": "fax"}),
    )  # fmt: skip
    assert [answer["status"] for answer in answers] == [201, 202, 201, 422, 422, 422, 422]
    assert [answer["id"] for answer in answers[:3:2]] == [first["id"], third["id"]]
    assert [list(answer["errors"]) for answer in answers[3:]] == [
        ["id"],
        ["kind", "id", "record"],
        ["kind", "record"],
        ["mode"],
    ]
    # What has neither a key nor a record is answered and not kept.
    assert (Visit.objects.count(), Received.objects.count()) == (2, 6)


def test_batch_is_answered_in_its_order_and_again_the_same(phone: Phone, elder: Elder) -> None:
    items = [visit_item(record(elder, at=AT - timedelta(hours=hours))) for hours in (3, 1, 2)]
    for status in (201, 200):
        answers = phone.sync(*items)
        assert [(answer["id"], answer["status"]) for answer in answers] == [
            (item["id"], status) for item in items
        ]
    assert Received.objects.count() == 3


def test_item_that_is_twice_in_a_batch_is_one_visit(phone: Phone, elder: Elder) -> None:
    item = visit_item(record(elder))
    assert [answer["status"] for answer in phone.sync(item, item)] == [201, 200]


def test_batch_of_more_than_a_hundred_is_refused(phone: Phone, elder: Elder) -> None:
    status, body = phone._send(
        phone.client.post, "/api/v1/sync/", {"items": [visit_item(record(elder))] * 101}
    )
    assert (status, list(body["errors"]), Received.objects.count()) == (422, ["items"], 0)


def test_unforeseen_error_costs_its_own_item_alone(
    cast: Cast, phone: Phone, elder: Elder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It stays kept, the log says where and nothing of what was written, and it is taken when the error is gone."""
    from visits.actions.intake import Intake

    bad, take = uuid4(), Intake.take

    def broken(intake: Intake, record: Any) -> Any:
        if record.id == bad:
            raise RuntimeError(elder.name)
        return take(intake, record)

    items = [visit_item(record(elder, at=AT - timedelta(hours=hours))) for hours in (1, 2)]
    batch = [items[0], visit_item(record(elder), bad), items[1]]
    with monkeypatch.context() as patch:
        patch.setattr(Intake, "take", broken)
        assert [answer["status"] for answer in phone.sync(*batch)] == [201, 503, 201]
        assert phone.put(bad, record(elder))[0] == 503
    assert ("RuntimeError" in caplog.text, elder.name in caplog.text) == (True, False)
    assert (Visit.objects.count(), Received.objects.count(), KeptBack.objects.count()) == (2, 3, 0)
    assert [answer["status"] for answer in phone.sync(*batch)] == [200, 201, 200]


@pytest.mark.parametrize("many", [1, 2])
def test_deadlock_is_tried_again(
    cast: Cast, phone: Phone, elder: Elder, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """The database is not away: it has asked one of two to give way."""
    from visits.actions.intake import Intake

    store, crossed = Intake.store, [True]

    def give_way(intake: Intake) -> None:
        if crossed and crossed.pop():
            raise OperationalError from DeadlockDetected()
        store(intake)

    monkeypatch.setattr(Intake, "store", give_way)
    items = [visit_item(record(elder, at=AT - timedelta(hours=hours))) for hours in range(many)]
    assert [answer["status"] for answer in phone.sync(*items)] == [201] * many


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_LETTERS"])
def test_nobody_sends_without_end(
    cast: Cast, phone: Phone, elder: Elder, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Until tomorrow: nothing is lost, for it stays on the phone."""
    monkeypatch.setattr(measure, "_seen", {})
    for hour in range(3):
        assert phone.put(uuid4(), record(elder, at=AT - timedelta(hours=hour)))[0] == 201
    sizes = [len(body) for body in Received.objects.values_list("body", flat=True)]
    monkeypatch.setattr(measure, limit, 3 if limit == "MOST_ROWS" else sum(sizes))
    said = record(elder, at=AT - timedelta(hours=4))
    for answer in (
        phone.client.put(f"/api/v1/visits/{uuid4()}/", said, content_type="application/json"),
        phone.client.post("/api/v1/sync/", {"items": [visit_item(said)]}, content_type="application/json"),
    ):
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(14 * 3600))
        assert "都还在手机上" in answer.json()["detail"]
    assert (Visit.objects.count(), Received.objects.count()) == (3, 3)
    assert Phone(cast.visitor).put(uuid4(), said)[0] == 201  # of somebody else
    later(monkeypatch, hours=14)
    assert phone.put(uuid4(), said)[0] == 201


# What it costs


def statements(send: Callable[[], Any]) -> list[str]:
    """What is asked of the database beside session, user and savepoints."""
    with CaptureQueriesContext(connection) as asked:
        send()
    beside = ("SAVEPOINT", "django_session", 'FROM "org_user"')
    return [one["sql"] for one in asked if not any(words in one["sql"] for words in beside)]


@pytest.mark.parametrize(("doubtful", "cost"), [(False, 9), (True, 10)])
def test_visit_costs_ten_statements_with_its_inbox_and_flags(
    cast: Cast, phone: Phone, elder: Elder, doubtful: bool, cost: int
) -> None:
    if doubtful:
        make_visit(cast.visitor, elder, at="2025-03-05 09:00", mode="phone")
    asked = statements(lambda: phone.put(uuid4(), record(elder)))
    assert len(asked) == cost, asked
    assert Visit.objects.filter(worker=cast.worker, flagged=doubtful).count() == 1


def test_batch_costs_what_one_costs(cast: Cast, phone: Phone) -> None:
    elders = [make_elder(cast.group) for _ in range(20)]
    for some in (elders[:1], elders[1:]):
        items = [visit_item(record(elder)) for elder in some]
        assert len(statements(partial(phone.sync, *items))) == 9
    assert Visit.objects.filter(flagged=False).count() == 20
