"""Annex 3 on paper: what stands in each box."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string

from elders.actions import (
    agree_care_plan,
    merge_elders,
    record_printing,
    write_conditions,
    write_consent,
    write_member,
)
from elders.models import Assessment, Consent, Elder, SeriousIllness
from elders.printing import Paper, papers
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import costs_the_same, make_elder, make_form, make_household
from visitcare.audit.models import Event
from visitcare.kit.admin import page_url, rows_url
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed


def paper(elder: Elder) -> Paper:
    (made,) = papers([elder])
    return made


def test_what_waits_for_the_town_is_not_printed_over_what_it_approved(cast: Cast) -> None:
    elder = make_elder(cast.group, living="alone")
    make_form(elder.household, elder.birth_date, elder=elder, registered_on=today(), living="with_family")
    made = paper(elder)
    assert made.form is not None
    assert (made.form.living, ticked(made.kinds)) == ("alone", ["独居老人"])


def test_file_that_was_merged_prints_without_boxes_of_the_engine(cast: Cast) -> None:
    loser, winner = make_elder(cast.group, name="马凤英"), make_elder(cast.group, name="马凤英")
    merge_elders(by=cast.head, loser=loser, winner=winner, reason="同一个人")
    assert (ticked(paper(loser).kinds), ticked(paper(winner).kinds)) == ([], ["独居老人"])


def ticked(boxes: list[tuple[str, bool]]) -> list[str]:
    return [words for words, is_ticked in boxes if is_ticked]


@pytest.mark.parametrize(
    ("level", "box"),
    [
        ("intact", "能力完好"),
        ("mild", "轻度失能"),
        ("moderate", "中度失能"),
        ("severe", "重度失能"),
        ("total", "重度失能"),
    ],
)
def test_both_severe_levels_share_a_box(cast: Cast, level: str, box: str) -> None:
    made = paper(make_elder(cast.group, ability=level))
    assert ticked(made.abilities) == [box]
    assert len(made.abilities) == 4


def test_ability_that_was_not_assessed_ticks_nothing(cast: Cast) -> None:
    assert ticked(paper(make_elder(cast.group)).abilities) == []


@pytest.mark.parametrize(
    ("economy", "boxes"),
    [
        (["subsistence_allowance"], ["低保、低保边缘"]),
        (["marginal", "resident_pension"], ["低保、低保边缘", "居民养老保险"]),
        (["dispersed_destitute"], ["特困人员"]),
        (["enterprise_pension", "public_pension"], ["企业养老保险", "机关、事业单位退休"]),
        ([], []),
        (None, []),
    ],
)
def test_economy(cast: Cast, economy: Any, boxes: list[str]) -> None:
    made = paper(make_elder(cast.group, economy=economy))
    assert ticked(made.economies) == boxes
    assert len(made.economies) == 5


def test_categories_are_those_of_the_engine(cast: Cast) -> None:
    elder = make_elder(
        cast.group,
        date(1940, 1, 1),
        left_behind=True,
        disability_grade=1,
        ability="severe",
        other="家里遭了火灾",
    )
    made = paper(elder)
    assert ticked(made.kinds) == [
        "独居老人", "留守老人", "失能（失智）老人", "高龄老人", "重残老人", "其他对象（请具体说明）"
    ]  # fmt: skip
    assert len(made.kinds) == 10


def test_form_that_waits_is_printed_for_its_signature(cast: Cast) -> None:
    waiting = make_form(make_household(cast.group), date(1940, 1, 1)).elder
    assert ticked(paper(waiting).kinds) == ["独居老人", "高龄老人"]


def test_family_has_the_four_rows_of_the_paper_or_more(cast: Cast) -> None:
    elder = make_elder(cast.group)
    assert paper(elder).members == [None] * 4
    for number in range(5):
        write_member(by=cast.head, household=elder.household, name=f"王{number}", relation="子", said={})
    assert [member and member.name for member in paper(elder).members] == ["王0", "王1", "王2", "王3", "王4"]


def test_help_has_seven_boxes(cast: Cast) -> None:
    elder = make_elder(cast.group)
    write_conditions(by=cast.head, household=elder.household, said={"helping_bodies": ["local", "other"]})
    made = paper(elder)
    assert ticked(made.helpers) == ["乡镇（街道）、村（居）委员会", "其他"]
    assert len(made.helpers) == 7


@pytest.mark.parametrize(("kind", "wishes"), [("full", True), ("phone_only", True), ("refused", False)])
def test_wish(cast: Cast, kind: str, wishes: bool) -> None:
    made = paper(make_elder(cast.group, consent=kind))
    assert (made.wishes, made.refuses) == (wishes, not wishes)


@pytest.mark.parametrize(("again", "signed"), [("full", "马凤英"), ("phone_only", "马凤英"), ("refused", "")])
def test_signature_is_printed_under_the_answer_that_was_signed(cast: Cast, again: str, signed: str) -> None:
    elder = make_elder(cast.group)
    day = date(2025, 1, 6)
    elder.consents.update(signed_by="马凤英", signed_on=day, staff_signed_by="朱卫东", staff_signed_on=day)
    write_consent(by=cast.head, elder=elder, since=today(), kind=again, reason="自己能行")
    made = paper(elder)
    assert (made.refuses, getattr(made.signed, "signed_by", None)) == (again == "refused", signed)
    sheet = render_to_string("elders/annex3_paper.html", {"paper": made})
    boxes = [f"家庭成员签字：{signed}<p>", f"工作人员签字：{'朱卫东' if signed else ''}<p>"]
    assert [box in sheet for box in boxes] == [True, True]
    assert sheet.count("2025年1月6日") == (2 if signed else 0)


def test_illnesses_share_the_line_of_the_paper(cast: Cast) -> None:
    stroke = SeriousIllness.objects.get(name="脑中风后遗症")
    elder = make_elder(
        cast.group, past_illnesses="高血压", serious_illness=True, illness=stroke, illness_words="右侧偏瘫",
        disability_grade=2, dementia=True,
    )  # fmt: skip
    assert paper(elder).illnesses == "高血压；重病：脑中风后遗症，右侧偏瘫；残疾二级；失智"


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        ("永安村1组8号", "启东市滨江镇永安村1组8号"),
        ("8号", "启东市滨江镇永安村1组8号"),
        ("", "启东市滨江镇永安村1组"),
    ],
)
def test_residence_names_the_village_once(cast: Cast, address: str, printed: str) -> None:
    assert paper(make_elder(make_household(cast.group, address=address))).residence == printed


def test_paper_costs_the_same_for_many(cast: Cast) -> None:
    def look() -> None:
        for made in papers(Elder.objects.all()):
            assert (len(made.members), len(made.kinds)) == (4, 10)
            assert list(made.household.assistance.all()) == []

    assert costs_the_same(look, lambda: make_elder(cast.group))


# The page


@pytest.fixture
def head(cast: Cast) -> Desk:
    return Desk(cast.head)


def test_page_has_everything_that_is_known(cast: Cast, head: Desk) -> None:
    elder = make_elder(
        cast.group, date(1940, 1, 1), phone="19900012345", income_source="养老金", ability="severe", score=38
    )
    write_conditions(
        by=cast.head,
        household=elder.household,
        said={"water_safe": True, "power_safe": False, "has_pension": True, "pension_monthly": Decimal(230)},
        assistance=[("尊老金", Decimal(60)), ("低保金", None)],
    )
    agree_care_plan(by=cast.head, elder=elder, agreed_on=date(2025, 1, 6), content="量血压")
    Consent.objects.filter(elder=elder).update(
        signed_by="王建", signed_on=date(2025, 1, 6), staff_signed_by="朱卫东"
    )
    Assessment.objects.filter(elder=elder).update(assessor="镇卫生院")
    answer = head.client.post(page_url(elder).replace("change", "print"), {"reason": "存档"})
    page = " ".join(answer.content.decode().split())
    for words in (
        elder.id_number, "19900012345", "2025年1月6日评估，38 分，镇卫生院", "经济来源：养老金", "每月 <u>230.00</u> 元",
        "低保金 （金额不详）；尊老金 60.00 元", "服务对象或者其家庭成员签字：王建", "工作人员签字：朱卫东", "量血压",
    ):  # fmt: skip
        assert words in page, words
    assert "no-store" in answer.headers["Cache-Control"]


def test_printing_is_recorded_on_the_elder(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, name="施汉清")
    head.client.post(page_url(elder).replace("change", "print"), {"reason": "存档"})
    event = Event.objects.get(verb="print_form")
    assert (event.about_id, event.reason, event.actor_name) == (str(elder.pk), "存档", "季海峰")
    assert "打印了施汉清的信息登记表" in head.page(elder)


def test_village_is_printed_in_the_order_of_its_places(cast: Cast, head: Desk) -> None:
    for name, place in (("丁", cast.second_group), ("甲", cast.group), ("外", cast.next_group)):
        make_elder(place, name=name)
    address = rows_url("elders.elder", village=cast.village.pk)
    chosen = {
        "action": "print_all",
        "select_across": "1",
        "confirmed": "1",
        "expected": "2",
        "reason": "存档",
    }
    page = head.client.post(address, chosen).content.decode()
    assert [page.index(name) for name in ("甲", "丁")] == sorted(page.index(name) for name in ("甲", "丁"))
    assert page.count('<article class="paper">') == 2
    assert Event.objects.filter(verb="print_form").count() == 2


def test_printing_needs_a_reason(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group)
    assert head.press(elder, "print", reason=" ") == ["请填“用途”。"]
    with pytest.raises(ValueError, match="写明用途"):
        record_printing(by=cast.head, elders=[elder], reason="")


def test_elder_of_another_town_is_not_printed(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        record_printing(by=cast.head, elders=[make_elder(cast.other_group)], reason="存档")
    assert Event.objects.filter(verb="print_form").count() == 0


def test_more_than_a_browser_holds_is_refused(
    cast: Cast, head: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elders.admin.papers.MOST_AT_ONCE", 1)
    for _ in range(2):
        make_elder(cast.group)
    said = head.press_all("elders.elder", "print_all", reason="存档")
    assert said == ["一次最多打印 1 份，这里有 2 份。请按村筛选，分几次打印。"]
