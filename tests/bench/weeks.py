"""Opening a week against the bare rule and the COPY of the rows."""

from collections.abc import Iterator

from tests.bench.county import Home
from tests.bench.harness import Row, seconds, undoing, undone
from tests.bench.tables import copied_out, copy_in
from visitcare.kit.weeks import Week
from visitcare.org.models import User
from visitcare.policy.rules import CarePolicy
from visits.actions import open_week
from visits.models import Obligation, PlannedVisit
from visits.rules import duty, plan_household


def measure(homes: list[Home], week: Week) -> Iterator[Row]:
    system, policy = User.objects.system(), CarePolicy()

    def open_it() -> None:
        open_week(by=system, week=week)

    def rule_and_copy() -> None:
        for turn, home in enumerate(homes):
            dues = [duty(home.risk_class, "full", policy) for _ in home.elders]
            plan_household([due for due in dues if due], turn)
        copy_in(rows)

    with undone():
        open_it()
        rows = copied_out(Obligation, PlannedVisit)
    floor, ours = seconds(undoing(rule_and_copy)), seconds(undoing(open_it))
    elders = sum(len(home.elders) for home in homes)
    yield Row("open_week, elders", elders, "the rule and a COPY of its rows", floor, ours, "< 2×")
