"""Settlements with all that is booked in them."""

from collections.abc import Iterator, Sequence

from subsidies.models import Line, PaidVisit, Reversal, Settlement, UnpaidVisit, Withholding
from tests.doors.forest.ground import MONTHS
from tests.doors.forest.visiting import Visiting
from tests.factories import unguarded


class Money(Visiting):
    """What was paid."""

    def _money(self) -> None:
        """Two months of every town, some frozen. What the database guards is left aside: nobody adds up here."""
        towns = [place for place in self.places if place.level == "town"]
        with unguarded():
            settlements = self._store(
                Settlement,
                [
                    Settlement(
                        town=town, town_name=town.name, month=month, rate="3.50", policy_version=month,
                        drafted_at=self.now,
                    )
                    for town in towns
                    for month in MONTHS
                ],
            )  # fmt: skip
            lines = self._store(
                Line,
                [
                    Line(
                        settlement=one, worker=worker, place_code=one.town_id, payee_name="甲", amount="3.50"
                    )
                    for one in settlements
                    for worker in self._some(self.people, 5)
                ],
            )
            paid = self._store(PaidVisit, list(self._payments(lines)))
            self._store(
                Reversal,
                [
                    Reversal(
                        paid_visit=one, number=1, settlement=one.settlement, line=one.line, amount="-3.50"
                    )
                    for one in self._some(paid, 6)
                ],
            )
            self._store(
                UnpaidVisit,
                [
                    UnpaidVisit(settlement=self.random.choice(settlements), visit=visit, reason="pending")
                    for visit in self._some(self.visits, 10)
                ],
            )
            self._store(
                Withholding,
                [
                    Withholding(settlement=one.settlement, worker=one.worker, reason="核实", by=one.worker)
                    for one in self._some(lines, 6)
                ],
            )
            maker, checker = self.people[1], self.people[2]
            made = {"assessed_by": maker, "assessed_at": self.now}
            checked = made | {"approved_by": checker, "approved_at": self.now, "digest": "0" * 64}
            for settlement in settlements:
                state = self.random.choice(Settlement.State.values)
                people = {"draft": {}, "assessed": made}.get(state, checked)
                Settlement.objects.filter(pk=settlement.pk).update(state=state, **people)

    def _payments(self, lines: Sequence[Line]) -> Iterator[PaidVisit]:
        for visit in self.visits:
            if lines and self._chance(50):
                line = self.random.choice(lines)
                yield PaidVisit(
                    visit=visit, settlement=line.settlement, line=line, village_code=visit.village_code,
                    started_at=visit.started_at, mode=visit.mode, amount="3.50",
                )  # fmt: skip
