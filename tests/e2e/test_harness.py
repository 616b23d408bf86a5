"""The browser fixtures notice what they are there to notice."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.cast import Cast
from visitcare.org.models import User


def test_phone_and_desk_have_their_sizes(phone: Page, desk: Page) -> None:
    for page in (phone, desk):  # a page that does not ask for its device's width is laid out for a desk
        page.set_content('<meta name="viewport" content="width=device-width">')
    assert [page.evaluate("innerWidth") for page in (phone, desk)] == [390, 1440]


def test_sign_in_opens_the_first_page(phone: Page, cast: Cast, sign_in: Callable[[Page, User], None]) -> None:
    phone.goto("/")
    assert "/login/" in phone.url
    sign_in(phone, cast.worker)
    phone.goto("/")
    assert "/login/" not in phone.url


def test_missing_file_is_a_complaint(phone: Page, complaints: list[str]) -> None:
    with phone.expect_event("console"):
        phone.goto("/static/no-such-file.js")
    assert [complaint.partition(":")[0] for complaint in complaints] == ["/static/no-such-file.js"]
    complaints.clear()


def test_script_error_is_a_complaint(phone: Page, complaints: list[str]) -> None:
    with phone.expect_event("pageerror"):
        phone.evaluate("setTimeout(() => { throw new Error('broken') })")
    assert ["broken" in complaint for complaint in complaints] == [True]
    complaints.clear()


def test_request_to_elsewhere_is_a_complaint(phone: Page, complaints: list[str]) -> None:
    with phone.expect_event("console"):
        phone.evaluate("fetch('http://elsewhere.invalid/').catch(() => null)")
    assert "request to http://elsewhere.invalid/" in complaints
    complaints.clear()


def test_inline_script_is_a_complaint(phone: Page, complaints: list[str]) -> None:
    phone.goto("/login/")
    with phone.expect_event("console"):
        phone.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: '1'}))")
    assert ["Content Security Policy" in complaint for complaint in complaints] == [True]
    complaints.clear()
