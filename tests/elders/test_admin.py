import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from elders.actions import approve_form, reclassify, write_conditions, write_member
from elders.models import ClassPeriod, Elder, Household, RegistrationForm
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import costs_the_same, id_number, make_elder, make_form, make_household
from visitcare.audit.models import Event
from visitcare.kit.admin import day as day_words
from visitcare.kit.admin import page_url
from visitcare.kit.identity import birthday
from visitcare.kit.weeks import next_monday, today
from visitcare.org.models import User

NUMBER = id_number(date(1945, 2, 3), sex="male")


@pytest.fixture
def head(cast: Cast) -> Desk:
    return Desk(cast.head)


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    """The registration form as somebody fills it in: a man of 80 or so who lives alone."""
    return {
        "village": cast.village.pk, "group": "1", "household": "new", "number": "", "address": "1组8号",
        "name": "施汉清", "paper_kind": "id_card", "id_number": NUMBER, "phone": "19900012345",
        "living": "alone", "spouse_location": "none", "child_location": "elsewhere", "disability_grade": "0",
        "dementia": "false", "serious_illness": "false", "economy": ["subsistence_allowance"], "ability": "intact",
        "consent": "full", "registered_on": today().isoformat(),
    } | changes  # fmt: skip


# Registering


def test_registered_elder_waits_with_everything_that_was_typed(cast: Cast, head: Desk) -> None:
    said = head.add("elders.elder", **typed(cast))
    assert said == ["施汉清的登记表已提交，等镇民政负责人批准。"]
    elder = Elder.objects.select_related("household__place").get()
    form = elder.forms.get()
    assert (elder.status, elder.sex, elder.birth_date, elder.phone) == (
        "submitted", "male", date(1945, 2, 3), "19900012345"
    )  # fmt: skip
    assert (elder.household.place, elder.household.address) == (cast.group, "1组8号")
    assert (form.state, form.living, form.child_location, form.economy, form.left_behind) == (
        "submitted", "alone", "elsewhere", ["subsistence_allowance"], None
    )  # fmt: skip


def test_registered_with_a_known_household(cast: Cast, head: Desk) -> None:
    home = make_household(cast.group, number="01001")
    head.add("elders.elder", **typed(cast, household="known", number="01001"))
    assert Elder.objects.get().household == home


@pytest.mark.parametrize("meant", ["01001", "1组12号", "李秀英"])
def test_household_is_found_by_number_address_or_an_elder(cast: Cast, head: Desk, meant: str) -> None:
    home = make_household(cast.group, number="01001", address="1组12号")
    make_elder(home, name="李秀英")
    make_elder(make_household(cast.next_group, number="01001", address="1组12号"), name="李秀英")
    head.add("elders.elder", **typed(cast, household="known", number=meant))
    assert Elder.objects.get(name="施汉清").household == home


def test_household_that_could_be_several_is_asked_about(cast: Cast, head: Desk) -> None:
    for address in ("1组12号", "1组13号"):
        make_elder(make_household(cast.group, address=address), name="李秀英")
    said = head.add("elders.elder", **typed(cast, household="known", number="李秀英"))
    assert said == ["永安村有好几户是“李秀英”：1组12号，李秀英；1组13号，李秀英。请填户编号或地址。"]


def test_form_into_a_known_household_leaves_what_it_does_not_say(cast: Cast, head: Desk) -> None:
    home = make_household(cast.group, number="01001", address="1组8号")
    write_conditions(
        by=cast.head, household=home, said={"water_safe": True}, assistance=[("低保金", Decimal(300))]
    )
    son = {"health": "高血压", "lives_here": True}
    write_member(by=cast.head, household=home, name="施小明", relation="儿子", said=son)
    lines = {"items-0-name": "残疾人补贴", "items-0-monthly_amount": "80"}
    lines |= {"members-0-name": "施小明", "members-0-relation": "儿子", "members-0-visits_often": "true"}
    for prefix in ("items", "members"):
        lines |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0"}
    head.add("elders.elder", **typed(cast, household="known", number="01001") | lines)
    assert Elder.objects.get().household == home
    home.refresh_from_db()
    items = set(home.assistance.values_list("name", "monthly_amount"))
    assert (home.water_safe, items) == (True, {("低保金", Decimal(300)), ("残疾人补贴", Decimal(80))})
    member = home.members.get()
    assert (member.health, member.lives_here, member.visits_often) == ("高血压", True, True)


