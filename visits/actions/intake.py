"""Taking visits in: judged in memory against what surrounds them, then written together.

One record from a phone and 20,000 rows of an import go the same way; the number of statements does not grow with
the number of records.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from elders.models import (
    ActivePeriod,
    Assignment,
    Consent,
    Elder,
    Household,
    Pause,
    RegistrationForm,
    Residence,
    StandIn,
    named_while_serving,
    rounds_within,
    stand_ins_of,
    stand_ins_then,
)
from visitcare.kit.positions import Position
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import local_day, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Posting, User
from visitcare.org.roles import FIELD_ROLES, Right
from visitcare.policy.models import care_policy
from visitcare.policy.rules import CarePolicy
from visits import rules
from visits.actions.referrals import answer_referrals
from visits.models import Flag, Referral, Visit, VisitedElder
from visits.models.villages import VILLAGE_DIGITS
from visits.places import COLUMNS, positions_known, usual
from visits.rules import Arrival, Neighbour, Visited

NEARBY = timedelta(hours=12)
"""How far the checks on the worker look around a visit, so that a visit costs the same in year five."""
SAME_DAY = timedelta(days=1)
"""How far another contact of the same household and day can be."""
BATCH = 2_000
GONE = (Visit.State.INVALID, Visit.State.WITHDRAWN)
"""What counts no more beside other visits."""


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


class Intake:
    """Takes records of one person (or of an import) and writes what is new of them.

    `vouched`: the town stands for it that the person served where they went, so that the postings of those days decide
    and not those of today.
    """

    def __init__(self, *, by: User, imported: bool = False, vouched: bool = False) -> None:
        if not (vouched or by.may(Right.LOG_VISIT) or (imported and by.may(Right.REVIEW_VISIT))):
            raise NotAllowed("您现在没有记探访的任职。请联系镇里。")
        self.by = by
        self.imported = imported
        self.vouched = vouched
        self.known: dict[UUID, Visit] = {}
        self.people: dict[UUID, Elder] = {}
        self.homes: dict[UUID, Household] = {}
        self.places: dict[UUID, list[tuple[str, date, date]]] = defaultdict(list)
        self.stand_ins: dict[UUID, list[StandIn]] = defaultdict(list)
        self.by_worker: dict[tuple[UUID, date], list[Neighbour]] = defaultdict(list)
        self.by_household: dict[tuple[UUID, date], list[Neighbour]] = defaultdict(list)
        self.sent_back: dict[tuple[UUID, UUID, date], UUID] = {}
        self.policies: dict[date, CarePolicy] = {}
        self.visits: list[Visit] = []
        self.visited: list[VisitedElder] = []
        self.flags: list[Flag] = []
        self.referrals: list[Referral] = []
        self.answers: list[tuple[Visit, Mapping[UUID, bool]]] = []

    # Looking around: a fixed number of statements

    def look_around(
        self,
        *,
        ids: Iterable[UUID],
        elders: Iterable[UUID],
        workers: Iterable[User],
        first: datetime,
        last: datetime,
    ) -> None:
        """Load what is known of these records, elders and workers, and the visits around them."""
        workers = list(workers)
        self.known = Visit.objects.in_bulk(list(ids))
        elders = list(elders)
        for stand_in in self._stand_ins(workers, local_day(first), local_day(last)):
            self.stand_ins[stand_in.substitute_id].append(stand_in)
        self.homes = {home.pk: home for home in self._homes(elders, local_day(first), local_day(last))}
        known: Any
        for known in _people(elders):
            if any(UUID(stay["household"]) in self.homes for stay in known.stays):
                self.people[known.pk] = known
        for posting in self._postings(workers):
            if posting.role in FIELD_ROLES:
                span = posting.place_id, posting.starts_on, posting.ends_on or date.max
                self.places[posting.user_id].append(span)
        around = (
            Visit.objects.filter(Q(worker__in=workers) | Q(household__in=self.homes))
            .filter(started_at__range=(first - SAME_DAY, last + SAME_DAY))
            .filter(~Q(state__in=GONE) | _sent_back())
            .order_by("started_at", "received_at", "pk")
            .annotate(positions_known=positions_known(OuterRef("household")))
        )
        for visit in around.only("state", "household", "worker", "mode", "started_at", "notes", *COLUMNS):
            if visit.state in GONE:
                self.sent_back[visit.worker_id, visit.household_id, local_day(visit.started_at)] = visit.pk
            else:
                self._remember(visit, usual(visit.positions_known))

    def _postings(self, workers: Sequence[User]) -> Iterable[Posting]:
        """Those of whoever sends are at hand: their rights were read from them."""
        others = [worker for worker in workers if worker != self.by]
        of_others = Posting.objects.filter(user__in=others) if others else ()
        return chain(self.by.all_postings if self.by in workers else (), of_others)

    def _stand_ins(self, workers: Sequence[User], first: date, last: date) -> Iterable[StandIn]:
        """As with the postings; the system goes to nobody."""
        others = [worker for worker in workers if worker != self.by]
        of_others = StandIn.objects.filter(substitute__in=others).during(first, last).with_postings()
        how = stand_ins_then if self.vouched else stand_ins_of
        own = () if self.by.is_system else how(self.by, first, last)
        return chain(own, of_others if others else ())

    def _homes(self, elders: Sequence[UUID], first: date, last: date) -> QuerySet[Any]:
        """Of the households in which these elders live, or lived not too long ago for their visits of then to be typed,
        those for which the person may log now (`open_now`), or could on any of these days: on which, `_is_open` says.
        Each with the workers named to it."""
        stays = Residence.objects.filter(elder__in=elders)
        homes = Household.objects.annotate(open_now=self._open_now())
        if not self.by.is_system:
            if not (self.imported or self.vouched):
                stays = stays.exclude(ends_on__lt=today() - rules.STILL_TAKEN)
            named = Assignment.objects.filter(worker=self.by, starts_on__lte=last).exclude(ends_on__lt=first)
            then = Q(pk__in=named.values("household"))
            then |= rounds_within(self.stand_ins[self.by.pk], first, last)
            if self.vouched:
                then |= in_areas("place__code", self._field_places())
            homes = homes.filter(Q(open_now=True) | then)
        named_then = _dated(named_while_serving(), "begins", end="stops", worker="user")
        return homes.filter(pk__in=stays.values("household")).annotate(
            assignments_then=named_then, positions_known=positions_known(OuterRef("pk"))
        )

    def _open_now(self) -> Any:
        if self.by.is_system or self.vouched:
            return Value(self.by.is_system)
        return Exists(Household.objects.visible_to(self.by).filter(pk=OuterRef("pk")))

    def _field_places(self, day: date | None = None) -> frozenset[str]:
        """Where the person serves, or served, as one who visits; on a day, or ever."""
        return frozenset(
            posting.place_id
            for posting in self.by.all_postings
            if posting.role in FIELD_ROLES and (day is None or posting.is_in_force(day))
        )

    def _remember(self, visit: Visit, usual: Position | None) -> None:
        neighbour = Neighbour(
            visit.pk,
            visit.household_id,
            visit.worker_id,
            visit.mode,
            visit.started_at,
            _words(visit.notes),
            visit.position or usual,
        )
        day = local_day(neighbour.started_at)
        self.by_worker[neighbour.worker, day].append(neighbour)
        self.by_household[neighbour.household, day].append(neighbour)

    # Taking one record

    def take(self, record: Record) -> Logged:
        """Judge a record; it is written by `store`. The same UUID with the same content answers with what is there.

        Raise VisitRefused when it cannot be, VisitConflict for a known UUID with other content, NotAllowed where the
        person may not log visits for the household.
        """
        known = self.known.get(record.id)
        if known:
            return again(known, record, self.by)
        wanted = (self.people[pk] for pk in dict.fromkeys(record.elders) if pk in self.people)
        people = [elder for elder in wanted if self._is_known(elder, record.day)]
        if len(people) < len(set(record.elders)):
            raise NotAllowed("有老人不在您负责的户里。请从本周探访里点进来记。")
        policy = self._policy(record.day)
        homes = [self._home(elder, record.day) for elder in people]
        arrival = self._arrival(record, people, homes)
        if found := rules.refusals(arrival):
            raise VisitRefused(found)
        visit = self._new_visit(record, homes[0])
        self._new_elders(visit, people, arrival, policy)
        self._new_flags(visit, rules.doubts(arrival, policy))
        self._new_referrals(visit, record)
        self.known[visit.pk] = visit
        self.visits.append(visit)
        self._remember(visit, arrival.usual)
        return Logged(visit, created=True)

    def _policy(self, day: date) -> CarePolicy:
        if day not in self.policies:
            self.policies[day] = care_policy(day)
        return self.policies[day]

    def _home(self, elder: Any, day: date) -> Household:
        """Where an elder lived on a day: it decides on village, worker and paying town, whenever the visit is typed."""
        (stay,) = _in_force(elder.stays, day)
        home = self.homes.get(UUID(stay["household"]))
        if home is None or not self._is_open(home, day):
            raise NotAllowed(
                f"{elder.name}{day.month}月{day.day}日那天不住在您负责的户里：搬家前后的探访，由当时负责的人记。"
            )
        return home

    def _is_known(self, elder: Any, day: date) -> bool:
        """Whether the elder lives, or lived, in a household for which the person may log visits of a day."""
        homes = (self.homes.get(UUID(stay["household"])) for stay in elder.stays)
        return any(self._is_open(home, day) for home in homes if home)

    def _is_open(self, home: Any, day: date) -> bool:
        """Whether the person may log visits of a day for a household: it is theirs now, or was on that day by name or in
        somebody's stead; of a visit that the town stands for, also by the postings of that day."""
        if home.open_now or self._was_named_or_stood_in(self.by, home, day):
            return True
        return self.vouched and any(home.place_id.startswith(place) for place in self._field_places(day))

    def _arrival(self, record: Record, people: list[Elder], homes: list[Household]) -> Arrival:
        household: Any = homes[0] if homes else None
        around = [record.day + timedelta(days=days) for days in (-1, 0, 1)]
        near = chain.from_iterable(self.by_worker[record.worker.pk, day] for day in around)
        return Arrival(
            mode=record.mode,
            outcome=record.outcome,
            started_at=record.started_at,
            received_at=record.received_at,
            elders=tuple(
                _as_visited(elder, home, record.worker, record.day)
                for elder, home in zip(people, homes, strict=True)
            ),
            assigned=household is None or self._is_assigned(record, household),
            household_same_day=tuple(self.by_household[household.pk, record.day]) if household else (),
            worker_nearby=tuple(
                other for other in near if abs(other.started_at - record.started_at) <= NEARBY
            ),
            words=_words(record.all_notes),
            phone_said=record.phone_said,
            sent_back=self.sent_back.get((record.worker.pk, household.pk, record.day)) if household else None,
            position=record.at_home,
            usual=usual(household.positions_known) if household else None,
            county=settings.COUNTY_BOX,
        )

    def _is_assigned(self, record: Record, household: Any) -> bool:
        """Whether the household was the worker's on that day, or of somebody for whom they stood in there."""
        if self._was_named_or_stood_in(record.worker, household, record.day):
            return True
        return not _in_force(household.assignments_then, record.day) and any(
            household.place_id.startswith(place) and start <= record.day <= end
            for place, start, end in self.places[record.worker.pk]
        )

    def _was_named_or_stood_in(self, worker: User, household: Any, day: date) -> bool:
        standing = [
            one for one in self.stand_ins[worker.pk] if one.has(day) and one.covers(household.place_id)
        ]
        if named := _in_force(household.assignments_then, day):
            return UUID(named[0]["worker"]) in {worker.pk, *(one.absent_id for one in standing)}
        return any(household.place_id.startswith(place) for one in standing for place in one.areas(day))

    def _new_visit(self, record: Record, household: Household) -> Visit:
        return Visit(
            id=record.id,
            household=household,
            village_code=household.place_id[:VILLAGE_DIGITS],
            worker=record.worker,
            entered_by=self.by,
            mode=record.mode,
            outcome=record.outcome,
            agreed=record.agreed if record.mode == rules.HOME else None,
            started_at=record.started_at,
            received_at=record.received_at,
            notes=record.all_notes,
            content_hash=record.fingerprint,
            imported=self.imported,
            **(asdict(record.at_home) if record.at_home else {}),
        )

    def _new_elders(self, visit: Visit, people: list[Elder], arrival: Arrival, policy: CarePolicy) -> None:
        for elder, facts in zip(people, arrival.elders, strict=True):
            countable = rules.is_countable(
                visit.outcome, unable_to_answer=facts.unable_to_answer, policy=policy
            )
            self.visited.append(
                VisitedElder(visit=visit, elder=elder, started_at=visit.started_at, countable=countable)
            )

    def _new_flags(self, visit: Visit, doubts: Sequence[rules.Doubt]) -> None:
        visit.flagged = bool(doubts)
        self.flags += [
            Flag(visit=visit, code=doubt.code, words=doubt.words, other_visit_id=doubt.other)
            for doubt in doubts
        ]

    def _new_referrals(self, visit: Visit, record: Record) -> None:
        self.referrals += [
            Referral(
                visit=visit,
                household_id=visit.household_id,
                elder_id=finding.elder,
                village_code=visit.village_code,
                area=finding.area,
                kinds=list(finding.kinds),
                words=finding.words,
                owner=Referral.Owner.HOUSEHOLD if finding.household_mends else Referral.Owner.TOWN,
                opened_at=visit.started_at,
                due_on=record.day + timedelta(days=rules.REFERRAL_DAYS[finding.area]),
            )
            for finding in record.findings
        ]
        if record.answers:
            self.answers.append((visit, record.answers))

    # Writing

    def store(self) -> None:
        """Write all that was taken, in one transaction. The visit row itself says who wrote it and when, so a new
        visit leaves no event of its own."""
        with transaction.atomic():
            # In the order of their keys: two who send the same never wait for each other crosswise.
            Visit.objects.bulk_create(sorted(self.visits, key=lambda visit: visit.pk), batch_size=BATCH)
            VisitedElder.objects.bulk_create(self.visited, batch_size=BATCH)
            Flag.objects.bulk_create(self.flags, batch_size=BATCH)
            Referral.objects.bulk_create(self.referrals, batch_size=BATCH)
            for visit, answers in self.answers:
                answer_referrals(by=self.by, visit=visit, answers=answers)


