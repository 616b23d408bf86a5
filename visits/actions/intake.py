"""Taking visits in: judged in memory against what surrounds them, then written together.

One record from a phone and 20,000 rows of an import go the same way; the number of statements does not grow with
the number of records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from elders.models import Elder, Household
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy
from visitcare.policy.rules import CarePolicy
from visits import rules
from visits.actions.records import Logged, Record, VisitRefused, again
from visits.actions.referrals import answer_referrals
from visits.actions.surroundings import Surroundings
from visits.models import Flag, Referral, Visit, VisitedElder
from visits.models.villages import VILLAGE_DIGITS
from visits.rules import Arrival

BATCH = 2_000


class Intake:
    """Takes records of one person (or of an import), once what is `around` them is loaded, and writes what is new of them.

    `vouched`: the town stands for it that the person served where they went, so that the postings of those days decide
    and not those of today.
    """

    def __init__(self, *, by: User, imported: bool = False, vouched: bool = False) -> None:
        if not (vouched or by.may(Right.LOG_VISIT) or (imported and by.may(Right.REVIEW_VISIT))):
            raise NotAllowed("您现在没有记探访的任职。请联系镇里。")
        self.by = by
        self.imported = imported
        self.vouched = vouched
        self.around = Surroundings(by=by, imported=imported, vouched=vouched)
        self.policies: dict[date, CarePolicy] = {}
        self.visits: list[Visit] = []
        self.visited: list[VisitedElder] = []
        self.flags: list[Flag] = []
        self.referrals: list[Referral] = []
        self.answers: list[tuple[Visit, Mapping[UUID, bool]]] = []

    # Taking one record

    def take(self, record: Record) -> Logged:
        """Judge a record; it is written by `store`. The same UUID with the same content answers with what is there.

        Raise VisitRefused when it cannot be, VisitConflict for a known UUID with other content, NotAllowed where the
        person may not log visits for the household.
        """
        known = self.around.known.get(record.id)
        if known:
            return again(known, record, self.by)
        people, homes = self.around.whom(record)
        arrival = self.around.arrival(record, people, homes)
        if found := rules.refusals(arrival):
            raise VisitRefused(found)
        policy = self._policy(record.day)
        visit = self._new_visit(record, homes[0])
        self._new_elders(visit, people, arrival, policy)
        self._new_flags(visit, rules.doubts(arrival, policy))
        self._new_referrals(visit, record)
        self.visits.append(visit)
        self.around.add(visit, arrival.usual)
        return Logged(visit, created=True)

    def _policy(self, day: date) -> CarePolicy:
        if day not in self.policies:
            self.policies[day] = care_policy(day)
        return self.policies[day]

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
