"""Login cards: who prints them for whom, and that one signs one phone in, once, within a week."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import segno
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import NEXT_VILLAGE, OTHER_VILLAGE, Cast, make_cast
from tests.desk import Desk
from tests.factories import in_processes, run
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org import cards
from visitcare.org.actions import NotAllowed, appoint, end_posting, issue_first_password
from visitcare.org.cards import LASTS, TOKEN_BYTES, may_print_card, print_cards, use_card
from visitcare.org.models import Division, LoginCard, PasswordTries, Phone, User

WORTHLESS = "一张登录卡只能用一次"
ASKS = "是我，登录"
PASSWORD = "糖坊村5组的老槐树"
WECHAT = "Mozilla/5.0 (Linux; Android 10; V2001A) AppleWebKit/537.36 Chrome/86 Mobile MicroMessenger/8.0.49"


def printed(by: User, user: User) -> str:
    """The address on a new card."""
    (card,) = print_cards(by=by, users=[user])
    return f"/card/{card.token}"


def is_in(browser: Client) -> bool:
    return browser.get("/api/v1/me/").status_code == 200


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    real = timezone.now

    def wait(passed: timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + passed)

    return wait


# Who prints for whom


PRINTS = {
    "head": {"worker", "second_worker", "next_worker", "visitor", "cadre"},
    "other_head": {"other_worker"},
    "admin": {"worker", "second_worker", "next_worker", "other_worker", "visitor", "cadre"},
    "cadre": {"worker", "second_worker", "visitor"},
}
"""Everybody else prints none; nobody prints for an office, a disabled account or themselves."""


def test_cards_are_printed_by_the_town_and_the_village(cast: Cast) -> None:
    people = {who: one for who, one in cast.everybody().items() if isinstance(one, User)}
    found = {
        by: {who for who, user in people.items() if may_print_card(printer, user)}
        for by, printer in people.items()
    }
    assert {by: whose for by, whose in found.items() if whose} == PRINTS
    assert not may_print_card(cast.admin, User.objects.system())


def test_card_is_refused_where_somebody_serves_elsewhere_too_or_no_more(cast: Cast) -> None:
    for village, who in ((NEXT_VILLAGE, cast.cadre), (OTHER_VILLAGE, cast.head)):
        place = Division.objects.get(code=village)
        appoint(by=User.objects.system(), user=cast.worker, role="visitor", place=place, starts_on=today())
        assert not may_print_card(who, cast.worker)
        with pytest.raises(NotAllowed, match="这几位不能：陆桂芳"):
            print_cards(by=who, users=[cast.second_worker, cast.worker])
    posting = cast.second_worker.postings.get()
    end_posting(by=cast.head, posting=posting, last_day=today() - timedelta(days=1))
    assert not may_print_card(cast.head, cast.second_worker)
    assert not LoginCard.objects.exists()


def test_where_somebody_served_once_counts_too(cast: Cast) -> None:
    """Their own records of that time open with the card as well."""
    able = []
    for village in (NEXT_VILLAGE, OTHER_VILLAGE):
        span = {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 6, 30)}
        cast.worker.postings.create(role="visitor", place_id=village, **span)
        able.append([may_print_card(one, cast.worker) for one in (cast.cadre, cast.head, cast.admin)])
    assert able == [[False, True, True], [False, False, True]]


def test_printing_is_recorded_and_the_token_stored_nowhere(cast: Cast) -> None:
    (card,) = print_cards(by=cast.cadre, users=[cast.worker])
    event = Event.objects.get(verb="print_card")
    assert (event.actor_name, event.words, event.about_id) == (
        "朱卫东", "给陆桂芳打印了登录卡", str(cast.worker.pk)
    )  # fmt: skip
    assert event.area_code == cast.group.code
    with connection.cursor() as cursor:
        for table in ("org_logincard", "audit_event", "org_phone"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            assert card.token not in str(cursor.fetchall())
    assert (card.user, card.place, card.last_day) == (
        cast.worker, "滨江镇永安村1组", timezone.localdate() + timedelta(days=6)
    )  # fmt: skip


def test_tokens_are_long_and_never_the_same(cast: Cast) -> None:
    assert TOKEN_BYTES * 8 >= 128
    tokens = {print_cards(by=cast.head, users=[cast.worker])[0].token for _ in range(20)}
    assert len(tokens) == 20
    assert all(cards.TOKEN_FORM.fullmatch(token) for token in tokens)


# On paper


def picture_of(address: str) -> str:
    return segno.make(f"http://testserver{address}", error="m", micro=False).svg_data_uri(
        border=4, omitsize=True
    )


def test_card_bears_name_place_and_the_code_of_its_address(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "k" * 24)
    desk = Desk(cast.head)
    assert "card" in desk.doors(cast.worker)
    answer = desk.client.post(f"/admin/org/user/{cast.worker.pk}/card/")
    page = answer.content.decode()
    (sheet,) = answer.context["sheets"]
    assert [one["qr"] for one in sheet] == [picture_of("/card/" + "k" * 24)]
    assert [words in page for words in ("陆桂芳", "滨江镇永安村1组", "只能用一次")] == [True] * 3
    assert ("no-store" in answer.headers["Cache-Control"], "k" * 24 in page) == (True, False)
    assert Client().get("/card/" + "k" * 24).status_code == 200


def test_cards_of_a_list_are_printed_four_on_a_sheet_and_others_named(cast: Cast) -> None:
    desk = Desk(cast.head)
    data = {"action": "print_cards", "select_across": "1", "confirmed": "1"}
    between = desk.client.post("/admin/org/user/", data | {"confirmed": ""})
    answer = desk.client.post("/admin/org/user/", data | {"expected": str(between.context["count"])})
    assert [len(sheet) for sheet in answer.context["sheets"]] == [4, 1]
    names = [one["card"].user.name for sheet in answer.context["sheets"] for one in sheet]
    assert set(names) == {"陆桂芳", "施建国", "沈秀兰", "袁小燕", "朱卫东"}
    assert "没有打印：" in answer.content.decode()
    assert set(answer.context["left_out"]) == {"倪德才", "顾敏", "季海峰"}
    assert LoginCard.objects.count() == Event.objects.filter(verb="print_card").count() == 5


def test_list_without_anybody_who_may_have_a_card_says_so(cast: Cast) -> None:
    told = Desk(cast.head).press_all("org.user", "print_cards", rows=[cast.head, cast.reviewer])
    assert told == ["选中的人都不能打印登录卡：登录卡只给本地区现在任职的探访人员。"]


def test_too_many_cards_at_once_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visitcare.org.admin.sign_in_doors.MOST_CARDS", 1)
    told = Desk(cast.head).press_all("org.user", "print_cards", rows=[cast.worker, cast.visitor])
    assert told == ["一次最多打印 1 张，这里有 2 个人。请按村筛选，分几次打印。"]


def test_village_prints_for_its_people(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.cadre)
    page = browser.get("/cards/").content.decode()
    names = ("陆桂芳", "施建国", "袁小燕", "沈秀兰", "倪德才")
    assert [name in page for name in names] == [True, True, True, False, False]
    assert 'href="/cards/"' in browser.get("/").content.decode()
    assert "请先勾选要打印的人" in browser.post("/cards/", {}).content.decode()
    answer = browser.post("/cards/", {"workers": [str(cast.worker.pk), str(cast.visitor.pk)]})
    assert {one["card"].user for one in answer.context["sheets"][0]} == {cast.worker, cast.visitor}
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("who", ["worker", "visitor", "head"])
def test_nobody_else_finds_the_page_of_the_village(cast: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get("/cards/").status_code == 403
    assert 'href="/cards/"' not in client.get("/feedback/").content.decode()


def test_printing_for_many_asks_no_more_of_each_but_to_write(cast: Cast) -> None:
    """The list of a village costs the same for many people."""

    def look() -> int:
        with CaptureQueriesContext(connection) as asked:
            cards.card_holders(User.objects.get(pk=cast.cadre.pk))
        return len(asked)

    before = look()
    for number in range(5):
        user = User.objects.create(login=f"n{number}", name=f"人{number}", mobile=f"1990007200{number}")
        appoint(by=cast.head, user=user, role="visitor", place=cast.village, starts_on=today())
    assert (look(), len(cards.card_holders(cast.cadre))) == (before, 8)


# Opening the address


def test_looking_uses_nothing_up_and_tells_little(cast: Cast) -> None:
    address = printed(cast.head, cast.worker)
    for browser in (Client(), Client(), Client(HTTP_USER_AGENT="WeChat prefetch")):
        answer = browser.get(address)
        page = answer.content.decode()
        assert (answer.status_code, ASKS in page, "陆** 吗？" in page) == (200, True, True)
        told = ("陆桂芳", "永安村", "滨江镇", cast.worker.mobile, cast.worker.login, str(cast.worker.pk))
        assert [words for words in told if words in page] == []
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert browser.head(address).status_code == 200
        assert not is_in(browser)
    assert LoginCard.objects.count() == 1


def test_card_signs_in_once(cast: Cast) -> None:
    address = printed(cast.head, cast.worker)
    phone, another = Client(HTTP_USER_AGENT=WECHAT), Client()
    done = phone.post(address, follow=True)
    assert (done.redirect_chain, is_in(phone)) == ([("/", 302)], True)
    assert "登录好了" in done.content.decode()
    registered = Phone.objects.get(user=cast.worker)
    assert (registered.how, registered.browser, registered.last_used_on) == ("card", "安卓，微信", today())
    assert int(phone.cookies["sessionid"]["max-age"]) == 90 * 24 * 3600
    assert Event.objects.get(verb="use_card").actor_name == "陆桂芳"
    for method in (another.get, another.post):
        answer = method(address)
        assert (answer.status_code, WORTHLESS in answer.content.decode()) == (404, True)
    assert not is_in(another)


def test_button_asks_for_the_token_of_its_page(cast: Cast) -> None:
    """Nobody is signed in as somebody else by a stranger's page."""
    address = printed(cast.head, cast.worker)
    phone = Client(enforce_csrf_checks=True)
    answer = phone.post(address)
    assert (answer.status_code, f'href="{address}"' in answer.content.decode()) == (403, True)
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', phone.get(address).content.decode())
    assert token
    assert phone.post(address, {"csrfmiddlewaretoken": token[1]}).status_code == 302
    assert is_in(phone)


