from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from urllib.parse import unquote

import pytest
from django.http import HttpResponse
from openpyxl import load_workbook

from elders.models import Elder
from subsidies.models import Line, PaidVisit, Settlement, UnpaidVisit
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import costs_the_same, draft, freeze, make_elder, make_visit
from visitcare.audit.models import Event
from visitcare.kit.weeks import Month, today
from visitcare.org.actions import set_bank_account
from visitcare.org.models import User


@pytest.fixture
def drafted(cast: Cast, elder: Elder) -> Settlement:
    """Two paid visits of one worker, and one that is not."""
    for day in (4, 5):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state="valid")
    make_visit(cast.worker, elder, at="2025-03-06 09:00", state="invalid")
    return draft(cast.town)


# One settlement


def test_page_tells_the_money_and_every_number_leads_to_its_rows(cast: Cast, drafted: Settlement) -> None:
    head = Desk(cast.head)
    page = head.page(drafted)
    assert "计酬 2 次，7.00 元（柒元整）" in page
    linked = {
        "visits": head.listed("visits.visit", town=cast.town.code, when="2025-03", state="all"),
        "paid": head.listed("subsidies.paidvisit", settlement=drafted.pk),
        "invalid": head.listed("subsidies.unpaidvisit", settlement=drafted.pk, reason="invalid"),
        "line": head.listed("subsidies.paidvisit", line=drafted.lines.get().pk),
        "beyond": head.listed("subsidies.paidvisit", settlement=drafted.pk, beyond="yes"),
    }
    assert {name: len(rows) for name, rows in linked.items()} == {
        "visits": 3, "paid": 2, "invalid": 1, "line": 2, "beyond": 2,
    }  # fmt: skip


def test_page_masks_id_and_card(cast: Cast, elder: Elder) -> None:
    system = User.objects.system()
    card = "6217000000000000012"
    set_bank_account(
        by=system, user=cast.worker, bank="农商行", card=card, since=today().replace(month=1, day=1)
    )
    make_visit(cast.worker, elder, state="valid")
    settlement = draft(cast.town)
    for page in (Desk(cast.head).page(settlement), Desk(cast.head).page(settlement.lines.get())):
        assert (card in page, cast.worker.mobile in page, "**** 0012" in page) == (False, False, True)


def test_doors_by_state_and_person(cast: Cast, drafted: Settlement) -> None:
    def doors() -> dict[str, list[str]]:
        people = {
            "head": cast.head,
            "reviewer": cast.reviewer,
            "approver": cast.approver,
            "auditor": cast.auditor,
        }
        return {name: Desk(one).doors(drafted) for name, one in people.items()}

    found = [doors()]
    Desk(cast.head).press(drafted, "assess", assessment="已核对，同意上报")
    found.append(doors())
    Desk(cast.approver).press(drafted, "approve")
    found.append(doors())
    assert found == [
        {"head": ["assess", "redraft", "withhold", "export"], "reviewer": ["export"], "approver": ["export"], "auditor": []},
        {"head": ["export"], "reviewer": ["export"], "approver": ["approve", "send_back", "export"], "auditor": []},
        {"head": ["export"], "reviewer": ["export"], "approver": ["export"], "auditor": []},
    ]  # fmt: skip


def test_road_from_draft_to_frozen_in_words(cast: Cast, drafted: Settlement) -> None:
    head, approver = Desk(cast.head), Desk(cast.approver)
    assert head.press(drafted, "assess", assessment="") == ["请填“考核意见”。"]
    assert head.press(drafted, "assess", assessment="已核对") == [
        "滨江镇 2025年3月考核上报了，等市民政局批准。"
    ]
    assert approver.press(drafted, "send_back", reason="缺回访") == ["滨江镇 2025年3月退回镇里，又是草稿了。"]
    assert "缺回访" in head.page(drafted)
    head.press(drafted, "assess", assessment="已补回访")
    assert approver.press(drafted, "approve") == ["批准了滨江镇 2025年3月，从现在起冻结，不能再改。"]
    drafted.refresh_from_db()
    assert (drafted.state, drafted.assessed_by, drafted.approved_by) == ("approved", cast.head, cast.approver)


def test_who_assessed_is_not_offered_the_approval(cast: Cast, drafted: Settlement) -> None:
    Desk(cast.head).press(drafted, "assess", assessment="已核对")
    Settlement.objects.filter(pk=drafted.pk).update(assessed_by=cast.approver)
    assert Desk(cast.approver).doors(drafted) == ["send_back", "export"]
    assert Desk(cast.second_approver).doors(drafted) == ["approve", "send_back", "export"]


def test_withheld_line_and_back(cast: Cast, drafted: Settlement) -> None:
    head = Desk(cast.head)
    said = head.press(drafted, "withhold", worker=str(cast.worker.pk), reason="待核实")
    assert said == ["陆桂芳这个月的补贴暂不发放，结算已重新算过。"]
    drafted.refresh_from_db()
    assert (drafted.total, "待核实" in head.page(drafted)) == (Decimal("0.00"), True)
    said = head.press(drafted, "restore", withholding=str(drafted.withholdings.get().pk))
    assert said == ["陆桂芳恢复发放，结算已重新算过。"]
    drafted.refresh_from_db()
    assert drafted.total == Decimal("7.00")