def _sent_back() -> Q:
    """Of visits: those that the town has refused, and what was put in their place."""
    corrected = Flag.objects.filter(visit=OuterRef("pk"), code="corrected")
    return Q(reviewed_by__isnull=False) | Q(Exists(corrected))


def _words(notes: Mapping[str, str]) -> str:
    """All free text, in one order (the database keeps keys in its own), for the check on texts that repeat."""
    return " ".join(notes[name] for name in sorted(notes))


def again(known: Visit, record: Record, by: User) -> Logged:
    """A UUID that is known: the same answer for the same content."""
    if by.pk not in (known.worker_id, known.entered_by_id) and not by.is_system:
        raise NotTheirs
    if known.content_hash != record.fingerprint:
        raise VisitConflict(known)
    return Logged(known, created=False)


def _people(elders: Iterable[UUID]) -> QuerySet[Elder]:
    """The elders, each with their dated facts as arrays: one statement for any number."""
    of_elder = {"elder": OuterRef("pk")}
    forms = RegistrationForm.objects.filter(state=RegistrationForm.State.APPROVED, **of_elder)
    stays = Residence.objects.filter(**of_elder)
    return (
        Elder.objects.filter(pk__in=list(elders))
        .annotate(
            forms_then=_dated(forms, "registered_on", unable="cannot_speak_or_hear"),
            consents_then=_dated(Consent.objects.filter(**of_elder), "since", kind="kind"),
            pauses_then=_dated(Pause.objects.filter(**of_elder), "starts_on", end="ends_on"),
            active_then=_dated(ActivePeriod.objects.filter(**of_elder), "starts_on", end="ends_on"),
            stays=_dated(stays, "starts_on", end="ends_on", household="household"),
        )
        .order_by("birth_date", "pk")
    )


def _dated(rows: QuerySet[Any], start: str, **more: str) -> ArraySubquery:
    return ArraySubquery(rows.order_by(start).values(said=JSONObject(start=start, **more)))


def _in_force(spans: Sequence[Mapping[str, Any]], day: date) -> list[Mapping[str, Any]]:
    on = day.isoformat()
    begun = (span for span in spans if span["start"] is None or span["start"] <= on)
    return [span for span in begun if span["end"] is None or span["end"] >= on]


def _latest(values: Sequence[Mapping[str, Any]], day: date) -> Mapping[str, Any]:
    on = day.isoformat()
    return next((value for value in reversed(values) if value["start"] <= on), {})


def _as_visited(elder: Any, home: Household, worker: User, day: date) -> Visited:
    return Visited(
        name=elder.name,
        household=home.pk,
        died_on=elder.died_on,
        is_worker=bool(worker.id_number_index) and worker.id_number_index == elder.id_number_index,
        unable_to_answer=bool(_latest(elder.forms_then, day).get("unable")),
        paused=bool(_in_force(elder.pauses_then, day)),
        active=bool(_in_force(elder.active_then, day)),
        phone_only=_latest(elder.consents_then, day).get("kind") == Consent.Kind.PHONE_ONLY,
    )
