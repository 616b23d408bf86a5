"""Classification (notice part 2 and annex 1): who is in scope, and in which class A, B or C.

Pure: facts and a policy in, a verdict with its reasons out. A fact may be unknown (None), which is not "no": it
counts as false or none for the verdict, and every rule that it could still make match names it under `missing`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, product
from operator import attrgetter
from typing import Any, NamedTuple

from visitcare.kit.identity import age_on
from visitcare.policy.rules import CarePolicy

ADULT_OLD = 60
ADVANCED = 80
FAMILY_PLANNING_AGE = 70

DISABLED = frozenset({"moderate", "severe", "total"})
IN_COUNTY = frozenset({"same_home", "same_county"})

ABILITY_WORDS = {
    "intact": "能力完好",
    "mild": "轻度失能",
    "moderate": "中度失能",
    "severe": "重度失能",
    "total": "完全失能",
}
LIVING_WORDS = {
    "alone": "一个人住",
    "elders_only": "家里只有老人同住",
    "with_dependent_child": "与无生活自理能力子女同住",
    "with_family": "与家人同住",
    "institution": "住在机构",
}
LOCATION_WORDS = {"none": "无", "same_home": "同住", "same_county": "住本县", "elsewhere": "住外地"}
ECONOMY_WORDS = {
    "dispersed_destitute": "特困人员",
    "subsistence_allowance": "低保",
    "marginal": "低保边缘",
    "resident_pension": "居民养老保险",
    "enterprise_pension": "企业养老保险",
    "public_pension": "机关事业单位退休",
}
SCORES = {"intact": (90, 90), "mild": (66, 89), "moderate": (46, 65), "severe": (30, 45), "total": (0, 29)}
"""Total score of GB/T 42195-2022 for each level, both ends included."""


@dataclass(frozen=True, slots=True)
class Health:
    """What B2 asks of every elder in the dwelling; None = unknown, `disability_grade` 0 = none."""

    ability: str | None = None
    dementia: bool | None = None
    disability_grade: int | None = None
    serious_illness: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one elder on one day; None = unknown, `disability_grade` 0 = none."""

    as_of: date
    birth_date: date
    living: str | None = None
    spouse_location: str | None = None
    child_location: str | None = None
    ability: str | None = None
    dementia: bool | None = None
    disability_grade: int | None = None
    serious_illness: bool | None = None
    economy: frozenset[str] | None = None
    family_planning_special: bool | None = None
    left_behind: bool | None = None
    cares_for_dependent_child: bool | None = None
    lives_with_dependent_child_long_term: bool | None = None
    other: str | None = None
    able_adult_at_home: bool | None = None
    cohabiting_elders: tuple[Health, ...] | None = None


KNOWABLE = tuple(name for name in Facts.__slots__ if name not in ("as_of", "birth_date"))
FACT_WORDS = {
    "living": "居住状况",
    "spouse_location": "配偶居住地",
    "child_location": "子女居住地",
    "ability": "能力评估",
    "dementia": "是否失智",
    "disability_grade": "残疾等级",
    "serious_illness": "是否重病",
    "economy": "经济情况",
    "family_planning_special": "是否计划生育特殊家庭",
    "left_behind": "是否留守",
    "cares_for_dependent_child": "是否长期照料失能子女",
    "lives_with_dependent_child_long_term": "是否长期与无自理能力子女同住",
    "other": "其他对象说明",
    "able_adult_at_home": "家里有无60岁以下能照料的人",
    "cohabiting_elders": "同住老人的情况",
}

Term = bool | tuple[str, ...]
"""True, False, or the unknown facts that could still make it true."""


def _known(value: bool | None, name: str) -> Term:
    return (name,) if value is None else value


def _all(*terms: Term) -> Term:
    missing: tuple[str, ...] = ()
    for term in terms:
        if term is False:
            return False
        if term is not True:
            missing += term
    return missing or True


def _any(*terms: Term) -> Term:
    missing: tuple[str, ...] = ()
    for term in terms:
        if term is True:
            return True
        if term is not False:
            missing += term
    return missing or False


@dataclass(slots=True)
class Status:
    """What follows from the facts, each as a term: the words of the notice."""

    facts: Facts
    age: int
    alone: Term
    empty_nest: Term
    disabled: Term
    semi_disabled: Term
    any_disability: Term
    severe_disability: Term
    serious_illness: Term
    dementia: Term

    @property
    def health_risk(self) -> Term:
        return _any(self.disabled, self.dementia, self.any_disability, self.serious_illness)


