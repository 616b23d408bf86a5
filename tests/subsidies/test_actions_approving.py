import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone

from subsidies.actions import (
    approve_settlement,
    assess_settlement,
    send_back,
    withdraw_withholding,
    withhold,
)
from subsidies.actions.books import digest
from subsidies.models import Line, PaidVisit, Settlement, Withholding
from tests.cast import OTHER_TOWN, TOWN, Cast
from tests.factories import (
    at_once,
    breaks,
    draft,
    freeze,
    id_number,
    make_visit,
    moment,
    review,
    run,
    unguarded,
)
from tests.subsidies.march import CARD, ID_NUMBER, NEW_CARD, refused, visit_of
from visitcare.audit.models import Event
from visitcare.org.actions import appoint, set_bank_account
from visitcare.org.models import User
from visits.models import Visit


@pytest.fixture
def frozen(cast: Cast, assessed: Settlement) -> Settlement:
    approve_settlement(by=cast.approver, settlement=assessed)
    assessed.refresh_from_db()
    return assessed


def unpaid(settlement: Settlement) -> dict[Any, str]:
    return dict(settlement.unpaid_visits.exclude(reason="pending").values_list("visit", "reason"))


# The town assesses


def test_assess_hands_the_draft_to_the_county(cast: Cast, settlement: Settlement) -> None:
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对，同意上报。")
    settlement.refresh_from_db()
    assert (settlement.state, settlement.assessed_by, settlement.assessment, settlement.approved_by) == (
        "assessed", cast.head, "已核对，同意上报。", None
    )  # fmt: skip
    assert settlement.assessed_at is not None


def test_assess_takes_in_what_was_reviewed_since_the_draft(cast: Cast, settlement: Settlement) -> None:
    review(Visit.objects.get(state="pending"), "valid")
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    settlement.refresh_from_db()
    assert (settlement.paid_count, settlement.total) == (4, Decimal("14.00"))


def test_assess_before_the_month_is_over_is_refused(
    cast: Cast, settlement: Settlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment("2025-03-31 23:59"))
    with refused("2025年3月还没有过完，不能考核。请在 2025-04-01 以后办理。"):
        assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment("2025-04-01 00:00"))
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    settlement.refresh_from_db()
    assert (settlement.state, settlement.assessed_at) == ("assessed", moment("2025-04-01 00:00"))


@pytest.mark.parametrize("opinion", ["", " \n　"])
def test_assess_without_an_opinion_is_refused(cast: Cast, settlement: Settlement, opinion: str) -> None:
    with refused("请写考核意见，例如：已核对，同意上报。"):
        assess_settlement(by=cast.head, settlement=settlement, assessment=opinion)


@pytest.mark.parametrize("who", ["other_head", "reviewer", "officer", "approver", "auditor", "worker"])
def test_assess_is_the_own_town_heads(cast: Cast, settlement: Settlement, who: str) -> None:
    with refused():
        assess_settlement(by=getattr(cast, who), settlement=settlement, assessment="已核对")


def test_assess_again_is_refused(cast: Cast, assessed: Settlement) -> None:
    with refused("滨江镇 2025年3月现在是“镇已考核”，不是草稿，不能改。"):
        assess_settlement(by=cast.head, settlement=assessed, assessment="已核对")
    approve_settlement(by=cast.approver, settlement=assessed)
    with refused("滨江镇 2025年3月现在是“市已批准（冻结）”，不是草稿，不能改。"):
        assess_settlement(by=cast.head, settlement=assessed, assessment="已核对")


def test_command_settles_the_others_beside_an_assessed_town(cast: Cast, assessed: Settlement) -> None:
    with pytest.raises(CommandError) as caught:
        run("settle", "2025-03")
    assert str(caught.value) == "滨江镇 2025年3月已经考核上报，不能重新结算。要重算，请先由市里退回。"
    assert list(Settlement.objects.order_by("town").values_list("town", "state")) == [
        (TOWN, "assessed"), (OTHER_TOWN, "draft")
    ]  # fmt: skip


# The county sends back


def test_sent_back_is_a_draft_that_says_why(cast: Cast, assessed: Settlement) -> None:
    send_back(by=cast.approver, settlement=assessed, reason="沈秀兰的次数请再核对")
    review(Visit.objects.get(state="pending"), "valid")
    assessed = draft(cast.town)
    assert (assessed.state, assessed.assessed_by, assessed.assessed_at, assessed.paid_count) == (
        "draft", None, None, 4
    )  # fmt: skip
    assert assessed.sent_back == "沈秀兰的次数请再核对"
    assess_settlement(by=cast.head, settlement=assessed, assessment="已重新核对")
    assessed.refresh_from_db()
    assert (assessed.state, assessed.assessment, assessed.sent_back) == ("assessed", "已重新核对", "")


