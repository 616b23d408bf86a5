"""Why one verdict followed another, told from what is stored with them."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from elders.ndjson import verdict_json
from elders.rules import Facts, Health, causes_of, classify
from tests.elders.test_suggestions import ALLOWANCE, PLAIN, POLICY

WELL = Health("intact", False, 0, False)
COUPLE = replace(PLAIN, living="elders_only", cohabiting_elders=(replace(WELL, serious_illness=True),))


def told(before: Facts, **changes: Any) -> list[str]:
    after = replace(before, **changes)
    return causes_of(*(verdict_json(classify(facts, POLICY)) for facts in (before, after)))


@pytest.mark.parametrize(
    ("before", "changes", "words"),
    [
        (PLAIN, {"as_of": date(2030, 5, 1)}, ["生日满 80 岁"]),
        (
            replace(PLAIN, economy=ALLOWANCE, ability=None),
            {"ability": "mild"},
            ["新的能力评估：能力没有评估 → 轻度失能"],
        ),
        (replace(PLAIN, ability="mild"), {"economy": ALLOWANCE}, ["经济情况：没有救助和养老保险 → 低保"]),
        (PLAIN, {"serious_illness": True}, ["重病：没有重病 → 有重病"]),
        (PLAIN, {"disability_grade": 2}, ["残疾等级：没有残疾证 → 残疾二级"]),
        (
            PLAIN,
            {"family_planning_special": True},
            ["计划生育特殊家庭：没有计划生育特殊家庭认定 → 有计划生育特殊家庭认定"],
        ),
        (
            PLAIN,
            {"cares_for_dependent_child": True},
            ["照料子女：没有需要长期照料的子女 → 长期照料失能失智或重病的子女"],
        ),
        (
            COUPLE,
            {"cohabiting_elders": ()},
            ["同住的人：同住老人 1 位，其中失能失智、残疾或重病 1 位 → 没有别的老人同住"],
        ),
        (
            replace(COUPLE, cohabiting_elders=(WELL,)),
            {"dementia": True},
            ["失智：没有失智 → 有失智"],
        ),
        (
            replace(PLAIN, birth_date=date(1940, 5, 1)),
            {"child_location": "same_county"},
            ["居住情况：一个人住，配偶无，子女无 → 一个人住，配偶无，子女住本县"],
        ),
    ],
)
def test_cause_is_told_in_words(before: Facts, changes: dict[str, Any], words: list[str]) -> None:
    assert told(before, **changes) == words


def test_what_did_not_decide_is_left_out() -> None:
    words = told(PLAIN, as_of=date(2030, 5, 1), left_behind=True, economy=frozenset({"resident_pension"}))
    assert words == ["生日满 80 岁"]


def test_what_changes_no_rule_is_told_where_nothing_else_is() -> None:
    assert told(PLAIN, left_behind=True) == ["列为留守老人"]
    assert told(replace(PLAIN, left_behind=True), left_behind=False) == ["不再是留守老人"]


def test_another_policy_is_a_cause_where_no_fact_is() -> None:
    verdict = verdict_json(classify(PLAIN, POLICY))
    assert causes_of(verdict, verdict | {"policy": "2027-01-04"}) == ["政策参数有变化"]
    assert causes_of(verdict, verdict) == []
