"""Visits with what hangs on them, and what phones have sent."""

from datetime import datetime, timedelta

from tests.doors.forest.ground import MONDAY
from tests.doors.forest.registry import Registry
from visits.models import (
    Alert,
    Flag,
    KeptBack,
    Photo,
    Received,
    Recheck,
    Referral,
    Review,
    Visit,
    VisitedElder,
)


class Visiting(Registry):
    """What was done."""

    def _visits(self) -> None:
        """By anybody to anybody: somebody who has left, a worker of another town, an office."""
        at = datetime(2025, 1, 15, 9, tzinfo=self.now.tzinfo)
        visits, visited = [], []
        for n in range(2 * len(self.elders)):
            elder = self.random.choice(self.elders)
            visit = Visit(
                household=elder.household, village_code=elder.household.village_code,
                worker=self.random.choice(self.people), entered_by=self.random.choice(self.people), mode="home",
                outcome="met", started_at=at + timedelta(hours=n), received_at=at + timedelta(hours=n),
            )  # fmt: skip
            visits.append(visit)
            visited.append(
                VisitedElder(visit=visit, elder=elder, started_at=visit.started_at, countable=True)
            )
        self.visits = self._store(Visit, visits)
        self._store(VisitedElder, visited)
        self._store(Alert, [Alert(visited=one, at=self.now) for one in visited if self._chance(40)])
        some = [
            (visit, seen.elder) for visit, seen in zip(self.visits, visited, strict=True) if self._chance(40)
        ]
        self._store(Flag, [Flag(visit=visit, code="burst", words="挨得近") for visit, _ in some])
        self._store(
            Photo,
            [
                Photo(
                    id=visit.pk, visit=visit, digest="0" * 64, width=1, height=1, size=1, content=b"x",
                    sent_by=visit.worker, received_at=self.now,
                )
                for visit, _ in some
            ],
        )  # fmt: skip
        self._store(Recheck, [Recheck(visit=visit, asked_at=self.now) for visit, _ in some])
        self._store(
            Review,
            [Review(visit=visit, at=self.now, by=self.people[0], state="pending") for visit, _ in some],
        )
        self._store(
            Referral,
            [
                Referral(
                    visit=visit, household=visit.household, elder=elder, village_code=visit.village_code,
                    area="safety", opened_at=self.now, due_on=MONDAY,
                )
                for visit, elder in some
            ],
        )  # fmt: skip

    def _inbox(self) -> None:
        """What phones have sent; of some it was kept why it could not be taken in, in any village."""
        received = self._store(
            Received,
            [
                Received(
                    kind="visit", item=visit.pk, visit=visit.pk, digest="", sender=self.random.choice(self.people),
                    received_at=self.now, body="{}",
                )
                for visit in self._some(self.visits, 30)
            ],
        )  # fmt: skip
        self._store(
            KeptBack,
            [
                KeptBack(
                    received=one, state="waiting", words="不在", since=self.now,
                    village_code=self.random.choice(self.villages).code,
                )
                for one in self._some(received, 20)
            ],
        )  # fmt: skip