def test_second_household_at_one_address_is_asked_about_first(cast: Cast, head: Desk) -> None:
    make_elder(make_household(cast.group, address="1组8号"), name="李秀英")
    said = head.add("elders.elder", **typed(cast))
    assert said == [
        "这个地址已经有一户：1组8号，李秀英。是同一户，请选“已有的户”；确实是另一户，请勾选“同一个地址，确实是另一户”。"
    ]
    head.add("elders.elder", **typed(cast, another_household="on"))
    assert Household.objects.filter(address="1组8号").count() == 2


def test_new_group_is_made_when_somebody_says_so(cast: Cast, head: Desk) -> None:
    head.add("elders.elder", **typed(cast, group="9", new_group="on"))
    assert Elder.objects.get().household.place.path == "滨江镇永安村9组"


def test_spouse_is_registered_from_the_page_of_the_household(cast: Cast, head: Desk) -> None:
    elder = make_elder(make_household(cast.group, address="1组8号"), name="李秀英")
    said = {
        name: value for name, value in typed(cast).items() if name not in ("village", "group", "household")
    }
    assert head.press(elder.household, "add_elder", **said) == ["施汉清的登记表已提交，等镇民政负责人批准。"]
    assert set(elder.household.elders.values_list("name", "status")) == {
        ("李秀英", "active"),
        ("施汉清", "submitted"),
    }


def test_ticking_none_of_the_economy_is_known_and_ticking_nothing_is_not(cast: Cast, head: Desk) -> None:
    head.add("elders.elder", **typed(cast, economy=["none"]))
    head.add(
        "elders.elder",
        **typed(cast, economy=[], name="陈二", address="1组9号", id_number=id_number(date(1945, 3, 3))),
    )
    forms = RegistrationForm.objects.order_by("elder__name").values_list("elder__name", "economy")
    assert dict(forms) == {"施汉清": [], "陈二": None}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id_number": NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")}, "校验"),
        ({"id_number": ""}, "身份证号码"),
        ({"consent": ""}, "请填“探访意愿”。"),
        ({"consent": "refused"}, "不愿意被探访的，要写原因。"),
        (
            {"registered_on": (today() + timedelta(days=1)).isoformat()},
            "登记日期还没到。请填已经登记的那一天。",
        ),
        ({"village": "320699102201"}, "有效"),
        (
            {"household": "known", "number": "9"},
            "永安村没有户编号、地址或老人是“9”的户。请核对，或者选“新建一户”。",
        ),
        ({"household": "known", "number": ""}, "请填这户的户编号、地址，或这户一位老人的姓名。"),
        (
            {"group": "99组"},
            "永安村没有“99组”。现有：1组、2组。写错了请改；确实是新的小组，请勾选“先建起来”。",
        ),
        ({"paper_kind": "none", "id_number": ""}, "不是用居民身份证登记的，要填出生日期。"),
        ({"ability": "intact", "score": "40"}, "“能力完好”应是 90 分。请改一致；确实不一致的，写明说明。"),
        ({"phone": "123"}, "电话"),
        ({"name": ""}, "请填“姓名”。"),
    ],
)
def test_mistake_is_told_in_words_and_keeps_what_was_typed(
    cast: Cast, head: Desk, changes: dict[str, Any], words: str
) -> None:
    answer = head.client.post("/admin/elders/elder/add/", typed(cast, **changes))
    told = [str(one) for errors in answer.context["form"].errors.values() for one in errors]
    assert [one for one in told if words in one] != [], told
    assert "1组8号" in answer.content.decode()
    assert (Elder.objects.count(), Household.objects.count()) == (0, 0)


def test_known_person_is_pointed_out_before_a_second_record_is_made(cast: Cast, head: Desk) -> None:
    make_elder(cast.second_group, date(1945, 2, 3), number=NUMBER, name="施汉清")
    said = head.add("elders.elder", **typed(cast))
    assert said == ["施汉清已经登记：滨江镇永安村2组，在册。请在“老人”里查找那份档案，不要重复登记。"]


def test_person_of_another_town_is_not_named(cast: Cast, head: Desk) -> None:
    make_elder(cast.other_group, date(1945, 2, 3), number=NUMBER, name="别镇人")
    said = head.add("elders.elder", **typed(cast))
    assert said == ["这个证件号码已经在别的镇登记。请和市民政局核对，不要重复登记。"]


