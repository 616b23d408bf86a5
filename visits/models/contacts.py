"""How a contact is made, how it went, and what it looks at."""

from django.db import models


class Mode(models.TextChoices):
    HOME = "home", "上门"
    PHONE = "phone", "电话"
    VIDEO = "video", "视频"


class Outcome(models.TextChoices):
    MET = "met", "见到本人"
    SPOKE = "spoke", "本人接听"
    FAMILY = "family", "家属代答"
    NOT_HOME = "not_home", "不在家"
    NO_ANSWER = "no_answer", "无人接听"
    DECLINED = "declined", "谢绝"


MOST_WORDS = 500
"""Of a note, a finding or a reason."""


class Area(models.TextChoices):
    """The five areas of content of the notice, part 3."""

    HEALTH = "health", "身体和精神"
    SAFETY = "safety", "房子、水电、煤气"
    FAMILY = "family", "家里人关心"
    LIVELIHOOD = "livelihood", "生活和待遇"
    NEEDS = "needs", "需要帮忙"


def note_words(name: str, said: str) -> tuple[str, str]:
    """What was written of an area, or beside them all."""
    return {**dict(Area.choices), "remark": "备注"}.get(name, name), said
