"""Phones that are shared, full, upgraded or lost: what stands on them, and what does not."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from rest_framework.response import Response

from elders.models import Elder
from tests.browser import PHONE
from tests.cast import Cast
from tests.e2e.pocket import Pocket, stored
from tests.factories import make_elder
from visitcare.org.models import User
from visits.api import SyncView
from visits.models import Referral, Visit

pytestmark = pytest.mark.bad_signal
SignIn = Callable[[Page, User], None]


def test_two_people_on_one_phone_see_nothing_of_each_other(
    pocket: Pocket, cast: Cast, sign_in: SignIn
) -> None:
    make_elder(cast.other_group, name="别村的")
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    with (
        pytest.MonkeyPatch.context() as server
    ):  # itself: a page that leaves takes its request past any interception
        server.setattr(SyncView, "post", lambda *_: Response(status=503))
        pocket.find_a_signal()
        pocket.open()
        pocket.waits(1)
        pocket.page.get_by_role("button", name="退出登录").click()
        expect(pocket.page.get_by_text("还有 1 条没有发出去。")).to_be_visible()
        pocket.page.get_by_role("button", name="退出登录").click()
        expect(pocket.page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    other = Pocket(pocket.page, cast.other_worker)
    sign_in(pocket.page, cast.other_worker)
    other.keep_the_week()
    pocket.page.goto("/mine/")
    pocket.page.wait_for_timeout(1000)  # for what the page adds by itself
    assert "黄玉珍" not in pocket.page.content()
    assert "黄玉珍" not in json.dumps(pocket.dump(), ensure_ascii=False)
    assert stored() == []
    pocket.lose_the_signal()
    pocket.page.goto("/")
    expect(pocket.page.get_by_text("别村的")).to_be_visible()
    assert "黄玉珍" not in pocket.page.content()
    pocket.find_a_signal()
    pocket.open()
    pocket.page.get_by_role("button", name="退出登录").click()
    expect(pocket.page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    sign_in(pocket.page, cast.worker)
    pocket.page.goto("/")
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    assert Visit.objects.get().worker == cast.worker


def test_full_phone_with_a_signal_sends_as_a_page_does(pocket: Pocket) -> None:
    pocket.open_record("黄玉珍")
    pocket.fill_up()
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_text("记好了：黄玉珍，上门，一切正常。")).to_be_visible()
    assert stored() == [("home", "met", "pending")]
    assert pocket.queue() == []


def test_full_phone_with_a_signal_sends_findings_and_calls(pocket: Pocket) -> None:
    pocket.open_record("黄玉珍")
    pocket.fill_up()
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_role("button", name="有情况，我来说").click()
    pocket.page.get_by_text("身体和精神").click()
    pocket.page.locator("label.pick", has_text="走路不稳").click()
    pocket.page.get_by_role("button", name="保存这次记录").click()
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    pocket.page.wait_for_load_state()
    assert Referral.objects.get().kinds == ["movement"]
    pocket.card("黄玉珍").get_by_role("link", name="打电话").click()
    pocket.card("黄玉珍").get_by_role("button", name="一切正常").click()
    pocket.until(lambda: [mode for mode, *_ in stored()] == ["home", "phone"])


def test_full_phone_without_a_signal_says_so_and_keeps_the_form(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.open()
    pocket.open_record("黄玉珍")
    pocket.fill_up()
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_text("手机存满了，这条没能存进手机。")).to_be_visible()
    expect(pocket.page.locator("input[name=mode][value=home]")).to_be_checked()
    assert pocket.queue() == []


def test_full_phone_sends_what_waits(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.open()
    pocket.visit("黄玉珍")
    pocket.waits(1)
    pocket.fill_up()
    pocket.find_a_signal()
    expect(pocket.page.get_by_text("做完 0 户")).to_be_visible()
    pocket.until(lambda: stored() == [("home", "met", "pending")])
    pocket.open()
    assert stored() == [("home", "met", "pending")]


def test_phone_with_little_room_warns(pocket: Pocket) -> None:
    pocket.page.add_init_script(
        "navigator.storage.estimate = () => Promise.resolve({ usage: 95e6, quota: 100e6 })"
    )
    pocket.page.goto("/")
    expect(pocket.page.get_by_text("手机快存满了。")).to_be_visible()


def test_deploy_with_a_full_queue_and_an_older_database(pocket: Pocket) -> None:
    """The next release has a store more in its database; it finds the queue of this one and sends it."""
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    pocket.page.context.route("**/phone/store*.js", next_release)
    pocket.page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))"
    )
    pocket.find_a_signal()
    pocket.open()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    assert stored() == [("home", "met", "pending")]
    assert f"visitcare-{pocket.person.pk}/later" in pocket.dump()
    pocket.open()  # what was sent has the page come again: not between the taps of the next visit
    pocket.visit("黄玉珍", mode="电话")
    assert [mode for mode, *_ in stored()] == ["home", "phone"]


def test_database_of_a_release_that_was_taken_back_still_serves(pocket: Pocket) -> None:
    pocket.open("/healthz")
    pocket.page.evaluate(
        """async (person) => {
          const open = indexedDB.open(`visitcare-${person}`, 7);
          await new Promise((done) => { open.onsuccess = done; });
          open.result.close();
        }""",
        str(pocket.person.pk),
    )
    pocket.open()
    pocket.visit("黄玉珍")
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert [item["state"] for item in pocket.queue()] == ["received"]


def next_release(route: Route) -> None:
    script = route.fetch().text()
    older, newer = "VERSION = 2", "VERSION = 3"
    assert older in script
    newest = script.replace(older, newer).replace("drafts: ", 'later: "id", drafts: ')
    route.fulfill(body=newest, content_type="text/javascript")


def test_queue_can_be_saved_to_a_file(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    pocket.page.goto("/mine/")
    with pocket.page.expect_download() as download:
        pocket.page.get_by_role("button", name="存成文件").click()
    said = json.loads(download.value.path().read_text())
    assert [item["record"]["mode"] for item in said["items"]] == ["home"]
    assert said["person"] == str(pocket.person.pk)
    assert json.loads(pocket.page.get_by_label("记录的内容").input_value()) == said
    pocket.page.get_by_role("button", name="复制").click()
    expect(pocket.page.get_by_text("复制好了。")).to_be_visible()


def test_what_is_sent_stays_a_week_on_the_phone_and_no_longer(pocket: Pocket) -> None:
    pocket.page.clock.install()
    pocket.visit_by("上门", "一切正常")
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    pocket.time_passes(days=6)
    pocket.send()
    pocket.time_passes(seconds=1)
    assert len(pocket.queue()) == 1
    pocket.time_passes(days=2)
    pocket.send()
    pocket.time_passes(seconds=1)
    pocket.until(lambda: pocket.queue() == [])


def test_phone_keeps_the_least(pocket: Pocket, elder: Elder) -> None:
    kept = json.dumps(pocket.dump(), ensure_ascii=False)
    assert "黄玉珍" in kept
    assert "19900012346" in kept
    assert elder.id_number not in kept
    words = re.sub(r"[0-9a-f-]{36}|\d{11,}", "", kept)  # in keys, phones and times any four figures may stand
    for what in (elder.id_number[-4:], "1950", "重病"):
        assert what not in words


def test_what_was_found_leaves_the_phone_with_the_record(pocket: Pocket) -> None:
    pocket.visit_by("上门", "有情况，我来说")
    pocket.page.get_by_text("身体和精神").click()
    pocket.page.get_by_label("说几句").first.fill("昨天在门口摔了")
    pocket.until(lambda: "摔了" in json.dumps(pocket.drafts(), ensure_ascii=False))
    pocket.page.get_by_role("button", name="保存这次记录").click()
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert Referral.objects.get().words == "昨天在门口摔了"
    assert "摔了" not in json.dumps([pocket.queue(), pocket.drafts()], ensure_ascii=False)


def test_signing_out_leaves_no_names(pocket: Pocket) -> None:
    pocket.visit("黄玉珍")
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    pocket.page.get_by_role("button", name="退出登录").click()
    expect(pocket.page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    assert "黄玉珍" not in json.dumps(pocket.dump(), ensure_ascii=False)


def test_signing_out_takes_a_signal(pocket: Pocket) -> None:
    """Whoever takes the phone next would still be signed in."""
    pocket.lose_the_signal()
    pocket.page.get_by_role("button", name="退出登录").click()
    expect(pocket.page.get_by_text("现在没有信号，还没有退出登录。")).to_be_visible()
    assert "黄玉珍" in json.dumps(pocket.dump(), ensure_ascii=False)
    pocket.find_a_signal()
    pocket.page.get_by_role("button", name="退出登录").click()
    expect(pocket.page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    assert "黄玉珍" not in json.dumps(pocket.dump(), ensure_ascii=False)


def test_pages_without_script_store_the_record(
    open_page: Callable[..., Page], cast: Cast, elder: Elder, sign_in: SignIn
) -> None:
    page = open_page(**PHONE, java_script_enabled=False)
    sign_in(page, cast.worker)
    page.goto("/")
    page.locator("li.card", has_text="黄玉珍").get_by_role("link", name="记录").click()
    page.locator("label.pick", has_text="上门").first.click()
    page.get_by_role("button", name="一切正常").click()
    expect(page.get_by_text("记好了：黄玉珍，上门，一切正常。")).to_be_visible()
    assert stored() == [("home", "met", "pending")]


def test_clock_that_is_put_back_brings_no_page_again_and_again(pocket: Pocket) -> None:
    """What was sent by a clock that was ahead is no news of a page that is opened after it was put right."""
    pocket.visit("黄玉珍")
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    pocket.open("/healthz")
    pocket.change("outbox", "{ ...row, acknowledged_at: Date.now() + 24 * 3600 * 1000 }")
    pocket.open("/mine/")
    came: list[str] = []
    pocket.page.on("framenavigated", lambda frame: came.append(frame.url))
    pocket.open()
    pocket.page.wait_for_timeout(1500)
    assert len(came) == 1
