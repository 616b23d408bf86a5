import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from elders.models import Elder
from subsidies.actions.books import check_books
from subsidies.models import Settlement
from subsidies.verifying import CHECKS, Fault, verify
from tests.cast import Cast
from tests.factories import at_once, draft, freeze, make_elder, make_visit, review, run, unguarded
from visitcare.policy.models import PolicyVersion


@pytest.fixture
def books(cast: Cast, elder: Elder) -> dict[str, Settlement]:
    """March is frozen; April takes back one of its visits and pays a late one; 海晏镇 has a March of its own."""
    false = make_visit(cast.worker, elder, at="2025-03-04 09:00", state="valid")
    late = make_visit(cast.worker, elder, at="2025-03-05 09:00")
    make_visit(cast.worker, elder, at="2025-03-06 09:00", state="invalid")
    make_visit(cast.second_worker, elder, at="2025-03-07 09:00", state="valid")
    march = freeze(draft(cast.town), maker=cast.head, checker=cast.approver)
    review(false, "invalid")
    review(late, "valid")
    make_visit(cast.worker, elder, at="2025-04-04 09:00", state="valid")
    april = freeze(draft(cast.town, "2025-04"), maker=cast.head, checker=cast.approver)
    make_visit(cast.other_worker, make_elder(cast.other_group), state="valid")
    other = freeze(draft(cast.other_town), maker=cast.other_head, checker=cast.approver)
    return {"march": march, "april": april, "other": other}


def tamper(statement: str, books: dict[str, Settlement]) -> None:
    keys = {name: f"'{settlement.pk}'" for name, settlement in books.items()}
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE subsidies_settlement DROP CONSTRAINT IF EXISTS settlement_maker_is_not_checker"
        )
        cursor.execute(statement.format(**keys))
        assert cursor.rowcount > 0


def found() -> set[str]:
    return {fault.what for fault in verify()}


def test_books_that_are_right_have_no_fault(books: dict[str, Settlement]) -> None:
    assert verify() == []
    assert run("verify_settlements") == f"3 份结算，{len(CHECKS) + 1} 项检查，都对。\n"


SUMS = "合计或指纹对不上"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE subsidies_line SET bank = '别的银行' WHERE settlement_id = {march}", SUMS),
        ("UPDATE subsidies_line SET amount = amount + 1 WHERE settlement_id = {march}", SUMS),
        ("UPDATE subsidies_settlement SET total = total + 1 WHERE id = {march}", SUMS),
        ("DELETE FROM subsidies_unpaidvisit WHERE reason = 'invalid'", "冻结的结算里，计酬的和不计酬的探访合起来不是它的探访次数"),
        ("UPDATE subsidies_settlement SET assessed_by_id = approved_by_id WHERE id = {march}", "考核人和批准人是同一个人"),
        ("UPDATE subsidies_reversal SET amount = -1", "付款和冲正合起来既不是零也不是原来的金额"),
        ("UPDATE subsidies_paidvisit SET village_code = '320699102201' WHERE settlement_id = {march}", "计酬的探访不在这份结算的镇里"),
        ("UPDATE subsidies_paidvisit SET late_report = false WHERE late_report", "计酬的探访晚于结算的月份，或者没有标补报就早于它"),
        ("UPDATE subsidies_paidvisit SET started_at = '2025-05-01' WHERE settlement_id = {april}", "计酬的探访晚于结算的月份，或者没有标补报就早于它"),
        ("UPDATE visits_visit v SET worker_id = e.worker_id FROM (SELECT worker_id FROM subsidies_line"
         " WHERE settlement_id = {other}) e WHERE v.id IN (SELECT visit_id FROM subsidies_paidvisit WHERE settlement_id = {march})",
         "付给的不是去探访的人"),
        ("UPDATE subsidies_paidvisit SET amount = 7 WHERE settlement_id = {other}", "金额不是标准乘以计酬数"),
        ("UPDATE subsidies_paidvisit SET amount = 7 WHERE late_report", "金额不是标准乘以计酬数"),
        ("INSERT INTO subsidies_unpaidvisit (settlement_id, visit_id, reason) SELECT settlement_id, visit_id, 'late'"
         " FROM subsidies_paidvisit", "同一份结算里既计酬又写了不计酬的原因"),
    ],
)  # fmt: skip
def test_fault_is_found(books: dict[str, Settlement], statement: str, what: str) -> None:
    tamper(statement, books)
    assert what in found()
    with pytest.raises(CommandError) as caught:
        run("verify_settlements")
    assert "处不对。请不要发放，联系系统管理员和审计人员。" in str(caught.value)


def test_fault_says_in_which_settlement_and_with_which_visit(books: dict[str, Settlement]) -> None:
    tamper("UPDATE subsidies_paidvisit SET amount = 7 WHERE settlement_id = {other}", books)
    tamper("UPDATE subsidies_settlement SET visit_count = 9 WHERE id = {april}", books)
    visit = books["other"].paid_visits.get().pk
    assert [fault.where for fault in verify() if fault.what != SUMS] == [
        f"海晏镇 2025年3月，探访 {visit}",
        "滨江镇 2025年4月",
    ]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (20, "有 20 处不对。请不要发放，联系系统管理员和审计人员。"),
        (21, "有 21 处不对，上面是前 20 处。请不要发放，联系系统管理员和审计人员。"),
    ],
)
def test_command_tells_the_first_faults_and_that_there_are_more(
    db: None, monkeypatch: pytest.MonkeyPatch, count: int, words: str
) -> None:
    faults = [Fault("不对", f"第{number}份") for number in range(1, count + 1)]
    monkeypatch.setattr("subsidies.management.commands.verify_settlements.verify", lambda: faults)
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("verify_settlements", stderr=out)
    assert str(caught.value) == words
    assert out.getvalue().splitlines() == [f"不对：第{number}份" for number in range(1, 21)]


def test_every_check_is_tried_above() -> None:
    tried = {arguments[1] for arguments in test_fault_is_found.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert tried == {SUMS, *(what for what, _ in CHECKS)}


def test_what_comes_after_the_draft_is_no_fault_whenever_it_says_it_came(
    cast: Cast, elder: Elder, books: dict[str, Settlement]
) -> None:
    make_visit(cast.worker, elder, at="2025-03-20 09:00", state="valid")
    assert verify() == []


def test_paid_by_elder_is_right_too(cast: Cast, elder: Elder) -> None:
    PolicyVersion.objects.filter(series="pay").update(values={"pay_unit": "elder"})
    second = make_elder(elder.household)
    make_visit(cast.worker, elder, second, state="valid")
    freeze(draft(cast.town), maker=cast.head, checker=cast.approver)
    assert verify() == []


def test_books_are_read_as_of_one_moment(
    transactional_db: None, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    elder = make_elder(cast.group)
    make_visit(cast.worker, elder, state="valid")
    draft(cast.town)
    make_visit(cast.worker, elder, at="2025-03-05 09:00", state="valid")
    said: list[object] = []

    def check_while_another_drafts(settlement: Settlement) -> None:
        said.extend(at_once(lambda: draft(cast.town).paid_count))
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            said.extend(cursor.fetchone())
        check_books(settlement)

    monkeypatch.setattr("subsidies.verifying.check_books", check_while_another_drafts)
    assert (verify(), said) == ([], [2, "on"])
