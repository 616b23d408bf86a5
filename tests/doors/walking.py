"""Somebody of the cast at a door: the request, and what the answer tells."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

from django.contrib.messages import get_messages
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client

from tests.cast import Cast
from visitcare.org.models import User

SAFE = ("GET", "HEAD")
METHODS = (*SAFE, "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TURNED_AWAY = {302, 403, 404, 405}
_PASSING = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]+"|&quot;csrfmiddlewaretoken[^}]+|data-now="[^"]+"'
)
"""What differs from one answer to the next: the token, and the time."""

PASSWORD = "从前的1"
"""Of those who sign in at a form, or change it."""

OURS = ("org", "elders", "visits", "subsidies", "audit", "policy")


Sessions = dict[str, SimpleCookie]
"""What the browsers of the cast keep, by who they are."""


def sign_in(cast: Cast) -> Sessions:
    """Everybody who has an account signs in."""
    sessions = {}
    for who, person in cast.everybody().items():
        client = Client()
        if isinstance(person, User):
            client.force_login(User.objects.get(pk=person.pk))
        sessions[who] = client.cookies
    return sessions


class Walk:
    """The cast with a new browser each, in which they are signed in."""

    def __init__(self, cast: Cast, sessions: Sessions) -> None:
        self.cast = cast
        self.clients = {who: Client(raise_request_exception=False) for who in cast.everybody()}
        for who, cookies in sessions.items():
            self.clients[who].cookies = deepcopy(cookies)

    def client(self, who: str) -> Client:
        client = self.clients[who]
        client.cookies.pop("messages", None)  # what an earlier answer said, and no page has shown
        return client

    def ask(
        self, who: str, address: str, method: str = "GET", said: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        """The answer; an error of the server is one, too."""
        client = self.client(who)
        if method == "POST":
            return client.post(address, dict(said or {}))
        return client.generic(method, address)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done within is rolled back, an error of the database included."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def told(answer: HttpResponse, key: Any = "") -> tuple[int, str, list[str], str]:
    """What an answer says: status, where to, messages and page, without the key that was asked for."""
    request: Any = getattr(answer, "wsgi_request")  # noqa: B009 (the test client adds it)
    messages = [without(key, str(one)) for one in get_messages(request)]
    page = "" if answer.streaming else _PASSING.sub(b"", answer.content).decode(errors="replace")
    return answer.status_code, without(key, answer.headers.get("Location", "")), messages, without(key, page)


def without(key: Any, text: str) -> str:
    """The text without the key, but for digits that are part of another number."""
    return re.sub(rf"\b{re.escape(str(key))}\b", "", text) if key else text


def missing_like(row: models.Model) -> str:
    """A key of the same kind that no row has."""
    if isinstance(row.pk, int):
        return "999999"
    return f"{str(row.pk)[:-1]}9" if str(row.pk).isdecimal() else str(uuid4())


def fingerprint() -> dict[str, str]:
    """Every table of ours as it is, but for the count of wrong passwords: any change to any row changes it."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            if table.startswith(tuple(f"{label}_" for label in OURS)) and table != "org_passwordtries":
                cursor.execute(
                    f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
                )
                found[table] = str(cursor.fetchone()[0])
        return found
