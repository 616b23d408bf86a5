"""The plan of a week, round by round: whose round it is, on which days they go, and what was planned before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Protocol
from uuid import UUID

from django.contrib.postgres.aggregates import BitOr
from django.db.models import Case, IntegerField, Value, When
from django.db.models.functions import Cast, ExtractIsoWeekDay

from elders.models import Assignment, DaysOff, StandIn
from visitcare.kit.weeks import Week
from visitcare.org.models import Posting
from visitcare.org.roles import Role
from visits.models import Mode, PlannedVisit
from visits.models.villages import TOWN_DIGITS, VILLAGE_DIGITS
from visits.rules import EVERY_DAY, WEEKDAYS, Asked, Due, plan_round

Row = tuple[UUID, date, date, str, str]


class Owed(Protocol):
    """What must be known of an elder who is owed something."""

    @property
    def elder(self) -> UUID: ...
    @property
    def household(self) -> UUID: ...
    @property
    def place(self) -> str: ...
    @property
    def due(self) -> Due: ...


def plan_rows(week: Week, owed: Iterable[Owed], wanted: set[UUID]) -> Iterator[Row]:
    """What `PlannedVisit` holds of each wanted elder's contacts. A household keeps the days of this week's plan where
    it has one already, else those of the week before; a round in a town that nobody serves is planned by its place."""
    households: dict[UUID, list[Owed]] = defaultdict(list)
    for one in owed:
        households[one.household].append(one)
    rounds = _rounds(week, households)
    villages = {elders[0].place[:VILLAGE_DIGITS] for elders in households.values()}
    now, before = (_marks(one.monday, villages) for one in (week, week.previous))
    free = _FreeDays(week)
    days = week.days
    for (worker, town), homes in rounds.items():
        asked = [
            Asked(tuple(one.due for one in elders), _of(elders, now) or _of(elders, before))
            for elders in homes
        ]
        for elders, contacts in zip(homes, plan_round(asked, free.of(worker, town)), strict=True):
            for contact in contacts:
                for index in contact.elders:
                    one = elders[index]
                    if one.elder in wanted:
                        village = one.place[:VILLAGE_DIGITS]
                        yield one.elder, week.monday, days[contact.day], contact.mode, village


def _rounds(week: Week, households: dict[UUID, list[Owed]]) -> dict[tuple[UUID | str, str], list[list[Owed]]]:
    """The households by worker and town, in their order: whoever is named for them, else who serves their group, else
    who serves their village; of several the one who began first (domain.md §6)."""
    named = dict(Assignment.objects.served(week.monday).values_list("household", "worker"))
    serving = Posting.objects.in_force(week.monday).filter(role=Role.GRID_WORKER, user__is_active=True)
    posted: dict[str, UUID] = {}
    for place, user in serving.order_by("starts_on", "pk").values_list("place", "user"):
        posted.setdefault(place, user)
    rounds: dict[tuple[UUID | str, str], list[list[Owed]]] = defaultdict(list)
    for household, elders in households.items():
        place = elders[0].place
        worker = named.get(household) or posted.get(place) or posted.get(place[:VILLAGE_DIGITS])
        rounds[worker or place, place[:TOWN_DIGITS]].append(elders)
    return rounds


class _FreeDays:
    """The days of a week on which somebody goes to a round: the worker, or on their days whoever stands in."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.off: dict[UUID, list[DaysOff]] = defaultdict(list)
        for one in DaysOff.objects.during(week.monday, week.sunday):
            self.off[one.worker_id].append(one)
        self.instead: dict[tuple[UUID, str], dict[date, UUID]] = defaultdict(dict)
        for day in week.days:
            for other in StandIn.objects.served(day):
                self.instead[other.absent_id, other.town_id][day] = other.substitute_id

    def of(self, worker: UUID | str, town: str) -> tuple[int, ...]:
        """All days where none suits: what is owed comes first."""
        if isinstance(worker, str) or not (self.off.get(worker) or self.instead.get((worker, town))):
            return EVERY_DAY
        free = tuple(n for n, day in enumerate(self.week.days) if self._goes(worker, town, day))
        return free or EVERY_DAY

    def _goes(self, worker: UUID, town: str, day: date) -> bool:
        who = self.instead.get((worker, town), {}).get(day, worker)
        return not any(off.has(day) for off in self.off.get(who, ()))


def _marks(monday: date, villages: Iterable[str]) -> dict[UUID, int]:
    """The plan of a week as `rules.mark` has it, elder by elder; one statement, by village."""
    number = Cast(ExtractIsoWeekDay("day"), IntegerField()) - 1
    kind = Case(When(mode=Mode.HOME, then=0), default=WEEKDAYS, output_field=IntegerField())
    planned = PlannedVisit.objects.filter(village_code__in=list(villages), monday=monday)
    marks = planned.order_by().values("elder").annotate(marks=BitOr(Value(1).bitleftshift(number + kind)))  # type: ignore[arg-type]
    return dict(marks.values_list("elder", "marks"))


def _of(elders: Sequence[Owed], marks: dict[UUID, int]) -> int:
    return reduce(or_, (marks.get(one.elder, 0) for one in elders))
