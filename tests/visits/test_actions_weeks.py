from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone

from elders.actions import close_elder
from elders.models import ClassPeriod, Consent, Elder
from tests.cast import Cast
from tests.factories import make_elder, make_form, make_household, run
from visitcare.audit.models import Event
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion
from visits.actions import open_week
from visits.models import Obligation, OpenedWeek, PlannedVisit

PAST = Week(date(2025, 3, 3))
COMING = Week.of(today()).next


def owed(elder: Elder) -> tuple[str, int, int] | None:
    """Class, home visits and greetings of the elder's obligation."""
    return (
        Obligation.objects.filter(elder=elder)
        .values_list("risk_class", "home_required", "greeting_required")
        .first()
    )


def planned(elder: Elder) -> list[tuple[int, str]]:
    """Weekday (0 = Monday) and mode of each planned contact."""
    rows = PlannedVisit.objects.filter(elder=elder).order_by("day").values_list("day", "mode")
    return [(day.weekday(), mode) for day, mode in rows]


def of_class(cast: Cast, risk_class: str, **said: Any) -> Elder:
    born = {"A": date(1940, 5, 1), "B": date(1950, 5, 1), "C": date(1950, 5, 1)}[risk_class]
    return make_elder(cast.group, born, serious_illness=risk_class == "B", **said)


# What is owed


@pytest.mark.parametrize(("risk_class", "home", "greeting"), [("A", 2, 2), ("B", 1, 1), ("C", 0, 1)])
def test_week_owes_what_the_class_asks(
    cast: Cast, system: User, risk_class: str, home: int, greeting: int
) -> None:
    elder = of_class(cast, risk_class)
    opened = open_week(by=system, week=PAST)
    assert (opened.obligations, opened.planned) == (1, home + greeting)
    assert owed(elder) == (risk_class, home, greeting)
    assert Obligation.objects.get().policy_version == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("consent", "expected"), [("full", ("A", 2, 2)), ("phone_only", ("A", 0, 2)), ("refused", None)]
)
def test_consent_shapes_what_is_owed(
    cast: Cast, system: User, consent: str, expected: tuple[str, int, int] | None
) -> None:
    elder = of_class(cast, "A", consent=consent)
    open_week(by=system, week=PAST)
    assert owed(elder) == expected


def test_consent_of_the_monday_holds(cast: Cast, system: User) -> None:
    refusing, willing = of_class(cast, "A"), of_class(cast, "A")
    Consent.objects.create(elder=refusing, since=PAST.monday, kind="refused", reason="不愿意")
    Consent.objects.create(
        elder=willing, since=PAST.monday + timedelta(days=1), kind="refused", reason="不愿意"
    )
    open_week(by=system, week=PAST)
    assert (owed(refusing), owed(willing)) == (None, ("A", 2, 2))


def test_past_week_owes_by_the_class_of_its_monday(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, date(1945, 3, 12))  # C, then A from 2025-03-17
    for monday in (date(2025, 3, 10), date(2025, 3, 17)):
        open_week(by=system, week=Week(monday))
    rows = Obligation.objects.filter(elder=elder).order_by("monday").values_list("monday", "risk_class")
    assert list(rows) == [(date(2025, 3, 10), "C"), (date(2025, 3, 17), "A")]


def test_whoever_has_no_class_yet_is_owed_nothing(cast: Cast, system: User) -> None:
    make_form(make_household(cast.group), date(1940, 5, 1))
    make_elder(cast.group, date(1940, 5, 1), registered_on=date(2025, 3, 3))  # a Monday: from the next one
    assert open_week(by=system, week=PAST).obligations == 0


@pytest.mark.parametrize(
    ("last_day", "expected"), [(date(2025, 3, 2), None), (date(2025, 3, 3), ("A", 2, 2))]
)
def test_closed_before_the_monday_is_owed_nothing(
    cast: Cast, system: User, last_day: date, expected: tuple[str, int, int] | None
) -> None:
    elder = of_class(cast, "A")
    close_elder(by=system, elder=elder, last_day=last_day, reason="died")
    open_week(by=system, week=PAST)
    assert owed(elder) == expected


