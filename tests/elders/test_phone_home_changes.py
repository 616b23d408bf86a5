"""A draft on a phone and the household's file: only what its maker has changed is written, and what decides on the class
of somebody registered waits for the town."""

from datetime import date
from decimal import Decimal

import pytest

from elders.actions import (
    approve_form,
    reclassify,
    remove_member,
    return_form,
    write_conditions,
    write_member,
)
from elders.admin.words import judge
from elders.models import ClassPeriod, Elder, Household, HouseholdMember, Proposal, RegistrationDraft
from tests.cast import Cast
from tests.desk import Desk
from tests.elders.phone import BORN, NUMBER, SON, WHERE, WHO, WISH, Phone, said_of
from tests.factories import id_number, make_elder, make_household
from visitcare.kit.weeks import next_monday, today
from visitcare.org.models import User

SPOUSE = id_number(date(1943, 1, 1), sex="male")
DAUGHTER = id_number(date(1980, 1, 1))
CHANGED_MEANWHILE = "您填的时候，这户的资料有人改过"


@pytest.fixture
def home(cast: Cast) -> Household:
    """A household on file in which nobody is registered yet."""
    home = make_household(cast.group, address="1组8号")
    write_conditions(
        by=cast.head,
        household=home,
        said={"water_safe": True, "has_pension": True, "pension_monthly": Decimal(100)},
        assistance=[("低保金", Decimal(300)), ("尊老金", None)],
    )
    said = {"lives_here": True, "health": "健康"}
    write_member(by=cast.head, household=home, name="王小明", relation="儿子", said=said)
    return home


@pytest.fixture
def draft(cadre: Phone, home: Household) -> RegistrationDraft:
    """A draft of somebody new who lives there, all but submitted."""
    cadre.press("register_cohabitant", home.pk)
    draft = RegistrationDraft.objects.get()
    cadre.fill(draft, "who", **WHO)
    cadre.fill(draft, "wish", **WISH)
    return draft


@pytest.fixture
def elder(home: Household) -> Elder:
    """Somebody registered there."""
    return make_elder(home, BORN, name="李秀英", number=NUMBER)


def town_changes(cast: Cast, home: Household) -> None:
    """What the town's desk learns while the draft lies."""
    write_conditions(
        by=cast.head,
        household=home,
        said={"water_safe": False, "pension_monthly": Decimal(120)},
        assistance=[("低保金", Decimal(500)), ("尊老金", None)],
    )
    remove_member(by=cast.head, member=home.members.get(), reason="去世")


def items(home: Household) -> dict[str, Decimal | None]:
    return dict(home.assistance.values_list("name", "monthly_amount"))


def shown(phone: Phone, draft: RegistrationDraft, step: str, prefix: str = "") -> dict[str, list[str]]:
    """The answers of the lines as they stand in the draft."""
    return {name: texts for name, texts in said_of(draft).items() if name.startswith(prefix or step)}


# Two people with one household


