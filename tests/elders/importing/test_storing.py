"""What a sheet of elders stores."""

from collections.abc import Callable
from datetime import date

import pytest

from elders.actions import close_elder
from elders.models import ActivePeriod, Elder, Household
from tests.cast import NEXT_VILLAGE, VILLAGE, Cast
from tests.elders.importing.rows import NUMBER, REGISTERED, Row, classes, elder, other, stored
from tests.factories import id_number, make_elder
from visitcare.kit.weeks import today


def test_approved_rows_are_active_and_classed(load: Callable[..., str]) -> None:
    assert load(elder()) == "老人 1 行（已存）：新增 1 行\n"
    assert (stored().status, stored().id_number, stored().sex, stored().birth_date) == (
        "active", NUMBER, "female", date(1950, 5, 1)
    )  # fmt: skip
    assert ActivePeriod.objects.get().starts_on == REGISTERED
    assert classes() == [(date(2025, 1, 13), "C", ["C"])]


def test_rows_wait_for_the_town_without_approve(load: Callable[..., str]) -> None:
    load(elder(), options=())
    assert (stored().status, stored().forms.get().state, classes()) == ("submitted", "submitted", [])


def test_rows_imported_earlier_are_approved_by_a_second_run(load: Callable[..., str]) -> None:
    load(elder(), options=())
    assert load(elder()) == "老人 1 行（已存）：有变化 1 行\n"
    assert (stored().status, len(classes())) == ("active", 1)


def test_one_change_a_birthday_each_on_the_next_monday(load: Callable[..., str]) -> None:
    load(elder(**{"居民身份证号码*": id_number(date(1945, 3, 12))}))
    assert classes() == [(date(2025, 1, 13), "C", ["C"]), (date(2025, 3, 17), "A", ["A1"])]


def test_living_together_becomes_its_facts(load: Callable[..., str]) -> None:
    load(elder(**{"居住状况*": "与家人同住"}), other(**{"居住状况*": "与无生活自理能力子女同住"}))
    family, child = (stored(name).forms.get() for name in ("马凤英", "陈桂兰"))
    assert (family.living, family.able_adult_at_home, family.lives_with_dependent_child_long_term) == (
        "with_family", True, False
    )  # fmt: skip
    assert (child.living, child.able_adult_at_home, child.lives_with_dependent_child_long_term) == (
        "with_dependent_child", False, True
    )  # fmt: skip


def test_blank_kin_is_none_and_blank_illness_is_none(load: Callable[..., str]) -> None:
    load(elder(配偶居住地=None, 重病=None), other(重病="尿毒症", 子女居住地="外地"))
    form, sick = stored().forms.get(), stored("陈桂兰").forms.get()
    assert (form.spouse_location, form.child_location, form.serious_illness) == ("none", "none", False)
    assert (sick.child_location, sick.serious_illness, sick.illness_words) == ("elsewhere", True, "尿毒症")


def test_refusal_without_a_reason_is_stored_and_asked_for(load: Callable[..., str]) -> None:
    told = load(elder(**{"探访意愿*": "不愿意", "不愿意原因": None}))
    assert "不愿意原因空着，先记作“没有写原因”，请问清楚再补" in told
    consent = stored().consents.get()
    assert (consent.kind, consent.reason) == ("refused", "没有写原因")


def test_member_who_is_also_the_elder_counts_once(load: Callable[..., str]) -> None:
    """Alone in the registry with a sheet that names her among her own family: nobody else lives here."""
    me = {
        "户编号": "A1",
        "村(社区)代码*": VILLAGE,
        "姓名*": "马凤英",
        "居民身份证号码": NUMBER,
        "是否同住": "是",
    }
    load(elder(户编号="A1", 失智="是", **{"居住状况*": "双老同住", "子女居住地": "同住"}), members=[me])
    assert classes() == [(date(2025, 1, 13), "C", ["C"])]


def test_score_alone_gives_the_level(load: Callable[..., str]) -> None:
    load(elder(能力程度=None, 能力评分=40, 经济情况="低保、居民养老保险"))
    assert (stored().assessments.get().level, classes()) == ("severe", [(date(2025, 1, 13), "A", ["A2"])])


