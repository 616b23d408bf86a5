"""What the cells of an imported sheet say: dates, yes and no, choices. Errors are Chinese and name the heading."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

from visitcare.kit.sheets import Row
from visitcare.kit.weeks import SHANGHAI

T = TypeVar("T")
_CHINESE_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}


class CellError(ValueError):
    """A cell that cannot be read; the message says which, what is wrong and how to write it."""


def required(row: Row, heading: str) -> str:
    """The text of a cell that must not be blank."""
    text = row.text(heading)
    if not text:
        raise CellError(f"“{heading}”空着。请填上再导入。")
    return text


def read_date(row: Row, heading: str) -> date | None:
    """A date cell, or text such as 2026-10-15, 2026/10/15, 2026.10.15, 20261015, 2026年10月15日; None if blank."""
    raw = row.cells.get(heading)
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = row.text(heading)
    if not text:
        return None
    # Without separators only eight digits: 2026111 could be two days.
    parts = re.fullmatch(
        r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]0?0:00(?::00)?)?", text
    )
    try:
        if parts:
            return date(*(int(part) for part in parts.groups() if part))
    except ValueError:
        pass
    raise CellError(f"“{heading}”写的是“{text}”，不是日期。请写成 2026-10-15 这样。")


def read_moment(row: Row, heading: str) -> datetime | None:
    """A date and time in Shanghai, as a date cell or text YYYY-MM-DD HH:MM; None if blank."""
    raw = row.cells.get(heading)
    if isinstance(raw, datetime):
        return raw.replace(tzinfo=SHANGHAI)
    text = row.text(heading)
    if not text:
        return None
    parts = re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", text)
    try:
        if parts:
            return datetime(*(int(part or 0) for part in parts.groups()), tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]
    except ValueError:
        pass
    raise CellError(f"“{heading}”写的是“{text}”，不是时间。请写成 2026-10-15 09:30 这样。")


def read_yes_no(row: Row, heading: str) -> bool | None:
    """是 / 否; None if blank."""
    return read_choice(row, heading, {"是": True, "否": False})


def read_choice(row: Row, heading: str, choices: Mapping[str, T]) -> T | None:
    """One of the words; None if blank."""
    text = row.text(heading)
    if not text:
        return None
    if text not in choices:
        raise CellError(f"“{heading}”写的是“{text}”，不认识。请写：{'、'.join(choices)}。")
    return choices[text]


def read_several(row: Row, heading: str, choices: Mapping[str, T]) -> list[T] | None:
    """Several of the words with 、 between them; None if blank."""
    text = row.text(heading)
    if not text:
        return None
    words = [word for word in re.split(r"[、，,;；\s]+", text) if word]
    unknown = [word for word in words if word not in choices]
    if unknown:
        raise CellError(
            f"“{heading}”里的“{unknown[0]}”不认识。请从这些里选，用顿号隔开：{'、'.join(choices)}。"
        )
    return [choices[word] for word in dict.fromkeys(words)]


def group_name(text: str) -> str:
    """One name for one village group: 1, 01, "1组", 第1组 and 第一村民小组 are all 1组."""
    bare = re.sub(r"^第|(村民)?小?组$", "", text.strip())
    number = _number(bare)
    return f"{number}组" if number else (bare and f"{bare}组")


def _number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if (tens and tens not in _CHINESE_DIGITS) or (ones and ones not in _CHINESE_DIGITS) or not text:
        return None
    return (_CHINESE_DIGITS.get(tens, 1) * 10 if ten else 0) + _CHINESE_DIGITS.get(ones, 0) or None
