"""An elder whom nobody has reached: what was tried, whose turn it is and until when. Plain values and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from visitcare.kit.spoken import moment_words
from visitcare.kit.weeks import local_day
from visits.rules import reaching
from visits.rules.reaching import Step

OWNER_WORDS = {reaching.WORKER: "探访人", reaching.VILLAGE: "村里", reaching.TOWN: "镇里"}
STEP_WORDS = {
    "retry": "再试一次",
    "contact": "问紧急联系人",
    "village": "村里上门看",
    "town": "镇里处理",
    "leave": "老人不愿意，先不打扰",
}
ASKS_WISHES = "镇里问意愿"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that failed; `key` is that of the elder of the visit."""

    key: int
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody found out, without having met the elder."""

    step: str
    words: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The attempts in vain since somebody last reached an elder, the first of them first, and what follows from them.

    `answers` are what was asked since then in vain; `contact` and `phone` are of the emergency contact.
    """

    elder: UUID
    name: str
    risk_class: str
    hours: int
    now: datetime
    attempts: Sequence[Attempt]
    answers: Sequence[Answer] = ()
    contact: str = ""
    phone: str = ""

    @property
    def since(self) -> datetime:
        return self.attempts[0].at

    @property
    def declined(self) -> bool:
        """Whether the elder was heard the last time, and did not want."""
        return self.attempts[-1].outcome == reaching.DECLINED

    @property
    def steps(self) -> Sequence[Step]:
        return reaching.steps_after(self.attempts[-1].outcome)

    @property
    def step(self) -> Step:
        """Whose turn it is."""
        asked = {answer.step for answer in self.answers}
        return reaching.step_at(self.steps, since=self.since, hours=self.hours, now=self.now, in_vain=asked)

    @property
    def until(self) -> datetime | None:
        """When the next step begins; None at the last."""
        following = reaching.following(self.steps, self.step)
        return following.begins_at(self.since, self.hours) if following else None

    @property
    def alert_at(self) -> datetime:
        return reaching.ALERT.begins_at(self.since, self.hours)

    @property
    def is_alert(self) -> bool:
        """Whether it is the town's turn."""
        return self.step is reaching.ALERT

    @property
    def is_the_villages(self) -> bool:
        return self.step is reaching.LOOK

    @property
    def asks_contact(self) -> bool:
        """Whether whoever looks after the elder should call the emergency contact now."""
        return self.step in (reaching.ASK_CONTACT, reaching.LOOK)

    # Words

    @property
    def owner_words(self) -> str:
        return OWNER_WORDS[self.step.owner]

    @property
    def step_words(self) -> str:
        return ASKS_WISHES if self.is_alert and self.declined else STEP_WORDS[self.step.name]

    @property
    def overdue_words(self) -> str:
        """By how much the hours of the class are over; "" when they are not."""
        return _span_words(self.now - self.alert_at) if self.now >= self.alert_at else ""

    @property
    def story(self) -> str:
        """What happened, as in "昨天 9:20 起没联系上施汉忠，试了 2 次。"."""
        when, times = self._when(self.since), len(self.attempts)
        if self.declined:
            return f"{self._when(self.attempts[-1].at)} {self.name}不愿意。"
        return (
            f"{when} 没联系上{self.name}。"
            if times == 1
            else f"{when} 起没联系上{self.name}，试了 {times} 次。"
        )

    @property
    def to_do(self) -> str:
        """What to do now and until when, for whoever visits the elder."""
        until = f"，最晚{self._when(self.until)}" if self.until and self.until > self.now else ""
        whom = f"紧急联系人{self.contact}" if self.phone else "家里人或者邻居"
        match self.step.name:
            case "retry":
                return f"请再试一次{until}；还不行，就问{whom}。"
            case "contact":
                return f"请问{whom}，老人在哪里{until}。"
            case "village":
                return f"请村干部上门看看{until}。"
            case "leave":
                return "不勉强，也不用再去找。镇里会问老人的意愿。"
        return "镇里会问老人的意愿，不用再去找。" if self.declined else "已经报给镇里了。联系上了，就记一次。"

    @property
    def what_follows(self) -> str:
        """What happens when nobody reaches the elder."""
        if self.is_alert or self.declined:
            return ""
        return f"到{self._when(self.alert_at)} 还没人联系上，镇里会收到提醒。"

    def _when(self, moment: datetime) -> str:
        return moment_words(moment, today=local_day(self.now))


def _span_words(span: timedelta) -> str:
    if span >= timedelta(days=2):
        return f"{span.days} 天"
    hours = int(span / timedelta(hours=1))
    return f"{hours} 小时" if hours else "不到 1 小时"
