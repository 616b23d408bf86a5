"""The county's list of serious illnesses, the disability certificate, and what was agreed with an elder."""

from datetime import date, timedelta
from typing import Any

import pytest

from elders.actions import agree_care_plan, list_illness, use_illness
from elders.models import CarePlan, Elder, RegistrationForm, SeriousIllness
from tests.cast import Cast
from tests.desk import Desk
from tests.elders.test_admin import NUMBER, typed
from tests.factories import breaks, make_elder
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed


@pytest.fixture
def head(cast: Cast) -> Desk:
    return Desk(cast.head)


def stroke() -> SeriousIllness:
    return SeriousIllness.objects.get(name="脑中风后遗症")


# The list


def test_county_puts_an_illness_on_the_list(cast: Cast) -> None:
    officer = Desk(cast.officer)
    said = officer.add("elders.seriousillness", name="尘肺病", evidence="职业病诊断证明")
    assert said == ["名录增加了“尘肺病”。"]
    assert SeriousIllness.objects.get(name="尘肺病").evidence == "职业病诊断证明"
    again = officer.add("elders.seriousillness", name="尘肺病", evidence="别的")
    assert again == ["名录里已经有“尘肺病”。停用了的，请打开它点“恢复使用”。"]


def test_illness_out_of_use_is_not_offered_and_stays_where_it_was(cast: Cast, head: Desk) -> None:
    elder = make_elder(cast.group, serious_illness=True, illness=stroke())
    officer = Desk(cast.officer)
    assert officer.press(stroke(), "stop", reason="改用国家名录") == [
        "“脑中风后遗症”停用了。以前登记的不变。"
    ]
    assert elder.forms.get().illness == stroke()
    said = head.add("elders.elder", **typed(cast, serious_illness="true", illness=stroke().pk))
    assert "选择一个有效的选项" in "".join(said)
    assert officer.press(stroke(), "use_again", reason="改回来") == ["“脑中风后遗症”恢复使用了。"]


def test_towns_do_not_keep_the_list(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        list_illness(by=cast.head, name="尘肺病", evidence="证明")
    with pytest.raises(NotAllowed):
        use_illness(by=cast.head, illness=stroke(), active=False, reason="试试")


@pytest.mark.parametrize(
    ("active", "reason", "words"), [(False, " ", "请写原因"), (True, "试试", "已经在用")]
)
def test_use_that_changes_nothing_is_refused(cast: Cast, active: bool, reason: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        use_illness(by=cast.officer, illness=stroke(), active=active, reason=reason)


# On the form


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"serious_illness": "true"}, "有重病的，请按名录选病名；名录里没有的，在“重病说明”里写。"),
        ({"serious_illness": "false", "illness": "stroke"}, "上面选了“没有重病”，下面又选了病名。请改一致。"),
        (
            {"disability_number": "12345"},
            "残疾人证号码应为 20 位：身份证号码 18 位，再加类别和等级各 1 位。请对照残疾人证核对。",
        ),
        (
            {"disability_number": NUMBER + "85"},
            "残疾人证号码第 19 位是残疾类别，应为 1—7，这里是 8，请核对。",
        ),
        (
            {"disability_number": NUMBER + "45"},
            "残疾人证号码第 20 位是残疾等级，应为 1—4，这里是 5，请核对。",
        ),
        (
            {"disability_number": NUMBER + "42", "disability_grade": "3"},
            "残疾人证号码里的等级是二级（肢体残疾），这里选的是三级。请对照残疾人证改一致。",
        ),
        ({"signed_on": (today() + timedelta(days=1)).isoformat()}, "签字日期还没到。请填实际签字的那一天。"),
    ],
)
def test_what_does_not_agree_is_told(cast: Cast, head: Desk, said: dict[str, Any], words: str) -> None:
    if "illness" in said:
        said = {**said, "illness": stroke().pk}
    assert head.add("elders.elder", **typed(cast, **said)) == [words]
    assert Elder.objects.count() == 0


def test_certificate_of_somebody_else_is_refused_without_its_whole_number(cast: Cast, head: Desk) -> None:
    other = "320699194502030019"
    (words,) = head.add("elders.elder", **typed(cast, disability_number=other + "42"))
    assert words.startswith("残疾人证号码的前 18 位（3206**********0019）和身份证号码（")
    assert other not in words


