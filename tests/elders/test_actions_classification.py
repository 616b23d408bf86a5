from datetime import date, timedelta
from typing import Any

import pytest

from elders.actions import acknowledge_classes, approve_form, close_elder, reclassify, write_class_history
from elders.models import ActivePeriod, Assessment, ClassPeriod, Elder, HouseholdMember
from tests.cast import Cast
from tests.factories import make_elder, make_form, make_household
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User

FIRST = date(2025, 1, 13)
"""The Monday after the registration of 2025-01-06."""
History = list[tuple[date, date | None, str, list[str]]]


def history(elder: Elder) -> History:
    periods = ClassPeriod.objects.filter(elder=elder).order_by("starts_on")
    return list(periods.values_list("starts_on", "ends_on", "risk_class", "codes"))


def changed_once(
    first: tuple[str, list[str]], on: date, then: tuple[str, list[str]], start: date = FIRST
) -> History:
    return [(start, on - timedelta(days=1), *first), (on, None, *then)]


# Approved in the past: one period a cause


def test_class_begins_the_monday_after_the_registration(cast: Cast) -> None:
    assert history(make_elder(cast.group)) == [(FIRST, None, "C", ["C"])]


@pytest.mark.parametrize(
    ("registered_on", "monday"),
    [(date(2025, 1, 5), date(2025, 1, 6)), (date(2025, 1, 6), FIRST), (date(2025, 1, 7), FIRST), (date(2025, 1, 12), FIRST)],
)  # fmt: skip
def test_first_class_is_strictly_after_its_cause(cast: Cast, registered_on: date, monday: date) -> None:
    assert history(make_elder(cast.group, registered_on=registered_on))[0][0] == monday


@pytest.mark.parametrize(
    ("born", "monday"),
    [
        (date(1945, 3, 9), date(2025, 3, 10)),  # eighty on a Sunday
        (date(1945, 3, 10), date(2025, 3, 17)),  # on a Monday: the Monday after
        (date(1945, 3, 12), date(2025, 3, 17)),
    ],
)
def test_eightieth_birthday_changes_the_class_on_the_next_monday(
    cast: Cast, born: date, monday: date
) -> None:
    assert history(make_elder(cast.group, born)) == changed_once(("C", ["C"]), monday, ("A", ["A1"]))


def test_eightieth_birthday_on_a_leap_day_is_the_first_of_march(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1944, 2, 29), registered_on=date(2024, 1, 29))
    assert history(elder)[1][0] == date(2024, 3, 4)  # 2024 has a 29 February, a Thursday
    born_on_leap_day = make_elder(cast.group, date(1956, 2, 29), family_planning_special=True, living="with_family",
                                  able_adult_at_home=True, registered_on=date(2024, 1, 29))  # fmt: skip
    assert history(born_on_leap_day)[0][0] == date(2026, 3, 2)  # seventy on Sunday 2026-03-01


def test_newer_form_changes_the_class_on_the_next_monday(cast: Cast, system: User) -> None:
    home = make_household(cast.group)
    first = make_form(home, date(1950, 5, 1))
    approve_form(by=system, form=first, write_classes=False)
    newer = make_form(
        home, date(1950, 5, 1), elder=first.elder, registered_on=date(2025, 2, 12), serious_illness=True
    )
    approve_form(by=system, form=newer, write_classes=False)
    write_class_history(by=system, elders=[first.elder_id])
    assert history(first.elder) == changed_once(("C", ["C"]), date(2025, 2, 17), ("B", ["B1"]))


def test_newer_assessment_changes_the_class_on_the_next_monday(cast: Cast, system: User) -> None:
    form = make_form(make_household(cast.group), date(1950, 5, 1), economy=["subsistence_allowance"])
    Assessment.objects.create(elder=form.elder, assessed_on=date(2025, 2, 10), level="mild")
    approve_form(by=system, form=form)
    assert history(form.elder) == changed_once(("C", ["C"]), date(2025, 2, 17), ("A", ["A2"]))


def test_cohabitant_who_turns_sixty_changes_the_class_on_the_next_monday(cast: Cast, system: User) -> None:
    form = make_form(make_household(cast.group), date(1950, 5, 1), living="elders_only", serious_illness=True)
    HouseholdMember.objects.create(
        household=form.elder.household, name="丈夫", birth_date=date(1965, 3, 12), lives_here=True
    )
    approve_form(by=system, form=form)
    assert history(form.elder) == changed_once(("C", ["C"]), date(2025, 3, 17), ("B", ["B2"]))


def test_child_who_turns_eighteen_changes_the_class_on_the_next_monday(cast: Cast, system: User) -> None:
    home = make_household(cast.group)
    HouseholdMember.objects.create(household=home, name="孙子", birth_date=date(2007, 3, 12), lives_here=True)
    forms = [
        make_form(home, born, living="with_family", dementia=True)
        for born in (date(1950, 5, 1), date(1951, 5, 1))
    ]
    for form in forms:
        approve_form(by=system, form=form, write_classes=False)
    write_class_history(by=system, elders=[form.elder_id for form in forms])
    for form in forms:
        assert history(form.elder) == changed_once(("B", ["B2"]), date(2025, 3, 17), ("C", ["C"]))


def test_cause_that_changes_nothing_begins_no_period(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1945, 3, 12), family_planning_special=True)  # A3 before and after
    assert [(row[0], row[3]) for row in history(elder)] == [
        (FIRST, ["A3"]),
        (date(2025, 3, 17), ["A1", "A3"]),
    ]
    other = make_elder(cast.group, date(1955, 3, 12))  # seventy means nothing to the others
    assert history(other) == [(FIRST, None, "C", ["C"])]


