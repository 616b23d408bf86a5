"""Assessments by GB/T 42195-2022 that come later than the registration: dated, with whoever assessed."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from elders.actions.classification import judge_household
from elders.actions.locking import lock_elder
from elders.actions.registration import check_score
from elders.models import Assessment, ClassPeriod, Elder
from visitcare.audit.actions import record
from visitcare.kit.weeks import next_monday, today
from visitcare.org.models import User
from visitcare.org.roles import Right


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was written, and what follows: the elder's class until the Sunday, and from the Monday after it."""

    assessment: Assessment
    corrected: bool
    monday: date
    before: str | None
    after: str | None


def record_assessment(
    *,
    by: User,
    elder: Elder,
    assessed_on: date,
    assessor: str,
    level: str = "",
    score: int | None = None,
    mismatch_reason: str = "",
    standard: str = "",
) -> Assessed:
    """Write an assessment, or correct the one of the same day; classes of the household follow on the next Monday.

    Raise ValueError (Chinese) for a day that cannot be, nobody who assessed, neither level nor score, or the two not in
    agreement without a reason.
    """
    if not elder.birth_date <= assessed_on <= today():
        raise ValueError(
            f"评估日期 {assessed_on} 不对：不能早于出生日期 {elder.birth_date}，也不能晚于今天。请核对评估报告。"
        )
    if not assessor.strip():
        raise ValueError("请填评估人或评估机构，在评估报告上。")
    level = check_score(level, score, mismatch_reason.strip())
    if not level:
        raise ValueError("能力程度和总分至少填一样。")
    with transaction.atomic():
        elder = lock_elder(elder, by=by, right=Right.REVIEW_REGISTRATION)
        if elder.status == Elder.Status.CLOSED:
            raise ValueError(f"{elder.name}已于 {elder.closed_on} 注销。要录入评估，请先重新入册。")
        assessment, made = Assessment.objects.update_or_create(
            elder=elder,
            assessed_on=assessed_on,
            defaults={
                "level": level,
                "score": score,
                "assessor": assessor.strip(),
                "mismatch_reason": mismatch_reason.strip(),
                "standard": standard.strip() or Assessment._meta.get_field("standard").default,
            },
        )
        judge_household(elder.household_id, by=by)
        record(
            by=by,
            verb="record_assessment",
            words=f"{'录入' if made else '改正'}{elder.name} {assessed_on} 的能力评估：{assessment}",
            about=elder,
            where=elder.household.place,
        )
    monday = next_monday(today())
    return Assessed(assessment, not made, monday, _class_on(elder, today()), _class_on(elder, monday))


def _class_on(elder: Elder, day: date) -> str | None:
    return ClassPeriod.objects.filter(elder=elder).on(day).values_list("risk_class", flat=True).first()
