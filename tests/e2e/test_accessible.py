"""Every page of a worker, by the rules of WCAG 2.2 A and AA (axe-core), at 390 px and in large type."""

from collections.abc import Callable
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from elders.models import Elder
from tests.cast import Cast
from tests.e2e.pocket import Pocket
from tests.factories import make_elder, make_visit
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import Finding, open_week

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture
def elder(cast: Cast) -> Elder:
    """Something on every page: a finding, a record that came back, somebody whom nobody has reached."""
    elder = make_elder(cast.group, date(1940, 1, 1), name="黄玉珍", phone="19900012346")
    silent = make_elder(cast.group, date(1950, 1, 1), name="施汉忠")
    open_week(by=User.objects.system(), week=Week.of(today()))
    make_visit(cast.worker, elder, at=f"{today()} 00:01", findings=[Finding("safety", ("gas",), "管子老化")])
    make_visit(cast.worker, elder, at=f"{today()} 00:02", mode="phone", state="returned")
    make_visit(cast.worker, silent, at=f"{today()} 00:03", mode="phone", outcome="no_answer")
    return elder


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:150]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("big", [False, True])
def test_worker_pages_break_no_rule(
    phone: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None], big: bool
) -> None:
    phone.goto("/login/")
    found = {"/login/": violations(phone)}
    User.objects.filter(pk=cast.worker.pk).update(big_text=big)
    sign_in(phone, cast.worker)
    silent = Elder.objects.get(name="施汉忠")
    for address in (
        *("/", "/mine/", "/pay/", "/register/", "/screening/", "/password/", "/feedback/", "/days-off/"),
        *(f"/record/{elder.household_id}/", f"/plan/{elder.household_id}/", f"/unreached/{silent.pk}/"),
    ):
        answer = phone.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        found[address] = violations(phone)
    phone.goto(f"/record/{elder.household_id}/")
    phone.locator("label.pick", has_text="上门").first.click()
    phone.get_by_role("button", name="有情况，我来说").click()
    phone.get_by_text("房子、水电、煤气").click()
    found["有情况"] = violations(phone)
    assert {address: said for address, said in found.items() if said} == {}


@pytest.mark.bad_signal
def test_pages_without_a_signal_break_no_rule(
    phone: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None]
) -> None:
    sign_in(phone, cast.worker)
    pocket = Pocket(phone, cast.worker).keep_the_week()
    pocket.lose_the_signal()
    pocket.open()
    pocket.visit("黄玉珍", mode="电话")
    pocket.waits(1)
    found = {"/": violations(phone)}
    for address in ("/mine/", f"/record/{elder.household_id}/", "/visits/other/"):
        phone.goto(address)
        expect(phone.get_by_role("heading").first).to_be_visible()
        found[address] = violations(phone)
    phone.goto(f"/record/{elder.household_id}/")
    phone.locator("label.pick", has_text="上门").first.click()
    phone.get_by_role("button", name="有情况，我来说").click()
    found["有情况"] = violations(phone)
    assert {address: said for address, said in found.items() if said} == {}


def test_rules_are_asked(phone: Page) -> None:
    phone.set_content(
        '<html lang="zh-CN"><title>页</title><main><img src="data:,"><a href="/"></a></main></html>'
    )
    assert {words.split(":")[0] for words in violations(phone)} == {"image-alt", "link-name"}