def test_send_back_without_a_reason_is_refused(cast: Cast, assessed: Settlement) -> None:
    with refused("退回要写原因，镇里才知道怎么改。"):
        send_back(by=cast.approver, settlement=assessed, reason=" ")


def test_send_back_of_what_is_not_assessed_is_refused(cast: Cast, settlement: Settlement) -> None:
    with refused("滨江镇 2025年3月现在是“草稿”，不能退回。"):
        send_back(by=cast.approver, settlement=settlement, reason="请再核对")
    freeze(settlement, maker=cast.head, checker=cast.approver)
    with refused("滨江镇 2025年3月现在是“市已批准（冻结）”，不能退回。"):
        send_back(by=cast.second_approver, settlement=settlement, reason="请再核对")


@pytest.mark.parametrize("who", ["head", "other_head", "reviewer", "officer", "auditor", "admin"])
def test_sending_back_and_approving_are_the_county_approvers(
    cast: Cast, assessed: Settlement, who: str
) -> None:
    with refused():
        send_back(by=getattr(cast, who), settlement=assessed, reason="请再核对")
    with refused():
        approve_settlement(by=getattr(cast, who), settlement=assessed)


# The county approves


def test_approve_freezes(cast: Cast, assessed: Settlement) -> None:
    approve_settlement(by=cast.approver, settlement=assessed)
    assessed.refresh_from_db()
    assert (assessed.state, assessed.is_frozen, assessed.assessed_by, assessed.approved_by) == (
        "approved", True, cast.head, cast.approver
    )  # fmt: skip
    assert (assessed.approved_at is not None, assessed.digest) == (True, digest(assessed))


def test_approve_what_is_not_assessed_is_refused(cast: Cast, settlement: Settlement) -> None:
    with refused("滨江镇 2025年3月镇里还没有考核上报，不能批准。"):
        approve_settlement(by=cast.approver, settlement=settlement)


def test_approve_twice_is_refused(cast: Cast, frozen: Settlement) -> None:
    with refused("滨江镇 2025年3月已经批准过了，不用再批。"):
        approve_settlement(by=cast.second_approver, settlement=frozen)


def test_own_assessment_is_never_approved(cast: Cast, system: User, assessed: Settlement) -> None:
    appoint(by=system, user=cast.head, role="county_approver", place=cast.county, starts_on=date(2024, 1, 1))
    both = User.objects.get(pk=cast.head.pk)  # the cast knows the postings of before
    with refused("考核人不能批准自己考核的结算。请另一位批准人来批。"):
        approve_settlement(by=both, settlement=assessed)
    with breaks("settlement_maker_is_not_checker"):
        Settlement.objects.update(state="approved", approved_by=both, approved_at=timezone.now(), digest="x")
    approve_settlement(by=cast.approver, settlement=assessed)


MEND = "请重新结算（已经上报的，先由市里退回）；再不对请联系系统管理员。"


@pytest.mark.parametrize(
    ("tampered", "words"),
    [
        (lambda: PaidVisit.objects.update(amount=Decimal("4.00")), "陆桂芳逐次合计 8.00 元，明细 7.00 元。"),
        (
            lambda: Line.objects.filter(home_count=1).update(amount=4),
            "沈秀兰逐次合计 3.50 元，明细 4.00 元。",
        ),
        (lambda: swap_amounts(), "陆桂芳逐次合计 7.00 元，明细 3.50 元。"),
        (lambda: Settlement.objects.update(total=Decimal("11.00")), "明细合计 10.50 元，总额 11.00 元。"),
    ],
)
def test_approve_with_wrong_sums_is_refused(
    cast: Cast, assessed: Settlement, tampered: Callable[[], None], words: str
) -> None:
    tampered()
    with refused(f"滨江镇 2025年3月对不上：{words}{MEND}"):
        approve_settlement(by=cast.approver, settlement=assessed)


def swap_amounts() -> None:
    """The total stays what it was."""
    for home_count, amount in ((1, 7), (2, "3.50")):
        Line.objects.filter(home_count=home_count).update(amount=Decimal(amount))


def ready(cast: Cast) -> Settlement:
    settlement = draft(cast.town)
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    return settlement


def test_two_approvers_at_once_approve_once(transactional_db: None, cast: Cast) -> None:
    settlement = ready(cast)
    answers = at_once(
        lambda: approve_settlement(by=cast.approver, settlement=settlement),
        lambda: approve_settlement(by=cast.second_approver, settlement=settlement),
    )
    assert {str(answer) for answer in answers} == {"None", "滨江镇 2025年3月已经批准过了，不用再批。"}
    event = Event.objects.get(verb="approve_settlement")
    settlement.refresh_from_db()
    assert (settlement.state, settlement.approved_by_id) == ("approved", event.actor_id)


