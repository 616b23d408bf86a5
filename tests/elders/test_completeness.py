"""一户一档: what a file lacks, one thing at a time."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from elders.actions import agree_care_plan, write_conditions, write_consent, write_member
from elders.completeness import GAPS, with_gaps, with_short_files, with_whole_files
from elders.models import (
    Assessment,
    AssistanceItem,
    CarePlan,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    RegistrationForm,
    SeriousIllness,
)
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder, make_form, make_household
from visitcare.kit.weeks import today

CONDITIONS: dict[str, Any] = {
    "water_safe": True, "power_safe": True, "housing_safe": False, "age_friendly": "已装扶手", "has_pension": True,
    "pension_monthly": Decimal(230), "has_assistance": True, "helping_bodies": ["local"], "help_responsible": "村委会",
    "help_measures": "每月上门",
}  # fmt: skip


@pytest.fixture
def whole(cast: Cast) -> Elder:
    """An elder of whom everything is known: with a child elsewhere, a serious illness and a disability."""
    home = make_household(cast.group, address="1组8号")
    illness = SeriousIllness.objects.get(name="恶性肿瘤")
    elder = make_elder(
        home, date(1945, 2, 3), phone="19900012345", ability="mild", score=70, child_location="elsewhere",
        past_illnesses="高血压", income_source="养老金", monthly_income=Decimal(900), serious_illness=True, illness=illness,
        illness_evidence="病理报告", disability_grade=2,
    )  # fmt: skip
    elder.emergency_name, elder.hukou_address = "施小明", "1组8号"
    elder.disability_number = elder.id_number + "42"
    elder.save()
    write_conditions(by=cast.head, household=home, said=CONDITIONS, assistance=[("尊老金", Decimal(60))])
    write_member(by=cast.head, household=home, name="施小明", relation="儿子", said={})
    agree_care_plan(by=cast.head, elder=elder, agreed_on=date(2025, 1, 6), content="量血压")
    day = date(2025, 1, 6)
    elder.consents.update(signed_by="施汉清", signed_on=day, staff_signed_by="朱卫东", staff_signed_on=day)
    return elder


def gaps(elder: Elder) -> list[str]:
    return with_gaps(Elder.objects.filter(pk=elder.pk)).get().gaps  # type: ignore[attr-defined, no-any-return]


def test_file_of_which_everything_is_known_is_whole(whole: Elder) -> None:
    assert gaps(whole) == []


LACKING: list[tuple[Any, dict[str, Any] | None, str]] = [
    (Elder, {"id_number": ""}, "paper"),
    (Elder, {"phone": "", "emergency_phone": ""}, "phone"),
    (Elder, {"emergency_name": ""}, "emergency_name"),
    (Elder, {"hukou_address": ""}, "hukou_address"),
    (Elder, {"disability_number": ""}, "disability_number"),
    (Household, {"address": ""}, "address"),
    *((Household, {name: None}, name) for name in ("water_safe", "power_safe", "housing_safe", "helping_bodies")),
    *((Household, {name: ""}, name) for name in ("age_friendly", "help_responsible", "help_measures")),
    (Household, {"has_pension": None, "pension_monthly": None}, "has_pension"),
    (Household, {"pension_monthly": None}, "pension_monthly"),
    (Household, {"has_assistance": None}, "has_assistance"),
    (AssistanceItem, {"monthly_amount": None}, "assistance_amount"),
    (HouseholdMember, None, "members"),
    (Assessment, None, "assessment"),
    (CarePlan, None, "care"),
    *((RegistrationForm, {name: ""}, name) for name in ("living", "spouse_location", "child_location")),
    *((RegistrationForm, {name: ""}, name) for name in ("past_illnesses", "income_source")),
    *(
        (RegistrationForm, {name: None}, name)
        for name in ("dementia", "disability_grade", "economy", "monthly_income", "family_planning_special", "left_behind")
    ),
    (RegistrationForm, {"serious_illness": None, "illness": None}, "serious_illness"),
    (RegistrationForm, {"illness": None}, "illness"),
    (RegistrationForm, {"illness_evidence": ""}, "illness"),
    (RegistrationForm, None, "form"),
    (Consent, None, "consent"),
    *((Consent, {name: None if "on" in name else ""}, code) for name, code in (
        ("signed_by", "signature"), ("signed_on", "signature"), ("staff_signed_by", "staff_signature"),
        ("staff_signed_on", "staff_signature"),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("model", "change", "code"), LACKING)
def test_what_is_taken_away_is_missed(
    whole: Elder, model: Any, change: dict[str, Any] | None, code: str
) -> None:
    if change is None:
        model.objects.all().delete()
    elif model is Elder:
        for name, value in change.items():
            setattr(whole, name, value)
        whole.save()
    else:
        model.objects.update(**change)
    assert gaps(whole) == [code]
    assert list(with_short_files(Elder.objects.all())) == [whole]
    assert list(with_whole_files(Elder.objects.all())) == []


@pytest.mark.parametrize(
    ("first", "again", "missed"),
    [
        ("full", "full", []),
        ("full", "phone_only", []),  # one box of the paper
        ("refused", "refused", []),
        ("full", "refused", ["signature", "staff_signature"]),
        ("refused", "full", ["signature", "staff_signature"]),
    ],
)
def test_signatures_are_those_under_the_answer_that_holds(
    whole: Elder, cast: Cast, first: str, again: str, missed: list[str]
) -> None:
    """Whoever is asked again need not sign again; what was signed under another answer is not signed under this one."""
    whole.consents.update(kind=first, reason="自己能行")
    write_consent(by=cast.head, elder=whole, since=today(), kind=again, reason="自己能行")
    assert gaps(whole) == missed


def test_signature_of_the_first_day_stands_though_the_answer_changed_in_between(
    whole: Elder, cast: Cast
) -> None:
    for days_ago, kind in ((2, "refused"), (1, "full")):
        day = today() - timedelta(days=days_ago)
        write_consent(by=cast.head, elder=whole, since=day, kind=kind, reason="自己能行")
    assert gaps(whole) == []


def test_what_both_have_signed_counts_before_what_the_elder_signed_alone(whole: Elder, cast: Cast) -> None:
    write_consent(by=cast.head, elder=whole, since=today(), kind="full", signer="self")
    assert gaps(whole) == []
    whole.consents.filter(since=date(2025, 1, 6)).update(signed_by="")
    assert gaps(whole) == ["staff_signature"]


def test_last_signature_counts_though_somebody_was_asked_after_it(whole: Elder, cast: Cast) -> None:
    whole.consents.update(staff_signed_by="")
    write_consent(by=cast.head, elder=whole, since=today(), kind="full")
    assert gaps(whole) == ["staff_signature"]


def test_every_gap_is_tried() -> None:
    assert set(GAPS) - {code for _, _, code in LACKING} == {"group"}


def test_household_without_a_group_lacks_it(cast: Cast) -> None:
    assert "group" in gaps(make_elder(cast.village))


def test_who_has_no_children_needs_no_family_and_who_refuses_no_plan(cast: Cast) -> None:
    assert "members" not in gaps(make_elder(cast.group))
    assert "care" not in gaps(make_elder(cast.group, consent="refused"))
    assert "care" in gaps(make_elder(cast.group))
    asked_again = make_elder(cast.group, consent="refused")
    Consent.objects.create(elder=asked_again, kind="full", since=today())
    assert "care" in gaps(asked_again)


def test_approved_form_counts_before_one_that_waits(cast: Cast) -> None:
    elder = make_elder(cast.group, past_illnesses="高血压")
    make_form(
        elder.household, elder.birth_date, elder=elder, registered_on=date(2025, 2, 3), past_illnesses=""
    )
    assert "past_illnesses" not in gaps(elder)


def test_lists_agree_with_the_page(cast: Cast, whole: Elder) -> None:
    short = make_elder(cast.group)
    assert list(with_short_files(Elder.objects.all())) == [short]
    assert list(with_whole_files(Elder.objects.all())) == [whole]
    desk = Desk(cast.head)
    assert desk.listed("elders.elder", file="short") == [short]
    assert desk.listed("elders.elder", file="whole") == [whole]
    assert f"{len(GAPS)} 项都填了" in desk.page(whole)
    assert f"填了 {len(GAPS) - len(gaps(short))} 项，共 {len(GAPS)} 项" in desk.page(short)


def test_closed_file_is_not_asked_for(cast: Cast) -> None:
    elder = make_elder(cast.group)
    Elder.objects.filter(pk=elder.pk).update(status="closed", closed_on=date(2025, 2, 3), close_reason="died")
    elder.refresh_from_db()
    assert Desk(cast.head).listed("elders.elder", file="short") == []
    assert "一户一档完整程度" not in Desk(cast.head).page(elder)
