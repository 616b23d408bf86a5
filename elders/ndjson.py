"""The JSON of `classify` (contracts.md): facts in, verdict out."""

from datetime import date
from typing import Any

from elders.rules import ECONOMY_WORDS, KNOWABLE, LIVING_WORDS, LOCATION_WORDS, SCORES, Facts, Health, Verdict

ABILITIES = frozenset(SCORES)
_CHOICES: dict[str, frozenset[str]] = {
    "living": frozenset(LIVING_WORDS),
    "spouse_location": frozenset(LOCATION_WORDS),
    "child_location": frozenset(LOCATION_WORDS),
}
_HEALTH = ("ability", "dementia", "disability_grade", "serious_illness")


class FactsError(ValueError):
    """A line that is not valid; the message says which key and what it may be."""


def parse_facts(line: Any) -> Facts:
    """Facts from one decoded line. Keys that are absent, null or not_assessed are unknown."""
    if not isinstance(line, dict):
        raise FactsError("每行要是一个 JSON 对象")
    known = {name: _parse(name, line[name]) for name in KNOWABLE if name in line}
    facts = Facts(as_of=_date(line, "as_of"), birth_date=_date(line, "birth_date"), **known)
    if facts.birth_date > facts.as_of:
        raise FactsError(f"birth_date：{facts.birth_date} 晚于 as_of {facts.as_of}")
    return facts


def _date(line: dict[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(line[name])
    except KeyError:
        raise FactsError(f"{name}：缺少，要写成 2026-10-31 这样") from None
    except (TypeError, ValueError):
        raise FactsError(f"{name}：{line[name]!r} 不是日期，要写成 2026-10-31 这样") from None


def _parse(name: str, value: Any) -> Any:
    if name == "disability_grade":
        return _grade(name, value)
    if value is None:
        return None
    if name in _CHOICES:
        return _one_of(name, value, _CHOICES[name])
    if name == "ability":
        return None if value == "not_assessed" else _one_of(name, value, ABILITIES)
    if name == "economy":
        if not isinstance(value, list):
            raise FactsError(f"economy：要是列表，不是 {value!r}")
        return frozenset(_one_of(name, item, frozenset(ECONOMY_WORDS)) for item in value)
    if name == "other":
        if not isinstance(value, str):
            raise FactsError(f"other：要是文字，不是 {value!r}")
        return value
    if name == "cohabiting_elders":
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise FactsError("cohabiting_elders：要是对象的列表")
        return tuple(
            Health(**{key: _parse(key, item[key]) for key in _HEALTH if key in item}) for item in value
        )
    if not isinstance(value, bool):
        raise FactsError(f"{name}：要写 true 或 false，不是 {value!r}")
    return value


def _grade(name: str, value: Any) -> int:
    """null means none."""
    if value is None:
        return 0
    if isinstance(value, bool) or value not in (1, 2, 3, 4):
        raise FactsError(f"{name}：要写 null 或 1—4，不是 {value!r}")
    return int(value)


def _one_of(name: str, value: Any, choices: frozenset[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise FactsError(f"{name}：{value!r} 不认识，要写 {'、'.join(sorted(choices))}")
    return value


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as contracts.md has it, and as it is stored with a class period."""
    return {
        "risk_class": verdict.risk_class,
        "in_scope": verdict.in_scope,
        "age": verdict.age,
        "categories": list(verdict.categories),
        "rules": [
            {
                "code": result.code,
                "matched": result.matched,
                "because": result.because,
                "clause": result.rule.clause,
                "missing": list(result.missing),
            }
            for result in verdict.rules
        ],
        "missing": list(verdict.missing),
        "policy": verdict.policy,
    }
