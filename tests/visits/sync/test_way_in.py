"""Who may send, and what a sender is told where it is not about one record."""

from uuid import uuid4

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from elders.models import Elder
from tests.cast import Cast
from tests.test_outage import full_disk
from tests.visits.outbox import Phone, record
from visits.models import Received, Visit


def test_nobody_else_can_be_named(cast: Cast, phone: Phone, elder: Elder) -> None:
    phone.put(uuid4(), record(elder) | {"worker": str(cast.visitor.pk), "state": "valid", "flagged": False})
    assert (Visit.objects.get().worker, Visit.objects.get().state) == (cast.worker, "pending")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"a": "' + b"x" * 262_144 + b'"}', "application/json", 413),
        (b"{", "application/json", 400),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"", "application/octet-stream", 400),
        (b"{}", "application/json", 400),
    ],
)
def test_body_that_is_none_is_answered_with_a_problem(
    phone: Phone, body: bytes, kind: str, status: int
) -> None:
    answer = phone.client.generic("PUT", f"/api/v1/visits/{uuid4()}/", body, content_type=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert not Received.objects.exists()


def test_whoever_has_a_first_password_still_is_told_so(cast: Cast, elder: Elder) -> None:
    """A redirect to a page would look to a program as if all had gone well."""
    cast.worker.must_change_password = True
    cast.worker.save()
    status, body = Phone(cast.worker).put(uuid4(), record(elder))
    assert (status, body["title"], Received.objects.exists()) == (403, "请先修改初始密码", False)


@pytest.mark.parametrize(
    ("full", "kept"), [("visits_received", 0), ("visits_visit", 1), ("visits_visitedelder", 1)]
)
def test_database_without_room_asks_to_come_back_and_what_was_kept_stays(
    phone: Phone, elder: Elder, full: str, kept: int
) -> None:
    key, said = uuid4(), record(elder)
    with full_disk(full):
        answer = phone.client.put(f"/api/v1/visits/{key}/", said, content_type="application/json")
        assert (answer.status_code, answer.headers["Retry-After"], answer.json()["status"]) == (
            503,
            "60",
            503,
        )
    assert (Received.objects.count(), Visit.objects.count()) == (kept, 0)
    assert phone.put(key, said)[0] == 201


def test_openapi_describes_every_answer(client: Client) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()
    validate_schema(schema)
    said = {
        (path.removeprefix("/api/v1/"), method): set(operation["responses"])
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if method in ("put", "post") or "sync" in path
    }
    of_one = {"200", "201", "400", "403", "404", "409", "413", "422", "429", "503"}
    assert said == {
        ("visits/{id}/", "put"): of_one | {"202"},
        ("visits/{id}/corrections/", "post"): of_one | {"202"},
        ("visits/{id}/withdrawal/", "post"): of_one,
        ("visits/{visit}/photos/{photo}/", "put"): of_one - {"429"} | {"415"},
        ("sync/", "get"): {"200"},
        ("sync/", "post"): {"200", "400", "403", "413", "422", "429", "503"},
    }
    record_asked = schema["components"]["schemas"]["Record"]
    assert set(record_asked["properties"]) == set(record(Elder())) | {
        "notes",
        "findings",
        "answers",
        "position",
    }
    assert set(record_asked["required"]) == {"elders", "mode", "outcome", "started_at"}


def test_forged_request_is_refused(cast: Cast, elder: Elder) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.worker)
    answer = client.put(f"/api/v1/visits/{uuid4()}/", record(elder), content_type="application/json")
    assert (answer.status_code, Received.objects.count()) == (403, 0)
