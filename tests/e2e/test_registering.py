"""A couple is registered on a phone from nothing: the tab closed in the middle, the session ended, a namesake looked at,
one form returned and mended. Every tap and every typed character is counted."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, Route, expect

from elders.actions import approve_form, return_form, start_draft
from elders.models import Elder, Household, RegistrationDraft, RegistrationForm
from tests.browser import PHONE
from tests.cast import Cast
from tests.factories import id_number, make_elder
from visitcare.org.actions import issue_first_password
from visitcare.org.models import User

WIFE, HUSBAND = date(1944, 3, 2), date(1942, 5, 1)
PASSWORD = "wo-de-Mima-9"
MOST_TAPS, MOST_CHARACTERS = 70, 90
"""For a couple: at three seconds a tap and two a character under seven minutes, talking left aside."""


class Finger:
    """Taps and types on a phone, and counts both."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.characters = page, 0, 0

    def tap(self, where: Locator) -> None:
        self.taps += 1
        where.click()

    def press(self, name: str) -> None:
        """A button or a link; of the two 下一步 the one that can be seen."""
        button = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        self.tap(button.locator("visible=true").last)

    def pick(self, question: str, answer: str) -> None:
        fieldset = self.page.locator("fieldset", has_text=question)
        self.tap(fieldset.locator("label.pick", has_text=answer).first)

    def type(self, label: str, text: str, nth: int = 0) -> None:
        self.taps += 1
        self.characters += len(text)
        self.page.get_by_label(label).nth(nth).fill(text)
        self.page.keyboard.press("Tab")

    def choose(self, label: str, words: str) -> None:
        self.taps += 2  # a list is opened and left by a tap each
        self.page.get_by_label(label).select_option(words)


def saved(finger: Finger) -> None:
    """Wait until the phone says that everything is kept."""
    finger.page.wait_for_timeout(200)
    expect(finger.page.get_by_text("已保存")).to_be_visible()


def insist_on_draft(page: Page, field: str, text: str) -> None:
    """What was typed reaches the server by itself, beside whatever the page does."""
    for _ in range(100):
        if field in RegistrationDraft.objects.get().said:
            break
        page.wait_for_timeout(100)
    assert RegistrationDraft.objects.get().said[field] == [text]


def next_step(finger: Finger, title: str) -> None:
    finger.press("下一步")
    expect(finger.page.get_by_role("heading", level=1, name=title)).to_be_visible()


def sign_in_by_hand(page: Page, user: User) -> None:
    page.get_by_label("手机号").fill(user.mobile)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


@pytest.fixture
def cadre(cast: Cast) -> User:
    issue_first_password(by=cast.admin, user=cast.cadre)
    cast.cadre.refresh_from_db()
    cast.cadre.set_password(PASSWORD)
    cast.cadre.must_change_password = False
    cast.cadre.save()
    return cast.cadre


