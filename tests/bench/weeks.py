"""A week from its opening to its end: opening it against the bare rule and the COPY of the rows, its live rates and its
closing against the contacts that they count."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet

from tests.bench.county import COUNTY, HOUSEHOLDS, Home
from tests.bench.harness import Row, seconds, undoing, undone
from tests.bench.tables import copied_out, copy_again, copy_in, dropped
from visitcare.kit.weeks import Week
from visitcare.org.models import User
from visitcare.policy.rules import CarePolicy
from visits.actions import close_weeks, open_week
from visits.models import Obligation, PlannedVisit, Reckoning, VisitedElder
from visits.rates import rates
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


def contacts_of(week: Week) -> "QuerySet[Any, Any]":
    """The least that counting a week has to read: how many contacts each elder had in it."""
    within = VisitedElder.objects.filter(
        countable=True, visit__state="valid", started_at__gte=week.opens_at, started_at__lt=week.ends_at
    )
    return within.order_by().values("elder").annotate(Count("pk"))


def measure_reports(homes: list[Home], week: Week) -> Iterator[Row]:
    """Of a week in which there were visits, as long ago as closing it asks for."""
    system, areas = User.objects.system(), frozenset({COUNTY})
    days = (week.days[0], week.days[-1])
    elders = sum(len(home.elders) for home in homes)
    with undone():
        open_week(by=system, week=week)
        contacts = seconds(lambda: list(contacts_of(week)))
        of_week = seconds(lambda: rates(areas, *days, digits=9))
        with undone():
            close_weeks(by=system)
            rows = copied_out(Reckoning)
        closing = seconds(undoing(lambda: close_weeks(by=system)))
        copying = seconds(lambda: copy_in(rows))
    yield Row("rates of a week, live", elders, "the week's contacts, by elder", contacts, of_week, "≤ 6×")
    yield Row(
        "close_weeks, one week",
        elders,
        "the same and COPY with a key alone",
        contacts + copying,
        closing,
        "",
    )