# Deciding


def test_form_shows_the_class_that_approving_gives(cast: Cast, head: Desk) -> None:
    form = make_form(make_household(cast.group), date(1940, 1, 1))
    page = head.page(form)
    assert "批准以后会是" in page
    assert "A类" in page
    assert head.press(form, "approve") == ["批准了。马凤英从下一个星期一起列入探访。"]
    assert ClassPeriod.objects.first().risk_class == "A"  # type: ignore[union-attr]


def test_form_is_returned_with_a_reason(cast: Cast) -> None:
    form = make_form(make_household(cast.group), date(1950, 1, 1))
    reviewer = Desk(cast.reviewer)
    assert reviewer.doors(form) == ["return"]
    assert reviewer.press(form, "return", reason="缺签字") == ["马凤英的登记表退回了。"]
    form.refresh_from_db()
    assert (form.state, form.decision_reason, form.decided_by) == ("returned", "缺签字", cast.reviewer)


def test_approving_many_tells_of_each_that_could_not_be(cast: Cast, head: Desk) -> None:
    number = id_number(date(1950, 1, 1))
    make_elder(cast.next_group, date(1950, 1, 1), number=number, name="已在册")
    for name, changes in (
        ("甲", {}),
        ("乙", {"living": "with_family", "able_adult_at_home": True}),
        ("丙", {"number": number}),
    ):
        make_form(make_household(cast.group), date(1950, 1, 1), name=name, **changes)
    said = head.press_all("elders.registrationform", "approve_all")
    assert said == [
        "批准了 2 张登记表。",
        "其中 1 人现在不在探访范围，先存着，符合了会自动列入。",
        "1 张没有批准：丙的证件号码已经在册（可能在别的村）。请先查找那份档案，不要重复建档。",
    ]
    assert dict(Elder.objects.filter(name__in="甲乙丙").values_list("name", "status")) == {
        "甲": "active", "乙": "approved", "丙": "submitted",
    }  # fmt: skip


# Finding somebody


@pytest.mark.parametrize("named", [0, 1_000])
def test_search_finds_by_name_place_number_and_last_four(
    cast: Cast, head: Desk, monkeypatch: pytest.MonkeyPatch, named: int
) -> None:
    monkeypatch.setattr("elders.admin.elders.MOST_NAMED", named)
    shi = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清")
    make_elder(cast.next_group, name="陈桂兰")
    make_elder(cast.other_group, name="施别镇")
    terms = ("施", "永安村", NUMBER, NUMBER[-4:], NUMBER.lower())
    assert [head.found("elders.elder", term) for term in terms] == [[shi]] * 5


def test_filters_find_the_class_the_state_and_the_place(cast: Cast, head: Desk) -> None:
    old = make_elder(cast.group, date(1930, 1, 1), name="甲")
    young = make_elder(cast.next_group, name="乙")
    assert head.listed("elders.elder", **{"class": "A"}) == [old]
    assert head.listed("elders.elder", village=cast.next_village.code) == [young]
    assert head.listed("elders.elder", status="paused") == []
    assert head.listed("elders.elder", household=str(old.household_id)) == [old]


@pytest.mark.parametrize(
    "label", ["elders.elder", "elders.household", "elders.registrationform", "elders.classperiod"]
)
def test_list_asks_as_much_for_three_rows_as_for_one(cast: Cast, head: Desk, label: str) -> None:
    filters = {"elders.registrationform": {"state": "all"}, "elders.classperiod": {"todo": "all"}}
    assert costs_the_same(
        lambda: head.listed(label, **filters.get(label, {})), lambda: make_elder(cast.group)
    )


# One elder