def derive(facts: Facts, policy: CarePolicy) -> Status:
    """The statuses of domain.md §1. Unknown kin count as none; P kin_in_county_breaks_alone."""
    kin_breaks = policy.kin_in_county_breaks_alone
    child_near = kin_breaks and facts.child_location in IN_COUNTY
    spouse_near = kin_breaks and facts.spouse_location in IN_COUNTY
    living, ability, grade = facts.living, facts.ability, facts.disability_grade
    return Status(
        facts=facts,
        age=age_on(facts.birth_date, facts.as_of),
        alone=False if child_near or spouse_near else ("living",) if living is None else living == "alone",
        empty_nest=False if child_near else ("living",) if living is None else living == "elders_only",
        disabled=("ability",) if ability is None else ability in DISABLED,
        semi_disabled=("ability",) if ability is None else ability in policy.semi_disabled,
        any_disability=("disability_grade",) if grade is None else grade > 0,
        severe_disability=("disability_grade",) if grade is None else 0 < grade <= 2,
        serious_illness=_known(facts.serious_illness, "serious_illness"),
        dementia=_known(facts.dementia, "dementia"),
    )


def _a1(s: Status) -> Term:
    return s.age >= ADVANCED and _any(s.alone, s.empty_nest)


def _a2(s: Status) -> Term:
    economy = s.facts.economy
    allowance: Term = ("economy",) if economy is None else "subsistence_allowance" in economy
    return _all(allowance, _any(s.disabled, s.semi_disabled), _any(s.alone, s.empty_nest))


def _a3(s: Status) -> Term:
    certified = _known(s.facts.family_planning_special, "family_planning_special")
    return _all(certified, _any(s.alone, s.disabled, s.semi_disabled))


def _b1(s: Status) -> Term:
    return s.age < ADVANCED and _all(s.alone, _any(s.severe_disability, s.serious_illness))


def _b2(s: Status) -> Term:
    facts = s.facts
    if facts.living in ("alone", "institution") or facts.able_adult_at_home:
        return False
    others = facts.cohabiting_elders
    if others is None:
        return _all(("cohabiting_elders",), s.health_risk or True)  # somebody unknown may be the sick one
    if not others:
        return False
    return _any(s.health_risk, *map(_cohabitant_at_risk, others))


def _cohabitant_at_risk(other: Health) -> Term:
    if other.ability in DISABLED or other.dementia or other.disability_grade or other.serious_illness:
        return True
    unknown = None in (other.ability, other.dementia, other.disability_grade, other.serious_illness)
    return ("cohabiting_elders",) if unknown else False


