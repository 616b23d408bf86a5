"""One contact as somebody tells of it, and what comes back for it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from visitcare.kit.positions import Position
from visitcare.kit.weeks import local_day
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits import rules
from visits.models import Visit


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in one of the five areas, with one elder or (None) with the whole household."""

    area: str
    kinds: tuple[str, ...] = ()
    words: str = ""
    elder: UUID | None = None
    household_mends: bool = False


def joined(*texts: str) -> str:
    """Texts about one thing, each once and on a line of its own."""
    return "\n".join(dict.fromkeys(text for text in texts if text))


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody says of one contact. Times are aware; `answers` says of open referrals whether they are solved.
    `phone_said` is what the phone showed where its clock was wrong and `started_at` was put right."""

    id: UUID
    worker: User
    elders: tuple[UUID, ...]
    mode: str
    outcome: str
    started_at: datetime
    received_at: datetime
    agreed: bool | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    answers: Mapping[UUID, bool] = field(default_factory=dict)
    phone_said: datetime | None = None
    position: Position | None = None

    @property
    def day(self) -> date:
        return local_day(self.started_at)

    @property
    def fingerprint(self) -> str:
        """The same content always gives the same one, sent at whatever time and by whatever clock."""
        said = [
            str(self.worker.pk),
            sorted(map(str, self.elders)),
            self.mode,
            self.outcome,
            (self.phone_said or self.started_at).timestamp(),
            self.agreed,
            sorted(self.notes.items()),
            [[f.area, sorted(f.kinds), f.words, str(f.elder), f.household_mends] for f in self.findings],
            sorted((str(referral), solved) for referral, solved in self.answers.items()),
        ]
        if self.position:  # a record without one is the same as before there were any
            said.append([self.position.latitude, self.position.longitude, self.position.accuracy])
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @property
    def at_home(self) -> Position | None:
        """Of a call it says where the worker was, which is nobody's business."""
        return self.position if self.mode == rules.HOME else None

    @property
    def all_notes(self) -> dict[str, str]:
        """What was said of each of the five areas, findings included."""
        found: dict[str, list[str]] = defaultdict(list)
        for finding in self.findings:
            found[finding.area].append(finding.words)
        together = {name: joined(self.notes.get(name, ""), *found[name]) for name in {*self.notes, *found}}
        return {name: words for name, words in together.items() if words}


@dataclass(frozen=True, slots=True)
class Logged:
    """The stored visit, and whether this call stored it."""

    visit: Visit
    created: bool


class VisitRefused(ValueError):
    """An impossible visit; `refusals` name the field and the words for whoever typed it."""

    def __init__(self, refusals: Sequence[rules.Refusal]) -> None:
        self.refusals = list(refusals)
        self.mendable = all(refusal.mendable for refusal in refusals)
        super().__init__("；".join(refusal.words for refusal in refusals))


class NotTheirs(NotAllowed):
    """The UUID is that of another person's record, of which nothing is told."""

    def __init__(self) -> None:
        super().__init__("没有这条记录。")


class VisitConflict(ValueError):
    """The same UUID with other content than `visit`, which is stored."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        super().__init__("这个编号的记录已经收到过，内容不一样。先收到的那条没有动；请用“更正”来改。")


def again(known: Visit, record: Record, by: User) -> Logged:
    """A UUID that is known: the same answer for the same content."""
    if by.pk not in (known.worker_id, known.entered_by_id) and not by.is_system:
        raise NotTheirs
    if known.content_hash != record.fingerprint:
        raise VisitConflict(known)
    return Logged(known, created=False)
