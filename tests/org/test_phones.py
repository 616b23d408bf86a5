"""Registered phones: every session of a field worker is one, goes with it, and is ended by its owner or the town."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder, run
from tests.org.test_sessions import pretend
from tests.visits.outbox import record, visit_item
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed, issue_first_password
from visitcare.org.cards import end_all_phones, end_phone, print_cards
from visitcare.org.middleware import DAY, HOUR
from visitcare.org.models import LoginCard, Phone, User
from visitcare.org.phones import describe_browser
from visits.models import KeptBack

PASSWORD, NEW = "糖坊村5组的老槐树", "秋天的银杏叶子黄"
WECHAT = "Mozilla/5.0 (Linux; Android 10; V2001A) AppleWebKit/537.36 Chrome/86 Mobile MicroMessenger/8.0.49"


@pytest.fixture
def worker(cast: Cast) -> User:
    for user in (cast.worker, cast.second_worker, cast.head):
        user.set_password(PASSWORD)
        user.save()
    return cast.worker


def sign_in(user: User, browser: str = WECHAT, door: str = "/login/") -> Client:
    client = Client(HTTP_USER_AGENT=browser)
    answer = client.post(door, {"username": user.mobile, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(browser: Client) -> bool:
    return browser.get("/api/v1/me/").status_code == 200


def phone_of(client: Client) -> Phone:
    return Phone.objects.get(session=client.session.session_key)


# What is kept of a phone


def test_signing_in_registers_the_phone(worker: User) -> None:
    phone = phone_of(sign_in(worker))
    assert (phone.user, phone.how, phone.browser, phone.last_used_on) == (
        worker, "password", "安卓，微信", today()
    )  # fmt: skip
    assert timezone.now() - phone.registered_at < timedelta(minutes=1)


def test_offices_have_no_phones(worker: User, cast: Cast) -> None:
    for door in ("/login/", "/admin/login/"):
        assert is_in(sign_in(cast.head, door=door))
    assert not Phone.objects.exists()


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (WECHAT, "安卓，微信"),
        (
            "Mozilla/5.0 (Linux; Android 12; HarmonyOS; ANA-AN00) Chrome/99 HuaweiBrowser/14.0",
            "鸿蒙，华为浏览器",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Safari/604.1",
            "苹果手机，Safari",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/124 Safari/537.36 Edg/124", "Windows 电脑，Edge"),
        ("", "手机或电脑，浏览器"),
        ("x" * 100_000, "手机或电脑，浏览器"),
    ],
)
def test_browser_is_told_in_few_words(user_agent: str, words: str) -> None:
    assert describe_browser(user_agent) == words


def test_nothing_is_kept_that_tells_phones_apart_by_themselves(worker: User) -> None:
    client = Client(HTTP_USER_AGENT=WECHAT, REMOTE_ADDR="203.0.113.9")
    client.post("/login/", {"username": worker.mobile, "password": PASSWORD})
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM org_phone t")
        ((stored,),) = cursor.fetchall()
    assert [secret for secret in ("203.0.113.9", "V2001A", "8.0.49") if secret in stored] == []


def test_use_is_noted_once_a_day_and_costs_nothing_else(worker: User) -> None:
    client = sign_in(worker)
    yesterday = today() - timedelta(days=1)
    Phone.objects.update(last_used_on=yesterday)
    assert (asked_of_phones(client), phone_of(client).last_used_on) == ([], yesterday)
    pretend(client, began=DAY, seen=DAY + HOUR)
    assert (asked_of_phones(client) != [], phone_of(client).last_used_on) == (True, today())
    assert asked_of_phones(client) == []


def asked_of_phones(client: Client) -> list[str]:
    """The statements about phones that a page makes."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    return [query["sql"] for query in asked.captured_queries if "org_phone" in query["sql"]]


def test_session_from_before_is_registered_when_it_is_used_on_another_day(worker: User) -> None:
    client = sign_in(worker)
    Phone.objects.all().delete()
    assert is_in(client)
    pretend(client, began=DAY, seen=DAY + HOUR)
    assert is_in(client)
    assert phone_of(client).user == worker


# It goes with its session


