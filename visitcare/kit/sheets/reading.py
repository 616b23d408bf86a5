"""Reading one table of an .xlsx: a heading row, then a row a thing, every cell as it was typed."""

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, NoReturn

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from .headings import Column, known_headings, place_columns
from .safety import SAVE_AS, SheetRefused, checked_bytes

MAX_COLUMNS = 100
# Blank rows that only carry a format; whole formatted columns would be a million of them.
_SPARE_ROWS = 10_000
# A title and a unit line may stand above the headings.
_HEADING_WITHIN = 10
_ESCAPED_CONTROL = re.compile(r"_x00[01][0-9A-Fa-f]_")

_Cells = dict[int, object]


@dataclass(frozen=True)
class Row:
    """`number` is Excel's row number; `cells` has every declared heading, None where blank or absent.

    Values are as stored: str (cleaned), int, float, bool, datetime, time or timedelta. A number that Excel
    turned into a float is still that float, for whoever judges it.
    """

    number: int
    cells: dict[str, object]

    def text(self, heading: str) -> str:
        """The cell as its reader sees it: whole numbers as plain digits, dates as ISO, None as ""."""
        return _as_text(self.cells[heading])


@dataclass(frozen=True)
class Table:
    """The filled rows in the file's order, the columns nobody asked for, and the worksheet's name."""

    rows: list[Row]
    ignored: tuple[str, ...]
    title: str


def read_table(
    source: Path | IO[bytes],
    columns: Sequence[Column],
    *,
    sheet: int | str = 0,
    max_rows: int = 50_000,
) -> Table:
    """Read one worksheet of an .xlsx; see `Book.table`."""
    with open_book(source) as book:
        return book.table(columns, sheet=sheet, max_rows=max_rows)


def has_sheet(source: Path | IO[bytes], title: str) -> bool:
    """Whether the .xlsx has a worksheet of that name; raise SheetRefused for a file that cannot be read."""
    with open_book(source) as book:
        return book.has(title)


@contextmanager
def open_book(source: Path | IO[bytes]) -> Iterator["Book"]:
    """An .xlsx that was checked once, to read several of its worksheets; raise SheetRefused when it is no good."""
    with warnings.catch_warnings():
        # openpyxl tells of every office extension that it leaves aside.
        warnings.simplefilter("ignore")
        data = checked_bytes(source)
        with _in_plain_words():
            book = Book(data)
        yield book


