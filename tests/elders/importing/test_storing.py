from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from openpyxl import load_workbook

from elders.actions import FormData, approve_form, close_elder, register_elder, return_form, submit_form
from elders.importing import ElderImporter
from elders.importing.known import FIRST
from elders.models import (
    ActivePeriod,
    Assessment,
    Assignment,
    ClassPeriod,
    Consent,
    Elder,
    Household,
    HouseholdMember,
    RegistrationForm,
    SeriousIllness,
)
from tests.cast import NEXT_VILLAGE, VILLAGE, Cast
from tests.factories import id_number, make_elder, make_household, read_rows, run, save_sheet
from tests.kit.test_sheets_reading import ENTITY, with_sheet_xml
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.importing import Importer, Report, run_import
from visitcare.org.models import Division, User

NUMBER = id_number(date(1950, 5, 1))
REGISTERED = date(2025, 1, 6)
Row = dict[str, object]


def elder(**changes: object) -> Row:
    """A healthy woman of 74 who lives alone: class C."""
    return {
        "户编号": None,
        "姓名*": "马凤英",
        "居民身份证号码*": NUMBER,
        "村(社区)代码*": VILLAGE,
        "村民小组": 1,
        "居住状况*": "独居",
        "能力程度": "能力完好",
        "失智": "否",
        "残疾等级": "无",
        "探访意愿*": "愿意",
        "登记日期*": "2025-01-06",
    } | changes


def other(born: date = date(1951, 6, 1), **changes: object) -> Row:
    """Another person."""
    return elder(**{"姓名*": "陈桂兰", "居民身份证号码*": id_number(born)} | changes)


