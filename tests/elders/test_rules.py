from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from elders.rules import (
    ALL_RULES,
    ECONOMY_WORDS,
    KNOWABLE,
    SCORES,
    Facts,
    Health,
    RuleResult,
    classify,
)
from visitcare.policy.rules import CarePolicy

DAY = date(2026, 10, 31)
POLICY = CarePolicy()
CHILD_ANYWHERE = CarePolicy(kin_in_county_breaks_alone=False)
WELL = Health("intact", False, 0, False)
NOTHING: dict[str, Any] = {
    "living": "with_family",
    "spouse_location": "none",
    "child_location": "none",
    "ability": "intact",
    "dementia": False,
    "disability_grade": 0,
    "serious_illness": False,
    "economy": frozenset(),
    "family_planning_special": False,
    "left_behind": False,
    "cares_for_dependent_child": False,
    "lives_with_dependent_child_long_term": False,
    "other": "",
    "able_adult_at_home": False,
    "cohabiting_elders": (),
}
"""Everything is known, and nothing brings the elder into scope."""

ALLOWANCE = {"economy": frozenset({"subsistence_allowance"})}
CERTIFIED = {"family_planning_special": True}
ALONE = {"living": "alone"}
NEST = {"living": "elders_only"}


def born(age: int, *, day: date = DAY) -> date:
    """The birth date of somebody whose birthday is the day."""
    return day.replace(year=day.year - age)


def facts(age: int, **known: Any) -> Facts:
    return Facts(as_of=DAY, birth_date=born(age), **NOTHING | known)


def result(code: str, subject: Facts, policy: CarePolicy = POLICY) -> RuleResult:
    return next(one for one in classify(subject, policy).rules if one.code == code)


def judge(
    age: int, policy: CarePolicy = POLICY, **known: Any
) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """Class, matched rules and categories."""
    verdict = classify(facts(age, **known), policy)
    return verdict.risk_class, verdict.codes, verdict.categories


# Each clause: matched, not matched, or the facts that are missing


