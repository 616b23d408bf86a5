"""A clerk pastes a whole ID number into the search box."""

from collections.abc import Callable
from datetime import date
from urllib.parse import unquote

from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.factories import id_number, make_elder
from visitcare.org.models import User


def test_pasted_number_finds_its_elder_and_stands_in_no_address(
    desk: Page, sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    number = id_number(date(1945, 2, 3))
    make_elder(cast.group, date(1945, 2, 3), number=number, name="施汉清")
    make_elder(cast.next_group, name="陈桂兰")
    asked: list[str] = []
    desk.on("request", lambda request: asked.extend([request.url, request.headers.get("referer", "")]))
    desk.on("framenavigated", lambda frame: asked.append(frame.url))
    sign_in(desk, cast.head)
    desk.goto("/admin/elders/elder/")
    expect(desk.get_by_text("共 2 条")).to_be_visible()

    desk.get_by_label("查找").fill(number)
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("共 1 条")).to_be_visible()
    expect(desk.get_by_role("link", name="施汉清")).to_be_visible()
    expect(desk.get_by_label("查找")).to_have_value(number)

    desk.get_by_label("状态").select_option("closed")
    expect(desk.get_by_text("没有符合条件的记录")).to_be_visible()
    expect(desk.get_by_label("查找")).to_have_value(number)
    desk.go_back()
    expect(desk.get_by_text("共 1 条")).to_be_visible()
    desk.get_by_role("link", name="施汉清").click()
    expect(desk.get_by_role("heading", name="施汉清").first).to_be_visible()
    desk.go_back()
    desk.reload()
    expect(desk.get_by_text("共 1 条")).to_be_visible()

    desk.get_by_role("link", name="清除筛选").click()
    expect(desk.get_by_text("共 2 条")).to_be_visible()
    desk.get_by_label("查找").fill(number[-4:])
    desk.get_by_role("button", name="筛选").click()
    expect(desk.get_by_text("共 1 条")).to_be_visible()
    assert desk.url.endswith(f"?q={number[-4:]}&files=own")
    assert [address for address in asked if number in unquote(address)] == []
    assert len(asked) > 20
