"""Duties, plan and checks of visits (notice part 3; domain.md §2 and §3). Pure: no Django, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from visitcare.kit.weeks import SHANGHAI, Week, local_day
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
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a phone's clock may run ahead before a visit is said to lie in the future."""
STILL_TAKEN = timedelta(days=8)
"""A visit may be typed until the Monday after its week, also when the elder has died or moved since."""

FINDING_WORDS: dict[str, dict[str, str]] = {
    "health": {
        "speech": "说话不清",
        "movement": "走路不稳",
        "reaction": "反应慢了",
        "illness": "生病了",
        "mood": "心情不好",
        "else": "其他",
    },
    "safety": {
        "building": "房屋",
        "water": "用水",
        "power": "用电",
        "gas": "煤气",
        "heating": "取暖",
        "else": "其他",
    },
    "family": {
        "no_visits": "很久没来看",
        "no_calls": "很久没电话",
        "no_care": "没人照料",
        "wants_mediation": "想有人劝说",
    },
    "livelihood": {
        "food": "吃饭",
        "clothing": "穿衣",
        "housing": "住房",
        "transport": "出门",
        "medical": "看病",
        "benefits": "补助没领到",
    },
    "needs": {
        "meals": "送餐",
        "bathing": "洗澡",
        "daily_care": "日常照料",
        "rehabilitation": "康复",
        "comfort": "陪着说话",
        "emergency": "紧急呼叫",
        "adaptation": "家里改造",
        "else": "其他",
    },
}
REFERRAL_DAYS = {"health": 3, "safety": 7, "family": 14, "livelihood": 14, "needs": 14}
"""Days until a referral of each area is late."""


def kind_of(mode: str) -> str:
    """Phone and video are one kind: a greeting."""
    return HOME if mode == HOME else GREETING


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


# Duties


class Due(NamedTuple):
    """Contacts of a week, by kind."""

    home: int
    greeting: int

    @property
    def total(self) -> int:
        return self.home + self.greeting


def duty(risk_class: str, consent: str, policy: CarePolicy) -> Due | None:
    """What an elder is owed in a week; None when they refused (domain.md §2: no obligation)."""
    if consent == "refused":
        return None
    home, greeting = policy.weekly(risk_class)
    return Due(0 if consent == "phone_only" else home, greeting)


def still_due(required: Due, done: Due, policy: CarePolicy) -> Due:
    """What is left: a surplus home visit may cover a greeting (P), a greeting never covers a home visit."""
    home = max(required.home - done.home, 0)
    surplus = max(done.home - required.home, 0) if policy.surplus_home_covers_phone else 0
    return Due(home, max(required.greeting - done.greeting - surplus, 0))


# Plan


@dataclass(frozen=True, slots=True)
class Planned:
    """One proposed contact of a household: the day (0 = Monday), the mode, and which of its elders take part."""

    day: int
    mode: str
    elders: tuple[int, ...]


WORKDAYS, WEEKDAYS = 5, 7


def plan_household(duties: Sequence[Due], offset: int) -> list[Planned]:
    """Spread a household's contacts of a week: home and phone alternate, on different days, elders together.

    `duties` is one Due an elder, `offset` rotates the days so that a worker's households do not all fall on Monday.
    Weekends stay free for catching up unless there are more contacts than working days. Never more than one contact
    of a kind a day: whoever is owed more than seven of a kind is planned seven.
    """
    homes = min(max((due.home for due in duties), default=0), WEEKDAYS)
    greetings = min(max((due.greeting for due in duties), default=0), WEEKDAYS)
    counts = {HOME: 0, PHONE: 0}
    planned: list[Planned] = []
    for day, mode in _slots(homes, greetings, offset):
        counts[mode] += 1
        owed = tuple(
            index
            for index, due in enumerate(duties)
            if (due.home if mode == HOME else due.greeting) >= counts[mode]
        )
        planned.append(Planned(day, mode, owed))
    return planned


def _slots(homes: int, greetings: int, offset: int) -> list[tuple[int, str]]:
    """Day and mode of each contact, in the order of the week."""
    total = homes + greetings
    if total > WEEKDAYS:  # some days get one of each kind
        each = ((HOME, _days(homes, WEEKDAYS, offset)), (PHONE, _days(greetings, WEEKDAYS, offset + 1)))
        return sorted((day, mode) for mode, days in each for day in days)
    days = _days(total, WORKDAYS if total <= WORKDAYS else WEEKDAYS, offset)
    return list(zip(days, _alternating(homes, greetings, offset), strict=True))


