"""What the checks know of the world around some records: read together, however many they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from threading import local
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from elders.models import (
    ActivePeriod,
    Consent,
    Elder,
    Household,
    Pause,
    RegistrationForm,
    Residence,
    StandIn,
    named_while_serving,
    stand_ins_of,
    stand_ins_then,
)
from visitcare.kit.positions import Position
from visitcare.kit.weeks import local_day, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Posting, User
from visitcare.org.roles import FIELD_ROLES, Right
from visits import rules
from visits.actions.records import Record
from visits.models import Flag, Visit
from visits.places import COLUMNS, positions_known, usual
from visits.rules import Arrival, Neighbour, Visited

NEARBY = timedelta(hours=12)
"""How far the checks on the worker look around a visit, so that a visit costs the same in year five."""
SAME_DAY = timedelta(days=1)
"""How far another contact of the same household and day can be."""
GONE = (Visit.State.INVALID, Visit.State.WITHDRAWN)
"""What counts no more beside other visits."""


class Surroundings:
    """Of the records of one person (`by`), or of an import: whom and which households they may be about, and what else was
    done around them. `vouched` as of Intake."""

    def __init__(self, *, by: User, imported: bool, vouched: bool) -> None:
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

    @cached_property
    def areas(self) -> frozenset[str]:
        """Where the person sees households today, whoever is named for them."""
        return self.by.areas_with(Right.SEE_REGISTRY) | self.by.areas_with(Right.LOG_VISIT)

    def load(
        self,
        *,
        ids: Iterable[UUID],
        elders: Iterable[UUID],
        workers: Iterable[User],
        first: datetime,
        last: datetime,
    ) -> None:
        """A fixed number of statements for whatever number of them."""
        workers = list(workers)
        self.known = Visit.objects.in_bulk(list(ids))
        elders = list(elders)
        for stand_in in self._stand_ins(workers, local_day(first), local_day(last)):
            self.stand_ins[stand_in.substitute_id].append(stand_in)
        self.homes = {home.pk: home for home in self._homes(elders)}
        known: Any
        visit: Any
        for known in _templates.people.filter(pk__in=elders):
            if any(UUID(stay["household"]) in self.homes for stay in known.stays):
                self.people[known.pk] = known
        for posting in self._postings(workers):
            if posting.role in FIELD_ROLES:
                span = posting.place_id, posting.starts_on, posting.ends_on or date.max
                self.places[posting.user_id].append(span)
        around = _templates.visits.filter(
            Q(worker__in=workers) | Q(household__in=self.homes),
            started_at__range=(first - SAME_DAY, last + SAME_DAY),
        )
        for visit in around:
            if visit.state in GONE:
                self.sent_back[visit.worker_id, visit.household_id, local_day(visit.started_at)] = visit.pk
            else:
                self._put(visit, usual(visit.positions_known))

    def _postings(self, workers: Sequence[User]) -> Iterable[Posting]:
        """Those of whoever sends are at hand: their rights were read from them."""
        others = [worker for worker in workers if worker != self.by]
        of_others = Posting.objects.filter(user__in=others) if others else ()
        return chain(self.by.all_postings if self.by in workers else (), of_others)

    def _stand_ins(self, workers: Sequence[User], first: date, last: date) -> Iterable[StandIn]:
        """As with the postings; the system goes to nobody. Where it is today that counts, those of today too."""
        others = [worker for worker in workers if worker != self.by]
        of_others = StandIn.objects.filter(substitute__in=others).during(first, last).with_postings()
        return chain(self._own_stand_ins(first, last), of_others if others else ())

    def _own_stand_ins(self, first: date, last: date) -> Iterable[StandIn]:
        if self.by.is_system:
            return ()
        if self.vouched:
            return stand_ins_then(self.by, first, last)
        return stand_ins_of(self.by, min(first, today()), max(last, today()))

    def _homes(self, elders: Sequence[UUID]) -> QuerySet[Any]:
        """The households in which these elders live, or lived not too long ago for their visits of then to be typed, each
        with the workers named to it: whether the person may log visits for one, `may_log` says."""
        stays = Residence.objects.filter(elder__in=elders)
        if not (self.by.is_system or self.imported or self.vouched):
            stays = stays.exclude(ends_on__lt=today() - rules.STILL_TAKEN)
        return _templates.homes.filter(pk__in=stays.values("household"))

    def _field_places(self, day: date) -> frozenset[str]:
        """Where the person served on a day as one who visits."""
        return frozenset(
            posting.place_id
            for posting in self.by.all_postings
            if posting.role in FIELD_ROLES and posting.is_in_force(day)
        )

    def add(self, visit: Visit, place: Position | None) -> None:
        """One that has just been taken in: the next is judged beside it."""
        self.known[visit.pk] = visit
        self._put(visit, place)

    def _put(self, visit: Visit, place: Position | None) -> None:
        neighbour = Neighbour(
            visit.pk,
            visit.household_id,
            visit.worker_id,
            visit.mode,
            visit.started_at,
            _words(visit.notes),
            visit.position or place,
        )
        day = local_day(neighbour.started_at)
        self.by_worker[neighbour.worker, day].append(neighbour)
        self.by_household[neighbour.household, day].append(neighbour)

    # Whom a record is about

    def whom(self, record: Record) -> tuple[list[Elder], list[Household]]:
        """The elders, and where each of them lived on that day. Raise NotAllowed where the person may not log visits for
        one of them."""
        wanted = (self.people[pk] for pk in dict.fromkeys(record.elders) if pk in self.people)
        people = [elder for elder in wanted if self._is_known(elder, record.day)]
        if len(people) < len(set(record.elders)):
            raise NotAllowed("有老人不在您负责的户里。请从本周探访里点进来记。")
        return people, [self._home(elder, record.day) for elder in people]

    def _home(self, elder: Any, day: date) -> Household:
        """Where an elder lived on a day: it decides on village, worker and paying town, whenever the visit is typed."""
        (stay,) = _in_force(elder.stays, day)
        home = self.homes.get(UUID(stay["household"]))
        if home is None or not self.may_log(home, day):
            raise NotAllowed(
                f"{elder.name}{day.month}月{day.day}日那天不住在您负责的户里：搬家前后的探访，由当时负责的人记。"
            )
        return home

    def _is_known(self, elder: Any, day: date) -> bool:
        """Whether the elder lives, or lived, in a household for which the person may log visits of a day."""
        homes = (self.homes.get(UUID(stay["household"])) for stay in elder.stays)
        return any(self.may_log(home, day) for home in homes if home)

    def may_log(self, home: Any, day: date) -> bool:
        """Whether the person may log visits of a day for a household: it is theirs today (as by the row rule, said of what
        is at hand), or was on that day by name or in somebody's stead; of a visit that the town stands for, it is the
        postings of that day that count and not those of today."""
        if self.by.is_system or self._was_named_or_stood_in(self.by, home, day):
            return True
        if self.vouched:
            return _lies_in(self._field_places(day), home)
        return _lies_in(self.areas, home) or self._was_named_or_stood_in(self.by, home, today())

    # What the rules judge by

    def arrival(self, record: Record, people: list[Elder], homes: list[Household]) -> Arrival:
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


def _sent_back() -> Q:
    """Of visits: those that the town has refused, and what was put in their place."""
    corrected = Flag.objects.filter(visit=OuterRef("pk"), code="corrected")
    return Q(reviewed_by__isnull=False) | Q(Exists(corrected))


def _words(notes: Mapping[str, str]) -> str:
    """All free text, in one order (the database keeps keys in its own), for the check on texts that repeat."""
    return " ".join(notes[name] for name in sorted(notes))


class _Templates(local):
    """What is asked, but for whom and when: put together once, for that takes Django as long as the asking; and once for
    each thread, for compiling writes into the subqueries."""

    @cached_property
    def people(self) -> QuerySet[Elder]:
        """The elders, each with their dated facts as arrays: one statement for any number."""
        return _people()

    @cached_property
    def homes(self) -> QuerySet[Household]:
        return _homes()

    @cached_property
    def visits(self) -> QuerySet[Visit]:
        """Those that count, and those that the town has sent back."""
        return _visits()


_templates = _Templates()


def _people() -> QuerySet[Elder]:
    of_elder = {"elder": OuterRef("pk")}
    forms = RegistrationForm.objects.filter(state=RegistrationForm.State.APPROVED, **of_elder)
    stays = Residence.objects.filter(**of_elder)
    return Elder.objects.annotate(
        forms_then=_dated(forms, "registered_on", unable="cannot_speak_or_hear"),
        consents_then=_dated(Consent.objects.filter(**of_elder), "since", kind="kind"),
        pauses_then=_dated(Pause.objects.filter(**of_elder), "starts_on", end="ends_on"),
        active_then=_dated(ActivePeriod.objects.filter(**of_elder), "starts_on", end="ends_on"),
        stays=_dated(stays, "starts_on", end="ends_on", household="household"),
    ).order_by("birth_date", "pk")


def _homes() -> QuerySet[Household]:
    return Household.objects.annotate(
        assignments_then=_dated(named_while_serving(), "begins", end="stops", worker="user"),
        positions_known=positions_known(OuterRef("pk")),
    )


def _visits() -> QuerySet[Visit]:
    return (
        Visit.objects.filter(~Q(state__in=GONE) | _sent_back())
        .order_by("started_at", "received_at", "pk")
        .annotate(positions_known=positions_known(OuterRef("household")))
        .only("state", "household", "worker", "mode", "started_at", "notes", *COLUMNS)
    )


def _dated(rows: QuerySet[Any], start: str, **more: str) -> ArraySubquery:
    return ArraySubquery(rows.order_by(start).values(said=JSONObject(start=start, **more)))


def _in_force(spans: Sequence[Mapping[str, Any]], day: date) -> list[Mapping[str, Any]]:
    on = day.isoformat()
    begun = (span for span in spans if span["start"] is None or span["start"] <= on)
    return [span for span in begun if span["end"] is None or span["end"] >= on]


def _lies_in(areas: frozenset[str], home: Household) -> bool:
    return any(home.place_id.startswith(area) for area in areas)


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
