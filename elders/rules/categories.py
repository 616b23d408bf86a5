"""The ten kinds of elders in special difficulty: whoever belongs to one is in scope."""

from elders.rules.facts import ADVANCED, FAMILY_PLANNING_AGE
from elders.rules.statuses import Status, Term, all_of, any_of, known

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


def categories_of(s: Status) -> tuple[tuple[str, Term], ...]:
    facts = s.facts
    economy = facts.economy
    destitute: Term = ("economy",) if economy is None else "dispersed_destitute" in economy
    certified = known(facts.family_planning_special, "family_planning_special")
    return (
        ("living_alone", s.alone),
        ("empty_nest", s.empty_nest),
        ("left_behind", known(facts.left_behind, "left_behind")),
        ("disabled", any_of(s.disabled, s.dementia)),
        ("severe_disability", s.severe_disability),
        ("advanced_age", s.age >= ADVANCED),
        ("dispersed_destitute", False if facts.living == "institution" else destitute),
        (
            "family_planning_special",
            certified if s.age >= FAMILY_PLANNING_AGE else all_of(certified, s.disabled),
        ),
        (
            "lives_with_dependent_child",
            known(facts.lives_with_dependent_child_long_term, "lives_with_dependent_child_long_term"),
        ),
        ("other", ("other",) if facts.other is None else bool(facts.other.strip())),
    )
