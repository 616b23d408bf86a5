import time

import pytest
from django.test import Client

from tests.cast import Cast
from visitcare.org.middleware import BEGAN, DAY, HOUR, SEEN

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


def test_post_into_an_ended_session_changes_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.worker)
    client.get("/")
    pretend(client, began=91 * DAY, seen=91 * DAY)
    answer = client.post(
        "/password/", {"old": "", "new": "another long one 2025", "again": "another long one 2025"}
    )
    assert answer.status_code == 302
    password = cast.worker.password
    cast.worker.refresh_from_db()
    assert cast.worker.password == password
