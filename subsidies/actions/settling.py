"""Settling a month: a draft per town, or nothing where it is frozen (domain.md §4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from subsidies.actions.drafting import Draft, SettlementError
from subsidies.models import Settlement
from visitcare.audit.actions import record
from visitcare.kit.weeks import Month
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visitcare.policy.models import pay_policy


@dataclass(slots=True)
class Settled:
    """One town's month as it now stands."""

    town: str
    state: str
    visits: int
    paid: int
    total: Decimal
    excluded: dict[str, int] = field(default_factory=dict)
    changed: bool = False
    words: str = ""


def settle(*, by: User, month: Month, towns: Iterable[Division]) -> list[Settled]:
    """Draft the settlements of a month, or refresh the drafts, one transaction a town.

    A frozen settlement stays as it is and says so. Raise SettlementError for one that the town has assessed: it has
    to be sent back first.
    """
    done = []
    for town in towns:
        require(by, Right.ASSESS_SETTLEMENT, town.code)
        with transaction.atomic():
            done.append(_settle_town(by, town, month))
    return done


def _settle_town(by: User, town: Division, month: Month) -> Settled:
    settlement, is_new = _locked(town, month)
    if settlement.is_frozen:
        return summary(settlement, words="已冻结，没有改动")
    if settlement.state == Settlement.State.ASSESSED:
        raise SettlementError(f"{settlement}已经考核上报，不能重新结算。要重算，请先由市里退回。")
    changed = Draft(settlement).write() or is_new
    if changed:
        record(
            by=by,
            verb="settle",
            words=f"起草结算 {settlement}：{settlement.paid_count} 次，{settlement.total} 元",
            about=settlement,
            where=town,
        )
    result = summary(settlement, words="草稿")
    result.changed = changed
    return result


def _locked(town: Division, month: Month) -> tuple[Settlement, bool]:
    """The settlement of a town and month, locked for this transaction, and whether it was made for there was none."""
    policy = pay_policy(month.first)
    _, is_new = Settlement.objects.get_or_create(
        town=town,
        month=month.first,
        defaults={
            "town_name": town.name,
            "rate": policy.rate,
            "policy_version": policy.effective_from,
            "drafted_at": timezone.now(),
        },
    )
    locked = Settlement.objects.select_for_update(of=("self",)).select_related("town")
    return locked.get(town=town, month=month.first), is_new


def summary(settlement: Settlement, *, words: str = "") -> Settled:
    """A settlement's figures, read back from its rows."""
    reasons = settlement.unpaid_visits.values_list("reason").annotate(Count("pk")).order_by("reason")
    return Settled(
        town=settlement.town_id,
        state=settlement.state,
        visits=settlement.visit_count,
        paid=settlement.paid_count,
        total=settlement.total,
        excluded=dict(reasons),
        words=words,
    )
