"""A login card from the town's printer to the worker's phone, and the phone's end."""

import json
import re
from collections.abc import Callable
from io import BytesIO

import pytest
import segno
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from elders.models import Elder
from tests.browser import DESK, PHONE
from tests.cast import Cast
from tests.e2e.test_signing_in import (
    PASSWORD,
    elder,
    insist_on_one_record,
    is_answered_403,
    sign_in_again,
    type_finding,
)
from visitcare.kit.admin import page_url
from visitcare.org.models import LoginCard, Phone, User

A4 = (595, 842)
TOKEN = "Kq7_tokenOfTheTest-9zYx3"

__all__ = ["elder"]  # the fixture


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, live_server: LiveServer) -> str:
    """Of the next card."""
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: TOKEN)
    return f"{live_server.url}/card/{TOKEN}"


def paper(page: Page) -> list[str]:
    """The sheets that come out of the printer, each A4, without the spaces that a layout needs."""
    page.wait_for_load_state("networkidle")
    reader = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in reader.pages} == {A4}
    return ["".join(sheet.extract_text().split()) for sheet in reader.pages]


def insist_on_size(page: Page) -> None:
    """Text of 18 px and more; the main target 60 px, every other 44 px; nothing wider than the screen."""
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll("main *, header *"))
        .filter(one => one.offsetHeight && one.innerText && parseFloat(getComputedStyle(one).fontSize) < 18)
        .map(one => one.outerHTML)"""
    )
    assert small == []
    low = page.evaluate(
        """() => Array.from(document.querySelectorAll("a, button, label.pick"))
        .map(one => [one.innerText, one.getBoundingClientRect().height, one.className])
        .filter(([words, height, kind]) => height < (/btn-main|pick/.test(kind) ? 60 : 44))"""
    )
    assert low == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_card_signs_a_phone_in_until_the_town_ends_it(
    desk: Page,
    open_page: Callable[..., Page],
    cast: Cast,
    elder: Elder,
    address: str,
    sign_in: Callable[[Page, User], None],
    complaints: list[str],
) -> None:
    sign_in(desk, cast.head)
    desk.goto(page_url(cast.worker))
    desk.locator("summary", has_text="打印登录卡").click()
    desk.locator("details[open] button").click()
    code = desk.get_by_alt_text("陆桂芳的登录二维码")
    assert code.get_attribute("src") == segno.make(address, error="m").svg_data_uri(border=4, omitsize=True)
    assert code.evaluate("one => one.naturalWidth > 0")
    (sheet,) = paper(desk)
    assert [words in sheet for words in ("登录卡", "陆桂芳", "滨江镇永安村1组", "扫一扫", "只能用一次", "共1张")] == [
        True, True, True, True, True, False
    ]  # fmt: skip

    phone, another = (open_page(**PHONE, java_script_enabled=False) for _ in range(2))
    for _ in range(2):
        phone.goto(address)
    expect(phone.get_by_text("陆** 吗？")).to_be_visible()
    assert LoginCard.objects.count() == 1
    phone.get_by_role("button", name="是我，登录").click()
    expect(phone.get_by_role("heading", name="本周探访")).to_be_visible()
    expect(phone.get_by_text("登录好了")).to_be_visible()

    another.goto(address)
    expect(another.get_by_role("heading", name="登录卡不能用了")).to_be_visible()
    assert [re.sub(r".*?: ", "", one, count=1) for one in complaints] == [
        "Failed to load resource: the server responded with a status of 404 (Not Found)"
    ]
    complaints.clear()

    type_finding(phone, elder)
    desk.goto(page_url(cast.worker))
    desk.locator("summary", has_text="退出手机").click()
    desk.get_by_label("哪一部").select_option(str(Phone.objects.get().pk))
    desk.locator("details[open] button").click()
    expect(desk.get_by_text("退出了陆桂芳的这部手机")).to_be_visible()
    phone.get_by_role("button", name="保存").click()
    sign_in_again(phone, cast.worker.mobile, PASSWORD)
    is_answered_403(phone, complaints)
    phone.get_by_role("button", name="接着办").click()
    expect(phone.get_by_text("记好了：黄玉珍")).to_be_visible()
    insist_on_one_record(cast)


def test_village_prints_on_its_own_page_and_everything_can_be_hit(
    open_page: Callable[..., Page],
    cast: Cast,
    address: str,
    sign_in: Callable[[Page, User], None],
    complaints: list[str],
) -> None:
    village = open_page(**PHONE)
    sign_in(village, cast.cadre)
    village.goto("/")
    village.get_by_role("link", name="登录卡").click()
    insist_on_size(village)
    village.locator("label.pick", has_text="陆桂芳").click()
    village.get_by_role("button", name="打印登录卡").click()
    expect(village.get_by_alt_text("陆桂芳的登录二维码")).to_be_visible()
    assert village.evaluate("document.documentElement.scrollWidth <= innerWidth")

    phone = open_page(**PHONE)
    phone.goto(address)
    insist_on_size(phone)
    sign_in(phone, cast.second_worker)
    phone.goto(address)
    expect(phone.get_by_role("heading", name="现在登录的是施建国")).to_be_visible()
    insist_on_size(phone)
    phone.get_by_role("button", name="先退出施建国").click()
    phone.get_by_role("button", name="是我，登录").click()
    phone.get_by_role("link", name="改密码、我的手机").click()
    expect(phone.get_by_text("（就是这部）")).to_be_visible()
    insist_on_size(phone)
    worthless = open_page(**PHONE)
    worthless.goto(address)
    insist_on_size(worthless)
    complaints.clear()  # its 404


def test_cards_of_a_village_come_four_on_a_sheet(
    open_page: Callable[..., Page], cast: Cast, sign_in: Callable[[Page, User], None]
) -> None:
    User.objects.filter(pk=cast.worker.pk).update(name="阿卜杜拉·买买提江·吐尔逊")
    desk = open_page(**DESK)
    sign_in(desk, cast.head)
    desk.goto("/admin/org/user/")
    desk.locator("#action-toggle").check()
    desk.get_by_role("button", name="打印登录卡").click()
    desk.get_by_role("button", name=re.compile("打印登录卡 8 条")).click()
    first, second = paper(desk)
    assert [one.count("只能用一次") for one in (first, second)] == [4, 1]
    assert "没有打印" not in first
    cut = desk.evaluate(
        """() => Array.from(document.querySelectorAll(".login-card"))
        .filter(one => one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth)
        .map(one => one.innerText)"""
    )
    assert json.dumps(cut, ensure_ascii=False) == "[]"