def _days(count: int, span: int, offset: int) -> list[int]:
    return sorted([(position * span // count + offset) % span for position in range(count)])


def _alternating(homes: int, greetings: int, offset: int) -> list[str]:
    """The more frequent mode begins; of two equal ones each in every other household, so that no day is all homes."""
    home_first = homes > greetings or (homes == greetings and offset % 2 == 0)
    left = [(HOME, homes), (PHONE, greetings)] if home_first else [(PHONE, greetings), (HOME, homes)]
    return [mode for turn in range(max(homes, greetings)) for mode, count in left if turn < count]


# Checks on arrival


@dataclass(frozen=True, slots=True)
class Visited:
    """What the checks must know of one elder of a visit, as of its day."""

    name: str
    household: UUID
    died_on: date | None = None
    is_worker: bool = False
    unable_to_answer: bool = False
    paused: bool = False
    active: bool = True
    phone_only: bool = False


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another visit near this one: by the same worker, or to the same household."""

    id: UUID
    household: UUID
    worker: UUID
    mode: str
    started_at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit as it arrives, with what surrounds it. Both times are aware."""

    mode: str
    outcome: str
    started_at: datetime
    received_at: datetime
    elders: tuple[Visited, ...]
    assigned: bool = True
    household_same_day: tuple[Neighbour, ...] = ()
    worker_nearby: tuple[Neighbour, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a visit cannot be: the field to mend and the words for whoever typed it."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A flag: its code, its words for the reviewer, and the visit it collides with."""

    code: str
    words: str
    other: UUID | None = None


def refusals(arrival: Arrival) -> list[Refusal]:
    """What is impossible about a visit (domain.md §3): it is not stored."""
    found: list[Refusal] = []
    if not arrival.elders:
        found.append(Refusal("elders", "没有选老人。请至少选一位。"))
    if len({elder.household for elder in arrival.elders}) > 1:
        found.append(Refusal("elders", "这几位老人不是一户。请一户记一条。"))
    if arrival.mode not in OUTCOMES:
        found.append(Refusal("mode", "没有选怎么看望的。请选上门、电话或视频。"))
    elif arrival.outcome not in OUTCOMES[arrival.mode]:
        outcome = OUTCOME_WORDS.get(arrival.outcome, arrival.outcome)
        found.append(
            Refusal("outcome", f"“{outcome}”和“{MODE_WORDS[arrival.mode]}”对不上。请改探访方式或结果。")
        )
    if arrival.started_at > arrival.received_at + CLOCK_TOLERANCE:
        when = arrival.started_at.astimezone(SHANGHAI)
        found.append(Refusal("started_at", f"时间写成了还没到的 {when:%Y-%m-%d %H:%M}。请改一下时间。"))
    day = local_day(arrival.started_at)
    for elder in arrival.elders:
        if elder.died_on and day > elder.died_on:
            found.append(
                Refusal(
                    "elders", f"{elder.name}已于 {elder.died_on} 去世，这之后不能再记探访。请核对日期和人。"
                )
            )
        if elder.is_worker:
            found.append(Refusal("elders", f"{elder.name}就是探访人本人，不能探访自己。请换一位探访人来记。"))
    return found


def doubts(arrival: Arrival, policy: CarePolicy) -> list[Doubt]:
    """What a person should look at (domain.md §3). Never more than one flag of a code; none rejects by itself."""
    return [
        doubt
        for doubt in (
            _second_contact(arrival),
            *_elder_doubts(arrival.elders, arrival.mode),
            None if arrival.assigned else Doubt("not_assigned", "不是这户的责任网格员"),
            _odd_hour(arrival, policy),
            _burst(arrival, policy),
            _same_words(arrival),
            _typed_late(arrival),
        )
        if doubt is not None
    ]


def _second_contact(arrival: Arrival) -> Doubt | None:
    kind, day = kind_of(arrival.mode), local_day(arrival.started_at)
    for other in arrival.household_same_day:
        if kind_of(other.mode) == kind and local_day(other.started_at) == day:
            when = other.started_at.astimezone(SHANGHAI)
            words = f"同一户这天已有一次{'上门' if kind == HOME else '电话（视频）'}：{when:%H:%M}"
            return Doubt("second_contact", words, other.id)
    return None


def _elder_doubts(elders: Iterable[Visited], mode: str) -> list[Doubt]:
    elders = list(elders)
    found = []
    if paused := [elder.name for elder in elders if elder.paused]:
        found.append(Doubt("paused_elder", f"{'、'.join(paused)}这天登记为住院或外出"))
    if inactive := [elder.name for elder in elders if not elder.active]:
        found.append(Doubt("elder_not_active", f"{'、'.join(inactive)}这天还不在册，或者已经注销"))
    if mode == HOME and (phone_only := [elder.name for elder in elders if elder.phone_only]):
        found.append(Doubt("phone_only", f"{'、'.join(phone_only)}登记的意愿是仅电话，这次是上门"))
    return found


def _odd_hour(arrival: Arrival, policy: CarePolicy) -> Doubt | None:
    when = arrival.started_at.astimezone(SHANGHAI)
    of_day = timedelta(hours=when.hour, minutes=when.minute, seconds=when.second)
    if timedelta(hours=policy.day_starts_hour) <= of_day <= timedelta(hours=policy.day_ends_hour):
        return None
    return Doubt(
        "odd_hour", f"时间是 {when:%H:%M}，在 {policy.day_starts_hour}:00—{policy.day_ends_hour}:00 之外"
    )


def _burst(arrival: Arrival, policy: CarePolicy) -> Doubt | None:
    """Two households at their homes within minutes of each other. Calls may follow one another closely."""
    if arrival.mode != HOME:
        return None
    household = arrival.elders[0].household if arrival.elders else None
    gap = timedelta(minutes=policy.burst_minutes)
    for other in arrival.worker_nearby:
        close = abs(other.started_at - arrival.started_at) < gap
        if other.mode == HOME and other.household != household and close:
            minutes = abs(other.started_at - arrival.started_at) // timedelta(minutes=1)
            return Doubt("burst", f"和另一户的上门只隔 {minutes} 分钟", other.id)
    return None


def _same_words(arrival: Arrival) -> Doubt | None:
    if len(arrival.words) < 8:  # "都好" again and again is no doubt
        return None
    for other in arrival.worker_nearby:
        if other.words == arrival.words:
            return Doubt("same_words", "写的内容和另一条一字不差", other.id)
    return None


def _typed_late(arrival: Arrival) -> Doubt | None:
    if not is_late(arrival.started_at, arrival.received_at):
        return None
    typed = arrival.received_at.astimezone(SHANGHAI)
    until = Week.of(local_day(arrival.started_at)).timely_until.astimezone(SHANGHAI)
    return Doubt("late", f"{typed:%Y-%m-%d %H:%M} 才录入，{until:%Y-%m-%d} 零点已到期")
