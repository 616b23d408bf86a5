"""What a contact is, when it counts and when it comes too late (domain.md §2 and §3)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from visitcare.kit.weeks import Week, local_day
from visitcare.policy.rules import CarePolicy

HOME, PHONE, VIDEO = "home", "phone", "video"
GREETING = "greeting"
OUTCOMES = {
    HOME: ("met", "family", "not_home", "declined"),
    PHONE: ("spoke", "family", "no_answer", "declined"),
    VIDEO: ("spoke", "family", "no_answer", "declined"),
}
MODE_WORDS = {HOME: "上门", PHONE: "电话", VIDEO: "视频"}
OUTCOME_WORDS = {
    "met": "见到本人",
    "spoke": "本人接听",
    "family": "家属代答",
    "not_home": "不在家",
    "no_answer": "无人接听",
    "declined": "谢绝",
}
STILL_TAKEN = timedelta(days=8)
"""A visit may be typed until the Monday after its week, also when the elder has died or moved since."""


def kind_of(mode: str) -> str:
    """Phone and video are one kind: a greeting."""
    return HOME if mode == HOME else GREETING


def kinds_and_days(contacts: Iterable[tuple[str, datetime]]) -> set[tuple[str, date]]:
    """Kind and day of some contacts, given by mode and moment: two of a kind on one day count once."""
    return {(kind_of(mode), local_day(at)) for mode, at in contacts}


def is_countable(outcome: str, *, unable_to_answer: bool, policy: CarePolicy) -> bool:
    """Whether a contact counts for an elder: met in person, the elder's own voice, or a family member's answer where
    the elder is recorded as unable to speak or hear (P)."""
    if outcome in ("met", "spoke"):
        return True
    return outcome == "family" and (unable_to_answer or not policy.family_answer_needs_unable)


def is_late(started_at: datetime, received_at: datetime) -> bool:
    """Entered after the Monday that follows the week of the visit (domain.md §3)."""
    return received_at >= Week.of(local_day(started_at)).timely_until


def is_backfilled(started_at: datetime, received_at: datetime) -> bool:
    """Typed on a later day than the visit (补录)."""
    return local_day(received_at) > local_day(started_at)
