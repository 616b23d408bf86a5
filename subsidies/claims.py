"""What settling must know of each visit, as the relations that `subsidies.rules` reads."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from subsidies.models import Settlement
from subsidies.rules import decisions, parameters
from visitcare.kit.weeks import Month, Week, local_day
from visitcare.org.models import Division, User
from visitcare.policy.models import care_policy
from visitcare.policy.rules import PayPolicy
from visits.actions.weeks import owed
from visits.models import OpenedWeek

# One row for every elder of the visits `chosen`. An elder has at most one class and one active period on a day (exclusion
# constraints), so that no row comes twice.
PART = """
SELECT v.id AS visit, v.household_id AS household, v.village_code, v.worker_id AS worker, v.mode,
       CASE v.mode WHEN 'home' THEN 'home' ELSE 'greeting' END AS kind, v.state,
       v.started_at, v.received_at, local.day, week.monday,
       e.elder_id AS elder, e.countable AND a.id IS NOT NULL AS earning,
       bool_or(e.countable) OVER of_visit AS countable,
       bool_or(e.countable AND a.id IS NOT NULL) OVER of_visit AS earns,
       min(c.risk_class) OVER of_visit AS risk_class,
       coalesce(payable.days @> local.day, FALSE) AS worker_payable,
       (v.worker_id, v.household_id) IN (SELECT own.worker, own.household FROM ({own}) own) AS own_household,
       v.worker_id IN (SELECT worker_id FROM subsidies_withholding
                       WHERE settlement_id = %(settlement)s AND visit_id IS NULL)
           OR v.id IN (SELECT visit_id FROM subsidies_withholding
                       WHERE settlement_id = %(settlement)s AND visit_id IS NOT NULL) AS withheld,
       v.id IN (SELECT visit_id FROM subsidies_paidvisit WHERE settlement_id = ANY (%(others)s::uuid[])) AS settled,
       v.late_report, row_number() OVER of_visit = 1 AS is_first
FROM {chosen} v
JOIN visits_visitedelder e ON e.visit_id = v.id
CROSS JOIN LATERAL (SELECT (v.started_at AT TIME ZONE 'Asia/Shanghai')::date AS day) local
CROSS JOIN LATERAL (SELECT date_trunc('week', local.day::timestamp)::date AS monday) week
LEFT JOIN elders_activeperiod a ON a.elder_id = e.elder_id
     AND a.starts_on <= local.day AND (a.ends_on IS NULL OR a.ends_on >= local.day)
LEFT JOIN elders_classperiod c ON c.elder_id = e.elder_id
     AND c.starts_on <= local.day AND (c.ends_on IS NULL OR c.ends_on >= local.day)
LEFT JOIN ({payable}) payable ON payable.worker = v.worker_id
WINDOW of_visit AS (PARTITION BY v.id)
"""

# The days on which each worker is payable: any payable posting will do, of any town.
_PAYABLE = """
SELECT user_id AS worker, range_agg(daterange(starts_on, ends_on, '[]')) AS days
FROM org_posting WHERE payable AND role = 'grid_worker' {of_worker} GROUP BY user_id
"""

# A household is a worker's own by its number on one of their postings, or because they live there themselves: an elder
# or a family member of it carries their ID number.
_OWN = """
SELECT p.user_id AS worker, h.id AS household FROM org_posting p
JOIN elders_household h ON h.village_code = left(p.place_code, 12) AND h.number = p.own_household
WHERE p.own_household <> '' {of_worker}
UNION
SELECT user_id, e.household_id FROM (SELECT id AS user_id, id_number_index FROM org_user) u
JOIN elders_elder e USING (id_number_index) WHERE TRUE {of_worker}
UNION
SELECT user_id, m.household_id FROM (SELECT id AS user_id, id_number_index FROM org_user) u
JOIN elders_householdmember m USING (id_number_index) WHERE m.lives_here IS DISTINCT FROM FALSE {of_worker}
"""

_VISITS = """
SELECT v.id, v.household_id, v.village_code, v.worker_id, v.mode, {state} AS state, v.started_at, v.received_at,
       {late_report} AS late_report
