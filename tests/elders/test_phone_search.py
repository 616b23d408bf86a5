"""Registering on a phone: looking first, and who may register where."""

from datetime import date

import pytest
from django.urls import reverse

from elders.actions import (
    start_draft,
    write_member,
)
from elders.models import (
    Elder,
    HouseholdMember,
    RegistrationDraft,
)
from tests.cast import Cast
from tests.elders.phone import BORN, NUMBER, WHERE, Phone
from tests.factories import make_elder, make_household
from visitcare.kit.weeks import today
from visitcare.org.models import User


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
    assert (draft.household, draft.said["name"]) == (home, ["李秀英"])


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
