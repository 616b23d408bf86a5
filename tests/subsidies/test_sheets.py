from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from elders.models import Elder
from subsidies.actions import SettlementError, approve_settlement, assess_settlement
from subsidies.models import Line, Settlement
from subsidies.sheets import roster, summary
from tests.cast import OTHER_TOWN, TOWN, VILLAGE, Cast
from tests.factories import draft, freeze, id_number, make_elder, make_visit, review, unguarded
from visitcare.kit.sheets import Sheet, write_workbook
from visitcare.kit.weeks import Month
from visitcare.org.actions import DivisionRow, appoint, load_divisions, set_bank_account
from visitcare.org.models import Division, User
from visitcare.org.roles import Role

MARCH = Month(date(2025, 3, 1))
CARD = "6217000000000000004"
ID_NUMBER = id_number(date(1970, 3, 5))
SIGNATURES = "单位负责人：　　　　　　　　审核人：　　　　　　　　制表人：　　　　　　　　"
HEADINGS = (
    "序号", "姓名", "身份证号码", "村(居)/组", "开户银行", "卡号", "上门次数", "电话(视频)次数", "合计次数", "标准(元/次)",
    "金额(元)", "联系电话", "领款人签字", "备注",
)  # fmt: skip
"""Of domain.md §5."""
NAME, PAPER, ACCOUNT, RATE, AMOUNT, REMARK = 1, 2, 5, 9, 10, 13

Cells = list[tuple[Any, ...]]


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def payee(cast: Cast, system: User) -> User:
    """陆桂芳, with an ID card and a bank card."""
    cast.worker.id_number = ID_NUMBER
    cast.worker.save()
    set_bank_account(by=system, user=cast.worker, bank="农商行", card=CARD, since=date(2024, 1, 1))
    return cast.worker


def written(sheets: list[Sheet]) -> bytes:
    file = BytesIO()
    write_workbook(file, sheets)
    return file.getvalue()


def opened(sheets: list[Sheet]) -> Workbook:
    return load_workbook(BytesIO(written(sheets)))


def roster_of(town: str = TOWN, month: Month = MARCH) -> Worksheet:
    return opened(roster(month, [town])).worksheets[0]


def cells(worksheet: Worksheet) -> Cells:
    return list(worksheet.iter_rows(values_only=True))


def body(worksheet: Worksheet) -> Cells:
    """The rows between the headings and 合计."""
    return [row for row in cells(worksheet)[3:] if row[0]][:-2]


def frozen(cast: Cast, month: str = "2025-03") -> Settlement:
    return freeze(draft(cast.town, month), maker=cast.head, checker=cast.approver)


# 补贴发放花名册


def test_roster_is_the_form_of_the_notice(cast: Cast, payee: User, elder: Elder) -> None:
    for day, mode in (("03", "home"), ("03", "phone"), ("04", "video")):
        make_visit(payee, elder, at=f"2025-03-{day} 09:00", mode=mode, state="valid")
    make_visit(cast.next_worker, make_elder(cast.next_group), state="valid")
    frozen(cast)
    blank = (None,) * 13
    assert cells(roster_of()) == [
        ("滨江镇2025年3月特殊困难老年人探访工作补贴发放花名册", *blank),
        ("单位：滨江镇", *blank[:6], "2025年3月", *blank[:6]),
        HEADINGS,
        (1, "陆桂芳", ID_NUMBER, "永安村1组", "农商行", CARD, 1, 2, 3, 3.5, 10.5, payee.mobile, None, None),
        (2, "沈秀兰", None, "新丰村1组", None, None, 1, 0, 1, 3.5, 3.5, cast.next_worker.mobile, None, None),
        (None, "合计", None, None, None, None, 2, 2, 4, None, 14, None, None, None),
        ("人民币（大写）：壹拾肆元整", *blank),
        (SIGNATURES, *blank),
    ]  # fmt: skip


def test_numbers_are_text_and_amounts_are_money(cast: Cast, payee: User, elder: Elder) -> None:
    make_visit(payee, elder, state="valid")
    draft(cast.town)
    row, total = list(roster_of().iter_rows())[3:5]
    assert [(row[at].value, row[at].data_type, row[at].number_format) for at in (PAPER, ACCOUNT)] == [
        (ID_NUMBER, "s", "@"), (CARD, "s", "@")
    ]  # fmt: skip
    money = [row[RATE], row[AMOUNT], total[AMOUNT]]
    assert [(cell.data_type, cell.number_format) for cell in money] == [("n", "#,##0.00")] * 3


