"""Finding the declared columns in a heading row that people typed."""

import difflib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .safety import SheetRefused

_SHOWN = 20


@dataclass(frozen=True)
class Column:
    """A heading the importer knows; `required` = it must be in the file (its cells may still be blank)."""

    heading: str
    required: bool = False


@dataclass(frozen=True)
class Cell:
    """What is said of the cells under a heading to whoever fills in a template: an example, what may be written, what it
    means. `several`: more than one of the choices, with 、 between them."""

    example: object = None
    note: str = ""
    choices: Collection[str] = ()
    several: bool = False
    kind: Literal["text", "date", "datetime"] = "text"


def known_headings(texts: Mapping[int, str], columns: Sequence[Column]) -> int:
    """How many of the texts of a row are declared headings."""
    declared = {column.heading for column in columns}
    return sum(_heading(text) in declared for text in texts.values())


def place_columns(
    where: str, texts: Mapping[int, str], columns: Sequence[Column]
) -> tuple[dict[str, int], dict[int, str]]:
    """Return the column number of each declared heading, and the other headings by column number.

    `texts` is the heading row by column number, `where` names it to the user. Raise SheetRefused when a
    required heading is missing, or all are, a declared one stands there twice, or one differs only by spaces:
    its column would be lost.
    """
    declared = {column.heading for column in columns}
    places: dict[str, int] = {}
    others: dict[int, str] = {}
    for place, heading in ((place, _heading(text)) for place, text in texts.items()):
        if heading in places:
            raise SheetRefused(f"{where}的标题“{heading}”出现了两次。请删去或改名其中一列。")
        if heading in declared:
            places[heading] = place
        else:
            others[place] = heading
    absent = [column.heading for column in columns if column.heading not in places]
    missing = [column.heading for column in columns if column.required and column.heading not in places]
    if not places:
        missing = missing or absent
    written = {_squeezed(heading) for heading in others.values()}
    if missing or written & {_squeezed(heading) for heading in absent}:
        raise SheetRefused(_complaint(where, missing, absent, list(others.values())))
    return places, others


def _heading(text: str) -> str:
    # The star of a template and full-width brackets make no difference.
    return text.replace("（", "(").replace("）", ")").rstrip("*＊ ")


def _squeezed(heading: str) -> str:
    return "".join(unicodedata.normalize("NFKC", heading).split()).casefold()


def _complaint(where: str, missing: list[str], absent: list[str], unknown: list[str]) -> str:
    words = [f"{where}的标题不对。"]
    if missing:
        words.append(f"缺少：{'、'.join(missing)}。")
    if unknown:
        shown = "、".join(f"“{heading[:_SHOWN]}”" for heading in unknown[:_SHOWN])
        words.append(f"不认识：{shown}{'等' if len(unknown) > _SHOWN else ''}。")
    for heading in absent:
        for near in difflib.get_close_matches(heading, [each[:_SHOWN] for each in unknown], n=1):
            words.append(f"您写的是“{near}”，要写“{heading}”。")
    words.append("请改好标题行再上传。")
    return "".join(words)
