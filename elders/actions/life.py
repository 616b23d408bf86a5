"""The life of an elder's record: paused, closed, reopened (domain.md §6)."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q

from elders.actions.classification import finish_override, judge_household
from elders.actions.registration import enter_scope
from elders.models import ActivePeriod, ClassOverride, ClassPeriod, Elder, Pause
from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right

MOST_PAUSED = 90
"""Days of one pause, then somebody looks again (domain.md §6)."""
CLOSED = "老人已注销"


def close_elder(*, by: User, elder: Elder, last_day: date, reason: str) -> None:
    """Close a record after `last_day` (the day of death, of moving, …): no visit after it counts.

    Raise ValueError (Chinese) for a day in the future or a record that is closed already.
    """
    require(by, Right.APPROVE_ELDER, elder.household.place_id)
    if last_day > today():
        raise ValueError(f"注销日期 {last_day} 还没到。请填已经发生的日期。")
    with transaction.atomic():
        elder = Elder.objects.select_for_update().get(pk=elder.pk)
        if elder.status == Elder.Status.CLOSED:
            raise ValueError(f"{elder.name}已于 {elder.closed_on} 注销，不用再办。")
        elder.status, elder.closed_on, elder.close_reason = Elder.Status.CLOSED, last_day, reason
        elder.save(update_fields=["status", "closed_on", "close_reason"])
        _end_periods(elder, last_day, by)
        record(
            by=by,
            verb="close_elder",
            words=f"注销{elder.name}：{Elder.CloseReason(reason).label}，最后一天 {last_day}",
            about=elder,
            where=elder.household.place,
        )


def _end_periods(elder: Elder, last_day: date, by: User) -> None:
    active = ActivePeriod.objects.filter(elder=elder)
    active.filter(starts_on__gt=last_day).delete()
    active.filter(Q(ends_on=None) | Q(ends_on__gt=last_day)).update(ends_on=last_day)
    # The class runs to the end of its week: the obligation of that week stays what it was and is excused.
    sunday = last_day + timedelta(days=6 - last_day.weekday())
    classes = ClassPeriod.objects.filter(elder=elder)
    classes.filter(starts_on__gt=sunday).delete()
    classes.filter(Q(ends_on=None) | Q(ends_on__gt=sunday)).update(ends_on=sunday)
    for override in ClassOverride.objects.filter(elder=elder, state__in=ClassOverride.OPEN):
        finish_override(override, by=by, last_day=sunday, reason=CLOSED)


def reopen_elder(*, by: User, elder: Elder, since: date, reason: str) -> bool:
    """Open a closed record again from a day after the closing: active from then if in scope, with a class from next
    Monday. Return whether in scope. Raise ValueError (Chinese) without a reason, for a day that cannot be, or when
    the person has another open record."""
    require(by, Right.APPROVE_ELDER, elder.household.place_id)
    if not reason.strip():
        raise ValueError("重新入册要写原因。")
    with transaction.atomic():
        elder = (
            Elder.objects.select_for_update(of=("self",)).select_related("household__place").get(pk=elder.pk)
        )
        closed_on = elder.closed_on
        if closed_on is None:
            raise ValueError(f"{elder.name}没有注销，不用重新入册。")
        following = closed_on + timedelta(days=1)
        if not following <= since <= max(today(), following):
            raise ValueError(f"恢复日期要在注销日期 {closed_on} 之后，最晚是今天。")
        elder.status, elder.closed_on, elder.close_reason = Elder.Status.APPROVED, None, ""
        try:
            with transaction.atomic():
                elder.save(update_fields=["status", "closed_on", "close_reason"])
        except IntegrityError:
            raise ValueError(f"{elder.name}另有一份在册的档案（可能在别的村）。请在那一份里办理。") from None
        in_scope = enter_scope(elder, since)
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
    the right way round, at most 90 days."""
    require(by, Right.REVIEW_REGISTRATION, elder.household.place_id)
    if starts_on > today():
        raise ValueError(f"暂停从 {starts_on} 起，还没到。请到那天再办。")
    if ends_on and ends_on < starts_on:
        raise ValueError(f"暂停到 {ends_on} 为止，早于起始日期 {starts_on}。请核对。")
    if ends_on and (ends_on - starts_on).days >= MOST_PAUSED:
        raise ValueError(f"一次暂停最多 {MOST_PAUSED} 天。请把结束日期改早，到期再看情况续办。")
    with transaction.atomic():
        if not Elder.objects.filter(pk=elder.pk, status=Elder.Status.ACTIVE).update(
            status=Elder.Status.PAUSED
        ):
            raise ValueError(f"{elder.name}现在不是在册状态，不能暂停。")
        pause = Pause.objects.create(elder=elder, starts_on=starts_on, ends_on=ends_on, reason=reason)
        record(
            by=by,
            verb="pause_elder",
            words=f"{elder.name}自 {starts_on} 起暂停探访：{pause.get_reason_display()}",
            about=elder,
            where=elder.household.place,
        )
        return pause


def end_pause(*, by: User, elder: Elder, last_day: date) -> None:
    """Back home: visits are due again from the next day."""
    require(by, Right.REVIEW_REGISTRATION, elder.household.place_id)
    with transaction.atomic():
        if not Elder.objects.filter(pk=elder.pk, status=Elder.Status.PAUSED).update(
            status=Elder.Status.ACTIVE
        ):
            raise ValueError(f"{elder.name}现在不是暂停状态。")
        open_pauses = Pause.objects.filter(elder=elder).filter(Q(ends_on=None) | Q(ends_on__gt=last_day))
        open_pauses.filter(starts_on__gt=last_day).update(ends_on=F("starts_on"))
        open_pauses.filter(starts_on__lte=last_day).update(ends_on=last_day)
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