def test_old_draft_writes_nothing_back(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    town_changes(cast, home)
    page = cadre.look("registration_draft", draft.pk, step="check")
    assert (
        "您开始填以后，这户有人改过：“养老保险每月领取（元）”、“饮水是否安全”、家庭成员王小明、补贴“低保金”"
        in page
    )
    assert "提交了" in cadre.submit(draft)
    home.refresh_from_db()
    assert (home.water_safe, home.pension_monthly) == (False, 120)
    assert items(home) == {"低保金": 500, "尊老金": None}
    assert home.members.count() == 0


def test_nothing_is_said_to_have_changed_where_nothing_has(cadre: Phone, draft: RegistrationDraft) -> None:
    assert "这户有人改过" not in cadre.look("registration_draft", draft.pk, step="check")


def test_what_each_has_changed_holds_beside_the_other(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    kept = shown(cadre, draft, "home", "items")
    cadre.fill(draft, "home", **kept | {"water_safe": "true", "power_safe": "false"}, has_pension="true",
               pension_monthly="100.00", has_assistance="true", **{"items-2-name": "临时救助", "items-2-monthly_amount": "80"})  # fmt: skip
    town_changes(cast, home)
    assert "提交了" in cadre.submit(draft)
    home.refresh_from_db()
    assert (home.water_safe, home.power_safe, home.pension_monthly) == (False, False, 120)
    assert items(home) == {"低保金": 500, "尊老金": None, "临时救助": 80}


def test_later_of_two_is_told_once_and_then_it_counts(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    write_conditions(by=cast.head, household=home, said={"age_friendly": "没有扶手"})
    cadre.keep(draft, "home", age_friendly="有扶手", **{"items-0-monthly_amount": "400"})
    town_changes(cast, home)
    page = cadre.submit(draft)
    assert CHANGED_MEANWHILE in page
    assert "“家庭环境适老化情况”现在是“没有扶手”，您填的是“有扶手”" in page
    assert "补贴“低保金”现在是“500.00”，您填的是“400”" in page
    home.refresh_from_db()
    assert (home.age_friendly, items(home)["低保金"]) == ("没有扶手", 500)
    write_conditions(by=cast.head, household=home, said={"age_friendly": "扶手坏了"})
    assert "现在是“扶手坏了”" in cadre.submit(draft)
    assert "提交了" in cadre.submit(draft)
    home.refresh_from_db()
    assert (home.age_friendly, items(home)["低保金"]) == ("有扶手", 400)


def test_both_saying_the_same_is_no_clash(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    cadre.keep(draft, "home", water_safe="false", **{"items-0-monthly_amount": "500"})
    town_changes(cast, home)
    assert "提交了" in cadre.submit(draft)


def test_pension_and_its_amount_are_one(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    cadre.keep(draft, "home", pension_monthly="110")
    said = {"has_pension": False, "pension_monthly": None}
    write_conditions(by=cast.head, household=home, said=said)
    page = cadre.submit(draft)
    assert "“有领取养老保险”现在是“否”，您填的是“是”" in page
    assert "提交了" in cadre.submit(draft)
    home.refresh_from_db()
    assert (home.has_pension, home.pension_monthly) == (True, 110)


def test_pension_that_ended_takes_its_amount_along(
    cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    cadre.keep(draft, "home", has_pension="false", pension_monthly="")
    assert "提交了" in cadre.submit(draft)
    home.refresh_from_db()
    assert (home.has_pension, home.pension_monthly) == (False, None)


def test_item_that_is_taken_out_ends_and_the_last_one_too(
    cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    for _ in items(home):
        cadre.fill(draft, "home", go="drop:0", **shown(cadre, draft, "items"), has_assistance="false")
    assert "提交了" in cadre.submit(draft)
    assert items(home) == {}


def test_member_who_was_taken_off_does_not_come_back_by_a_change(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    cadre.keep(draft, "family", **{"members-0-health": "重病"})
    town_changes(cast, home)
    page = cadre.submit(draft)
    assert "家庭成员王小明已经从这户删去，您改的不会写进去" in page
    assert "提交了" in cadre.submit(draft)
    assert home.members.count() == 0


def test_member_whom_both_take_off_is_gone(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    cadre.keep(draft, "family", **{"members-0-gone": "died"})
    town_changes(cast, home)
    assert "提交了" in cadre.submit(draft)
    assert home.members.count() == 0


def test_of_a_member_each_field_is_by_itself(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    cadre.keep(draft, "family", **{"members-0-health": "重病", "members-0-id_number": SON})
    said = {"lives_here": False}
    write_member(by=cast.head, household=home, name="王小明", relation="儿子", said=said)
    assert "提交了" in cadre.submit(draft)
    son = home.members.get()
    assert (son.health, son.lives_here, son.id_number, son.birth_date) == (
        "重病",
        False,
        SON,
        date(1970, 1, 1),
    )


def test_member_whom_both_have_added_is_told(
    cast: Cast, cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    daughter = {"members-1-name": "王芳", "members-1-relation": "女儿", "members-1-health": "健康"}
    cadre.keep(draft, "family", **daughter)
    said = {"health": "重病", "lives_here": True, "id_number": ""}
    write_member(by=cast.head, household=home, name="王芳", relation="女儿", said=said)
    assert "家庭成员王芳的“健康状况”现在是“重病”，您填的是“健康”" in cadre.submit(draft)
    assert "提交了" in cadre.submit(draft)
    found = home.members.get(name="王芳")
    assert (found.health, found.lives_here) == ("健康", True)


def test_member_who_is_typed_once_more_keeps_what_the_line_leaves_open(
    cadre: Phone, home: Household, draft: RegistrationDraft
) -> None:
    again = {"members-1-name": "王小明", "members-1-relation": "儿子", "members-1-health": "重病"}
    cadre.keep(draft, "family", **again)
    assert "提交了" in cadre.submit(draft)
    assert [(one.health, one.lives_here) for one in home.members.all()] == [("重病", True)]


def test_known_household_that_is_chosen_by_mistake_leaves_nothing_in_the_next(
    cast: Cast, cadre: Phone, home: Household
) -> None:
    right = make_household(cast.group)
    write_conditions(
        by=cast.head, household=right, said={"power_safe": False}, assistance=[("高龄津贴", None)]
    )
    draft = cadre.register()
    cadre.fill(draft, "family", **{"members-0-name": "王芳", "members-0-relation": "女儿"})
    cadre.fill(draft, "where", **WHERE | {"address": ""})
    for household in (home, right):
        cadre.keep(draft, "where", household=str(household.pk))
        assert said_of(draft).get("address", [""]) == [household.address]
    assert "提交了" in cadre.submit(draft)
    right.refresh_from_db()
    assert (right.water_safe, right.power_safe, right.has_pension, right.address) == (None, False, None, "")
    assert (items(right), list(right.members.values_list("name", "relation"))) == (
        {"高龄津贴": None}, [("王芳", "女儿")],
    )  # fmt: skip


def test_what_was_typed_before_the_household_was_chosen_stays_apart_from_its_file(
    cast: Cast, cadre: Phone, home: Household
) -> None:
    draft = cadre.register()
    cadre.fill(draft, "family", **{"members-0-name": "王芳", "members-0-relation": "女儿"})
    write_conditions(by=cast.head, household=home, said={"age_friendly": "有扶手", "power_safe": True})
    nothing = {"age_friendly": "", "power_safe": "unknown"}
    allowance = {"items-0-name": "临时救助", "items-0-monthly_amount": "80"}
    cadre.fill(draft, "home", water_safe="false", **nothing, **allowance)
    cadre.fill(draft, "where", **WHERE | {"find": "组", "household": str(home.pk), "address": ""})
    assert "提交了" in cadre.submit(draft)
    home.refresh_from_db()
    assert set(home.members.values_list("name", "relation")) == {("王芳", "女儿"), ("王小明", "儿子")}
    assert (home.water_safe, items(home)) == (False, {"低保金": 300, "尊老金": None, "临时救助": 80})
    assert (home.age_friendly, home.power_safe) == ("有扶手", True)


# What waits for the town


def said_anew(phone: Phone, elder: Elder) -> None:
    """A new form of somebody registered, with news of the household."""
    phone.press("renew_registration", elder.pk)
    draft = RegistrationDraft.objects.get(elder=elder)
    phone.keep(draft, "family", **{"members-0-health": "重病", "members-1-name": "王芳", "members-1-relation": "女儿",
                                  "members-1-id_number": DAUGHTER, "members-1-lives_here": "true"})  # fmt: skip
    phone.keep(
        draft, "home", water_safe="false", **{"items-0-monthly_amount": "500", "items-1-name": "高龄津贴"}
    )
    phone.fill(draft, "wish", **WISH)
    assert "您改的家庭情况，也等批准了才算" in phone.submit(draft)


def file_of(home: Household) -> tuple[object, ...]:
    home.refresh_from_db()
    members = home.members.order_by("name").values_list("name", "health", "birth_date", "lives_here")
    return home.water_safe, items(home), list(members)


AS_IT_WAS = (True, {"低保金": 300, "尊老金": None}, [("王小明", "健康", None, True)])
AS_IT_WAS_SAID = (
    False,
    {"低保金": 500, "高龄津贴": None},
    [("王小明", "重病", None, True), ("王芳", "", date(1980, 1, 1), True)],
)


@pytest.mark.parametrize("who", ["worker", "cadre"])
def test_what_a_village_says_of_the_household_holds_from_the_towns_approval(
    cast: Cast, who: str, elder: Elder
) -> None:
    said_anew(Phone(getattr(cast, who)), elder)
    assert file_of(elder.household) == AS_IT_WAS
    form = elder.forms.get(state="submitted")
    page = Desk(cast.head).page(form)
    for words in ("是 → 否", "300.00 → 500", "（空）", "健康状况：健康 → 重病", "姓名 王芳", "同住 是"):
        assert words in page, words
    assert DAUGHTER not in page
    approve_form(by=cast.head, form=form)
    assert file_of(elder.household) == AS_IT_WAS_SAID
    assert Proposal.objects.count() == 0


def test_member_whom_the_town_has_not_approved_changes_no_class(cast: Cast, cadre: Phone) -> None:
    home = make_household(cast.group, address="1组8号")
    wife = make_elder(home, date(1950, 5, 1), name="李秀英", living="elders_only", disability_grade=3)
    make_elder(home, date(1949, 5, 1), name="夫", sex="male", living="elders_only")

    def letter() -> str | None:
        reclassify(by=User.objects.system())
        return ClassPeriod.objects.filter(elder=wife).on(next_monday(today())).get().risk_class

    before = letter()
    cadre.press("renew_registration", wife.pk)
    draft = RegistrationDraft.objects.get()
    son = {"members-0-name": "小王", "members-0-relation": "儿子", "members-0-id_number": SON}
    cadre.keep(draft, "family", **son, **{"members-0-lives_here": "true"})
    cadre.fill(draft, "wish", **WISH)
    assert "提交了" in cadre.submit(draft)
    assert letter() == before
    form = wife.forms.get(state="submitted")
    preview = judge(wife, today(), pending=form)
    assert (before, preview and preview.risk_class) == ("B", "C")
    return_form(by=cast.head, form=form, reason="儿子不住这里")
    assert (letter(), HouseholdMember.objects.count()) == (before, 0)


def test_old_renewal_says_nothing_of_the_household(cast: Cast, cadre: Phone, elder: Elder) -> None:
    cadre.press("renew_registration", elder.pk)
    draft = RegistrationDraft.objects.get()
    town_changes(cast, elder.household)
    cadre.fill(draft, "wish", **WISH)
    page = cadre.submit(draft)
    assert ("提交了" in page, "也等批准了才算" in page) == (True, False)
    approve_form(by=cast.head, form=elder.forms.get(state="submitted"))
    assert file_of(elder.household) == (False, {"低保金": 500, "尊老金": None}, [])


def test_new_elder_of_a_household_with_somebody_registered_waits_with_the_news_too(
    cast: Cast, cadre: Phone, elder: Elder
) -> None:
    home = elder.household
    cadre.press("register_cohabitant", home.pk)
    draft = RegistrationDraft.objects.get()
    cadre.fill(draft, "who", **WHO | {"id_number": SPOUSE, "name": "王德"})
    cadre.keep(draft, "home", water_safe="false")
    cadre.fill(draft, "wish", **WISH)
    assert "提交了" in cadre.submit(draft)
    home.refresh_from_db()
    assert home.water_safe is True
    spouse = Elder.objects.get(name="王德")
    assert spouse.phone == WHO["phone"]
    approve_form(by=cast.head, form=spouse.forms.get())
    home.refresh_from_db()
    assert home.water_safe is False


def test_form_that_says_nothing_new_of_the_household_leaves_nothing_beside_it(
    cast: Cast, cadre: Phone, elder: Elder
) -> None:
    cadre.press("register_cohabitant", elder.household_id)
    draft = RegistrationDraft.objects.get()
    cadre.fill(draft, "who", **WHO | {"id_number": SPOUSE, "name": "王德"})
    cadre.fill(draft, "wish", **WISH)
    page = cadre.submit(draft)
    assert ("提交了" in page, "也等批准了才算" in page) == (True, False)
    assert Proposal.objects.count() == 0


def test_news_of_the_household_come_back_with_the_form_and_nobody_else_reads_the_number(
    cast: Cast, cadre: Phone, worker: Phone, elder: Elder
) -> None:
    said_anew(cadre, elder)
    return_form(by=cast.head, form=elder.forms.get(state="submitted"), reason="写全")
    assert file_of(elder.household) == AS_IT_WAS
    page = worker.press("renew_registration", elder.pk)
    draft = RegistrationDraft.objects.get()
    pages = [worker.look("registration_draft", draft.pk, step=step) for step in ("family", "home", "check")]
    raw = worker.client.get(page.request["PATH_INFO"], {"step": "family"}).content.decode()
    assert f"填过的是 {DAUGHTER[:4]}**********{DAUGHTER[-4:]}。不改就空着。" in pages[0]
    assert DAUGHTER not in raw
    assert "王芳" in pages[2]
    worker.fill(draft, "wish", **WISH)
    assert "提交了" in worker.submit(draft)
    approve_form(by=cast.head, form=elder.forms.get(state="submitted"))
    assert file_of(elder.household) == AS_IT_WAS_SAID


def test_member_who_has_left_meanwhile_does_not_come_back_by_approval(
    cast: Cast, cadre: Phone, elder: Elder
) -> None:
    said_anew(cadre, elder)
    remove_member(by=cast.head, member=elder.household.members.get(), reason="去世")
    form = elder.forms.get(state="submitted")
    assert "已经从这户删去，不会再写进去" in Desk(cast.head).page(form)
    approve_form(by=cast.head, form=form)
    assert list(elder.household.members.values_list("name", flat=True)) == ["王芳"]
