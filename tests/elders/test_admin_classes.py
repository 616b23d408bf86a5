"""Classes at the desk: given by hand, suggested, about to change, and the birthdays and assessments that change them."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from elders.actions import close_elder, reclassify, write_class_history
from elders.models import Assessment, ClassOverride, ClassPeriod, Elder, RegistrationForm
from elders.sheets import classes
from tests.cast import TOWN, Cast
from tests.desk import Desk
from tests.elders.test_actions_overrides import COMING, FIRST, REVIEW, approve, in_force, propose
from tests.factories import costs_the_same, make_elder, make_household
from visitcare.kit.admin import day
from visitcare.kit.identity import birthday
from visitcare.kit.weeks import Month, today
from visitcare.org.models import User


@pytest.fixture
def head(cast: Cast) -> Desk:
    return Desk(cast.head)


@pytest.fixture
def reviewer(cast: Cast) -> Desk:
    return Desk(cast.reviewer)


def texts(page: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def said(**changes: Any) -> dict[str, Any]:
    return {"risk_class": "A", "reason": "跌倒过两次", "review_on": REVIEW.isoformat()} | changes


# By hand


def test_class_by_hand_from_the_proposal_to_its_end(cast: Cast, head: Desk, reviewer: Desk) -> None:
    elder = make_elder(cast.group)
    assert reviewer.press(elder, "override", **said()) == [
        "提出了把马凤英调整为A类，等另一位负责人批准；批准前还按原来的类别。"
    ]
    words = texts(reviewer.page(elder))
    assert "手工调整，等批准" in words
    assert ("跌倒过两次" in words, "顾敏" in words) == (True, True)
    assert head.press(elder, "approve_override") == [f"批准了。从{day(COMING)}起，马凤英是A类。"]
    words = texts(head.page(elder))
    assert "手工调整成A类；系统判定是C类，下面是系统判定的依据。" in words
    for part in ("跌倒过两次", "顾敏", "季海峰", f"复核日期 {day(REVIEW)}"):
        assert part in words
    assert head.press(elder, "end_override", reason="好了") == [
        f"手工调整到{day(COMING - timedelta(days=1))}结束，以后按系统判定。"
    ]
    assert ClassPeriod.objects.get(elder=elder).risk_class == "C"


def test_doors_are_for_who_may_and_as_it_stands(cast: Cast, head: Desk, reviewer: Desk) -> None:
    def offered(desk: Desk, row: Any) -> set[str]:
        return {name for name in desk.doors(row) if "override" in name}

    elder = make_elder(cast.group)
    assert (offered(head, elder), offered(reviewer, elder)) == ({"override"}, {"override"})
    override = propose(cast, elder)
    decide = {"approve_override", "return_override"}
    assert (offered(head, elder), offered(head, override), offered(reviewer, elder)) == (
        decide,
        decide,
        set(),
    )
    head.press(override, "approve_override")
    running = {"continue_override", "end_override"}
    assert (offered(head, elder), offered(head, override), offered(reviewer, elder)) == (
        running,
        running,
        set(),
    )
    head.press(override, "end_override", reason="好了")
    assert (offered(head, elder), offered(head, override)) == ({"override"}, set())
    own = propose(cast, elder, by=cast.head)
    assert (offered(head, elder), offered(head, own)) == (set(), set())
    assert offered(head, make_elder(cast.group, living="with_family")) == set()


def test_returned_and_continued_at_the_desk(cast: Cast, head: Desk) -> None:
    elder, other = make_elder(cast.group), make_elder(cast.group)
    override = propose(cast, elder)
    assert head.press(override, "return_override", reason="先评估") == ["退回给顾敏了，类别不变。"]
    assert "先评估" in head.page(override)
    running = in_force(cast, other)
    assert head.press(other, "continue_override", reason="还是一个人", review_on=REVIEW.isoformat()) == [
        f"手工调整继续，下次复核是{day(REVIEW)}。"
    ]
    assert "还是一个人" in head.page(running)


def test_what_is_wrong_is_told_on_the_form(cast: Cast, reviewer: Desk) -> None:
    elder = make_elder(cast.group)
    assert reviewer.press(elder, "override", **said(risk_class="C")) == ["系统现在判定就是C类，不用调整。"]
    assert reviewer.press(elder, "override", **said(risk_class="")) == ["请填“调整为”。"]
    assert reviewer.press(elder, "override", **said(review_on="")) == ["请填“复核日期”。"]
    assert not ClassOverride.objects.exists()


def test_list_of_overrides_by_state_place_and_review(cast: Cast, head: Desk) -> None:
    waiting, running = propose(cast, make_elder(cast.group)), in_force(cast, make_elder(cast.group))
    label = "elders.classoverride"
    assert set(head.listed(label)) == {waiting, running}
    assert head.listed(label, state="proposed") == [waiting]
    assert head.listed(label, review="due") == []
    ClassOverride.objects.filter(pk=running.pk).update(review_on=today())
    assert head.listed(label, review="due") == [running]
    assert head.listed(label, village=cast.next_village.pk) == []
    assert head.found(label, "马凤") == head.listed(label)
    assert Desk(cast.other_head).listed(label) == []


def test_sheet_says_what_was_decided_by_hand(cast: Cast) -> None:
    elder = make_elder(cast.group)
    in_force(cast, elder)
    (sheet,) = classes(Month.parse("2025-03"), [TOWN])
    (row,) = sheet.rows
    told = dict(zip([field.heading for field in sheet.fields], row, strict=True))
    assert (told["类别"], told["依据"], told["手工调整"]) == (
        "A类", "C", f"系统判定C类；特困，跌倒过两次（{REVIEW} 复核）"
    )  # fmt: skip


# Suggested


def test_suggestion_stands_on_the_card_with_the_way_to_it(cast: Cast, head: Desk, reviewer: Desk) -> None:
    elder = make_elder(cast.group, economy=["dispersed_destitute"], ability="mild")
    plain = make_elder(cast.group)
    page = head.page(elder)
    assert "按最新的资料，字面上是C类，建议考虑A类：特困人员失能、半失能，又独居或空巢。" in texts(page)
    assert f'href="/admin/elders/elder/{elder.pk}/override/"' in page
    auditor = Desk(cast.auditor).page(elder)
    assert ("建议考虑A类" in auditor, "/override/" in auditor) == (True, False)
    assert "建议考虑" not in head.page(plain)
    assert head.listed("elders.elder", suggested="yes") == [elder]
    approve(cast, elder)
    assert head.listed("elders.elder", suggested="yes") == []


# Next Monday


def test_what_changes_next_monday_is_one_list_with_its_causes(cast: Cast, head: Desk, system: User) -> None:
    poor = make_elder(cast.group, economy=["subsistence_allowance"], name="陈大")
    leaves = make_elder(cast.group, name="陈二")
    by_hand = make_elder(cast.group, name="陈三")
    closed = make_elder(cast.group, name="陈四")
    make_elder(cast.group, name="陈五")
    make_elder(cast.group, name="陈六", registered_on=today())
    Assessment.objects.create(elder=poor, assessed_on=today(), level="mild")
    RegistrationForm.objects.filter(elder=leaves).update(living="with_family", able_adult_at_home=True)
    close_elder(by=system, elder=closed, last_day=today(), reason="died")
    approve(cast, by_hand, "B")
    reclassify(by=system)
    rows = head.listed("elders.classperiod", todo="coming")
    assert {row.elder.name for row in rows} == {"陈大", "陈二", "陈三"}
    page = texts(head.open("/admin/elders/classperiod/?todo=coming").content.decode())
    for words in (
        "新的能力评估：能力没有评估 → 轻度失能",
        "按资料不在探访范围了",
        "不再列入",
        "手工调整：特困，跌倒过两次",
        "手工调整，系统判定是C类",
    ):
        assert words in page
    assert page.count(day(COMING)) >= 3
    task = next(
        one for one in head.open("/admin/").context["day"]["tasks"] if "人的类别从下周一" in one.words
    )
    assert task.count == 3


def test_elder_tells_why_each_class_followed(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, date(1945, 3, 12))
    words = texts(head.page(elder))
    assert "为什么变 生日满 80 岁" in words
    assert "新列入" in words


def test_who_has_left_the_household_is_called_by_name(cast: Cast, head: Desk, system: User) -> None:
    home = make_household(cast.group)
    sick, well = (
        make_elder(home, name=name, living="elders_only", serious_illness=name == "陈大")
        for name in ("陈大", "陈二")
    )
    died_on = today() - timedelta(days=1)
    write_class_history(by=system, elders=[sick.pk])
    ClassPeriod.objects.filter(elder=well, risk_class="B").update(
        starts_on=FIRST, judged_on=date(2025, 1, 12)
    )
    ClassPeriod.objects.filter(elder=well, risk_class="C").delete()
    close_elder(by=system, elder=sick, last_day=died_on, reason="died")
    long_gone = make_elder(home, name="陈三", living="elders_only")
    close_elder(by=system, elder=long_gone, last_day=date(2025, 1, 10), reason="moved")
    RegistrationForm.objects.filter(elder=well).update(living="alone")
    reclassify(by=system)
    words = f"同住的陈大去世（{day(died_on)}）"
    page = texts(head.page(well))
    assert (words in page, "同住的陈三" in page) == (True, False)
    (row,) = head.listed("elders.classperiod", todo="coming")
    assert (row.elder, row.risk_class) == (well, "C")
    assert words in texts(head.open("/admin/elders/classperiod/?todo=coming").content.decode())


def test_statements_of_the_list_do_not_grow_with_it(cast: Cast, head: Desk) -> None:
    def add_row() -> None:
        approve(cast, make_elder(cast.group))

    for address in (
        "/admin/elders/classperiod/?todo=coming",
        "/admin/elders/classoverride/",
        "/admin/elders/elder/?suggested=yes",
        "/admin/elders/elder/?turns=80",
        "/admin/elders/assessment/?again=due",
    ):
        assert costs_the_same(lambda address=address: head.open(address), add_row), address  # type: ignore[misc]


# Birthdays


def turning(cast: Cast, years: int, in_days: int, **more: Any) -> Elder:
    return make_elder(cast.group, birthday(today() + timedelta(days=in_days), -years), **more)


def test_eightieth_birthdays_are_announced_thirty_days_ahead(cast: Cast, head: Desk) -> None:
    soon, last = turning(cast, 80, 1), turning(cast, 80, 30)
    for in_days in (0, 31):
        turning(cast, 80, in_days)
    gone = turning(cast, 80, 5)
    close_elder(by=cast.head, elder=gone, last_day=today(), reason="died")
    assert set(head.listed("elders.elder", turns="80")) == {soon, last}
    page = head.open("/admin/elders/elder/?turns=80")
    assert "满 80 岁的日子" in page.content.decode()
    assert day(today() + timedelta(days=30)) in page.content.decode()
    assert "满 80 岁的日子" not in head.open("/admin/elders/elder/").content.decode()


def test_seventy_counts_with_the_certificate_and_sixty_for_all(cast: Cast, head: Desk) -> None:
    certified = turning(cast, 70, 5, family_planning_special=True)
    turning(cast, 70, 5)
    young = turning(cast, 60, 5)
    assert head.listed("elders.elder", turns="70") == [certified]
    assert head.listed("elders.elder", turns="60") == [young]
    assert head.listed("elders.elder", turns="90") == []


def test_elder_is_told_what_the_birthday_will_change(cast: Cast, head: Desk) -> None:
    elder = turning(cast, 80, 10)
    on = today() + timedelta(days=10)
    monday = on + timedelta(days=7 - on.weekday())
    words = texts(head.page(elder))
    assert f"{day(on)}满 80 岁，从{day(monday)}起，按现在的资料会是A类（A1）。" in words
    same = texts(head.page(turning(cast, 80, 10, family_planning_special=True, ability="mild")))
    assert "按现在的资料会是A类（A1、A3）" in same
    stays = texts(head.page(turning(cast, 80, 10, living="with_family", left_behind=True)))
    assert "按现在的资料类别不变，C类（C）" in stays
    assert "快到的生日" not in head.page(turning(cast, 70, 10))
    sixty = texts(head.page(turning(cast, 60, 10)))
    assert "满 60 岁" in sixty
    assert "按现在的资料会是C类（C）" in sixty


# Assessments


def assessed(**changes: Any) -> dict[str, Any]:
    return {
        "assessed_on": today().isoformat(), "score": "70", "level": "", "assessor": "市评估站",
        "standard": "GB/T 42195-2022", "mismatch_reason": "",
    } | changes  # fmt: skip


def test_assessment_says_what_follows(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, economy=["subsistence_allowance"])
    assert head.press(elder, "assess", **assessed()) == [
        f"录入了马凤英{day(today())}的能力评估：轻度失能 70。从{day(COMING)}起，由C类变成A类。"
    ]
    assert head.press(elder, "assess", **assessed(score="90", assessor="镇卫生院")) == [
        f"改正了马凤英{day(today())}的能力评估：能力完好 90。类别不变，C类。"
    ]
    one = Assessment.objects.get(elder=elder)
    assert (one.level, one.score, one.assessor) == ("intact", 90, "镇卫生院")
    assert "镇卫生院" in head.page(elder)


def test_assessment_of_another_day_stands_beside_the_last(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, economy=["subsistence_allowance"])
    head.press(elder, "assess", **assessed())
    assert head.press(elder, "assess", **assessed(assessed_on="2025-02-10", score="90")) == [
        f"录入了马凤英{day(date(2025, 2, 10))}的能力评估：能力完好 90。从{day(COMING)}起，由C类变成A类。"
    ]
    assert Assessment.objects.filter(elder=elder).count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assessed_on": (today() + timedelta(days=1)).isoformat()}, "不能早于出生日期"),
        ({"assessed_on": "1950-04-30"}, "不能早于出生日期"),
        ({"assessor": ""}, "请填“评估人或评估机构”。"),
        ({"score": ""}, "能力程度和总分至少填一样。"),
        ({"score": "95"}, "不在 0—90 分之内"),
        ({"score": "-1"}, "不在 0—90 分之内"),
        ({"score": "七十"}, "评估总分是 0 到 90 的整数"),
        ({"level": "severe"}, "评分 70 分应是“轻度失能”"),
    ],
)
def test_assessment_that_cannot_be_is_refused_in_words(
    cast: Cast, head: Desk, changes: dict[str, Any], words: str
) -> None:
    elder = make_elder(cast.group)
    assert [one for one in head.press(elder, "assess", **assessed(**changes)) if words in one] != []
    assert not Assessment.objects.exists()


def test_first_and_last_day_and_a_reason_are_taken(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group)
    head.press(elder, "assess", **assessed(assessed_on="1950-05-01"))
    head.press(elder, "assess", **assessed(level="severe", mismatch_reason="按专家会诊"))
    kept = Assessment.objects.filter(elder=elder).values_list("assessed_on", "level", "mismatch_reason")
    assert list(kept) == [(today(), "severe", "按专家会诊"), (date(1950, 5, 1), "mild", "")]


def test_closed_elder_is_not_assessed(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group)
    close_elder(by=cast.head, elder=elder, last_day=today(), reason="moved")
    assert "assess" not in head.doors(elder)


def test_list_says_who_is_to_be_assessed_again(cast: Cast, head: Desk) -> None:
    a_year = birthday(today(), -1)
    again, fresh, twice, gone = (make_elder(cast.group) for _ in range(4))
    for elder, on in ((again, a_year), (fresh, a_year + timedelta(days=1)), (twice, FIRST), (gone, FIRST)):
        Assessment.objects.create(elder=elder, assessed_on=on, level="mild")
    newer = Assessment.objects.create(elder=twice, assessed_on=today(), level="severe")
    close_elder(by=cast.head, elder=gone, last_day=today(), reason="moved")
    label = "elders.assessment"
    assert [one.elder for one in head.listed(label, again="due")] == [again]
    assert {one.elder for one in head.listed(label, again="now")} == {again, fresh, twice}
    assert head.listed(label, level="severe") == [newer]
    assert head.listed(label, village=cast.next_village.pk) == []
    assert "该复评" in head.page(again)
    assert "该复评" not in texts(head.page(fresh))
    assert Desk(cast.other_head).listed(label) == []
