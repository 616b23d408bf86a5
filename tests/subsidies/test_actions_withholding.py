from decimal import Decimal
from typing import Any

import pytest

from subsidies.actions import (
    assess_settlement,
    send_back,
    withdraw_withholding,
    withhold,
)
from subsidies.models import Settlement, Withholding
from tests.cast import Cast
from tests.factories import (
    draft,
    make_elder,
    make_visit,
)
from tests.subsidies.march import refused, visit_of


def unpaid(settlement: Settlement) -> dict[Any, str]:
    return dict(settlement.unpaid_visits.exclude(reason="pending").values_list("visit", "reason"))


# Kept back


def test_withheld_is_one_workers_only(cast: Cast, settlement: Settlement) -> None:
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="待核实")
    assert list(draft(cast.town).lines.values_list("worker", "amount")) == [
        (cast.next_worker.pk, Decimal("3.50"))
    ]
    kept = Withholding.objects.get()
    assert (kept.worker, kept.visit, kept.reason, kept.by) == (cast.worker, None, "待核实", cast.head)


def test_withheld_again_is_refused_and_the_first_reason_stays(cast: Cast, settlement: Settlement) -> None:
    visit = visit_of(cast.worker)
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, visit=visit, reason="待核实")
    with refused("陆桂芳的这一笔已经暂不发放了。要改原因，请先恢复发放再办。"):
        withhold(by=cast.head, settlement=settlement, worker=cast.worker, visit=visit, reason="还要核实")
    assert (Withholding.objects.get().reason, unpaid(settlement)) == ("待核实", {visit.pk: "withheld"})


def test_withholding_a_visit_of_somebody_else_or_of_another_month_is_refused(
    cast: Cast, settlement: Settlement
) -> None:
    elsewhere = make_visit(cast.worker, make_elder(cast.group), at="2025-04-04 09:00", state="valid")
    for worker, visit in ((cast.next_worker, visit_of(cast.worker)), (cast.worker, elsewhere)):
        with refused(f"这次探访不在滨江镇 2025年3月里{worker.name}的名下，不能在这里扣。"):
            withhold(by=cast.head, settlement=settlement, worker=worker, visit=visit, reason="待核实")


def test_reason_that_is_too_long_is_refused_in_words(cast: Cast, settlement: Settlement) -> None:
    with refused("写了 201 个字，太长了。请写在 200 个字以内。"):
        withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="长" * 201)


def test_withheld_visit_stays_when_the_worker_is_paid_again(cast: Cast, settlement: Settlement) -> None:
    visit = visit_of(cast.worker)
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, visit=visit, reason="这一次待核实")
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="整月待核实")
    withdraw_withholding(by=cast.head, withholding=Withholding.objects.get(visit=None))
    assert (unpaid(settlement), draft(cast.town).total) == ({visit.pk: "withheld"}, Decimal("7.00"))


def test_withheld_stays_when_sent_back(cast: Cast, settlement: Settlement) -> None:
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="待核实")
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    send_back(by=cast.approver, settlement=settlement, reason="请再核对")
    assert draft(cast.town).total == Decimal("3.50")


def test_withhold_without_a_reason_is_refused(cast: Cast, settlement: Settlement) -> None:
    with refused("暂不发放要写原因，网格员会看到。"):
        withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason=" ")


@pytest.mark.parametrize("who", ["other_head", "reviewer", "approver", "worker"])
def test_withholding_is_the_own_town_heads(cast: Cast, settlement: Settlement, who: str) -> None:
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="待核实")
    with refused():
        withhold(by=getattr(cast, who), settlement=settlement, worker=cast.next_worker, reason="待核实")
    with refused():
        withdraw_withholding(by=getattr(cast, who), withholding=Withholding.objects.get())


def test_withholding_in_an_assessed_one_is_refused(cast: Cast, settlement: Settlement) -> None:
    withhold(by=cast.head, settlement=settlement, worker=cast.worker, reason="待核实")
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    words = "滨江镇 2025年3月现在是“镇已考核”，不是草稿，不能改。"
    with refused(words):
        withhold(by=cast.head, settlement=settlement, worker=cast.next_worker, reason="待核实")
    with refused(words):
        withdraw_withholding(by=cast.head, withholding=Withholding.objects.get())
