"""No signal: what is tapped stays on the phone, goes out by itself, once, and nothing is lost."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from rest_framework.response import Response

from elders.models import Elder
from tests.browser import PHONE
from tests.cast import Cast
from tests.e2e.pocket import Pocket, losing_the_answer, refusing
from tests.factories import id_number, make_elder, make_household, make_visit
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import Finding, decline_kept, open_week, take_again
from visits.api import SyncView
from visits.models import KeptBack, Referral, Visit

pytestmark = pytest.mark.bad_signal
SignIn = Callable[[Page, User], None]
BORN = date(1950, 1, 1)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    elder = make_elder(
        cast.group, BORN, name="黄玉珍", phone="19900012346", number=id_number(BORN), serious_illness=True
    )
    open_week(by=User.objects.system(), week=Week.of(today()))
    return elder


@pytest.fixture
def pocket(phone: Page, cast: Cast, elder: Elder, sign_in: SignIn) -> Pocket:
    sign_in(phone, cast.worker)
    phone.add_init_script(
        "addEventListener('click', e => e.target.closest('a[href^=tel]') && e.preventDefault())"
    )
    return Pocket(phone, cast.worker).keep_the_week()


def stored() -> list[tuple[str, str, str]]:
    """In the order of their time, which is a minute; within one, as they arrived."""
    visits = Visit.objects.order_by("started_at", "received_at")
    return list(visits.values_list("mode", "outcome", "state"))


# Sending


def test_record_with_a_signal_is_stored_before_the_next_page(pocket: Pocket, cast: Cast) -> None:
    pocket.visit("黄玉珍")
    expect(pocket.page.get_by_text("记好了：黄玉珍，上门，一切正常。")).to_be_visible()
    assert stored() == [("home", "met", "pending")]
    assert Visit.objects.get().worker == cast.worker
    assert [item["state"] for item in pocket.queue()] == ["received"]


def test_record_without_a_signal_goes_out_when_there_is_one(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    pocket.waits(1)
    expect(pocket.card("黄玉珍")).to_contain_text("已记：上门，一切正常（在手机里，等待发送）")
    assert stored() == []
    pocket.find_a_signal()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    assert stored() == [("home", "met", "pending")]


def test_tab_killed_in_mid_send_sends_once(
    pocket: Pocket, open_page: Callable[..., Page], cast: Cast
) -> None:
    pocket.answer_to_sync(lambda route: route.fetch() and None)  # the server has it, the answer hangs
    pocket.visit_by("上门", "一切正常")
    pocket.until(lambda: bool(stored()))
    pocket.page.close()
    again = Pocket(pocket.page.context.new_page(), pocket.person)
    again.answer_as_ever()
    again.page.goto("/")
    expect(again.page.get_by_text("都发出去了")).to_be_visible()
    assert stored() == [("home", "met", "pending")]


def test_answer_that_is_lost_stores_one_record(pocket: Pocket) -> None:
    pocket.answer_to_sync(losing_the_answer, times=1)
    pocket.visit("黄玉珍")
    expect(pocket.page.get_by_text("记好了：黄玉珍，上门，一切正常。")).to_be_visible()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    assert pocket.queue()[0]["tries"] == 2
    assert stored() == [("home", "met", "pending")]


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_server_in_trouble_is_asked_again_later_and_later(pocket: Pocket, status: int) -> None:
    asked: list[str] = []
    trouble = refusing(status)

    def answer(route: Route) -> None:
        asked.append(route.request.post_data)
        trouble(route)

    pocket.page.clock.install()
    pocket.answer_to_sync(answer)
    pocket.visit_by("上门", "一切正常")
    pocket.time_passes(seconds=5)
    pocket.waits(1)
    for _ in range(6):
        pocket.time_passes(minutes=16)
    assert 4 <= len(asked) <= 20
    assert stored() == []
    pocket.answer_as_ever()
    pocket.time_passes(minutes=16)
    pocket.until(lambda: stored() == [("home", "met", "pending")])
    expect(pocket.page.get_by_text("记好了")).to_be_visible()


def test_server_says_when_to_ask_again(pocket: Pocket) -> None:
    asked: list[int] = []

    def answer(route: Route) -> None:
        asked.append(1)
        route.fulfill(status=503, headers={"Retry-After": "1800"}, body="")

    pocket.page.clock.install()
    pocket.answer_to_sync(answer)
    pocket.visit_by("上门", "一切正常")
    pocket.time_passes(seconds=5)
    pocket.until(lambda: len(asked) == 2)  # the record, and the page that opens then
    pocket.page.wait_for_timeout(500)
    seen = len(asked)
    pocket.time_passes(minutes=25)
    assert len(asked) == seen
    pocket.time_passes(minutes=10)
    assert len(asked) == seen + 1


def test_one_bad_record_holds_up_nobody(pocket: Pocket, cast: Cast, elder: Elder) -> None:
    make_elder(elder.household, BORN, name="王德明")
    pocket.keep_the_week()
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    pocket.visit("黄玉珍", mode="电话")
    first = min(pocket.queue(), key=lambda item: item["made_at"])
    make_visit(
        cast.other_worker, make_elder(cast.other_group), visit_id=UUID(first["id"])
    )  # somebody's already
    pocket.find_a_signal()
    expect(pocket.strip).to_contain_text("1 条没收下，别的都已发出")
    pocket.page.get_by_role("link", name="看原因").click()
    expect(pocket.page.locator("li", has_text="没收下")).to_be_visible()
    assert Visit.objects.filter(household=elder.household).count() == 1


@pytest.fixture
def held(pocket: Pocket, cast: Cast, elder: Elder) -> KeptBack:
    """Somebody has moved away, and the worker did not know."""
    pocket.lose_the_signal()
    pocket.open()
    pocket.visit("黄玉珍")
    elder.residences.update(ends_on=today() - timedelta(days=1))
    elder.residences.create(household=make_household(cast.other_group), starts_on=today())
    pocket.find_a_signal()
    pocket.until(lambda: KeptBack.objects.exists())
    return KeptBack.objects.get()


def test_record_that_waits_for_the_town_need_not_be_made_again(pocket: Pocket, held: KeptBack) -> None:
    pocket.open("/mine/")
    row = pocket.page.locator("li", has_text="镇里要核对")
    expect(row).to_contain_text(held.words)
    assert stored() == []


def test_record_that_the_town_declines_says_why(pocket: Pocket, cast: Cast, held: KeptBack) -> None:
    decline_kept(by=cast.reviewer, kept=held, reason="这位老人搬到别的镇了")
    pocket.open()
    expect(pocket.strip).to_contain_text("1 条没收下")
    pocket.page.get_by_role("link", name="看原因").click()
    expect(pocket.page.locator("li", has_text="没收下")).to_contain_text("这位老人搬到别的镇了")
    pocket.page.get_by_role("button", name="知道了").click()
    expect(pocket.strip).to_be_hidden()


def test_record_that_the_town_has_taken_in_is_no_news(
    pocket: Pocket, cast: Cast, elder: Elder, held: KeptBack
) -> None:
    elder.residences.all().delete()
    elder.residences.create(household=elder.household, starts_on=today() - timedelta(days=30))
    assert take_again(by=cast.reviewer, kept=held).is_taken
    pocket.open()
    pocket.until(lambda: [item["state"] for item in pocket.queue()] == ["received"])


def test_who_serves_no_more_still_sends(pocket: Pocket, cast: Cast) -> None:
    pocket.lose_the_signal()
    pocket.open()
    pocket.visit("黄玉珍")
    cast.worker.postings.update(ends_on=today() - timedelta(days=1))
    pocket.find_a_signal()
    pocket.open()
    expect(pocket.page.get_by_text("您现在没有探访任务")).to_be_visible()
    pocket.until(lambda: [item["state"] for item in pocket.queue()] == ["held"])
    assert KeptBack.objects.get().received.sender == cast.worker
    expect(pocket.page.locator("li", has_text="镇里在核对")).to_be_visible()


def test_session_that_has_ended_loses_nothing(pocket: Pocket, cast: Cast, sign_in: SignIn) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    pocket.page.context.clear_cookies()
    pocket.find_a_signal()
    pocket.open()
    expect(pocket.page.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    expect(pocket.page.get_by_text("这部手机里还有 1 条记录没发出去")).to_be_visible()
    assert pocket.dump()[f"visitcare-{cast.worker.pk}/kept"] == []
    assert stored() == []
    sign_in(pocket.page, cast.worker)
    pocket.open()
    expect(pocket.page.get_by_text("都发出去了")).to_be_visible()
    assert stored() == [("home", "met", "pending")]


# What is tapped without a signal


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
    pocket.open_record("黄玉珍")
    pocket.page.locator("label.pick", has_text="上门").first.click()
    pocket.until(lambda: bool(pocket.drafts()))
    assert "started_at" not in dict(pocket.drafts()[0]["fields"])
    pocket.page.evaluate(AGE_DRAFTS, str(pocket.person.pk))
    pocket.page.reload()
    expect(pocket.page.get_by_text("有一次没写完的")).to_be_visible()
    expect(pocket.page.locator("input[name=mode][value=home]")).not_to_be_checked()
    pocket.page.get_by_role("button", name="接着写").click()
    expect(pocket.page.locator("input[name=mode][value=home]")).to_be_checked()
    pocket.page.get_by_role("button", name="一切正常").click()
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert timezone.now() - Visit.objects.get().started_at < timedelta(minutes=5)


AGE_DRAFTS = """async (person) => {
  const open = indexedDB.open(`visitcare-${person}`);
  await new Promise((done) => { open.onsuccess = done; });
  const store = open.result.transaction("drafts", "readwrite").objectStore("drafts");
  const drafts = store.getAll();
  await new Promise((done) => { drafts.onsuccess = done; });
  drafts.result.forEach((draft) => store.put({ ...draft, at: draft.at - 3 * 3600 * 1000 }));
  await new Promise((done) => { store.transaction.oncomplete = done; });
  open.result.close();
}"""


def test_record_taken_back_before_it_left_is_never_sent(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.page.goto("/")
    pocket.visit("黄玉珍")
    pocket.page.goto("/mine/")
    pocket.page.get_by_role("button", name="撤回").click()
    expect(pocket.page.locator("li[data-item]")).to_contain_text("撤回")
    pocket.find_a_signal()
    pocket.open()
    pocket.visit("黄玉珍", mode="电话")
    expect(pocket.page.get_by_text("记好了")).to_be_visible()
    assert stored() == [("phone", "spoke", "pending")]


def test_record_taken_back_after_it_may_have_left_is_withdrawn(pocket: Pocket) -> None:
    pocket.answer_to_sync(losing_the_answer)
    pocket.visit("黄玉珍")
    pocket.page.get_by_role("button", name="撤回").click()
    expect(pocket.page.get_by_text("撤回了：黄玉珍")).to_be_visible()
    pocket.answer_as_ever()
    pocket.open()
    pocket.until(lambda: stored() == [("home", "met", "withdrawn")])
    pocket.until(lambda: [item["state"] for item in pocket.queue()] == ["cancelled", "received"])


# The phone itself


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
    assert pocket.queue() == []


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