WAYS_TO_DIE: dict[str, Callable[[Cast, Any], object]] = {
    "after a week": lambda cast, later: later(LASTS),
    "replaced": lambda cast, later: print_cards(by=cast.cadre, users=[cast.worker]),
    "new first password": lambda cast, later: issue_first_password(by=cast.head, user=cast.worker),
    "voided": lambda cast, later: cards.end_all_phones(by=cast.head, user=cast.worker),
    "disabled": lambda cast, later: User.objects.filter(pk=cast.worker.pk).update(is_active=False),
    "posting ended": lambda cast, later: cast.worker.postings.update(ends_on=today() - timedelta(days=1)),
    "went to the next village": lambda cast, later: appoint(
        by=cast.head, user=cast.worker, role="visitor", place=cast.next_village, starts_on=today()
    ),
    "became a cadre": lambda cast, later: appoint(
        by=cast.head, user=cast.worker, role="village_cadre", place=cast.village, starts_on=today()
    ),
    "its printer serves no longer": lambda cast, later: cast.cadre.postings.update(
        ends_on=today() - timedelta(days=1)
    ),
    "went to an office": lambda cast, later: appoint(
        by=User.objects.system(), user=cast.worker, role="town_reviewer", place=cast.town, starts_on=today()
    ),
}


