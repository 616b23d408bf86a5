"""Every page keeps to its content policy: what a browser refuses would stand on the console, and fail the test."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from elders.models import Elder
from tests.cast import Cast
from tests.factories import draft, make_elder, make_form, make_household, make_visit
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import Finding, open_week

SignIn = Callable[[Page, User], None]


@pytest.fixture
def elder(cast: Cast) -> Elder:
    """With a row of most kinds behind them."""
    elder = make_elder(cast.group)
    make_visit(cast.worker, elder, state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00", findings=[Finding("safety", ("gas",), "管子老化")])
    make_form(make_household(cast.group), elder.birth_date, name="新来的")
    draft(cast.town)
    open_week(by=User.objects.system(), week=Week.of(today()))
    return elder


def addresses(page: Page, within: str) -> list[str]:
    """The pages of ours that this part of a page leads to."""
    links: list[str] = page.eval_on_selector_all(f"{within} a[href^='/']", "all => all.map(a => a.pathname)")
    return list(dict.fromkeys(links))


def test_pages_of_workers_are_strict(phone: Page, cast: Cast, elder: Elder, sign_in: SignIn) -> None:
    visit = cast.worker.visits.filter(state="pending").get()
    for address in ("/login/", "/feedback/"):
        phone.goto(address)
    sign_in(phone, cast.worker)
    pages = ("/", "/mine/", "/mine/?month=2025-03", "/pay/", "/password/", f"/record/{elder.household_id}/?mode=home",
             f"/visits/{visit.pk}/correct/")  # fmt: skip
    for address in pages:
        answer = phone.goto(address)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert (answer.status, "unsafe" in policy) == (200, False)
    phone.goto(f"/record/{elder.household_id}/?mode=home")
    phone.get_by_role("button", name="有情况，我来说").click()
    expect(phone.get_by_role("heading", name="有情况")).to_be_visible()


MOST_KINDS = {"head": 16, "approver": 14, "admin": 3}
"""So many pages of rows and forms that add one each of them can open at least."""


@pytest.mark.parametrize("who", MOST_KINDS)
def test_pages_of_offices_need_no_more_than_they_may(
    desk: Page, cast: Cast, elder: Elder, sign_in: SignIn, who: str
) -> None:
    """The menu, each list, the first page of each list with its doors, and the forms that add something."""
    desk.goto("/admin/")
    sign_in(desk, getattr(cast, who))
    desk.goto("/admin/")
    lists = [one for one in addresses(desk, "body") if one.startswith("/admin/") and one != "/admin/"]
    assert reverse("admin:org_user_changelist") in lists
    opened = []
    for address in lists:
        answer: Any = desk.goto(address)
        assert answer.status == 200
        policy = answer.headers["content-security-policy"].split("; ")  # in any order
        assert "script-src 'self' 'unsafe-eval'" in policy
        for page in first_pages(desk, address):
            opened.append(page)
            desk.goto(page)
            desk.locator("details.vc-door > summary").evaluate_all("all => all.forEach(one => one.click())")
    assert len(opened) >= MOST_KINDS[who]


def first_pages(desk: Page, address: str) -> list[str]:
    """The first row of a list, and its form to add one."""
    below = [one for one in addresses(desk, "body") if one.startswith(address) and one != address]
    rows = [one for one in below if one.endswith("/change/")][:1]
    return rows + [one for one in below if one.endswith("/add/")]


def test_description_of_the_api_is_shown(desk: Page, cast: Cast, sign_in: SignIn) -> None:
    sign_in(desk, cast.head)
    desk.goto("/api/v1/docs/")
    expect(desk.get_by_text("/api/v1/me/").first).to_be_visible()


def test_missing_and_forbidden_pages_are_strict(
    desk: Page, cast: Cast, sign_in: SignIn, complaints: list[str]
) -> None:
    sign_in(desk, cast.reviewer)
    for address in ("/no/such/page/", "/admin/no/such/page/", "/admin/org/user/add/"):
        answer: Any = desk.goto(address)
        assert (answer.status in (403, 404), "unsafe" in answer.headers["content-security-policy"]) == (
            True,
            False,
        )
        assert ["Failed to load resource" in complaint for complaint in complaints] == [True]
        complaints.clear()
