"""How the readings of the notice read on a page."""

from typing import Any

WORDS = {
    "a_weekly": "A类每周至少（上门、电话或视频）",
    "b_weekly": "B类每周至少（上门、电话或视频）",
    "c_weekly": "C类每周至少（上门、电话或视频）",
    "kin_in_county_breaks_alone": "配偶或子女住在本县，就不算独居、空巢",
    "semi_disabled": "哪些程度算半失能",
    "surplus_home_covers_phone": "多出来的上门可以顶电话",
    "family_answer_needs_unable": "家属代答，只在老人无法言语或听力时算数",
    "auto_accept_hours": "没有疑点的记录，多少小时后自动通过",
    "spot_check_percent": "抽查比例（%）",
    "day_starts_hour": "正常探访时间从几点起",
    "day_ends_hour": "正常探访时间到几点止",
    "burst_minutes": "两户上门间隔少于几分钟算疑点",
    "far_metres": "位置离这户平时超过几米算疑点",
    "top_speed_kmh": "两户之间每小时超过几公里算疑点",
    "photo_days": "照片保存多少天",
    "alert_hours_a": "A类联系不上，几小时后预警",
    "alert_hours_b": "B类联系不上，几小时后预警",
    "alert_hours_c": "C类联系不上，几小时后预警",
    "rate": "补贴标准（元/次）",
    "pay_unit": "按什么计酬",
    "per_day": "同一户、同一种方式一天最多计几次",
    "pay_cap": "每周计酬上限",
    "late_unpaid": "录入太晚的不计酬",
    "public_notice_days": "公示天数",
}
_VALUES = {
    "pay_unit": {"contact": "按次（一户一次）", "elder": "按人"},
    "pay_cap": {"none": "不设上限", "weekly_minimum": "以每周最低次数为限"},
}
_LEVELS = {
    "intact": "能力完好",
    "mild": "轻度失能",
    "moderate": "中度失能",
    "severe": "重度失能",
    "total": "完全失能",
}


def value_words(name: str, value: Any) -> str:
    """A value as people say it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("_weekly"):
        return f"上门 {value[0]} 次，电话或视频 {value[1]} 次"
    if isinstance(value, (list, tuple, frozenset)):
        return "、".join(words for level, words in _LEVELS.items() if level in value) or "没有"
    return _VALUES.get(name, {}).get(value, str(value))


def setting_words(name: str, value: Any) -> tuple[str, str]:
    """A stored setting, name and value, in words."""
    return WORDS.get(name, name), value_words(name, value)
