"""What is recorded goes out by itself, once, whatever the line, the server or the session does."""

from collections.abc import Callable
from datetime import timedelta
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.shortcuts import render
from playwright.sync_api import Page, Route, expect

from elders.models import Elder
from tests.cast import Cast
from tests.e2e.pocket import BORN, Pocket, losing_the_answer, refusing, stored
from tests.factories import make_elder, make_household, make_visit
from visitcare.kit.weeks import today
from visitcare.org.models import User
from visits.actions import decline_kept, take_again
from visits.models import KeptBack, Visit
from visits.views import mine

pytestmark = pytest.mark.bad_signal
SignIn = Callable[[Page, User], None]


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

    def is_stored_in_time() -> bool:
        pocket.time_passes(minutes=16)
        return stored() == [("home", "met", "pending")]

    pocket.until(is_stored_in_time)
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
    pocket.waits(1)
    seen = len(asked)
    pocket.time_passes(minutes=25)
    assert len(asked) == seen
    pocket.time_passes(minutes=10)
    pocket.until(lambda: len(asked) == seen + 1)


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


def test_page_without_a_signal_gives_way_once_nobody_uses_it(pocket: Pocket) -> None:
    pocket.lose_the_signal()
    pocket.open()
    pocket.page.get_by_role("heading", name="本周探访").click()
    pocket.find_a_signal()
    expect(pocket.page.get_by_text("有信号了。")).to_be_visible()
    expect(
        pocket.page.get_by_role("link", name="改日子")
    ).to_be_visible()  # which the server's page alone has


def test_page_that_was_tapped_comes_however_long_it_takes(pocket: Pocket) -> None:
    """The page without a signal, coming back by itself meanwhile, does not take its place."""
    pocket.lose_the_signal()
    pocket.open()
    pocket.page.evaluate("sessionStorage.setItem('visitcare-tried', Date.now())")  # it has just come back
    pocket.find_a_signal()

    def slowly(*said: Any) -> HttpResponse:
        sleep(2)
        return render(*said)

    with pytest.MonkeyPatch.context() as server:
        server.setattr(mine, "render", slowly)
        pocket.page.evaluate("""() => {
          document.querySelector("a[data-tab=mine]").click();
          sessionStorage.removeItem("visitcare-tried");
          setTimeout(() => window.dispatchEvent(new Event("online")), 300);
        }""")
        expect(pocket.page.get_by_role("heading", name="我的记录")).to_be_visible()


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
