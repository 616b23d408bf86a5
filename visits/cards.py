"""What a worker reads on a card and on a row of a list. Plain values and words: no database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from visitcare.kit.identity import age_on, birthday
from visitcare.kit.spoken import day_words, moment_words
from visitcare.policy.rules import CarePolicy
from visits.rules import OUTCOME_WORDS, Due, still_due

BIRTHDAY_AHEAD = 2
BACK_FOR = 2
"""Days for which it is pointed out that somebody is back, from hospital or from a journey."""
NOTHING = Due(0, 0)


@dataclass(frozen=True, slots=True)
class Note:
    """A strip on a card: an icon of the sprite and words; `mind` when it asks for something, `asks` for the referral
    that it asks about."""

    icon: str
    words: str
    mind: bool = False
    asks: UUID | None = None


@dataclass(frozen=True, slots=True)
class ExtraDue:
    """What a campaign (加访) still asks for of one elder: `left` by what is recorded so far, reviewed or not."""

    campaign: UUID
    kind: str
    words: str
    last_day: date
    left: Due


@dataclass(slots=True)
class CardElder:
    """One elder of a household. `required` is None without an obligation this week; `by_now` is what the plan asks
    up to today; `pause` is empty, 住院 or 外出."""

    id: UUID
    name: str
    is_woman: bool
    birth_date: date
    phone: str
    risk_class: str
    required: Due | None
    by_now: Due
    pause: str = ""
    pause_ends_on: date | None = None
    done: Due = NOTHING
    extra: list[ExtraDue] = field(default_factory=list)

    def is_away(self, day: date) -> bool:
        return bool(self.pause) and (self.pause_ends_on is None or self.pause_ends_on >= day)


@dataclass(slots=True)
class Card:
    """One household of a week, as of a day."""

    household: UUID
    place_code: str
    place_words: str
    address: str
    day: date
    policy: CarePolicy
    elders: list[CardElder] = field(default_factory=list)
    found: dict[UUID, str] = field(default_factory=dict)
    """Open referrals in short."""
    failed_at: datetime | None = None

    @property
    def state(self) -> str:
        """`today`, `later`, `done`, `away` (nobody of it is at home) or `other` (nothing owed this week). What a
        campaign asks for is due today, whatever the week still asks for."""
        if any(elder.extra and not elder.is_away(self.day) for elder in self.elders):
            return "today"
        owed = [elder for elder in self.elders if elder.required]
        if not owed:
            return "other"
        if all(elder.is_away(self.day) for elder in owed):
            return "away"
        if not self.left.total:
            return "done"
        return "today" if self._left_by_now.total else "later"

    @property
    def left(self) -> Due:
        """What is still due this week: the most of its elders, for one contact can be for all of them."""
        return _most(
            still_due(elder.required, elder.done, self.policy) for elder in self._awaited if elder.required
        )

    @property
    def _left_by_now(self) -> Due:
        return _most(still_due(elder.by_now, elder.done, self.policy) for elder in self._awaited)

    @property
    def _awaited(self) -> list[CardElder]:
        return [elder for elder in self.elders if elder.required and not elder.is_away(self.day)]

    @property
    def left_words(self) -> list[str]:
        return due_words(self.left)

    @property
    def done_words(self) -> list[str]:
        return due_words(_most(elder.done for elder in self.elders))

    @property
    def risk_class(self) -> str:
        """The household's highest class, empty when there is none this week."""
        return min((elder.risk_class for elder in self.elders if elder.risk_class), default="")

    @property
    def names(self) -> str:
        return "、".join(elder.name for elder in self.elders)

    @property
    def ages(self) -> str:
        return "、".join(f"{age_on(elder.birth_date, self.day)} 岁" for elder in self.elders)

    @property
    def where(self) -> str:
        return self.address or self.place_words

    @property
    def phone(self) -> str:
        return next((elder.phone for elder in self.elders if elder.phone), "")

    @property
    def to_tick(self) -> str:
        """The elders a call reaches, as the record form wants them."""
        return " ".join(str(elder.id) for elder in self.elders if not elder.is_away(self.day))

    @property
    def notes(self) -> list[Note]:
        """What else to know before going there; what asks for something comes first."""
        notes = [
            Note("bang", f"上次发现：{words}，解决了吗？", mind=True, asks=referral)
            for referral, words in self.found.items()
        ]
        for elder in self.elders:
            notes += self._notes_of(elder)
        if self.failed_at:
            notes.append(
                Note("clock", f"{moment_words(self.failed_at, today=self.day)} 没联系上，请再试一次。")
            )
        return sorted(notes, key=lambda note: not note.mind)

    def _notes_of(self, elder: CardElder) -> list[Note]:
        notes = []
        if elder.is_away(self.day):
            until = elder.pause_ends_on
            back = f"，到{day_words(until, today=self.day)}为止" if until else ""
            notes.append(Note("hospital", f"{elder.name}{elder.pause}{back}，这几天不用看望。"))
        elif elder.pause and elder.pause_ends_on:
            came = day_words(elder.pause_ends_on, today=self.day)
            home = "出院" if elder.pause == "住院" else "回来了"
            notes.append(Note("hospital", f"{elder.name}{came}{home}，请上门看看。", mind=True))
        if not elder.is_away(self.day):
            notes += [self._extra_note(elder, extra) for extra in elder.extra]
        for ahead in range(BIRTHDAY_AHEAD + 1):
            day = self.day + timedelta(days=ahead)
            years = day.year - elder.birth_date.year
            if birthday(elder.birth_date, years) == day:
                whose = elder.name if len(self.elders) > 1 else ("她" if elder.is_woman else "他")
                notes.append(Note("cake", f"{day_words(day, today=self.day)}是{whose} {years} 岁生日。"))
        return notes

    def _extra_note(self, elder: CardElder, extra: ExtraDue) -> Note:
        until = day_words(extra.last_day, today=self.day)
        times = "、".join(due_words(extra.left))
        return Note("heart", f"{extra.words}（加访）：{elder.name}要加{times}，到{until}为止。", mind=True)


def due_words(due: Due) -> list[str]:
    """As in ["上门 1 次", "电话 2 次"]."""
    parts = (("上门", due.home), ("电话", due.greeting))
    return [f"{kind} {times} 次" for kind, times in parts if times]


def _most(dues: Iterable[Due]) -> Due:
    listed = list(dues)
    return Due(max((due.home for due in listed), default=0), max((due.greeting for due in listed), default=0))


@dataclass(frozen=True, slots=True)
class Record:
    """A visit as its worker reads it in 我的记录."""

    id: UUID
    names: str
    started_at: datetime
    mode: str
    result: str
    state: str
    state_words: str
    reason: str

    @property
    def chip(self) -> tuple[str, str]:
        """Class name and icon of the review state."""
        return _CHIPS[self.state]

    @property
    def can_change(self) -> bool:
        return self.state in ("pending", "returned")


_CHIPS = {
    "pending": ("wait", "clock"),
    "valid": ("ok", "tick"),
    "returned": ("mind", "back"),
    "invalid": ("bad", "no"),
    "withdrawn": ("wait", "back"),
}


def result_words(outcome: str, *, found: bool, imported: bool) -> str:
    """How a visit went, as the buttons of the record page say it."""
    if imported:  # the older system kept no findings: nothing can be said of them
        return OUTCOME_WORDS[outcome]
    if outcome in ("not_home", "no_answer"):
        return "没联系上"
    if outcome == "declined":
        return "老人不愿意"
    went = "有情况" if found else "一切正常"
    return f"{went}（家里人代答）" if outcome == "family" else went
