"""Registering on a phone, without script: look first, step by step, nothing lost; what comes of it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from elders.actions import (
    approve_form,
    return_form,
    start_draft,
    submit_form,
    write_member,
)
from elders.models import (
    Elder,
    Household,
    HouseholdMember,
    Proposal,
    RegistrationDraft,
    RegistrationForm,
)
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import breaks, id_number, make_elder, make_household, run
from visitcare.audit.models import Event
from visitcare.kit.rekeying import sealed_models
from visitcare.kit.weeks import today
from visitcare.org.models import User

BORN = date(1944, 3, 2)
NUMBER = id_number(BORN)
SON = id_number(date(1970, 1, 1), sex="male")

WHO = {"id_number": NUMBER, "name": "李秀英", "phone": "19900012345", "paper_kind": "id_card"}
WHERE = {"place": "320699101201001", "household": "new", "address": "1组8号"}
LIVING = {"living": "alone", "spouse_location": "none", "child_location": "elsewhere"}
WISH = {"consent": "full", "registered_on": today().isoformat(), "signer": "self"}


class Phone:
    """Somebody's phone: what its forms send, and what its pages say."""

    def __init__(self, user: User) -> None:
        self.user, self.client = user, Client()
        self.client.force_login(user)

    def text(self, answer: Any) -> str:
        html = re.sub(r"<svg.*?</svg>|<[^>]+>", "", answer.content.decode(), flags=re.DOTALL)
        return re.sub(r"\s+", " ", html)

    def look(self, page: str = "register", /, *of: Any, **query: Any) -> str:
        answer = self.client.get(reverse(page, args=of), query)
        assert answer.status_code == 200, answer.status_code
        return self.text(answer)

    def search(self, term: str) -> str:
        return self.text(self.client.post(reverse("register"), {"q": term}))

    def press(self, page: str, /, *of: Any, **said: Any) -> Any:
        return self.client.post(reverse(page, args=of), said, follow=True)

    def begin(self, term: str = "") -> RegistrationDraft:
        self.press("new_registration", q=term)
        return RegistrationDraft.objects.filter(made_by=self.user).latest("created_at")

    def fill(self, draft: RegistrationDraft, step: str, /, go: str = "next", **said: Any) -> str:
        """Send a step; what the next page says."""
        return self.text(self.press("registration_draft", draft.pk, step=step, go=go, **said))

    def keep(self, draft: RegistrationDraft, step: str, /, **said: Any) -> Any:
        """What the script sends in the background."""
        address = reverse("registration_draft", args=[draft.pk])
        return self.client.post(address, {"step": step, "go": "keep", "only": list(said), **said})

    def register(self, **changes: dict[str, Any]) -> RegistrationDraft:
        """A whole draft, filled in."""
        draft = self.begin()
        for step, said in {"who": WHO, "where": WHERE, "living": LIVING, "wish": WISH}.items():
            self.fill(draft, step, **said | changes.get(step, {}))
        return draft

    def submit(self, draft: RegistrationDraft, **said: Any) -> str:
        return self.fill(draft, "check", go="submit", **said)


def said_of(draft: RegistrationDraft) -> dict[str, list[str]]:
    return RegistrationDraft.objects.get(pk=draft.pk).said


@pytest.fixture
def cadre(cast: Cast) -> Phone:
    return Phone(cast.cadre)


@pytest.fixture
def worker(cast: Cast) -> Phone:
    return Phone(cast.worker)


# Looking first


def test_search_finds_by_name_part_last_four_and_number(cast: Cast, cadre: Phone) -> None:
    make_elder(make_household(cast.group, address="1组8号"), BORN, name="李秀英", number=NUMBER)
    for term in ("李秀英", "秀英", NUMBER[-4:], NUMBER, NUMBER.lower(), f" {NUMBER} "):
        page = cadre.search(term)
        assert "找到 1 位像的" in page, term
        assert "滨江镇永安村1组 1组8号，在册" in page, term
        assert f"3206**********{NUMBER[-4:]}" in page
    assert "没有找到“王德明”" in cadre.search("王德明")


def test_search_shows_what_one_may_see_and_no_more(cast: Cast, cadre: Phone, worker: Phone) -> None:
    make_elder(cast.second_group, BORN, name="李秀英")
    make_elder(cast.next_group, BORN, name="李秀兰")
    assert ("李秀英" in cadre.search("李秀"), "李秀兰" in cadre.search("李秀")) == (True, False)
    assert "没有找到" in worker.search("李秀")


