"""No signal: what is tapped stays on the phone and goes out by itself."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import open_week
from visits.models import Visit


@pytest.fixture
def elder(cast: Cast) -> Elder:
    elder = make_elder(cast.group, date(1950, 1, 1), name="黄玉珍", phone="19900012346")
    open_week(by=User.objects.system(), week=Week.of(today()))
    return elder


@pytest.fixture
def week(phone: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None]) -> Page:
    """本周探访 on a phone that keeps the list and the pages."""
    sign_in(phone, cast.worker)
    phone.goto("/")
    kept = "navigator.serviceWorker.ready.then(() => indexedDB.databases()).then((all) => all.length)"
    assert phone.evaluate(kept) == 1
    phone.wait_for_function("caches.keys().then((names) => names.length)")
    phone.wait_for_timeout(1500)
    return phone


def test_record_without_a_signal_goes_out_when_there_is_one(week: Page, elder: Elder) -> None:
    week.context.set_offline(True)
    week.goto("/")
    week.screenshot(path="/tmp/w/shots/offline-week.png", full_page=True)
    week.locator("li.card", has_text="黄玉珍").get_by_role("link", name="记录").click()
    week.locator("label.pick", has_text="上门").first.click()
    week.screenshot(path="/tmp/w/shots/offline-record.png", full_page=True)
    week.get_by_role("button", name="一切正常").click()
    expect(week.get_by_text("已存在手机，等待发送 1 条")).to_be_visible()
    week.screenshot(path="/tmp/w/shots/offline-after.png", full_page=True)
    assert Visit.objects.count() == 0
