"""What is impossible about a visit, and what is doubtful (domain.md §3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from visitcare.kit.positions import Box, Position, distance_words
from visitcare.kit.weeks import SHANGHAI, Week, local_day
from visitcare.policy.rules import CarePolicy
from visits.rules.clocks import CLOCK_TOLERANCE
from visits.rules.contacts import HOME, MODE_WORDS, OUTCOME_WORDS, OUTCOMES, is_late, kind_of

NEAR = 500
"""Metres, below which nobody asks how fast somebody went."""


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
    place: Position | None = None
    """Where it was: what was told of it, else where the household usually is."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit as it arrives, with what surrounds it. Both times are aware. `usual` is where its household is by earlier
    readings, `county` what no reading should lie outside of."""

    mode: str
    outcome: str
    started_at: datetime
    received_at: datetime
    elders: tuple[Visited, ...]
    assigned: bool = True
    household_same_day: tuple[Neighbour, ...] = ()
    worker_nearby: tuple[Neighbour, ...] = ()
    words: str = ""
    phone_said: datetime | None = None
    """Where the phone's clock was wrong, what it showed."""
    sent_back: UUID | None = None
    """A record of this worker, household and day that the town has refused and that counts no more."""
    position: Position | None = None
    usual: Position | None = None
    county: Box | None = None

    @property
    def place(self) -> Position | None:
        return self.position or self.usual


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a visit cannot be: the field to mend and the words for whoever typed it. `mendable`: what stands in its way is
    in the registry and may be wrong there, so that another person could mend it."""

    field: str
    words: str
    mendable: bool = False


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
        found.append(Refusal("elders", "这几位老人不是一户。请一户记一条。", mendable=True))
    if misfit := how_refused(arrival.mode, arrival.outcome):
        found.append(misfit)
    if arrival.started_at > arrival.received_at + CLOCK_TOLERANCE:
        when = arrival.started_at.astimezone(SHANGHAI)
        found.append(Refusal("started_at", f"时间写成了还没到的 {when:%Y-%m-%d %H:%M}。请改一下时间。"))
    day = local_day(arrival.started_at)
    for elder in arrival.elders:
        if elder.died_on and day > elder.died_on:
            found.append(
                Refusal(
                    "elders",
                    f"{elder.name}已于 {elder.died_on} 去世，这之后不能再记探访。请核对日期和人。",
                    mendable=True,
                )
            )
        if elder.is_worker:
            found.append(Refusal("elders", f"{elder.name}就是探访人本人，不能探访自己。请换一位探访人来记。"))
    return found


def how_refused(mode: str, outcome: str) -> Refusal | None:
    """A way of visiting that there is not, or an outcome that it cannot have."""
    if mode not in OUTCOMES:
        return Refusal("mode", "没有选怎么看望的。请选上门、电话或视频。")
    if outcome not in OUTCOMES[mode]:
        said = OUTCOME_WORDS.get(outcome, outcome[:20])
        return Refusal("outcome", f"“{said}”和“{MODE_WORDS[mode]}”对不上。请改探访方式或结果。")
    return None


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
            _too_fast(arrival, policy),
            _outside_county(arrival),
            _far(arrival, policy),
            _same_words(arrival),
            _typed_late(arrival),
            _clock_wrong(arrival),
            _typed_again(arrival),
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
    gap = timedelta(minutes=policy.burst_minutes)
    for other in _other_homes(arrival):
        if abs(other.started_at - arrival.started_at) < gap:
            minutes = abs(other.started_at - arrival.started_at) // timedelta(minutes=1)
            return Doubt("burst", f"和另一户的上门只隔 {minutes} 分钟", other.id)
    return None


def _other_homes(arrival: Arrival) -> Iterator[Neighbour]:
    """Of a visit at a home, those by the same worker at the homes of others."""
    household = arrival.elders[0].household if arrival.elders else None
    for other in arrival.worker_nearby:
        if arrival.mode == other.mode == HOME and other.household != household:
            yield other


def _too_fast(arrival: Arrival, policy: CarePolicy) -> Doubt | None:
    """Farther apart than anybody goes in the time between; of several the one that is."""
    if arrival.place is None:
        return None
    for other in _other_homes(arrival):
        if other.place is None:
            continue
        metres = arrival.place.metres_to(other.place) - arrival.place.accuracy - other.place.accuracy
        seconds = abs(other.started_at - arrival.started_at).total_seconds()
        if metres > NEAR and metres > seconds * policy.top_speed_kmh / 3.6:
            apart, minutes = distance_words(arrival.place.metres_to(other.place)), int(seconds // 60)
            return Doubt("too_fast", f"和另一户的上门相距{apart}，只隔 {minutes} 分钟", other.id)
    return None


def _outside_county(arrival: Arrival) -> Doubt | None:
    if arrival.position is None or arrival.county is None or arrival.county.has(arrival.position):
        return None
    return Doubt("outside_county", "记的位置不在本县（市）")


def _far(arrival: Arrival, policy: CarePolicy) -> Doubt | None:
    if arrival.position is None or arrival.usual is None:
        return None
    metres = arrival.position.metres_to(arrival.usual)
    if metres <= policy.far_metres + arrival.position.accuracy:
        return None
    return Doubt("far", f"离这户前几次记的位置{distance_words(metres)}")


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


def _clock_wrong(arrival: Arrival) -> Doubt | None:
    if arrival.phone_said is None:
        return None
    said, was = (when.astimezone(SHANGHAI) for when in (arrival.phone_said, arrival.started_at))
    return Doubt(
        "clock_wrong",
        f"手机的时间不准：手机上是 {said:%Y-%m-%d %H:%M}，按收到的时间改成 {was:%Y-%m-%d %H:%M}",
    )


def _typed_again(arrival: Arrival) -> Doubt | None:
    """What the town has refused does not come in by another door: a person looks at what is typed in its place."""
    if arrival.sent_back is None:
        return None
    return Doubt("corrected", "镇里退回过或判过无效的，本人又记了一条", arrival.sent_back)