def _b3(s: Status) -> Term:
    return _known(s.facts.cares_for_dependent_child, "cares_for_dependent_child")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `looks_at` names the facts its reasons are told with, `change` what would change it."""

    code: str
    title: str
    clause: str
    holds: Callable[[Status], Term]
    looks_at: tuple[str, ...]
    change: str


RULES: tuple[Rule, ...] = (
    Rule(
        "A1",
        "80周岁以上高龄的空巢独居老年人",
        "通知第二部分“A类”第1项",
        _a1,
        ("age", "alone"),
        "满80周岁，并且独居或空巢时符合；配偶、子女搬回本县居住，就不再算独居或空巢",
    ),
    Rule(
        "A2",
        "低保家庭中失能、半失能的空巢独居老年人",
        "通知第二部分“A类”第2项",
        _a2,
        ("economy", "ability", "alone"),
        "是低保，评为轻度到完全失能，并且独居或空巢时符合",
    ),
    Rule(
        "A3",
        "计划生育特殊家庭中独居、失能、半失能老年人",
        "通知第二部分“A类”第3项",
        _a3,
        ("family_planning_special", "alone", "ability"),
        "得到市里计划生育特殊家庭认定，并且独居或评为失能、半失能时符合",
    ),
    Rule(
        "B1",
        "年龄未到80周岁高龄但身体有重残、重病的独居老人",
        "通知第二部分“B类”第1项",
        _b1,
        ("age", "alone", "disability_grade", "serious_illness"),
        "未满80周岁，独居，并且残疾一、二级或有重病时符合；满80周岁后看A1",
    ),
    Rule(
        "B2",
        "两位老年人共同居住且其中一方失能失智、残疾、重病",
        "通知第二部分“B类”第2项",
        _b2,
        ("cohabiting_elders", "ability", "dementia", "disability_grade", "serious_illness"),
        "与60周岁以上老人同住、家里没有60岁以下能照料的人，并且其中一位失能失智、残疾或重病时符合",
    ),
    Rule(
        "B3",
        "老年人长期照料失能失智、患重大疾病的子女",
        "通知第二部分“B类”第3项",
        _b3,
        ("cares_for_dependent_child",),
        "照料失能失智或患重大疾病的子女满6个月时符合",
    ),
)
REST = Rule(
    "C",
    "其他特殊困难老年人",
    "通知第二部分“C类”",
    lambda status: False,  # decided by what the others leave over
    (),
    "在探访范围内，前面六条都不符合时，就是C类",
)
ALL_RULES = (*RULES, REST)
RULE_BY_CODE = {rule.code: rule for rule in ALL_RULES}

CATEGORY_WORDS = {
    "living_alone": "独居老人",
    "empty_nest": "空巢老人",
    "left_behind": "留守老人",
    "disabled": "失能（失智）老人",
    "severe_disability": "重残老人",
    "advanced_age": "高龄老人",
    "dispersed_destitute": "分散供养特困老年人",
    "family_planning_special": "计划生育特殊家庭老年人",
    "lives_with_dependent_child": "长期与无生活自理能力子女共同居住老年人",
    "other": "其他对象",
}


def _categories(s: Status) -> tuple[tuple[str, Term], ...]:
    facts = s.facts
    economy = facts.economy
    destitute: Term = ("economy",) if economy is None else "dispersed_destitute" in economy
    certified = _known(facts.family_planning_special, "family_planning_special")
    return (
        ("living_alone", s.alone),
        ("empty_nest", s.empty_nest),
        ("left_behind", _known(facts.left_behind, "left_behind")),
        ("disabled", _any(s.disabled, s.dementia)),
        ("severe_disability", s.severe_disability),
        ("advanced_age", s.age >= ADVANCED),
        ("dispersed_destitute", False if facts.living == "institution" else destitute),
        (
            "family_planning_special",
            certified if s.age >= FAMILY_PLANNING_AGE else _all(certified, s.disabled),
        ),
        (
            "lives_with_dependent_child",
            _known(facts.lives_with_dependent_child_long_term, "lives_with_dependent_child_long_term"),
        ),
        ("other", ("other",) if facts.other is None else bool(facts.other.strip())),
    )


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
    words = _words(status)
    results: list[RuleResult] = []
    best = ""
    could_rule: tuple[str, ...] = ()
    for rule in RULES:
        term = rule.holds(status)
        matched = term is True
        missing = () if isinstance(term, bool) else _in_order(term)
        if matched:
            best = best or rule.code[0]
        could_rule += missing
        results.append(RuleResult(rule.code, matched, words[rule.code], missing))
    categories: list[str] = []
    could_scope: tuple[str, ...] = ()
    for name, term in _categories(status):
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
        _all_missing(facts, could),
        policy.version,
    )


_knowable = attrgetter(*KNOWABLE)


def _all_missing(facts: Facts, could: tuple[str, ...]) -> tuple[str, ...]:
    """Every fact that is unknown, and what a rule misses in one that is known in part."""
    values = _knowable(facts)
    if not could and None not in values:
        return ()
    return tuple(
        [name for name, value in zip(KNOWABLE, values, strict=True) if value is None or name in could]
    )


def _in_order(missing: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(missing)) if len(missing) > 1 else missing


def _rest(
    facts: Facts, policy: CarePolicy, best: str, categories: list[str], could_scope: tuple[str, ...]
) -> RuleResult:
    if best:
        return RuleResult(
            "C", False, f"已经符合{best}类的规则，不再落到C类", _missing_of_c(facts, policy, _AGAINST)
        )
    if categories:
        belongs = "、".join([CATEGORY_WORDS[name] for name in categories])
        return RuleResult("C", True, f"属于{belongs}；A、B类各条都不符合", ())
    return RuleResult("C", False, "不属于任何一类探访对象", _missing_of_c(facts, policy, could_scope))


_ANSWERS: dict[str, tuple[Any, ...]] = {
    "living": ("alone", "elders_only", "with_family", "institution"),
    "spouse_location": ("same_county",),
    "child_location": ("same_county",),
    "ability": ("mild", "moderate"),
    "dementia": (True,),
    "disability_grade": (1, 3),
    "economy": (frozenset({"dispersed_destitute"}),),
    "able_adult_at_home": (True,),
    "other": ("?",),
}
"""The answers to an unknown fact that can matter to C; True to a fact that is not named here."""
_AGAINST = ("living", "spouse_location", "child_location", "able_adult_at_home")
"""Unknown, these count in favour of A and B: no kin near, nobody able at home."""


def _falls_to_c(facts: Facts, policy: CarePolicy) -> bool:
    """Whether C would match: in scope, and neither A nor B."""
    status = derive(facts, policy)
    if any(rule.holds(status) is True for rule in RULES):
        return False
    return any(term is True for _, term in _categories(status))


def _missing_of_c(facts: Facts, policy: CarePolicy, first: tuple[str, ...]) -> tuple[str, ...]:
    """What is not known and could make an elder C; `first` those that are told first."""
    if None not in _knowable(facts) and not _open_facts(facts, policy):
        return ()
    found = _could_be_c(facts, policy)
    return tuple(name for name in _in_order((*first, *_AGAINST, *KNOWABLE)) if name in found)


def _could_be_c(facts: Facts, policy: CarePolicy) -> set[str]:
    """The unknown facts whose answers, alone or together, would make an elder C: what undoes A and B, what opens a
    category, or both. Of several ways the shorter; a fact that only comes along is not named."""
    unknown = [name for name in _AGAINST if getattr(facts, name) is None]
    ways: list[set[str]] = []

    def lead_to_c(names: set[str], answered: Facts) -> None:
        if not any(way <= names for way in ways) and _falls_to_c(answered, policy):
            ways.append(names)

    for names, answered in _combined(facts, unknown):
        lead_to_c(names, answered)
        for opening in _open_facts(answered, policy):
            for answer in _ANSWERS.get(opening, (True,)):
                lead_to_c(names | {opening}, replace(answered, **{opening: answer}))
    return set().union(*ways)


def _combined(facts: Facts, unknown: list[str]) -> Iterator[tuple[set[str], Facts]]:
    """Every way to answer none, one or several of these facts, fewer first."""
    for size in range(len(unknown) + 1):
        for names in combinations(unknown, size):
            for answers in product(*(_ANSWERS[name] for name in names)):
                yield set(names), replace(facts, **dict(zip(names, answers, strict=True)))


def _open_facts(facts: Facts, policy: CarePolicy) -> tuple[str, ...]:
    """The unknown facts on which a category hangs."""
    terms = (term for _, term in _categories(derive(facts, policy)) if not isinstance(term, bool))
    return _in_order(tuple(name for term in terms for name in term))


def _too_young(status: Status, policy: CarePolicy) -> Verdict:
    words = f"{status.age} 岁，不满60周岁，不在探访范围内"
    unknown = tuple(name for name in KNOWABLE if getattr(status.facts, name) is None)
    results = tuple(RuleResult(rule.code, False, words, ()) for rule in ALL_RULES)
    return Verdict(None, False, status.age, (), results, unknown, policy.version)


def _words(s: Status) -> dict[str, str]:
    """Why each rule came out as it did: the facts it looked at, for people."""
    facts = s.facts
    age = f"{s.age} 岁"
    home = _home_words(facts)
    ability = ABILITY_WORDS.get(facts.ability or "", "能力没有评估")
    grade = _grade_words(facts.disability_grade)
    illness = _yes_no(facts.serious_illness, "有重病", "没有重病", "是否重病没有填")
    dementia = _yes_no(facts.dementia, "有失智", "没有失智", "是否失智没有填")
    certified = _yes_no(
        facts.family_planning_special,
        "有计划生育特殊家庭认定",
        "没有计划生育特殊家庭认定",
        "是否计划生育特殊家庭没有填",
    )
    return {
        "A1": f"{age}；{home}",
        "A2": f"{_economy_words(facts.economy)}；{ability}；{home}",
        "A3": f"{certified}；{home}；{ability}",
        "B1": f"{age}；{home}；{grade}；{illness}",
        "B2": f"{_dwelling_words(facts)}；{ability}，{dementia}，{grade}，{illness}",
        "B3": _yes_no(
            facts.cares_for_dependent_child,
            "长期照料失能失智或重病的子女",
            "没有需要长期照料的子女",
            "是否长期照料子女没有填",
        ),
    }


def _yes_no(value: bool | None, yes: str, no: str, unknown: str) -> str:
    return unknown if value is None else yes if value else no


def _home_words(facts: Facts) -> str:
    living = LIVING_WORDS.get(facts.living or "", "居住状况没有填")
    spouse = LOCATION_WORDS.get(facts.spouse_location or "", "没有填")
    child = LOCATION_WORDS.get(facts.child_location or "", "没有填")
    return f"{living}，配偶{spouse}，子女{child}"


def _grade_words(grade: int | None) -> str:
    if grade is None:
        return "残疾等级没有填"
    return f"残疾{'一二三四'[grade - 1]}级" if grade else "没有残疾证"


def _economy_words(economy: frozenset[str] | None) -> str:
    if economy is None:
        return "经济情况没有填"
    return (
        "、".join(words for name, words in ECONOMY_WORDS.items() if name in economy) or "没有救助和养老保险"
    )


def _dwelling_words(facts: Facts) -> str:
    if facts.living in ("alone", "institution"):
        return LIVING_WORDS[facts.living]
    if facts.able_adult_at_home:
        return "家里有60岁以下能照料的人"
    others = facts.cohabiting_elders
    if others is None:
        return "同住老人的情况没有填"
    if not others:
        return "没有别的老人同住"
    at_risk = sum(_cohabitant_at_risk(other) is True for other in others)
    return f"同住老人 {len(others)} 位，其中失能失智、残疾或重病 {at_risk} 位"