@pytest.mark.parametrize(
    ("code", "age", "known", "expected"),
    [
        ("A1", 80, ALONE, True),
        ("A1", 80, NEST, True),
        ("A1", 101, ALONE, True),
        ("A1", 80, ALONE | {"child_location": "elsewhere", "spouse_location": "elsewhere"}, True),
        ("A1", 80, NEST | {"spouse_location": "same_home"}, True),
        ("A1", 80, NEST | {"spouse_location": "same_county"}, True),
        ("A1", 80, NEST | {"cohabiting_elders": None}, True),
        ("A1", 80, NEST | {"cohabiting_elders": (WELL, WELL)}, True),
        ("A1", 80, ALONE | {"child_location": None, "spouse_location": None}, True),
        ("A1", 79, ALONE, False),
        ("A1", 79, {"living": None}, False),
        ("A1", 80, {"living": "with_family"}, False),
        ("A1", 80, {"living": "with_dependent_child"}, False),
        ("A1", 80, {"living": "institution"}, False),
        ("A1", 80, ALONE | {"child_location": "same_county"}, False),
        ("A1", 80, ALONE | {"child_location": "same_home"}, False),
        ("A1", 80, ALONE | {"spouse_location": "same_county"}, False),
        ("A1", 80, NEST | {"child_location": "same_county"}, False),
        ("A1", 80, {"living": None, "child_location": "same_county"}, False),
        ("A1", 80, {"living": None}, ("living",)),
        ("A1", 80, {"living": None, "spouse_location": "same_county"}, ("living",)),
        ("A2", 60, ALLOWANCE | ALONE | {"ability": "mild"}, True),
        ("A2", 60, ALLOWANCE | ALONE | {"ability": "moderate"}, True),
        ("A2", 60, ALLOWANCE | NEST | {"ability": "severe"}, True),
        ("A2", 90, ALLOWANCE | NEST | {"ability": "total"}, True),
        ("A2", 60, {"economy": frozenset({"subsistence_allowance", "marginal"})} | ALONE | {"ability": "mild"}, True),
        ("A2", 60, {"economy": frozenset({"marginal"})} | ALONE | {"ability": "mild"}, False),
        ("A2", 60, {"economy": frozenset({"dispersed_destitute"})} | ALONE | {"ability": "total"}, False),
        ("A2", 60, ALLOWANCE | ALONE | {"ability": "intact"}, False),
        ("A2", 60, ALLOWANCE | ALONE | {"ability": "intact", "dementia": True}, False),
        ("A2", 60, ALLOWANCE | ALONE | {"disability_grade": 1}, False),
        ("A2", 60, ALLOWANCE | {"ability": "total"}, False),
        ("A2", 60, ALLOWANCE | ALONE | {"ability": "total", "child_location": "same_county"}, False),
        ("A2", 60, ALLOWANCE | ALONE | {"ability": None}, ("ability",)),
        ("A2", 60, {"economy": None, "ability": "mild"} | ALONE, ("economy",)),
        ("A2", 60, ALLOWANCE | {"ability": "mild", "living": None}, ("living",)),
        ("A2", 60, {"economy": None, "ability": None, "living": None}, ("economy", "ability", "living")),
        ("A2", 60, {"economy": None, "ability": "intact", "living": None}, False),
        ("A2", 60, {"economy": frozenset({"marginal"}), "ability": None, "living": None}, False),
        ("A3", 60, CERTIFIED | ALONE, True),
        ("A3", 69, CERTIFIED | {"ability": "mild"}, True),
        ("A3", 69, CERTIFIED | {"ability": "moderate"}, True),
        ("A3", 60, CERTIFIED | {"ability": "total", "living": "institution"}, True),
        ("A3", 60, CERTIFIED | ALONE | {"ability": None}, True),
        ("A3", 90, CERTIFIED | NEST, False),
        ("A3", 90, CERTIFIED, False),
        ("A3", 60, CERTIFIED | {"dementia": True}, False),
        ("A3", 60, ALONE | {"ability": "total"}, False),
        ("A3", 60, CERTIFIED | ALONE | {"child_location": "same_county"}, False),
        ("A3", 60, CERTIFIED | {"ability": None}, ("ability",)),
        ("A3", 60, CERTIFIED | {"living": None}, ("living",)),
        ("A3", 60, {"family_planning_special": None} | ALONE, ("family_planning_special",)),
        ("A3", 60, CERTIFIED | {"living": None, "ability": None}, ("living", "ability")),
        ("A3", 60, {"family_planning_special": None}, False),
        ("B1", 79, ALONE | {"disability_grade": 1}, True),
        ("B1", 60, ALONE | {"disability_grade": 2}, True),
        ("B1", 60, ALONE | {"serious_illness": True}, True),
        ("B1", 60, ALONE | {"serious_illness": True, "disability_grade": None}, True),
        ("B1", 80, ALONE | {"disability_grade": 1, "serious_illness": True}, False),
        ("B1", 60, ALONE | {"disability_grade": 3}, False),
        ("B1", 60, ALONE | {"ability": "total", "dementia": True}, False),
        ("B1", 60, NEST | {"disability_grade": 1}, False),
        ("B1", 60, {"disability_grade": 1}, False),
        ("B1", 60, ALONE | {"disability_grade": None}, ("disability_grade",)),
        ("B1", 60, ALONE | {"serious_illness": None}, ("serious_illness",)),
        ("B1", 60, {"living": None, "disability_grade": 2}, ("living",)),
        ("B1", 60, {"living": None, "spouse_location": "same_county", "disability_grade": 2}, False),
        ("B1", 80, {"living": None, "disability_grade": None}, False),
        ("B2", 60, {"cohabiting_elders": (WELL,), "ability": "moderate"}, True),
        ("B2", 60, {"cohabiting_elders": (WELL,), "dementia": True}, True),
        ("B2", 60, {"cohabiting_elders": (WELL,), "disability_grade": 4}, True),
        ("B2", 60, {"cohabiting_elders": (WELL,), "serious_illness": True}, True),
        ("B2", 95, NEST | {"cohabiting_elders": (WELL, replace(WELL, ability="severe"))}, True),
        ("B2", 60, {"living": "with_dependent_child", "cohabiting_elders": (replace(WELL, dementia=True),)}, True),
        ("B2", 60, {"living": None, "cohabiting_elders": (replace(WELL, disability_grade=4),)}, True),
        ("B2", 60, {"cohabiting_elders": (replace(WELL, serious_illness=True),), "able_adult_at_home": None}, True),
        ("B2", 60, {"cohabiting_elders": (Health(), Health(ability="total"))}, True),
        ("B2", 60, {"cohabiting_elders": (Health(),), "ability": "total"}, True),
        ("B2", 60, {"cohabiting_elders": (WELL, WELL)}, False),
        ("B2", 60, {"cohabiting_elders": (replace(WELL, ability="mild"),), "ability": "mild"}, False),
        ("B2", 60, {"cohabiting_elders": (), "ability": "total"}, False),
        ("B2", 60, NEST | {"cohabiting_elders": (), "ability": "total"}, False),
        ("B2", 60, ALONE | {"cohabiting_elders": (WELL,), "ability": "total"}, False),
        ("B2", 60, ALONE | {"cohabiting_elders": None, "ability": "total"}, False),
        ("B2", 60, {"living": "institution", "cohabiting_elders": (WELL,), "ability": "total"}, False),
        ("B2", 60, {"able_adult_at_home": True, "cohabiting_elders": (WELL,), "ability": "total"}, False),
        ("B2", 60, {"able_adult_at_home": True, "cohabiting_elders": None, "ability": "total"}, False),
        ("B2", 60, {"cohabiting_elders": None, "ability": "total"}, ("cohabiting_elders",)),
        ("B2", 60, {"cohabiting_elders": None}, ("cohabiting_elders",)),
        ("B2", 60, {"cohabiting_elders": None, "dementia": None}, ("cohabiting_elders", "dementia")),
        ("B2", 60, {"cohabiting_elders": (Health(),)}, ("cohabiting_elders",)),
        ("B2", 60, {"cohabiting_elders": (WELL, Health("intact", False, 0, None))}, ("cohabiting_elders",)),
        ("B2", 60, {"cohabiting_elders": (WELL,), "ability": None}, ("ability",)),
        ("B2", 60, {"cohabiting_elders": (WELL,), "disability_grade": None}, ("disability_grade",)),
        (
            "B2",
            60,
            {"cohabiting_elders": (WELL,), "dementia": None, "serious_illness": None},
            ("dementia", "serious_illness"),
        ),
        ("B3", 60, {"cares_for_dependent_child": True}, True),
        ("B3", 90, ALONE | {"cares_for_dependent_child": True}, True),
        ("B3", 60, {"cares_for_dependent_child": False, "lives_with_dependent_child_long_term": True}, False),
        ("B3", 60, {"cares_for_dependent_child": None}, ("cares_for_dependent_child",)),
        ("C", 80, {}, True),
        ("C", 60, ALONE, True),
        ("C", 60, {}, False),
        ("C", 80, ALONE, False),
        ("C", 60, {"left_behind": None}, ("left_behind",)),
        ("C", 60, {"cares_for_dependent_child": None, "cohabiting_elders": None}, False),
        ("C", 60, {"living": None, "other": None}, ("living", "other")),
    ],
)  # fmt: skip
def test_rule(code: str, age: int, known: dict[str, Any], expected: bool | tuple[str, ...]) -> None:
    found = result(code, facts(age, **known))
    missing = expected if isinstance(expected, tuple) else ()
    assert (found.matched, found.missing) == (expected is True, missing)