def test_policy_of_the_monday_decides(cast: Cast, system: User) -> None:
    elder = of_class(cast, "C")
    PolicyVersion.objects.create(
        series="care", effective_from=PAST.monday, values={"c_weekly": [1, 2]},
        drafted_by=cast.officer, enacted_by=cast.approver, enacted_at=timezone.now(),
    )  # fmt: skip
    open_week(by=system, week=PAST)
    assert (owed(elder), Obligation.objects.get().policy_version) == (("C", 1, 2), PAST.monday)


# Frozen


def test_opened_week_is_never_touched_again(cast: Cast, system: User) -> None:
    elder = of_class(cast, "A")
    open_week(by=system, week=PAST)
    ClassPeriod.objects.filter(elder=elder).update(risk_class="C", verdict={"risk_class": "C"})
    of_class(cast, "B")
    again = open_week(by=system, week=PAST)
    assert (again.obligations, again.planned) == (0, 0)
    assert (Obligation.objects.count(), owed(elder), OpenedWeek.objects.count()) == (1, ("A", 2, 2), 1)


def test_coming_week_opened_again_adds_what_is_missing(cast: Cast, system: User) -> None:
    elder = of_class(cast, "A")
    open_week(by=system, week=COMING)
    ClassPeriod.objects.filter(elder=elder).update(risk_class="C", verdict={"risk_class": "C"})
    late = of_class(cast, "B")
    again = open_week(by=system, week=COMING)
    assert (again.obligations, again.planned) == (1, 2)
    assert (owed(elder), owed(late)) == (("A", 2, 2), ("B", 1, 1))
    assert open_week(by=system, week=COMING).obligations == 0


def test_this_week_opened_late_is_opened_once(cast: Cast, system: User) -> None:
    of_class(cast, "A")
    this = Week.of(today())
    assert [open_week(by=system, week=this).obligations, open_week(by=system, week=this).obligations] == [
        1,
        0,
    ]


def test_opening_leaves_one_event(cast: Cast, system: User) -> None:
    of_class(cast, "A")
    open_week(by=system, week=PAST)
    open_week(by=system, week=PAST)
    event = Event.objects.get(verb="open_week")
    assert event.words == "打开 2025-W10 周：1 人有任务，计划 4 次探访"


# The plan


def test_plan_alternates_over_different_days(cast: Cast, system: User) -> None:
    elder = of_class(cast, "A")
    open_week(by=system, week=PAST)
    days, modes = zip(*planned(elder), strict=True)
    assert len(set(days)) == 4
    assert list(modes) in (["home", "phone"] * 2, ["phone", "home"] * 2)
    assert PlannedVisit.objects.filter(day__range=(PAST.monday, PAST.sunday), monday=PAST.monday).count() == 4


def test_couple_is_planned_together(cast: Cast, system: User) -> None:
    home = make_household(cast.group)
    couple = [make_elder(home, date(year, 1, 1), living="elders_only") for year in (1938, 1939)]
    open_week(by=system, week=PAST)
    assert owed(couple[0]) == owed(couple[1]) == ("A", 2, 2)
    assert planned(couple[0]) == planned(couple[1])


def test_households_of_a_round_begin_on_different_days(cast: Cast, system: User) -> None:
    elders = [of_class(cast, "C") for _ in range(5)]
    open_week(by=system, week=PAST)
    assert sorted(planned(elder)[0][0] for elder in elders) == [0, 1, 2, 3, 4]


def test_rerun_plans_only_for_who_was_missing(cast: Cast, system: User) -> None:
    elder = of_class(cast, "A")
    open_week(by=system, week=COMING)
    before = list(PlannedVisit.objects.values_list("pk", "day", "mode"))
    of_class(cast, "C")
    open_week(by=system, week=COMING)
    assert list(PlannedVisit.objects.filter(elder=elder).values_list("pk", "day", "mode")) == before


# The command


def test_command_opens_and_says_how_much(cast: Cast) -> None:
    of_class(cast, "B")
    assert run("open_week", "2025-W10") == "2025-W10（3月3日—3月9日）：1 人有任务，计划 2 次探访\n"
    assert run("open_week", "2025-W10") == "2025-W10（3月3日—3月9日）：已经打开过，或没有在册老人；没有改动\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [("2025-10", "“2025-10”不是周次，请写成“年-W周”，例如 2026-W48"), ("2025-W53", "2025 年没有第 53 周，请改正周次")],
)  # fmt: skip
def test_command_week_that_is_none_is_refused(cast: Cast, text: str, words: str) -> None:
    with pytest.raises(CommandError) as caught:
        run("open_week", text)
    assert str(caught.value) == words
