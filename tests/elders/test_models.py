from datetime import date

import pytest
from django.utils import timezone

from elders.models import (
    ActivePeriod,
    Assessment,
    Assignment,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    Pause,
    RegistrationForm,
)
from tests.cast import NEXT_VILLAGE, VILLAGE, Cast
from tests.factories import breaks, form_data, make_elder, make_form, make_household
from visitcare.kit.weeks import today
from visitcare.org.models import User

MONDAY, SUNDAY = date(2025, 3, 3), date(2025, 3, 9)


def class_period(elder: Elder, starts_on: date, ends_on: date | None = None) -> ClassPeriod:
    return ClassPeriod(
        elder=elder,
        starts_on=starts_on,
        ends_on=ends_on,
        risk_class="B",
        codes=["B1"],
        verdict={"risk_class": "B"},
        policy_version=date(2024, 1, 1),
        judged_on=starts_on,
    )


@pytest.fixture
def waiting(cast: Cast) -> Elder:
    """An elder without periods of any kind."""
    return make_form(make_household(cast.group), date(1950, 5, 1)).elder


# One record a person


@pytest.mark.parametrize("status", ["approved", "active", "paused"])
def test_second_registered_record_of_a_person_is_refused(cast: Cast, status: str) -> None:
    elder = make_elder(cast.group)
    twin = Elder(
        **form_data(elder.birth_date, number=elder.id_number).person, household=elder.household, status=status
    )
    with breaks("one_registered_record_a_person"):
        Elder.objects.bulk_create([twin])


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_second_record_that_is_no_more_than_a_draft_is_kept(cast: Cast, status: str) -> None:
    elder = make_elder(cast.group)
    twin = Elder(
        **form_data(elder.birth_date, number=elder.id_number).person, household=elder.household, status=status
    )
    Elder.objects.bulk_create([twin])
    assert Elder.objects.filter(id_number_index=elder.id_number_index).count() == 2


def test_elders_without_papers_are_several(cast: Cast) -> None:
    for _ in range(2):
        make_elder(cast.group, number="")
    assert Elder.objects.filter(id_number_index=None, status="active").count() == 2


@pytest.mark.parametrize(
    "half",
    [
        {"status": "closed"},
        {"status": "closed", "closed_on": MONDAY},
        {"status": "closed", "close_reason": "died"},
        {"closed_on": MONDAY},
        {"close_reason": "died"},
    ],
)
def test_closed_without_day_and_reason_is_refused(cast: Cast, half: dict[str, object]) -> None:
    elder = make_elder(cast.group)
    with breaks("elder_closed_with_day_and_reason"):
        Elder.objects.filter(pk=elder.pk).update(**half)


def test_household_number_once_a_village(cast: Cast) -> None:
    make_household(cast.group, number="H1")
    make_household(cast.next_group, number="H1")
    with breaks("household_number_once_a_village"):
        Household.objects.bulk_create([Household(place=cast.second_group, number="H1")])


def test_households_without_a_number_are_several(cast: Cast) -> None:
    assert make_household(cast.group) != make_household(cast.group)


def test_household_knows_its_village_by_itself(cast: Cast) -> None:
    household = make_household(cast.group)
    Household.objects.filter(pk=household.pk).update(place=cast.next_group)
    household.refresh_from_db()
    assert household.village_code == NEXT_VILLAGE


# Dated rows never overlap


def test_class_periods_that_overlap_are_refused(waiting: Elder) -> None:
    ClassPeriod.objects.bulk_create([class_period(waiting, MONDAY)])
    with breaks("one_class_at_a_time"):
        ClassPeriod.objects.bulk_create([class_period(waiting, date(2025, 3, 31))])


def test_class_periods_one_after_the_other_are_kept(waiting: Elder) -> None:
    periods = [class_period(waiting, MONDAY, SUNDAY), class_period(waiting, date(2025, 3, 10))]
    assert len(ClassPeriod.objects.bulk_create(periods)) == 2


def test_class_period_that_starts_on_another_day_is_refused(waiting: Elder) -> None:
    with breaks("class_starts_on_monday"):
        ClassPeriod.objects.bulk_create([class_period(waiting, date(2025, 3, 4))])


def test_class_period_that_ends_on_another_day_is_refused(waiting: Elder) -> None:
    with breaks("class_ends_on_sunday"):
        ClassPeriod.objects.bulk_create([class_period(waiting, MONDAY, date(2025, 3, 10))])


