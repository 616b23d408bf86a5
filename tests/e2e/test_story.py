"""The whole road: a worker logs, the town reviews and assesses, the county approves, and the Excel agrees with the screen."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from subsidies.models import Settlement
from tests.cast import Cast
from tests.factories import make_elder, make_household
from visitcare.kit.weeks import SHANGHAI, Month, Week, local_day
from visitcare.org.actions import issue_first_password, set_bank_account
from visitcare.org.models import User
from visits.actions import open_week
from visits.models import Referral, Visit

MONDAY = date(2026, 11, 9)
"""The story's week lies within one month, whatever day the tests run on."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[datetime], None]]:
    """Sets the wall clock of server and test; it goes on from there."""
    real = timezone.now

    def set_to(moment: datetime) -> None:
        offset = moment - real()
        monkeypatch.setattr(timezone, "now", lambda: real() + offset)

    return set_to


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def test_story_from_the_worker_to_the_pay_list(
    phone: Page,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    cast: Cast,
    clock: Callable[[datetime], None],
    tmp_path: Path,
) -> None:
    clock(at(MONDAY, 9))
    couple = make_household(cast.group, number="01001", address="1组8号")
    make_elder(couple, date(1941, 5, 1), name="王德明", sex="male", living="elders_only", phone="19900012345")
    make_elder(couple, date(1944, 3, 2), name="李秀英", living="elders_only")
    make_elder(cast.group, date(1950, 1, 1), name="黄玉珍", phone="19900012346")
    set_bank_account(
        by=User.objects.system(), user=cast.worker, bank="启东农村商业银行", card="6217669074391500080",
        since=date(2026, 1, 1),
    )  # fmt: skip
    open_week(by=User.objects.system(), week=Week(MONDAY))

    worker_signs_in_with_a_first_password(phone, cast)
    worker_logs_a_home_visit_to_the_couple(phone)
    worker_logs_a_call_with_a_finding(phone)
    worker_reaches_nobody(phone)
    assert Visit.objects.filter(state="pending").count() == 3

    reviewer = open_page(viewport={"width": 1440, "height": 900})
    sign_in(reviewer, cast.reviewer)
    town_reviews_everything(reviewer)
    assert sorted(Visit.objects.values_list("state", "flagged")) == [("valid", False)] * 3

    month = Month.of(MONDAY)
    clock(at(month.next.first, 10))
    call_command("settle", month.label)
    settlement = Settlement.objects.get(town=cast.town)
    head = open_page(viewport={"width": 1440, "height": 900})
    sign_in(head, cast.head)
    town_assesses(head, settlement)

    approver = open_page(viewport={"width": 1440, "height": 900})
    sign_in(approver, cast.approver)
    county_approves(approver, settlement)
    roster_agrees_with_the_screen(approver, tmp_path, cast)
    worker_reads_the_slip(phone)


def worker_signs_in_with_a_first_password(phone: Page, cast: Cast) -> None:
    password = issue_first_password(by=cast.admin, user=cast.worker)
    phone.goto("/")
    phone.get_by_label("手机号").fill(cast.worker.mobile)
    phone.get_by_label("密码", exact=True).fill(password)
    phone.get_by_role("button", name="登录").click()
    fields = phone.locator("input[type=password]")
    fields.nth(0).fill("wo-de-Mima-9")
    fields.nth(1).fill("wo-de-Mima-9")
    phone.get_by_role("button", name="保存新密码").click()
    expect(phone.get_by_role("heading", name="本周探访")).to_be_visible()
    expect(phone.get_by_text("共 2 户，做完 0 户")).to_be_visible()


def record(phone: Page, name: str) -> None:
    phone.locator("li.card", has_text=name).get_by_role("link", name="记录").click()


def choose(phone: Page, words: str) -> None:
    """Tap a choice: the real input lies over its words."""
    phone.locator("label.pick", has_text=words).locator("visible=true").first.click()


def worker_logs_a_home_visit_to_the_couple(phone: Page) -> None:
    """Three taps: 记录, 上门, 一切正常."""
    record(phone, "王德明")
    choose(phone, "上门")
    phone.get_by_role("button", name="一切正常").click()
    expect(phone.get_by_text("记好了：王德明、李秀英，上门，一切正常")).to_be_visible()


