"""Which visits are paid, and the one reason why a visit is not (notice part 4; domain.md §4).

The rules are SQL, for a month of a county is half a million visits and they are decided where they lie (ADR 11). They
read three relations and touch no table, so that each rule can be tried on rows made up for it:

- `part`: one row for every elder of a visit. Of the visit: `visit`, `household`, `village_code`, `worker`, `mode`,
  `kind` (home or greeting), `state`, `started_at`, `received_at`, `day` (in Shanghai), `monday` of its week,
  `countable` (for any of its elders), `earns` (for any who is active), `risk_class` (the highest, or null),
  `worker_payable`, `own_household`, `withheld`, `settled` (another settlement has paid it) and `late_report`. Of the
  elder: `elder`, and `earning`: the contact counts for them and they are active that day. `is_first` marks one of a
  visit's rows.
- `before`: what other settlements have paid, one row a group: `owner`, `kind`, `day` and `visits`, in the order of time.
  An owner is the household, or under `pay_unit` elder each elder: whoever is paid for once, kind and day.
- `minimum`: `home` and `greeting` owed to an `elder` in the week of a `monday`. It may read `part`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from visitcare.policy.rules import PayPolicy

_LATE = "received_at >= (monday + 8)::timestamp AT TIME ZONE 'Asia/Shanghai'"
"""Entered after the Monday that follows the week of the visit."""

OWN_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "pending": "state = 'pending'",
        "returned": "state = 'returned'",
        "withdrawn": "state = 'withdrawn'",
        "invalid": "state = 'invalid'",
        "not_countable": "NOT countable",
        "elder_not_active": "NOT earns",  # nobody active, or the contact does not count for those who are
        "late": f"{_LATE} AND %(late_unpaid)s",
        "worker_not_payable": "NOT worker_payable",
        "own_household": "own_household",
    }
)
"""The reasons that lie in the visit itself: the first that holds. A visit with none of them is payable so far."""

REASONS_AMONG_OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "second_contact": "counted.visit IS NULL",  # no group of it had room
        "beyond_cap": "counted.paid_for = 0",
        "withheld": "withheld",
        "already_settled": "settled",
    }
)
"""The reasons of a payable visit, which come from those before it: the first that holds."""

ORDER = "started_at, received_at, visit"
"""Of one group the first by this order is paid."""

_OWNERS = {"contact": "household", "elder": "elder"}
_CAPS = {"none": "FALSE", "weekly_minimum": "had_of_kind >= due"}

DECISIONS = """
judged AS (
    SELECT part.*, {own_reason} AS own_reason FROM part
),
-- A payable visit's place in its group and day. What was paid before keeps its place, whatever its time.
placed AS (
    SELECT payable.owner, payable.kind, payable.day, monday, elder, visit, started_at, received_at, coalesce(cardinality(before.visits), 0) AS taken, before.visits AS taken_by,
           coalesce(visit = ANY (before.visits), FALSE) AS is_before,
           dense_rank() OVER (
               PARTITION BY payable.owner, payable.kind, payable.day, coalesce(visit = ANY (before.visits), FALSE)
               ORDER BY {order}
           ) AS place
    FROM (SELECT judged.*, {owner} AS owner FROM judged WHERE own_reason = '' AND earning) payable
    LEFT JOIN before ON (before.owner, before.kind, before.day) = (payable.owner, payable.kind, payable.day)
),
grouped AS (
    SELECT placed.*,
           CASE WHEN is_before THEN taken <= %(per_day)s ELSE place + taken <= %(per_day)s END AS has_room
    FROM placed
),
-- Payable contacts use up the week of their elders, even if a later reason leaves them unpaid.
weekly AS (
    SELECT grouped.*, CASE kind WHEN 'home' THEN minimum.home ELSE minimum.greeting END AS owed,
           row_number() OVER (PARTITION BY grouped.elder, grouped.monday, kind ORDER BY {order}) - 1 AS had_of_kind,
           row_number() OVER (PARTITION BY grouped.elder, grouped.monday ORDER BY {order}) - 1 AS had
    FROM grouped LEFT JOIN minimum USING (elder, monday)
    WHERE has_room
),
capped AS (
    SELECT visit, had_of_kind >= due AS beyond_minimum, {beyond_cap} AS beyond_cap
    FROM (SELECT weekly.*, coalesce(owed, 0) AS due FROM weekly) weekly
),
counted AS (
    SELECT visit, count(*) FILTER (WHERE NOT beyond_cap) AS paid_for,
           bool_and(beyond_minimum) FILTER (WHERE NOT beyond_cap) AS beyond_minimum
    FROM capped GROUP BY visit
),
-- The one that was there: the latest that found room on this day, else the last that was paid before.
rivals AS (
    SELECT DISTINCT ON (owner, kind, day) owner, kind, day, visit AS rival
    FROM grouped WHERE has_room AND NOT is_before ORDER BY owner, kind, day, place DESC
),
second AS (
    SELECT DISTINCT ON (visit) visit,
           coalesce(rival, (
               SELECT one FROM unnest(taken_by) WITH ORDINALITY earlier (one, nth)
               WHERE one <> visit ORDER BY nth DESC LIMIT 1
           )) AS other
    FROM grouped LEFT JOIN rivals USING (owner, kind, day)
    WHERE NOT has_room ORDER BY visit, elder DESC
),
decided AS (
    SELECT judged.*, counted.beyond_minimum, counted.paid_for,
           CASE WHEN own_reason <> '' THEN own_reason {among_others} ELSE '' END AS reason
    FROM judged LEFT JOIN counted USING (visit)
    WHERE is_first
)
SELECT visit, worker, village_code, day, started_at, mode, coalesce(risk_class, '') AS risk_class, late_report,
       reason, CASE reason WHEN 'second_contact' THEN second.other END AS other,
       CASE WHEN reason = '' THEN {units} ELSE 0 END AS units,
       reason = '' AND beyond_minimum AS beyond_minimum
FROM decided LEFT JOIN second USING (visit)
"""


def decisions(policy: PayPolicy, *, part: str, before: str, minimum: str) -> str:
    """The statement that decides on every visit of `part` by a policy, one row a visit:
    `reason` ("" when paid), `other` (the visit a second contact collides with), `units` (contacts or elders paid) and
    `beyond_minimum`, beside what a payment copies of the visit.

    The three relations are given as queries. `parameters` gives the policy's own parameters.
    """
    cap = str(policy.pay_cap)
    written = DECISIONS.format(
        own_reason=f"CASE {_cases(OWN_REASONS)} ELSE '' END",
        among_others=_cases(REASONS_AMONG_OTHERS),
        owner=_OWNERS[policy.pay_unit],
        units="paid_for" if policy.pay_unit == "elder" else "1",
        beyond_cap=_CAPS.get(cap, "had >= %(cap)s"),
        order=ORDER,
    )
    return f"WITH part AS ({part}), before AS ({before}), minimum AS ({minimum}), {written}"


def parameters(policy: PayPolicy) -> dict[str, object]:
    """What `decisions` asks for by name."""
    cap = str(policy.pay_cap)
    return {
        "late_unpaid": policy.late_unpaid,
        "per_day": policy.per_day,
        "cap": None if cap in _CAPS else int(cap),
    }


def _cases(reasons: Mapping[str, str]) -> str:
    return " ".join(f"WHEN {holds} THEN '{code}'" for code, holds in reasons.items())
