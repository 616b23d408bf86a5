"""What a sheet says of the household."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from elders.actions import FormData, register_elder, submit_form
from elders.importing.known import FIRST
from elders.models import Household, RegistrationForm
from tests.cast import Cast
from tests.elders.importing.rows import counts, elder, other, stored, words_of
from visitcare.audit.models import Event
from visitcare.kit.weeks import today


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