def test_withholding_somebody_who_is_not_in_it_is_refused(cast: Cast, drafted: Settlement) -> None:
    said = Desk(cast.head).press(drafted, "withhold", worker=str(cast.other_worker.pk), reason="待核实")
    assert len(said) == 1
    assert drafted.withholdings.count() == 0


def test_one_withheld_visit_leads_back_to_the_settlement(cast: Cast, drafted: Settlement) -> None:
    paid = PaidVisit.objects.order_by("started_at").first()
    assert paid is not None
    assert Desk(cast.head).press(paid, "withhold", reason="那天在住院") == [
        "这次探访暂不发放，结算已重新算过。"
    ]
    drafted.refresh_from_db()
    assert (drafted.total, UnpaidVisit.objects.get(visit=paid.visit).reason) == (Decimal("3.50"), "withheld")


# Drafting


def test_draft_form_offers_the_own_town_and_says_what_came_of_it(cast: Cast, elder: Elder) -> None:
    month = Month.of(today()).previous
    head = Desk(cast.head)
    assert head.add("subsidies.settlement", month=month.label, town=cast.town.code) == [
        f"滨江镇 {month.words}：草稿，计酬 0 次，0.00 元。"
    ]
    said = head.add("subsidies.settlement", month=month.label, town=cast.other_town.code)
    assert (len(said), Settlement.objects.filter(town=cast.other_town).count()) == (1, 0)


def test_redraft_tells_whether_anything_changed(cast: Cast, elder: Elder, drafted: Settlement) -> None:
    head = Desk(cast.head)
    assert head.press(drafted, "redraft") == ["重新算过了，没有变化：计酬 2 次，7.00 元。"]
    make_visit(cast.worker, elder, at="2025-03-10 09:00", state="valid")
    assert head.press(drafted, "redraft") == ["重新算过了，有变化：计酬 3 次，10.50 元。"]


# Lists


def test_county_sees_the_towns_side_by_side(cast: Cast, drafted: Settlement) -> None:
    make_visit(cast.other_worker, make_elder(cast.other_group), state="valid")
    other = draft(cast.other_town)
    freeze(other, maker=cast.other_head, checker=cast.approver)
    officer = Desk(cast.officer)
    assert officer.listed("subsidies.settlement", month="2025-03") == [drafted, other]
    assert officer.listed("subsidies.settlement", state="approved") == [other]
    assert Desk(cast.head).listed("subsidies.settlement") == [drafted]


@pytest.mark.parametrize("label", ["settlement", "line", "paidvisit", "unpaidvisit"])
def test_list_asks_as_much_for_three_rows_as_for_one(cast: Cast, elder: Elder, label: str) -> None:
    months = iter(("2025-02", "2025-03", "2025-04"))
    head = Desk(cast.head)

    def add() -> None:
        month = next(months)
        make_visit(cast.worker, elder, at=f"{month}-04 09:00", state="valid")
        make_visit(cast.worker, elder, at=f"{month}-05 09:00", state="invalid")
        draft(cast.town, month)

    assert costs_the_same(lambda: head.listed(f"subsidies.{label}"), add)


@pytest.mark.parametrize("pick", [lambda: Line.objects.get(), lambda: UnpaidVisit.objects.get()])
def test_page_of_a_row_opens(cast: Cast, drafted: Settlement, pick: Callable[[], Line | UnpaidVisit]) -> None:
    assert "陆桂芳" in Desk(cast.head).page(pick())


def test_county_takes_the_summary_of_a_month_from_the_list(cast: Cast, drafted: Settlement) -> None:
    make_visit(cast.other_worker, make_elder(cast.other_group), state="valid")
    draft(cast.other_town)
    answer = export_all(cast.officer, kind="summary", reason="上报")
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert {"滨江镇", "海晏镇", "单位：市民政局"} <= set(cells)
    assert "2025" in unquote(answer.headers["Content-Disposition"])
    event = Event.objects.get(verb="export_sheet")
    assert (event.actor_name, event.reason, event.area_path) == ("茅晓东", "上报", "东海市")


def test_sheet_over_two_months_is_refused(cast: Cast, elder: Elder, drafted: Settlement) -> None:
    make_visit(cast.worker, elder, at="2025-04-04 09:00", state="valid")
    draft(cast.town, "2025-04")
    answer = export_all(cast.officer, kind="summary", reason="上报")
    assert "选中的不是同一个月。请先在上面筛选出一个月份。" in answer.content.decode()


def export_all(by: User, **said: str) -> HttpResponse:
    """下载 Excel over the whole filter, through the page in between."""
    client, address = Desk(by).client, "/admin/subsidies/settlement/"
    chosen = {"action": "export_all", "select_across": "1"}
    expected = client.post(address, chosen).context["count"]
    return client.post(address, chosen | said | {"confirmed": "1", "expected": str(expected)})
