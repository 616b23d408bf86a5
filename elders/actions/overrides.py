"""Manual overrides of a class (domain.md §1): proposed with a reason, decided by another person, looked at again by a
day. The class follows on the next Monday, and goes back to what the engine says on the Monday after the end."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from elders.actions.classification import coming_verdict, finish_override, judge_household
from elders.actions.locking import lock_elder
from elders.models import ClassOverride, Elder, RiskClass
from visitcare.audit.actions import record
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import Right

MOST_DAYS = 180
"""Days until somebody looks again whether an override still fits."""


def propose_override(
    *, by: User, elder: Elder, risk_class: str, reason: str, review_on: date
) -> ClassOverride:
    """Propose another class than the engine's. Raise ValueError (Chinese) without a reason, for a review date that
    cannot be, an elder without a class, or where one is waiting or in force already."""
    _require_reason(reason, "手工调整要写理由，批准的人才知道为什么。")
    _check_review(review_on)
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.REVIEW_REGISTRATION)
        computed = _computed(elder)
        if computed == risk_class:
            raise ValueError(f"系统现在判定就是{RiskClass(computed).label}，不用调整。")
        try:
            with transaction.atomic():
                override = ClassOverride.objects.create(
                    elder=elder,
                    risk_class=risk_class,
                    computed_class=computed,
                    reason=reason.strip(),
                    review_on=review_on,
                    proposed_by=by,
                    proposed_at=timezone.now(),
                )
        except IntegrityError:
            raise ValueError(f"{elder.name}已经有一项手工调整在等批准或正在执行。请先办完那一项。") from None
        words = f"提出把{elder.name}调整为{_letter(override)}"
        _tell(by, elder, reason, verb="propose_override", words=words)
    return override


def approve_override(*, by: User, override: ClassOverride) -> ClassOverride:
    """Let a proposal take effect on the coming Monday. Raise ValueError (Chinese) where it no longer fits."""
    with transaction.atomic():
        elder = lock_elder(override.elder, by=by, right=Right.APPROVE_ELDER)
        _require_another(by, override)
        starts_on = next_monday(today())
        if _computed(elder) == override.risk_class:
            raise ValueError(f"系统现在判定也是{_letter(override)}，不用再调整了。请退回这一项。")
        if override.review_on <= starts_on:
            raise ValueError(
                f"复核日期 {override.review_on} 不晚于生效的 {starts_on}。请退回，由提出人改一个复核日期。"
            )
        _decide(by, override, ClassOverride.State.APPROVED, starts_on=starts_on)
        judge_household(elder.household_id, by=by)
        words = f"批准从 {starts_on} 起把{elder.name}调整为{_letter(override)}"
        _tell(by, elder, override.reason, verb="approve_override", words=words)
    override.refresh_from_db()
    return override


def return_override(*, by: User, override: ClassOverride, reason: str) -> None:
    """Send a proposal back, saying why."""
    _require_reason(reason, "退回要写原因，提出的人才知道。")
    with transaction.atomic():
        elder = lock_elder(override.elder, by=by, right=Right.APPROVE_ELDER)
        _require_another(by, override)
        _decide(by, override, ClassOverride.State.RETURNED, decision_reason=reason.strip())
        words = f"退回把{elder.name}调整为{_letter(override)}的申请"
        _tell(by, elder, reason, verb="return_override", words=words)


def end_override(*, by: User, override: ClassOverride, reason: str) -> ClassOverride:
    """End an override that is in force: from the coming Monday what the engine says."""
    _require_reason(reason, "结束手工调整要写原因。")
    with transaction.atomic():
        elder = lock_elder(override.elder, by=by, right=Right.APPROVE_ELDER)
        current = ClassOverride.objects.filter(pk=override.pk, state=ClassOverride.State.APPROVED).first()
        sunday = next_monday(today()) - timedelta(days=1)
        if current is None or not finish_override(current, by=by, last_day=sunday, reason=reason.strip()):
            raise ValueError("这项手工调整没有在执行，或者刚才已经结束了。请看看最新的情况。")
        judge_household(elder.household_id, by=by)
        words = f"结束{elder.name}的手工调整，从 {sunday + timedelta(days=1)} 起按系统判定"
        _tell(by, elder, reason, verb="end_override", words=words)
    return current


def continue_override(*, by: User, override: ClassOverride, review_on: date, reason: str) -> None:
    """Somebody has looked again and it still fits: until the next review. As with the proposal, whoever proposed it
    does not confirm it."""
    _require_reason(reason, "复核后继续要写明看到的情况。")
    _check_review(review_on)
    with transaction.atomic():
        elder = lock_elder(override.elder, by=by, right=Right.APPROVE_ELDER)
        _require_another(by, override)
        if override.starts_on and review_on <= override.starts_on:
            raise ValueError(f"复核日期要在生效的 {override.starts_on} 之后。")
        running = ClassOverride.objects.filter(pk=override.pk, state=ClassOverride.State.APPROVED)
        if not running.update(review_on=review_on, review_reason=reason.strip()):
            raise ValueError("这项手工调整没有在执行，不用复核。请看看最新的情况。")
        words = f"复核{elder.name}的手工调整，继续执行，下次复核 {review_on}"
        _tell(by, elder, reason, verb="continue_override", words=words)


def _computed(elder: Elder) -> str:
    """The class that the engine gives for the coming Monday, which is what there is to be overridden."""
    if elder.status not in (Elder.Status.ACTIVE, Elder.Status.PAUSED):
        raise ValueError(f"{elder.name}不在册，没有类别可以调整。")
    letter = coming_verdict(elder).risk_class
    if letter is None:
        raise ValueError(f"按资料，{elder.name}不在探访范围，没有类别可以调整。资料有误的，请先更新登记。")
    return letter


def _require_reason(reason: str, words: str) -> None:
    if not reason.strip():
        raise ValueError(words)


def _check_review(review_on: date) -> None:
    """Later than the Monday on which it could begin, and not too far off."""
    first, last = next_monday(today()) + timedelta(days=1), today() + timedelta(days=MOST_DAYS)
    if not first <= review_on <= last:
        raise ValueError(f"复核日期要在 {first} 到 {last} 之间（最多 {MOST_DAYS} 天），请改。")


def _require_another(by: User, override: ClassOverride) -> None:
    if by.pk == override.proposed_by_id:
        raise NotAllowed("这项手工调整是您自己提出的，要由另一个人决定。")


def _decide(by: User, override: ClassOverride, state: str, **said: object) -> None:
    """A proposal is decided once, by whoever comes first."""
    waiting = ClassOverride.objects.filter(pk=override.pk, state=ClassOverride.State.PROPOSED)
    if not waiting.update(state=state, decided_by=by, decided_at=timezone.now(), **said):
        raise ValueError("这项手工调整已经有人决定过了，或者撤销了。请看看最新的情况。")


def _letter(override: ClassOverride) -> str:
    return RiskClass(override.risk_class).label


def _tell(by: User, elder: Elder, reason: str, *, verb: str, words: str) -> None:
    record(by=by, verb=verb, words=words, reason=reason.strip(), about=elder, where=elder.household.place)
