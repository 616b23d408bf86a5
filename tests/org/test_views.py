"""Signing in and out, the password, large type, and the pages for whoever is lost."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from visitcare.org.models import User

PASSWORD = "糖坊村5组的老槐树"
FIRST = "48151623"


@pytest.fixture
def worker(cast: Cast) -> User:
    cast.worker.set_password(PASSWORD)
    cast.worker.save()
    return cast.worker


@pytest.fixture
def newcomer(cast: Cast) -> User:
    """With a first password."""
    cast.worker.set_password(FIRST)
    cast.worker.must_change_password = True
    cast.worker.save()
    return cast.worker


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> str:
    """Where signing in leads; the page itself when it does not."""
    response = client.post("/login/", {"username": username, "password": password, **more})
    return response.headers.get("Location") or response.content.decode()


@pytest.mark.parametrize("written", ["{}", " {} ", "+86 {}"])
def test_signing_in_with_the_mobile_number(worker: User, client: Client, written: str) -> None:
    assert sign_in(client, written.format(worker.mobile)) == "/"


def test_signing_in_with_the_user_name(worker: User, client: Client) -> None:
    assert sign_in(client, worker.login) == "/"


def test_signing_in_leads_to_the_page_asked_for(worker: User, client: Client) -> None:
    assert sign_in(client, worker.mobile, next="/mine/?month=2025-02") == "/mine/?month=2025-02"


def test_wrong_password_keeps_what_was_typed(worker: User, client: Client) -> None:
    html = sign_in(client, worker.mobile, "another")
    assert "手机号或密码不对，请再看一下。" in html
    assert f'value="{worker.mobile}"' in html


def test_unknown_and_disabled_accounts_answer_alike(cast: Cast, client: Client) -> None:
    cast.disabled.set_password(PASSWORD)
    cast.disabled.save()
    answers = [sign_in(client, mobile) for mobile in (cast.disabled.mobile, "19900099999")]
    assert ["手机号或密码不对，请再看一下。" in html for html in answers] == [True, True]


def test_short_mobile_number_is_counted(worker: User, client: Client) -> None:
    html = sign_in(client, worker.mobile[:-1])
    assert "手机号是 11 位，您写了 10 位，请再看一下。" in html
    assert "手机号或密码不对" not in html


def test_empty_fields_are_asked_for(client: Client, db: None) -> None:
    html = sign_in(client, "", "")
    assert ["请写手机号。" in html, "请写密码。" in html] == [True, True]


def test_signed_in_person_is_not_asked_again(worker: User, client: Client) -> None:
    client.force_login(worker)
    assert client.get("/login/").headers["Location"] == "/"


def test_signing_out(worker: User, client: Client) -> None:
    client.force_login(worker)
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/").headers["Location"] == "/login/?next=/"


# Where signing in leads


ELSEWHERE = ["https://example.org/", "//example.org/", "///example.org", "/\\example.org", "http:example.org", "javascript:alert(1)",
             "https://testserver@example.org/", "\x08//example.org"]  # fmt: skip


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("who", ["worker", "head"])
def test_no_next_leads_elsewhere(cast: Cast, who: str, elsewhere: str) -> None:
    """By both doors, typed in or already signed in."""
    user = getattr(cast, who)
    user.set_password(PASSWORD)
    user.save()
    door = {"worker": "/login/", "head": "/admin/login/"}[who]
    said = {"username": user.mobile, "password": PASSWORD}
    typed_in, in_the_address, known = Client(), Client(), Client()
    known.force_login(user)
    answers = [typed_in.post(door, said | {"next": elsewhere}), known.get(door, {"next": elsewhere}),
               in_the_address.post(f"{door}?{urlencode({'next': elsewhere})}", said)]  # fmt: skip
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert {answer.headers["Location"] for answer in answers} <= {"/", "/admin/"}


def test_signing_out_leads_nowhere_else(cast: Cast, client: Client) -> None:
    for door in ("/logout/", "/admin/logout/"):
        client.force_login(cast.head)
        answer = client.post(door, {"next": "https://example.org/"})
        assert "example.org" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("next_page", ["/login/", "/login/?next=/login/"])
def test_signing_in_does_not_lead_to_signing_in(worker: User, client: Client, next_page: str) -> None:
    client.force_login(worker)
    assert client.get("/login/", {"next": next_page}).headers["Location"] == "/"
    assert sign_in(Client(), worker.mobile, next=next_page) == "/"


@pytest.mark.parametrize(
    "host",
    ["example.org", "testserver.example.org", "testserver:80@example.org", "testserver\\@example.org", ""],
)
def test_unknown_host_is_refused(client: Client, db: None, host: str) -> None:
    for address in ("/login/", "/", "/admin/"):
        answer = client.get(address, headers={"Host": host})
        assert (answer.status_code, "Location" in answer.headers) == (400, False)
        assert "example.org" not in answer.content.decode()


# The password


def test_first_password_leads_to_a_new_one(newcomer: User, client: Client) -> None:
    sign_in(client, newcomer.mobile, FIRST)
    for page in ("/", "/mine/", "/pay/"):
        assert client.get(page).headers["Location"] == "/password/"
    html = client.get("/password/").content.decode()
    assert "现在的密码" not in html
    done = client.post("/password/", {"new": PASSWORD, "again": PASSWORD}, follow=True)
    assert "密码改好了。" in done.content.decode()
    assert done.redirect_chain == [("/", 302)]
    newcomer.refresh_from_db()
    assert (newcomer.check_password(PASSWORD), newcomer.must_change_password) == (True, False)


def test_page_for_the_first_password_may_be_set_large_and_left_for_help(
    newcomer: User, client: Client
) -> None:
    client.force_login(newcomer)
    page = client.get("/password/").content.decode()
    assert 'action="/big/"' in page
    assert client.post("/big/", {"next": "/password/"}).headers["Location"] == "/password/"
    assert 'class="big"' in client.get("/password/").content.decode()
    assert 'href="/feedback/"' in page
    assert client.get("/feedback/").status_code == 200


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("", "", "请写新密码。"),
        (PASSWORD, "", "请把新密码再写一遍。"),
        (PASSWORD, PASSWORD[:-1], "两遍写的不一样。请再写一遍。"),
        (FIRST, FIRST, "新密码和现在的一样。请换一个。"),
        ("12345678", "12345678", "太常见"),
        ("short", "short", "8"),
        ("{mobile}", "{mobile}", "密码不能用手机号"),
    ],
)
def test_new_password_that_will_not_do(
    newcomer: User, client: Client, new: str, again: str, words: str
) -> None:
    client.force_login(newcomer)
    typed = {"new": new.format(mobile=newcomer.mobile), "again": again.format(mobile=newcomer.mobile)}
    assert words in client.post("/password/", typed).content.decode()
    newcomer.refresh_from_db()
    assert newcomer.check_password(FIRST)


def test_change_of_ones_own_asks_for_the_old_one(worker: User, client: Client) -> None:
    client.force_login(worker)
    typed = {"old": "another", "new": "秋天的银杏叶子黄", "again": "秋天的银杏叶子黄"}
    assert "现在的密码不对" in client.post("/password/", typed).content.decode()
    assert client.post("/password/", typed | {"old": PASSWORD}).headers["Location"] == "/"
    assert client.get("/mine/").status_code == 200


# Large type


def test_large_type_is_kept_with_the_person(worker: User, client: Client) -> None:
    client.force_login(worker)
    assert client.post("/big/", {"next": "/mine/"}).headers["Location"] == "/mine/"
    assert '<html lang="zh-CN" class="big"' in client.get("/").content.decode()
    client.post("/big/")
    assert '<html lang="zh-CN" class="big"' not in client.get("/").content.decode()


def test_large_type_before_signing_in_is_kept_on_the_phone(client: Client, db: None) -> None:
    client.post("/big/", {"next": "/login/"})
    assert '<html lang="zh-CN" class="big"' in client.get("/login/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "\\\\example.org", ""])
def test_large_type_leads_nowhere_else(client: Client, db: None, elsewhere: str) -> None:
    assert client.post("/big/", {"next": elsewhere}).headers["Location"] == "/"


# Pages for the lost


def test_feedback_needs_no_account(client: Client, db: None) -> None:
    response = client.get("/feedback/")
    assert (response.status_code, "民政" in response.content.decode()) == (200, True)


@pytest.mark.parametrize("who", ["anonymous", "worker", "reviewer"])
def test_missing_page_leads_home(cast: Cast, client: Client, who: str) -> None:
    if who != "anonymous":
        client.force_login(getattr(cast, who))
    response = client.get("/no/such/page/")
    assert (response.status_code, "回到首页" in response.content.decode()) == (404, True)


def test_form_without_its_token_says_what_to_do(cast: Cast) -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert (response.status_code, "重新打开这一页" in response.content.decode()) == (403, True)


def test_broken_page_needs_no_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.contrib.auth.views.LoginView.dispatch", lambda *_, **__: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/login/")
    assert (response.status_code, "不是您的错" in response.content.decode()) == (500, True)


@pytest.mark.parametrize("page", ["home", "my_visits", "my_pay", "change_password"])
def test_pages_are_not_kept_by_the_browser(cast: Cast, client: Client, page: str) -> None:
    client.force_login(cast.worker)
    assert client.get(reverse(page)).headers["Cache-Control"] == "private, no-store"
