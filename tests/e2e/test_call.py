"""A call that went well costs three taps: 打电话, back, 一切正常."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder, make_visit
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import Finding, open_week
from visits.models import Referral, Visit


@pytest.fixture
def elder(cast: Cast) -> Elder:
    elder = make_elder(cast.group, date(1950, 1, 1), name="黄玉珍", phone="19900012346")
    open_week(by=User.objects.system(), week=Week.of(today()))
    return elder


@pytest.fixture
def card(phone: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None]) -> Locator:
    """Opens the week; no dialler takes the phone away from the page."""
    sign_in(phone, cast.worker)
    phone.add_init_script(
        "addEventListener('click', e => e.target.closest('a[href^=tel]') && e.preventDefault())"
    )
    phone.goto("/")
    return phone.locator("li.card", has_text="黄玉珍")


def test_call_that_went_well_is_three_taps(phone: Page, card: Locator, cast: Cast, elder: Elder) -> None:
    card.get_by_role("link", name="打电话").click()
    expect(card.get_by_text("打了电话，怎么样？")).to_be_visible()
    card.get_by_role("button", name="一切正常").click()
    expect(phone.get_by_text("记好了：黄玉珍，电话，一切正常。")).to_be_visible()
    visit = Visit.objects.get()
    assert (visit.mode, visit.outcome, visit.worker, visit.state) == (
        "phone",
        "spoke",
        cast.worker,
        "pending",
    )
    assert timedelta(0) <= visit.received_at - visit.started_at < timedelta(minutes=2)


def test_call_asks_whether_the_last_finding_is_solved(
    phone: Page, cast: Cast, elder: Elder, card: Locator
) -> None:
    make_visit(cast.worker, elder, at="2025-03-04 09:00", findings=[Finding("safety", ("gas",), "管子老化")])
    phone.reload()
    expect(card.get_by_text("上次发现：煤气，管子老化，解决了吗？")).to_be_visible()
    card.get_by_role("link", name="打电话").click()
    card.locator("label.pick", has_text="解决了").click()
    card.get_by_role("button", name="一切正常").click()
    expect(phone.get_by_text("记好了：黄玉珍，电话，一切正常。")).to_be_visible()
    assert (Referral.objects.get().state, Referral.objects.get().solved_by) == ("solved", cast.worker)


def test_call_that_was_none_leaves_the_card_as_it_was(phone: Page, card: Locator) -> None:
    card.get_by_role("link", name="打电话").click()
    card.get_by_role("button", name="刚才没有打").click()
    expect(card.get_by_role("link", name="记录")).to_be_visible()
    phone.reload()
    expect(card.get_by_text("怎么样？")).to_be_hidden()
    assert Visit.objects.count() == 0
