from datetime import date
from typing import Any

import pytest

from elders.ndjson import FactsError, parse_facts, verdict_json
from elders.rules import ECONOMY_WORDS, KNOWABLE, LIVING_WORDS, LOCATION_WORDS, Facts, Health, classify
from visitcare.policy.rules import CarePolicy

LINE: dict[str, Any] = {"id": 7, "as_of": "2026-10-31", "birth_date": "1940-05-06"}


def parsed(**said: Any) -> Facts:
    return parse_facts(LINE | said)


def refusal(line: Any) -> str:
    with pytest.raises(FactsError) as error:
        parse_facts(line)
    return str(error.value)


def test_full_line_is_understood() -> None:
    line = LINE | {
        "living": "elders_only",
        "spouse_location": "same_home",
        "child_location": "elsewhere",
        "ability": "mild",
        "dementia": False,
        "disability_grade": 3,
        "serious_illness": True,
        "economy": ["subsistence_allowance", "resident_pension"],
        "family_planning_special": False,
        "left_behind": True,
        "cares_for_dependent_child": False,
        "lives_with_dependent_child_long_term": False,
        "other": "邻居报来",
        "able_adult_at_home": False,
        "cohabiting_elders": [
            {"ability": "total", "dementia": True, "disability_grade": None, "serious_illness": False},
            {"ability": "not_assessed", "dementia": None, "serious_illness": None},
        ],
    }
    assert parse_facts(line) == Facts(
        as_of=date(2026, 10, 31),
        birth_date=date(1940, 5, 6),
        living="elders_only",
        spouse_location="same_home",
        child_location="elsewhere",
        ability="mild",
        dementia=False,
        disability_grade=3,
        serious_illness=True,
        economy=frozenset({"subsistence_allowance", "resident_pension"}),
        family_planning_special=False,
        left_behind=True,
        cares_for_dependent_child=False,
        lives_with_dependent_child_long_term=False,
        other="邻居报来",
        able_adult_at_home=False,
        cohabiting_elders=(Health("total", True, 0, False), Health(None, None, None, None)),
    )


@pytest.mark.parametrize("name", KNOWABLE)
def test_absent_key_is_unknown(name: str) -> None:
    assert getattr(parsed(), name) is None


@pytest.mark.parametrize("name", [name for name in KNOWABLE if name != "disability_grade"])
def test_null_is_unknown(name: str) -> None:
    assert getattr(parsed(**{name: None}), name) is None


def test_null_disability_grade_means_none_and_an_absent_one_is_unknown() -> None:
    assert parsed(disability_grade=None).disability_grade == 0
    assert parsed(cohabiting_elders=[{"disability_grade": None}, {}]).cohabiting_elders == (
        Health(disability_grade=0),
        Health(disability_grade=None),
    )
    missing = {classify(parsed(**said), CarePolicy()).missing for said in ({}, {"disability_grade": None})}
    assert {"disability_grade" in names for names in missing} == {True, False}


def test_not_assessed_is_unknown() -> None:
    assert parsed(ability="not_assessed") == parsed()


def test_empty_lists_are_known() -> None:
    assert (parsed(economy=[]).economy, parsed(cohabiting_elders=[]).cohabiting_elders) == (frozenset(), ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("living", value) for value in LIVING_WORDS),
        *(("spouse_location", value) for value in LOCATION_WORDS),
        *(("child_location", value) for value in LOCATION_WORDS),
        *(("ability", value) for value in ("intact", "mild", "moderate", "severe", "total")),
        *(("disability_grade", value) for value in (1, 2, 3, 4)),
        *(("economy", [value]) for value in ECONOMY_WORDS),
    ],
)
def test_every_value_of_the_contract_is_known(name: str, value: Any) -> None:
    known = getattr(parsed(**{name: value}), name)
    assert known == (frozenset(value) if isinstance(value, list) else value)


def test_words_of_the_contract_are_all_there() -> None:
    assert set(LIVING_WORDS) == {"alone", "elders_only", "with_dependent_child", "with_family", "institution"}
    assert set(LOCATION_WORDS) == {"none", "same_home", "same_county", "elsewhere"}
    assert set(ECONOMY_WORDS) == {
        "dispersed_destitute",
        "subsistence_allowance",
        "marginal",
        "resident_pension",
        "enterprise_pension",
        "public_pension",
    }