@pytest.mark.parametrize("group", [1, "1", "1组", "第1组", "第一组"])
def test_group_is_the_one_that_is_there(load: Callable[..., str], cast: Cast, group: object) -> None:
    load(elder(村民小组=group))
    assert stored().household.place == cast.group


def test_same_number_in_a_village_is_one_household(load: Callable[..., str]) -> None:
    load(
        elder(户编号="H1"),
        other(户编号="H1"),
        other(**{"姓名*": "黄秀珍", "户编号": "H1", "村(社区)代码*": NEXT_VILLAGE}),
    )
    assert stored().household == stored("陈桂兰").household
    assert stored().household != stored("黄秀珍").household


def test_blank_number_is_a_household_of_ones_own(load: Callable[..., str]) -> None:
    load(elder(), other())
    assert stored().household != stored("陈桂兰").household


def test_household_has_one_dwelling_and_says_so_where_a_row_differs(load: Callable[..., str]) -> None:
    load(elder(户编号="A1"), options=())
    told = load(
        elder(户编号="A1", 居住地址="1组8号"),
        other(户编号="A1", 居住地址="2组3号", 村民小组="2组"),
        options=("--skip-bad-rows",),
    )
    assert told.splitlines()[0] == (
        "第 3 行 陈桂兰：有提醒，居住地址和这户已登记的“1组8号”不同，没有改；"
        "村民小组和这户已登记的“滨江镇永安村1组”不同，没有改"
    )
    assert (stored().household.address, stored("陈桂兰").household) == ("1组8号", stored().household)


@pytest.mark.parametrize("healthy_first", [True, False])
def test_couple_is_judged_together_in_either_order(load: Callable[..., str], healthy_first: bool) -> None:
    together: Row = {"户编号": "H1", "居住状况*": "双老同住", "子女居住地": "本县"}  # no empty nest: B2 alone
    rows = [elder(**together), other(**together | {"重病": "尿毒症"})]
    said = load(*(rows if healthy_first else reversed(rows)))
    assert said == "老人 2 行（已存）：新增 2 行\n"
    assert classes() == classes("陈桂兰") == [(date(2025, 1, 13), "B", ["B2"])]
    assert set(ActivePeriod.objects.values_list("starts_on", flat=True)) == {REGISTERED}


def test_out_of_scope_is_stored_with_a_warning(load: Callable[..., str]) -> None:
    said = load(elder(**{"居住状况*": "与家人同住"}))
    assert said.splitlines() == [
        "第 2 行 马凤英：有提醒，现在不在探访范围（没有一类符合），先存着，符合后自动入册",
        "老人 1 行（已存）：新增 1 行（其中提醒 1 行）",
    ]
    assert (stored().status, classes(), ActivePeriod.objects.count()) == ("approved", [], 0)


def test_other_object_is_approved_with_the_row(load: Callable[..., str]) -> None:
    load(elder(**{"居住状况*": "与家人同住", "其他对象说明": "见义勇为致残"}))
    assert classes() == [(date(2025, 1, 13), "C", ["C"])]


def test_other_paper_needs_birth_date_and_sex(load: Callable[..., str], refused: Callable[..., str]) -> None:
    paper: Row = {"居民身份证号码*": "H12345678", "证件类型": "港澳通行证"}
    assert refused(elder(**paper)) == "证件类型是港澳居民来往内地通行证，要填出生日期和性别。"
    load(elder(**paper | {"出生日期": "1944-02-03", "性别": "女"}))
    assert (stored().id_number, stored().birth_date) == ("H12345678", date(1944, 2, 3))


PAPER: Row = {"证件类型": "港澳通行证", "出生日期": "1944-02-03", "性别": "女"}


