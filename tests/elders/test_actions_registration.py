from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from elders.actions import (
    agree_care_plan,
    approve_form,
    close_elder,
    open_household,
    register_elder,
    return_form,
    submit_form,
)
from elders.actions.registration import FormData, RegistrationError, check_score
from elders.models import ActivePeriod, Elder, Household, RegistrationForm
from tests.cast import Cast
from tests.factories import form_data, make_elder, make_form, make_household
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User

BORN = date(1950, 5, 1)


@pytest.fixture
def home(cast: Cast) -> Household:
    return make_household(cast.group, number="H1", address="永安路1号")


@pytest.fixture
def form(home: Household) -> RegistrationForm:
    """A submitted form."""
    return make_form(home, BORN)


def states(form: RegistrationForm) -> tuple[str, str]:
    """Of the form and of its elder, as stored."""
    stored = RegistrationForm.objects.select_related("elder").get(pk=form.pk)
    return stored.state, stored.elder.status


def last_event() -> tuple[str, str, str, str]:
    event = Event.objects.latest("at")
    return event.actor_name, event.verb, event.words, event.reason


# Households


def test_household_is_opened_by_the_village(cast: Cast) -> None:
    household = open_household(by=cast.cadre, place=cast.group, number="H1", address="永安路1号")
    assert str(household) == "滨江镇永安村1组 永安路1号"
    assert last_event() == ("朱卫东", "open_household", "建户：滨江镇永安村1组 永安路1号", "")


