"""What a visit can find in the five areas (notice part 3), and how long it may wait."""

from collections.abc import Iterable

FINDING_WORDS: dict[str, dict[str, str]] = {
    "health": {
        "speech": "说话不清",
        "movement": "走路不稳",
        "reaction": "反应慢了",
        "illness": "生病了",
        "mood": "心情不好",
        "else": "其他",
    },
    "safety": {
        "building": "房屋",
        "water": "用水",
        "power": "用电",
        "gas": "煤气",
        "heating": "取暖",
        "else": "其他",
    },
    "family": {
        "no_visits": "很久没来看",
        "no_calls": "很久没电话",
        "no_care": "没人照料",
        "wants_mediation": "想有人劝说",
    },
    "livelihood": {
        "food": "吃饭",
        "clothing": "穿衣",
        "housing": "住房",
        "transport": "出门",
        "medical": "看病",
        "benefits": "补助没领到",
    },
    "needs": {
        "meals": "送餐",
        "bathing": "洗澡",
        "daily_care": "日常照料",
        "rehabilitation": "康复",
        "comfort": "陪着说话",
        "emergency": "紧急呼叫",
        "adaptation": "家里改造",
        "else": "其他",
    },
}
REFERRAL_DAYS = {"health": 3, "safety": 7, "family": 14, "livelihood": 14, "needs": 14}
"""Days until a referral of each area is late."""


def found_words(area: str, kinds: Iterable[str], words: str) -> str:
    """What was found, in a few words."""
    found = "、".join(FINDING_WORDS[area].get(kind, kind) for kind in kinds)
    said = " ".join(words.split()).rstrip("。，；;,. ")
    return "，".join(part for part in (found, said) if part)
