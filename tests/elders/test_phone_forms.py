"""Registering on a phone: the whole form, and what comes of it."""

from datetime import date

import pytest
from django.urls import reverse

from elders.actions import (
    approve_form,
    submit_form,
)
from elders.models import (
    Elder,
    RegistrationDraft,
    RegistrationForm,
)
from tests.cast import Cast
from tests.elders.phone import BORN, NUMBER, SON, WHERE, WHO, WISH, Phone, said_of
from visitcare.kit.weeks import today


def test_registered_elder_waits_for_the_town_with_everything(cast: Cast, cadre: Phone) -> None:
    draft = cadre.register()
    cadre.fill(draft, "money", economy=["subsistence_allowance"], monthly_income="600")
    cadre.fill(draft, "body", disability_grade="0", dementia="false", serious_illness="false")
    members = {
        "members-0-name": "王建", "members-0-relation": "儿子", "members-0-id_number": SON,
        "members-0-lives_here": "false", "members-0-visits_often": "true",
    }  # fmt: skip
    cadre.fill(draft, "family", **members)
    home = {"water_safe": "true", "has_pension": "true", "pension_monthly": "210",
            "items-0-name": "低保金", "items-0-monthly_amount": "600"}  # fmt: skip
    cadre.fill(draft, "home", **home)
    page = cadre.look("registration_draft", draft.pk, step="check")
    assert "照现在填的，批准以后是 A 类" in page
    assert "李秀英的登记表提交了" in cadre.submit(draft)
    elder = Elder.objects.select_related("household__place").get()
    form, household = elder.forms.get(), elder.household
    assert (elder.status, elder.sex, elder.birth_date, elder.id_number) == (
        "submitted",
        "female",
        BORN,
        NUMBER,
    )
    assert (household.place, household.address, household.water_safe, household.pension_monthly) == (
        cast.group, "1组8号", True, 210,
    )  # fmt: skip
    assert (form.state, form.made_by, form.living, form.economy) == (
        "submitted", cast.cadre, "alone", ["subsistence_allowance"],
    )  # fmt: skip
    assert list(household.members.values_list("name", "relation", "birth_date", "visits_often")) == [
        ("王建", "儿子", date(1970, 1, 1), True)
    ]
    assert list(household.assistance.values_list("name", "monthly_amount")) == [("低保金", 600)]
    consent = elder.consents.get()
    assert (consent.kind, consent.signed_by, consent.signed_on) == ("full", "李秀英", today())
    assert RegistrationDraft.objects.count() == 0
    assert approve_form(by=cast.head, form=form) is True


def test_submission_waits_until_everything_is_right_and_leads_there(cadre: Phone) -> None:
    draft = cadre.register(who={"id_number": "", "name": ""}, wish={"consent": ""})
    page = cadre.submit(draft)
    assert "还有要改的，改好了才能提交" in page
    assert all(
        words in page for words in ("请填“姓名”", "没有填写身份证号码", "请填“探访意愿”", "去改“是谁”")
    )
    assert "第 1 步" in cadre.fill(draft, "check", go="to:who")
    assert Elder.objects.count() == 0


def test_nothing_but_who_where_and_the_wish_has_to_be_known(cadre: Phone) -> None:
    draft = cadre.begin()
    for step, said in {"who": WHO, "where": WHERE, "wish": WISH}.items():
        cadre.fill(draft, step, **said)
    page = cadre.look("registration_draft", draft.pk, step="check")
    assert "没有问到：" in page
    assert "提交了" in cadre.submit(draft)


def test_family_members_are_added_and_taken_out(cadre: Phone) -> None:
    draft = cadre.begin()
    cadre.fill(draft, "family", go="add")
    cadre.fill(draft, "family", go="add", **{"members-0-name": "王建"})
    page = cadre.fill(
        draft,
        "family",
        go="drop:0",
        **{"members-0-name": "王建", "members-1-name": "王芳", "members-1-relation": "女儿"},
    )
    assert ("王芳" in page, "王建" in page) == (True, False)
    kept = said_of(draft)
    assert {name: texts for name, texts in kept.items() if name.startswith("members")} == {
        "members-0-name": ["王芳"], "members-0-relation": ["女儿"],
    }  # fmt: skip


def test_pages_weigh_little(cadre: Phone) -> None:
    draft = cadre.register()
    sizes = {
        step: len(cadre.client.get(reverse("registration_draft", args=[draft.pk]), {"step": step}).content)
        for step in ("who", "where", "living", "body", "money", "family", "home", "wish", "check")
    }
    assert max(sizes.values()) < 40_000, sizes


def test_submitted_twice_at_once_is_one_elder(cast: Cast, cadre: Phone) -> None:
    cadre.submit(cadre.register())
    with pytest.raises(ValueError, match="已经提交过了"):
        submit_form(by=cast.cadre, form=RegistrationForm.objects.get())
