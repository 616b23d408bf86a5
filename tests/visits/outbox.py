"""The outbox of a worker's phone on a Wednesday morning: what it sends, and what it is told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from elders.models import Elder
from tests.visits.phone import NOW
from visitcare.org.models import User

AT = NOW - timedelta(minutes=18)


def record(*elders: Elder, at: datetime = AT, mode: str = "phone", **more: Any) -> dict[str, Any]:
    """A contact that went well."""
    return {
        "schema": 1,
        "elders": [str(elder.pk) for elder in elders],
        "mode": mode,
        "outcome": "met" if mode == "home" else "spoke",
        "started_at": at.isoformat(),
        "agreed": True if mode == "home" else None,
        "sent_at": timezone.now().isoformat(),
        **more,
    }


class Phone:
    """One worker's, signed in. What is answered is (status, body)."""

    def __init__(self, user: User) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)

    def put(self, key: UUID | str, said: Mapping[str, Any]) -> tuple[int, Any]:
        return self._send(self.client.put, f"/api/v1/visits/{key}/", said)

    def correct(self, visit: UUID | str, key: UUID | str, said: Mapping[str, Any]) -> tuple[int, Any]:
        return self._send(self.client.post, f"/api/v1/visits/{visit}/corrections/", {"id": str(key), **said})

    def withdraw(self, visit: UUID | str, key: UUID | str | None = None) -> tuple[int, Any]:
        return self._send(
            self.client.post, f"/api/v1/visits/{visit}/withdrawal/", {"id": str(key or uuid4())}
        )

    def sync(self, *items: Any, app: str = "2026.48") -> list[dict[str, Any]]:
        status, body = self._send(self.client.post, "/api/v1/sync/", {"app": app, "items": items})
        assert status == 200, body
        assert datetime.fromisoformat(body["now"]).tzinfo
        answers: list[dict[str, Any]] = body["items"]
        return answers

    def kept_back(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get("/api/v1/sync/").json()["kept_back"]
        return found

    def _send(self, how: Any, address: str, said: Any) -> tuple[int, Any]:
        answer = how(address, said, content_type="application/json")
        return answer.status_code, answer.json()


def visit_item(said: Mapping[str, Any], key: UUID | None = None) -> dict[str, Any]:
    return {"kind": "visit", "id": str(key or uuid4()), "record": said}


def correction_item(visit: Any, said: Mapping[str, Any], key: UUID | None = None) -> dict[str, Any]:
    return {"kind": "correction", "id": str(key or uuid4()), "visit": str(visit), "record": said}


def withdrawal_item(visit: Any, key: UUID | None = None) -> dict[str, Any]:
    return {"kind": "withdrawal", "id": str(key or uuid4()), "visit": str(visit)}
