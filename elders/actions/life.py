"""The life of an elder's record: paused, closed, reopened (domain.md §6)."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from elders.actions.classification import finish_override, judge_household
from elders.actions.locking import lock_elder
from elders.actions.registration import enter_scope
from elders.models import (
    ActivePeriod,
    ClassOverride,
    ClassPeriod,
    Elder,
    Move,
    Pause,
    RegistrationForm,
)
from elders.models.periods import MOST_PAUSED
from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.models import User
from visitcare.org.roles import Right


def close_elder(*, by: User, elder: Elder, last_day: date, reason: str) -> None:
    """Close a record after `last_day` (the day of death, of moving, …): no visit after it counts.

    Raise ValueError (Chinese) for a day that cannot be or a record that is closed already.
    """
    if reason == Elder.CloseReason.MERGED:
        raise ValueError("并档要说并到哪一份。请点“并入另一份档案”。")
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.APPROVE_ELDER)
        if elder.status == Elder.Status.CLOSED:
            raise ValueError(f"{elder.name}已于 {elder.closed_on} 注销，不用再办。")
        _refuse_impossible_end(elder, last_day, reason)
        elder.status, elder.closed_on, elder.close_reason = Elder.Status.CLOSED, last_day, reason
        elder.save(update_fields=["status", "closed_on", "close_reason"])
        end_everything(elder, last_day, by=by, why=f"已注销：{Elder.CloseReason(reason).label}")
        record(
            by=by,
            verb="close_elder",
            words=f"注销{elder.name}：{Elder.CloseReason(reason).label}，最后一天 {last_day}",
            about=elder,
            where=elder.household.place,
        )


def _refuse_impossible_end(elder: Elder, last_day: date, reason: str) -> None:
    """Somebody may have died before they were registered, from an old list; nothing else can have ended before it
    began."""
    if last_day > today():
        raise ValueError(f"注销日期 {last_day} 还没到。请填已经发生的日期。")
    if last_day < elder.birth_date:
        raise ValueError(f"注销日期 {last_day} 早于出生日期 {elder.birth_date}。请核对。")
    first_day = _first_active_day(elder)
    if reason != Elder.CloseReason.DIED and first_day and last_day < first_day:
        raise ValueError(f"{elder.name} {first_day} 才入册，注销日期 {last_day} 不能比它早。请核对。")


def _first_active_day(elder: Elder) -> date | None:
    first: date | None = (
        elder.active_periods.order_by("starts_on").values_list("starts_on", flat=True).first()
    )
    return first


def end_everything(elder: Elder, last_day: date, *, by: User, why: str) -> None:
    """Let whatever goes on with a record end with its last day; who was about to move is not, and a form that waits for
    the town is sent back."""
    active = ActivePeriod.objects.filter(elder=elder)
    active.filter(starts_on__gt=last_day).delete()
    active.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)).update(ends_on=last_day)
    # The class runs to the end of its week: the obligation of that week stays what it was and is excused.
    sunday = last_day + timedelta(days=6 - last_day.weekday())
    classes = ClassPeriod.objects.filter(elder=elder)
    classes.filter(starts_on__gt=sunday).delete()
    classes.filter(Q(ends_on=None) | Q(ends_on__gt=sunday)).update(ends_on=sunday)
    for override in ClassOverride.objects.filter(elder=elder, state__in=ClassOverride.OPEN):
        finish_override(override, by=by, last_day=sunday, reason=why)
    _cut_pauses(elder, last_day)
    Move.objects.open().filter(elder=elder).update(
        state=Move.State.WITHDRAWN, decided_by=by, decision_reason=why
    )
    RegistrationForm.objects.filter(elder=elder, state=RegistrationForm.State.SUBMITTED).update(
        state=RegistrationForm.State.RETURNED, decided_by=by, decided_at=timezone.now(), decision_reason=why
    )


def _cut_pauses(elder: Elder, last_day: date) -> None:
    pauses = Pause.objects.filter(elder=elder)
    pauses.filter(starts_on__gt=last_day).delete()
    pauses.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)).update(ends_on=last_day)


def reopen_elder(*, by: User, elder: Elder, since: date, reason: str) -> bool:
    """Open a closed record again from a day after the closing: active from then if in scope, with a class from next
    Monday; a draft, where the town had approved no form of it. Return whether in scope. Raise ValueError (Chinese) without a reason, for a day that cannot be, or when
    the person has another open record."""
    if not reason.strip():
        raise ValueError("重新入册要写原因。")
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.APPROVE_ELDER)
        if elder.merged_into is not None:
            raise ValueError(
                f"这份档案已并入{elder.merged_into.name}的另一份，不能重新入册。请在那一份里办理。"
            )
        closed_on = elder.closed_on
        if closed_on is None:
            raise ValueError(f"{elder.name}没有注销，不用重新入册。")
        following = closed_on + timedelta(days=1)
        if not following <= since <= max(today(), following):
            raise ValueError(f"恢复日期要在注销日期 {closed_on} 之后，最晚是今天。")
        approved = elder.forms.filter(state=RegistrationForm.State.APPROVED).exists()
        elder.status = Elder.Status.APPROVED if approved else Elder.Status.DRAFT
        elder.closed_on, elder.close_reason = None, ""
        try:
            with transaction.atomic():
                elder.save(update_fields=["status", "closed_on", "close_reason"])
        except IntegrityError:
            raise ValueError(f"{elder.name}另有一份在册的档案（可能在别的村）。请在那一份里办理。") from None
        in_scope = approved and enter_scope(elder, since)
        judge_household(elder.household_id, by=by)
        record(
            by=by,
            verb="reopen_elder",
            words=f"{elder.name}自 {since} 起重新入册",
            reason=reason.strip(),
            about=elder,
            where=elder.household.place,
        )
        return in_scope


def pause_elder(*, by: User, elder: Elder, starts_on: date, ends_on: date | None, reason: str) -> Pause:
    """In hospital or away. Raise ValueError when the record is not active or the days are not as they must be: begun,
    not before the registration, the right way round, at most 90 days, not paused already."""
    if starts_on > today():
        raise ValueError(f"暂停从 {starts_on} 起，还没到。请到那天再办。")
    if ends_on:
        _refuse_impossible_pause(starts_on, ends_on)
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.REVIEW_REGISTRATION)
        if elder.status != Elder.Status.ACTIVE:
            raise ValueError(f"{elder.name}现在不是在册状态，不能暂停。")
        first_day = _first_active_day(elder)
        if first_day and starts_on < first_day:
            raise ValueError(f"{elder.name} {first_day} 才入册，暂停不能从 {starts_on} 起。请核对。")
        for other in elder.pauses.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on)):
            if ends_on is None or other.starts_on <= ends_on:
                raise ValueError(
                    f"和 {other.starts_on} 到 {other.ends_on} 的那次暂停（{other.get_reason_display()}）重叠。请核对日期。"
                )
        elder.status = Elder.Status.PAUSED
        elder.save(update_fields=["status"])
        pause = Pause.objects.create(elder=elder, starts_on=starts_on, ends_on=ends_on, reason=reason)
        record(
            by=by,
            verb="pause_elder",
            words=f"{elder.name}自 {starts_on} 起暂停探访：{pause.get_reason_display()}",
            about=elder,
            where=elder.household.place,
        )
        return pause


def _refuse_impossible_pause(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise ValueError(f"暂停到 {ends_on} 为止，早于起始日期 {starts_on}。请核对。")
    if (ends_on - starts_on).days >= MOST_PAUSED:
        raise ValueError(f"一次暂停最多 {MOST_PAUSED} 天。请把结束日期改早，到期再看情况续办。")


def review_pause(*, by: User, elder: Elder, ends_on: date, reason: str) -> Pause:
    """Somebody has looked again: the pause goes on, until a day at most 90 days from now."""
    if not reason.strip():
        raise ValueError("续办暂停要写原因：老人现在怎么样，为什么还不能探访。")
    if ends_on < today():
        raise ValueError(f"新的结束日期 {ends_on} 已经过了。老人已经回来的，请点“结束暂停”。")
    _refuse_impossible_pause(today(), ends_on)
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.REVIEW_REGISTRATION)
        pause = _going_on(elder)
        pause.ends_on = ends_on
        pause.save(update_fields=["ends_on"])
        record(
            by=by,
            verb="review_pause",
            words=f"复核{elder.name}的暂停（{pause.get_reason_display()}）：续到 {ends_on}",
            reason=reason.strip(),
            about=elder,
            where=elder.household.place,
        )
        return pause


def _going_on(elder: Elder) -> Pause:
    """The pause of a paused elder. ValueError for anybody else."""
    pause: Pause | None = elder.pauses.order_by("starts_on").last()
    if elder.status != Elder.Status.PAUSED or pause is None:
        raise ValueError(f"{elder.name}现在不是暂停状态。")
    return pause


def end_pause(*, by: User, elder: Elder, last_day: date) -> None:
    """Back home: visits are due again from the next day."""
    if last_day > today():
        raise ValueError(f"暂停的最后一天 {last_day} 还没到。要改到哪天为止，请点“续办暂停”。")
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.REVIEW_REGISTRATION)
        pause = _going_on(elder)
        if last_day < pause.starts_on:
            raise ValueError(f"暂停从 {pause.starts_on} 起，最后一天不能是 {last_day}。请核对。")
        _cut_pauses(elder, last_day)
        elder.status = Elder.Status.ACTIVE
        elder.save(update_fields=["status"])
        record(
            by=by,
            verb="end_pause",
            words=f"{elder.name}的暂停到 {last_day} 为止",
            about=elder,
            where=elder.household.place,
        )


def end_pauses_that_are_over(*, by: User) -> int:
    """Whoever was paused until a day that is past is back on the list; the nightly run does this."""
    going_on = Pause.objects.filter(elder=OuterRef("pk")).filter(Q(ends_on=None) | Q(ends_on__gte=today()))
    with transaction.atomic():
        back = Elder.objects.filter(~Exists(going_on), status=Elder.Status.PAUSED)
        count = back.update(status=Elder.Status.ACTIVE)
        if count:
            record(by=by, verb="end_pause", words=f"{count} 人的暂停到期，恢复探访", data={"elders": count})
    return count
