"""A session that ends at the wrong moment loses nothing that was typed, also without script (with it, the phone keeps and
sends: offline/); and after signing out nothing is to be seen."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, Page, expect

from elders.models import Elder
from tests.browser import DESK
from tests.cast import Cast
from tests.factories import make_elder, make_visit
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import open_week
from visits.models import Referral, Visit

PASSWORD = "糖坊村5组的老槐树"
WORDS = "灶间的“煤气”管子老化了 <急>\n& 阀门也松"


@pytest.fixture
def elder(cast: Cast) -> Elder:
    for user in (cast.worker, cast.head, cast.reviewer):
        user.set_password(PASSWORD)
        user.save()
    elder = make_elder(cast.group, date(1950, 1, 1), name="黄玉珍", phone="19900012346")
    open_week(by=User.objects.system(), week=Week.of(today()))
    return elder


def end_sessions() -> None:
    Session.objects.all().delete()


def is_answered_403(page: Page, complaints: list[str]) -> None:
    """A page that is an answer 403 stands on the console, and nothing else does."""
    assert [complaint.partition(": ")[2] for complaint in complaints] == [
        "Failed to load resource: the server responded with a status of 403 (Forbidden)"
    ]
    complaints.clear()


def sign_in_again(page: Page, name: str, *passwords: str) -> None:
    expect(page.get_by_text("刚才的还没有办成，但填的都还在")).to_be_visible()
    for password in passwords:
        page.get_by_label("手机号或用户名").fill(name)
        page.get_by_label("密码", exact=True).fill(password)
        page.get_by_role("button", name="登录").click()


def type_finding(phone: Page, elder: Elder) -> None:
    """The second step of a record, with the words of what was found."""
    phone.goto(f"/record/{elder.household_id}/?mode=home")
    phone.get_by_role("button", name="有情况，我来说").click()
    phone.get_by_text("房子、水电、煤气").click()
    phone.locator("label.pick", has_text="煤气").locator("visible=true").first.click()
    phone.locator("[name=safety_words]").fill(WORDS)


def insist_on_one_record(cast: Cast) -> None:
    visit = Visit.objects.get()
    assert (visit.worker, visit.mode, visit.outcome) == (cast.worker, "home", "met")
    referral = Referral.objects.get()
    assert (referral.kinds, referral.words.replace("\r\n", "\n")) == (["gas"], WORDS)


def test_record_of_an_ended_session_is_saved_after_signing_in(
    plain_phone: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None], complaints: list[str]
) -> None:
    phone = plain_phone
    sign_in(phone, cast.worker)
    type_finding(phone, elder)
    end_sessions()
    phone.get_by_role("button", name="保存").click()
    sign_in_again(phone, cast.worker.mobile, "another", PASSWORD)
    is_answered_403(phone, complaints)
    assert Visit.objects.count() == 0
    phone.get_by_role("button", name="接着办").click()
    expect(phone.get_by_text("记好了：黄玉珍，上门，有情况：煤气")).to_be_visible()
    insist_on_one_record(cast)


def test_record_is_saved_after_signing_in_on_another_page(
    plain_phone: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None], complaints: list[str]
) -> None:
    """The token of the open form is of the time before."""
    phone = plain_phone
    sign_in(phone, cast.worker)
    type_finding(phone, elder)
    other = phone.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="退出登录").click()
    other.get_by_label("手机号").fill(cast.worker.mobile)
    other.get_by_label("密码", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="登录").click()
    expect(other.get_by_role("heading", name="本周探访")).to_be_visible()
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("刚才填的都还在")).to_be_visible()
    is_answered_403(phone, complaints)
    phone.get_by_role("button", name="接着办").click()
    expect(phone.get_by_text("记好了：黄玉珍")).to_be_visible()
    insist_on_one_record(cast)


def test_form_of_an_office_is_saved_after_signing_in(
    desk: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None], complaints: list[str]
) -> None:
    visit = make_visit(cast.worker, elder)
    sign_in(desk, cast.reviewer)
    desk.goto(f"/admin/visits/visit/{visit.pk}/change/")
    desk.locator("summary", has_text="退回").click()
    desk.locator("details[open] [name=reason]").fill("请写清楚“哪一天”去的")
    end_sessions()
    desk.locator("details[open] button").click()
    sign_in_again(desk, cast.reviewer.login, PASSWORD)
    is_answered_403(desk, complaints)
    desk.get_by_role("button", name="接着办").click()
    desk.wait_for_url("**/admin/**")
    visit.refresh_from_db()
    assert (visit.state, visit.review_reason) == ("returned", "请写清楚“哪一天”去的")
    assert visit.reviewed_by == cast.reviewer


def test_back_button_shows_nothing_after_signing_out(
    open_page: Callable[..., Page],
    phone: Page,
    cast: Cast,
    elder: Elder,
    sign_in: Callable[[Page, User], None],
) -> None:
    desk = open_page(**DESK)
    walks = ((phone, cast.worker, f"/record/{elder.household_id}/", "退出登录", "/login/"),
             (desk, cast.head, f"/admin/elders/elder/{elder.pk}/change/", "退出", "/admin/login/"))  # fmt: skip
    for page, user, address, button, door in walks:
        sign_in(page, user)
        page.goto(address)
        expect(page.get_by_text("黄玉珍").locator("visible=true").first).to_be_visible()
        page.goto("/" if user == cast.worker else "/admin/")
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("[type=password]")).to_be_visible()
        for _ in range(2):
            with suppress(Error):  # a page that comes back asks the server at once
                page.go_back()
        expect(page.locator("[type=password]")).to_be_visible()
        assert door in page.url
        assert "黄玉珍" not in page.content()
