"""Town assesses, county approves: maker is never checker (domain.md §4). Approved = frozen."""

from django.db import transaction
from django.utils import timezone

from subsidies.actions.books import check_books, digest
from subsidies.actions.drafting import Draft, SettlementError
from subsidies.models import Settlement, Withholding
from visitcare.audit.actions import record
from visitcare.kit.weeks import Month, today
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.models import Visit


def withhold(
    *, by: User, settlement: Settlement, worker: User, reason: str, visit: Visit | None = None
) -> None:
    """Keep back a worker's line or one visit of a draft, with a reason the worker sees.

    Raise SettlementError for a visit that is not this worker's in this settlement, and for what is kept back already.
    """
    with transaction.atomic():
        settlement = _locked(by, Right.ASSESS_SETTLEMENT, settlement)
        _insist_draft(settlement)
        reason = _reason(reason, "暂不发放要写原因，网格员会看到。")
        if visit and not (
            settlement.paid_visits.filter(visit=visit, line__worker=worker).exists()
            or settlement.unpaid_visits.filter(visit=visit, visit__worker=worker).exists()
        ):
            raise SettlementError(f"这次探访不在{settlement}里{worker.name}的名下，不能在这里扣。")
        _, is_new = Withholding.objects.get_or_create(
            settlement=settlement, worker=worker, visit=visit, defaults={"reason": reason, "by": by}
        )
        if not is_new:
            raise SettlementError(f"{worker.name}的这一笔已经暂不发放了。要改原因，请先恢复发放再办。")
        Draft(settlement).write()
        record(
            by=by,
            verb="withhold",
            words=f"{settlement}：暂不发放{worker.name}{'的一次探访' if visit else ''}",
            reason=reason,
            about=settlement,
            where=settlement.town,
        )


def withdraw_withholding(*, by: User, withholding: Withholding) -> None:
    """Pay after all what was kept back, while the settlement is a draft."""
    with transaction.atomic():
        settlement = _locked(by, Right.ASSESS_SETTLEMENT, withholding.settlement)
        _insist_draft(settlement)
        name = withholding.worker.name
        withholding.delete()
        Draft(settlement).write()
        record(
            by=by,
            verb="withdraw_withholding",
            words=f"{settlement}：恢复发放{name}",
            about=settlement,
            where=settlement.town,
        )


def assess_settlement(*, by: User, settlement: Settlement, assessment: str) -> None:
    """考核: the town stands behind the draft and hands it to the county. The month must be over."""
    with transaction.atomic():
        settlement = _locked(by, Right.ASSESS_SETTLEMENT, settlement)
        _insist_draft(settlement)
        month = Month(settlement.month)
        if today() <= month.last:
            raise SettlementError(f"{month.words}还没有过完，不能考核。请在 {month.next.first} 以后办理。")
        assessment = _reason(assessment, "请写考核意见，例如：已核对，同意上报。", most=1000)
        Draft(settlement).write()
        settlement.state = Settlement.State.ASSESSED
        settlement.assessed_by, settlement.assessed_at = by, timezone.now()
        settlement.assessment, settlement.sent_back = assessment, ""
        settlement.save(update_fields=["state", "assessed_by", "assessed_at", "assessment", "sent_back"])
        record(
            by=by,
            verb="assess_settlement",
            words=f"考核上报 {settlement}：{settlement.paid_count} 次，{settlement.total} 元",
            reason=assessment,
            about=settlement,
            where=settlement.town,
        )


def send_back(*, by: User, settlement: Settlement, reason: str) -> None:
    """The county returns an assessed settlement to the town, saying why; it is a draft again."""
    with transaction.atomic():
        settlement = _locked(by, Right.APPROVE_SETTLEMENT, settlement)
        if settlement.state != Settlement.State.ASSESSED:
            raise SettlementError(f"{settlement}现在是“{settlement.get_state_display()}”，不能退回。")
        reason = _reason(reason, "退回要写原因，镇里才知道怎么改。")
        settlement.state = Settlement.State.DRAFT
        settlement.assessed_by = settlement.assessed_at = None
        settlement.assessment, settlement.sent_back = "", reason
        settlement.save(update_fields=["state", "assessed_by", "assessed_at", "assessment", "sent_back"])
        record(
            by=by,
            verb="send_back",
            words=f"退回 {settlement}",
            reason=reason,
            about=settlement,
            where=settlement.town,
        )


def approve_settlement(*, by: User, settlement: Settlement) -> None:
    """The county approves what the town assessed; from here on nothing of it changes.

    Raise SettlementError when `by` assessed it, or when visits, lines and total do not agree.
    """
    with transaction.atomic():
        settlement = _locked(by, Right.APPROVE_SETTLEMENT, settlement)
        if settlement.is_frozen:
            raise SettlementError(f"{settlement}已经批准过了，不用再批。")
        if settlement.state != Settlement.State.ASSESSED:
            raise SettlementError(f"{settlement}镇里还没有考核上报，不能批准。")
        if settlement.assessed_by_id == by.pk:
            raise SettlementError("考核人不能批准自己考核的结算。请另一位批准人来批。")
        check_books(settlement)
        settlement.state = Settlement.State.APPROVED
        settlement.approved_by, settlement.approved_at = by, timezone.now()
        settlement.digest = digest(settlement)
        settlement.save(update_fields=["state", "approved_by", "approved_at", "digest"])
        record(
            by=by,
            verb="approve_settlement",
            words=f"批准 {settlement}：{settlement.paid_count} 次，{settlement.total} 元",
            about=settlement,
            where=settlement.town,
            data={"digest": settlement.digest},
        )


def _locked(by: User, right: Right, settlement: Settlement) -> Settlement:
    require(by, right, settlement.town_id)
    return Settlement.objects.select_for_update(of=("self",)).select_related("town").get(pk=settlement.pk)


def _reason(text: str, if_missing: str, *, most: int = 200) -> str:
    text = text.strip()
    if not text:
        raise SettlementError(if_missing)
    if len(text) > most:
        raise SettlementError(f"写了 {len(text)} 个字，太长了。请写在 {most} 个字以内。")
    return text


def _insist_draft(settlement: Settlement) -> None:
    if settlement.state != Settlement.State.DRAFT:
        raise SettlementError(f"{settlement}现在是“{settlement.get_state_display()}”，不是草稿，不能改。")
