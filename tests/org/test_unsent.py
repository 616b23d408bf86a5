"""A form that cannot be taken is carried along: whose, what of it, and how far."""

import base64
import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.cast import Cast
from visitcare.kit.encryption import keyring, unseal
from visitcare.org.actions import issue_first_password
from visitcare.org.models import User

PASSWORD = "糖坊村5组的老槐树"
HERE = {"Origin": "http://testserver"}
AGAIN = {"reason": ["“两遍”\r\n<都>没接", "再说"], "mode": ["phone"]}
TYPED = {"reason": ["“两遍”\r\n<都>没接", "再说"], "mode": "phone"}


@pytest.fixture
def worker(cast: Cast) -> User:
    cast.worker.set_password(PASSWORD)
    cast.worker.save()
    return cast.worker


def hidden(answer: Any) -> dict[str, list[str]]:
    """The hidden fields of a page's main form."""
    form = answer.content.decode().partition("<main")[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, text in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        if name != "csrfmiddlewaretoken":
            found.setdefault(name, []).append(unescape(text))
    return found


def ways_out(answer: Any) -> list[str]:
    """Links and buttons that would leave the page, and what it carries, behind."""
    html = answer.content.decode().partition("<body")[2]
    return re.findall(r'<a [^>]*href="([^"]+)"', html) + re.findall(r'action="(/big/|/logout/)"', html)


def target(answer: Any) -> str:
    html = answer.content.decode().partition("<main")[2]
    return unescape(re.findall(r'<form class="card" method="post" action="([^"]*)"', html)[0])


def post(client: Client, address: str, said: Any, headers: Any = HERE) -> Any:
    return client.post(address, said, headers=headers)


def typed_by(user: User) -> dict[str, Any]:
    """A form that somebody opened and filled in."""
    return TYPED | {"written_by": str(user.pk)}


@pytest.mark.parametrize(
    "address", ["/record/{}/?mode=phone", "/admin/visits/visit/{}/return/", "/admin/org/user/add/"]
)
def test_form_of_nobody_is_carried_through_signing_in(worker: User, client: Client, address: str) -> None:
    asked = post(client, address.format(uuid4()), typed_by(worker))
    assert (asked.status_code, asked.headers["Cache-Control"]) == (403, "private, no-store")
    assert "刚才的还没有办成，但填的都还在" in asked.content.decode()
    assert "没接" not in asked.content.decode()
    assert ways_out(asked) == []
    carried = hidden(asked)
    again = post(client, "/login/", carried | {"username": worker.mobile, "password": PASSWORD})
    assert target(again) == asked.request["PATH_INFO"] + ("?mode=phone" if "?" in address else "")
    assert hidden(again) == AGAIN | {"written_by": [str(worker.pk)]}
    assert ways_out(again) == ["/"]
    assert "private, no-store" in again.headers["Cache-Control"]


def test_person_with_a_first_password_changes_it_on_the_way(worker: User, cast: Cast, client: Client) -> None:
    first = issue_first_password(by=cast.head, user=worker)
    carried = hidden(post(client, "/mine/", typed_by(worker)))
    password = post(client, "/login/", carried | {"username": worker.mobile, "password": first})
    assert (target(password), ways_out(password)) == ("/password/", [])
    wrong = post(client, "/password/", hidden(password) | {"new": PASSWORD, "again": "another"})
    assert "两遍写的不一样" in wrong.content.decode()
    again = post(client, "/password/", hidden(wrong) | {"new": PASSWORD, "again": PASSWORD})
    assert (target(again), hidden(again)["mode"]) == ("/mine/", ["phone"])


def test_form_opened_before_a_first_password_came_is_carried_past_it(
    worker: User, cast: Cast, client: Client
) -> None:
    first = issue_first_password(by=cast.head, user=worker)
    assert post(client, "/login/", {"username": worker.mobile, "password": first}).headers["Location"] == "/"
    password = post(client, "/mine/", typed_by(worker))
    assert (password.status_code, target(password)) == (403, "/password/")
    again = post(client, "/password/", hidden(password) | {"new": PASSWORD, "again": PASSWORD})
    assert (target(again), hidden(again)["mode"]) == ("/mine/", ["phone"])


def test_form_with_a_token_of_before_is_offered_again(worker: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(worker)
    again = post(client, "/mine/?mode=phone", typed_by(worker) | {"csrfmiddlewaretoken": "x" * 64})
    assert again.status_code == 403
    assert target(again) == "/mine/?mode=phone"
    assert hidden(again) == AGAIN | {"written_by": [str(worker.pk)]}


def test_signing_in_twice_at_once_still_carries(worker: User) -> None:
    """The second page to sign in holds a token of before, and finds somebody signed in."""
    carried = hidden(post(Client(), "/mine/", typed_by(worker)))
    client = Client(enforce_csrf_checks=True)
    client.force_login(worker)
    again = post(client, "/login/", carried | {"username": worker.mobile, "password": PASSWORD})
    assert (target(again), hidden(again)["mode"]) == ("/mine/", ["phone"])


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}])
def test_what_a_strangers_page_sends_is_not_carried(worker: User, client: Client, headers: Any) -> None:
    assert post(client, "/mine/", typed_by(worker), headers).headers["Location"] == "/login/?next=/mine/"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(worker)
    carried = hidden(post(Client(), "/mine/", typed_by(worker)))
    for said in (typed_by(worker), carried):
        answer = post(strict, "/mine/", said, headers)
        assert (answer.status_code, hidden(answer)) == (403, {})
        assert "重新打开这一页" in answer.content.decode()


