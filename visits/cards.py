"""What a worker reads on a card and on a row of a list. Plain values and words: no database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from visitcare.kit.identity import age_on, birthday
from visitcare.kit.spoken import day_words
from visitcare.policy.rules import CarePolicy
from visits.chains import Chain
from visits.rules import OUTCOME_WORDS, Due, still_due

BIRTHDAY_AHEAD = 2
BACK_FOR = 2
"""Days for which it is pointed out that somebody is back, from hospital or from a journey."""
NOTHING = Due(0, 0)


@dataclass(frozen=True, slots=True)
class Note:
    """A strip on a card: an icon of the sprite and words; `mind` when it asks for something, `asks` for the referral
    that it asks about. `kept`: the words that a phone keeps, where these say too much."""

    icon: str
    words: str
    mind: bool = False
    asks: UUID | None = None
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one of the areas, in short."""

    area: str
    area_words: str
    words: str

    @property
    def question(self) -> str:
        return f"上次发现：{self.words}，解决了吗？"

    @property
    def kept_question(self) -> str:
        """A gas pipe may be read on a phone that is lost, an illness may not."""
        return self.question if self.area == "safety" else f"上次发现的事（{self.area_words}），解决了吗？"


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
    found: dict[UUID, Found] = field(default_factory=dict)
    """What was found and is open, by its referral."""
    stood_in_for: str = ""
    """Whose household it is, where the reader stands in for them."""
    chains: list[Chain] = field(default_factory=list)
    """Of those of its elders whom nobody has reached."""

    @property
    def state(self) -> str:
        """`today`, `later`, `done`, `away` (nobody of it is at home) or `other` (nothing owed this week). Whom nobody has
        reached is due today, and what a campaign asks for, whatever the week still asks for."""
        if any(not chain.declined for chain in self.chains) or any(
            elder.extra and not elder.is_away(self.day) for elder in self.elders
        ):
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
        """The elders a call reaches, as the record form wants them; all of them where everybody is said to be away."""
        at_home = [elder for elder in self.elders if not elder.is_away(self.day)]
        return " ".join(str(elder.id) for elder in at_home or self.elders)

    @property
    def notes(self) -> list[Note]:
        """What else to know before going there; what asks for something comes first."""
        notes = [
            Note("bang", found.question, mind=True, asks=referral, kept=found.kept_question)
            for referral, found in self.found.items()
        ]
        if self.stood_in_for:
            notes.append(Note("hand", f"代班：{self.stood_in_for}的户。"))
        for elder in self.elders:
            notes += self._notes_of(elder)
        return sorted(notes, key=lambda note: not note.mind)

    def _notes_of(self, elder: CardElder) -> list[Note]:
        notes = []
        if elder.is_away(self.day):
            until = elder.pause_ends_on
            back = f"，到{day_words(until, today=self.day)}为止" if until else ""
            kept = f"{elder.name}这几天不在家，不用看望。"
            notes.append(Note("hospital", f"{elder.name}{elder.pause}{back}，这几天不用看望。", kept=kept))
        elif elder.pause and elder.pause_ends_on:
            came = day_words(elder.pause_ends_on, today=self.day)
            home = "出院" if elder.pause == "住院" else "回来了"
            kept = f"{elder.name}{came}回来了，请上门看看。"
            notes.append(Note("hospital", f"{elder.name}{came}{home}，请上门看看。", mind=True, kept=kept))
        if not elder.is_away(self.day):
            notes += [self._extra_note(elder, extra) for extra in elder.extra]
        for ahead in range(BIRTHDAY_AHEAD + 1):
            day = self.day + timedelta(days=ahead)
            years = day.year - elder.birth_date.year
            if birthday(elder.birth_date, years) == day:
                whose = elder.name if len(self.elders) > 1 else ("她" if elder.is_woman else "他")
                when = day_words(day, today=self.day)
                notes.append(Note("cake", f"{when}是{whose} {years} 岁生日。", kept=f"{when}是{whose}生日。"))
        return notes

    def _extra_note(self, elder: CardElder, extra: ExtraDue) -> Note:
        until = day_words(extra.last_day, today=self.day)
        times = "、".join(due_words(extra.left))
        kept = f"加访：{elder.name}要加{times}，到{until}为止。"
        return Note("heart", f"{extra.words}（{kept[:2]}）：{kept[3:]}", mind=True, kept=kept)


def kept(card: Card) -> dict[str, Any]:
    """What a phone keeps of a card: names, address, phone and what is due; no age, no illness, no hospital."""
    return {
        "household": str(card.household),
        "risk_class": card.risk_class,
        "elders": [
            {"id": str(elder.id), "name": elder.name, "away": elder.is_away(card.day)}
            for elder in card.elders
        ],
        "where": card.where,
        "phone": card.phone,
        "state": card.state,
        "left": card.left_words,
        "chains": [
            {
                "words": f"{chain.story}{chain.to_do}",
                "contact": chain.contact,
                "phone": chain.phone if chain.asks_contact else "",
            }
            for chain in card.chains
        ],
        "notes": [
            {
                "icon": note.icon,
                "words": note.kept or note.words,
                "mind": note.mind,
                "asks": str(note.asks) if note.asks else None,
            }
            for note in card.notes
        ],
        "asked": [
            {"id": str(referral), "words": found.kept_question} for referral, found in card.found.items()
        ],
    }


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
    doubts: tuple[str, ...] = ()
    """Why the town looks at it before it counts."""
    photos: tuple[UUID, ...] = ()
    recheck: str | None = None
    """What has become of the request to look at it once more; None where nobody has asked."""

    @property
    def can_ask(self) -> bool:
        return self.state == "invalid" and self.recheck is None

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
