"""What may stand in a cell that we write: the kinds of values and the cleaning of texts."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Literal

from visitcare.kit.weeks import SHANGHAI

Kind = Literal["text", "count", "money", "date", "datetime"]
Stored = str | int | Decimal | date | datetime | None

_MAX_TEXT_BYTES = 32_767 * 2  # Excel's limit counts UTF-16 units
# What XML cannot hold and a page cannot show; a line break stays, the other spaces become one.
_SPACES = re.compile(r"[\t\r\x0b\x0c\x85\u2028\u2029]+")
_UNWRITABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Office programs read _x003D_ in a text as "="; an escaped underscore keeps it as it was typed.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# Some programs take the full-width signs for a formula too.
_FORMULA_STARTS = tuple("=+-@＝＋－＠")


def stored_value(value: object, kind: Kind) -> Stored:
    """The value as it goes into the file; None and "" are a blank cell.

    Raise TypeError for a value that is not of the kind (a float is never money), ValueError for a third
    decimal of money: what the sheet shows and what it adds up must be the same.
    """
    if value is None or value == "":
        return None
    if kind == "text":
        return _text(str(value))
    if kind == "count" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "money" and isinstance(value, Decimal):
        if value != value.quantize(Decimal("0.01")):
            raise ValueError(f"money with more than two places: {value}")
        return value
    if kind == "datetime" and isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(SHANGHAI).replace(tzinfo=None)
    if kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise TypeError(f"not a value for a {kind} column: {value!r}")


def starts_like_formula(text: str) -> bool:
    """Whether a program might run the text as a formula once somebody edits the cell or saves it as CSV."""
    return text.lstrip().startswith(_FORMULA_STARTS)


def lines_needed(text: str, width: float) -> int:
    """How many lines the text takes in a column of that width (a Chinese character is two wide)."""
    return sum(max(1, ceil(_width(line) / max(width - 1, 1))) for line in text.split("\n"))


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)


def _text(text: str) -> str:
    text = _UNWRITABLE.sub("", _SPACES.sub(" ", text.replace("\r\n", "\n")))
    text = _ESCAPE.sub("_x005F_", text)
    return text.encode("utf-16-le")[:_MAX_TEXT_BYTES].decode("utf-16-le", "ignore")