def test_approved_and_sent_back_at_once_is_one_of_them(transactional_db: None, cast: Cast) -> None:
    settlement = ready(cast)
    answers = at_once(
        lambda: approve_settlement(by=cast.approver, settlement=settlement),
        lambda: send_back(by=cast.second_approver, settlement=settlement, reason="请再核对"),
    )
    settlement.refresh_from_db()
    approved = settlement.state == "approved"
    assert [answer is None for answer in answers] == [approved, not approved]
    verbs = list(Event.objects.filter(verb__in=["approve_settlement", "send_back"]).values_list("verb"))
    assert verbs == [("approve_settlement" if approved else "send_back",)]


# The digest


def test_digest_of_the_same_settlement_is_the_same(cast: Cast, settlement: Settlement) -> None:
    before = digest(settlement)
    settlement = draft(cast.town)
    assert (digest(settlement), len(before)) == (before, 64)
    assert freeze(settlement, maker=cast.head, checker=cast.approver).digest == before


@pytest.mark.parametrize(
    "change",
    [{"amount": Decimal("3.51")}, {"card": NEW_CARD}, {"payee_name": "沈秀南"}, {"bank": "农业银行"},
     {"payee_id_number": ID_NUMBER}],
)  # fmt: skip
def test_digest_changes_with_any_line(frozen: Settlement, change: dict[str, Any]) -> None:
    with unguarded():
        Line.objects.filter(payee_name="沈秀兰").update(**change)
    assert digest(frozen) != frozen.digest


def test_digest_changes_with_any_visit(cast: Cast, frozen: Settlement) -> None:
    with unguarded():
        PaidVisit.objects.filter(visit=visit_of(cast.worker)).update(amount=Decimal("3.51"))
    assert digest(frozen) != frozen.digest


def test_frozen_line_keeps_the_card_and_name_of_then(cast: Cast, system: User, frozen: Settlement) -> None:
    def lines(month: str) -> list[tuple[str, ...]]:
        columns = ("payee_name", "payee_id_number", "payee_mobile", "bank", "card")
        return list(draft(cast.town, month).lines.filter(worker=cast.worker).values_list(*columns))

    then = ("陆桂芳", ID_NUMBER, "19900090002", "农商行", CARD)
    now = ("陆桂芬", id_number(date(1970, 3, 6)), "19900090099", "农业银行", NEW_CARD)
    cast.worker.name, cast.worker.id_number, cast.worker.mobile = now[:3]
    cast.worker.save()
    set_bank_account(by=system, user=cast.worker, bank=now[3], card=now[4], since=date(2025, 3, 2))
    make_visit(cast.worker, visit_of(cast.worker).elders.get(), at="2025-04-03 09:00", state="valid")
    assert (lines("2025-03"), lines("2025-04")) == ([then], [now])
    frozen.refresh_from_db()
    assert digest(frozen) == frozen.digest


# What is left in the books


def test_every_step_leaves_an_event_without_numbers_of_people(cast: Cast, settlement: Settlement) -> None:
    visit = visit_of(cast.worker)
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="整月待核实")
    withdraw_withholding(by=cast.head, withholding=Withholding.objects.get())
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, visit=visit, reason="待核实")
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    send_back(by=cast.approver, settlement=settlement, reason="请再核对")
    approved = freeze(settlement, maker=cast.head, checker=cast.approver)
    events = Event.objects.filter(about_id=str(settlement.pk), area_code=TOWN).order_by("at")
    assert list(events.values_list("actor_name", "verb", "words", "reason"))[1:] == [
        ("季海峰", "withhold", "滨江镇 2025年3月：暂不发放陆桂芳", "整月待核实"),
        ("季海峰", "withdraw_withholding", "滨江镇 2025年3月：恢复发放陆桂芳", ""),
        ("季海峰", "withhold", "滨江镇 2025年3月：暂不发放陆桂芳的一次探访", "待核实"),
        ("季海峰", "assess_settlement", "考核上报 滨江镇 2025年3月：2 次，7.00 元", "已核对"),
        ("蔡志刚", "send_back", "退回 滨江镇 2025年3月", "请再核对"),
        ("季海峰", "assess_settlement", "考核上报 滨江镇 2025年3月：2 次，7.00 元", "已核对"),
        ("蔡志刚", "approve_settlement", "批准 滨江镇 2025年3月：2 次，7.00 元", ""),
    ]
    assert events.latest("at").data == {"digest": approved.digest}
    everything = json.dumps(list(Event.objects.values_list("words", "reason", "data")), ensure_ascii=False)
    assert [number for number in (ID_NUMBER, CARD, cast.worker.mobile) if number in everything] == []
