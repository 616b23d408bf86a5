"""What people do about elders whom nobody reached (domain.md §2). None of it is a visit."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from elders.actions.locking import lock_elders
from elders.models import Elder
from visitcare.audit.actions import record
from visitcare.kit.weeks import SHANGHAI, midnight, today
from visitcare.org.actions import NotAllowed, require
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.chains import Chain
from visits.models import Alert, Inquiry
from visits.models.villages import TOWN_DIGITS
from visits.queries import field_households
from visits.unreached import chains_of

MOST_DAYS_SAFE = 7
"""For how long somebody's word is enough; whoever is away for longer is paused."""
TWICE = timedelta(minutes=10)
"""The same said again within it was sent twice."""


def inquire(
    *, by: User, elder: Elder, step: str, safe: bool, words: str, until: date | None = None
) -> Inquiry:
    """Write down what somebody found out about an elder whom nobody reached.

    `safe`: somebody knows that they are well, up to and including the day `until` (today where it is not said); that
    ends the chain. Otherwise the next step begins at once. Raises NotAllowed or a ValueError in words for the person.
    """
    now = timezone.now()
    words = words.strip()
    _check(words, safe=safe, until=until)
    with transaction.atomic():
        (elder,) = lock_elders([elder.pk])
        _require(by, elder, step)
        said = {"elder": elder, "by": by, "step": step, "safe": safe, "words": words}
        if twice := Inquiry.objects.filter(**said, at__gte=now - TWICE).first():
            return twice
        chain = chains_of([elder.pk]).get(elder.pk)
        if chain is None:
            raise ValueError(f"{elder.name}已经不用找了：刚才有人联系上了或问到了，或者现在不用探访。")
        if chain.declined and step != Inquiry.Step.TOWN:
            raise ValueError(f"{elder.name}是自己不愿意，不用再找。镇里会问老人的意愿。")
        covers_until = midnight((until or today()) + timedelta(days=1)) if safe else None
        inquiry = Inquiry.objects.create(**said, covers_until=covers_until, at=now)
        record(
            by=by,
            verb="inquire",
            words=f"没联系上{elder.name}，{inquiry.get_step_display()}：{'知道平安' if safe else '还没有消息'}",
            reason=words,
            about=elder,
            where=elder.household.place,
        )
    return inquiry


def tell_towns(*, by: User) -> int:
    """Keep in mind of whom the towns were told, once an attempt, and leave an event of it. Only the nightly run does
    this; the lists of the towns do not wait for it."""
    require(by, Right.FOLLOW_UP)
    now = timezone.now()
    late = {
        chain.attempts[0].key: chain for chain in chains_of(Elder.objects.all()).values() if chain.is_alert
    }
    with transaction.atomic():
        told = set(Alert.objects.filter(pk__in=late).values_list("pk", flat=True))
        new = {key: chain for key, chain in late.items() if key not in told}
        Alert.objects.bulk_create((Alert(visited_id=key, at=now) for key in new), ignore_conflicts=True)
        elders = Elder.objects.select_related("household__place").in_bulk(
            [chain.elder for chain in new.values()]
        )
        for chain in new.values():
            elder = elders[chain.elder]
            record(
                by=by,
                verb="tell_town",
                words=f"从 {chain.since.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 起{_what(chain)}，报给镇里",
                about=elder,
                where=elder.household.place,
            )
    return len(new)


def _what(chain: Chain) -> str:
    return f"{chain.name}不愿意" if chain.declined else f"没联系上{chain.name}"


def _check(words: str, *, safe: bool, until: date | None) -> None:
    if not words:
        raise ValueError("请写几个字：问了谁，怎么说的。")
    if len(words) > 200:
        raise ValueError(f"写了 {len(words)} 个字，太长了。请写在 200 个字以内。")
    if not safe and until:
        raise ValueError("还没有消息的，不用写到哪一天。")
    if until and not today() <= until <= today() + timedelta(days=MOST_DAYS_SAFE):
        raise ValueError(f"请写今天到 {MOST_DAYS_SAFE} 天以内的日期。更久不在家的，请办暂停（外出或住院）。")


def _require(by: User, elder: Elder, step: str) -> None:
    """The contact is asked by whoever visits the household, the village's step is its cadre's, the town's the town's."""
    place = elder.household.place_id
    if step == Inquiry.Step.TOWN:
        require(by, Right.FOLLOW_UP, place[:TOWN_DIGITS])
        return
    if step == Inquiry.Step.VILLAGE:
        require(by, Right.FOLLOW_UP, place)
    if not field_households(by).filter(pk=elder.household_id).exists():
        raise NotAllowed(f"{elder.name}不在您探访的户里。")
