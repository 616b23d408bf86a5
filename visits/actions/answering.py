"""What is answered to a phone of one thing that it has sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from visitcare.kit.spoken import moment_words
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.actions.reading import Item
from visits.actions.records import Logged, NotTheirs, Record, VisitConflict, VisitRefused
from visits.models import KeptBack, Received, Visit
from visits.rules import Refusal, is_late

CREATED, SAME, KEPT, MISSING, CONFLICT, REFUSED, BROKEN = 201, 200, 202, 404, 409, 422, 503
"""As HTTP has it."""
NOT_THERE = Refusal("id", "没有这条记录。")


@dataclass(frozen=True, slots=True)
class Answer:
    """`refusals` say why it was not taken in. `visit` is what it became; of a conflict, what stands in its place."""

    item: Item
    status: int
    words: str
    visit: Visit | None = None
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_taken(self) -> bool:
        return self.status in (CREATED, SAME)

    @property
    def field(self) -> str:
        return self.refusals[0].field if self.refusals else ""

    @property
    def errors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for refusal in self.refusals:
            found.setdefault(refusal.field, []).append(refusal.words)
        return found


def refused(item: Item, status: int, *refusals: Refusal, visit: Visit | None = None) -> Answer:
    words = "".join(refusal.words for refusal in refusals)
    return Answer(item, status, words, visit, refusals)


@dataclass(slots=True)
class Entry:
    """One thing that was sent, with the row in which it is kept and what was said of it before. `arrived_at` is when it
    came this time; the row knows when it came first. `is_new`: nothing is known of it. `as_of`: when what it mends came."""

    item: Item
    row: Received
    kept: KeptBack | None
    arrived_at: datetime
    answer: Answer | None = None
    is_new: bool = False
    as_of: datetime | None = None

    @property
    def answered(self) -> Answer:
        assert self.answer is not None
        return self.answer

    @property
    def changes(self) -> bool:
        """Whether it is about something that was sent before."""
        return self.item.kind != Received.Kind.VISIT and not self.item.refusals

    def record(self, by: User) -> Record:
        assert self.item.said is not None
        return self.item.said.record(
            self.item.key, by, arrived_at=self.arrived_at, received_at=self.as_of or self.row.received_at
        )

    def was_declined(self) -> bool:
        """A person has decided; it is answered with the reason, however often it comes."""
        if self.kept is None or self.kept.state != KeptBack.State.DECLINED:
            return False
        self.answer = refused(self.item, REFUSED, Refusal("id", f"这条没有收：{self.kept.reason}"))
        return True

    @property
    def state_to_keep(self) -> str | None:
        """What its row of KeptBack is to say; None where it needs none."""
        answer = self.answered
        if answer.is_taken:
            return KeptBack.State.TAKEN if self.kept or answer.visit is None else None
        if answer.status == KEPT:
            return KeptBack.State.WAITING
        if answer.status == CONFLICT and answer.visit:
            return KeptBack.State.CONFLICT
        return KeptBack.State.REFUSED


def judged(item: Item, log: Callable[[], Logged]) -> Answer:
    """What came of logging it: what a person can mend is kept, what cannot be a record at all is refused."""
    try:
        logged = log()
    except NotTheirs:
        return refused(item, MISSING, NOT_THERE)
    except VisitConflict as conflict:
        return refused(item, CONFLICT, Refusal("id", str(conflict)), visit=conflict.visit)
    except NotAllowed as refusal:
        return refused(item, KEPT, Refusal("elders", str(refusal)))
    except VisitRefused as refusal:
        if any(one.field == "state" for one in refusal.refusals):
            return refused(item, CONFLICT, *refusal.refusals)
        return refused(item, KEPT if refusal.mendable else REFUSED, *refusal.refusals)
    status = CREATED if logged.created else SAME
    return Answer(item, status, _taken_words(item, logged), logged.visit)


def _taken_words(item: Item, logged: Logged) -> str:
    visit = logged.visit
    if not logged.created:
        return f"这条已经收到过了，现在是“{visit.get_state_display()}”。"
    words = "收到了。"
    if item.said and item.said.started_at != visit.started_at:
        when = moment_words(visit.started_at, today=today())
        words += f"手机的时间不准，这条的时间改成了{when}。不对的话，请点“更正”。"
    if is_late(visit.started_at, visit.received_at):
        words += "补得太晚，过了那周的期限：探访算数，但不计酬。"
    return words