def test_search_finds_family_members_who_are_no_elders_yet(cast: Cast, worker: Phone, system: User) -> None:
    home = make_household(cast.group, address="1组8号")
    make_elder(home, name="王德明")
    said = {"id_number": NUMBER, "birth_date": BORN, "lives_here": True}
    write_member(by=system, household=home, name="李秀英", relation="配偶", said=said)
    page = worker.search("李秀英")
    assert "王德明家的配偶，还没有登记成老人" in page
    member = HouseholdMember.objects.get()
    worker.press("register_cohabitant", home.pk, member=member.pk)
    draft = RegistrationDraft.objects.get()
    assert (draft.household, draft.said["name"], draft.said["id_number"]) == (home, ["李秀英"], [NUMBER])


@pytest.mark.parametrize(("state", "words"), [("closed", "已经注销"), ("submitted", "等镇里审批")])
def test_what_cannot_be_opened_says_why(cast: Cast, cadre: Phone, state: str, words: str) -> None:
    elder = make_elder(cast.group, name="李秀英")
    if state == "closed":
        Elder.objects.filter(pk=elder.pk).update(status="closed", closed_on=today(), close_reason="moved")
    else:
        elder.forms.update(state="submitted")
    page = cadre.search("李秀英")
    assert (words in page, "更新登记" in page) == (True, False)
    assert words in cadre.text(cadre.press("renew_registration", elder.pk))
    assert RegistrationDraft.objects.count() == 0


def test_new_registration_begins_with_what_was_looked_for(cadre: Phone) -> None:
    assert cadre.begin("李秀英").said["name"] == ["李秀英"]
    assert cadre.begin(NUMBER).said["id_number"] == [NUMBER]
    assert {"name", "id_number"} & set(cadre.begin(NUMBER[-4:]).said) == set()


# Kept as one goes


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


def test_one_draft_of_an_elder_a_person(cast: Cast, cadre: Phone) -> None:
    elder = make_elder(cast.group)
    cadre.press("renew_registration", elder.pk)
    cadre.press("renew_registration", elder.pk)
    assert RegistrationDraft.objects.count() == 1
    with breaks("one_draft_of_an_elder_by_one_person"):
        RegistrationDraft.objects.create(
            made_by=cast.cadre, elder=elder, step="who", updated_at=timezone.now()
        )


# The whole form


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


def test_other_elder_of_the_household_begins_with_what_is_known(cast: Cast, cadre: Phone) -> None:
    draft = cadre.register(living={"living": "elders_only", "spouse_location": "same_home"})
    spouse = id_number(date(1942, 5, 1), sex="male")
    cadre.fill(draft, "family", **{"members-0-name": "王德明", "members-0-relation": "配偶", "members-0-id_number": spouse,
                                   "members-0-lives_here": "true"})  # fmt: skip
    assert "王德明（配偶）也是老人吗？" in cadre.submit(draft)
    home = Household.objects.get()
    page = cadre.press("register_cohabitant", home.pk, member=home.members.get().pk)
    assert "第 1 步" in cadre.text(page)
    second = RegistrationDraft.objects.get()
    assert second.said["id_number"] == [spouse]
    assert (second.said["living"], second.said["spouse_location"]) == (["elders_only"], ["same_home"])
    cadre.fill(second, "who", **WHO | {"id_number": spouse, "name": "王德明"})
    assert "登记在这一户，户里有李秀英" in cadre.look("registration_draft", second.pk, step="where")
    cadre.fill(second, "where", address="")
    assert "王德明" in cadre.look("registration_draft", second.pk, step="family")
    cadre.fill(second, "wish", **WISH)
    assert "王德明的登记表提交了" in cadre.submit(second)
    assert set(home.elders.values_list("name", flat=True)) == {"李秀英", "王德明"}
    assert home.members.count() == 1


def test_known_household_is_found_and_registered_into(cast: Cast, cadre: Phone) -> None:
    home = make_household(cast.group, address="1组12号")
    make_elder(home, name="王德明")
    draft = cadre.register()
    page = cadre.fill(draft, "where", go="stay", **WHERE | {"find": "王德"})
    assert "1组12号，王德明" in page
    cadre.fill(draft, "where", **WHERE | {"household": str(home.pk), "address": ""})
    cadre.submit(draft)
    assert Elder.objects.get(name="李秀英").household == home


def test_household_of_another_group_is_no_choice(cast: Cast, worker: Phone) -> None:
    home = make_household(cast.second_group, address="2组1号")
    draft = worker.register(where={"household": str(home.pk)})
    assert "有效" in worker.submit(draft) or Elder.objects.count() == 0
    assert Elder.objects.count() == 0


def test_second_household_at_one_address_is_asked_about_first(cast: Cast, cadre: Phone) -> None:
    make_elder(make_household(cast.group, address="1组8号"), name="王德明")
    draft = cadre.register()
    assert "这个地址已经有一户：1组8号，王德明" in cadre.fill(draft, "where", **WHERE)
    assert "第 3 步" in cadre.fill(draft, "where", **WHERE | {"another_household": "on"})


