"""Opening a week against the bare rule and the COPY of the rows."""

from collections.abc import Iterator
from functools import cache

from tests.bench.county import HOUSEHOLDS, Home
from tests.bench.harness import Row, seconds, undoing, undone
from tests.bench.tables import copied_out, copy_again, copy_in, dropped
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

    with undone():
        open_it()
        rows = copied_out(Obligation, PlannedVisit)

    def rule() -> None:
        plan = cache(plan_household)  # like households are planned once, as open_week does
        for turn, home in enumerate(homes):
            dues = [duty(home.risk_class, "full", policy) for _ in home.elders]
            plan(tuple(due for due in dues if due), turn % HOUSEHOLDS)

    def rule_and_copy() -> None:
        rule()
        copy_in(rows)

    def rule_and_full_copy() -> None:
        rule()
        copy_again(rows)

    with undone():
        open_it()
        dropped(Obligation, PlannedVisit)
        full = seconds(undoing(rule_and_full_copy))

    elders = sum(len(home.elders) for home in homes)
    ours = seconds(undoing(open_it))
    bare = seconds(undoing(rule_and_copy))
    yield Row("open_week, elders", elders, "the rule and COPY to the same tables", full, ours, "≤ 1.5×")
    yield Row("open_week, elders", elders, "the rule and COPY with a key alone", bare, ours, "")