@pytest.mark.parametrize("way", WAYS_TO_DIE)
def test_dead_card_answers_as_one_that_never_was(cast: Cast, later: Any, way: str) -> None:
    address = printed(cast.cadre, cast.worker)
    WAYS_TO_DIE[way](cast, later)
    assert answers_to(address) == answers_to(f"/card/{'x' * 24}")


def answers_to(address: str) -> list[Any]:
    """To somebody who looks, and who presses all the same."""
    phone = Client()
    answers = [phone.get(address), phone.post(address), phone.head(address)]
    assert not is_in(phone)
    masked = [re.sub(rb'value="[^"]+"', b"", answer.content) for answer in answers]
    assert WORTHLESS in answers[0].content.decode()
    return [(answer.status_code, page) for answer, page in zip(answers, masked, strict=True)]


def test_card_outlives_a_second_group_of_the_village(cast: Cast) -> None:
    address = printed(cast.cadre, cast.worker)
    appoint(
        by=cast.head, user=cast.worker, role="grid_worker", place=cast.second_group, starts_on=today()
    )  # fmt: skip
    assert Client().post(address).headers["Location"] == "/"


def test_who_came_by_card_and_goes_to_an_office_signs_in_anew(cast: Cast) -> None:
    phone = Client()
    phone.post(printed(cast.head, cast.worker))
    assert phone.get("/mine/").status_code == 200
    appoint(
        by=User.objects.system(), user=cast.worker, role="town_reviewer", place=cast.town, starts_on=today()
    )
    assert phone.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert not is_in(phone)


def test_card_lives_for_a_week(cast: Cast, later: Any) -> None:
    address = printed(cast.head, cast.worker)
    later(LASTS - timedelta(minutes=1))
    assert ASKS in Client().get(address).content.decode()
    run("nightly")
    assert LoginCard.objects.count() == 1
    later(LASTS)
    run("nightly")
    assert LoginCard.objects.count() == 0


def test_card_is_not_used_where_its_owner_is_signed_in_already(cast: Cast) -> None:
    address = printed(cast.head, cast.worker)
    phone = Client()
    phone.force_login(cast.worker)
    for method in (phone.get, phone.post):
        answer = method(address, follow=True)
        assert answer.redirect_chain == [("/", 302)]
        assert "登录卡没有用掉" in answer.content.decode()
    assert LoginCard.objects.count() == 1