def test_changing_the_household_brings_its_family_and_takes_the_other_away(
    cast: Cast, cadre: Phone, system: User
) -> None:
    homes = [make_household(cast.group, address=f"1组{n}号") for n in (1, 2)]
    for home, name in zip(homes, ("甲", "乙"), strict=True):
        write_member(by=system, household=home, name=name, relation="儿子", said={})
    draft = cadre.begin()
    names = []
    for home in homes:
        cadre.fill(draft, "where", **WHERE | {"find": "组", "household": str(home.pk)})
        names.append([said_of(draft)[name] for name in said_of(draft) if name.endswith("-name")])
    assert names == [[["甲"]], [["乙"]]]


# Near matches


def test_near_match_is_shown_at_once_and_has_to_be_looked_at(cast: Cast, cadre: Phone) -> None:
    like = make_elder(cast.second_group, BORN, name="李秀英", number="")
    draft = cadre.begin()
    page = cadre.fill(draft, "who", **WHO)
    assert "像是同一个人，请看一看" in page
    assert "李秀英，1944年3月2日生" in page
    for step, said in {"where": WHERE, "wish": WISH}.items():
        cadre.fill(draft, step, **said)
    assert "请先看一看" in cadre.submit(draft)
    answer = cadre.client.get(reverse("registration_draft", args=[draft.pk]), {"step": "check"})
    key = answer.context["asked"].field.choices[0][0]
    assert "提交了" in cadre.submit(draft, looked_at=key)
    event = Event.objects.get(verb="register_elder", actor_id=cast.cadre.pk)
    assert event.data["looked_at"][0]["id"] == str(like.pk)


def test_match_out_of_sight_is_told_of_without_a_name_and_recorded(cast: Cast, worker: Phone) -> None:
    elder = make_elder(cast.other_group, BORN, name="李秀英", number="")
    page = worker.fill(worker.begin(), "who", **WHO)
    assert "别的镇有一位老人，同名，同一天出生" in page
    assert Event.objects.get(verb="note_unseen").about_id == str(elder.pk)


def test_family_member_who_is_an_elder_elsewhere_is_told(cast: Cast, cadre: Phone) -> None:
    make_elder(
        make_household(cast.second_group, address="2组1号"), date(1940, 1, 1), name="王德明", number=SON
    )
    draft = cadre.register()
    cadre.fill(draft, "family", **{"members-0-name": "王德明", "members-0-id_number": SON})
    page = cadre.look("registration_draft", draft.pk, step="check")
    assert "家庭成员王德明自己也登记为老人" in page
    assert "2组1号" in page


# Renewing and mending


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


def renewed(phone: Phone, elder: Elder, **changes: dict[str, Any]) -> str:
    phone.press("renew_registration", elder.pk)
    draft = RegistrationDraft.objects.get(elder=elder)
    said = draft.said
    for step, names in {
        "who": ("name", "paper_kind", "emergency_name"),
        "wish": ("consent", "signer"),
    }.items():
        now = {name: said[name] for name in names if name in said} | {"registered_on": [today().isoformat()]}
        phone.fill(draft, step, **now | changes.get(step, {}))
    phone.fill(draft, "body", **changes.get("body", {}))
    return phone.submit(draft)


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


# Who


def test_grid_worker_registers_in_the_own_group_only(cast: Cast, worker: Phone) -> None:
    draft = worker.begin()
    assert draft.said["place"] == [cast.group.code]
    draft = worker.register(where={"place": cast.second_group.code})
    worker.submit(draft)
    assert Elder.objects.count() == 0
    worker.fill(draft, "where", **WHERE)
    assert "提交了" in worker.submit(draft)


@pytest.mark.parametrize("who", ["visitor", "reviewer", "head", "officer", "admin"])
def test_nobody_else_registers_on_the_way(cast: Cast, who: str) -> None:
    phone = Phone(getattr(cast, who))
    assert phone.client.get(reverse("register")).status_code == 404
    assert phone.client.post(reverse("new_registration")).status_code == 404
    assert RegistrationDraft.objects.count() == 0


def test_elder_of_another_group_is_not_opened(cast: Cast, worker: Phone) -> None:
    elder = make_elder(cast.second_group)
    answers = [
        worker.client.post(reverse("renew_registration", args=[elder.pk])),
        worker.client.post(reverse("register_cohabitant", args=[elder.household_id])),
        worker.client.get(reverse("registration_done", args=[elder.pk])),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_right_that_ended_closes_the_draft(cast: Cast, worker: Phone) -> None:
    draft = worker.begin()
    cast.worker.postings.update(ends_on=date(2025, 1, 1))
    assert worker.client.get(reverse("registration_draft", args=[draft.pk])).status_code == 404
    with pytest.raises(Exception, match="权限"):
        start_draft(by=User.objects.get(pk=cast.worker.pk), said={}, step="who")


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
