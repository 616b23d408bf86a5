import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError
from django.utils import timezone

from elders.models import Elder
from subsidies.actions import (
    SettlementError,
    assess_settlement,
    settle,
    withdraw_withholding,
    withhold,
)
from subsidies.actions.drafting import Draft
from subsidies.models import Line, PaidVisit, Settlement, Withholding
from tests.cast import OTHER_TOWN, TOWN, VILLAGE, Cast
from tests.factories import at_once, draft, make_elder, make_visit, review, run
from tests.subsidies.books import figures, unpaid, versions
from visitcare.audit.models import Event
from visitcare.kit.weeks import Month
from visitcare.org.actions import NotAllowed, set_bank_account
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion

MARCH = Month(date(2025, 3, 1))


# A month


def test_valid_visits_are_paid_whoever_the_elder_and_whatever_the_way(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    make_visit(cast.worker, elder, mode="phone", state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00", mode="video", state="valid")
    make_visit(cast.next_worker, make_elder(cast.next_group), state="valid")
    settlement = draft(cast.town)
    assert figures(settlement) == (4, 4, Decimal("14.00"))
    lines = settlement.lines.order_by("place_code").values_list(
        "payee_name", "home_count", "greeting_count", "amount"
    )
    assert list(lines) == [("陆桂芳", 1, 2, Decimal("10.50")), ("沈秀兰", 1, 0, Decimal("3.50"))]


def test_line_says_where_the_money_goes(cast: Cast, system: User, elder: Elder) -> None:
    set_bank_account(
        by=system, user=cast.worker, bank="农商行", card="6217000000000000004", since=date(2025, 3, 31)
    )
    make_visit(cast.worker, elder, state="valid")
    line = draft(cast.town).lines.get()
    assert (line.payee_name, line.payee_mobile, line.bank, line.card) == (
        "陆桂芳", "19900090002", "农商行", "6217000000000000004"
    )  # fmt: skip
    assert (line.place_code, line.place_words) == (VILLAGE + "001", "永安村1组")


def test_months_end_at_midnight_in_shanghai(cast: Cast, elder: Elder) -> None:
    for at in ("2025-02-28 23:59", "2025-03-01 00:00", "2025-03-31 23:59", "2025-04-01 00:00"):
        make_visit(cast.worker, elder, at=at, mode="phone", state="valid")
    assert figures(draft(cast.town)) == (2, 2, Decimal("7.00"))


def test_town_without_a_visit_is_settled_at_nothing(cast: Cast) -> None:
    assert figures(draft(cast.town)) == (0, 0, Decimal("0.00"))


def test_rate_is_that_of_the_month(cast: Cast, elder: Elder) -> None:
    PolicyVersion.objects.create(
        series="pay", effective_from=date(2025, 4, 1), values={"rate": "4.00"},
        drafted_by=cast.officer, enacted_by=cast.approver, enacted_at=timezone.now(),
    )  # fmt: skip
    for at in ("2025-03-31 09:00", "2025-04-01 09:00"):
        make_visit(cast.worker, elder, at=at, state="valid")
    totals = [(one.rate, one.total) for one in (draft(cast.town), draft(cast.town, "2025-04"))]
    assert totals == [(Decimal("3.50"), Decimal("3.50")), (Decimal("4.00"), Decimal("4.00"))]


def test_settling_is_the_town_heads(cast: Cast) -> None:
    assert settle(by=cast.head, month=MARCH, towns=[cast.town])[0].total == Decimal(0)
    for who in (cast.reviewer, cast.other_head, cast.officer, cast.approver, cast.worker):
        with pytest.raises(NotAllowed):
            settle(by=who, month=MARCH, towns=[cast.town])


# Again


def test_again_leaves_every_row_as_it_was(cast: Cast, system: User, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00")
    draft(cast.town)
    before, events = versions(), Event.objects.count()
    assert settle(by=system, month=MARCH, towns=[cast.town])[0].changed is False
    assert (versions(), Event.objects.count()) == (before, events)


def test_first_draft_is_recorded_even_of_a_month_without_visits(cast: Cast, system: User) -> None:
    first, again = (settle(by=system, month=MARCH, towns=[cast.town])[0] for _ in range(2))
    assert (first.changed, again.changed) == (True, False)
    words = Event.objects.filter(verb="settle").values_list("words", flat=True)
    assert list(words) == ["起草结算 滨江镇 2025年3月：0 次，0.00 元"]


def test_again_after_a_review_changes_only_what_it_must(cast: Cast, elder: Elder) -> None:
    kept = make_visit(cast.worker, elder, state="valid")
    waiting = make_visit(cast.worker, elder, at="2025-03-05 09:00")
    settlement = draft(cast.town)
    assert (figures(settlement), unpaid(settlement)) == ((2, 1, Decimal("3.50")), {waiting.pk: "pending"})
    line, row = settlement.lines.get().pk, [one for one in versions() if one[0] == "paidvisit"]
    review(waiting, "valid")
    settlement = draft(cast.town)
    assert (figures(settlement), unpaid(settlement)) == ((2, 2, Decimal("7.00")), {})
    assert settlement.lines.get().pk == line
    assert row[0] in versions()  # the other visit's row was not written again
    assert set(settlement.paid_visits.values_list("visit", flat=True)) == {kept.pk, waiting.pk}


def test_again_after_the_last_visit_fell_away_drops_the_line(cast: Cast, elder: Elder) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    draft(cast.town)
    review(visit, "invalid")
    settlement = draft(cast.town)
    assert (figures(settlement), unpaid(settlement), settlement.lines.count()) == (
        (1, 0, Decimal("0.00")), {visit.pk: "invalid"}, 0
    )  # fmt: skip


def test_several_at_once_make_one_settlement(transactional_db: None, cast: Cast) -> None:
    elder = make_elder(cast.group)
    for day in range(3, 9):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state="valid")
    system = User.objects.system()
    answers = at_once(*[lambda: settle(by=system, month=MARCH, towns=[cast.town])[0]] * 4)
    assert [getattr(one, "total", one) for one in answers] == [Decimal("21.00")] * 4
    assert sorted(one.changed for one in answers) == [False, False, False, True]
    assert figures(Settlement.objects.get()) == (6, 6, Decimal("21.00"))
    assert (Line.objects.count(), PaidVisit.objects.count()) == (1, 6)


# Assessed and frozen


def test_assessed_is_refused_in_words(cast: Cast, system: User, elder: Elder) -> None:
    assess_settlement(by=cast.head, settlement=draft(cast.town), assessment="已核对")
    with pytest.raises(SettlementError) as caught:
        settle(by=system, month=MARCH, towns=[cast.town])
    assert str(caught.value) == "滨江镇 2025年3月已经考核上报，不能重新结算。要重算，请先由市里退回。"


def test_frozen_stays_as_it_is_and_says_so(
    cast: Cast, system: User, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    visit = make_visit(cast.worker, elder, state="valid")
    frozen("2025-03")
    before = versions()
    review(visit, "invalid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00", state="valid")
    answer = settle(by=system, month=MARCH, towns=[cast.town])[0]
    assert (answer.words, answer.changed, answer.visits, answer.paid, answer.total) == (
        "已冻结，没有改动", False, 1, 1, Decimal("3.50")
    )  # fmt: skip
    assert versions() == before


# Withheld


def test_withheld_line_and_visit_are_kept_back_with_their_reason(cast: Cast, elder: Elder) -> None:
    visits = [make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state="valid") for day in (3, 4)]
    settlement = draft(cast.town)
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, visit=visits[0], reason="待核实")
    settlement.refresh_from_db()
    assert (figures(settlement), unpaid(settlement)) == ((2, 1, Decimal("3.50")), {visits[0].pk: "withheld"})
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="整月待核实")
    settlement.refresh_from_db()
    assert (figures(settlement), settlement.lines.count()) == ((2, 0, Decimal("0.00")), 0)
    for withholding in Withholding.objects.all():
        withdraw_withholding(by=cast.head, withholding=withholding)
    settlement.refresh_from_db()
    assert figures(settlement) == (2, 2, Decimal("7.00"))