def test_illness_of_the_list_is_stored_with_its_evidence(cast: Cast, head: Desk) -> None:
    head.add(
        "elders.elder", **typed(cast, serious_illness="", illness=stroke().pk, illness_evidence="出院记录")
    )
    form = RegistrationForm.objects.get()
    assert (form.serious_illness, form.illness, form.illness_evidence) == (True, stroke(), "出院记录")


def test_certificate_tells_the_grade(cast: Cast, head: Desk) -> None:
    head.add("elders.elder", **typed(cast, disability_number=NUMBER.lower() + "42B1", disability_grade=""))
    elder = Elder.objects.get()
    assert (elder.disability_number, elder.forms.get().disability_grade) == (NUMBER + "42B1", 2)
    assert NUMBER + "42B1" not in head.page(elder)


def test_certificate_that_is_not_shown_stays(cast: Cast, head: Desk) -> None:
    head.add("elders.elder", **typed(cast, disability_number=NUMBER + "42", disability_grade="2"))
    elder = Elder.objects.get()
    head.press(elder, "renew", **typed(cast, id_number="", disability_grade="2", phone=""))
    elder.refresh_from_db()
    assert (elder.disability_number, elder.phone) == (NUMBER + "42", "19900012345")
    head.press(elder, "renew", **typed(cast, id_number="", disability_number="无"))
    elder.refresh_from_db()
    assert elder.disability_number == ""


def test_signatures_are_kept_with_the_wish(cast: Cast, head: Desk) -> None:
    head.add(
        "elders.elder",
        **typed(
            cast,
            signer="self",
            signed_on="2025-01-06",
            staff_signed_by="朱卫东",
            staff_signed_on="2025-01-07",
        ),
    )
    consent = Elder.objects.get().consents.get()
    assert (consent.signer, consent.signed_by, consent.signed_on) == ("self", "施汉清", date(2025, 1, 6))
    assert (consent.staff_signed_by, consent.staff_signed_on) == ("朱卫东", date(2025, 1, 7))
    assert "施汉清（本人）2025年1月6日" in head.page(Elder.objects.get())


# What was agreed


def test_plan_comes_with_the_registration(cast: Cast, head: Desk) -> None:
    head.add("elders.elder", **typed(cast, care="量血压", care_agreed_with="女儿"))
    plan = CarePlan.objects.get()
    assert (plan.content, plan.agreed_with, plan.agreed_on) == ("量血压", "女儿", today())


def test_plan_of_the_same_day_is_corrected_and_a_later_one_is_another(cast: Cast) -> None:
    elder = make_elder(cast.group)
    for day, content in ((6, "量血压"), (6, "量血压、取药"), (7, "陪聊天")):
        agree_care_plan(by=cast.head, elder=elder, agreed_on=date(2025, 1, day), content=content)
    assert [plan.content for plan in elder.care_plans.all()] == ["陪聊天", "量血压、取药"]


@pytest.mark.parametrize(("days", "content", "words"), [(0, " ", "空着"), (1, "量血压", "还没到")])
def test_plan_that_cannot_be_is_refused(cast: Cast, days: int, content: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        agree_care_plan(
            by=cast.head,
            elder=make_elder(cast.group),
            agreed_on=today() + timedelta(days=days),
            content=content,
        )


# Guards


def test_illness_of_the_list_that_is_not_serious_is_refused(cast: Cast) -> None:
    form = make_elder(cast.group).forms.get()
    for serious in (False, None):
        with breaks("illness_of_the_list_is_serious"):
            RegistrationForm.objects.filter(pk=form.pk).update(illness=stroke(), serious_illness=serious)


def test_second_plan_of_a_day_and_an_empty_one_are_refused(cast: Cast) -> None:
    elder = make_elder(cast.group)
    day = date(2025, 1, 6)
    CarePlan.objects.create(elder=elder, agreed_on=day, content="量血压")
    with breaks("one_care_plan_a_day"):
        CarePlan.objects.bulk_create([CarePlan(elder=elder, agreed_on=day, content="取药")])
    with breaks("care_plan_says_something"):
        CarePlan.objects.bulk_create([CarePlan(elder=elder, agreed_on=date(2025, 1, 7), content="")])
