"""Registering on a phone: somebody known again, and what the town has sent back."""

from datetime import date, timedelta

import pytest

from elders.actions import (
    approve_form,
    close_elder,
    return_form,
)
from elders.drafts import returned_to, waiting_for
from elders.models import (
    Elder,
    RegistrationDraft,
    RegistrationForm,
)
from tests.cast import Cast
from tests.desk import Desk
from tests.elders.phone import BORN, LIVING, NUMBER, WISH, Phone, renewed
from tests.factories import costs_the_same, make_elder, make_form
from visitcare.kit.weeks import today
from visitcare.org.models import User


def test_returned_form_waits_with_the_reason_and_is_mended(cast: Cast, cadre: Phone) -> None:
    cadre.submit(cadre.register())
    form = RegistrationForm.objects.get()
    return_form(by=cast.reviewer, form=form, reason="住址写全")
    assert "镇里退回 1 份" in cadre.look("home")
    page = cadre.look()
    assert "镇里退回：李秀英" in page
    assert "镇里说：住址写全" in page
    cadre.press("renew_registration", form.elder_id)
    draft = RegistrationDraft.objects.get()
    assert draft.said["living"] == ["alone"]
    assert "id_number" not in draft.said
    cadre.fill(draft, "living", **LIVING | {"child_location": "same_county"})
    assert "提交了" in cadre.submit(draft)
    form.refresh_from_db()
    assert (form.state, form.child_location, form.elder.id_number) == ("submitted", "same_county", NUMBER)
    assert "镇里退回" not in cadre.look()
    assert Elder.objects.count() == 1


def send_back(elder: Elder, *, by: User, on: date) -> RegistrationForm:
    form = make_form(elder.household, elder.birth_date, elder=elder, registered_on=on)
    return_form(by=by, form=form, reason="写全")
    return form


def waiting(user: User) -> list[RegistrationForm]:
    return [one.form for one in returned_to(user)]


def test_returned_form_of_a_closed_record_waits_for_nobody(cast: Cast, cadre: Phone) -> None:
    elder = make_elder(cast.group)
    form = send_back(elder, by=cast.head, on=today())
    assert (waiting(cast.cadre), waiting(cast.next_worker)) == ([form], [])
    close_elder(by=cast.head, elder=elder, last_day=today(), reason="died")
    assert waiting(cast.cadre) == []
    assert "镇里退回" not in cadre.look("home")


def test_returned_form_of_a_merged_record_waits_for_nobody(cast: Cast) -> None:
    gone, stays = make_elder(cast.group), make_elder(cast.group)
    send_back(gone, by=cast.head, on=today())
    Elder.objects.filter(pk=gone.pk).update(
        status="closed", closed_on=today(), close_reason="merged", merged_into=stays
    )
    assert waiting(cast.cadre) == []


@pytest.mark.parametrize("then", ["submit", "approve", "return"])
def test_returned_form_that_another_has_followed_waits_no_more(cast: Cast, then: str) -> None:
    elder = make_elder(cast.group)
    send_back(elder, by=cast.head, on=today() - timedelta(days=2))
    later = make_form(elder.household, elder.birth_date, elder=elder, registered_on=today())
    if then == "approve":
        approve_form(by=cast.head, form=later)
    elif then == "return":
        return_form(by=cast.head, form=later, reason="还不全")
    assert waiting(cast.cadre) == ([later] if then == "return" else [])


def test_draft_of_another_day_takes_up_no_returned_form(cast: Cast) -> None:
    elder = make_elder(cast.group)
    form = send_back(elder, by=cast.head, on=today())
    elder.forms.create(registered_on=today() - timedelta(days=1), made_by=cast.cadre)
    assert waiting(cast.cadre) == [form]


def test_what_waits_costs_the_same_however_much_it_is(cast: Cast) -> None:
    def add() -> None:
        send_back(make_elder(cast.group), by=cast.head, on=today())

    assert costs_the_same(lambda: returned_to(cast.cadre), add)
    assert {kind: len(rows) for kind, rows in waiting_for(cast.cadre).items()} == {"drafts": 0, "returned": 3}
    assert waiting_for(cast.head) == {}


def test_what_a_worker_says_of_a_registered_elder_holds_from_the_towns_approval(
    cast: Cast, worker: Phone
) -> None:
    elder = make_elder(cast.group, BORN, name="李秀英", number=NUMBER, phone="19900000001")
    changes = {
        "who": {"name": "李秀芳", "phone": "19900000002"},
        "wish": {"consent": "refused", "consent_reason": "不要"},
        "body": {"ability": "severe", "score": "40", "assessor": "县医院"},
    }
    assert "提交了" in renewed(worker, elder, **changes)
    elder.refresh_from_db()
    assert (elder.name, elder.phone, elder.id_number) == ("李秀英", "19900000001", NUMBER)
    assert (elder.assessments.count(), elder.consents.get().kind) == (0, "full")
    form = elder.forms.get(state="submitted")
    approve_form(by=cast.head, form=form)
    elder.refresh_from_db()
    assert (elder.name, elder.phone, elder.id_number) == ("李秀芳", "19900000002", NUMBER)
    assert (elder.assessments.get().level, elder.consents.first().kind) == ("severe", "refused")  # type: ignore[union-attr]
    assert not hasattr(RegistrationForm.objects.get(pk=form.pk), "proposal")


def test_town_sees_what_waits_before_it_approves(cast: Cast, worker: Phone) -> None:
    elder = make_elder(
        cast.group, BORN, name="李秀英", number=NUMBER, phone="19900000001", economy=["subsistence_allowance"]
    )
    renewed(worker, elder, who={"phone": "19900000002"}, body={"ability": "severe", "score": "40"})
    page = Desk(cast.head).page(elder.forms.get(state="submitted"))
    assert "批准以后才改的" in page
    assert "199****0001 → 199****0002" in page
    assert "重度失能 40 分" in page
    assert "19900000002" not in page


def test_what_was_said_anew_is_not_lost_when_the_form_comes_back(cast: Cast, worker: Phone) -> None:
    elder = make_elder(cast.group, BORN, name="李秀英", number=NUMBER, phone="19900000001")
    changes = {"who": {"name": "李秀芳", "phone": "19900000002"}, "body": {"ability": "mild"}}
    renewed(worker, elder, **changes)
    return_form(by=cast.reviewer, form=elder.forms.get(state="submitted"), reason="写清楚评估人")
    worker.press("renew_registration", elder.pk)
    draft = RegistrationDraft.objects.get()
    assert (draft.said["name"], draft.said["ability"], "phone" in draft.said) == (["李秀芳"], ["mild"], False)
    assert "199****0002" in worker.look("registration_draft", draft.pk, step="who")
    assert "提交了" in worker.submit(draft)
    approve_form(by=cast.head, form=elder.forms.get(state="submitted"))
    elder.refresh_from_db()
    assert (elder.name, elder.phone) == ("李秀芳", "19900000002")


def test_what_lies_before_the_town_does_not_change_under_its_eyes(cast: Cast, worker: Phone) -> None:
    elder = make_elder(cast.group, BORN, name="李秀英", number=NUMBER)
    worker.press("renew_registration", elder.pk)
    draft = RegistrationDraft.objects.get()
    elder.forms.create(registered_on=today() - timedelta(days=1), state="submitted", made_by=cast.head)
    worker.fill(draft, "wish", **WISH)
    assert "您填的时候，这份资料有人改过" in worker.submit(draft)
    assert "已经提交，等镇里审批" in worker.submit(draft)
    assert elder.forms.count() == 2
    assert RegistrationDraft.objects.count() == 1
