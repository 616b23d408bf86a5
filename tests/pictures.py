"""The pictures of the README and the manual, taken of a running demo county: `make pictures` after `make run`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import DESK, FLAGS, PHONE, chromium

PASSWORD = "Tanfang-2026"
"""Of all accounts of the demo county."""
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "manual" / "images"


class Photographer:
    """Signs people in and takes what their screens show."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address

    def enter(self, login: str, *, desk: bool) -> Page:
        device = DESK if desk else PHONE | {"device_scale_factor": 1.5}
        context = self.browser.new_context(
            base_url=self.address, locale="zh-CN", timezone_id="Asia/Shanghai", **device
        )
        page = context.new_page()
        page.goto("/admin/login/" if desk else "/login/")
        page.locator("[name=username]").fill(login)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_load_state()
        return page

    def take(self, page: Page, name: str, *, full: bool = False) -> None:
        page.wait_for_load_state()
        page.screenshot(path=FOLDER / f"{name}.png", full_page=full)


def of_the_worker(camera: Photographer) -> None:
    phone = camera.enter("wangge", desk=False)
    camera.take(phone, "week")
    phone.locator("li.card").first.get_by_role("link", name="记录").click()
    camera.take(phone, "record")
    phone.locator("label.pick", has_text="上门").first.click()
    phone.get_by_role("button", name="有情况，我来说").click()
    phone.get_by_text("房子、水电、煤气").click()
    camera.take(phone, "details")
    phone.goto("/mine/")
    camera.take(phone, "mine")
    phone.goto("/pay/")
    phone.get_by_role("heading", name="补贴单").scroll_into_view_if_needed()
    camera.take(phone, "pay")


def of_the_village(camera: Photographer) -> None:
    phone = camera.enter("cungan", desk=False)
    phone.goto("/register/")
    phone.get_by_label("姓名，或身份证号码、后四位").fill("俞文")
    phone.get_by_role("button", name="找一找").click()
    phone.get_by_role("button", name="新登记").last.click()
    phone.get_by_role("button", name="下一步").last.click()
    phone.get_by_role("button", name="先不改，往下填").click()
    phone.goto(f"{phone.url.split('?')[0]}?step=living")
    camera.take(phone, "register-phone")
    phone.goto("/register/")
    phone.locator("summary", has_text="不要了").first.click()
    phone.get_by_role("button", name="删掉这份").first.click()


def of_the_town(camera: Photographer) -> None:
    desk = camera.enter("zhenshenhe", desk=True)
    camera.take(desk, "today")
    desk.goto("/admin/visits/visit/?flagged=yes")
    desk.locator("#result_list tbody a").first.click()
    camera.take(desk, "review")
    desk.goto("/admin/elders/elder/add/")
    camera.take(desk, "register")
    head = camera.enter("zhenfuze", desk=True)
    head.goto("/admin/elders/elder/?class=A")
    head.locator("#result_list tbody a").first.click()
    camera.take(head, "why")
    head.locator("summary", has_text="打印登记表").click()
    head.locator("#print_reason").fill("存档")
    head.get_by_role("button", name="打印登记表").click()
    camera.take(head, "annex3")
    head.goto("/admin/subsidies/settlement/")
    head.locator("#result_list tbody a").first.click()
    camera.take(head, "settlement")


def of_the_county(camera: Photographer) -> None:
    desk = camera.enter("shijingban", desk=True)
    camera.take(desk, "county")
    desk.goto("/admin/subsidies/settlement/")
    camera.take(desk, "settlements")


ALBUM: tuple[Callable[[Photographer], None], ...] = (
    of_the_worker,
    of_the_village,
    of_the_town,
    of_the_county,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000")
    address = parser.parse_args().address
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium(), args=FLAGS) as browser,
    ):
        for pictures in ALBUM:
            pictures(Photographer(browser, address))


if __name__ == "__main__":
    main()
