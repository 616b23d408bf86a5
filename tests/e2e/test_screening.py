"""排摸 on a phone: one tap for who is there, two and a few words for whoever is not, one person newly met."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from elders.actions import open_screening
from elders.models import ScreenedPerson
from tests.cast import Cast
from tests.factories import make_elder
from visitcare.kit.weeks import today
from visitcare.org.models import User


def test_village_is_looked_through_on_a_phone(
    phone: Page, sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    for name in ("马凤英", "李秀英"):
        make_elder(cast.group, name=name)
    open_screening(by=cast.reviewer, town=cast.town, name="四季度排摸", due_on=today() + timedelta(days=20))
    sign_in(phone, cast.worker)
    phone.goto("/")
    phone.locator("a[href='/screening/']").first.click()
    expect(phone.get_by_text("还有 2 人没看")).to_be_visible()

    phone.locator("li.card", has_text="马凤英").get_by_role("button", name="在，没变化").click()
    expect(phone.get_by_text("记好了：马凤英")).to_be_visible()
    expect(phone.get_by_text("还有 1 人没看")).to_be_visible()

    phone.locator("li.card", has_text="李秀英").get_by_role("link", name="别的情况").click()
    phone.get_by_role("button", name="情况有变化").click()
    expect(phone.get_by_text("请写几个字：变了什么")).to_be_visible()
    phone.get_by_label("有别的情况").fill("中风了")
    phone.get_by_role("button", name="情况有变化").click()
    expect(phone.get_by_text("看过的 2 户")).to_be_visible()

    phone.get_by_role("link", name="新发现一位老人").click()
    phone.get_by_label("姓名").fill("秦桂香")
    phone.get_by_label("出生年份").fill("1950")
    phone.locator("label.pick", has_text="女").first.click()
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_role("heading", name="接下来要登记")).to_be_visible()
    said = ScreenedPerson.objects.values_list("name", "result", "note")
    assert set(said) == {("马凤英", "same", ""), ("李秀英", "changed", "中风了"), ("秦桂香", "new", "")}
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
