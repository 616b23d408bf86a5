"""Visits as claims: what settling must know of each, read set by set for one town."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q

from elders.models import Elder, HouseholdMember
from subsidies.models import PaidVisit, Settlement, Withholding
from subsidies.rules import Claim, GroupKey
from visitcare.kit.weeks import Month, Week, local_day
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import Role
from visitcare.policy.models import care_policy
from visitcare.policy.rules import PayPolicy
from visits.actions.weeks import owed
from visits.models import Obligation, OpenedWeek, Visit
from visits.rules import kind_of

# One row a visit: its elders' part in it on its day, folded. Everything else is looked up in memory.
_VISITS = """
SELECT v.id, v.household_id, v.worker_id, v.mode, v.state, v.started_at, v.received_at, h.village_code, h.number,
       bool_or(e.countable),
       array_agg(DISTINCT e.elder_id) FILTER (WHERE e.countable AND a.id IS NOT NULL),
       min(c.risk_class), v.village_code
FROM visits_visit v
JOIN elders_household h ON h.id = v.household_id
JOIN visits_visitedelder e ON e.visit_id = v.id
LEFT JOIN elders_activeperiod a ON a.elder_id = e.elder_id
     AND daterange(a.starts_on, a.ends_on, '[]') @> (v.started_at AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN elders_classperiod c ON c.elder_id = e.elder_id
     AND daterange(c.starts_on, c.ends_on, '[]') @> (v.started_at AT TIME ZONE 'Asia/Shanghai')::date
WHERE {where}
GROUP BY v.id, h.village_code, h.number
"""

# A settlement's rows are written for the last time when it is assessed: what is reviewed between that and the
# approval is not answered yet.
_UNANSWERED = """
v.village_code LIKE %s AND v.started_at >= %s AND v.started_at < %s AND v.state = 'valid'
AND NOT EXISTS (SELECT FROM subsidies_paidvisit p WHERE p.visit_id = v.id AND p.settlement_id <> %s)
AND NOT EXISTS (
    SELECT FROM (
        SELECT u.reason, u.other_visit_id, s.assessed_at
        FROM subsidies_unpaidvisit u JOIN subsidies_settlement s ON s.id = u.settlement_id
        WHERE u.visit_id = v.id AND s.state IN ('approved', 'closed')
        ORDER BY s.month DESC LIMIT 1
    ) answer
    LEFT JOIN visits_visit o ON o.id = answer.other_visit_id
    WHERE answer.assessed_at >= greatest(v.received_at, v.reviewed_at)
    AND NOT (answer.reason = 'second_contact' AND o.state <> 'valid')
)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim with what its payment row copies."""

    claim: Claim
    risk_class: str
    village_code: str


class ClaimBook:
    """The claims of one town and month, with what decides on them."""

    def __init__(self, settlement: Settlement) -> None:
        self.settlement = settlement
        self.town: Division = settlement.town
        self.month = Month(settlement.month)
        self.postings = _Postings()
        self.withheld_workers: set[UUID] = set()
        self.withheld_visits: set[UUID] = set()
        for worker, visit in Withholding.objects.filter(settlement=settlement).values_list("worker", "visit"):
            if visit is None:
                self.withheld_workers.add(worker)
            else:
                self.withheld_visits.add(visit)

    def of_month(self) -> list[Seen]:
        """The month's visits, and before them those of the week it begins in (they count towards the minimum)."""
        opens = Week.of(self.month.first).opens_at
        return self._read(
            "v.village_code LIKE %s AND v.started_at >= %s AND v.started_at < %s",
            [f"{self.town.code}%", opens, self.month.ends_at],
        )

    def late_reports(self) -> list[Seen]:
        """Visits of frozen months that are not paid, and that no frozen settlement has answered since they came or
        were reviewed, or only with a rival that has been found false since (补报). They belong to the first settlement
        of the town that is still open."""
        found: list[Seen] = []
        for frozen in self._frozen_before():
            month = Month(frozen.month)
            found += self._read(
                _UNANSWERED,
                [f"{self.town.code}%", month.starts_at, month.ends_at, self.settlement.pk],
            )
        return found

    def _frozen_before(self) -> list[Settlement]:
        """Frozen settlements of the town whose late visits no earlier open settlement takes."""
        earlier = Settlement.objects.filter(town=self.town, month__lt=self.month.first)
        still_open = earlier.exclude(state__in=Settlement.FROZEN).aggregate(last=Max("month"))["last"]
        frozen = earlier.filter(state__in=Settlement.FROZEN)
        return list(frozen.filter(month__gt=still_open) if still_open else frozen)

    def paid_before(self, claims: Sequence[Seen], policy: PayPolicy) -> dict[GroupKey, list[UUID]]:
        """Whoever other settlements have paid for on a day and not taken back, with the visits they paid: households,
        or under pay_unit elder the elders of the paid visits."""
        groups: dict[GroupKey, list[UUID]] = defaultdict(list)
        if not claims:
            return groups
        first = min(seen.claim.started_at for seen in claims)
        last = max(seen.claim.started_at for seen in claims)
        owner = "visit__household"
        paid = PaidVisit.objects.filter(
            village_code__startswith=self.town.code,
            started_at__range=(first - timedelta(days=1), last + timedelta(days=1)),
            visit__state=Visit.State.VALID,
        ).exclude(settlement=self.settlement)
        if policy.pay_unit == "elder":
            owner = "visit__visited__elder"
            paid = paid.filter(visit__visited__countable=True)
        rows = paid.order_by("started_at", "visit").values_list("visit", owner, "mode", "started_at")
        for visit, who, mode, at in rows:
            groups[who, kind_of(mode), local_day(at)].append(visit)
        return groups

    def minimum(self, claims: Sequence[Seen]) -> dict[tuple[UUID, date], tuple[int, int]]:
        """(home, greeting) owed to each elder in each week: as frozen; where a week was never opened, what opening it
        would have owed."""
        mondays = {Week.of(seen.claim.day).monday for seen in claims}
        opened = set(OpenedWeek.objects.filter(monday__in=mondays).values_list("monday", flat=True))
        frozen = Obligation.objects.filter(village_code__startswith=self.town.code, monday__in=opened)
        minimum = {
            (elder, monday): (home, greeting)
            for elder, monday, home, greeting in frozen.values_list(
                "elder", "monday", "home_required", "greeting_required"
            )
        }
        for monday in mondays - opened:
            for one in owed(monday, care_policy(monday), place=self.town.code):
                minimum[one.elder, monday] = (one.due.home, one.due.greeting)
        return minimum

    def _read(self, where: str, parameters: list[Any]) -> list[Seen]:
        with connection.cursor() as cursor:
            cursor.execute(_VISITS.format(where=where), parameters)
            rows = cursor.fetchall()
        elsewhere = self._settled_elsewhere()
        return [self._seen(row, elsewhere) for row in rows]

    def _settled_elsewhere(self) -> set[UUID]:
        """Visits of the month that another settlement has paid (their time or place was put right later)."""
        paid = PaidVisit.objects.filter(
            visit__started_at__gte=self.month.starts_at,
            visit__started_at__lt=self.month.ends_at,
            visit__village_code__startswith=self.town.code,
        ).exclude(settlement=self.settlement)
        return set(paid.filter(started_at__lt=self.month.starts_at).values_list("visit", flat=True))

    def _seen(self, row: tuple[Any, ...], elsewhere: set[UUID]) -> Seen:
        (visit, household, worker, mode, state, started_at, received_at, home_village, number, countable, earning,
         risk_class, village) = row  # fmt: skip
        day = local_day(started_at)
        return Seen(
            Claim(
                id=visit,
                household=household,
                worker=worker,
                mode=mode,
                state=state,
                started_at=started_at,
                received_at=received_at,
                day=day,
                countable=countable,
                earning=tuple(earning or ()),
                worker_payable=self.postings.payable(worker, day),
                own_household=self.postings.is_own(worker, household, (home_village, number)),
                withheld=worker in self.withheld_workers or visit in self.withheld_visits,
                already_settled=visit in elsewhere,
            ),
            risk_class or "",
            village,
        )


class _Postings:
    """Who is payable when, and which household is whose own. Any posting will do, of any town.

    A household is a worker's own by its number on one of their postings, or because they live there themselves: an
    elder or a family member of it carries their ID number."""

    def __init__(self) -> None:
        self.spans: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
        self.own_numbers: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
        rows = Posting.objects.filter(Q(payable=True) | ~Q(own_household=""))
        for user, role, payable, start, end, place, own in rows.values_list(
            "user", "role", "payable", "starts_on", "ends_on", "place", "own_household"
        ):
            if payable and role == Role.GRID_WORKER:
                self.spans[user].append((start, end or date.max))
            if own:
                self.own_numbers[user].add((place[:12], own))
        self.lives_in = set(_homes(self.spans))

    def payable(self, worker: UUID, day: date) -> bool:
        return any(start <= day <= end for start, end in self.spans.get(worker, ()))

    def is_own(self, worker: UUID, household: UUID, numbered: tuple[str, str]) -> bool:
        """`numbered` is the household's village and number, "" where it has none."""
        by_number = bool(numbered[1]) and numbered in self.own_numbers[worker]
        return by_number or (worker, household) in self.lives_in


def _homes(workers: Iterable[UUID]) -> Iterator[tuple[UUID, UUID]]:
    """(worker, household) of those whom the registry knows as living in it."""
    people = User.objects.filter(pk__in=list(workers), id_number_index__isnull=False)
    by_number = dict(people.values_list("id_number_index", "pk"))
    elders = Elder.objects.filter(id_number_index__in=by_number)
    members = HouseholdMember.objects.filter(id_number_index__in=by_number).exclude(lives_here=False)
    for rows in (elders, members):
        for number, household in rows.values_list("id_number_index", "household"):
            yield by_number[number], household