def test_keys_that_nobody_knows_are_passed_over() -> None:
    assert parsed(name="马凤英", cohabiting_elders=[{"name": "马志强"}]) == parsed(cohabiting_elders=[{}])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"as_of": None}, "as_of：None 不是日期，要写成 2026-10-31 这样"),
        ({"as_of": 20261031}, "as_of：20261031 不是日期，要写成 2026-10-31 这样"),
        ({"as_of": "2026-02-29"}, "as_of：'2026-02-29' 不是日期，要写成 2026-10-31 这样"),
        ({"birth_date": "1940-05-06T00:00"}, "birth_date：'1940-05-06T00:00' 不是日期，要写成 2026-10-31 这样"),
        ({"birth_date": ["1940-05-06"]}, "birth_date：['1940-05-06'] 不是日期，要写成 2026-10-31 这样"),
        ({"birth_date": "2026-11-01"}, "birth_date：2026-11-01 晚于 as_of 2026-10-31"),
        ({"living": "独居"}, "living：'独居' 不认识，要写 alone、elders_only、institution、with_dependent_child、with_family"),
        ({"living": ["alone"]}, "living：['alone'] 不认识，要写 alone、elders_only、institution、with_dependent_child、with_family"),
        ({"child_location": True}, "child_location：True 不认识，要写 elsewhere、none、same_county、same_home"),
        ({"spouse_location": ""}, "spouse_location：'' 不认识，要写 elsewhere、none、same_county、same_home"),
        ({"ability": "disabled"}, "ability：'disabled' 不认识，要写 intact、mild、moderate、severe、total"),
        ({"ability": 65}, "ability：65 不认识，要写 intact、mild、moderate、severe、total"),
        ({"dementia": "no"}, "dementia：要写 true 或 false，不是 'no'"),
        ({"dementia": 0}, "dementia：要写 true 或 false，不是 0"),
        ({"able_adult_at_home": []}, "able_adult_at_home：要写 true 或 false，不是 []"),
        ({"disability_grade": 0}, "disability_grade：要写 null 或 1—4，不是 0"),
        ({"disability_grade": 5}, "disability_grade：要写 null 或 1—4，不是 5"),
        ({"disability_grade": 1.5}, "disability_grade：要写 null 或 1—4，不是 1.5"),
        ({"disability_grade": "2"}, "disability_grade：要写 null 或 1—4，不是 '2'"),
        ({"disability_grade": True}, "disability_grade：要写 null 或 1—4，不是 True"),
        ({"disability_grade": [1]}, "disability_grade：要写 null 或 1—4，不是 [1]"),
        ({"economy": "marginal"}, "economy：要是列表，不是 'marginal'"),
        ({"economy": [None]}, "economy：None 不认识，要写 dispersed_destitute、enterprise_pension、marginal、public_pension、resident_pension、subsistence_allowance"),
        ({"economy": [{}]}, "economy：{} 不认识，要写 dispersed_destitute、enterprise_pension、marginal、public_pension、resident_pension、subsistence_allowance"),
        ({"other": True}, "other：要是文字，不是 True"),
        ({"cohabiting_elders": {}}, "cohabiting_elders：要是对象的列表"),
        ({"cohabiting_elders": [None]}, "cohabiting_elders：要是对象的列表"),
        ({"cohabiting_elders": [{"ability": "weak"}]}, "ability：'weak' 不认识，要写 intact、mild、moderate、severe、total"),
        ({"cohabiting_elders": [{"serious_illness": 1}]}, "serious_illness：要写 true 或 false，不是 1"),
    ],
)  # fmt: skip
def test_value_that_is_not_valid_is_named_with_what_it_may_be(said: dict[str, Any], words: str) -> None:
    assert refusal(LINE | said) == words


@pytest.mark.parametrize("name", ["as_of", "birth_date"])
def test_absent_date_is_named(name: str) -> None:
    line = {key: value for key, value in LINE.items() if key != name}
    assert refusal(line) == f"{name}：缺少，要写成 2026-10-31 这样"


@pytest.mark.parametrize("line", [None, [], "alone", 7, True])
def test_line_that_is_no_object_is_refused(line: Any) -> None:
    assert refusal(line) == "每行要是一个 JSON 对象"


def test_newborn_is_a_valid_line() -> None:
    assert classify(parsed(birth_date="2026-10-31"), CarePolicy()).age == 0


def test_verdict_has_the_shape_of_the_contract() -> None:
    said = verdict_json(classify(parsed(living="alone", child_location="elsewhere"), CarePolicy()))
    assert list(said) == ["risk_class", "in_scope", "age", "categories", "rules", "missing", "policy"]
    assert (said["risk_class"], said["in_scope"], said["age"]) == ("A", True, 86)
    assert said["categories"] == ["living_alone", "advanced_age"]
    assert said["missing"] == [name for name in KNOWABLE if name not in ("living", "child_location")]
    assert said["policy"] == "2024-01-01"
    assert [rule["code"] for rule in said["rules"]] == ["A1", "A2", "A3", "B1", "B2", "B3", "C"]
    assert said["rules"][0] == {
        "code": "A1",
        "matched": True,
        "because": "86 岁；一个人住，配偶没有填，子女住外地",
        "clause": "通知第二部分“A类”第1项",
        "missing": [],
    }
    assert said["rules"][2]["missing"] == ["family_planning_special"]