@pytest.mark.parametrize("who", ["second_worker", "visitor", "officer", "auditor", "other_head", "admin"])
def test_household_by_somebody_else_is_refused(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        open_household(by=getattr(cast, who), place=cast.group)
    assert Household.objects.count() == 0


# Score and level


@pytest.mark.parametrize(
    ("score", "level"),
    [(90, "intact"), (89, "mild"), (66, "mild"), (65, "moderate"), (46, "moderate"), (45, "severe"), (30, "severe"),
     (29, "total"), (0, "total")],
)  # fmt: skip
def test_score_alone_gives_the_level(score: int, level: str) -> None:
    assert (check_score("", score), check_score(level, score)) == (level, level)


def test_level_alone_is_enough() -> None:
    assert (check_score("severe", None), check_score("", None)) == ("severe", "")


def test_score_that_disagrees_needs_a_reason() -> None:
    with pytest.raises(RegistrationError) as caught:
        check_score("mild", 50)
    assert str(caught.value) == (
        "能力程度写的是“轻度失能”，评分 50 分应是“中度失能”。请改一致；确实不一致的，在说明里写明原因。"
    )
    assert check_score("mild", 50, "评估人按实际情况上调") == "mild"


@pytest.mark.parametrize("score", [-1, 91])
def test_score_outside_the_standard_is_refused(score: int) -> None:
    with pytest.raises(RegistrationError) as caught:
        check_score("", score)
    assert str(caught.value) == f"能力评分 {score} 不在 0—90 分之内。请核对评估报告。"


# Registering


def test_new_elder_is_a_draft_with_assessment_and_consent(cast: Cast, home: Household) -> None:
    data = form_data(BORN, phone="19900070007", score=40, consent="phone_only", serious_illness=True)
    form = register_elder(by=cast.cadre, household=home, data=data)
    elder = form.elder
    assert (states(form), form.made_by, form.serious_illness) == (("draft", "draft"), cast.cadre, True)
    assert (elder.phone, elder.assessments.get().level, elder.assessments.get().score) == (
        "19900070007",
        "severe",
        40,
    )
    assert (elder.consents.get().kind, elder.consents.get().since) == ("phone_only", date(2025, 1, 6))
    assert last_event()[:3] == ("朱卫东", "register_elder", "登记马凤英（2025-01-06）")


def test_same_day_again_corrects_the_draft(cast: Cast, home: Household) -> None:
    first = register_elder(by=cast.cadre, household=home, data=form_data(BORN, living="alone"))
    data = form_data(BORN, living="with_family", name="马凤瑛", number=first.elder.id_number)
    second = register_elder(by=cast.reviewer, household=home, data=data, elder=first.elder)
    assert (first.pk, RegistrationForm.objects.get().living, Elder.objects.get().name) == (
        second.pk, "with_family", "马凤瑛"
    )  # fmt: skip


def test_another_day_is_another_version(cast: Cast, home: Household) -> None:
    elder = make_elder(home, BORN, living="alone")
    data = form_data(BORN, number=elder.id_number, registered_on=date(2025, 2, 10), living="with_family")
    form = register_elder(by=cast.cadre, household=home, data=data, elder=elder)
    versions = elder.forms.order_by("registered_on").values_list("registered_on", "state", "living")
    assert list(versions) == [
        (date(2025, 1, 6), "approved", "alone"),
        (date(2025, 2, 10), "draft", "with_family"),
    ]
    assert states(form) == ("draft", "active")


def test_approved_form_is_corrected_only_by_whoever_may_approve(cast: Cast, home: Household) -> None:
    elder = make_elder(home, BORN, living="alone")
    data = form_data(BORN, number=elder.id_number, living="with_family")
    with pytest.raises(NotAllowed):
        register_elder(by=cast.cadre, household=home, data=data, elder=elder)
    assert elder.forms.get().living == "alone"
    register_elder(by=cast.head, household=home, data=data, elder=elder)
    assert (elder.forms.get().living, elder.forms.get().state) == ("with_family", "approved")


@pytest.mark.parametrize("who", ["second_worker", "visitor", "officer", "other_head"])
def test_registering_by_somebody_else_is_refused(cast: Cast, home: Household, who: str) -> None:
    with pytest.raises(NotAllowed):
        register_elder(by=getattr(cast, who), household=home, data=form_data(BORN))
    assert Elder.objects.count() == 0


def test_registering_with_a_score_that_disagrees_stores_nothing(cast: Cast, home: Household) -> None:
    with pytest.raises(RegistrationError):
        register_elder(by=cast.cadre, household=home, data=form_data(BORN, ability="mild", score=50))
    assert Elder.objects.count() == 0


# To the town, and back


def test_submitting_hands_the_form_to_the_town(cast: Cast, home: Household) -> None:
    form = register_elder(by=cast.cadre, household=home, data=form_data(BORN))
    submit_form(by=cast.cadre, form=form)
    assert states(form) == ("submitted", "submitted")
    assert last_event() == ("朱卫东", "submit_form", "提交马凤英的登记表", "")


def test_submitting_twice_is_refused(cast: Cast, form: RegistrationForm) -> None:
    with pytest.raises(RegistrationError) as caught:
        submit_form(by=cast.cadre, form=form)
    assert str(caught.value) == "这张登记表已经提交过了，不用再提交。"


def test_returning_says_why_and_can_be_submitted_again(cast: Cast, form: RegistrationForm) -> None:
    return_form(by=cast.reviewer, form=form, reason="缺能力评估")
    assert states(form) == ("returned", "draft")
    assert last_event() == ("顾敏", "return_form", "退回马凤英的登记表", "缺能力评估")
    stored = RegistrationForm.objects.get()
    assert (stored.decided_by, stored.decision_reason) == (cast.reviewer, "缺能力评估")
    submit_form(by=cast.cadre, form=form)
    assert states(form) == ("submitted", "submitted")


@pytest.mark.parametrize("reason", ["", "  "])
def test_returning_without_a_reason_is_refused(cast: Cast, form: RegistrationForm, reason: str) -> None:
    with pytest.raises(RegistrationError) as caught:
        return_form(by=cast.reviewer, form=form, reason=reason)
    assert str(caught.value) == "退回要写原因，村里才知道怎么改。"
    assert states(form) == ("submitted", "submitted")


@pytest.mark.parametrize("who", ["cadre", "worker", "other_head", "officer"])
def test_returning_by_somebody_else_is_refused(cast: Cast, form: RegistrationForm, who: str) -> None:
    with pytest.raises(NotAllowed):
        return_form(by=getattr(cast, who), form=form, reason="缺能力评估")


def test_returning_an_approved_form_is_refused(cast: Cast, form: RegistrationForm) -> None:
    approve_form(by=cast.head, form=form)
    with pytest.raises(RegistrationError) as caught:
        return_form(by=cast.head, form=form, reason="看错了")
    assert str(caught.value) == "只有待审批的登记表能退回。这张的状态已经变了，请刷新看看。"


# Approving


def test_approved_in_scope_is_active_from_the_day_of_the_form(cast: Cast, form: RegistrationForm) -> None:
    assert approve_form(by=cast.head, form=form) is True
    assert states(form) == ("approved", "active")
    period = ActivePeriod.objects.get()
    assert (period.starts_on, period.ends_on) == (date(2025, 1, 6), None)
    assert RegistrationForm.objects.get().decided_by == cast.head
    assert last_event() == ("季海峰", "approve_form", "批准马凤英的登记表，在探访范围", "")


def test_approved_out_of_scope_is_not_active(cast: Cast, home: Household) -> None:
    form = make_form(home, date(1960, 5, 1), living="with_family", able_adult_at_home=True)
    assert approve_form(by=cast.head, form=form) is False
    assert (states(form), ActivePeriod.objects.count(), form.elder.class_periods.count()) == (
        ("approved", "approved"), 0, 0
    )  # fmt: skip
    assert last_event()[2] == "批准马凤英的登记表，暂不在探访范围"


@pytest.mark.parametrize("who", ["cadre", "reviewer", "officer", "approver", "other_head", "auditor"])
def test_approving_by_somebody_else_is_refused(cast: Cast, form: RegistrationForm, who: str) -> None:
    with pytest.raises(NotAllowed):
        approve_form(by=getattr(cast, who), form=form)
    assert states(form) == ("submitted", "submitted")


def test_approving_twice_is_refused(cast: Cast, form: RegistrationForm) -> None:
    approve_form(by=cast.head, form=form)
    with pytest.raises(RegistrationError) as caught:
        approve_form(by=cast.head, form=form)
    assert str(caught.value) == "只有待审批的登记表能批准。这张的状态已经变了，请刷新看看。"
    assert ActivePeriod.objects.count() == 1


def test_approving_a_draft_is_refused(cast: Cast, home: Household) -> None:
    form = register_elder(by=cast.cadre, household=home, data=form_data(BORN))
    with pytest.raises(RegistrationError):
        approve_form(by=cast.head, form=form)
    assert states(form) == ("draft", "draft")


def test_approving_a_person_who_is_registered_elsewhere_is_refused(cast: Cast, home: Household) -> None:
    registered = make_elder(cast.other_group, BORN)
    twin = make_form(home, BORN, number=registered.id_number)
    with pytest.raises(RegistrationError) as caught:
        approve_form(by=cast.head, form=twin)
    assert str(caught.value) == ("马凤英的证件号码已经在册（可能在别的村）。请先查找那份档案，不要重复建档。")
    assert states(twin) == ("submitted", "submitted")


def test_approving_a_newer_form_keeps_the_elder_active_without_a_gap(cast: Cast, home: Household) -> None:
    elder = make_elder(home, BORN)
    newer = make_form(home, BORN, elder=elder, registered_on=date(2025, 2, 10), living="with_family")
    approve_form(by=cast.head, form=newer)
    assert list(ActivePeriod.objects.values_list("starts_on", "ends_on")) == [(date(2025, 1, 6), None)]


def test_newer_form_that_brings_into_scope_makes_active_from_its_day(cast: Cast, home: Household) -> None:
    elder = make_elder(home, date(1960, 5, 1), living="with_family", able_adult_at_home=True)
    newer = make_form(home, elder.birth_date, elder=elder, registered_on=date(2025, 2, 10), living="alone")
    assert approve_form(by=cast.head, form=newer) is True
    assert list(ActivePeriod.objects.values_list("starts_on", "ends_on")) == [(date(2025, 2, 10), None)]


def test_other_object_text_brings_into_scope_by_the_towns_approval(cast: Cast, home: Household) -> None:
    form = make_form(
        home, date(1960, 5, 1), living="with_family", able_adult_at_home=True, other="见义勇为致残"
    )
    assert approve_form(by=cast.head, form=form) is True
    assert form.elder.class_periods.get().risk_class == "C"


def test_system_may_do_all_of_it(system: User, cast: Cast) -> None:
    assert make_elder(cast.group).status == "active"


# Somebody who is registered


def test_nothing_of_a_registered_person_changes_before_approval(cast: Cast) -> None:
    elder = make_elder(cast.group, BORN, phone="19900012345")
    data = form_data(
        BORN, number=elder.id_number, registered_on=today(), ability="total", score=0, consent="refused"
    )
    form = register_elder(by=cast.reviewer, household=elder.household, data=data, elder=elder)
    submit_form(by=cast.reviewer, form=form)
    return_form(by=cast.head, form=form, reason="再问一问")
    assert list(elder.consents.values_list("kind", flat=True)) == ["full"]
    assert not elder.assessments.exists()


def test_form_that_waits_is_not_written_over_unseen(cast: Cast) -> None:
    elder = make_elder(cast.group, BORN)
    told = form_data(BORN, number=elder.id_number, registered_on=today(), left_behind=True)
    form = register_elder(by=cast.cadre, household=elder.household, data=told, elder=elder)
    submit_form(by=cast.cadre, form=form)
    again = form_data(BORN, number=elder.id_number, registered_on=today())
    with pytest.raises(RegistrationError, match=r"还等着批准.*先批准或者退回"):
        register_elder(by=cast.reviewer, household=elder.household, data=again, elder=elder)
    form.refresh_from_db()
    assert (form.left_behind, bool(form.proposal)) == (True, True)


def test_record_that_was_closed_meanwhile_stays_closed(cast: Cast) -> None:
    elder = make_elder(cast.group, BORN)
    read_before = Elder.objects.select_related("household__place").get(pk=elder.pk)
    waiting = make_form(elder.household, BORN, elder=elder, registered_on=today())
    close_elder(by=cast.head, elder=elder, last_day=today(), reason="died")
    data = form_data(BORN, number=elder.id_number, registered_on=today() - timedelta(days=1))
    with pytest.raises(RegistrationError, match="已经注销"):
        register_elder(by=cast.head, household=elder.household, data=data, elder=read_before)
    with pytest.raises(RegistrationError, match="注销，不能批准"):
        approve_form(by=cast.head, form=waiting)
    elder.refresh_from_db()
    assert (elder.status, elder.closed_on) == ("closed", today())


def test_renewal_that_says_the_same_assesses_nobody_and_asks_nobody(cast: Cast) -> None:
    elder = make_elder(cast.group, BORN, ability="mild", score=70)
    agree_care_plan(by=cast.head, elder=elder, agreed_on=date(2025, 1, 6), content="每周二上门")
    before = [list(rows.values_list("pk", flat=True)) for rows in _told(elder)]
    data = same_again(elder)
    form = register_elder(by=cast.head, household=elder.household, data=data, elder=elder)
    submit_form(by=cast.head, form=form)
    approve_form(by=cast.head, form=form)
    assert [list(rows.values_list("pk", flat=True)) for rows in _told(elder)] == before
    assert all(before)


@pytest.mark.parametrize(
    ("said", "grown"),
    [
        ({"score": 71}, "assessments"),
        ({"assessor": "镇卫生院"}, "assessments"),
        ({"consent": "phone_only"}, "consents"),
        ({"consent_reason": "怕麻烦"}, "consents"),
        ({"care": "每周三上门"}, "care_plans"),
        ({"care_agreed_with": "女儿"}, "care_plans"),
    ],
)
def test_renewal_that_says_otherwise_is_written_down(cast: Cast, said: dict[str, Any], grown: str) -> None:
    elder = make_elder(cast.group, BORN, ability="mild", score=70)
    agree_care_plan(by=cast.head, elder=elder, agreed_on=date(2025, 1, 6), content="每周二上门")
    data = same_again(elder)
    form = register_elder(by=cast.head, household=elder.household, data=replace(data, **said), elder=elder)
    submit_form(by=cast.head, form=form)
    approve_form(by=cast.head, form=form)
    counts = {
        rows.model._meta.get_field("elder").remote_field.related_name: rows.count() for rows in _told(elder)
    }
    assert counts == dict.fromkeys(["assessments", "consents", "care_plans"], 1) | {grown: 2}


def _told(elder: Elder) -> list[Any]:
    return [elder.assessments.all(), elder.consents.all(), elder.care_plans.all()]


def same_again(elder: Elder) -> FormData:
    """What `make_elder` and the plan have said, on a form of today."""
    data = form_data(BORN, number=elder.id_number, registered_on=today(), ability="mild", score=70)
    return replace(data, care="每周二上门")