def test_couple_is_registered_on_a_phone(
    phone: Page, cast: Cast, cadre: User, complaints: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    namesake = make_elder(cast.second_group, WIFE, name="李秀英", number="")
    wife, husband = id_number(WIFE), id_number(HUSBAND, sex="male")
    phone.goto("/")
    sign_in_by_hand(phone, cadre)
    finger = Finger(phone)

    # Look first
    finger.tap(phone.get_by_role("link", name="登记"))
    finger.type("姓名，或身份证号码、后四位", "李秀英")
    finger.press("找一找")
    expect(phone.get_by_text("找到 1 位像的")).to_be_visible()
    finger.press("都不是，新登记")

    # Who: the number tells age and sex at once; the tab is closed in the middle
    finger.type("身份证号码", wife)
    expect(phone.get_by_text("女，82 岁，1944年3月2日生")).to_be_visible()
    finger.type("联系电话（没有就空着）", "19900012345")
    expect(phone.locator("#saved")).to_contain_text("已保存")
    insist_on_draft(phone, "phone", "19900012345")
    phone = reopened(phone)
    finger.page = phone
    phone.goto("/")
    expect(phone.get_by_text("没填完的 1 份")).to_be_visible()
    finger.press("去看看")
    finger.tap(phone.get_by_role("link", name="接着填"))
    expect(phone.get_by_label("身份证号码")).to_have_value(wife)
    expect(phone.get_by_label("联系电话（没有就空着）")).to_have_value("19900012345")
    finger.type("紧急联系人姓名", "王建")
    finger.type("紧急联系人电话", "19900012346")

    # The namesake is shown and looked at
    finger.press("下一步")
    expect(phone.get_by_text("像是同一个人，请看一看")).to_be_visible()
    finger.tap(phone.locator("#looked-at label.pick"))
    next_step(finger, "住哪里")

    # Where: the session ends before the step is sent
    finger.pick("住在哪个组", "1组")
    finger.type("住址（组、门牌）", "1组8号")
    Session.objects.all().delete()
    finger.press("下一步")
    expect(phone.get_by_role("button", name="登录")).to_be_visible()
    sign_in_by_hand(phone, cadre)
    finger.press("接着办")
    expect(phone.get_by_role("heading", level=1, name="和谁住")).to_be_visible()
    complaints.clear()  # the browser tells of the 403 that asked to sign in
    assert RegistrationDraft.objects.get().said["address"] == ["1组8号"]

    couple_lives(finger)
    body(finger, "有没有重病？")
    money(finger)

    # The husband is family here, and the next one to be registered
    finger.press("加一位家庭成员")
    finger.type("姓名", "王德明")
    finger.choose("是户主的什么人", "配偶")
    finger.type("身份证号码", husband)
    finger.pick("住在一起吗？", "是")
    next_step(finger, "条件和帮扶")
    for question in ("饮水安全吗？", "用电安全吗？", "住房安全吗？", "领不领养老保险？"):
        finger.pick(question, "是")
    next_step(finger, "意愿和签字")
    wish(finger)
    expect(phone.get_by_text("照现在填的，批准以后是 A 类")).to_be_visible()
    finger.press("提交给镇里")
    expect(phone.get_by_text("李秀英的登记表提交了")).to_be_visible()

    # The other one: household, family and condition are known
    finger.press("接着登记王德明")
    expect(phone.get_by_label("身份证号码")).to_have_value("")
    expect(phone.get_by_text(f"登记的是 {husband[:4]}**********{husband[-4:]}。不改就空着。")).to_be_visible()
    next_step(finger, "住哪里")
    expect(phone.get_by_text("登记在这一户")).to_be_visible()
    next_step(finger, "和谁住")
    next_step(finger, "身体")
    body(finger, "有没有重病？")
    money(finger)
    next_step(finger, "条件和帮扶")
    next_step(finger, "意愿和签字")
    wish(finger)
    finger.press("提交给镇里")
    expect(phone.get_by_text("王德明的登记表提交了")).to_be_visible()
    counted = (finger.taps, finger.characters)

    home = Household.objects.get(address="1组8号")
    assert set(home.elders.values_list("name", "status")) == {
        ("李秀英", "submitted"),
        ("王德明", "submitted"),
    }
    assert home.members.count() == 1
    assert Elder.objects.get(pk=namesake.pk).status == "active"

    town_returns_one_and_approves_when_it_is_mended(finger, cast)
    with capsys.disabled():
        print(f"\n  a couple: {counted[0]} taps, {counted[1]} characters")
    assert counted[0] < MOST_TAPS
    assert counted[1] < MOST_CHARACTERS


def reopened(page: Page) -> Page:
    """The tab is closed, and another one opened."""
    context = page.context
    page.close()
    return context.new_page()


def couple_lives(finger: Finger) -> None:
    finger.pick("和谁一起住？", "双老同住")
    finger.pick("老伴住在哪里？", "同住")
    finger.pick("子女住在哪里？", "外地")
    finger.pick("家里有没有 60 岁以下", "否")
    next_step(finger, "身体")


def body(finger: Finger, *questions: str) -> None:
    finger.pick("有没有失智", "否")
    finger.pick("残疾证是几级？", "无")
    for question in questions:
        finger.pick(question, "否")
    next_step(finger, "经济和身份")


def money(finger: Finger) -> None:
    finger.pick("有下面哪些？", "居民养老保险")
    finger.type("每月能用的钱（元）", "600")
    next_step(finger, "家庭成员")


def wish(finger: Finger) -> None:
    finger.pick("愿意定期有人来看望吗？", "愿意")
    finger.pick("谁签字？", "本人")
    next_step(finger, "核对")


def town_returns_one_and_approves_when_it_is_mended(finger: Finger, cast: Cast) -> None:
    form = RegistrationForm.objects.get(elder__name="王德明")
    return_form(by=cast.reviewer, form=form, reason="请补上以前得过什么病")
    finger.press("回到本周探访")
    expect(finger.page.get_by_text("镇里退回 1 份")).to_be_visible()
    finger.press("去看看")
    expect(finger.page.get_by_text("镇里说：请补上以前得过什么病")).to_be_visible()
    finger.tap(finger.page.get_by_role("button", name="去改"))
    for title in ("住哪里", "和谁住", "身体"):
        next_step(finger, title)
    finger.type("以前得过什么病", "高血压")
    for title in ("经济和身份", "家庭成员", "条件和帮扶", "意愿和签字", "核对"):
        next_step(finger, title)
    finger.press("提交给镇里")
    expect(finger.page.get_by_text("王德明的登记表提交了")).to_be_visible()
    form.refresh_from_db()
    assert (form.state, form.past_illnesses) == ("submitted", "高血压")
    for waiting in RegistrationForm.objects.filter(state="submitted"):
        assert approve_form(by=cast.head, form=waiting) is True


def test_what_a_dead_server_did_not_take_is_kept_when_it_is_back(
    phone: Page, sign_in: Callable[[Page, User], None], cast: Cast, complaints: list[str]
) -> None:
    sign_in(phone, cast.worker)
    finger = Finger(phone)
    phone.goto("/register/")
    finger.type("姓名，或身份证号码、后四位", "李秀英")
    finger.press("找一找")
    finger.press("新登记")
    phone.wait_for_load_state()  # a page that is still coming may slip past what is cut off now
    phone.route("**/register/*/", lambda route: route.abort())
    finger.type("联系电话（没有就空着）", "19900012345")
    expect(phone.get_by_text("刚才的还没存上，点“下一步”会再存")).to_be_visible()
    complaints.clear()  # the browser tells of the request that failed
    phone.unroute("**/register/*/")
    finger.type("紧急联系人姓名", "王建")
    expect(phone.get_by_text("已保存")).to_be_visible()
    kept = RegistrationDraft.objects.get().said
    assert (kept["phone"], kept["emergency_name"]) == (["19900012345"], ["王建"])


def test_nothing_is_called_saved_before_the_server_has_said_so(
    phone: Page, sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    sign_in(phone, cast.worker)
    finger = Finger(phone)
    phone.goto("/register/")
    finger.type("姓名，或身份证号码、后四位", "李秀英")
    finger.press("找一找")
    finger.press("新登记")
    phone.wait_for_load_state()
    phone.clock.install()
    waiting: list[Route] = []
    phone.route("**/register/*/", lambda route: waiting.append(route))  # neither an answer nor a refusal
    with phone.expect_request("**/register/*/"):  # before its time is up
        finger.type("联系电话（没有就空着）", "19900012345")
    expect(phone.get_by_text("正在存……")).to_be_visible()
    expect(phone.get_by_text("已保存")).to_have_count(0)
    phone.clock.run_for(16_000)
    expect(phone.get_by_text("刚才的还没存上，点“下一步”会再存")).to_be_visible()
    assert len(waiting) == 1


def test_field_that_is_being_typed_is_kept_when_the_page_goes(
    phone: Page, sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    sign_in(phone, cast.worker)
    finger = Finger(phone)
    phone.goto("/register/")
    finger.type("姓名，或身份证号码、后四位", "李秀英")
    finger.press("找一找")
    finger.press("新登记")
    phone.wait_for_load_state()  # nobody types before the page's script is there
    phone.get_by_label("联系电话（没有就空着）").fill("19900012345")
    phone.goto("/")
    expect(phone.get_by_text("没填完的 1 份")).to_be_visible()
    insist_on_draft(phone, "phone", "19900012345")


def test_whole_registration_without_script(
    open_page: Callable[..., Page], sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    page = open_page(**PHONE, java_script_enabled=False)
    sign_in(page, cast.worker)
    finger = Finger(page)
    page.goto("/register/")
    finger.type("姓名，或身份证号码、后四位", "李秀英")
    finger.press("找一找")
    finger.press("新登记")
    finger.type("身份证号码", "123")
    finger.press("下一步")
    expect(page.get_by_text("身份证号码应为 18 位").first).to_be_visible()
    finger.type("身份证号码", id_number(WIFE))
    next_step(finger, "住哪里")
    finger.type("住址（组、门牌）", "1组8号")
    next_step(finger, "和谁住")
    finger.pick("和谁一起住？", "独居")
    for title in ("身体", "经济和身份", "家庭成员"):
        next_step(finger, title)
    finger.press("没有家庭成员，下一步")
    next_step(finger, "意愿和签字")
    wish(finger)
    finger.press("提交给镇里")
    expect(page.get_by_text("李秀英的登记表提交了")).to_be_visible()
    assert Elder.objects.get().household.place == cast.group


@pytest.mark.parametrize("big", [False, True], ids=["", "big"])
def test_pages_fit_the_phone(
    phone: Page, sign_in: Callable[[Page, User], None], cast: Cast, big: bool
) -> None:
    """Nothing is wider than the screen, and four tabs stand side by side."""
    cast.worker.big_text = big
    cast.worker.save()
    sign_in(phone, cast.worker)
    phone.goto("/register/")
    assert fits(phone)
    assert phone.locator(".tabs li").count() == 4
    heights = phone.locator(".tabs a").evaluate_all("tabs => tabs.map(tab => tab.offsetTop)")
    assert len(set(heights)) == 1
    phone.get_by_label("姓名，或身份证号码、后四位").fill("李")
    phone.get_by_role("button", name="找一找").click()
    phone.get_by_role("button", name="新登记").click()
    for step in ("who", "where", "living", "body", "money", "family", "home", "wish", "check"):
        phone.goto(f"{phone.url.split('?')[0]}?step={step}")
        assert fits(phone), step


def fits(page: Page) -> bool:
    width: Any = page.evaluate("document.documentElement.scrollWidth")
    return bool(width <= 390)


def test_line_that_is_taken_out_leaves_the_others_as_they_are(
    phone: Page, sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    lines = {f"members-{at}-name": [name] for at, name in enumerate(["王一", "王二", "王三", "王四"])}
    draft = start_draft(by=cast.worker, said={"name": ["李秀英"]} | lines, step="family")
    sign_in(phone, cast.worker)
    phone.goto(f"/register/{draft.pk}/?step=family")
    phone.wait_for_load_state()
    phone.get_by_label("健康状况").nth(2).fill(
        "糖尿病"
    )  # left for the button at once: the page is about to keep it
    phone.get_by_role("button", name="去掉").nth(1).click()
    expect(phone.get_by_role("button", name="去掉")).to_have_count(3)
    phone.goto("/")
    phone.wait_for_timeout(500)
    said = RegistrationDraft.objects.get().said
    assert [said[f"members-{at}-name"] for at in range(3)] == [["王一"], ["王三"], ["王四"]]
    assert [said.get(f"members-{at}-health") for at in range(4)] == [[""], ["糖尿病"], [""], None]
    assert "members-3-name" not in said
