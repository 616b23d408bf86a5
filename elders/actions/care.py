"""个性化关爱服务内容: what the visits to one elder are to bring (notice part 3)."""

from datetime import date

from django.db import transaction

from elders.models import CarePlan, Elder
from visitcare.audit.actions import record
from visitcare.kit.weeks import today
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right


def agree_care_plan(
    *, by: User, elder: Elder, agreed_on: date, content: str, agreed_with: str = ""
) -> CarePlan:
    """Write down what was agreed with an elder or the family on a day; one of the same day is corrected. Raise
    ValueError (Chinese) for an empty plan or a day that has not come."""
    require(by, Right.REGISTER_ELDER, elder.household.place_id)
    if not content.strip():
        raise ValueError("关爱服务内容空着。请写和老人约定的内容，例如：每周二上门，帮忙量血压。")
    if agreed_on > today():
        raise ValueError(f"约定日期 {agreed_on} 还没到。请填实际约定的那一天。")
    with transaction.atomic():
        plan, _ = CarePlan.objects.update_or_create(
            elder=elder,
            agreed_on=agreed_on,
            defaults={"content": content.strip(), "agreed_with": agreed_with},
        )
        record(
            by=by,
            verb="agree_care_plan",
            words=f"约定{elder.name}的关爱服务内容（{agreed_on}）",
            about=elder,
            where=elder.household.place,
        )
        return plan
