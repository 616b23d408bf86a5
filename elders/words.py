"""How a stored verdict reads where there is room for a line only (`admin.words` has the whole card)."""

from typing import Any

from elders.rules import CATEGORY_WORDS, FACT_WORDS

_PARTS = {
    "risk_class": "类别",
    "in_scope": "在探访范围",
    "age": "年龄",
    "categories": "对象类型",
    "rules": "因为",
    "missing": "缺的资料",
    "policy": "政策版本",
}


def verdict_words(name: str, value: Any) -> tuple[str, str]:
    """One part of a verdict, name and value, in words."""
    return _PARTS.get(name, name), _said(name, value) or "无"


def _said(name: str, value: Any) -> str:
    match name:
        case "in_scope":
            return "是" if value else "否"
        case "categories":
            return "、".join(CATEGORY_WORDS[one] for one in value)
        case "missing":
            return "、".join(FACT_WORDS[one] for one in value)
        case "rules":
            return "；".join(rule["because"] for rule in value if rule["matched"])
    return str(value or "")
