"""The table of the rules A1 to B3 and of C, each with its clause of the notice, to be read beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from elders.rules.facts import ADVANCED
from elders.rules.statuses import Status, Term, all_of, any_of, cohabitant_at_risk, known


def _a1(s: Status) -> Term:
    return s.age >= ADVANCED and any_of(s.alone, s.empty_nest)


def _a2(s: Status) -> Term:
    economy = s.facts.economy
    allowance: Term = ("economy",) if economy is None else "subsistence_allowance" in economy
    return all_of(allowance, any_of(s.disabled, s.semi_disabled), any_of(s.alone, s.empty_nest))


def _a3(s: Status) -> Term:
    certified = known(s.facts.family_planning_special, "family_planning_special")
    return all_of(certified, any_of(s.alone, s.disabled, s.semi_disabled))


def _b1(s: Status) -> Term:
    return s.age < ADVANCED and all_of(s.alone, any_of(s.severe_disability, s.serious_illness))


def _b2(s: Status) -> Term:
    facts = s.facts
    if facts.living in ("alone", "institution") or facts.able_adult_at_home:
        return False
    others = facts.cohabiting_elders
    if others is None:
        return all_of(("cohabiting_elders",), s.health_risk or True)  # somebody unknown may be the sick one
    if not others:
        return False
    return any_of(s.health_risk, *map(cohabitant_at_risk, others))


def _b3(s: Status) -> Term:
    return known(s.facts.cares_for_dependent_child, "cares_for_dependent_child")


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
