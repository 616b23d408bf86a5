"""What is known of one elder, and how it is called in Chinese."""

from dataclasses import dataclass
from datetime import date

ADULT_OLD = 60
ADVANCED = 80
FAMILY_PLANNING_AGE = 70

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