FROM visits_visit v
"""

# Of the frozen months that no earlier open settlement looks after, the visits that are not paid.
_UNPAID = """
SELECT v.id FROM visits_visit v JOIN subsidies_settlement f ON v.village_code = ANY (%(villages)s)
     AND v.started_at >= f.month::timestamp AT TIME ZONE 'Asia/Shanghai'
     AND v.started_at < (f.month + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
WHERE f.town_code = %(town_code)s AND f.state IN ('approved', 'closed')
AND f.month < %(month)s AND f.month > %(still_open)s
AND NOT EXISTS (SELECT FROM subsidies_paidvisit p WHERE p.visit_id = v.id AND p.settlement_id = ANY (%(of_town)s::uuid[]))
"""

# Of these the valid ones that no frozen settlement has answered for good (补报). A state was an answer only as long as it
# lasted: which one the draft read, no clock can tell, for a review may commit while the town assesses. A second contact
# is one no longer when its rival has been found false, and a review after the assessment asks anew.
_LATE_REPORTS = (
    """
WITH last_answer AS (
    SELECT DISTINCT ON (u.visit_id) u.visit_id, u.reason, u.other_visit_id, s.assessed_at
    FROM subsidies_unpaidvisit u JOIN subsidies_settlement s ON s.id = u.settlement_id
    WHERE s.town_code = %(town_code)s AND s.state IN ('approved', 'closed') ORDER BY u.visit_id, s.month DESC
)
"""
    + _VISITS.format(state="v.state", late_report="TRUE")
    + """
JOIN settling_unpaid unpaid ON unpaid.id = v.id
LEFT JOIN last_answer answer ON answer.visit_id = v.id
WHERE v.state = 'valid' AND (
    answer.reason IS NULL
    OR answer.reason IN ('pending', 'returned', 'withdrawn', 'invalid')
    OR answer.assessed_at < v.reviewed_at
    OR answer.reason = 'second_contact'
       AND (SELECT state FROM visits_visit WHERE id = answer.other_visit_id) <> 'valid'
)
"""
)

# The month's visits, and before them those of the week it begins in (they count towards the minimum).
_OF_MONTH = (
    _VISITS.format(state="v.state", late_report="FALSE")
    + """
WHERE v.village_code = ANY (%(villages)s) AND v.started_at >= %(opens)s AND v.started_at < %(ends)s
AND v.id NOT IN (SELECT id FROM settling_chosen)
"""
)

# What other settlements of the town have paid for and not had to take back, by household, or by elder.
_BEFORE = """
SELECT owner, kind, day, array_agg(visit ORDER BY started_at, visit) AS visits FROM (
    SELECT {owner} AS owner, CASE p.mode WHEN 'home' THEN 'home' ELSE 'greeting' END AS kind,
           (p.started_at AT TIME ZONE 'Asia/Shanghai')::date AS day, p.visit_id AS visit, p.started_at
    FROM subsidies_paidvisit p JOIN visits_visit v ON v.id = p.visit_id {elders}
    WHERE p.settlement_id = ANY (%(others)s::uuid[]) AND v.state = 'valid'
    AND (p.started_at AT TIME ZONE 'Asia/Shanghai')::date IN (SELECT day FROM settling_part)
) paid GROUP BY owner, kind, day
"""
_BEFORE_BY = {
    "contact": _BEFORE.format(owner="v.household_id", elders=""),
    "elder": _BEFORE.format(
        owner="e.elder_id", elders="JOIN visits_visitedelder e ON e.visit_id = v.id AND e.countable"
    ),
}
NOTHING_BEFORE = (
    "SELECT NULL::uuid AS owner, '' AS kind, NULL::date AS day, '{}'::uuid[] AS visits WHERE FALSE"
)

_FROZEN_MINIMUM = """
SELECT o.elder_id AS elder, o.monday, o.home_required AS home, o.greeting_required AS greeting FROM visits_obligation o
"""

# What the weeks owe: as frozen; where a week was never opened, what opening it would have owed. Each week is one or the
# other, as it was read first: opened meanwhile it must not be owed twice.
_MINIMUM = (
    _FROZEN_MINIMUM
    + """
WHERE o.elder_id IN (SELECT elder FROM settling_part) AND o.monday = ANY (%(opened)s::date[])
UNION ALL
SELECT * FROM unnest(%(elders)s::uuid[], %(mondays)s::date[], %(homes)s::int[], %(greetings)s::int[])
"""
)
_OWN_MINIMUM = _FROZEN_MINIMUM + "WHERE (o.elder_id, o.monday) IN (SELECT elder, monday FROM part)"


class Claims:
    """The visits that one draft decides on, staged in tables of the transaction."""

    def __init__(self, settlement: Settlement) -> None:
        self.settlement = settlement
        self.month = Month(settlement.month)
        self.still_open = self._last_still_open()
        # One by one, for the index of visits is by village and time.
        villages = Division.objects.at("village").filter(code__startswith=settlement.town_id)
        self.villages = list(villages.values_list("code", flat=True))
        self.parameters: dict[str, Any] = {
            "settlement": settlement.pk,
            "villages": self.villages,
            "town_code": settlement.town_id,
            "month": self.month.first,
            "opens": Week.of(self.month.first).opens_at,
            "ends": self.month.ends_at,
            "still_open": self.still_open,
            "of_town": self._of_town(),
        }

    def _last_still_open(self) -> date:
        """The last month before this one whose settlement is not frozen: it looks after what became of those before."""
        earlier = Settlement.objects.filter(town=self.settlement.town, month__lt=self.month.first)
        last: date | None = earlier.exclude(state__in=Settlement.FROZEN).aggregate(last=Max("month"))["last"]
        return last or date.min

    def stage(self) -> None:
        """Read the visits once; both units of pay are decided on from what was read. Each step is analysed, for the
        next is planned by it."""
        self._run(
            f"CREATE TEMP TABLE settling_unpaid ON COMMIT DROP AS {_UNPAID}",
            "ANALYZE settling_unpaid",
            f"CREATE TEMP TABLE settling_chosen ON COMMIT DROP AS {_LATE_REPORTS}",
            f"INSERT INTO settling_chosen {_OF_MONTH}",
            "ANALYZE settling_chosen (id, worker_id)",
        )
        (first,) = self._run("SELECT min(started_at) FROM settling_chosen")
        # No visit is paid before its month is settled.
        self.parameters["others"] = self._of_town(since=Month.of(local_day(first)) if first else self.month)
        self._run(
            f"CREATE TEMP TABLE settling_part ON COMMIT DROP AS {part_of('settling_chosen')}",
            "ANALYZE settling_part (visit, household, elder, monday)",
        )
        (mondays,) = self._run("SELECT array_agg(DISTINCT monday) FROM settling_part")
        self._add_minimum(mondays or [])

    def _run(self, *statements: str) -> Any:
        """The first row of the last, where it has any."""
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, self.parameters)
            return cursor.fetchone() if cursor.description else None

    def _of_town(self, *, since: Month | None = None) -> list[UUID]:
        """The town's other settlements: those that may have paid for a visit of it."""
        others = Settlement.objects.filter(town=self.settlement.town).exclude(pk=self.settlement.pk)
        others = others.filter(month__gte=since.first) if since else others
        return list(others.values_list("pk", flat=True))

    @staticmethod
    def drop() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE settling_unpaid, settling_chosen, settling_part")

    def _add_minimum(self, mondays: list[date]) -> None:
        opened = set(OpenedWeek.objects.filter(monday__in=mondays).values_list("monday", flat=True))
        owing = [
            (one.elder, monday, one.due.home, one.due.greeting)
            for monday in sorted(set(mondays) - opened)
            for one in owed(monday, care_policy(monday), place=self.settlement.town_id)
        ]
        names = ("elders", "mondays", "homes", "greetings")
        columns = zip(*owing, strict=True) if owing else ((),) * len(names)
        self.parameters |= {name: list(column) for name, column in zip(names, columns, strict=True)}
        self.parameters["opened"] = list(opened)

    def decisions(self, policy: PayPolicy) -> tuple[str, dict[str, Any]]:
        """The statement that decides on the staged visits by a policy, with its parameters."""
        statement = decisions(
            policy, part="TABLE settling_part", before=_BEFORE_BY[policy.pay_unit], minimum=_MINIMUM
        )
        return statement, self.parameters | parameters(policy)


def part_of(chosen: str, *, of_worker: str = "") -> str:
    """The relation `part` for the visits of a table or query."""
    return PART.format(
        chosen=chosen, own=_OWN.format(of_worker=of_worker), payable=_PAYABLE.format(of_worker=of_worker)
    )


def own_decisions(user: User, month: Month, policy: PayPolicy, *, hoping: bool) -> tuple[str, dict[str, Any]]:
    """The statement that decides on one worker's visits of a month, as if nobody else had been to their households
    and a week that was never opened owed nothing; `hoping` that what waits for review becomes valid."""
    state = "CASE v.state WHEN 'pending' THEN 'valid' ELSE v.state END" if hoping else "v.state"
    chosen = (
        _VISITS.format(state=state, late_report="FALSE")
        + "WHERE v.worker_id = %(worker)s AND v.started_at >= %(begins)s AND v.started_at < %(ends)s"
    )
    part = part_of(f"({chosen})", of_worker="AND user_id = %(worker)s")
    statement = decisions(policy, part=part, before=NOTHING_BEFORE, minimum=_OWN_MINIMUM)
    given = {
        "worker": user.pk,
        "begins": month.starts_at,
        "ends": month.ends_at,
        "settlement": None,
        "others": [],
    }
    return statement, given | parameters(policy)