def test_page_masks_what_is_personal(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清", phone="19900012345")
    page = head.page(elder)
    assert (NUMBER in page, "19900012345" in page) == (False, False)
    assert (f"{NUMBER[:4]}**********{NUMBER[-4:]}" in page, "199****2345" in page) == (True, True)


def test_reveal_asks_why_shows_once_and_is_recorded(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清")
    address = page_url(elder).removesuffix("change/") + "reveal/"
    assert head.press(elder, "reveal", what="id_number", reason="") == ["请填“为什么要看”。"]
    answer = head.client.post(address, {"what": "id_number", "reason": "核对残疾证"})
    assert (NUMBER in answer.content.decode(), "no-store" in answer.headers["Cache-Control"]) == (True, True)
    event = Event.objects.get(verb="reveal")
    assert (event.actor_name, event.words, event.reason) == ("季海峰", "查看了施汉清的证件号码", "核对残疾证")
    assert head.press(elder, "reveal", what="phone", reason="核对") == ["施汉清没有登记联系电话。"]


def test_life_of_a_record_from_its_page(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group)
    day = today()
    assert head.press(elder, "pause", reason="hospital", starts_on=day.isoformat(), ends_on="") == [
        "马凤英暂停探访了。回来后请点“结束暂停”。"
    ]
    assert (head.doors(elder), head.press(elder, "resume", last_day=day.isoformat())) == (
        ["reveal", "renew", "print", "assess", "override", "resume", "review_pause", "ask_again", "merge", "move", "close",
         "extra"],
        ["马凤英恢复探访。刚出院的，请点“加访”，安排 24 小时内去看一次。"],
    )  # fmt: skip
    said = head.press(elder, "close", reason="died", last_day=(day + timedelta(days=1)).isoformat())
    assert said == [f"注销日期 {day + timedelta(days=1)} 还没到。请填已经发生的日期。"]
    assert head.press(elder, "close", reason="died", last_day=day.isoformat())[0].startswith("马凤英已注销")
    assert head.doors(elder) == ["reveal", "print", "merge", "reopen"]
    said = head.press(elder, "reopen", since=(day + timedelta(days=1)).isoformat(), reason="注销错了")
    assert said == ["马凤英重新入册了，从下一个星期一起列入探访。"]
    assert "reopen" not in head.doors(elder)


def test_page_tells_until_when_somebody_is_away(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group)
    head.press(elder, "pause", reason="hospital", starts_on=today().isoformat(), ends_on="")
    assert f"{day_words(today())}起住院，还没定哪天回来" in head.page(elder)


def test_page_tells_the_class_that_is_coming(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, registered_on=today())
    page = head.page(elder)
    assert f"{day_words(next_monday(today()))}起" in page
    assert "没有类别" not in page


def test_what_was_not_filled_in_is_not_none(cast: Cast, head: Desk) -> None:
    form = make_form(make_household(cast.group), date(1950, 1, 1), monthly_income=0)
    facts = dict(re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", head.page(form), re.DOTALL))
    shown = {
        name: facts[name].strip()
        for name in ("曾患病史", "经济来源", "重病说明", "其他对象说明", "月可支配收入（元）")
    }
    nothing = '<span class="vc-none">没有填</span>'
    assert shown == {
        "曾患病史": nothing, "经济来源": nothing, "重病说明": "无", "其他对象说明": "无", "月可支配收入（元）": "0.00",
    }  # fmt: skip


def test_list_tells_what_is_missing(cast: Cast, head: Desk) -> None:
    make_elder(cast.group, name="甲", ability="intact")
    short = make_elder(cast.group, name="乙", ability="intact", dementia=None)
    assert head.listed("elders.elder", missing="yes") == [short]
    assert "是否失智" in head.open("/admin/elders/elder/?missing=yes").content.decode()


def test_renewed_form_waits_and_the_old_facts_hold_until_then(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清")
    said = head.press(elder, "renew", **renewal(cast, disability_grade="1"))
    assert said == ["施汉清的新登记表已提交，等镇民政负责人批准；批准前还按原来的资料。"]
    assert list(elder.forms.values_list("state", "disability_grade")) == [("submitted", 1), ("approved", 0)]


def renewal(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in typed(cast, **changes).items()
        if name not in ("village", "group", "household")
    }


def test_renewal_shows_no_number_and_keeps_what_is_left_empty(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清", phone="19900012345")
    page = head.open(page_url(elder).replace("change/", "renew/")).content.decode()
    assert (NUMBER in page, "19900012345" in page, "199****2345" in page) == (False, False, True)
    head.press(elder, "renew", **renewal(cast, id_number="", phone=""))
    elder.refresh_from_db()
    assert (elder.id_number, elder.phone) == (NUMBER, "19900012345")


@pytest.mark.parametrize(("phone", "kept"), [("无", ""), ("19900054321", "19900054321")])
def test_renewal_changes_a_number_or_takes_it_away(cast: Cast, head: Desk, phone: str, kept: str) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清", phone="19900012345")
    head.press(elder, "renew", **renewal(cast, id_number="", phone=phone))
    elder.refresh_from_db()
    assert elder.phone == "19900012345"  # not before it is approved
    approve_form(by=cast.head, form=elder.forms.get(state="submitted"))
    elder.refresh_from_db()
    assert (elder.id_number, elder.phone) == (NUMBER, kept)


@pytest.mark.parametrize(
    ("paper", "typed_number"), [("none", ""), ("none", "无"), ("household_book", " 无 ")]
)
def test_renewal_takes_away_a_number_that_was_anothers(
    cast: Cast, head: Desk, paper: str, typed_number: str
) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清")
    said = {"paper_kind": paper, "id_number": typed_number, "sex": "male", "birth_date": "1945-02-03"}
    told = head.press(elder, "renew", **renewal(cast, **said))
    assert told == ["施汉清的新登记表已提交，等镇民政负责人批准；批准前还按原来的资料。"]
    approve_form(by=cast.head, form=elder.forms.get(state="submitted"))
    elder.refresh_from_db()
    assert (elder.paper_kind, elder.id_number, elder.id_number_index) == (paper, "", None)
    owner = make_elder(cast.second_group, date(1945, 2, 3), number=NUMBER, name="施汉清")
    assert owner.id_number == NUMBER


def test_id_card_has_a_number(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), number=NUMBER, name="施汉清")
    (said,) = head.press(elder, "renew", **renewal(cast, id_number="无"))
    assert "身份证" in said
    elder.refresh_from_db()
    assert (elder.paper_kind, elder.id_number) == ("id_card", NUMBER)


def test_no_paper_has_no_number(cast: Cast, head: Desk) -> None:
    changes = {"paper_kind": "none", "sex": "male", "birth_date": "1945-02-03"}
    said = head.add("elders.elder", **typed(cast, **changes, id_number="H1"))
    assert said == ["选了“无证件”，号码就要空着；有证件的，请改证件类型。"]
    for name, address in (("施汉清", "1号"), ("施汉明", "2号")):
        head.add("elders.elder", **typed(cast, **changes, id_number="无", name=name, address=address))
    assert list(Elder.objects.values_list("id_number_index", flat=True)) == [None, None]


def test_endless_number_of_another_paper_is_refused(cast: Cast, head: Desk) -> None:
    changes = {"paper_kind": "household_book", "sex": "male", "birth_date": "1945-02-03"}
    said = head.add("elders.elder", **typed(cast, **changes, id_number="1" * 41))
    assert said == ["证件号码太长了，最多 40 位。请核对证件。"]
    head.add("elders.elder", **typed(cast, **changes, id_number="1" * 40))
    assert Elder.objects.get().id_number == "1" * 40


# Class changes


def test_class_change_is_a_list_to_look_at(cast: Cast, head: Desk) -> None:
    born = birthday(next_monday(today()) - timedelta(days=1), -80)
    elder = make_elder(cast.group, born, name="要满八十")
    reclassify(by=User.objects.system())
    (change,) = head.listed("elders.classperiod")
    assert (change.elder, change.risk_class, change.starts_on) == (elder, "A", next_monday(today()))
    assert "80周岁以上高龄的空巢独居老年人" in head.page(change)
    assert head.press_all("elders.classperiod", "acknowledge_all") == ["确认了 1 人次的类别变化。"]
    assert head.listed("elders.classperiod") == []
    change.refresh_from_db()
    assert change.acknowledged_by == cast.head


def test_page_tells_in_words_who_changed_what_and_who_looked(
    transactional_db: None, cast: Cast, head: Desk
) -> None:
    elder = make_elder(cast.group, date(1945, 2, 3), phone="19900012345")
    head.press(elder, "reveal", what="id_number", reason="核对低保名单")
    write_conditions(by=cast.head, household=elder.household, said={"water_safe": False})
    form = make_form(elder.household, date(1945, 2, 3), elder=elder, registered_on=today(), left_behind=True)
    approve_form(by=cast.head, form=form)
    page = " ".join(re.sub(r"<[^>]+>", " ", Desk(cast.reviewer).page(elder)).split())
    assert re.search(rf"{cast.head.name} 查看了{elder.name}的[^ ]+ 核对低保名单", page)
    assert f"{cast.head.name} 户 饮水是否安全：（空） → 否 登记家庭条件和帮扶" in page
    assert "内容不留存" not in page
