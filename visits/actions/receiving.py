"""Taking in what phones send: kept first as it came, then judged; what cannot be taken in waits for a person.

Nothing that was kept is ever lost: whatever happens between keeping and judging, the phone sends it again, or the nightly
run judges it (docs/adr/0014-kept-before-judged.md).
"""

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from psycopg2.errors import DeadlockDetected

from elders.models import Residence
from visitcare.audit.actions import record as record_event
from visitcare.kit.spoken import moment_words
from visitcare.kit.weeks import local_day, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import FIELD_ROLES
from visits import rules
from visits.actions.answering import (
    BROKEN,
    CONFLICT,
    CREATED,
    KEPT,
    MISSING,
    NOT_THERE,
    REFUSED,
    SAME,
    Answer,
    Entry,
    judged,
    refused,
)
from visits.actions.correcting import CORRECTED, Contact, correct_visit
from visits.actions.intake import Intake
from visits.actions.logging import withdraw_visit
from visits.actions.measure import insist_on_measure
from visits.actions.own_kept import WITHDRAWN, close_kept
from visits.actions.reading import Item, read_item
from visits.actions.records import Logged, Record, VisitRefused, again
from visits.models import MOST_WORDS, Flag, KeptBack, Received, Visit
from visits.models.villages import TOWN_DIGITS, VILLAGE_DIGITS
from visits.rules import Refusal

logger = logging.getLogger(__name__)

TRIES = 2
MENDED = "本人更正"
CAN_BE_CORRECTED = (KeptBack.State.WAITING, KeptBack.State.DECLINED)


def take_in(*, by: User, items: Sequence[Item], app: str = "") -> list[Answer]:
    """Keep what a phone has sent, for good, and then take in what can be; an answer for each, in their order. Raise
    TooMuch, with nothing kept, for more than a day can have.

    Not to be called within a transaction: that the items are kept is a promise.
    """
    of_something = [item for item in items if not item.is_of_nothing]
    insist_on_measure(by=by, texts=[item.text for item in of_something])
    answers = iter(Taking(by).take(_keep(by, of_something, app)))
    return [refused(item, REFUSED, *item.refusals) if item.is_of_nothing else next(answers) for item in items]


# Keeping


def _keep(by: User, items: Sequence[Item], app: str) -> list[Entry]:
    """One statement, unless some of it has come before."""
    now = timezone.now()
    rows = [
        Received(
            kind=item.kind,
            item=item.key,
            visit=item.visit,
            digest=item.digest(by),
            sender=by,
            received_at=now + timedelta(microseconds=number),  # in their order, whoever judges them
            app=app,
            body=item.text,
        )
        for number, item in enumerate(items)
    ]
    in_order = sorted(rows, key=lambda row: row.item)
    try:
        with transaction.atomic():
            Received.objects.bulk_create(in_order)
        return [Entry(item, row, None, now, is_new=True) for item, row in zip(items, rows, strict=True)]
    except IntegrityError:  # some are known, or were sent twice
        Received.objects.bulk_create(in_order, ignore_conflicts=True)
    found = Received.objects.filter(sender=by, item__in=[row.item for row in rows])
    known = {_identity(row): row for row in found.select_related("kept_back")}
    return [
        _entry(item, known[_identity(row)], arrived_at=now) for item, row in zip(items, rows, strict=True)
    ]


def _entry(item: Item, row: Received, *, arrived_at: datetime) -> Entry:
    """Of what has perhaps come before: what the phone's clock showed then is told again, lest one that sends the very
    same a week later be taken for one whose clock is a week slow."""
    entry = entry_of(row)
    said = entry.item.said
    return entry if said and said.sent_at else replace(entry, item=item, arrived_at=arrived_at)


def entry_of(row: Received) -> Entry:
    """As it came first."""
    return Entry(read_item(json.loads(row.body)), row, getattr(row, "kept_back", None), row.received_at)


def _identity(row: Received) -> tuple[UUID, UUID, str]:
    return row.item, row.visit, row.digest


# Judging