@pytest.mark.parametrize("code", [rule.code for rule in ALL_RULES])
def test_rule_never_matches_under_sixty(code: str) -> None:
    everything = ALLOWANCE | CERTIFIED | ALONE | {"ability": "total", "cares_for_dependent_child": True}
    found = result(code, facts(59, **everything, disability_grade=1, left_behind=None))
    assert (found.matched, found.missing, found.because) == (False, (), "59 岁，不满60周岁，不在探访范围内")


def test_verdict_under_sixty_has_no_category_and_still_names_what_is_unknown() -> None:
    verdict = classify(facts(59, living="alone", left_behind=True, other="困难", dementia=None), POLICY)
    assert (verdict.risk_class, verdict.in_scope, verdict.age) == (None, False, 59)
    assert (verdict.categories, verdict.codes, verdict.missing) == ((), (), ("dementia",))


# Kin, and the reading of 半失能: what a county may want otherwise


@pytest.mark.parametrize("kin", ["spouse_location", "child_location"])
@pytest.mark.parametrize("where", ["same_county", "same_home"])
def test_kin_in_the_county_breaks_alone_only_by_policy(kin: str, where: str) -> None:
    near = {"living": "alone", kin: where}
    assert judge(80, **near) == ("C", ("C",), ("advanced_age",))
    assert judge(80, CHILD_ANYWHERE, **near) == ("A", ("A1",), ("living_alone", "advanced_age"))


