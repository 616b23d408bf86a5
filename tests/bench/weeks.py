"""Opening a week against the bare rule and the COPY of the rows."""

from collections.abc import Iterator

from tests.bench.county import HOUSEHOLDS, Home
from tests.bench.harness import Row, seconds, undoing, undone
from tests.bench.tables import copied_out, copy_again, copy_in, dropped
from visitcare.kit.weeks import Week
from visitcare.org.models import User
from visitcare.policy.rules import CarePolicy
from visits.actions import open_week
from visits.models import Obligation, PlannedVisit
from visits.rules import Asked, duty, plan_round


def measure(homes: list[Home], week: Week) -> Iterator[Row]:
    system, policy = User.objects.system(), CarePolicy()

    def open_it() -> None:
        open_week(by=system, week=week)

    with undone():
        open_it()
        rows = copied_out(Obligation, PlannedVisit)

    def rule() -> None:
        asked = []
        for home in homes:
            dues = [duty(home.risk_class, "full", policy) for _ in home.elders]
            asked.append(Asked(tuple(due for due in dues if due)))
        for first in range(0, len(asked), HOUSEHOLDS):
            plan_round(asked[first : first + HOUSEHOLDS])

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
    with undone():
        open_week(by=system, week=week.previous)
        after_another = seconds(undoing(open_it))
    yield Row(
        "open_week after another", elders, "the rule and COPY to the same tables", full, after_another, "≤ 2×"
    )