def signs_out(client: Client) -> None:
    client.post("/logout/")


def lies_for_90_days(client: Client) -> None:
    pretend(client, began=91 * DAY, seen=91 * DAY)
    client.get("/")


def is_forgotten(client: Client) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(pk=client.session.session_key).update(expire_date=past)
    run("nightly")


@pytest.mark.parametrize("end", [signs_out, lies_for_90_days, is_forgotten])
def test_phone_goes_with_its_session(worker: User, end: Callable[[Client], None]) -> None:
    client, other = sign_in(worker), sign_in(worker)
    end(client)
    assert (is_in(client), is_in(other), list(Phone.objects.all())) == (False, True, [phone_of(other)])


def test_new_password_ends_all_other_phones(worker: User, cast: Cast) -> None:
    client, other, colleague = sign_in(worker), sign_in(worker), sign_in(cast.second_worker)
    before = phone_of(client)
    client.post("/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert set(Phone.objects.all()) == {before, phone_of(colleague)}  # before the others ask again
    assert [is_in(client), is_in(other), is_in(colleague)] == [True, False, True]
    after = phone_of(client)
    assert (after.pk, after.registered_at, after.browser) == (before.pk, before.registered_at, before.browser)
    assert after.session_id != before.session_id


def test_new_first_password_ends_all_phones_and_voids_the_card(worker: User, cast: Cast) -> None:
    client, colleague = sign_in(worker), sign_in(cast.second_worker)
    print_cards(by=cast.head, users=[worker, cast.second_worker])
    issue_first_password(by=cast.head, user=worker)
    assert list(Phone.objects.all()) == [phone_of(colleague)]
    assert not is_in(client)
    assert [card.user for card in LoginCard.objects.all()] == [cast.second_worker]


def test_disabled_account_is_out_with_the_next_request(worker: User) -> None:
    client = sign_in(worker)
    User.objects.filter(pk=worker.pk).update(is_active=False)
    assert client.get("/mine/").headers["Location"] == "/login/?next=/mine/"


def test_ended_posting_closes_the_week_with_the_next_request(worker: User, cast: Cast) -> None:
    """The phone itself stays, to be told why, and the town can end it still."""
    client = sign_in(worker)
    pages = ("/", "/mine/", "/pay/", "/register/")
    assert [client.get(page).status_code for page in pages] == [200] * 4
    worker.postings.update(ends_on=today() - timedelta(days=1))
    assert [client.get(page).status_code for page in pages] == [403, 302, 302, 404]
    assert "没有正在任职的村、组" in client.get("/").content.decode()
    assert "登录的手机" in Desk(cast.head).page(worker)
    Desk(cast.head).press(worker, "phones", phone="all")
    assert not is_in(client)


def test_who_serves_no_longer_signs_in_and_out_and_sends_what_the_phone_still_holds(
    worker: User, cast: Cast
) -> None:
    elder = make_elder(cast.group)
    worker.postings.update(ends_on=today() - timedelta(days=1))
    client = sign_in(worker)
    page = client.get("/").content.decode()
    assert ("记录没有丢" in page, 'action="/logout/"' in page) == (True, True)
    assert client.get("/healthz").status_code == 200
    sent = {"person": str(worker.pk), "items": [visit_item(record(elder))]}
    for status in (202, 202):
        (answer,) = client.post("/api/v1/sync/", sent, content_type="application/json").json()["items"]
        assert (answer["status"], answer["reason"]) == (status, "您现在没有记探访的任职。请联系镇里。")
    assert KeptBack.objects.get(received__sender=worker).state == "waiting"
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert not is_in(client)


# The town ends it


def test_town_sees_phones_and_ends_one(worker: User, cast: Cast) -> None:
    lost, kept = sign_in(worker), sign_in(worker, "Mozilla/5.0 (iPhone) Safari/604")
    desk = Desk(cast.head)
    page = desk.page(worker)
    assert [words in page for words in ("登录的手机", "安卓，微信", "苹果手机，Safari")] == [True] * 3
    told = desk.press(worker, "phones", phone=str(phone_of(lost).pk))
    assert told == ["退出了陆桂芳的这部手机，再点一下就要重新登录。"]
    assert [is_in(lost), is_in(kept)] == [False, True]
    assert lost.get("/mine/").headers["Location"] == "/login/?next=/mine/"
    event = Event.objects.get(verb="end_phone")
    assert (event.actor_name, event.about_id) == ("季海峰", str(worker.pk))
    assert "退出陆桂芳的手机：安卓，微信" in event.words


def test_town_ends_all_and_voids_the_card(worker: User, cast: Cast) -> None:
    phones = [sign_in(worker) for _ in range(3)]
    colleague = sign_in(cast.second_worker)
    print_cards(by=cast.head, users=[worker])
    desk = Desk(cast.head)
    page = desk.page(worker)
    assert ("登录卡：季海峰在" in page, "&lt;" in page) == (True, False)
    assert desk.press(worker, "phones", phone="all") == [
        "退出了陆桂芳的 3 部手机，没用的登录卡也作废了。再点一下就要重新登录。"
    ]
    assert [is_in(one) for one in (*phones, colleague)] == [False, False, False, True]
    assert not LoginCard.objects.exists()
    assert "phones" not in desk.doors(worker)


def test_phone_of_somebody_else_is_no_choice(worker: User, cast: Cast) -> None:
    sign_in(worker)
    foreign = phone_of(sign_in(cast.second_worker))
    told = Desk(cast.head).press(worker, "phones", phone=str(foreign.pk))
    assert len(told) == 1
    assert "选" in told[0]
    assert Phone.objects.filter(pk=foreign.pk).exists()


def test_phones_are_ended_by_their_owner_and_their_towns_only(worker: User, cast: Cast) -> None:
    sign_in(worker)
    able = set()
    for who, one in cast.everybody().items():
        if isinstance(one, User):
            try:
                end_all_phones(by=one, user=worker)
                able.add(who)
            except NotAllowed:
                pass
    assert able == {"worker", "head", "admin"}
    sign_in(worker)
    with pytest.raises(NotAllowed, match="只能退出自己的手机"):
        end_phone(by=cast.cadre, phone=worker.phones.get())


def test_request_under_way_does_not_bring_a_phone_back(worker: User, cast: Cast) -> None:
    client = sign_in(worker)
    session = client.session
    session["typed"] = "x"
    end_all_phones(by=cast.head, user=worker)
    with pytest.raises(UpdateError):
        session.save()
    assert not is_in(client)


# Its owner ends it


def test_owner_sees_all_phones_and_ends_another(worker: User) -> None:
    here, other = sign_in(worker), sign_in(worker, "Mozilla/5.0 (iPhone) Safari/604")
    page = here.get("/password/").content.decode()
    assert [words in page for words in ("我的手机", "安卓，微信", "（就是这部）", "苹果手机，Safari")] == [
        True
    ] * 4
    assert page.count("退出这部手机") == 1
    told = here.post(f"/phones/{phone_of(other).pk}/end/", follow=True)
    assert told.redirect_chain == [("/password/", 302)]
    assert "退出了：苹果手机，Safari" in told.content.decode()
    assert [is_in(here), is_in(other)] == [True, False]
    assert Event.objects.get(verb="end_phone").actor_name == "陆桂芳"


def test_phone_of_another_answers_as_one_that_is_not(worker: User, cast: Cast) -> None:
    here, foreign = sign_in(worker), phone_of(sign_in(cast.second_worker))
    assert here.post(f"/phones/{foreign.pk}/end/").status_code == 404
    assert Phone.objects.filter(pk=foreign.pk).exists()


def test_phones_are_seen_by_their_owner_and_who_keeps_the_account(worker: User, cast: Cast) -> None:
    sign_in(worker)
    sign_in(cast.second_worker)
    seen: dict[str, Any] = {
        who: {phone.user.login for phone in Phone.objects.visible_to(one)}
        for who, one in cast.everybody().items()
    }
    both = {"worker", "second_worker"}
    assert {who: whose for who, whose in seen.items() if whose} == {
        "worker": {"worker"}, "second_worker": {"second_worker"}, "head": both, "admin": both
    }  # fmt: skip