def test_child_in_the_county_breaks_empty_nest_only_by_policy() -> None:
    near = NEST | {"child_location": "same_county"}
    assert judge(80, **near) == ("C", ("C",), ("advanced_age",))
    assert judge(80, CHILD_ANYWHERE, **near) == ("A", ("A1",), ("empty_nest", "advanced_age"))


def test_semi_disabled_is_what_the_policy_says() -> None:
    mild = ALLOWANCE | ALONE | {"ability": "mild"}
    nobody = CarePolicy(semi_disabled=frozenset())
    assert judge(60, **mild)[:2] == ("A", ("A2",))
    assert judge(60, nobody, **mild)[:2] == ("C", ("C",))
    assert judge(60, nobody, **mild | {"ability": "moderate"})[:2] == ("A", ("A2",))


def test_score_of_each_level_leaves_no_gap() -> None:
    points = sorted(point for low, high in SCORES.values() for point in range(low, high + 1))
    assert points == list(range(91))
    assert (SCORES["moderate"][1], SCORES["mild"][0]) == (65, 66)


# Age


@pytest.mark.parametrize(
    ("born_on", "day", "expected"),
    [
        (date(1946, 10, 31), date(2026, 10, 31), (80, "A")),
        (date(1946, 10, 31), date(2026, 10, 30), (79, "C")),
        (date(1966, 10, 31), date(2026, 10, 31), (60, "C")),
        (date(1966, 10, 31), date(2026, 10, 30), (59, None)),
        (date(2020, 2, 29), date(2100, 2, 28), (79, "C")),  # 2100 has no 29 February
        (date(2020, 2, 29), date(2100, 3, 1), (80, "A")),
        (date(1948, 2, 29), date(2028, 2, 28), (79, "C")),
        (date(1948, 2, 29), date(2028, 2, 29), (80, "A")),
        (date(2040, 2, 29), date(2100, 2, 28), (59, None)),
        (date(2040, 2, 29), date(2100, 3, 1), (60, "C")),
    ],
)
def test_age_is_reached_on_the_birthday(born_on: date, day: date, expected: tuple[int, str | None]) -> None:
    verdict = classify(Facts(as_of=day, birth_date=born_on, **NOTHING | ALONE), POLICY)
    assert (verdict.age, verdict.risk_class) == expected


def test_eightieth_birthday_turns_b1_into_a1() -> None:
    ill = ALONE | {"serious_illness": True}
    before = Facts(as_of=DAY, birth_date=born(80) + timedelta(1), **NOTHING | ill)
    assert classify(before, POLICY).codes == ("B1",)
    assert judge(80, **ill)[:2] == ("A", ("A1",))


# Categories


