"""What the first page of a worker tells beside the cards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery

from elders.coverage import Gap, gaps_from, gaps_within
from elders.drafts import waiting_for
from elders.screening import Stand, open_rounds_with_left, stand_of
from visitcare.kit.arrays import array_of
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.cards import Record
from visits.queries import RECORD, record_of, returned_visits


@dataclass(frozen=True, slots=True)
class Aside:
    """Records that the town has sent back, how many registrations wait by kind, the open round of screening, and the
    households that nobody goes to."""

    returned: list[Record]
    waiting: dict[str, int]
    screening: Stand | None
    gaps: list[Gap]


def aside_of(user: User) -> Aside:
    """All of it in one statement."""
    waiting = waiting_for(user)
    columns = {
        "sent_back": array_of(returned_visits(user), *RECORD),
        "screenings": array_of(open_rounds_with_left(user), "name", "left"),
    } | {kind: ArraySubquery(rows.values("pk")) for kind, rows in waiting.items()}
    if user.may(Right.ARRANGE_ROUNDS):
        columns["gaps"] = array_of(gaps_within(user), "place__name", "households", "why")
    row = User.objects.values(**columns).get(pk=user.pk)
    # Null is said where it was plain before asking that there is nothing.
    said: dict[str, Any] = {name: rows or [] for name, rows in row.items()}
    return Aside(
        returned=[_record(row) for row in said["sent_back"]],
        waiting={kind: len(said[kind]) for kind in waiting if said[kind]},
        screening=stand_of(said["screenings"]),
        gaps=gaps_from(said.get("gaps", [])),
    )


def _record(row: dict[str, Any]) -> Record:
    started_at = datetime.fromisoformat(row["started_at"])
    return record_of(row | {"id": UUID(row["id"]), "started_at": started_at})
