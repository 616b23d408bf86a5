"""What each kind of answer tells the browser: a policy, no frames, no guessing, no traces in caches."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as in_force
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.cast import Cast
from tests.factories import make_elder

PASSWORD = "糖坊村5组的老槐树"
STRICT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
OFFICE = STRICT.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OF_PAGES = {**EVERYWHERE, "X-Frame-Options": "DENY"}
"""(The policy says the same of frames to newer browsers.)"""

Ask = Callable[[Client, Cast], HttpResponse]


def broken(client: Client, cast: Cast) -> HttpResponse:
    """An address that fails on the server."""
    client.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("visits.queries.cards_of_week", lambda *_: 1 / 0)
        return client.get("/")


def elder(client: Client, cast: Cast) -> HttpResponse:
    return client.get(f"/admin/elders/elder/{make_elder(cast.group).pk}/change/")


def record(client: Client, cast: Cast) -> HttpResponse:
    return client.get(f"/record/{make_elder(cast.group).household_id}/")


def at(address: str) -> Ask:
    return lambda client, cast: client.get(address)


ANSWERS: list[tuple[str, str, Ask, int, str]] = [
    # who, what, how it is asked for, status, policy
    ("", "sign-in", at("/login/"), 200, STRICT),
    ("", "sign-in of offices", at("/admin/login/"), 200, OFFICE),
    ("", "way to the sign-in", at("/mine/"), 302, STRICT),
    ("", "feedback", at("/feedback/"), 200, STRICT),
    ("", "missing page", at("/no/such/page/"), 404, STRICT),
    ("", "stale token", lambda c, _: Client(enforce_csrf_checks=True).post("/login/"), 403, STRICT),
    ("", "unknown host", lambda c, _: c.get("/login/", headers={"Host": "elsewhere.example"}), 400, STRICT),
    ("", "process", at("/healthz"), 200, STRICT),
    ("", "API", at("/api/v1/me/"), 403, STRICT),
    ("worker", "week", at("/"), 200, STRICT),
    ("worker", "records", at("/mine/"), 200, STRICT),
    ("worker", "pay", at("/pay/"), 200, STRICT),
    ("worker", "password", at("/password/"), 200, STRICT),
    ("worker", "form", record, 200, STRICT),
    ("worker", "API", at("/api/v1/me/"), 200, STRICT),
    ("worker", "visits by API", at("/api/v1/visits/"), 200, STRICT),
    ("worker", "missing page", at("/no/such/page/"), 404, STRICT),
    ("worker", "broken page", broken, 500, STRICT),
    ("worker", "signing out", lambda c, _: c.post("/logout/"), 302, STRICT),
    ("head", "day's work", at("/admin/"), 200, OFFICE),
    ("head", "list", at("/admin/elders/elder/"), 200, OFFICE),
    ("head", "elder", elder, 200, OFFICE),
    ("head", "form", at("/admin/org/user/add/"), 200, OFFICE),
    ("head", "missing page", at("/admin/no/such/page/"), 404, STRICT),
    ("head", "missing row", at("/admin/elders/elder/nobody/change/"), 302, OFFICE),
    ("reviewer", "forbidden page", at("/admin/org/user/add/"), 403, STRICT),
    ("head", "API described", at("/api/v1/docs/"), 200, STRICT.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "ask", "status", "policy"),
    [(who, *rest) for who, _, *rest in ANSWERS],
    ids=[f"{what}, {who or 'nobody'}" for who, what, *_ in ANSWERS],
)
def test_answer_says(cast: Cast, client: Client, who: str, ask: Ask, status: int, policy: str) -> None:
    if who:
        client.force_login(getattr(cast, who))
    answer = ask(client, cast)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in OF_PAGES} == OF_PAGES
    assert directives(answer.headers["Content-Security-Policy"]) == directives(policy)
    assert "Strict-Transport-Security" not in answer.headers  # only over HTTPS
    if who:
        kept = answer.headers["Cache-Control"]
        assert ("private" in kept, "no-store" in kept) == (True, True)


def directives(policy: str) -> list[str]:
    """In no order that matters."""
    return sorted(part.strip() for part in policy.split(";") if part.strip())


def test_static_file_is_not_guessed_at(db: None, client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "care.js").write_text("1")
    answer: Any = client.get("/static/care.js")
    answer.close()
    assert (answer.status_code, "no-store" in answer.headers["Cache-Control"]) == (200, False)
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE


def test_cookies_are_for_the_server_alone(cast: Cast, client: Client) -> None:
    cast.worker.set_password(PASSWORD)
    cast.worker.save()
    client.get("/login/")
    client.post("/login/", {"username": cast.worker.mobile, "password": PASSWORD})
    client.post("/big/")
    client.post("/password/", {"old": PASSWORD, "new": "秋天的银杏叶子黄", "again": "秋天的银杏叶子黄"})
    found = {
        name: (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"])
        for name, cookie in client.cookies.items()
    }
    assert found == dict.fromkeys(("csrftoken", "sessionid", "big", "messages"), (True, "Lax", "/", ""))


def test_every_page_over_https_asks_to_stay_there(client: Client, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    for address in ("/login/", "/no/such/page/", "/healthz"):
        answer: Any = client.get(address, secure=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_policy_is_enforced_not_reported() -> None:
    assert not getattr(in_force, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
