"""Registering on a phone: the household, those who live in it, and whoever is like the person."""

from datetime import date

from django.urls import reverse

from elders.actions import (
    write_member,
)
from elders.models import (
    Elder,
    Household,
    RegistrationDraft,
)
from tests.cast import Cast
from tests.elders.phone import BORN, NUMBER, SON, WHERE, WHO, WISH, Phone, said_of
from tests.factories import id_number, make_elder, make_household
from visitcare.audit.models import Event
from visitcare.org.models import User


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
    assert (second.said["living"], second.said["spouse_location"]) == (["elders_only"], ["same_home"])
    cadre.fill(second, "who", **WHO | {"id_number": "", "name": "王德明"})
    assert "登记在这一户，户里有李秀英" in cadre.look("registration_draft", second.pk, step="where")
    cadre.fill(second, "where", address="")
    assert "王德明" in cadre.look("registration_draft", second.pk, step="family")
    cadre.fill(second, "wish", **WISH)
    assert "王德明的登记表提交了" in cadre.submit(second)
    assert set(home.elders.values_list("name", flat=True)) == {"李秀英", "王德明"}
    assert home.members.count() == 1
    assert home.elders.get(name="王德明").id_number == spouse


def test_number_of_a_family_member_is_not_shown_and_stays_unless_another_is_typed(
    cast: Cast, worker: Phone, system: User
) -> None:
    home = make_household(cast.group, address="1组8号")
    said = {"id_number": NUMBER, "birth_date": BORN, "lives_here": True}
    write_member(by=system, household=home, name="李秀英", relation="配偶", said=said)
    page = worker.press("register_cohabitant", home.pk, member=home.members.get().pk)
    assert f"登记的是 3206**********{NUMBER[-4:]}。不改就空着。" in worker.text(page)
    draft = RegistrationDraft.objects.get()
    worker.fill(draft, "wish", **WISH)
    pages = [
        worker.client.get(reverse("registration_draft", args=[draft.pk]), {"step": step}).content.decode()
        for step in ("who", "family", "check")
    ]
    assert not any(NUMBER in page for page in pages)
    assert f"证件号码3206**********{NUMBER[-4:]}" in worker.look(
        "registration_draft", draft.pk, step="check"
    ).replace(" ", "")
    worker.fill(draft, "who", **WHO | {"id_number": SON})
    worker.submit(draft)
    assert Elder.objects.get().id_number == SON


def test_number_of_a_member_of_another_household_is_not_taken_over(
    cast: Cast, worker: Phone, system: User
) -> None:
    home, foreign = make_household(cast.group), make_household(cast.other_group)
    write_member(by=system, household=foreign, name="李秀英", relation="配偶", said={"id_number": NUMBER})
    worker.press("register_cohabitant", home.pk, member=foreign.members.get().pk)
    draft = RegistrationDraft.objects.get()
    worker.keep(draft, "who", member=str(foreign.members.get().pk), name="李秀英")
    worker.fill(draft, "wish", **WISH)
    assert "没有填写身份证号码" in worker.submit(draft)
    assert "member" not in said_of(draft)
    draft.said = said_of(draft) | {"member": [str(foreign.members.get().pk)]}  # one who has left since
    draft.save()
    assert "没有填写身份证号码" in worker.submit(draft)


def test_key_that_is_none_finds_no_household_and_leaves_the_draft_open(cadre: Phone) -> None:
    draft = cadre.register()
    cadre.fill(draft, "where", **WHERE | {"household": "abc"})
    assert "李秀英" in cadre.look("registration_draft", draft.pk, step="check")
    assert "选的这一户，现在不在您登记的地方" in cadre.submit(draft)
    assert Elder.objects.count() == 0


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
