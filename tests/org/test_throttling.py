"""Wrong passwords: what they cost, whom they slow down, for how long; counted once, whichever process counts."""

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import BrokenBarrierError
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import Cast, make_cast
from tests.desk import Desk
from tests.factories import in_processes, run
from visitcare.org import throttling
from visitcare.org.actions import issue_first_password
from visitcare.org.forms import refuse_too_early
from visitcare.org.models import PasswordTries, User
from visitcare.org.throttling import FREE_TRIES, key_of, key_of_account, take_try, wait_after

PASSWORD = "糖坊村5组的老槐树"
NOBODY = "19900099999"
WRONG, WAIT = "手机号或密码不对", "密码错了太多次"


@pytest.fixture
def worker(cast: Cast) -> User:
    for user in (cast.worker, cast.second_worker):
        user.set_password(PASSWORD)
        user.save()
    return cast.worker


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let time pass: `later(minutes=1)`."""
    passed = timedelta()
    real = timezone.now

    def wait(**by: float) -> None:
        nonlocal passed
        passed += timedelta(**by)
        monkeypatch.setattr(timezone, "now", lambda: real() + passed)

    return wait


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A password hashed is an entry here."""
    done: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        done.append(salt)
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return done


def sign_in(username: str, password: str = PASSWORD, *, door: str = "/login/") -> str:
    """Where it leads, or the page itself; each time from another browser."""
    answer = Client().post(door, {"username": username, "password": password})
    return answer.headers.get("Location") or answer.content.decode()


def slow_down(username: str, tries: int = FREE_TRIES) -> None:
    for _ in range(tries):
        assert WAIT not in sign_in(username, "another")


# The rule


def test_waits_grow_up_to_a_quarter_of_an_hour() -> None:
    waits = {
        tries: wait_after(tries) // timedelta(minutes=1) for tries in (0, 9, 10, 11, 12, 13, 14, 15, 999)
    }
    assert waits == {0: 0, 9: 0, 10: 1, 11: 2, 12: 4, 13: 8, 14: 15, 15: 15, 999: 15}


def test_slowed_account_says_how_long_to_wait_also_to_the_right_password(
    worker: User, later: Callable[..., None]
) -> None:
    slow_down(worker.mobile)
    assert "请过 1 分钟再试，没到时间，写对了也进不去。" in sign_in(worker.mobile)
    later(seconds=61)
    assert WRONG in sign_in(worker.mobile, "another")
    assert "请过 2 分钟再试" in sign_in(worker.mobile)
    later(seconds=61)
    assert "请过 1 分钟再试" in sign_in(worker.mobile)
    later(seconds=61)
    assert sign_in(worker.mobile) == "/"


def test_tries_during_the_wait_do_not_make_it_longer(worker: User, later: Callable[..., None]) -> None:
    slow_down(worker.mobile)
    for _ in range(30):
        assert WAIT in sign_in(worker.mobile, "another")
    later(seconds=61)
    assert sign_in(worker.mobile) == "/"


def test_neither_colleagues_nor_open_sessions_notice(worker: User, cast: Cast, client: Client) -> None:
    client.force_login(worker)
    slow_down(worker.mobile)
    assert sign_in(cast.second_worker.mobile) == "/"
    assert client.get("/").status_code == 200
    typed = {"old": PASSWORD, "new": "秋天的银杏叶子黄", "again": "秋天的银杏叶子黄"}
    assert client.post("/password/", typed).headers["Location"] == "/"


def test_three_thousand_behind_one_address_do_not_wait_for_one(worker: User) -> None:
    slow_down(worker.mobile)
    crowd = [key_of_account(User(login=f"n{number}")) for number in range(3_000)]
    assert len({*crowd, key_of_account(worker)}) == 3_001
    assert [wait for key in crowd[::20] if (wait := take_try(key))] == []
    assert WAIT in sign_in(worker.mobile)


def test_all_doors_and_all_writings_count_together(worker: User, cast: Cast) -> None:
    head = cast.head
    head.set_password(PASSWORD)
    head.save()
    writings = (head.mobile, f"+86 {head.mobile}", head.login)
    for number in range(FREE_TRIES):
        sign_in(writings[number % 3], "another", door=("/login/", "/admin/login/")[number % 2])
    assert [
        WAIT in sign_in(name, door=door) for name in writings for door in ("/login/", "/admin/login/")
    ] == [True] * 6


def test_right_password_forgets_the_wrong_ones(worker: User) -> None:
    for _ in range(3):
        slow_down(worker.mobile, FREE_TRIES - 1)
        assert sign_in(worker.mobile) == "/"


def test_a_day_without_tries_forgets_them(worker: User, later: Callable[..., None]) -> None:
    slow_down(worker.mobile)
    later(days=1, minutes=1)
    slow_down(worker.mobile)


def test_new_first_password_needs_no_waiting(worker: User, cast: Cast) -> None:
    slow_down(worker.mobile)
    assert "还要等 1 分钟才能再试" in Desk(cast.head).page(worker)
    assert sign_in(worker.mobile, issue_first_password(by=cast.head, user=worker)) == "/"
    assert "才能再试" not in Desk(cast.head).page(worker)