@pytest.fixture(autouse=True)
def planned_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every import of this file is planned before it is stored: a preview says of each row what storing it says."""

    def both(importer: Importer, source: Path, *, dry_run: bool, **how: Any) -> Report:
        if not isinstance(importer, ElderImporter):
            return run_import(importer, source, dry_run=dry_run, **how)
        plan = run_import(ElderImporter(importer.by, approve=importer.approve), source, dry_run=True)
        report = run_import(importer, source, dry_run=dry_run, **how)
        assert plan.verdicts == report.verdicts
        assert importer.plans == dry_run
        return report

    monkeypatch.setattr("visitcare.org.importing.command.run_import", both)


@pytest.fixture
def load(cast: Cast, tmp_path: Path) -> Callable[..., str]:
    """Import rows, approved unless options say otherwise; return what the command prints."""

    def imported(
        *rows: Row, options: tuple[str, ...] = ("--approve",), members: list[Row] | None = None
    ) -> str:
        more = {"家庭成员": members} if members else {}
        return run("import_elders", save_sheet(tmp_path / "elders.xlsx", rows, **more), *options)

    return imported


@pytest.fixture
def refused(load: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """The words for the last row of a file of which nothing is stored."""

    def words(*rows: Row, options: tuple[str, ...] = ("--approve",)) -> str:
        report = tmp_path / "report.xlsx"
        before = counts()
        with pytest.raises(CommandError) as caught:
            load(*rows, options=(*options, "--report", str(report)))
        assert (caught.value.returncode, counts()) == (1, before)
        verdict = read_rows(report)[-1]
        assert verdict[2] == "未导入"
        return str(verdict[3])

    return words


def counts() -> list[int]:
    return [model.objects.count() for model in (Division, Household, Elder, RegistrationForm, ActivePeriod, ClassPeriod,
                                                Assignment, HouseholdMember, Event)]  # fmt: skip


def stored(name: str = "马凤英") -> Elder:
    return Elder.objects.select_related("household__place").get(name=name)


def classes(name: str = "马凤英") -> list[tuple[date, str, list[str]]]:
    periods = ClassPeriod.objects.filter(elder__name=name).order_by("starts_on")
    return list(periods.values_list("starts_on", "risk_class", "codes"))


# What is stored


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


# Again


def test_same_file_again_changes_nothing(load: Callable[..., str]) -> None:
    rows = (
        elder(
            户编号="H1",
            月可支配收入="480.5",
            联系电话=19900070007,
            经济情况="居民养老保险、低保",
            重病="尿毒症",
        ),
        other(户编号="H1", **{"探访意愿*": "不愿意", "不愿意原因": "身体好"}),
        other(**{"姓名*": "黄秀珍", "居住状况*": "与家人同住", "能力评分": 90}),
    )
    load(*rows)
    before = counts()
    assert load(*rows) == "老人 3 行（已存）：无变化 3 行\n"
    assert counts() == before


def test_correction_of_the_same_day_is_a_change(load: Callable[..., str]) -> None:
    load(elder())
    assert load(elder(联系电话="19900070007")) == "老人 1 行（已存）：有变化 1 行\n"
    assert (stored().phone, stored().forms.count(), len(classes())) == ("19900070007", 1, 1)
    assert Event.objects.filter(verb="register_elder").latest("at").data == {"changed": ["phone"]}


def test_what_changes_is_told_old_and_new_with_numbers_masked(
    load: Callable[..., str], tmp_path: Path
) -> None:
    load(elder(户编号="1", 联系电话="19900000001", 住房是否安全="是"))
    changed = elder(
        户编号="1", 联系电话="19900000002", 能力程度="重度失能", 居住状况="双老同住", 住房是否安全="否",
        探访意愿="仅电话",
    )  # fmt: skip
    changed["居住状况*"] = changed.pop("居住状况")
    changed["探访意愿*"] = changed.pop("探访意愿")
    said = words_of(load, tmp_path, changed)
    assert said == (
        "联系电话：199****0001 → 199****0002；居住状况：独居 → 双老同住；能力程度：能力完好 → 重度失能；"
        "探访意愿：愿意 → 仅电话；住房是否安全：是 → 否"
    )


def test_newer_form_is_told_with_what_it_says_otherwise(load: Callable[..., str], tmp_path: Path) -> None:
    load(elder(联系电话="19900000001"))
    later = elder(
        **{"登记日期*": "2025-02-03", "联系电话": "19900000001", "残疾等级": "二级", "能力程度": None}
    )
    assert words_of(load, tmp_path, later) == "2025-02-03 的新登记表；残疾等级：无 → 二级"


def test_waiting_form_that_is_approved_says_so(load: Callable[..., str], tmp_path: Path) -> None:
    load(elder(), options=())
    assert words_of(load, tmp_path, elder()) == "批准登记表"


def test_member_that_changes_is_told_old_and_new(load: Callable[..., str], tmp_path: Path) -> None:
    load(elder(户编号="H1"), members=[relative(健康状况="健康", 居民身份证号码=None)])
    said = words_of(
        load, tmp_path, elder(户编号="H1"), members=[relative(健康状况="卧床", 居民身份证号码=None)]
    )
    assert said == "健康状况：健康 → 卧床"


def words_of(load: Callable[..., str], tmp_path: Path, *rows: Row, members: list[Row] | None = None) -> str:
    """What the report of an import says of its last row."""
    report = tmp_path / "verdicts.xlsx"
    load(*rows, options=("--approve", "--report", str(report)), members=members)
    return str(read_rows(report)[-1][3])


KNOWN: Row = {
    "户编号": "H1", "联系电话": "19900000001", "紧急联系人": "马建新", "紧急联系人性别": "男", "紧急联系人电话": "19900000002",
    "户籍地址": "幸福路 1 号", "居住地址": "1组8号", "配偶居住地": "外地", "子女居住地": "本县", "能力评分": 90,
    "无法言语或听力": "否", "残疾等级": "三级", "重病": "尿毒症", "曾患病史": "高血压", "经济情况": "低保", "月可支配收入": "480",
    "经济来源": "低保金", "计划生育特殊家庭": "否", "农村留守": "否", "长期照料失能子女": "否", "其他对象说明": "见义勇为",
    "饮水是否安全": "是", "探访意愿*": "不愿意", "不愿意原因": "身体好",
}  # fmt: skip


def bare(**changes: object) -> Row:
    """Nothing but what must be there."""
    needed = ("姓名*", "居民身份证号码*", "村(社区)代码*", "居住状况*", "登记日期*")
    return (
        {heading: elder()[heading] for heading in needed} | {"户编号": "H1", "探访意愿*": "不愿意"} | changes
    )


def on_file() -> list[object]:
    """All that the import writes of people, but for the keys."""
    models = (Elder, RegistrationForm, Assessment, Consent, Household, HouseholdMember, ClassPeriod)
    return [sorted(model.objects.values_list(), key=str) for model in models]


def test_absent_columns_and_empty_cells_take_nothing_back(load: Callable[..., str]) -> None:
    load(elder(**KNOWN))
    before = on_file()
    assert load(bare()) == "老人 1 行（已存）：无变化 1 行\n"
    assert load(bare(**dict.fromkeys(KNOWN.keys() - bare().keys()))) == "老人 1 行（已存）：无变化 1 行\n"
    assert on_file() == before


def test_newer_form_takes_over_what_it_does_not_say(load: Callable[..., str], tmp_path: Path) -> None:
    load(elder(**KNOWN))
    said = words_of(load, tmp_path, bare(**{"登记日期*": "2025-02-03", "残疾等级": "二级"}))
    assert said == "2025-02-03 的新登记表；残疾等级：三级 → 二级"
    newer, older = stored().forms.all()
    unlike = {
        field.name
        for field in RegistrationForm._meta.concrete_fields
        if getattr(newer, field.name) != getattr(older, field.name)
    }
    assert unlike == {"id", "registered_on", "disability_grade", "decided_at"}
    assert (stored().phone, stored().emergency_phone) == ("19900000001", "19900000002")
    assert stored().consents.latest("since").reason == "身体好"
    assert stored().assessments.count() == 1


def test_newer_form_goes_on_from_the_approved_one_not_from_one_that_was_returned(
    load: Callable[..., str], cast: Cast
) -> None:
    load(elder(重病="尿毒症"))
    load(elder(**{"登记日期*": "2025-02-03", "重病": "无", "残疾等级": "一级"}), options=())
    wrong = stored().forms.get(registered_on=date(2025, 2, 3))
    return_form(by=cast.head, form=wrong, reason="没有残疾")
    load(elder(**{"登记日期*": "2025-03-03", "残疾等级": None}))
    form = stored().forms.get(registered_on=date(2025, 3, 3))
    assert (form.illness_words, form.disability_grade) == ("尿毒症", 0)


def test_what_only_a_form_asks_stays(load: Callable[..., str], cast: Cast) -> None:
    """Of the answers that no column asks, and of those beside them."""
    known = make_elder(
        cast.group,
        number=NUMBER,
        able_adult_at_home=True,
        serious_illness=True,
        illness=SeriousIllness.objects.get(name="重型肝炎"),
        illness_evidence="出院小结",
        ability="moderate",
    )
    Assessment.objects.update(level="mild", score=50, assessor="张评估", mismatch_reason="按实际情况上调")
    load(elder(能力程度="轻度失能", 联系电话="19900000009"))
    form, assessment = known.forms.get(), known.assessments.get()
    assert (form.able_adult_at_home, form.illness_evidence, form.other) == (True, "出院小结", "")
    assert (assessment.score, assessment.assessor, assessment.mismatch_reason) == (
        50,
        "张评估",
        "按实际情况上调",
    )
    load(elder(重病="恶性肿瘤", **{"居住状况*": "双老同住"}))
    form.refresh_from_db()
    assert (form.able_adult_at_home, str(form.illness), form.illness_evidence) == (False, "恶性肿瘤", "")


def test_none_is_written_where_it_is_none_now(load: Callable[..., str], tmp_path: Path) -> None:
    load(elder(重病="尿毒症", 经济情况="低保", 其他对象说明="见义勇为"))
    said = words_of(load, tmp_path, elder(重病="无", 经济情况="无", 其他对象说明="无"))
    assert "重病：是 → 否" in said
    form = stored().forms.get()
    assert (form.serious_illness, form.illness, form.illness_words) == (False, None, "")
    assert (form.economy, form.other) == ([], "")


def test_new_contact_does_not_get_the_number_of_the_one_before(load: Callable[..., str]) -> None:
    load(elder(紧急联系人="马建新", 紧急联系人性别="男", 紧急联系人电话="19900000002"))
    load(elder(紧急联系人="马建国"))
    found = stored()
    assert (found.emergency_name, found.emergency_sex, found.emergency_phone) == ("马建国", "", "")
    load(elder(紧急联系人电话="19900000003"))
    assert (stored().emergency_name, stored().emergency_phone) == ("马建国", "19900000003")


def test_member_keeps_what_the_sheet_leaves_empty(load: Callable[..., str]) -> None:
    load(elder(户编号="H1"), members=[relative()])
    before = on_file()
    there = {heading: relative()[heading] for heading in ("户编号", "村(社区)代码", "姓名")}
    for row in (there, relative(**dict.fromkeys(relative().keys() - there.keys()))):
        assert "无变化 2 行" in load(elder(户编号="H1"), members=[row])
        assert on_file() == before
    assert "有变化 1 行" in load(elder(户编号="H1"), members=[there | {"健康状况": "卧床"}])
    member = HouseholdMember.objects.get()
    assert (member.health, member.relation, member.lives_here) == ("卧床", "儿子", True)


def test_member_whose_relation_is_filled_in_is_the_same(load: Callable[..., str], tmp_path: Path) -> None:
    child = relative()
    load(elder(户编号="H1"), members=[child | {"与户主关系": None}])
    assert words_of(load, tmp_path, elder(户编号="H1"), members=[child]) == "与户主关系：（空） → 儿子"
    assert HouseholdMember.objects.get().relation == "儿子"
    load(elder(户编号="H1"), members=[relative(与户主关系=None)])
    assert HouseholdMember.objects.count() == 2, "with another number it is another one"


def test_two_of_one_name_are_told_apart_by_their_relation(load: Callable[..., str]) -> None:
    two = [relative(), relative(与户主关系="孙子", 居民身份证号码=None, 健康状况=None)]
    load(elder(户编号="H1"), members=two)
    load(elder(户编号="H1"), members=two)
    assert sorted(HouseholdMember.objects.values_list("relation", flat=True)) == ["儿子", "孙子"]


def test_later_day_is_a_newer_form(load: Callable[..., str]) -> None:
    load(elder())
    assert load(elder(**{"登记日期*": "2025-02-12", "失智": "是"})) == "老人 1 行（已存）：有变化 1 行\n"
    assert stored().forms.filter(state="approved").count() == 2


def test_dry_run_stores_nothing(load: Callable[..., str]) -> None:
    before = counts()
    assert load(elder(), options=("--approve", "--dry-run")) == "老人 1 行（试运行，没有存）：新增 1 行\n"
    assert counts() == before


# What is refused


FUTURE = today() + timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"姓名*": None}, "“姓名”空着。请填上再导入。"),
        ({"居民身份证号码*": None}, "“居民身份证号码”空着。没有身份证的，请在“证件类型”写明是什么证件。"),
        ({"居民身份证号码*": "320699195005010010"},
         "身份证号码 3206**********0010 的校验码不对，可能有一位写错，请对照证件逐位核对"),
        ({"居民身份证号码*": 3.20699195005010e17},
         "身份证号码被 Excel 改成了数字，后几位已经丢失；请把这一列设为“文本”格式，再重新输入身份证号码"),
        ({"村(社区)代码*": "320699101299"}, "没有代码是 320699101299 的村（社区）。请对照区划表填 12 位代码。"),
        ({"居住状况*": "租房"}, "“居住状况”写的是“租房”，不认识。请写：独居、双老同住、与无生活自理能力子女同住、与家人同住、机构。"),
        ({"居住状况*": None}, "“居住状况”空着。请写：独居、双老同住、与无生活自理能力子女同住、与家人同住、机构。"),
        ({"能力评分": "九十"}, "“能力评分”写的是“九十”，不是 0—90 的整数。请核对评估报告。"),
        ({"能力程度": "轻度失能", "能力评分": 50},
         "能力程度写的是“轻度失能”，评分 50 分应是“中度失能”。请改一致；确实不一致的，在说明里写明原因。"),
        ({"月可支配收入": "五百"}, "“月可支配收入”写的是“五百”，不是金额。请写成 480 或 480.50。"),
        ({"经济情况": "低保、富裕"},
         "“经济情况”里的“富裕”不认识。请从这些里选，用顿号隔开：特困人员、低保、低保边缘、居民养老保险、企业养老保险、机关事业单位退休。"),
        ({"探访意愿*": None}, "“探访意愿”空着。请写：愿意、仅电话或不愿意。"),
        ({"登记日期*": None}, "“登记日期”空着。请填登记的那一天。"),
        ({"登记日期*": FUTURE.isoformat()}, f"登记日期 {FUTURE} 还没到。请填已经登记的日期。"),
        ({"联系电话": "123"}, "电话号码应为 11 位手机号码，或 7 至 8 位固定电话（可加区号，如 0513-），一格只写一个；这里是 3 位数字，请核对"),
        ({"户籍地址": "长" * 201}, "“户籍地址”有 201 个字，太长了。请写在 200 个字以内。"),
        ({"姓名*": "长" * 61}, "“姓名”有 61 个字，太长了。请写在 60 个字以内。"),
    ],
)  # fmt: skip
def test_bad_cell_is_told_on_its_row(refused: Callable[..., str], changes: Row, words: str) -> None:
    assert refused(elder(**changes)) == words


def test_virtual_village_is_refused(refused: Callable[..., str], cast: Cast) -> None:
    code = VILLAGE[:9] + "498"
    Division.objects.create(
        code=code, name="虚拟社区", level="village", parent=cast.town, path="滨江镇虚拟社区", active=False
    )
    assert refused(elder(**{"村(社区)代码*": code})) == (
        "滨江镇虚拟社区（320699101498）是虚拟社区或已停用，不能登记人。请填实际的村。"
    )


def test_same_person_twice_in_a_file_is_refused(refused: Callable[..., str]) -> None:
    assert refused(elder(), elder(村民小组=2)) == (
        "和第 2 行是同一个证件号码。一个人只能登记一次，请删掉一行。"
    )


@pytest.mark.parametrize("place", [{"户编号": "H9"}, {"村(社区)代码*": NEXT_VILLAGE, "户编号": "H1"}])
def test_person_active_in_another_household_is_refused(
    load: Callable[..., str], refused: Callable[..., str], place: Row
) -> None:
    load(elder(户编号="H1"))
    assert refused(elder(**place)) == (
        "马凤英已在滨江镇永安村1组的另一户登记（在册）。请先核对；搬家请办迁移，不要重复登记。"
    )


def test_closed_person_is_not_doubled(
    load: Callable[..., str], refused: Callable[..., str], system: User
) -> None:
    load(elder())
    close_elder(by=system, elder=stored(), last_day=date(2025, 3, 4), reason="moved")
    assert refused(elder()) == "马凤英已于 2025-03-04 注销。要恢复请办重新入册，不要重复登记。"


def test_wrong_heading_refuses_the_file(load: Callable[..., str]) -> None:
    row = elder()
    row["身份证"] = row.pop("居民身份证号码*")
    before = counts()
    with pytest.raises(CommandError) as caught:
        load(row)
    assert str(caught.value).startswith(
        "没有导入：工作表“Sheet1”第 1 行的标题不对。缺少：居民身份证号码。不认识：“身份证”。"
    )
    assert counts() == before


def test_merged_cells_are_filled_in_their_first_row_alone(cast: Cast, tmp_path: Path) -> None:
    """Excel keeps the value in the first cell; the others are told of, each on its row."""
    file, report = save_sheet(tmp_path / "elders.xlsx", [elder(), other()]), tmp_path / "report.xlsx"
    book = load_workbook(file)
    book.worksheets[0].merge_cells("D2:D3")
    book.save(file)
    before = counts()
    with pytest.raises(CommandError):
        run("import_elders", file, "--approve", "--report", report)
    assert counts() == before
    assert [(row[0], row[2]) for row in read_rows(report)[1:]] == [(2, "新增"), (3, "未导入")]
    assert "“村(社区)代码”空着" in str(read_rows(report)[-1][3])


@pytest.mark.parametrize("command", ["import_workers", "import_elders", "import_visits"])
def test_hostile_file_stores_nothing(cast: Cast, tmp_path: Path, command: str) -> None:
    file, before = tmp_path / "hostile.xlsx", counts()
    file.write_bytes(with_sheet_xml(ENTITY).getvalue())
    with pytest.raises(CommandError, match="没有导入：文件里有不允许的声明（DTD），可能被动过手脚。"):
        run(command, file)
    assert counts() == before


# Good rows beside bad ones


def test_skip_bad_rows_stores_the_good_ones(load: Callable[..., str], tmp_path: Path) -> None:
    report = tmp_path / "verdicts.xlsx"
    said = load(
        other(能力程度="不知道"), elder(), options=("--approve", "--skip-bad-rows", "--report", str(report))
    )
    assert said.splitlines()[-1] == "老人 2 行（已存）：新增 1 行，未导入 1 行"
    assert [row[:3] for row in read_rows(report)[1:]] == [(2, "陈桂兰", "未导入"), (3, "马凤英", "新增")]
    assert list(Elder.objects.values_list("name", flat=True)) == ["马凤英"]


def test_group_first_named_on_a_bad_row_is_there_for_a_good_one(load: Callable[..., str]) -> None:
    load(other(村民小组=7, 能力程度="不知道"), elder(村民小组=7), options=("--approve", "--skip-bad-rows"))
    assert Division.objects.get(code=stored().household.place_id).path == "滨江镇永安村7组"


# Whose elder


def test_worker_of_the_group_needs_no_exception(load: Callable[..., str], cast: Cast) -> None:
    load(elder(网格员手机号=cast.worker.mobile))
    assert Assignment.objects.count() == 0


def test_another_worker_is_named_for_the_household(load: Callable[..., str], cast: Cast) -> None:
    load(elder(网格员手机号=cast.next_worker.mobile))
    one = Assignment.objects.get()
    assert (one.worker, one.household, one.starts_on) == (cast.next_worker, stored().household, REGISTERED)
    before = counts()
    load(elder(网格员手机号=cast.next_worker.mobile))
    assert counts() == before


def test_unknown_worker_is_warned_of(load: Callable[..., str]) -> None:
    said = load(elder(网格员手机号="19900070099"))
    assert "第 2 行 马凤英：有提醒，没有这个手机号的网格员，先按本组的网格员。请先导入探访人员" in said


# Whose import


def by(who: User) -> tuple[str, str]:
    return "--by", who.login


def test_village_imports_and_the_town_decides(load: Callable[..., str], cast: Cast) -> None:
    assert load(elder(), options=by(cast.cadre)) == "老人 1 行（已存）：新增 1 行\n"
    assert (stored().status, stored().forms.get().made_by) == ("submitted", cast.cadre)
    assert Event.objects.get(verb="submit_form").actor_id == cast.cadre.pk
    approve_form(by=cast.head, form=stored().forms.get())
    said = load(elder(**{"登记日期*": "2025-02-03", "联系电话": "19900000009"}), options=by(cast.cadre))
    assert said == "老人 1 行（已存）：有变化 1 行\n"
    waiting = stored().forms.get(state="submitted")
    assert (stored().phone, stored().forms.count()) == ("", 2)
    approve_form(by=cast.head, form=waiting)
    assert stored().phone == "19900000009"


NOT_YOURS = "您没有办理这件事的权限，或者它不在您管的地区。需要的话，请找系统管理员。"


@pytest.mark.parametrize(
    ("who", "changes", "options", "words"),
    [
        (
            "cadre",
            {"村(社区)代码*": NEXT_VILLAGE},
            (),
            "滨江镇新丰村不在您管的地区，或者您没有办理这件事的权限。",
        ),
        ("worker", {}, (), "滨江镇永安村不在您管的地区，或者您没有办理这件事的权限。"),
        ("cadre", {"联系电话": "19900000009"}, (), NOT_YOURS),
        ("cadre", {"登记日期*": "2025-02-03"}, ("--approve",), NOT_YOURS),
        ("cadre", {"登记日期*": "2025-02-03", "网格员手机号": "19900090004"}, (), NOT_YOURS),
    ],
)
def test_what_a_village_may_not_import_is_told_on_its_row(
    load: Callable[..., str],
    refused: Callable[..., str],
    cast: Cast,
    who: str,
    changes: Row,
    options: tuple[str, ...],
    words: str,
) -> None:
    load(elder())
    assert refused(elder(**changes), options=(*options, *by(getattr(cast, who)))) == words


def test_village_changes_nothing_that_the_town_is_deciding(
    load: Callable[..., str], refused: Callable[..., str], cast: Cast
) -> None:
    load(elder(), options=by(cast.cadre))
    later = elder(**{"登记日期*": "2025-02-03"})
    assert (
        refused(later, options=by(cast.cadre)) == "马凤英的登记表已经提交，等镇里审批。要改，请镇里先退回。"
    )


# The second sheet


def relative(**changes: object) -> Row:
    return {
        "户编号": "H1", "村(社区)代码": VILLAGE, "姓名": "马建新", "性别": "男", "与户主关系": "儿子",
        "居民身份证号码": id_number(date(1975, 1, 1), sex="male"), "健康状况": "健康", "是否同住": "是", "是否经常探访": "是",
    } | changes  # fmt: skip


def test_members_come_with_the_second_sheet(load: Callable[..., str]) -> None:
    load(elder(户编号="H1"), members=[relative()])
    member = HouseholdMember.objects.get()
    assert (member.household, member.name, member.sex, member.relation, member.birth_date) == (
        stored().household, "马建新", "male", "儿子", date(1975, 1, 1)
    )  # fmt: skip
    assert (member.lives_here, member.visits_often) == (True, True)


def test_members_count_for_b2_from_the_first_class_on(load: Callable[..., str]) -> None:
    husband = relative(姓名="陈兴", 与户主关系="丈夫", 居民身份证号码=id_number(date(1948, 1, 1), sex="male"))
    load(elder(户编号="H1", 重病="尿毒症", **{"居住状况*": "双老同住"}), members=[husband])
    assert classes() == [(date(2025, 1, 13), "B", ["B2"])]


def test_members_again_change_nothing(load: Callable[..., str]) -> None:
    rows, members = [elder(户编号="H1")], [relative()]
    load(*rows, members=members)
    before = counts()
    load(*rows, members=members)
    assert counts() == before


def test_member_of_an_unknown_household_stores_nothing(load: Callable[..., str]) -> None:
    before = counts()
    with pytest.raises(CommandError):
        load(elder(户编号="H1"), members=[relative(户编号="H2")])
    assert counts() == before


def test_household_made_by_hand_is_found_by_its_number(load: Callable[..., str], cast: Cast) -> None:
    home = make_household(cast.second_group, number="H1")
    make_elder(home, date(1948, 1, 1), name="陈兴")
    load(elder(户编号="H1"))
    assert stored().household == home


TWICE = "一个人只算在一户，请核对住在哪里。"


def test_member_who_is_an_elder_of_another_household_is_warned_of(
    load: Callable[..., str], cast: Cast
) -> None:
    me = relative(姓名="马凤英", 居民身份证号码=NUMBER, 户编号="H2")
    load(elder(户编号="H1"))
    load(other(户编号="H2"))
    by_head = ("--approve", "--by", cast.head.login)
    said = load(other(户编号="H2"), members=[me], options=by_head)
    assert "家庭成员：马凤英：有提醒，家庭成员马凤英自己也登记为老人：马凤英，1950年5月1日生" in said
    assert TWICE in said
    again = load(other(户编号="H2"), members=[me | {"居民身份证号码": None}], options=by_head)
    assert TWICE in again
    assert HouseholdMember.objects.count() == 1


def test_member_who_is_an_elder_further_up_is_warned_of(load: Callable[..., str]) -> None:
    me = relative(姓名="马凤英", 居民身份证号码=NUMBER)
    said = load(elder(户编号="H1"), other(户编号="H2"), members=[me | {"户编号": "H2"}])
    assert f"有提醒，也在第一张表里登记为另一户的老人。{TWICE}" in said


@pytest.mark.parametrize("changes", [{"户编号": "H1"}, {"户编号": "H2", "是否同住": "否"}])
def test_member_who_lives_with_nobody_else_is_not_warned_of(load: Callable[..., str], changes: Row) -> None:
    me = relative(姓名="马凤英", 居民身份证号码=NUMBER, **changes)
    for _ in range(2):
        assert TWICE not in load(elder(户编号="H1"), other(户编号="H2"), members=[me])


# The household


def test_conditions_are_the_households(load: Callable[..., str]) -> None:
    load(elder(户编号="01001", 饮水是否安全="是", 住房是否安全="否", 家庭环境适老化情况="已装扶手"))
    home = Household.objects.get()
    assert (home.water_safe, home.power_safe, home.housing_safe, home.age_friendly) == (
        True, None, False, "已装扶手"
    )  # fmt: skip


def test_second_row_of_a_household_adds_and_does_not_contradict(load: Callable[..., str]) -> None:
    rows = (
        elder(户编号="01001", 饮水是否安全="是"),
        other(户编号="01001", 饮水是否安全="否", 住房是否安全="是"),
    )
    said = load(*rows)
    assert "饮水是否安全和同一户的另一行不同，没有改" in said
    home = Household.objects.get()
    assert (home.water_safe, home.housing_safe) == (True, True)
    before = Event.objects.count()
    assert "无变化 2 行（其中提醒 1 行）" in load(*rows)
    assert Event.objects.count() == before


def test_condition_first_said_on_a_bad_row_is_written_by_a_good_one(load: Callable[..., str]) -> None:
    load(elder(户编号="01001"))
    bad = other(户编号="01001", 饮水是否安全="否", 网格员手机号="123")
    load(bad, elder(户编号="01001", 饮水是否安全="否"), options=("--approve", "--skip-bad-rows"))
    assert Household.objects.get().water_safe is False


def test_address_that_is_filled_in_is_a_change(load: Callable[..., str], tmp_path: Path) -> None:
    load(elder(户编号="01001"))
    said = words_of(load, tmp_path, elder(户编号="01001", 居住地址="幸福路 1 号"))
    assert said == "居住地址：（空） → 幸福路 1 号"
    assert Household.objects.get().address == "幸福路 1 号"


def test_what_a_village_says_and_the_town_has_not_decided_is_not_overwritten(
    load: Callable[..., str], refused: Callable[..., str], cast: Cast
) -> None:
    load(elder())
    who = stored()
    facts = {"living": "alone", "economy": []}
    person = {"name": who.name, "phone": "19900000009"}
    data = FormData(registered_on=today(), person=person, facts=facts)
    form = register_elder(by=cast.cadre, household=who.household, elder=who, data=data)
    submit_form(by=cast.cadre, form=form)
    words = refused(elder(**{"登记日期*": today().isoformat()}))
    assert f"（{cast.cadre.name}填的）还等着批准" in words
    assert who.forms.get(registered_on=today()).proposal


def test_newer_form_that_waits_stays_unchanged_until_it_is_approved(load: Callable[..., str]) -> None:
    load(elder())
    later = elder(
        **{
            "登记日期*": "2025-02-03",
            "联系电话": "19900000009",
            "能力程度": "轻度失能",
            "探访意愿*": "仅电话",
        }
    )
    assert load(later, options=()) == "老人 1 行（已存）：有变化 1 行\n"
    before = counts()
    assert load(later, options=()) == "老人 1 行（已存）：无变化 1 行\n"
    assert (stored().phone, counts()) == ("", before)
    assert load(later) == "老人 1 行（已存）：有变化 1 行\n"
    assert (stored().phone, stored().assessments.latest("assessed_on").level) == ("19900000009", "mild")


def test_what_a_page_says_is_not_approved_unseen(
    load: Callable[..., str], refused: Callable[..., str], cast: Cast
) -> None:
    load(elder())
    who, day = stored(), date(2025, 2, 3)
    before = who.forms.get()
    facts = {name: getattr(before, name) for name in FIRST} | {"living": "alone"}
    data = FormData(
        registered_on=day, person={}, facts=facts, care="每周二量血压", signatures={"signer": "self"}
    )
    form = register_elder(by=cast.cadre, household=who.household, elder=who, data=data)
    submit_form(by=cast.cadre, form=form)
    again = elder(**{"登记日期*": day.isoformat()})
    assert f"（{cast.cadre.name}填的）还等着批准" in refused(again)


def test_empty_cell_takes_nothing_back(load: Callable[..., str]) -> None:
    load(elder(户编号="01001", 饮水是否安全="是"))
    assert "无变化 1 行" in load(elder(户编号="01001", 饮水是否安全=None))
    assert Household.objects.get().water_safe is True


def test_illness_of_the_list_is_found_by_its_name(load: Callable[..., str]) -> None:
    load(elder(重病="恶性肿瘤"), other(重病="心脏不好"))
    forms = RegistrationForm.objects.order_by("elder__name")
    assert [(str(form.illness or ""), form.illness_words, form.serious_illness) for form in forms] == [
        ("", "心脏不好", True), ("恶性肿瘤", "恶性肿瘤", True),
    ]  # fmt: skip
