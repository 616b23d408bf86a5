"""Registering on a phone: kept as one goes, step by step, nothing lost."""

import re
from datetime import timedelta
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from elders.actions import start_draft, submit_draft
from elders.actions.home_changes import HomeChanges
from elders.models import Elder, Household, Proposal, RegistrationDraft, RegistrationForm
from tests.cast import Cast
from tests.elders.phone import NUMBER, WHERE, WHO, Phone, said_of
from tests.factories import at_once, breaks, form_data, make_elder, overtaken, run
from visitcare.kit.rekeying import sealed_models
from visitcare.kit.weeks import today


def test_step_is_kept_right_or_wrong_and_tells_its_mistakes(cadre: Phone) -> None:
    draft = cadre.begin()
    wrong = {"id_number": "123", "name": "李秀英", "phone": "12", "paper_kind": "id_card"}
    page = cadre.fill(draft, "who", **wrong)
    assert "填的都存好了，但有不对的" in page
    assert "身份证号码应为 18 位" in page
    assert said_of(draft)["id_number"] == ["123"]
    assert "第 2 步" in cadre.fill(draft, "who", go="skip", **wrong)
    assert "第 2 步" in cadre.fill(draft, "who", **WHO)


def test_field_that_was_emptied_is_empty(cadre: Phone) -> None:
    draft = cadre.begin()
    cadre.fill(draft, "money", economy=["marginal", "resident_pension"], income_source="种田")
    cadre.fill(draft, "money", income_source="")
    assert "economy" not in said_of(draft)


def test_background_keeps_only_the_named_fields_and_tells_the_number(cadre: Phone) -> None:
    draft = cadre.begin("李秀英")
    answer = cadre.keep(draft, "who", id_number=NUMBER)
    assert re.fullmatch(r"\d+:\d\d", answer.json()["saved"])
    assert answer.json()["told"]["id_number"].startswith("女，8")
    assert (said_of(draft)["name"], said_of(draft)["id_number"]) == (["李秀英"], [NUMBER])
    assert cadre.keep(draft, "who", id_number=NUMBER[:-1]).json()["told"] == {"id_number": ""}
    assert cadre.keep(draft, "who", name="李").json()["told"] == {}


def test_background_takes_no_fields_of_other_steps_or_none_of_ours(cadre: Phone) -> None:
    draft = cadre.begin()
    cadre.keep(draft, "who", consent="full", made_by="x", seen="5")
    cadre.keep(draft, "family", **{"members-x-name": "甲", "items-0-name": "低保金", "members-0-name": "乙"})
    kept = said_of(draft)
    assert {"consent", "made_by", "seen", "members-x-name", "items-0-name"} & set(kept) == set()
    assert kept["members-0-name"] == ["乙"]


def test_two_tabs_keep_both_and_of_one_field_the_last(cadre: Phone) -> None:
    draft = cadre.begin()
    cadre.keep(draft, "who", name="李秀英")
    cadre.keep(draft, "wish", consent="full")
    cadre.keep(draft, "who", name="李秀兰")
    assert (said_of(draft)["name"], said_of(draft)["consent"]) == (["李秀兰"], ["full"])


def test_tab_left_open_after_submission_is_told(cast: Cast, cadre: Phone) -> None:
    draft = cadre.register()
    cadre.submit(draft)
    assert "已经提交，或者删掉了" in cadre.fill(draft, "who", **WHO)
    assert cadre.keep(draft, "who", name="李").status_code == 410
    assert "已经提交，或者删掉了" in cadre.submit(draft)
    assert Elder.objects.count() == 1


def test_draft_goes_on_where_it_was_left(cadre: Phone) -> None:
    draft = cadre.begin()
    cadre.fill(draft, "who", **WHO)
    cadre.fill(draft, "where", **WHERE)
    page = cadre.look()
    assert "没填完的 1 份" in page
    assert "李秀英" in page
    assert "存到 " in page
    assert "李秀英，第 3 步" in cadre.look("registration_draft", draft.pk)
    assert "没填完的 1 份" in cadre.look("home")