@pytest.mark.parametrize("who", ["second_worker", "head"])
def test_somebody_else_is_to_sign_out_first(cast: Cast, who: str) -> None:
    address = printed(cast.head, cast.worker)
    phone, other = Client(), getattr(cast, who)
    phone.force_login(other)
    for method in (phone.get, phone.post):
        page = method(address).content.decode()
        assert (f"现在登录的是{other.name}" in page, ASKS in page) == (True, False)
    assert LoginCard.objects.count() == 1
    assert phone.post("/logout/", {"next": address}).headers["Location"] == address
    phone.post(address)
    assert phone.get("/api/v1/me/").json()["name"] == "陆桂芳"


# A first password that waits


@pytest.fixture
def newcomer(cast: Cast) -> User:
    """With a first password that lies at home."""
    issue_first_password(by=cast.head, user=cast.worker)
    return User.objects.get(pk=cast.worker.pk)


def test_card_leads_to_the_week_past_a_first_password(cast: Cast, newcomer: User) -> None:
    phone = Client()
    assert phone.post(printed(cast.head, newcomer), follow=True).redirect_chain == [("/", 302)]
    page = phone.get("/mine/")
    assert (page.status_code, 'class="tabs"' in page.content.decode()) == (200, True)
    newcomer.refresh_from_db()
    assert newcomer.must_change_password


def test_who_came_by_card_changes_the_first_password_by_typing_it(cast: Cast, newcomer: User) -> None:
    """Whoever found the phone does not take the account over with it."""
    first = issue_first_password(by=cast.head, user=newcomer)
    phone = Client()
    phone.post(printed(cast.head, newcomer))
    assert "现在的密码" in phone.get("/password/").content.decode()
    assert "请写现在的密码" in phone.post("/password/", {"new": PASSWORD, "again": PASSWORD}).content.decode()
    answer = phone.post("/password/", {"old": first, "new": PASSWORD, "again": PASSWORD})
    assert answer.headers["Location"] == "/"
    assert is_in(phone)


def test_account_without_any_password_is_used_by_card(cast: Cast) -> None:
    desk = Desk(cast.head)
    assert desk.listed("org.user", sign_in="none") != []
    address, phone = printed(cast.head, cast.worker), Client()
    assert cast.worker not in desk.listed("org.user", sign_in="none")
    phone.post(address)
    page = phone.get("/password/").content.decode()
    assert ("您还没有密码，用登录卡登录就行" in page, 'name="new"' in page) == (True, False)
    assert cast.worker not in desk.listed("org.user", sign_in="none")


# Guessing


def test_wrong_tokens_cost_one_look_and_hinder_nobody(cast: Cast) -> None:
    for user in (cast.worker, cast.second_worker):
        user.set_password(PASSWORD)
        user.save()
    address = printed(cast.head, cast.visitor)
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for number in range(300):
        guess = f"/card/{number:024}"
        with CaptureQueriesContext(connection) as asked:
            answer = stranger.post(guess) if number % 2 else stranger.get(guess)
        assert (answer.status_code, len(asked)) == (404, 1)
    assert not PasswordTries.objects.exists()
    assert not Phone.objects.exists()
    phone = Client(REMOTE_ADDR="203.0.113.9")
    assert phone.post(address).headers["Location"] == "/"
    for user in (cast.worker, cast.second_worker):
        other = Client(REMOTE_ADDR="203.0.113.9")
        said = {"username": user.mobile, "password": PASSWORD}
        assert other.post("/login/", said).headers["Location"] == "/"


@pytest.mark.parametrize("odd", ["x", "x" * 23, "x" * 25, "x" * 8000, "%F0%9F%98%80" * 24, "..", "%20" * 24])
def test_what_is_no_token_is_answered_without_the_database(client: Client, odd: str) -> None:
    answer = client.get(f"/card/{odd}")
    assert (answer.status_code, WORTHLESS in answer.content.decode()) == (404, True)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_at_once_gets_in() -> None:
    cast = make_cast()
    (card,) = print_cards(by=cast.head, users=[cast.worker])

    def use() -> None:
        if use_card(token=card.token) is None:
            raise ValueError("too late")

    answers = in_processes(*[use] * 6)
    assert sorted(answers) == ["", *["ValueError: too late"] * 5]
    assert Event.objects.filter(verb="use_card").count() == 1


# Whose rows


def test_cards_are_seen_where_they_are_printed(cast: Cast) -> None:
    print_cards(by=cast.admin, users=[cast.worker, cast.other_worker])
    seen = {
        who: {card.user.login for card in LoginCard.objects.visible_to(one)}
        for who, one in cast.everybody().items()
    }
    assert {who: whose for who, whose in seen.items() if whose} == {
        "cadre": {"worker"}, "head": {"worker"}, "other_head": {"other_worker"}, "admin": {"worker", "other_worker"}
    }  # fmt: skip