def worker_logs_a_call_with_a_finding(phone: Page) -> None:
    record(phone, "黄玉珍")
    choose(phone, "电话")
    phone.get_by_role("button", name="有情况，我来说").click()
    phone.get_by_text("房子、水电、煤气").click()
    choose(phone, "煤气")
    choose(phone, "不能，报镇里")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("记好了：黄玉珍")).to_be_visible()
    assert [referral.summary for referral in Referral.objects.all()] == ["煤气"]
    phone.locator("summary", has_text="本周做完的 1 户").click()
    expect(phone.get_by_text("上次发现：煤气，解决了吗？")).to_be_visible()


def worker_reaches_nobody(phone: Page) -> None:
    record(phone, "王德明")
    choose(phone, "电话")
    phone.get_by_role("button", name="没联系上").click()
    expect(phone.get_by_text("没联系上王德明、李秀英")).to_be_visible()


def town_reviews_everything(desk: Page) -> None:
    """Bulk over the filter, with a page in between that says how many."""
    desk.goto("/admin/visits/visit/")
    desk.locator("#action-toggle").check()
    desk.get_by_role("button", name="通过").first.click()
    expect(desk.get_by_role("heading", name="通过：3 条")).to_be_visible()
    desk.get_by_role("button", name="通过 3 条").click()
    expect(desk.get_by_text("3 条").first).to_be_visible()


def town_assesses(desk: Page, settlement: Settlement) -> None:
    desk.goto(f"/admin/subsidies/settlement/{settlement.pk}/change/")
    expect(desk.get_by_text("7.00 元").first).to_be_visible()
    expect(desk.get_by_text("没有见到或联系上本人")).to_be_visible()
    desk.locator("summary", has_text="考核上报").click()
    desk.get_by_label("考核意见").fill("已核对，同意上报")
    desk.get_by_role("button", name="考核上报").click()
    expect(desk.get_by_text("镇已考核").first).to_be_visible()


def county_approves(desk: Page, settlement: Settlement) -> None:
    desk.goto("/admin/subsidies/settlement/")
    desk.locator("tr", has_text="滨江镇").get_by_role("link").first.click()
    desk.locator("summary", has_text="批准").click()
    desk.get_by_role("button", name="批准").click()
    expect(desk.get_by_text("市已批准（冻结）").first).to_be_visible()
    settlement.refresh_from_db()
    assert (settlement.state, settlement.total) == ("approved", Decimal("7.00"))


def roster_agrees_with_the_screen(desk: Page, folder: Path, cast: Cast) -> None:
    desk.locator("summary", has_text="下载 Excel").click()
    desk.get_by_label("哪张表").select_option("roster")
    desk.get_by_label("用途").fill("发放十一月补贴")
    with desk.expect_download() as download:
        desk.get_by_role("button", name="下载 Excel").click()
    file = folder / "roster.xlsx"
    download.value.save_as(file)
    rows = [list(row) for row in load_workbook(file).worksheets[0].iter_rows(values_only=True)]
    heading = next(row for row in rows if "姓名" in row)
    line = dict(zip(heading, rows[rows.index(heading) + 1], strict=True))
    assert line["姓名"] == "陆桂芳"
    assert line["卡号"] == "6217669074391500080"
    assert line["联系电话"] == cast.worker.mobile
    assert (line["上门次数"], line["电话(视频)次数"], line["合计次数"]) == (1, 1, 2)
    assert line["金额(元)"] == 7
    assert any("人民币（大写）：柒元整" in str(cell) for row in rows for cell in row)
    screen = desk.locator("tr", has_text="陆桂芳").first.locator("td").all_inner_texts()
    assert screen[1:3] == ["陆桂芳", "永安村1组"]
    assert screen[5:9] == ["1", "1", "0", "7.00"]


def worker_reads_the_slip(phone: Page) -> None:
    phone.goto("/pay/")
    expect(phone.get_by_role("heading", name="11 月补贴单")).to_be_visible()
    expect(phone.get_by_text("7.00 元").first).to_be_visible()
    expect(phone.get_by_text("1 次为什么没有计酬")).to_be_visible()


def test_week_of_the_story_lies_in_one_month() -> None:
    assert Month.of(MONDAY) == Month.of(MONDAY + timedelta(days=6))
    assert local_day(at(MONDAY, 9)) == MONDAY