def test_every_period_stores_what_it_rests_on(cast: Cast) -> None:
    period = ClassPeriod.objects.get(elder=make_elder(cast.group, date(1940, 5, 1)))
    verdict: dict[str, Any] = period.verdict
    assert (period.policy_version, period.judged_on) == (date(2024, 1, 1), date(2025, 1, 12))
    assert (verdict["risk_class"], verdict["age"], verdict["policy"]) == ("A", 84, "2024-01-01")
    assert [rule["code"] for rule in verdict["rules"]] == ["A1", "A2", "A3", "B1", "B2", "B3", "C"]
    assert [rule["code"] for rule in verdict["rules"] if rule["matched"]] == ["A1"]
    assert verdict["rules"][0]["clause"] == "通知第二部分“A类”第1项"


# Out of scope, and then in


def out_of_scope(cast: Cast, born: date, **said: Any) -> Elder:
    return make_elder(cast.group, born, living="with_family", able_adult_at_home=True, **said)


def test_out_of_scope_then_eighty_is_active_from_the_start_of_the_first_class(cast: Cast) -> None:
    elder = out_of_scope(cast, date(1945, 3, 12))
    assert history(elder) == [(date(2025, 3, 17), None, "C", ["C"])]
    assert elder.status == "active"
    assert list(ActivePeriod.objects.values_list("starts_on", "ends_on")) == [(date(2025, 3, 17), None)]


def test_out_of_scope_today_has_no_class_and_is_not_active(cast: Cast) -> None:
    elder = out_of_scope(cast, date(1960, 3, 12))
    assert (history(elder), elder.status, ActivePeriod.objects.count()) == ([], "approved", 0)


def test_in_scope_and_then_out_of_it_ends_the_class(cast: Cast, system: User) -> None:
    home = make_household(cast.group)
    first = make_form(home, date(1950, 5, 1))
    approve_form(by=system, form=first, write_classes=False)
    newer = make_form(home, date(1950, 5, 1), elder=first.elder, registered_on=date(2025, 2, 12),
                      living="with_family", able_adult_at_home=True)  # fmt: skip
    approve_form(by=system, form=newer, write_classes=False)
    write_class_history(by=system, elders=[first.elder_id])
    assert history(first.elder) == [(FIRST, date(2025, 2, 16), "C", ["C"])]


# What has begun is never rewritten


def test_form_approved_late_changes_the_class_from_the_coming_monday_only(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    newer = make_form(
        elder.household, elder.birth_date, elder=elder, registered_on=date(2025, 2, 12), serious_illness=True
    )
    approve_form(by=system, form=newer)
    assert history(elder) == changed_once(("C", ["C"]), next_monday(today()), ("B", ["B1"]))


def test_writing_again_changes_nothing(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, date(1945, 3, 12))
    before = list(ClassPeriod.objects.values_list("pk", "starts_on", "ends_on"))
    done = write_class_history(by=system, elders=[elder.pk])
    assert (done.begun, done.ended) == ([], 0)
    assert list(ClassPeriod.objects.values_list("pk", "starts_on", "ends_on")) == before


# Two elders in one dwelling


def couple(cast: Cast, **sick: Any) -> tuple[Elder, Elder]:
    """A husband registered on 2025-01-06 and later his sick wife, registered on 2025-03-05."""
    home = make_household(cast.group)
    husband = make_elder(home, date(1950, 5, 1), sex="male", living="elders_only", ability="intact")
    wife = make_elder(home, date(1951, 5, 1), living="elders_only", registered_on=date(2025, 3, 5), **sick)
    return husband, wife


def test_spouse_registered_later_makes_both_b2(cast: Cast) -> None:
    husband, wife = couple(cast, ability="severe", score=40)
    assert history(wife) == [(date(2025, 3, 10), None, "B", ["B2"])]
    assert history(husband) == changed_once(("C", ["C"]), next_monday(today()), ("B", ["B2"]))


def test_healthy_spouse_registered_later_changes_nothing(cast: Cast) -> None:
    husband, wife = couple(cast, ability="intact")
    assert [history(husband), history(wife)] == [
        [(FIRST, None, "C", ["C"])],
        [(date(2025, 3, 10), None, "C", ["C"])],
    ]


def test_closed_spouse_gets_no_new_class(cast: Cast, system: User) -> None:
    husband, wife = couple(cast, ability="severe")
    close_elder(by=system, elder=husband, last_day=date(2025, 4, 1), reason="died")
    before = history(husband)
    form = make_form(
        wife.household, wife.birth_date, elder=wife, registered_on=date(2025, 4, 7), dementia=True
    )
    approve_form(by=system, form=form)
    reclassify(by=system)
    assert history(husband) == before


def test_death_in_the_household_changes_the_class_of_whoever_is_left(cast: Cast, system: User) -> None:
    husband, wife = couple(cast, ability="severe")
    close_elder(by=system, elder=wife, last_day=today(), reason="died")
    reclassify(by=system)
    assert history(husband) == [(FIRST, None, "C", ["C"])]  # B2 would have begun next Monday


# The town has seen it


def test_acknowledging_names_who_and_when(cast: Cast) -> None:
    period = ClassPeriod.objects.get(elder=make_elder(cast.group))
    assert acknowledge_classes(by=cast.head, periods=[period]) == 1
    period.refresh_from_db()
    assert period.acknowledged_by == cast.head
    assert acknowledge_classes(by=cast.head, periods=[period]) == 0


def test_acknowledging_foreign_rows_is_refused_whole(cast: Cast) -> None:
    own, foreign = (ClassPeriod.objects.get(elder=make_elder(at)) for at in (cast.group, cast.other_group))
    with pytest.raises(NotAllowed):
        acknowledge_classes(by=cast.head, periods=[own, foreign])
    assert ClassPeriod.objects.filter(acknowledged_at=None).count() == 2
