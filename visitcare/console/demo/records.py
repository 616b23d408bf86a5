"""From contacts to stored visits. The product's own intake judges every one of them as it arrives; what is different
here is only the writing.

An import goes through the ORM's INSERTs; nine weeks of visits go by COPY, several times faster and with every constraint
in force. Reviews are written along with them because each was made on a day of its own, and an action decides now.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from visitcare.console.demo import words
from visitcare.console.demo.chance import Chance
from visitcare.console.demo.contacts import DAY, Contact
from visitcare.console.demo.staff import Staff
from visitcare.kit.copying import copy_rows
from visitcare.kit.weeks import local_day
from visitcare.org.models import User
from visits.actions import Intake, Record
from visits.models import Flag, Referral, Review, Visit, VisitedElder

AUTO_ACCEPTED = "按政策自动通过"
VISIT_FIELDS = (
    *("id", "household", "village_code", "worker", "entered_by"),
    *("mode", "outcome", "agreed", "started_at", "received_at"),
    *("notes", "content_hash"),
    *("state", "flagged", "imported"),
    *("reviewed_by", "reviewed_at", "review_reason"),
)
"""In the order of `_visit_row`."""
DECISIONS: dict[str, dict[str, float]] = {
    "second_contact": {"valid": 6, "invalid": 4},
    "burst": {"valid": 6, "returned": 3, "invalid": 1},
    "same_words": {"valid": 3, "returned": 5, "invalid": 1},
    "odd_hour": {"valid": 7, "returned": 3},
    "": {"valid": 9, "invalid": 1},
}
"""What the town decides on a flagged visit, by its first flag; "" is any other."""
Decision = tuple[datetime, User, str, str]


@dataclass(slots=True)
class Recorded:
    """What was stored."""

    visits: list[Visit] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    reviewed: list[Visit] = field(default_factory=list)


def record_contacts(
    *, by: User, chance: Chance, staff: Staff, contacts: Sequence[Contact], today: date
) -> Recorded:
    """Let every contact arrive in its turn, decide on those old enough to be decided on, and write them all."""
    arriving = sorted(contacts, key=lambda contact: (contact.received_at, contact.id))
    intake = Intake(by=by)
    intake.around.load(
        ids=[],
        elders={person.elder.pk for contact in arriving for person in contact.people},
        workers=[worker.user for worker in staff.workers],
        first=min(contact.started_at for contact in arriving),
        last=max(contact.started_at for contact in arriving),
    )
    for contact in arriving:
        intake.take(_record(contact)).visit.entered_by = contact.entered_by
    done = Recorded(intake.visits, intake.flags, intake.referrals)
    first_flags: dict[UUID, str] = {}
    for flag in done.flags:
        first_flags.setdefault(flag.visit_id, flag.code)
    town = _Town(by, chance, staff, today)
    for contact, visit in zip(arriving, done.visits, strict=True):
        if contact.withdrawn:
            visit.state = Visit.State.WITHDRAWN
        elif decision := town.decide(visit, first_flags.get(visit.pk, ""), sent_back=contact.sent_back):
            visit.reviewed_at, visit.reviewed_by, visit.state, visit.review_reason = decision
            done.reviewed.append(visit)
    _write(done, intake.visited)
    return done


def _record(contact: Contact) -> Record:
    people = sorted(contact.people, key=lambda person: (person.elder.birth_date, person.elder.pk))
    return Record(
        id=contact.id,
        worker=contact.worker.user,
        elders=tuple(person.elder.pk for person in people),
        mode=contact.mode,
        outcome=contact.outcome,
        started_at=contact.started_at,
        received_at=contact.received_at,
        agreed=True if contact.outcome == "met" else None,
        notes=contact.notes,
        findings=contact.findings,
    )


class _Town:
    """The nightly run accepts what is not flagged a day after it came; a reviewer decides on the rest, some days
    later, and has not come to the last days' yet."""

    def __init__(self, by: User, chance: Chance, staff: Staff, today: date) -> None:
        self.by, self.chance, self.staff = by, chance, staff
        self.last_night = chance.moment(today - DAY, "01:30", "01:30")
        self.last_review = today - 3 * DAY

    def decide(self, visit: Visit, flag: str, *, sent_back: bool) -> Decision | None:
        """When, by whom, what and why; None for what still waits. `flag` is the code of the first flag, if any."""
        reviewer = self.staff.reviewers[visit.village_code[:9]]
        day = local_day(visit.received_at)
        if sent_back:
            return self._office_hour(day + DAY), reviewer, Visit.State.RETURNED, self._reason("returned", "")
        if visit.flagged:
            reviewed_on = day + timedelta(days=self.chance.number(1, 3))
            if reviewed_on > self.last_review or self.chance.happens(0.04):
                return None
            state = self.chance.weighted(DECISIONS.get(flag, DECISIONS[""]))
            return self._office_hour(reviewed_on), reviewer, state, self._reason(state, flag)
        night = self.chance.moment(day + 2 * DAY, "01:30", "01:30")
        if night > self.last_night:
            return None
        if night.date() <= self.last_review and self.chance.happens(0.004):  # found out by a call-back
            state = self.chance.pick(("invalid", "returned"))
            return self._office_hour(night.date()), reviewer, state, self._reason(state, "")
        return night, self.by, Visit.State.VALID, AUTO_ACCEPTED

    def _office_hour(self, day: date) -> datetime:
        return self.chance.moment(day, "08:30", "17:00")

    def _reason(self, state: str, flag: str) -> str:
        reasons = words.REVIEW_REASONS.get(state)
        return self.chance.pick(reasons.get(flag, reasons[""])) if reasons else ""


# Writing


def _write(done: Recorded, visited: Iterable[VisitedElder]) -> None:
    copy_rows(Visit, VISIT_FIELDS, map(_visit_row, done.visits))
    copy_rows(
        VisitedElder,
        ("visit", "elder", "started_at", "countable"),
        ((one.visit_id, one.elder_id, one.started_at, one.countable) for one in visited),
    )
    copy_rows(
        Flag,
        ("visit", "code", "words", "other_visit"),
        ((flag.visit_id, flag.code, flag.words, flag.other_visit_id) for flag in done.flags),
    )
    copy_rows(
        Review,
        ("visit", "at", "by", "state", "reason"),
        (
            (visit.pk, visit.reviewed_at, visit.reviewed_by_id, visit.state, visit.review_reason)
            for visit in done.reviewed
        ),
    )
    with connection.cursor() as cursor:  # what follows joins tables that the planner still believes empty
        cursor.execute("ANALYZE")


def _visit_row(visit: Visit) -> tuple[Any, ...]:
    return (
        *(visit.pk, visit.household_id, visit.village_code, visit.worker_id, visit.entered_by_id),
        *(visit.mode, visit.outcome, visit.agreed, visit.started_at, visit.received_at),
        *(json.dumps(visit.notes, ensure_ascii=False), visit.content_hash),
        *(visit.state, visit.flagged, visit.imported),
        *(visit.reviewed_by_id, visit.reviewed_at, visit.review_reason),
    )
