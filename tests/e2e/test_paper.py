"""Annex 3 as the browser prints it, read page by page."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

from playwright.sync_api import Page
from pypdf import PdfReader

from elders.actions import write_conditions, write_member
from tests.cast import Cast
from tests.factories import make_elder
from visitcare.kit.admin import page_url
from visitcare.org.models import User

A4 = (595, 842)
PARTS = (
    "一、服务对象基本情况",
    "二、家庭成员",
    "三、家庭条件",
    "四、已享受帮扶情况",
    "五、探访意愿",
    "一式两份",
)


def printed(page: Page) -> list[str]:
    """The pages of the PDF, without the spaces that a layout needs; once the paper is there with its styles."""
    page.get_by_role("heading", name="特殊困难老年人信息登记表").first.wait_for()
    page.wait_for_load_state()
    reader = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in reader.pages} == {A4}
    return ["".join(sheet.extract_text().split()) for sheet in reader.pages]


def test_each_elder_begins_a_sheet_and_a_full_form_fits_on_it(
    desk: Page, sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    for name, born in (("施汉清", 1940), ("陈桂兰", 1942)):
        elder = make_elder(
            cast.group, date(born, 1, 1), name=name, phone="19900012345", past_illnesses="高血压、糖尿病、白内障手术",
            economy=["subsistence_allowance", "resident_pension"], income_source="养老金、低保金", ability="severe", score=38,
        )  # fmt: skip
        for number in range(4):
            write_member(
                by=cast.head,
                household=elder.household,
                name=f"王建{number}",
                relation="儿子",
                said={"health": "健康"},
            )
        write_conditions(
            by=cast.head,
            household=elder.household,
            said={
                "help_measures": "逢年过节走访慰问，帮忙打扫；" * 6,
                "helping_bodies": ["local", "volunteers"],
            },
        )
    sign_in(desk, cast.head)
    desk.goto(page_url(elder))
    desk.locator("summary", has_text="打印登记表").click()
    desk.locator("#print_reason").fill("存档")
    desk.get_by_role("button", name="打印登记表").click()
    desk.get_by_role("heading", name="特殊困难老年人信息登记表").wait_for()
    one = printed(desk)
    assert len(one) == 1
    assert [words for words in PARTS if words not in one[0]] == []
    assert "☑重度失能" in one[0]
    assert "☑低保、低保边缘" in one[0]
    assert "□特困人员" in one[0]
    assert "共1份" not in one[0]

    desk.goto("/admin/elders/elder/")
    desk.locator("#action-toggle").check()
    desk.get_by_role("button", name="打印登记表").click()
    desk.get_by_label("用途").fill("存档")
    desk.get_by_role("button", name="打印登记表 2 条").click()
    both = printed(desk)
    assert len(both) == 2
    assert ["施汉清" in both[0], "陈桂兰" in both[1], "陈桂兰" in both[0]] == [True, True, False]


def test_long_words_go_on_over_the_page(
    desk: Page, sign_in: Callable[[Page, User], None], cast: Cast
) -> None:
    elder = make_elder(cast.group, date(1940, 1, 1), past_illnesses="病" * 200, other="难" * 200)
    write_conditions(by=cast.head, household=elder.household, said={"help_measures": "帮" * 500})
    for number in range(12):
        write_member(by=cast.head, household=elder.household, name=f"王{number}", relation="孙辈", said={})
    sign_in(desk, cast.head)
    desk.goto(page_url(elder))
    desk.locator("summary", has_text="打印登记表").click()
    desk.locator("#print_reason").fill("存档")
    desk.get_by_role("button", name="打印登记表").click()
    pages = printed(desk)
    text = "".join(pages)
    assert len(pages) == 2
    assert (text.count("帮" * 500), text.count("一式两份")) == (1, 1)
    assert "王11" in text
