"""A sheet that says something of somebody known: what changes, what stays."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from elders.actions import return_form
from elders.models import Assessment, HouseholdMember, RegistrationForm, SeriousIllness
from tests.cast import Cast
from tests.elders.importing.rows import (
    NUMBER,
    Row,
    classes,
    counts,
    elder,
    on_file,
    other,
    relative,
    stored,
    words_of,
)
from tests.factories import make_elder
from visitcare.audit.models import Event


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