@pytest.mark.parametrize(
    ("age", "known", "categories"),
    [
        (60, {}, ()),
        (60, ALONE, ("living_alone",)),
        (60, ALONE | {"child_location": "same_county"}, ()),
        (60, NEST, ("empty_nest",)),
        (60, NEST | {"child_location": "same_home"}, ()),
        (60, {"living": None}, ()),
        (60, {"left_behind": True}, ("left_behind",)),
        (60, {"ability": "moderate"}, ("disabled",)),
        (60, {"ability": "mild"}, ()),
        (60, {"dementia": True}, ("disabled",)),
        (60, {"dementia": True, "ability": None}, ("disabled",)),
        (60, {"disability_grade": 2}, ("severe_disability",)),
        (60, {"disability_grade": 3}, ()),
        (60, {"serious_illness": True}, ()),
        (79, {}, ()),
        (80, {}, ("advanced_age",)),
        (60, {"economy": frozenset({"dispersed_destitute"})}, ("dispersed_destitute",)),
        (60, {"economy": frozenset({"dispersed_destitute"}), "living": None}, ("dispersed_destitute",)),
        (60, {"economy": frozenset({"dispersed_destitute"}), "living": "institution"}, ()),
        (60, {"economy": frozenset({"subsistence_allowance", "marginal", "resident_pension"})}, ()),
        (69, CERTIFIED, ()),
        (69, CERTIFIED | {"ability": "mild"}, ()),
        (69, CERTIFIED | {"dementia": True}, ("disabled",)),
        (69, CERTIFIED | {"ability": "moderate"}, ("disabled", "family_planning_special")),
        (70, CERTIFIED, ("family_planning_special",)),
        (70, {"family_planning_special": None}, ()),
        (60, {"lives_with_dependent_child_long_term": True}, ("lives_with_dependent_child",)),
        (60, {"living": "with_dependent_child"}, ()),
        (60, {"other": "孤寡，邻居照应"}, ("other",)),
        (60, {"other": " \u3000"}, ()),
    ],
)
def test_categories(age: int, known: dict[str, Any], categories: tuple[str, ...]) -> None:
    assert classify(facts(age, **known), POLICY).categories == categories


def test_categories_stand_in_the_order_of_the_contract() -> None:
    everything = ALONE | CERTIFIED | {
        "left_behind": True,
        "ability": "total",
        "disability_grade": 1,
        "economy": frozenset(ECONOMY_WORDS),
        "lives_with_dependent_child_long_term": True,
        "other": "其他",
    }  # fmt: skip
    assert classify(facts(80, **everything), POLICY).categories == (
        "living_alone",
        "left_behind",
        "disabled",
        "severe_disability",
        "advanced_age",
        "dispersed_destitute",
        "family_planning_special",
        "lives_with_dependent_child",
        "other",
    )


# Scope and class


@pytest.mark.parametrize(
    ("age", "known", "expected"),
    [
        (
            65,
            {"cohabiting_elders": (replace(WELL, ability="total"),)},
            ("B", ("B2",), ()),
        ),  # the healthy carer
        (65, {"cares_for_dependent_child": True}, ("B", ("B3",), ())),
        (65, CERTIFIED | {"ability": "mild"}, ("A", ("A3",), ())),
        (65, {"dementia": True}, ("C", ("C",), ("disabled",))),
        (
            80,
            ALONE | {"cares_for_dependent_child": True},
            ("A", ("A1", "B3"), ("living_alone", "advanced_age")),
        ),
        (65, {}, (None, (), ())),
        (65, {"serious_illness": True, "ability": "mild", "disability_grade": 4}, (None, (), ())),
        (  # disabled 特困 living alone: only C by the letter
            65,
            ALONE | {"ability": "total", "economy": frozenset({"dispersed_destitute"})},
            ("C", ("C",), ("living_alone", "disabled", "dispersed_destitute")),
        ),
    ],
)
def test_class_and_scope(age: int, known: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert judge(age, **known) == expected
    assert classify(facts(age, **known), POLICY).in_scope == (expected[0] is not None)


def test_facts_of_which_nothing_is_known_leave_all_of_them_missing() -> None:
    verdict = classify(Facts(as_of=DAY, birth_date=born(70)), POLICY)
    assert (verdict.risk_class, verdict.missing) == (None, KNOWABLE)
    assert {one.code: one.missing for one in verdict.rules} == {
        "A1": (),
        "A2": ("economy", "ability", "living"),
        "A3": ("family_planning_special", "living", "ability"),
        "B1": ("living", "disability_grade", "serious_illness"),
        "B2": ("cohabiting_elders", "ability", "dementia", "disability_grade", "serious_illness"),
        "B3": ("cares_for_dependent_child",),
        "C": (
            "living",
            "left_behind",
            "ability",
            "dementia",
            "disability_grade",
            "economy",
            "family_planning_special",
            "lives_with_dependent_child_long_term",
            "other",
        ),
    }


def test_missing_of_a_verdict_names_cohabitants_that_are_not_fully_known() -> None:
    assert classify(facts(70, cohabiting_elders=(Health(),)), POLICY).missing == ("cohabiting_elders",)
    assert classify(facts(70, cohabiting_elders=(WELL,)), POLICY).missing == ()


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (ALONE | {"child_location": None}, ("child_location",)),
        (NEST | {"child_location": None, "cares_for_dependent_child": True}, ()),
        (ALONE, ()),
    ],
)
def test_rule_c_names_what_could_take_an_elder_out_of_a_and_b(
    known: dict[str, Any], missing: tuple[str, ...]
) -> None:
    assert result("C", facts(80, **known)).missing == missing


