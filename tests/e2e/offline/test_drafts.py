"""What is being filled in stays on the phone: whatever dies, and however slow the phone is."""

import json
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.pocket import Pocket, stored
from visitcare.org.actions import NotAllowed
from visits.models import Referral, Visit
from visits.views import record

pytestmark = pytest.mark.bad_signal
TAP_AT_ONCE = """
new MutationObserver((_, watch) => {
  const pick = document.querySelector("form#record input[name=mode][value=home]");
  if (!pick) return;
  watch.disconnect();
  pick.click();
}).observe(document, { childList: true, subtree: true });
"""
"""上门 is tapped the moment it is there, before any script of the page has come."""


def chosen(pocket: Pocket) -> list[str]:
    """The ways of visiting that the drafts on the phone say."""
    return [value for draft in pocket.drafts() for name, value in draft["fields"] if name == "mode"]


def leave_for_hours(pocket: Pocket, mode: str) -> None:
    """A record is begun, and the page comes back in the afternoon."""
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text=mode).first.click()
    pocket.until(lambda: bool(chosen(pocket)))
    assert "started_at" not in dict(pocket.drafts()[0]["fields"])
    pocket.change("drafts", "{ ...row, at: row.at - 3 * 3600 * 1000 }")
    pocket.page.reload()
    expect(pocket.page.get_by_text("有一次没写完的")).to_be_visible()


def test_page_that_dies_loses_nothing_that_was_typed(pocket: Pocket) -> None:
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_role("button", name="有情况，我来说").click()
    pocket.page.get_by_text("身体和精神").click()
    pocket.page.locator("label.pick", has_text="走路不稳").click()
    pocket.page.get_by_label("说几句").first.fill("昨天在门口摔了")
    address = pocket.page.url
    again = pocket.page.context.new_page()
    pocket.page.close()
    again.goto(address)
    expect(again.get_by_label("说几句").first).to_be_visible()
    expect(again.get_by_label("说几句").first).to_have_value("昨天在门口摔了")
    expect(again.get_by_text("已选：走路不稳")).to_be_visible()
    again.get_by_role("button", name="保存这次记录").click()
    expect(again.get_by_text("记好了")).to_be_visible()
    assert Referral.objects.get().words == "昨天在门口摔了"


def test_form_left_hours_ago_is_offered_and_not_its_time(pocket: Pocket) -> None:
    leave_for_hours(pocket, "上门")
    expect(pocket.page.locator("input[name=mode][value=home]")).not_to_be_checked()
    pocket.page.get_by_role("button", name="接着写").click()
    expect(pocket.page.locator("input[name=mode][value=home]")).to_be_checked()
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert timezone.now() - Visit.objects.get().started_at < timedelta(minutes=5)


def test_call_leaves_what_is_being_written_of_a_visit(pocket: Pocket) -> None:
    pocket.visit_by("上门", "有情况，我来说")
    pocket.page.get_by_text("身体和精神").click()
    pocket.page.get_by_label("说几句").first.fill("昨天在门口摔了")
    pocket.until(lambda: "摔了" in json.dumps(pocket.drafts(), ensure_ascii=False))
    pocket.open()
    card = pocket.card("黄玉珍")
    card.get_by_role("link", name="打电话").click()
    card.get_by_role("button", name="没人接").click()
    pocket.until(lambda: stored() == [("phone", "no_answer", "pending")])
    assert "摔了" in json.dumps(pocket.drafts(), ensure_ascii=False)


def test_tap_before_the_scripts_have_come_is_kept(pocket: Pocket) -> None:
    pocket.page.add_init_script(TAP_AT_ONCE)
    pocket.open_record("黄玉珍")
    pocket.until(lambda: chosen(pocket) == ["home"])


def test_tap_before_the_scripts_have_come_counts_more_than_what_was_left(pocket: Pocket) -> None:
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="电话").first.click()
    pocket.until(lambda: chosen(pocket) == ["phone"])
    pocket.page.add_init_script(TAP_AT_ONCE)
    pocket.page.reload()
    pocket.until(lambda: chosen(pocket) == ["home"])
    expect(pocket.page.locator("input[name=mode][value=home]")).to_be_checked()


def test_form_left_hours_ago_stays_beside_a_new_one(pocket: Pocket) -> None:
    leave_for_hours(pocket, "电话")
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.until(lambda: chosen(pocket) == ["home"])
    pocket.page.reload()
    expect(pocket.page.locator("input[name=mode][value=home]")).to_be_checked()
    expect(pocket.page.get_by_text("有一次没写完的")).to_be_visible()
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    pocket.open_record("黄玉珍")
    pocket.page.get_by_role("button", name="接着写").click()
    expect(pocket.page.locator("input[name=mode][value=phone]")).to_be_checked()


def test_form_left_hours_ago_and_refused_is_gone(pocket: Pocket) -> None:
    leave_for_hours(pocket, "电话")
    pocket.page.get_by_role("button", name="不要了").click()
    pocket.until(lambda: pocket.drafts() == [])
    pocket.page.reload()
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.until(lambda: chosen(pocket) == ["home"])
    expect(pocket.page.get_by_text("有一次没写完的")).to_have_count(0)


def test_time_that_was_written_outlives_a_page_with_mistakes(pocket: Pocket) -> None:
    """A phone that is full sends its form as a page, and the page that comes back is not opened for a visit of now."""
    then = (timezone.localtime() - timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    pocket.open_record("黄玉珍")
    pocket.fill_up()
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_text("改时间").click()
    pocket.page.get_by_label("哪天几点？").fill(f"{then:%Y-%m-%dT%H:%M}")
    with pytest.MonkeyPatch.context() as server:
        server.setattr(
            record, "log_visit", Mock(side_effect=NotAllowed("镇里正在改这户的分工，请再点一次。"))
        )
        pocket.page.get_by_role("button", name="一切正常").click()
        expect(pocket.page.get_by_text("请再点一次")).to_be_visible()
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert Visit.objects.get().started_at == then