class Book:
    """openpyxl's reader, with only the parts of the file that a table needs.

    openpyxl's own read-only worksheet makes up a blank row for every number left out and a blank cell up to
    the farthest column, drops rows that come out of order, and fails on filters and print titles that other
    programs write differently.
    """

    def __init__(self, data: bytes) -> None:
        self._reader = ExcelReader(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        self._reader.read_manifest()
        self._reader.read_workbook()
        self._is_prepared = False
        self.sheets = [
            (str(_clean(sheet.name)), relation.target)
            for sheet, relation in self._reader.parser.find_sheets()
            if relation.Type.endswith("/worksheet")
        ]

    def has(self, title: str) -> bool:
        return any(name == title for name, _ in self.sheets)

    def table(self, columns: Sequence[Column], *, sheet: int | str = 0, max_rows: int = 50_000) -> Table:
        """Read a worksheet (by position or name).

        The headings stand in one of the first ten filled rows; rows in which no declared column is filled are
        skipped. Raise SheetRefused, with a message for the user, when the file or its heading row is no good.
        """
        title, part = self._find(sheet)
        filled = _filled_rows(self._rows(part), max_rows)
        first_rows = list(islice(filled, _HEADING_WITHIN))
        if not first_rows:
            raise SheetRefused(f"工作表“{title}”是空的。请填好后再上传，或检查是不是选错了文件。")
        known = [known_headings(_texts(cells), columns) for _, cells in first_rows]
        at = known.index(max(known))
        number, headings = first_rows[at]
        where = f"工作表“{title}”第 {number} 行"
        places, ignored = place_columns(where, _texts(headings), columns)
        rows: list[Row] = []
        for number, cells in (*first_rows[at + 1 :], *filled):
            values = {column.heading: cells.get(places.get(column.heading, 0)) for column in columns}
            if any(value is not None for value in values.values()):
                rows.append(Row(number, values))
            for place in cells.keys() - headings.keys():
                ignored.setdefault(place, f"{get_column_letter(place)} 列（没有标题）")
        if len(rows) > max_rows:
            _refuse_rows(max_rows)
        return Table(rows, tuple(ignored[place] for place in sorted(ignored)), title)

    def _find(self, sheet: int | str) -> tuple[str, str]:
        for position, (name, part) in enumerate(self.sheets):
            if sheet in (position, name):
                return name, part
        wanted = f"“{sheet}”" if isinstance(sheet, str) else f"第 {sheet + 1} 个"
        names = "、".join(f"“{name}”" for name, _ in self.sheets) or "没有工作表"
        raise SheetRefused(f"文件里找不到工作表{wanted}。现有：{names}。")

    def _rows(self, part: str) -> Iterator[tuple[int, _Cells]]:
        """Every row stored in the sheet, with its number and its filled cells by column number (from 1)."""
        with _in_plain_words(), self._reader.archive.open(part) as content:
            self._prepare()
            book = self._reader.wb
            parser = WorkSheetParser(
                content,
                self._reader.shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,  # type: ignore[attr-defined]
                timedelta_formats=book._timedelta_formats,  # type: ignore[attr-defined]
            )
            for _, element in iterparse(content):
                if element.tag == ROW_TAG:
                    number, cells = parser.parse_row(element)
                    element.clear()
                    values = {cell["column"]: _clean(cell["value"]) for cell in cells}
                    yield number, {column: value for column, value in values.items() if value is not None}
                elif element.tag == DATA_TAG:
                    return

    def _prepare(self) -> None:
        """Texts and styles serve all sheets."""
        if not self._is_prepared:
            self._reader.read_strings()
            apply_stylesheet(self._reader.archive, self._reader.wb)
            self._is_prepared = True


@contextmanager
def _in_plain_words() -> Iterator[None]:
    try:
        yield
    except MemoryError:  # its own words: whoever limits the memory says them
        raise
    except Exception as error:
        # openpyxl raises whatever a malformed file makes it stumble over.
        raise SheetRefused(f"文件内容读不懂，可能是别的程序导出的。{SAVE_AS}") from error


def _filled_rows(rows: Iterator[tuple[int, _Cells]], max_rows: int) -> Iterator[tuple[int, _Cells]]:
    last = 0
    for seen, (number, cells) in enumerate(rows, start=1):
        if number <= last:
            raise SheetRefused(f"文件里的行号乱了（第 {last} 行之后又是第 {number} 行）。请另存一次再上传。")
        last = number
        if seen > max_rows + _SPARE_ROWS:
            raise SheetRefused(
                f"表格的行数超过 {max_rows} 行的上限，其中有大量只带格式的空行。"
                "请选中内容下方的空行，右键删除，保存后再上传。"
            )
        if not cells:
            continue
        if max(cells) > MAX_COLUMNS:
            place = f"{get_column_letter(max(cells))}{number}"
            raise SheetRefused(f"单元格 {place} 里有内容，超出了 {MAX_COLUMNS} 列的上限。请删除后再上传。")
        if number > max_rows + _HEADING_WITHIN:
            _refuse_rows(max_rows, f"第 {number} 行有内容，")
        yield number, cells


def _refuse_rows(max_rows: int, why: str = "") -> NoReturn:
    raise SheetRefused(f"{why}超出了 {max_rows} 行的上限。请分成几个文件上传，或删除多余的内容。")


def _texts(cells: _Cells) -> dict[int, str]:
    return {place: _as_text(value) for place, value in cells.items()}


def _clean(value: object) -> object:
    """Texts without what nobody sees: control and zero-width characters, spaces around; "" is None."""
    if not isinstance(value, str):
        return value
    text = _ESCAPED_CONTROL.sub("", value)
    if not text.isprintable():
        text = "".join(
            " " if char.isspace() else char
            for char in text
            if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
        )
    return text.strip() or None


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
