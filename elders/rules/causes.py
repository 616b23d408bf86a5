"""What made the difference between two stored verdicts on one elder, in words.

A verdict is stored with the facts that its rules have looked at, as sentences (`reasons`); so it is these that are
compared, and old verdicts tell as much as new ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from elders.rules.categories import CATEGORY_WORDS
from elders.rules.facts import ADULT_OLD, ADVANCED, FAMILY_PLANNING_AGE
from elders.rules.table import RULE_BY_CODE

COMPANY = "同住的人"
_TOLD: tuple[tuple[str, str, int, str], ...] = (
    ("ability", "A2", 1, "新的能力评估"),
    ("alone", "A1", 1, "居住情况"),
    ("economy", "A2", 0, "经济情况"),
    ("family_planning_special", "A3", 0, "计划生育特殊家庭"),
    ("disability_grade", "B1", 2, "残疾等级"),
    ("serious_illness", "B1", 3, "重病"),
    ("cohabiting_elders", "B2", 0, COMPANY),
    ("cares_for_dependent_child", "B3", 0, "照料子女"),
)
"""A fact, the rule that tells it, which part of its sentence, and how the fact is called."""
_DEMENTIA = 1
"""The part of B2's second clause that tells of dementia."""


def causes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed between two verdicts, as `verdict_json` has them: what decided first, or all that is told where
    no rule came out otherwise for it."""
    told = list(_differences(before, after))
    decisive = _looked_at(before, after)
    return (
        [words for fact, words in told if fact in decisive]
        or [words for _, words in told]
        or _beside_the_facts(before, after)
    )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """(fact, words) of every fact that reads otherwise."""
    for age in (ADULT_OLD, FAMILY_PLANNING_AGE, ADVANCED):
        if before["age"] < age <= after["age"]:
            yield "age", f"生日满 {age} 岁"
    old, new = _sentences(before), _sentences(after)
    for fact, code, part, name in _TOLD:
        if _part(old, code, part) != _part(new, code, part):
            yield fact, f"{name}：{_part(old, code, part)} → {_part(new, code, part)}"
    was, now = _dementia(old), _dementia(new)
    if was != now:
        yield "dementia", f"失智：{was} → {now}"
    for name, words in CATEGORY_WORDS.items():
        if (name in before["categories"]) != (name in after["categories"]):
            yield "categories", f"{'不再是' if name in before['categories'] else '列为'}{words}"


def _sentences(verdict: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    return {rule["code"]: rule["because"].split("；") for rule in verdict["rules"]}


def _part(sentences: Mapping[str, Sequence[str]], code: str, part: int) -> str:
    parts = sentences.get(code, ())
    return parts[part] if part < len(parts) else "没有记"


def _dementia(sentences: Mapping[str, Sequence[str]]) -> str:
    clauses = _part(sentences, "B2", 1).split("，")
    return clauses[_DEMENTIA] if len(clauses) > _DEMENTIA else "没有记"


def _looked_at(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The facts that belong to the rules which came out otherwise."""
    was = {rule["code"]: rule["matched"] for rule in before["rules"]}
    turned = [rule["code"] for rule in after["rules"] if was.get(rule["code"]) != rule["matched"]]
    return {fact for code in turned for fact in RULE_BY_CODE[code].looks_at}


def _beside_the_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return ["政策参数有变化"] if before["policy"] != after["policy"] else []
