"""What a phone sends, read: whatever stands there, it is understood or refused field by field, never an error.

Keys that this release does not know are those of a newer one: they are left alone.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from visitcare.kit.positions import Position
from visitcare.kit.texts import tidy
from visitcare.org.models import User
from visits import rules
from visits.actions.records import Finding, Record
from visits.models import MOST_WORDS, Area, Received
from visits.rules import FINDING_WORDS, Refusal

T = TypeVar("T")
MOST_ELDERS, MOST_FINDINGS, MOST_ANSWERS = 20, 30, 100
NOTES = {**dict(Area.choices), "remark": "备注"}
YEARS = range(1970, 2200)
"""Of a phone's clock, however wrong; what lies beyond is no time."""
NO_CONTENT = "sent_at"


class _Wrong(ValueError):
    """A value that cannot be read, in words for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One contact as a phone tells it."""

    elders: tuple[UUID, ...]
    mode: str
    outcome: str
    started_at: datetime
    agreed: bool | None
    notes: Mapping[str, str]
    findings: tuple[Finding, ...]
    answers: Mapping[UUID, bool]
    position: Position | None
    sent_at: datetime | None

    def record(self, key: UUID, by: User, *, arrived_at: datetime, received_at: datetime) -> Record:
        """As it is to be stored. `arrived_at` is when what says `sent_at` came in, `received_at` when it did first."""
        was = rules.true_time(self.started_at, sent_at=self.sent_at, arrived_at=arrived_at)
        return Record(
            id=key,
            worker=by,
            elders=self.elders,
            mode=self.mode,
            outcome=self.outcome,
            started_at=was,
            received_at=received_at,
            agreed=self.agreed,
            notes=self.notes,
            findings=self.findings,
            answers=self.answers,
            phone_said=self.started_at if was != self.started_at else None,
            position=self.position,
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a phone sends: `body` as it came, `said` as it was read (None for a withdrawal, and where there are
    `refusals`). `name` is the key as the phone wrote it. `is_of_nothing`: with neither a key nor a record, there is
    nothing to keep."""

    kind: str
    key: UUID
    visit: UUID
    name: str
    body: Any
    said: Said | None = None
    refusals: tuple[Refusal, ...] = ()
    is_of_nothing: bool = False

    @property
    def text(self) -> str:
        """The body to keep. Escaped, so that what is no text can be kept too."""
        return json.dumps(self.body)

    def digest(self, by: User) -> str:
        """The fingerprint of the content, as the visit it becomes will bear it."""
        if self.said:
            now = self.said.started_at
            return self.said.record(self.key, by, arrived_at=now, received_at=now).fingerprint
        return hashlib.sha256(json.dumps(_content(self.body), sort_keys=True).encode()).hexdigest()


def _content(body: Any) -> Any:
    """Without the moment of sending, which is another each time."""
    record = body.get("record") if isinstance(body, dict) else None
    if not isinstance(record, dict):
        return body
    return body | {"record": {name: value for name, value in record.items() if name != NO_CONTENT}}


def read_item(body: Any) -> Item:
    """Of a batch, or put together from an address and its body: {"kind", "id", "visit", "record"}."""
    reader = _Reader(body if isinstance(body, dict) else {})
    kind = reader.read("kind", _kind, str(Received.Kind.VISIT))
    key = reader.read("id", _key, None)
    visit = key if kind == Received.Kind.VISIT else reader.read("visit", _key, None)
    said = None
    if kind != Received.Kind.WITHDRAWAL:
        said, refusals = read_record(reader.raw.get("record"))
        reader.refusals += refusals
    # What bears no key is kept too, under one that is always the same.
    unnamed = uuid5(NAMESPACE_URL, json.dumps(_content(body), sort_keys=True))
    return Item(
        kind=kind,
        key=key or unnamed,
        visit=visit or key or unnamed,
        name=tidy(str(reader.raw.get("id")))[:100],
        body=body,
        said=None if reader.refusals else said,
        refusals=tuple(reader.refusals),
        is_of_nothing=key is None and not isinstance(reader.raw.get("record"), dict),
    )


def read_record(raw: Any) -> tuple[Said | None, list[Refusal]]:
    """A record, or all that is wrong with it."""
    if not isinstance(raw, dict):
        return None, [Refusal("record", "没有记录的内容。请在手机上重新记一条。")]
    reader = _Reader(raw)
    reader.read("schema", _schema, 1)
    elders: tuple[UUID, ...] = reader.read("elders", _elders, ())
    mode, outcome = reader.read("mode", _text, ""), reader.read("outcome", _text, "")
    misfit = rules.how_refused(mode, outcome)
    if misfit and not reader.has_refused(misfit.field):
        reader.refusals.append(misfit)
    said = Said(
        elders=elders,
        mode=mode,
        outcome=outcome,
        started_at=reader.read("started_at", _moment, datetime.min.replace(tzinfo=UTC)),
        agreed=reader.read("agreed", _yes_or_no_or_unasked, None),
        notes=reader.read("notes", _notes, {}),
        findings=reader.read("findings", lambda value: _findings(value, elders), ()),
        answers=reader.read("answers", _answers, {}),
        position=rules.read_position(raw.get("position")),
        sent_at=_sent_at(raw.get(NO_CONTENT)),
    )
    return (None if reader.refusals else said), reader.refusals


class _Reader:
    """Reads values out of an object and gathers what is wrong with them."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.refusals: list[Refusal] = []

    def read(self, name: str, how: Callable[[Any], T], otherwise: T) -> T:
        try:
            return how(self.raw.get(name))
        except _Wrong as wrong:
            self.refusals.append(Refusal(name, str(wrong)))
            return otherwise

    def has_refused(self, field: str) -> bool:
        return any(refusal.field == field for refusal in self.refusals)


# Values, each from whatever was sent


def _kind(value: Any) -> str:
    if not isinstance(value, str) or value not in Received.Kind.values:
        raise _Wrong("看不懂这是什么：不是探访、更正，也不是撤回。请更新手机上的页面。")
    return value


def _key(value: Any) -> UUID:
    try:
        return UUID(value) if isinstance(value, str) else UUID(None)
    except (ValueError, TypeError):
        raise _Wrong("编号不对。请在手机上重新记一条。") from None


def _schema(value: Any) -> int:
    if value is None:
        return 1
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _Wrong("看不懂手机发来的格式。请更新手机上的页面。")
    return value


def _text(value: Any) -> str:
    return tidy(value) if isinstance(value, str) else ""


def _words(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong("写的内容不是文字。请重新写。")
    words = tidy(value.replace("\r\n", "\n")).strip()
    if len(words) > MOST_WORDS:
        raise _Wrong(f"写了 {len(words)} 个字，请写在 {MOST_WORDS} 个字以内。")
    return words


def _elders(value: Any) -> tuple[UUID, ...]:
    if not isinstance(value, list) or not value:
        raise _Wrong("没有选老人。请至少选一位。")
    if len(value) > MOST_ELDERS:
        raise _Wrong(f"一次选了 {len(value)} 位老人，太多了。请一户记一条。")
    try:
        return tuple(dict.fromkeys(_key(one) for one in value))
    except _Wrong:
        raise _Wrong("老人的编号不对。请从本周探访里点进来记。") from None


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _Wrong("时间看不懂。请写哪天几点去的。") from None
    if moment.tzinfo is None or moment.year not in YEARS:
        raise _Wrong("时间看不懂：没有时区，或者年份不对。请写哪天几点去的。")
    return moment


def _sent_at(value: Any) -> datetime | None:
    """It only helps: one that cannot be read is none."""
    try:
        return _moment(value)
    except _Wrong:
        return None


def _yes_or_no_or_unasked(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise _Wrong("老人是否同意上门，只能是同意、不同意或没有问。请重新选。")
    return value


def _notes(value: Any) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not set(value) <= set(NOTES):
        raise _Wrong("看不懂写的是哪一方面的情况。请更新手机上的页面。")
    found = {}
    for name, said in value.items():
        try:
            words = _words(said)
        except _Wrong as wrong:
            raise _Wrong(f"“{NOTES[name]}”：{wrong}") from None
        if words:
            found[name] = words
    return found


def _findings(value: Any, elders: tuple[UUID, ...]) -> tuple[Finding, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_FINDINGS:
        raise _Wrong("看不懂写的情况。请重新选。")
    return tuple(_finding(one, elders) for one in value)


def _finding(value: Any, elders: tuple[UUID, ...]) -> Finding:
    area = value.get("area") if isinstance(value, dict) else None
    if not isinstance(area, str) or area not in FINDING_WORDS:
        raise _Wrong("看不懂情况是哪一方面的。请重新选。")
    kinds = value.get("kinds") or []
    known = FINDING_WORDS[area]
    if not isinstance(kinds, list) or not all(isinstance(kind, str) and kind in known for kind in kinds):
        raise _Wrong(f"“{NOTES[area]}”里选的看不懂。请重新选。")
    try:
        words = _words(value.get("words"))
    except _Wrong as wrong:
        raise _Wrong(f"“{NOTES[area]}”：{wrong}") from None
    if not kinds and not words:
        raise _Wrong(f"“{NOTES[area]}”没有选是什么情况，也没有写。请选一选。")
    about = None if value.get("elder") is None else _key(value["elder"])
    if about not in (None, *elders):
        raise _Wrong(f"“{NOTES[area]}”写的老人不在这次看望的人里。请重新选。")
    mends = value.get("household_mends", False)
    if not isinstance(mends, bool):
        raise _Wrong(f"“{NOTES[area]}”由谁办，看不懂。请重新选。")
    return Finding(area, tuple(dict.fromkeys(kinds)), words, elder=about, household_mends=mends)


def _answers(value: Any) -> Mapping[UUID, bool]:
    if value is None:
        return {}
    is_plain = isinstance(value, dict) and all(isinstance(solved, bool) for solved in value.values())
    if not is_plain or len(value) > MOST_ANSWERS:
        raise _Wrong("上次发现的情况，只能答解决了或还没有。请重新选。")
    try:
        return {_key(name): solved for name, solved in value.items()}
    except _Wrong:
        raise _Wrong("上次发现的情况，编号不对。请重新打开本周探访。") from None