def test_what_was_forged_is_not_carried(worker: User, client: Client) -> None:
    sealed = hidden(post(client, "/mine/", typed_by(worker)))["unsent"][0]
    for forged in (sealed[:-1], "x" + sealed, "", "x", "k1:", "k1:AAAA", keyring().encrypt('["x", "/", []]')):
        said = {"unsent": forged, "username": worker.mobile, "password": PASSWORD}
        assert post(Client(), "/login/", said).headers["Location"] == "/"


def test_what_was_typed_is_not_to_be_read_in_the_page(worker: User, client: Client) -> None:
    sealed = hidden(post(client, "/mine/", typed_by(worker)))["unsent"][0]
    assert not sealed.isascii() or "reason" not in str(base64.b64decode(sealed.partition(":")[2]))
    assert unseal(sealed).startswith("unsent form:")


def test_nobody_else_is_offered_it(worker: User, cast: Cast, client: Client) -> None:
    """On a shared phone the next one signs in: under their name nothing is saved that they have not written."""
    cast.second_worker.set_password(PASSWORD)
    cast.second_worker.save()
    carried = hidden(post(client, "/mine/", typed_by(worker)))
    next_one = post(
        client, "/login/", carried | {"username": cast.second_worker.mobile, "password": PASSWORD}
    )
    assert next_one.headers["Location"] == "/"
    assert "是另一个账号填的，没有记到您的名下" in client.get("/").content.decode()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.second_worker)
    assert post(strict, "/mine/", typed_by(worker)).headers["Location"] == "/"


def test_search_and_filters_of_an_ended_session_ask_for_nothing_but_signing_in(
    client: Client, db: None
) -> None:
    asked = post(client, "/admin/elders/elder/?town=320681101", {"find": "1", "q": "黄玉珍"})
    assert asked.headers["Location"] == "/admin/login/?next=/admin/elders/elder/%3Ftown%3D320681101"


@pytest.mark.parametrize("address", ["/login/", "/admin/login/", "/password/"])
def test_passwords_are_not_carried(worker: User, address: str) -> None:
    said = {"username": "x", "password": PASSWORD, "new": PASSWORD, "again": PASSWORD}
    for client in (Client(enforce_csrf_checks=True), Client()):
        answer = post(client, address, said)
        assert (hidden(answer).keys() <= {"next"}, PASSWORD in answer.content.decode()) == (True, False)


def test_signing_out_of_an_ended_session_asks_for_nothing(client: Client, db: None) -> None:
    assert post(client, "/logout/", {}).headers["Location"] == "/login/"
    assert post(client, "/admin/logout/", {}).status_code in (200, 302)