def test_rows_go_by_village_then_name(cast: Cast, elder: Elder) -> None:
    names = {"next_worker": "丁一", "worker": "朱二", "disabled": "施三"}
    for who, name in names.items():
        User.objects.filter(login=who).update(name=name)
        make_visit(getattr(cast, who), make_elder(cast.group), state="valid")
    draft(cast.town)
    assert [(*row[:4:3], row[NAME]) for row in body(roster_of())] == [
        (1, "永安村1组", "施三"), (2, "永安村1组", "朱二"), (3, "新丰村1组", "丁一")
    ]  # fmt: skip


def test_worker_with_nothing_but_a_reversal_has_a_negative_row(cast: Cast, payee: User, elder: Elder) -> None:
    visit = make_visit(payee, elder, state="valid")
    frozen(cast)
    review(visit, "invalid")
    draft(cast.town, "2025-04")
    worksheet = roster_of(month=MARCH.next)
    assert [(row[NAME], row[6:11], row[REMARK]) for row in body(worksheet)] == [
        ("陆桂芳", (0, 0, 0, 3.5, -3.5), "冲正 1 次")
    ]
    total, words = cells(worksheet)[-3:-1]
    assert (total[AMOUNT], words[0]) == (-3.5, "人民币（大写）：负叁元伍角整")


def test_worker_without_an_item_has_no_row(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="invalid")
    draft(cast.town)
    total, words = cells(roster_of())[-3:-1]
    assert (body(roster_of()), total[AMOUNT], words[0]) == ([], 0, "人民币（大写）：零元整")


