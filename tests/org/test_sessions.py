import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.desk import Desk
from tests.factories import run
from visitcare.org.middleware import BEGAN, DAY, HOUR, SEEN
from visitcare.org.models import User

TOLD = "为了保护老人的信息，请重新登录"


def pretend(client: Client, *, began: int, seen: int) -> None:
    """The session began and was last used so many seconds ago."""
    session, now = client.session, int(time.time())
    session[BEGAN], session[SEEN] = now - began, now - seen
    session.save()


@pytest.mark.parametrize(
    ("who", "page", "began", "seen", "lasts"),
    [
        ("worker", "/", 89 * DAY, 89 * DAY, True),
        ("worker", "/", 300 * DAY, DAY, True),
        ("worker", "/", 91 * DAY, 91 * DAY, False),
        ("worker", "/", 367 * DAY, DAY, False),
        ("visitor", "/", 89 * DAY, 89 * DAY, True),
        *[
            (who, "/admin/", *rest)
            for who in ("reviewer", "head", "officer", "approver", "auditor", "admin")
            for rest in (
                (3 * HOUR, 3 * HOUR, True),
                (11 * HOUR, HOUR, True),
                (5 * HOUR, 5 * HOUR, False),
                (13 * HOUR, HOUR, False),
            )
        ],
    ],
)
def test_session_lasts(
    cast: Cast, client: Client, who: str, page: str, began: int, seen: int, lasts: bool
) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(page).status_code == 200
    pretend(client, began=began, seen=seen)
    answer = client.get(page, follow=True)
    assert ("login" not in answer.request["PATH_INFO"]) == lasts
    assert (TOLD in answer.content.decode()) == (not lasts)
    assert ("_auth_user_id" in client.session) == lasts


def test_last_request_is_noted_now_and_then(cast: Cast, client: Client) -> None:
    client.force_login(cast.head)
    client.get("/admin/")
    now = int(time.time())
    for ago, noted in ((60, False), (400, True)):
        pretend(client, began=HOUR, seen=ago)
        answer = client.get("/admin/")
        assert (client.session[SEEN] >= now) == noted
        assert ("sessionid" in answer.cookies) == noted
        assert client.session[BEGAN] <= now - HOUR + 5


PASSWORD, NEW = "糖坊村5组的老槐树", "秋天的银杏叶子黄"


@pytest.mark.parametrize(("ago", "changed"), [(91 * DAY, False), (89 * DAY, True)])
def test_post_into_an_ended_session_changes_nothing(
    cast: Cast, client: Client, ago: int, changed: bool
) -> None:
    cast.worker.set_password(PASSWORD)
    cast.worker.save()
    client.force_login(cast.worker)
    pretend(client, began=ago, seen=ago)
    answer = client.post("/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert answer.status_code == 302
    cast.worker.refresh_from_db()
    assert cast.worker.check_password(NEW) == changed


# Sessions of one account end together


def change_it(cast: Cast, browser: Client) -> None:
    answer = browser.post("/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert answer.headers["Location"] == "/"


def town_issues_one(cast: Cast, browser: Client) -> None:
    address = f"/admin/org/user/{cast.worker.pk}/password/"
    assert Desk(cast.head).client.post(address).status_code == 200


def disable(cast: Cast, browser: Client) -> None:
    User.objects.filter(pk=cast.worker.pk).update(is_active=False)


@pytest.mark.parametrize(("act", "goes_on"), [(change_it, True), (town_issues_one, False), (disable, False)])
def test_sessions_of_an_account_end_together(
    cast: Cast, act: Callable[[Cast, Client], None], goes_on: bool
) -> None:
    """With the next request, on pages, in the admin's sign-in and by the API; whoever changes the password stays."""
    for user in (cast.worker, cast.second_worker):
        user.set_password(PASSWORD)
        user.save()
    own, phone, tablet, colleague = browsers = [Client() for _ in range(4)]
    for browser, user in zip(browsers, (cast.worker,) * 3 + (cast.second_worker,), strict=True):
        said = {"username": user.mobile, "password": PASSWORD}
        assert browser.post("/login/", said).headers["Location"] == "/"
        assert browser.get("/mine/").status_code == 200
    act(cast, own)
    assert [is_in(own), is_in(phone), is_in(tablet), is_in(colleague)] == [goes_on, False, False, True]
    assert phone.get("/mine/").headers["Location"] == "/login/?next=/mine/"


def is_in(browser: Client) -> bool:
    return browser.get("/api/v1/me/").status_code == 200


def test_signing_in_begins_a_session_of_its_own(cast: Cast, client: Client) -> None:
    """A key that somebody else may know is of no use after it."""
    cast.worker.set_password(PASSWORD)
    cast.worker.save()
    session = client.session
    session["known"] = "to a stranger"
    session.save()
    before = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = before
    client.post("/login/", {"username": cast.worker.mobile, "password": PASSWORD})
    assert is_in(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert not is_in(stranger)


def test_signing_in_as_somebody_else_keeps_nothing_of_the_one_before(cast: Cast, client: Client) -> None:
    """The admin's door opens to somebody who is signed in as a field worker."""
    cast.head.set_password(PASSWORD)
    cast.head.save()
    client.force_login(cast.worker)
    session = client.session
    session["of_the_one_before"] = "x"
    session.save()
    client.post("/admin/login/", {"username": cast.head.mobile, "password": PASSWORD})
    assert client.get("/api/v1/me/").json()["name"] == cast.head.name
    assert "of_the_one_before" not in client.session


@pytest.mark.parametrize("address", ["/logout/", "/admin/logout/"])
def test_signing_out_takes_a_post(cast: Cast, client: Client, address: str) -> None:
    """A picture on a stranger's page must not sign anybody out."""
    client.force_login(cast.head)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert (client.get(address).status_code, is_in(client)) == (405, True)
    client.post(address)
    assert (is_in(client), Session.objects.filter(session_key=key).exists()) == (False, False)


def test_nightly_deletes_ended_sessions(cast: Cast, client: Client) -> None:
    client.force_login(cast.worker)
    other = Client()
    other.force_login(cast.head)
    Session.objects.filter(pk=other.session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    run("nightly")
    assert [is_in(client), Session.objects.count()] == [True, 1]
