"""The rules of `subsidies.rules` on visits made up for a test: no table is read."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from subsidies.rules import decisions, parameters
from tests.subsidies.plain import Claim, Decision, GroupKey
from visitcare.kit.weeks import Week
from visitcare.policy.rules import PayPolicy

_PART = """
SELECT * FROM json_to_recordset(%(part)s) AS part (
    visit uuid, household uuid, village_code text, worker uuid, mode text, kind text, state text, started_at timestamptz,
    received_at timestamptz, day date, monday date, countable bool, earns bool, risk_class text,
    worker_payable bool, own_household bool, withheld bool, settled bool, late_report bool, elder uuid, earning bool,
    is_first bool)
"""
_BEFORE = """
SELECT * FROM json_to_recordset(%(before)s) AS before (owner uuid, kind text, day date, visits uuid[])
"""
_MINIMUM = """
SELECT * FROM json_to_recordset(%(minimum)s) AS minimum (elder uuid, monday date, home int, greeting int)
"""


def decide(
    claims: Iterable[Claim],
    policy: PayPolicy,
    *,
    minimum: Mapping[tuple[UUID, date], tuple[int, int]],
    paid_before: Mapping[GroupKey, Sequence[UUID]] | None = None,
) -> list[Decision]:
    """As `plain.decide`, by the statement that settling runs."""
    claims, before = list(claims), paid_before or {}
    settled = {visit for visits in before.values() for visit in visits}
    rows = {
        "part": [row for claim in claims for row in _parts(claim, claim.id in settled)],
        "before": [
            {"owner": owner, "kind": kind, "day": day, "visits": list(visits)}
            for (owner, kind, day), visits in before.items()
        ],
        "minimum": [
            {"elder": elder, "monday": monday, "home": home, "greeting": greeting}
            for (elder, monday), (home, greeting) in minimum.items()
        ],
    }
    statement = decisions(policy, part=_PART, before=_BEFORE, minimum=_MINIMUM)
    given = {name: json.dumps(table, default=str) for name, table in rows.items()} | parameters(policy)
    known = {claim.id: claim for claim in claims}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT visit, reason, other, units, beyond_minimum FROM ({statement}) decision", given
        )
        return [Decision(known[visit], *said) for visit, *said in cursor.fetchall()]


def _parts(claim: Claim, settled: bool) -> Iterator[dict[str, Any]]:
    said = {
        "visit": claim.id,
        "village_code": "",
        "kind": claim.kind,
        "monday": Week.of(claim.day).monday,
        "earns": bool(claim.earning),
        "settled": claim.already_settled or settled,
        "late_report": False,
    }
    same = ("household", "worker", "mode", "state", "started_at", "received_at", "day", "countable",
            "worker_payable", "own_household", "withheld")  # fmt: skip
    said |= {name: getattr(claim, name) for name in same}
    for number, elder in enumerate(claim.earning or (None,)):
        yield said | {
            "elder": elder or claim.household,
            "earning": elder is not None,
            "is_first": number == 0,
        }