# Words


@pytest.mark.parametrize(
    ("code", "age", "known", "words"),
    [
        ("A1", 80, ALONE | {"child_location": "elsewhere"}, "80 岁；一个人住，配偶无，子女住外地"),
        ("A2", 60, ALLOWANCE | NEST | {"ability": "mild"}, "低保；轻度失能；家里只有老人同住，配偶无，子女无"),
        ("A2", 60, {"economy": None, "ability": None, "living": None, "spouse_location": None},
         "经济情况没有填；能力没有评估；居住状况没有填，配偶没有填，子女无"),
        ("A3", 60, CERTIFIED, "有计划生育特殊家庭认定；与家人同住，配偶无，子女无；能力完好"),
        ("B1", 60, {"disability_grade": 2, "serious_illness": None},
         "60 岁；与家人同住，配偶无，子女无；残疾二级；是否重病没有填"),
        ("B2", 60, {"cohabiting_elders": (WELL, Health(dementia=True))},
         "同住老人 2 位，其中失能失智、残疾或重病 1 位；能力完好，没有失智，没有残疾证，没有重病"),
        ("B2", 60, {"cohabiting_elders": None, "disability_grade": None},
         "同住老人的情况没有填；能力完好，没有失智，残疾等级没有填，没有重病"),
        ("B2", 60, {"able_adult_at_home": True}, "家里有60岁以下能照料的人；能力完好，没有失智，没有残疾证，没有重病"),
        ("B3", 60, {"cares_for_dependent_child": True}, "长期照料失能失智或重病的子女"),
        ("B3", 60, {"cares_for_dependent_child": None}, "是否长期照料子女没有填"),
        ("C", 80, {"left_behind": True}, "属于留守老人、高龄老人；A、B类各条都不符合"),
        ("C", 80, ALONE, "已经符合A类的规则，不再落到C类"),
        ("C", 60, {}, "不属于任何一类探访对象"),
    ],
)  # fmt: skip
def test_because_tells_the_facts_it_looked_at(code: str, age: int, known: dict[str, Any], words: str) -> None:
    assert result(code, facts(age, **known)).because == words


def test_rules_stand_in_order_with_their_clauses() -> None:
    verdict = classify(facts(70), CarePolicy(effective_from=date(2026, 1, 5)))
    assert [(one.code, one.rule.clause) for one in verdict.rules] == [
        ("A1", "通知第二部分“A类”第1项"),
        ("A2", "通知第二部分“A类”第2项"),
        ("A3", "通知第二部分“A类”第3项"),
        ("B1", "通知第二部分“B类”第1项"),
        ("B2", "通知第二部分“B类”第2项"),
        ("B3", "通知第二部分“B类”第3项"),
        ("C", "通知第二部分“C类”"),
    ]
    assert verdict.policy == "2026-01-05"
