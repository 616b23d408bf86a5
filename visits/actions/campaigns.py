"""加访: extra contacts are asked for, and asked for no more."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from elders.models import Consent, Elder
from visitcare.audit.actions import record
from visitcare.kit.copying import copy_rows
from visitcare.kit.weeks import today
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy
from visits.extra import reached
from visits.models import Campaign, CampaignElder
from visits.models.villages import VILLAGE_DIGITS

LONGEST = 31
"""Days of one campaign; whatever goes on for longer is a matter of the class or of the policy."""
BACKDATED = timedelta(days=7)


def set_up_campaign(
    *,
    by: User,
    kind: str,
    words: str,
    place: Division,
    first_day: date,
    last_day: date,
    home_due: int,
    greeting_due: int,
    classes: Sequence[str] = (),
    age_from: int | None = None,
    living: str = "",
    elder: Elder | None = None,
) -> Campaign:
    """Ask for extra contacts of those whom the filter finds now. What the weeks ask for stays as it is.

    Raise ValueError (Chinese) for days or numbers that cannot be, where nobody is found, or when it has been set up
    before.
    """
    require(by, Right.ARRANGE_EXTRA, place.code)
    words = words.strip()
    if mistake := _mistake(words, first_day, last_day, home_due, greeting_due):
        raise ValueError(mistake)
    with transaction.atomic():
        campaign = Campaign(
            kind=kind,
            words=words,
            place=place,
            first_day=first_day,
            last_day=last_day,
            home_due=home_due,
            greeting_due=greeting_due,
            surplus_covers=care_policy(first_day).surplus_home_covers_phone,
            classes=list(classes),
            age_from=age_from,
            living=living,
            elder=elder,
            set_up_by=by,
            set_up_at=timezone.now(),
        )
        try:
            with transaction.atomic():
                campaign.save(force_insert=True)
        except IntegrityError:
            raise ValueError(
                f"“{words}”从 {first_day} 起的加访已经安排过了。要再安排一次，请换一个名称。"
            ) from None
        count = copy_rows(
            CampaignElder, ("campaign", "elder", "home_due", "greeting_due", "village_code"), _drawn(campaign)
        )
        if not count:
            raise ValueError(nobody_words(campaign))
        record(
            by=by,
            verb="set_up_campaign",
            words=f"安排加访“{words}”：{first_day} 到 {last_day}，{count} 位老人，每人{due_words(campaign)}",
            about=campaign,
            where=place,
            data={"elders": count},
        )
        return campaign


def due_words(one: Any) -> str:
    """As in "上门 1 次、电话 2 次"."""
    parts = (("上门", one.home_due), ("电话", one.greeting_due))
    return "、".join(f"{kind} {times} 次" for kind, times in parts if times)


def nobody_words(campaign: Campaign) -> str:
    if campaign.elder:
        return f"{campaign.elder.name}在 {campaign.first_day} 没有类别，或者意愿不合，不能安排这样的加访。"
    return "按这些条件一位老人也没有找到。请放宽条件，或者换一个地区。"


def _mistake(words: str, first_day: date, last_day: date, home_due: int, greeting_due: int) -> str:
    """Why a campaign cannot be, in words; "" where it can."""
    days = (last_day - first_day).days + 1
    if not words:
        return "请给这次加访起个名称，例如：春节走访。网格员在手机上会看到。"
    if days < 1:
        return f"最后一天 {last_day} 早于第一天 {first_day}。请核对。"
    if days > LONGEST:
        return f"从 {first_day} 到 {last_day} 有 {days} 天，一次加访最多 {LONGEST} 天。请核对日期，或者分几次安排。"
    if last_day < today():
        return f"最后一天 {last_day} 已经过了。请填今天或以后的日期。"
    if first_day < today() - BACKDATED:
        return f"第一天 {first_day} 太早了，最早填 {today() - BACKDATED}。"
    if home_due + greeting_due < 1:
        return "请填每人加几次：上门和电话（视频）不能都是 0。"
    if max(home_due, greeting_due) > days:
        return f"一共 {days} 天，同一种探访一天只算一次，每种最多填 {days} 次。"
    return ""


def _drawn(campaign: Campaign) -> Iterator[tuple[UUID, UUID, int, int, str]]:
    """A home visit is not due of those who wish to be called only."""
    found = reached(
        place=campaign.place_id,
        day=campaign.first_day,
        classes=campaign.classes,
        age_from=campaign.age_from,
        living=campaign.living,
        elder=campaign.elder_id,
        home_only=not campaign.greeting_due,
    )
    for elder, consent, place in found.values_list("elder", "consent", "place_code"):
        home = 0 if consent == Consent.Kind.PHONE_ONLY else campaign.home_due
        yield campaign.pk, elder, home, campaign.greeting_due, place[:VILLAGE_DIGITS]


def end_campaign(*, by: User, campaign: Campaign, reason: str) -> None:
    """Ask for nothing more from today on; what was done stays done. Raise ValueError (Chinese) without a reason, or when it
    is over."""
    if not reason.strip():
        raise ValueError("提前结束要写原因。")
    with transaction.atomic():
        campaign = (
            Campaign.objects.select_for_update(of=("self",)).select_related("place").get(pk=campaign.pk)
        )
        require(by, Right.ARRANGE_EXTRA, campaign.place_id)
        if campaign.ended_on or campaign.last_day < today():
            raise ValueError(f"“{campaign}”已经结束了，不用再办。")
        campaign.ended_on, campaign.ended_by, campaign.end_reason = today(), by, reason.strip()
        campaign.save(update_fields=["ended_on", "ended_by", "end_reason"])
        record(
            by=by,
            verb="end_campaign",
            words=f"提前结束加访“{campaign}”",
            reason=reason.strip(),
            about=campaign,
            where=campaign.place,
        )
