"""A worker's visit meets a full disk, on a phone without script (with it, the phone keeps and sends: offline/)."""

from collections.abc import Callable
from datetime import date

from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.factories import make_elder
from tests.test_outage import full_disk
from visitcare.org.models import User
from visits.models import Visit


def test_visit_that_found_no_room_is_saved_by_one_tap_when_there_is_some(
    plain_phone: Page, sign_in: Callable[[Page, User], None], cast: Cast, complaints: list[str]
) -> None:
    phone = plain_phone
    elder = make_elder(cast.group, date(1950, 1, 1), name="黄玉珍")
    sign_in(phone, cast.worker)
    phone.goto(f"/record/{elder.household_id}/")
    phone.locator("label.pick", has_text="电话").locator("visible=true").first.click()
    away = phone.get_by_role("heading", name="系统一时用不了")
    with full_disk("visits_visitedelder"):
        phone.get_by_role("button", name="一切正常").click()
        expect(away).to_be_visible()
        phone.get_by_role("button", name="再存一次").click()
        expect(away).to_be_visible()
    assert not Visit.objects.exists()
    phone.get_by_role("button", name="再存一次").click()
    expect(phone.get_by_text("记好了：黄玉珍，电话，一切正常")).to_be_visible()
    assert [(visit.mode, visit.outcome) for visit in Visit.objects.all()] == [("phone", "spoke")]
    assert all("503" in complaint for complaint in complaints)
    complaints.clear()


def test_way_back_from_the_outage_leads_to_the_form_as_it_was(
    plain_phone: Page, sign_in: Callable[[Page, User], None], cast: Cast, complaints: list[str]
) -> None:
    phone = plain_phone
    elder = make_elder(cast.group, date(1950, 1, 1), name="黄玉珍")
    sign_in(phone, cast.worker)
    phone.goto(f"/record/{elder.household_id}/")
    phone.locator("label.pick", has_text="视频").locator("visible=true").first.click()
    with full_disk("visits_visitedelder"):
        phone.get_by_role("button", name="一切正常").click()
        expect(phone.get_by_role("heading", name="系统一时用不了")).to_be_visible()
    phone.go_back()
    expect(phone.locator("input[name=mode][value=video]")).to_be_checked()
    phone.get_by_role("button", name="一切正常").click()
    expect(phone.get_by_text("记好了：黄玉珍，视频，一切正常")).to_be_visible()
    assert [visit.mode for visit in Visit.objects.all()] == ["video"]
    assert all("503" in complaint for complaint in complaints)
    complaints.clear()