def test_session_that_ended_loses_nothing(cast: Cast, cadre: Phone) -> None:
    draft = cadre.begin()
    cadre.client.logout()
    said = {"step": "who", "go": "next", "written_by": str(cast.cadre.pk), **WHO}
    page = cadre.client.post(
        reverse("registration_draft", args=[draft.pk]), said, headers={"Origin": "http://testserver"}
    )
    assert (page.status_code, "unsent" in page.context) == (403, True)
    assert dict(page.context["unsent"].fields)["id_number"] == NUMBER


def test_draft_is_nobody_elses(cast: Cast, cadre: Phone, worker: Phone) -> None:
    draft = cadre.begin("李秀英")
    assert worker.client.get(reverse("registration_draft", args=[draft.pk])).status_code == 404
    worker.fill(draft, "who", name="王")
    worker.press("discard_draft", draft.pk)
    assert said_of(draft)["name"] == ["李秀英"]
    assert "没填完的" not in worker.look()


def test_draft_is_sealed_has_no_history_and_a_new_key_reaches_it(cadre: Phone) -> None:
    draft = cadre.begin("李秀英")
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM elders_registrationdraft WHERE id = %s", [draft.pk])
        (stored,) = cursor.fetchone()
    assert (stored.startswith("k1:"), "李秀英" in stored) == (True, False)
    assert not hasattr(draft, "history")
    assert {RegistrationDraft, Proposal} <= set(sealed_models())


def test_draft_is_thrown_away_or_forgotten(cadre: Phone) -> None:
    cadre.press("discard_draft", cadre.begin().pk)
    assert RegistrationDraft.objects.count() == 0
    kept, old = cadre.begin(), cadre.begin()
    RegistrationDraft.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=91))
    RegistrationDraft.objects.filter(pk=kept.pk).update(updated_at=timezone.now() - timedelta(days=89))
    run("nightly")
    assert list(RegistrationDraft.objects.values_list("pk", flat=True)) == [kept.pk]


def test_two_taps_open_one_draft(transactional_db: None, cast: Cast) -> None:
    elder = make_elder(cast.group)

    def tap() -> RegistrationDraft:
        return start_draft(by=cast.cadre, said={}, step="who", elder=elder)

    assert len({getattr(said, "pk", said) for said in at_once(tap, tap, tap, tap)}) == 1


def test_one_draft_of_an_elder_a_person(cast: Cast, cadre: Phone) -> None:
    elder = make_elder(cast.group)
    cadre.press("renew_registration", elder.pk)
    cadre.press("renew_registration", elder.pk)
    assert RegistrationDraft.objects.count() == 1
    with breaks("one_draft_of_an_elder_by_one_person"):
        RegistrationDraft.objects.create(
            made_by=cast.cadre, elder=elder, step="who", updated_at=timezone.now()
        )


def test_what_comes_late_for_a_line_that_has_moved_up_is_left(cadre: Phone) -> None:
    draft = cadre.begin()
    for number, name in enumerate(["王一", "王二", "王三"]):
        cadre.keep(draft, "family", **{f"members-{number}-name": name})
    cadre.fill(draft, "family", go="drop:0", **{f"members-{at}-name": f"王{at}" for at in range(3)})
    cadre.keep(draft, "family", rows="3", **{"members-1-health": "糖尿病"})
    assert said_of(draft).get("members-1-health") is None
    cadre.keep(draft, "family", rows="2", **{"members-1-health": "糖尿病"})
    assert said_of(draft)["members-1-health"] == ["糖尿病"]


def test_whoever_submits_holds_the_elder_before_the_household(transactional_db: None, cast: Cast) -> None:
    """As whoever moves a family does: in another order the two would wait for each other."""
    elder = make_elder(cast.group)
    draft = start_draft(by=cast.cadre, said={}, step="who", elder=elder)
    data = form_data(elder.birth_date, number=elder.id_number, registered_on=today())

    def submit() -> Any:
        return submit_draft(
            by=cast.cadre, draft=draft, place=None, household=elder.household, address="永安路 8 号",
            home=HomeChanges(), data=data,
        )  # fmt: skip

    home = Household.objects.filter(pk=elder.household_id)
    said = overtaken(
        submit,
        by=lambda: Elder.objects.select_for_update().get(pk=elder.pk),
        then=lambda: home.select_for_update(nowait=True).get(),
    )
    assert isinstance(said, RegistrationForm)
