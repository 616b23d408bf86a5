"""The two rates of every report, by place (domain.md §2), both from one statement, so that they are of one moment.

周达标率: obligations met of those not excused, by the weeks whose Sunday lies in a period. 月探访率: of the elders on the books
on the period's last day (today, while it runs; a pause takes nobody off the books), those who had a valid contact that
counts on a day of it. Whoever refuses visits then is in neither, and counted beside them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Left

from elders.models import ActivePeriod, Consent, Residence
from visitcare.kit.scope import in_areas
from visitcare.kit.weeks import midnight, today
from visits.models import Obligation, Progress, Visit, VisitedElder
from visits.progress import with_progress

VISITED, UNVISITED, REFUSED = "visited", "unvisited", "refused"
SIX_DAYS = timedelta(days=6)


@dataclass(slots=True)
class Rates:
    """The counts of one place, or of several together."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def met(self) -> int:
        return self.counts[Progress.MET]

    @property
    def owed(self) -> int:
        """What the weekly rate is measured against: everything that is not excused."""
        return self.met + self.counts[Progress.OPEN] + self.counts[Progress.MISSED]

    @property
    def visited(self) -> int:
        return self.counts[VISITED]

    @property
    def active(self) -> int:
        """What the monthly rate is measured against: the elders on the books but for those who refuse."""
        return self.visited + self.counts[UNVISITED]

    @property
    def refused(self) -> int:
        return self.counts[REFUSED]

    @property
    def weekly(self) -> str:
        return rate_words(self.met, self.owed)

    @property
    def monthly(self) -> str:
        return rate_words(self.visited, self.active)


def rate_words(part: int, whole: int) -> str:
    """As in "98.4%", rounded down, so that 100% is said of all and of nothing less; "—" of nothing."""
    tenths = part * 1000 // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10}%" if whole else "—"


def rates(areas: frozenset[str], first: date, last: date, *, digits: int) -> dict[str, Rates]:
    """The rates of a period by place, for the places within some areas (prefixes of codes); `digits` says how much of a
    code makes a place: 9 a town, 12 a village. One statement."""
    found: dict[str, Rates] = {}
    rows: Any = _weeks(areas, first, last, digits).union(_elders(areas, first, last, digits), all=True)
    for place, state, count in rows:
        found.setdefault(place, Rates()).counts[state] += count
    return dict(sorted(found.items()))


def together(places: Iterable[Rates]) -> Rates:
    return Rates(sum((one.counts for one in places), Counter()))


def _weeks(areas: frozenset[str], first: date, last: date, digits: int) -> "QuerySet[Any]":
    """Without the week to come, which is opened on a Sunday: nothing of it can be done yet."""
    until = min(last - SIX_DAYS, today())
    owed = Obligation.objects.filter(
        in_areas("village_code", areas), monday__gte=first - SIX_DAYS, monday__lte=until
    )
    return _counted(with_progress(owed), "village_code", "progress", digits)


def _elders(areas: frozenset[str], first: date, last: date, digits: int) -> "QuerySet[Any]":
    """Where they lived on the last day."""
    day = min(last, today())
    active = ActivePeriod.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)
    contacts = VisitedElder.objects.filter(
        elder=OuterRef("elder"),
        countable=True,
        visit__state=Visit.State.VALID,
        started_at__gte=midnight(first),
        started_at__lt=midnight(last + timedelta(days=1)),
    )
    said = Consent.objects.filter(since__lte=day)
    since = said.filter(elder=OuterRef("elder"), since__gt=OuterRef("since"))
    refused = said.filter(~Exists(since), kind=Consent.Kind.REFUSED)
    # The few who refuse are read once for all elders. The first contact of each is found by its index, for those of a
    # month are more than the database would keep at hand to look an elder up in.
    state = Case(
        When(elder__in=refused.values("elder"), then=Value(REFUSED)),
        When(Exists(contacts), then=Value(VISITED)),
        default=Value(UNVISITED),
        output_field=CharField(),
    )
    living = Residence.objects.on(day).filter(
        in_areas("household__place__code", areas), elder__in=active.values("elder")
    )
    return _counted(living.annotate(state=state), "household__place__code", "state", digits)


def _counted(rows: "QuerySet[Any]", place: str, state: str, digits: int) -> "QuerySet[Any]":
    placed = rows.order_by().annotate(within=Left(place, digits))
    return placed.values_list("within", state).annotate(n=Count("pk"))
