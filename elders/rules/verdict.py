"""The verdict: the class of an elder, and for each rule whether it matched, why, and what is not known."""

from dataclasses import dataclass
from typing import NamedTuple

from elders.rules.categories import CATEGORY_WORDS, categories_of
from elders.rules.facts import ADULT_OLD, KNOWABLE, Facts
from elders.rules.missing import all_missing, each_once, missing_of_c
from elders.rules.reasons import reasons_of
from elders.rules.statuses import Status, derive
from elders.rules.table import ALL_RULES, RULE_BY_CODE, RULES, Rule
from visitcare.policy.rules import CarePolicy


class RuleResult(NamedTuple):
    """One rule's answer; `missing` names unknown facts that could make it match. (A tuple: seven are made an elder.)"""

    code: str
    matched: bool
    because: str
    missing: tuple[str, ...]

    @property
    def rule(self) -> Rule:
        return RULE_BY_CODE[self.code]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The class with all its reasons. `risk_class` is None when the elder is not in scope."""

    risk_class: str | None
    in_scope: bool
    age: int
    categories: tuple[str, ...]
    rules: tuple[RuleResult, ...]
    missing: tuple[str, ...]
    policy: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the rules that matched: A1–B3, or C alone."""
        return tuple(result.code for result in self.rules if result.matched)


def classify(facts: Facts, policy: CarePolicy) -> Verdict:
    """Judge one elder on `facts.as_of` (notice part 2; domain.md §1)."""
    status = derive(facts, policy)
    if status.age < ADULT_OLD:
        return _too_young(status, policy)
    reasons = reasons_of(status)
    results: list[RuleResult] = []
    best = ""
    could_rule: tuple[str, ...] = ()
    for rule in RULES:
        term = rule.holds(status)
        matched = term is True
        missing = () if isinstance(term, bool) else each_once(term)
        if matched:
            best = best or rule.code[0]
        could_rule += missing
        results.append(RuleResult(rule.code, matched, reasons[rule.code], missing))
    categories: list[str] = []
    could_scope: tuple[str, ...] = ()
    for name, term in categories_of(status):
        if term is True:
            categories.append(name)
        elif term is not False:
            could_scope += term
    in_scope = bool(best or categories)
    risk_class = best or ("C" if in_scope else None)
    results.append(_rest(facts, policy, best, categories, could_scope))
    could = could_rule + could_scope
    return Verdict(
        risk_class,
        in_scope,
        status.age,
        tuple(categories),
        tuple(results),
        all_missing(facts, could),
        policy.version,
    )


def _rest(
    facts: Facts, policy: CarePolicy, best: str, categories: list[str], could_scope: tuple[str, ...]
) -> RuleResult:
    if best:
        return RuleResult("C", False, f"已经符合{best}类的规则，不再落到C类", missing_of_c(facts, policy))
    if categories:
        belongs = "、".join([CATEGORY_WORDS[name] for name in categories])
        return RuleResult("C", True, f"属于{belongs}；A、B类各条都不符合", ())
    return RuleResult("C", False, "不属于任何一类探访对象", missing_of_c(facts, policy, could_scope))


def _too_young(status: Status, policy: CarePolicy) -> Verdict:
    words = f"{status.age} 岁，不满60周岁，不在探访范围内"
    unknown = tuple(name for name in KNOWABLE if getattr(status.facts, name) is None)
    results = tuple(RuleResult(rule.code, False, words, ()) for rule in ALL_RULES)
    return Verdict(None, False, status.age, (), results, unknown, policy.version)
