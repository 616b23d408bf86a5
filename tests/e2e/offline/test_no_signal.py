"""No signal: what is tapped stays on the phone, and can be taken back as if it had never been."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from elders.models import Elder
from tests.cast import Cast
from tests.e2e.pocket import Pocket, losing_the_answer, stored
from tests.factories import make_visit
from visitcare.org.models import User
from visits.actions import Finding
from visits.models import Referral

pytestmark = pytest.mark.bad_signal
SignIn = Callable[[Page, User], None]


def test_finding_without_a_signal_becomes_a_referral(pocket: Pocket, elder: Elder) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_role("button", name="有情况，我来说").click()
    pocket.page.get_by_text("房子、水电、煤气").click()
    pocket.page.locator("label.pick", has_text="煤气").click()
    pocket.page.get_by_label("说几句").nth(1).fill("管子老化")
    pocket.page.get_by_role("button", name="保存这次记录").click()
    pocket.waits(1)
    pocket.find_a_signal()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    found = Referral.objects.get()
    assert (found.area, found.kinds, found.words, found.household, found.owner) == (
        "safety", ["gas"], "管子老化", elder.household, "town",
    )  # fmt: skip


def test_call_without_a_signal_is_three_taps(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.card("黄玉珍").get_by_role("link", name="打电话").click()
    pocket.card("黄玉珍").get_by_role("button", name="一切正常").click()
    pocket.waits(1)
    pocket.find_a_signal()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    assert stored() == [("phone", "spoke", "pending")]


def test_family_may_answer_a_call_without_a_signal(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.open()
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="电话").first.click()
    pocket.page.locator("label.pick", has_text="是家里人替老人接的").click()
    pocket.page.get_by_role("button", name="一切正常").click()
    pocket.waits(1)
    pocket.find_a_signal()
    pocket.until(lambda: stored() == [("phone", "family", "pending")])


def test_last_finding_is_asked_without_a_signal(pocket: Pocket, cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, at="2025-03-04 09:00", findings=[Finding("safety", ("gas",), "管子老化")])
    pocket.keep_the_week("管子老化")
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.open_record("黄玉珍")
    expect(pocket.page.get_by_text("上次发现：煤气，管子老化，解决了吗？")).to_be_visible()
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.locator("label.pick", has_text="解决了").click()
    pocket.page.get_by_role("button", name="一切正常").click()
    pocket.waits(1)
    pocket.find_a_signal()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    assert Referral.objects.get().state == "solved"


def test_record_taken_back_before_it_left_is_never_sent(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    pocket.page.goto("/mine/")
    pocket.take_back()
    pocket.find_a_signal()
    pocket.open()
    pocket.visit("黄玉珍", mode="电话")
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert stored() == [("phone", "spoke", "pending")]


def test_record_taken_back_after_it_may_have_left_is_withdrawn(pocket: Pocket) -> None:
    pocket.answer_to_sync(losing_the_answer)
    pocket.visit("黄玉珍")
    pocket.page.get_by_role("button", name="撤回").click()
    expect(pocket.page.get_by_text("撤回记下了：黄玉珍")).to_be_visible()
    pocket.answer_as_ever()
    pocket.open()
    pocket.until(lambda: stored() == [("home", "met", "withdrawn")])
    pocket.until(lambda: [item["state"] for item in pocket.queue()] == ["cancelled", "received"])


def test_record_taken_back_on_a_page_of_the_server_is_so_without_a_signal(pocket: Pocket) -> None:
    pocket.visit("黄玉珍")
    pocket.until(lambda: [item["state"] for item in pocket.queue()] == ["received"])
    pocket.open("/mine/")
    pocket.page.locator("summary", has_text="撤回").click()
    pocket.page.get_by_role("button", name="撤回这条").click()
    expect(pocket.page.get_by_text("这条不算了")).to_be_visible()
    pocket.until(lambda: [item["state"] for item in pocket.queue()] == ["cancelled"])
    pocket.lose_the_signal()
    pocket.open("/mine/")
    expect(pocket.page.locator("li[data-item]")).to_contain_text("撤回")
    expect(pocket.page.get_by_text("发出去了")).to_have_count(0)


def test_what_was_chosen_of_findings_is_not_swept_away_by_all_well(pocket: Pocket) -> None:
    pocket.visit_by("上门", "有情况，我来说")
    pocket.page.get_by_text("身体和精神").click()
    pocket.page.get_by_label("说几句").first.fill("昨天在门口摔了")
    pocket.page.get_by_role("button", name="返回").click()
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_text("选了、写了的，还没有保存")).to_be_visible()
    assert stored() == []
    pocket.page.get_by_role("button", name="有情况，我来说").click()
    expect(pocket.page.get_by_label("说几句").first).to_have_value("昨天在门口摔了")
    pocket.page.get_by_role("button", name="保存这次记录").click()
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert Referral.objects.get().words == "昨天在门口摔了"


def test_last_weeks_list_is_told_as_such(pocket: Pocket) -> None:
    pocket.page.evaluate(
        """async (person) => {
          const { open } = await import(document.querySelector("script[type=module]").src.replace(/page[^/]*$/, "store.js"));
          const store = await open(person);
          const round = await store.get("kept", "round");
          await store.put("kept", Object.assign(round, { monday: "2020-01-06" }));
          store.database.close();
        }""",
        str(pocket.person.pk),
    )
    pocket.lose_the_signal()
    pocket.open()
    expect(pocket.page.get_by_text("这是上周的名单")).to_be_visible()
    expect(pocket.card("黄玉珍").get_by_role("link", name="记录")).to_be_visible()
    expect(pocket.page.get_by_text("还差")).to_have_count(0)