class Taking:
    """Judges what was kept of one sender. `vouched` as of Intake."""

    def __init__(self, by: User, *, vouched: bool = False) -> None:
        self.by = by
        self.vouched = vouched
        self.postings = [posting for posting in by.all_postings if posting.role in FIELD_ROLES]

    def take(self, entries: Sequence[Entry]) -> list[Answer]:
        """Visits that follow each other go together, at the cost of one; a correction or withdrawal goes by itself, so
        that it finds what was sent before it."""
        for changes, run in groupby(entries, key=lambda entry: entry.changes):
            if changes:
                for entry in run:
                    self._attempt([entry], self._change)
            else:
                self._attempt(list(run), self._add)
        return [entry.answered for entry in entries]

    def _attempt(self, entries: Sequence[Entry], how: Callable[[Sequence[Entry]], None]) -> None:
        """All or nothing, in one transaction. Where that breaks, each is tried alone, and once more, for another process
        may have been faster; what breaks again stays kept, and holds up nothing else."""
        for _ in range(TRIES if len(entries) == 1 else 1):
            try:
                with transaction.atomic():
                    _hold(entries)
                    how(entries)
                return
            except Exception as error:
                if _is_away(error):
                    raise
                broken = error
                for entry in entries:
                    entry.is_new = False
        if len(entries) == 1:
            log_broken(entries[0].row.pk, broken)
            words = "系统出了点问题，这条已经收好，过一会儿会再办。"
            entries[0].answer = Answer(entries[0].item, BROKEN, words)
            return
        for entry in entries:
            self._attempt([entry], how)

    # New visits

    def _add(self, entries: Sequence[Entry]) -> None:
        waiting = [entry for entry in entries if not entry.was_declined()]
        for entry in waiting:
            if entry.item.refusals:
                entry.answer = refused(entry.item, REFUSED, *entry.item.refusals)
        if readable := [entry for entry in waiting if not entry.item.refusals]:
            self._log_all(readable)
        self._note(waiting)

    def _log_all(self, entries: Sequence[Entry]) -> None:
        records = [entry.record(self.by) for entry in entries]
        try:
            intake = self._look_around(records, [entry.item.key for entry in entries if not entry.is_new])
        except NotAllowed as refusal:
            known = Visit.objects.in_bulk([record.id for record in records])
            for entry, record in zip(entries, records, strict=True):
                entry.answer = judged(entry.item, partial(self._known_only, known, record, refusal))
            return
        for entry, record in zip(entries, records, strict=True):
            entry.answer = judged(entry.item, partial(self._log, intake, entry, record))
        intake.store()

    def _look_around(self, records: Sequence[Record], maybe_known: Sequence[UUID]) -> Intake:
        """Over the days that can be: one record of a phone from 1970 must not have years of visits read. What nobody has
        sent before is hardly known; if it is, storing breaks and the next try asks."""
        intake = Intake(by=self.by, vouched=self.vouched)
        moments = [record.started_at for record in records if not self._oddity(record)] or [timezone.now()]
        intake.around.load(
            ids=maybe_known,
            elders={elder for record in records for elder in record.elders},
            workers=[self.by],
            first=min(moments),
            last=max(moments),
        )
        return intake

    def _log(self, intake: Intake, entry: Entry, record: Record) -> Logged:
        """What is known already is answered as such, whatever would be said of it today."""
        if record.id not in intake.around.known:
            self._insist_possible(entry, record)
        return intake.take(record)

    def _known_only(self, known: Mapping[UUID, Visit], record: Record, refusal: NotAllowed) -> Logged:
        """For whoever serves nowhere any more: what was stored before is still known."""
        if record.id not in known:
            raise refusal
        return again(known[record.id], record, self.by)

    def _oddity(self, record: Record) -> Refusal | None:
        when = moment_words(record.started_at, today=today())
        if record.started_at > record.received_at + rules.CLOCK_TOLERANCE:
            return Refusal("started_at", f"时间写成了还没到的{when}。请核对手机的时间，改一下再记。")
        if record.day < min((posting.starts_on for posting in self.postings), default=date.max):
            return Refusal(
                "started_at", f"时间是{when}，那时您还没有任职。请核对手机的时间和日期。", mendable=True
            )
        return None

    def _insist_possible(self, entry: Entry, record: Record) -> None:
        """A time to come is impossible of a phone that tells what its clock shows; of another, its clock may be wrong."""
        if oddity := self._oddity(record):
            clock_is_known = entry.item.said is not None and entry.item.said.sent_at is not None
            mendable = oddity.mendable or not clock_is_known
            raise VisitRefused([Refusal(oddity.field, oddity.words, mendable)])

    # Changes of what was sent before

    def _change(self, entries: Sequence[Entry]) -> None:
        (entry,) = entries
        if entry.was_declined():
            return
        # Whoever lets in at the same time what this is about is done, or comes after.
        kept = list(
            self._kept(entry).select_for_update(of=("self",)).order_by("pk").select_related("received")
        )
        old = Visit.objects.filter(pk=entry.item.visit, worker=self.by)
        visit = old.select_related("household__place").first()
        if entry.item.kind == Received.Kind.WITHDRAWAL:
            entry.answer = self._withdraw(entry, visit)
        else:
            self._correct(entry, visit or self._corrected_by(kept), kept)
        self._note(entries)

    def _withdraw(self, entry: Entry, visit: Visit | None) -> Answer:
        if visit is None:
            return self._take_back_kept(entry)
        try:
            if visit.state != Visit.State.WITHDRAWN:
                withdraw_visit(by=self.by, visit=visit)
                visit.state = Visit.State.WITHDRAWN
                return Answer(entry.item, CREATED, "撤回了，这条不算了。", visit)
        except VisitRefused as refusal:
            visit.refresh_from_db(fields=["state", "review_reason"])
            if visit.state != Visit.State.WITHDRAWN:  # nor by another process, a moment ago
                return refused(entry.item, CONFLICT, *refusal.refusals)
        if visit.review_reason == CORRECTED:
            words = "这条已经更正过了。要撤回，请撤回更正以后的那条。"
            return refused(entry.item, CONFLICT, Refusal("visit", words))
        return Answer(entry.item, SAME, "这条已经撤回了。", visit)

    def _take_back_kept(self, entry: Entry) -> Answer:
        """What waits for a person can be taken back as what was taken in can."""
        if close_kept(by=self.by, kept=self._kept(entry), why=WITHDRAWN):
            return Answer(entry.item, CREATED, "撤回了，这条不算了。")
        if self._kept(entry).filter(state=KeptBack.State.DECLINED).exists():
            return Answer(entry.item, SAME, "这条已经不收了。")
        return refused(entry.item, MISSING, NOT_THERE)

    def _correct(self, entry: Entry, old: Visit | None, kept: Sequence[KeptBack]) -> None:
        record = entry.record(self.by)
        known = Visit.objects.filter(pk=record.id).first()
        if known:
            entry.answer = judged(entry.item, partial(again, known, record, self.by))
        elif any(one.reason == MENDED and one.decided_by_id == self.by.pk for one in kept):
            words = "这条已经更正过了。要改，请更正后来的那条。"
            entry.answer = refused(entry.item, CONFLICT, Refusal("visit", words))
        elif old:
            entry.answer = judged(entry.item, partial(self._replace, entry, old, record))
            if entry.answered.status == KEPT:  # what its worker calls wrong is not paid meanwhile
                self._flag(old, "correction_waits", "本人发来一条更正，还没收下，要一起看")
        elif kept := [one for one in kept if one.state in CAN_BE_CORRECTED]:
            entry.as_of = self._arrival(kept, record)
            self._log_all([entry])
            if entry.answered.visit:
                self._flag_declined(entry.answered.visit, kept)
        else:
            entry.answer = refused(entry.item, MISSING, NOT_THERE)
        if kept and entry.answered.visit:
            close_kept(by=self.by, kept=self._kept(entry), why=MENDED)

    def _corrected_by(self, kept: Sequence[KeptBack]) -> Visit | None:
        """What a correction that waits is itself about."""
        roots = [one.received.visit for one in kept if one.received.kind == Received.Kind.CORRECTION]
        own = Visit.objects.filter(pk__in=roots, worker=self.by).select_related("household__place")
        return own.first() if roots else None

    def _arrival(self, kept: Sequence[KeptBack], record: Record) -> datetime | None:
        """When what it mends came first, where both tell of the same contact (as of correct_visit)."""
        came = []
        for old in kept:
            was = entry_of(old.received)
            if (
                was.item.said
                and old.since >= record.started_at
                and _contact(was.record(self.by)) == _contact(record)
            ):
                came.append(old.since)
        return min(came, default=None)

    def _replace(self, entry: Entry, old: Visit, record: Record) -> Logged:
        self._insist_possible(entry, record)
        return correct_visit(
            by=self.by,
            visit=old,
            visit_id=record.id,
            elders=record.elders,
            mode=record.mode,
            outcome=record.outcome,
            started_at=record.started_at,
            received_at=record.received_at,
            agreed=record.agreed,
            notes=record.notes,
            findings=record.findings,
            answers=record.answers,
            phone_said=record.phone_said,
            position=record.position,
            vouched=self.vouched,
        )

    def _kept(self, entry: Entry) -> "QuerySet[KeptBack]":
        """What was kept back of the sender's own under the key of the visit that this entry is about."""
        return KeptBack.objects.filter(received__item=entry.item.visit, received__sender=self.by).exclude(
            received=entry.row
        )

    # What comes of it

    def _note(self, entries: Sequence[Entry]) -> None:
        """A row for each that was not taken in; one that was, after all, says so in the row that it had."""
        new: dict[UUID, KeptBack] = {}
        known: dict[UUID, KeptBack] = {}
        kept = [entry for entry in entries if entry.state_to_keep]
        for entry, village in zip(kept, self._villages(kept), strict=True):
            (known if entry.kept else new)[entry.row.pk] = self._kept_row(entry, village)
        if new:  # where another process was faster, what it wrote stands: a person may have answered it
            KeptBack.objects.bulk_create([new[pk] for pk in sorted(new)], ignore_conflicts=True)
        if known:
            KeptBack.objects.bulk_update(known.values(), ["state", "field", "words"])
        answers = [entry.answered for entry in entries if entry.state_to_keep == KeptBack.State.CONFLICT]
        visits = {answer.visit.pk: answer.visit for answer in answers if answer.visit}
        for pk in sorted(visits):  # in the order of their keys: two who send the same never wait crosswise
            self._flag(visits[pk], "conflict", "同一个编号又收到一条内容不同的记录，没有收，要看看哪条对")

    def _kept_row(self, entry: Entry, village: str) -> KeptBack:
        answer, state = entry.answered, entry.state_to_keep
        assert state is not None
        words = entry.kept.words if answer.is_taken and entry.kept else answer.words
        return KeptBack(
            received=entry.row,
            state=state,
            field=answer.field,
            words=words[:MOST_WORDS],
            village_code=village,
            since=entry.row.received_at,
        )

    def _villages(self, entries: Sequence[Entry]) -> Iterator[str]:
        """Whose town is to look at each: where the elders lived on that day, within the towns in which the sender served
        then; else where the sender served that day, or serves now, or served last."""
        records = [entry.record(self.by) if entry.item.said else None for entry in entries]
        elders = {elder for record in records if record for elder in record.elders}
        stays = Residence.objects.filter(elder__in=elders).select_related("household") if elders else ()
        for entry, record in zip(entries, records, strict=True):
            day = record.day if record else local_day(entry.row.received_at)
            then = [posting for posting in self.postings if posting.is_in_force(day)]
            towns = {posting.place_id[:TOWN_DIGITS] for posting in then}
            homes = [
                stay.household.place_id[:VILLAGE_DIGITS]
                for stay in stays
                if record and stay.elder_id in record.elders and _lived(stay, day)
            ]
            latest = max(then or self.postings, key=lambda posting: posting.starts_on, default=None)
            served = latest.place_id[:VILLAGE_DIGITS] if latest else ""
            yield next((home for home in sorted(homes) if home[:TOWN_DIGITS] in towns), served)

    def _flag_declined(self, visit: Visit, kept: Sequence[KeptBack]) -> None:
        """What the town did not take does not come in by another door."""
        said = [
            one.reason
            for one in kept
            if one.state == KeptBack.State.DECLINED and one.decided_by_id != self.by.pk
        ]
        if said:
            words = f"镇里不收以后更正的；不收时说：{said[0]}"
            Flag.objects.update_or_create(visit=visit, code="corrected", defaults={"words": words})
            Visit.objects.filter(pk=visit.pk).update(flagged=True)

    def _flag(self, visit: Visit, code: str, words: str) -> None:
        """A person is to look at both."""
        _, is_new = Flag.objects.get_or_create(visit=visit, code=code, defaults={"words": words})
        if not is_new:
            return
        Visit.objects.filter(pk=visit.pk).update(flagged=True)
        record_event(
            by=self.by,
            verb="conflict_visit",
            words=f"{visit} 的记录：{words}",
            about=visit,
            where=visit.household.place,
        )


def _hold(entries: Sequence[Entry]) -> None:
    """What was said of them before, as it is now, and as no person changes it until they are judged."""
    known = [entry.row.pk for entry in entries if not entry.is_new]
    if not known:
        return
    rows = KeptBack.objects.filter(received__in=known).order_by("pk").select_for_update()
    held = {kept.pk: kept for kept in rows}
    for entry in entries:
        entry.kept = held.get(entry.row.pk)


def _lived(stay: Residence, day: date) -> bool:
    return (stay.starts_on or day) <= day <= (stay.ends_on or day)


def _contact(record: Record) -> Contact:
    return Contact.of(record.elders, record.started_at)


def _is_away(error: Exception) -> bool:
    """Whether the database is away, for everybody. Of two who waited for each other, the one that gave way tries again."""
    is_crossed = isinstance(error.__cause__, DeadlockDetected)
    return isinstance(error, OperationalError | InterfaceError) and not is_crossed


def log_broken(what: UUID, error: Exception) -> None:
    """Where the program went wrong, without the message: those of the database quote whole rows."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("received %s could not be judged: %s\n%s", what, type(error).__qualname__, where)