def test_draft_is_marked_until_it_is_frozen(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    settlement = draft(cast.town)
    title = "滨江镇2025年3月特殊困难老年人探访工作补贴发放花名册"

    def marks() -> list[str]:
        sheet = roster_of()
        return [sheet["A1"].value.removesuffix(title), sheet.oddHeader.center.text, sheet.oddFooter.left.text]

    assert marks() == ["【草稿】", "草稿，不得发放", "草稿，不得发放"]
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    assert marks() == ["【草稿】", "草稿，不得发放", "草稿，不得发放"]
    approve_settlement(by=cast.approver, settlement=settlement)
    assert marks() == ["", None, None]


def test_every_town_has_a_worksheet_of_its_own(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    make_visit(cast.other_worker, make_elder(cast.other_group), state="valid")
    for town in (cast.town, cast.other_town):
        draft(town)
    book = opened(roster(MARCH, [OTHER_TOWN, TOWN]))
    assert {sheet.title: [row[NAME] for row in body(sheet)] for sheet in book} == {
        "滨江镇": ["陆桂芳"], "海晏镇": ["龚国平"]
    }  # fmt: skip
    assert opened(roster(MARCH, [OTHER_TOWN])).sheetnames == ["海晏镇"]


def test_lines_that_are_not_the_total_are_refused(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    draft(cast.town)
    Line.objects.update(amount=Decimal("7.00"))
    with pytest.raises(SettlementError) as caught:
        roster(MARCH, [TOWN])
    assert str(caught.value) == (
        "滨江镇 2025年3月对不上：陆桂芳逐次合计 3.50 元，明细 7.00 元。"
        "请重新结算（已经上报的，先由市里退回）；再不对请联系系统管理员。"
    )


@pytest.mark.parametrize("build", [roster, summary])
def test_frozen_lines_that_somebody_changed_do_not_leave(cast: Cast, elder: Elder, build: Any) -> None:
    make_visit(cast.worker, elder, state="valid")
    freeze(draft(cast.town), maker=cast.head, checker=cast.approver)
    with unguarded():
        Line.objects.update(card="6217000000000000038")
    with pytest.raises(SettlementError) as caught:
        build(MARCH, [TOWN])
    assert str(caught.value).startswith("滨江镇 2025年3月冻结以后有人动过明细：指纹对不上，没有办理。")


def test_frozen_sheets_keep_the_name_that_the_town_had(cast: Cast, system: User, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    freeze(draft(cast.town), maker=cast.head, checker=cast.approver)
    before = [build(MARCH, [TOWN])[0] for build in (roster, summary)]
    load_divisions(by=system, rows=[DivisionRow(TOWN, "滨海镇", "town", "320699")])
    assert [build(MARCH, [TOWN])[0] for build in (roster, summary)] == before
    assert draft(cast.town, "2025-04").town_name == "滨海镇"


def test_roster_is_sorted_by_village_then_name(cast: Cast, elder: Elder) -> None:
    for worker in (cast.worker, cast.second_worker, cast.next_worker):
        make_visit(worker, make_elder(cast.group), state="valid")
    draft(cast.town)
    assert [row[NAME] for row in body(roster_of())] == ["施建国", "陆桂芳", "沈秀兰"]


@pytest.mark.parametrize("build", [roster, summary])
def test_month_that_nobody_settled_is_refused(cast: Cast, build: Any) -> None:
    draft(cast.other_town)
    with pytest.raises(SettlementError) as caught:
        build(MARCH, [TOWN])
    assert str(caught.value) == "2025年3月还没有结算。请先运行结算，再导出。"


def test_name_like_a_formula_stays_text(cast: Cast, elder: Elder) -> None:
    User.objects.filter(pk=cast.worker.pk).update(name="=1+1")
    make_visit(cast.worker, elder, state="valid")
    draft(cast.town)
    cell = roster_of().cell(4, NAME + 1)
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


# Whose place and card


def place_of(cast: Cast) -> str:
    return draft(cast.town).lines.get().place_words


def test_place_is_the_first_grid_posting_in_the_town_in_the_month(
    cast: Cast, system: User, elder: Elder
) -> None:
    worker = cast.other_worker
    make_visit(worker, elder, state="valid")

    def post(place: Division, first: date, last: date | None, role: str = Role.GRID_WORKER) -> None:
        appoint(by=system, user=worker, role=role, place=place, starts_on=first, ends_on=last)

    post(cast.group, date(2023, 1, 1), date(2025, 2, 28))
    assert place_of(cast) == "永安村1组"  # none in the month: the first of all
    post(cast.village, date(2023, 2, 1), None, Role.VISITOR)
    post(cast.second_group, date(2025, 4, 1), None)
    assert place_of(cast) == "永安村1组"
    post(cast.next_group, date(2025, 3, 31), None)
    assert place_of(cast) == "新丰村1组"
    post(cast.village, date(2025, 2, 1), date(2025, 3, 1))
    assert (place_of(cast), draft(cast.town).lines.get().place_code) == ("永安村", VILLAGE)


def test_card_is_that_of_the_end_of_the_month(cast: Cast, system: User, elder: Elder) -> None:
    cards = {"2025-02-01": CARD, "2025-03-31": "6217000000000000012", "2025-04-01": "6217000000000000020"}
    for worker, since in ((cast.worker, list(cards)), (cast.second_worker, ["2025-04-01"])):
        make_visit(worker, make_elder(cast.group), state="valid")
        for day in since:
            set_bank_account(
                by=system, user=worker, bank="农商行", card=cards[day], since=date.fromisoformat(day)
            )
    draft(cast.town)
    assert [(row[NAME], row[ACCOUNT]) for row in body(roster_of())] == [
        ("施建国", cards["2025-04-01"]), ("陆桂芳", cards["2025-03-31"])  # of April, where there is no other
    ]  # fmt: skip


# 补贴资金汇总表

SUMMARY = (
    "序号", "镇（园区、街道）", "A类上门次数", "A类电话(视频)次数", "B类上门次数", "B类电话(视频)次数", "C类上门次数",
    "C类电话(视频)次数", "合计次数", "超出每周最低次数", "冲正(元)", "金额(元)", "状态",
)  # fmt: skip


def summary_of(month: Month = MARCH) -> Worksheet:
    return opened(summary(month, [TOWN, OTHER_TOWN])).worksheets[0]


def test_summary_counts_by_town_class_and_mode(cast: Cast, elder: Elder) -> None:
    eighty_four = make_elder(elder.household, date(1940, 5, 1))
    ill = make_elder(cast.next_group, serious_illness=True)
    # No class until the 10th: counted as C, and owed nothing.
    new = make_elder(cast.next_group, registered_on=date(2025, 3, 3))
    said = [
        ((eighty_four, elder), "home"), ((ill,), "home"), ((ill,), "phone"), ((new,), "phone"), ((elder,), "video")
    ]  # fmt: skip
    for day, (people, mode) in enumerate(said, start=3):
        make_visit(cast.worker, *people, at=f"2025-03-0{day} 09:00", mode=mode, state="valid")
    make_visit(cast.other_worker, make_elder(cast.other_group), state="valid")
    make_visit(cast.other_worker, elder, state="invalid")
    frozen(cast)
    draft(cast.other_town)
    assert cells(summary_of())[2:-1] == [
        SUMMARY,
        (1, "滨江镇", 1, 0, 1, 1, 0, 2, 5, 1, 0, 17.5, "市已批准（冻结）"),
        (2, "海晏镇", 0, 0, 0, 0, 1, 0, 1, 1, 0, 3.5, "草稿"),
        (None, "合计", 1, 0, 1, 1, 1, 2, 6, 2, 0, 21, None),
        ("人民币（大写）：贰拾壹元整", *(None,) * 12),
    ]


def test_summary_totals_are_the_settlements(cast: Cast, elder: Elder) -> None:
    visits = [make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state="valid") for day in (3, 4)]
    frozen(cast)
    for visit in visits:
        review(visit, "invalid")
    make_visit(cast.worker, elder, at="2025-04-03 09:00", state="valid")
    settlement = draft(cast.town, "2025-04")
    head, row, total, words, _ = cells(summary_of(MARCH.next))[2:]
    figures = dict(zip(head, row, strict=True))
    assert (settlement.total, figures["冲正(元)"], figures["合计次数"]) == (Decimal("-3.50"), -7, 1)
    assert (figures["金额(元)"], total[head.index("金额(元)")], words[0]) == (
        -3.5, -3.5, "人民币（大写）：负叁元伍角整"
    )  # fmt: skip


def test_summary_is_a_draft_until_every_town_is_frozen(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    title = "2025年3月特殊困难老年人探访工作补贴资金汇总表"
    frozen(cast)
    assert summary_of()["A1"].value == title
    other = draft(cast.other_town)
    assert summary_of()["A1"].value == f"【草稿】{title}"
    freeze(other, maker=cast.other_head, checker=cast.approver)
    assert (summary_of()["A1"].value, summary_of().oddHeader.center.text) == (title, None)


# Again, later


def test_frozen_sheets_come_out_the_same_whatever_happened_since(
    cast: Cast, system: User, payee: User, elder: Elder
) -> None:
    visit = make_visit(payee, elder, state="valid")
    waiting = make_visit(cast.next_worker, make_elder(cast.next_group), at="2025-03-05 09:00")
    make_visit(cast.next_worker, elder, at="2025-03-06 09:00", state="valid")
    settlement = frozen(cast)
    before = [written(build(MARCH, [TOWN])) for build in (roster, summary)]

    payee.name, payee.mobile, payee.id_number = "陆桂芬", "19900090099", id_number(date(1970, 3, 6))
    payee.save()
    set_bank_account(
        by=system, user=payee, bank="农业银行", card="6217000000000000012", since=date(2025, 3, 2)
    )
    appoint(by=system, user=payee, role="grid_worker", place=cast.village, starts_on=date(2023, 1, 1))
    Division.objects.filter(pk=cast.group.pk).update(name="东组", path="滨江镇永安村东组")
    review(visit, "invalid")
    review(waiting, "valid")
    make_visit(payee, elder, at="2025-03-07 09:00", state="valid")
    for month in ("2025-03", "2025-04"):
        draft(cast.town, month)
    assert [written(build(MARCH, [TOWN])) for build in (roster, summary)] == before

    april = {row[NAME]: (row[PAPER], row[ACCOUNT]) for row in body(roster_of(month=MARCH.next))}
    assert april["陆桂芬"] == (payee.id_number, "6217000000000000012")
    settlement.refresh_from_db()
    assert (settlement.paid_count, settlement.total) == (2, Decimal("7.00"))