def test_withheld_visit_frees_no_second_contact(
    cast: Cast, elder: Elder, frozen: Callable[[str], Settlement]
) -> None:
    first = make_visit(cast.worker, elder, state="valid")
    second = make_visit(cast.worker, elder, at="2025-03-04 15:00", state="valid")
    withhold(by=cast.head, settlement=draft(cast.town), worker=cast.worker, visit=first, reason="待核实")
    assert unpaid(frozen("2025-03")) == {first.pk: "withheld", second.pk: "second_contact"}
    assert figures(draft(cast.town, "2025-04")) == (0, 0, Decimal("0.00"))


# The command


def test_command_prints_every_town(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00")
    assert json.loads(run("settle", "2025-03", "--json")) == {
        "month": "2025-03",
        "towns": {
            TOWN: {"visits": 2, "paid": 1, "excluded": {"pending": 1}, "total": "3.50"},
            OTHER_TOWN: {"visits": 0, "paid": 0, "excluded": {}, "total": "0.00"},
        },
    }


def test_command_for_people(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, state="valid")
    assert run("settle", "2025-03", "--town", TOWN).splitlines() == [
        "320699101（草稿）：1 次探访，计酬 1 次，3.50 元",
        "1 个镇，合计 1 次，3.50 元",
    ]
    assert Settlement.objects.count() == 1


def test_command_says_frozen_and_is_no_failure(cast: Cast, frozen: Callable[[str], Settlement]) -> None:
    frozen("2025-03")
    assert "320699101（已冻结，没有改动）：0 次探访，计酬 0 次，0.00 元" in run("settle", "2025-03")


def test_command_goes_on_after_a_town_that_the_database_refuses(
    cast: Cast, elder: Elder, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_visit(cast.worker, elder, state="valid")
    make_visit(cast.other_worker, make_elder(cast.other_group), state="valid")
    write = Draft.write

    def write_twice(self: Draft) -> bool:
        changed = write(self)
        if self.settlement.town == cast.town:
            Line.objects.bulk_create([Line(settlement=self.settlement, worker=cast.worker, amount=0)])
        return changed

    monkeypatch.setattr(Draft, "write", write_twice)
    with pytest.raises(CommandError) as caught:
        run("settle", "2025-03")
    assert str(caught.value) == (
        "滨江镇 2025年3月没有结算，账目没有改动：数据库不接受（one_line_a_worker）。请联系系统管理员。"
    )
    assert list(Settlement.objects.values_list("town", "total")) == [(OTHER_TOWN, Decimal("3.50"))]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["2025-13"], "“2025-13”不是月份，请写成“年-月”，例如 2026-10"),
     (["2025-03", "--town", "320699109"], "没有代码是 320699109 的镇。请填 9 位代码。")],
)  # fmt: skip
def test_command_bad_argument_is_refused(cast: Cast, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError) as caught:
        run("settle", *arguments)
    assert str(caught.value) == words