def test_guessing_in_an_open_session_is_slowed_too(worker: User, client: Client, hashes: list[str]) -> None:
    client.force_login(worker)
    typed = {"old": "another", "new": "秋天的银杏叶子黄", "again": "秋天的银杏叶子黄"}
    for _ in range(FREE_TRIES):
        assert "现在的密码不对" in client.post("/password/", typed).content.decode()
    hashes.clear()
    assert WAIT in client.post("/password/", typed | {"old": PASSWORD}).content.decode()
    guess = typed | {"old": "another", "new": PASSWORD, "again": "another"}
    assert "和现在的一样" not in client.post("/password/", guess).content.decode()
    assert hashes == []
    assert sign_in(worker.mobile) == "/"


def test_new_password_is_not_the_present_one(worker: User, client: Client) -> None:
    client.force_login(worker)
    typed = {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}
    assert "新密码和现在的一样。请换一个。" in client.post("/password/", typed).content.decode()
    first = issue_first_password(by=User.objects.system(), user=worker)
    worker.refresh_from_db()
    client.force_login(worker)
    assert "新密码和现在的一样" in client.post("/password/", {"new": first, "again": first}).content.decode()


def test_each_is_sent_to_whoever_may_help(worker: User, cast: Cast) -> None:
    town, admin = "请打电话给镇民政办", "请找系统管理员"
    for words in (*[WRONG] * (FREE_TRIES // 2), WAIT):
        for door, helper in (("/login/", town), ("/admin/login/", admin)):
            page = sign_in(cast.head.mobile, "another", door=door)
            assert (words in page, helper in page.partition(words)[2][:80]) == (True, True)
    for user, helper in ((worker, town), (cast.head, admin)):
        browser = Client()
        browser.force_login(user)
        assert f"忘了密码，{helper}" in browser.post("/password/", {"old": "another"}).content.decode()


# What a stranger learns, and what it costs


@pytest.mark.parametrize("name", [NOBODY, f"+86 {NOBODY}", "nobody"])
def test_nobodys_name_is_slowed_as_an_accounts(worker: User, name: str) -> None:
    slow_down(name)
    waits = [sign_in(writing).count("请过 1 分钟再试") for writing in (name, f" {name} ")]
    assert waits == [1, 1]


def test_no_account_is_told_by_the_work_it_makes(worker: User, cast: Cast, hashes: list[str]) -> None:
    cast.disabled.set_password(PASSWORD)
    cast.disabled.save()
    names = [worker.mobile, worker.login, NOBODY, "nobody", cast.disabled.mobile, cast.cadre.mobile, "system"]
    costs = {}
    for name in names:
        sign_in(name, "another")
        hashes.clear()
        with CaptureQueriesContext(connection) as asked:
            html = sign_in(name, "another")
        costs[name] = (len(hashes), len(asked), WRONG in html)
    assert set(costs.values()) == {costs[NOBODY]}
    assert costs[NOBODY][0] == 1


def test_slowed_account_costs_no_hash(worker: User, hashes: list[str]) -> None:
    for name in (worker.mobile, NOBODY):
        slow_down(name)
        hashes.clear()
        assert WAIT in sign_in(name)
        assert WAIT in sign_in(name, "another")
        assert hashes == []


def test_table_holds_nothing_that_was_typed(worker: User) -> None:
    for name in (worker.mobile, worker.login, NOBODY, "nobody"):
        sign_in(name, "another")
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM org_passwordtries t")
        stored = "\n".join(row for (row,) in cursor.fetchall())
    assert len(stored.splitlines()) == 3
    secrets = (
        worker.mobile,
        worker.login,
        NOBODY,
        "nobody",
        "another",
        str(worker.pk),
        str(worker.mobile_index),
    )
    assert [secret for secret in secrets if secret in stored] == []


def test_nightly_deletes_what_no_longer_counts(worker: User, later: Callable[..., None]) -> None:
    slow_down(NOBODY)
    run("nightly")
    assert PasswordTries.objects.count() == 1
    later(days=1, minutes=1)
    run("nightly")
    assert PasswordTries.objects.count() == 0


# Several processes


@pytest.mark.django_db(transaction=True)
def test_processes_count_together_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody meets after reading and before writing; who holds the lock meets nobody and goes on alone."""
    worker, many = make_cast().worker, FREE_TRIES + 4
    barrier = multiprocessing.get_context("fork").Barrier(many)
    go_on = throttling.wait_left

    def meet(*arguments: Any) -> Any:
        with suppress(BrokenBarrierError):
            barrier.wait(1)
        return go_on(*arguments)

    monkeypatch.setattr(throttling, "wait_left", meet)
    key = key_of(worker.mobile)
    answers = in_processes(*[lambda: refuse_too_early(take_try(key), "")] * many)
    assert (answers.count(""), sum(WAIT in answer for answer in answers)) == (FREE_TRIES, 4)
    assert PasswordTries.objects.get().tries == FREE_TRIES