@pytest.mark.parametrize("written", ["h0123456701", " H01234 56701", "Ｈ0123456701"])
def test_number_of_another_paper_is_one_number_however_it_is_typed(
    load: Callable[..., str], refused: Callable[..., str], written: str
) -> None:
    load(elder(**PAPER, **{"居民身份证号码*": "H0123456701"}))
    said = load(elder(**PAPER, **{"居民身份证号码*": written}))
    assert (said, Elder.objects.count()) == ("老人 1 行（已存）：无变化 1 行\n", 1)
    twice = refused(*(elder(**PAPER, **{"居民身份证号码*": one}) for one in ("H0123456701", written)))
    assert twice.startswith("和第 2 行是同一个证件号码。")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"居民身份证号码*": "H" * 41}, "证件号码太长了，最多 40 位。请核对证件。"),
        ({"居民身份证号码*": "H1", "证件类型": "无"}, "选了“无证件”，号码就要空着；有证件的，请改证件类型。"),
        ({"出生日期": "1890-01-01"}, "出生日期 1890-01-01 不对。请核对证件。"),
    ],
)
def test_other_paper_is_read_as_the_form_reads_it(
    refused: Callable[..., str], changes: Row, words: str
) -> None:
    assert refused(elder(**PAPER | {"居民身份证号码*": "H1"} | changes)) == words


@pytest.mark.parametrize("named", ["马凤英", "随便"])
@pytest.mark.parametrize("status", ["active", "closed"])
def test_nothing_is_told_of_a_record_that_lies_elsewhere(
    cast: Cast, refused: Callable[..., str], named: str, status: str
) -> None:
    who = make_elder(cast.other_group, date(1950, 5, 1), number=NUMBER, name="马凤英")
    Household.objects.filter(pk=who.household_id).update(address="秘密路 9 号")
    if status == "closed":
        close_elder(by=cast.other_head, elder=who, last_day=today(), reason="died")
    row = elder(**{"姓名*": named, "居住状况*": "与家人同住", "登记日期*": "2025-02-01"})
    assert (
        refused(row, options=("--by", cast.reviewer.login))
        == "这位老人在您管的地区以外登记过。请先和市民政局核对，不要重复登记。"
    )


def test_none_for_a_number_is_no_number(load: Callable[..., str]) -> None:
    load(elder(**PAPER | {"居民身份证号码*": "无", "证件类型": "无"}))
    assert (stored().id_number, stored().paper_kind) == ("", "none")


OWN_CONTACT = "紧急联系人不能是老人自己。请填家里人、邻居或村里的人；没有的，就空着。"


def test_elder_is_not_their_own_contact(load: Callable[..., str], refused: Callable[..., str]) -> None:
    mine = {"联系电话": "19900000001", "紧急联系人": "马凤英", "紧急联系人电话": "199 0000 0001"}
    assert refused(elder(**mine)) == OWN_CONTACT
    load(elder(联系电话="19900000001"))
    assert refused(elder(**mine | {"联系电话": None})) == OWN_CONTACT
    load(elder(**mine | {"紧急联系人电话": "19900000002"}))
    assert stored().emergency_phone == "19900000002"


@pytest.mark.parametrize(
    "written", [NUMBER, f" {NUMBER} ", f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
                "".join(chr(ord(char) + 0xFEE0) for char in NUMBER)]
)  # fmt: skip
def test_id_number_as_people_type_it(load: Callable[..., str], written: str) -> None:
    load(elder(**{"居民身份证号码*": written}))
    assert stored().id_number == NUMBER


def test_lower_case_x_is_the_same_person(load: Callable[..., str]) -> None:
    number = next(n for n in (id_number(date(1950, 5, 1)) for _ in range(200)) if n.endswith("X"))
    load(elder(**{"居民身份证号码*": number.lower()}))
    assert load(elder(**{"居民身份证号码*": number})) == "老人 1 行（已存）：无变化 1 行\n"


def test_fifteen_digits_are_converted(load: Callable[..., str]) -> None:
    load(elder(**{"居民身份证号码*": "320699450312001"}))
    assert (stored().id_number[:17], stored().birth_date) == ("32069919450312001", date(1945, 3, 12))


def test_sex_that_differs_from_the_card_is_warned_of(load: Callable[..., str]) -> None:
    assert "第 2 行 马凤英：有提醒，性别和身份证号码不一致，按身份证登记" in load(elder(性别="男"))
    assert stored().sex == "female"
