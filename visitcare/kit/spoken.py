"""Days and moments as people say them, in Shanghai."""

from datetime import date, datetime

from visitcare.kit.weeks import SHANGHAI, local_day

_WEEKDAYS = "一二三四五六日"
_NEAR = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def weekday_words(day: date) -> str:
    """As in "星期四"."""
    return f"星期{_WEEKDAYS[day.weekday()]}"


def date_words(day: date, *, today: date) -> str:
    """As in "11月26日", with the year when it is not this one."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def day_words(day: date, *, today: date) -> str:
    """As in "今天" or "明天", else the date."""
    return _NEAR.get((day - today).days) or date_words(day, today=today)


def heading_words(day: date, *, today: date) -> str:
    """As in "今天 11月26日 星期四" or "11月20日 星期五"."""
    near = _NEAR.get((day - today).days)
    words = f"{date_words(day, today=today)} {weekday_words(day)}"
    return f"{near} {words}" if near else words


def clock_words(moment: datetime) -> str:
    """As in "9:42"."""
    when = moment.astimezone(SHANGHAI)
    return f"{when.hour}:{when.minute:02}"


def moment_words(moment: datetime, *, today: date) -> str:
    """As in "今天 9:42" or "11月20日 15:20"."""
    return f"{day_words(local_day(moment), today=today)} {clock_words(moment)}"