def test_active_periods_that_overlap_are_refused(waiting: Elder) -> None:
    ActivePeriod.objects.bulk_create([ActivePeriod(elder=waiting, starts_on=MONDAY, ends_on=SUNDAY)])
    with breaks("active_once_at_a_time"):
        ActivePeriod.objects.bulk_create([ActivePeriod(elder=waiting, starts_on=SUNDAY)])


def test_pauses_that_overlap_are_refused(waiting: Elder) -> None:
    Pause.objects.bulk_create([Pause(elder=waiting, starts_on=MONDAY, reason="hospital")])
    with breaks("paused_once_at_a_time"):
        Pause.objects.bulk_create([Pause(elder=waiting, starts_on=SUNDAY, reason="away")])


def test_pause_that_ends_before_it_starts_is_refused(waiting: Elder) -> None:
    with breaks("pause_ends_after_start"):
        Pause.objects.bulk_create([Pause(elder=waiting, starts_on=SUNDAY, ends_on=MONDAY, reason="away")])


def test_assignments_that_overlap_are_refused(cast: Cast) -> None:
    household = make_household(cast.group)
    Assignment.objects.bulk_create([Assignment(household=household, worker=cast.worker, starts_on=MONDAY)])
    with breaks("one_assignment_at_a_time"):
        Assignment.objects.bulk_create(
            [Assignment(household=household, worker=cast.visitor, starts_on=SUNDAY)]
        )


def test_one_assessment_and_one_consent_a_day(waiting: Elder) -> None:
    Assessment.objects.bulk_create([Assessment(elder=waiting, assessed_on=MONDAY, level="mild")])
    with breaks("one_assessment_a_day"):
        Assessment.objects.bulk_create([Assessment(elder=waiting, assessed_on=MONDAY, level="severe")])
    Consent.objects.bulk_create([Consent(elder=waiting, since=MONDAY, kind="full")])
    with breaks("one_consent_a_day"):
        Consent.objects.bulk_create([Consent(elder=waiting, since=MONDAY, kind="phone_only")])


def test_assessment_of_more_than_a_hundred_points_is_refused(waiting: Elder) -> None:
    with breaks("assessment_score_to_100"):
        Assessment.objects.bulk_create(
            [Assessment(elder=waiting, assessed_on=MONDAY, level="mild", score=101)]
        )


def test_refusal_without_a_reason_is_refused(waiting: Elder) -> None:
    with breaks("refusal_has_reason"):
        Consent.objects.bulk_create([Consent(elder=waiting, since=MONDAY, kind="refused")])


def test_two_approved_forms_of_a_day_are_refused(cast: Cast) -> None:
    elder = make_elder(cast.group)
    form = elder.forms.get()
    form.pk = None
    with breaks("one_approved_form_a_day"):
        RegistrationForm.objects.bulk_create([form])


@pytest.mark.parametrize("state", ["approved", "returned"])
def test_form_decided_by_nobody_is_refused(waiting: Elder, state: str) -> None:
    with breaks("form_decided_by_somebody"):
        RegistrationForm.objects.filter(elder=waiting).update(state=state, decided_at=timezone.now())


# Who sees them


SEE = {"worker", "visitor", "cadre", "reviewer", "head", "officer", "approver", "second_approver", "auditor"}


def test_elder_of_this_group_is_seen_by(cast: Cast) -> None:
    elder = make_elder(cast.group)
    assert {name for name, one in cast.everybody().items() if elder in Elder.objects.visible_to(one)} == SEE


@pytest.mark.parametrize("model", [RegistrationForm, Consent, ActivePeriod, ClassPeriod])
def test_what_belongs_to_the_elder_is_seen_by_the_same(cast: Cast, model: type[RegistrationForm]) -> None:
    row = model.objects.get(elder=make_elder(cast.group))
    assert {name for name, one in cast.everybody().items() if row in model.objects.visible_to(one)} == SEE


def test_named_worker_sees_the_household_while_named(cast: Cast) -> None:
    elder = make_elder(cast.group)
    Assignment.objects.create(household=elder.household, worker=cast.next_worker, starts_on=MONDAY)
    assert elder in Elder.objects.visible_to(cast.next_worker)
    Assignment.objects.update(ends_on=MONDAY)
    assert elder not in Elder.objects.visible_to(cast.next_worker)
    assert today() > MONDAY


def test_names_of_rows_print_no_numbers(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, phone="19900070007")
    assert [str(elder), str(elder.forms.get()), str(elder.household)] == [
        "马凤英", "马凤英 2025-01-06 登记表", "滨江镇永安村1组"
    ]  # fmt: skip
    assert elder.household.place_id == VILLAGE + "001"
    assert elder.masked_phone == "199****0007"
