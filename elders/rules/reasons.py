"""Why each rule came out as it did, in the words of the card 为什么."""

from elders.rules.facts import ABILITY_WORDS, ECONOMY_WORDS, LIVING_WORDS, LOCATION_WORDS, Facts
from elders.rules.statuses import Status, cohabitant_at_risk


def reasons_of(s: Status) -> dict[str, str]:
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
    at_risk = sum(cohabitant_at_risk(other) is True for other in others)
    return f"同住老人 {len(others)} 位，其中失能失智、残疾或重病 {at_risk} 位"
