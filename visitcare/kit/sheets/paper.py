"""How a sheet looks: the county's paper form, or a plain list, streamed into one worksheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from .cells import Kind, Stored, lines_needed, starts_like_formula, stored_value

DRAFT_WORDS = "草稿，不得发放"
MAX_LINES = 1_048_576
_FORMATS: dict[Kind, str] = {
    "text": "@",
    "count": "0",
    "money": "#,##0.00",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
_ACROSS: dict[Kind, str] = {"text": "left", "money": "right"}
_A4 = 9
_EDGE = Side(style="thin")
_GRID = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_SHADE = PatternFill("solid", fgColor="EDEDED")
_LINE_SPACING = 1.35
_ROW_HEIGHT = 24.0  # points; leaves room for a signature
_MAX_HEIGHT = 409.0  # Excel's limit


@dataclass(frozen=True)
class Field:
    """A column; `width` in digits of the default font (a Chinese character takes two).

    Its values: str for text (anything else as str() shows it), int for count, Decimal with at most two places
    for money, date, datetime (an aware one is shown in Shanghai's time); None is a blank cell. `total` sums
    the column in the 合计 row.
    """

    heading: str
    width: float
    kind: Kind = "text"
    total: bool = False


@dataclass(kw_only=True)
class Sheet:
    """One worksheet.

    The paper form: merged title, `unit_line` left and `date_line` right, headings (frozen, repeated on every
    page), rows, a 合计 row if `totals`, each of `closing_lines` across the page; a `draft` says so in its
    title and on every page. `plain`: the headings in row 1, the rows, and nothing else, to be sorted and
    filtered; the title stands on every printed page, and a draft says so there and in the worksheet's name.
    """

    name: str
    title: str = ""
    unit_line: str = ""
    date_line: str = ""
    fields: Sequence[Field]
    rows: Iterable[Sequence[object]]
    totals: bool = False
    closing_lines: Sequence[str] = ()
    draft: bool = False
    plain: bool = False

    def __post_init__(self) -> None:
        if len(self.fields) < (1 if self.plain else 2):
            raise ValueError("a paper form needs two columns or more, a plain list one")


def draw(book: Workbook, sheet: Sheet, name: str) -> None:
    """Stream the sheet into a new worksheet of a write-only workbook.

    Raise TypeError or ValueError for a value that does not fit its field, ValueError for too many rows.
    """
    _Page(book.create_sheet(name), sheet).draw()


class _Pen:
    """A cell of one look, filled again and again: a row is streamed away before the next one is filled."""

    def __init__(self, worksheet: Any, look: dict[str, Any], kind: Kind = "text") -> None:
        self._cell, self._guarded = WriteOnlyCell(worksheet), WriteOnlyCell(worksheet)
        for cell in (self._cell, self._guarded):
            cell.number_format = _FORMATS[kind]
            for name, value in look.items():
                setattr(cell, name, value)
        self._guarded.quotePrefix = True

    def fill(self, stored: Stored) -> Any:
        if not isinstance(stored, str):
            self._cell.value = stored
            return self._cell
        cell = self._guarded if starts_like_formula(stored) else self._cell
        cell.value = stored
        # Left to itself, openpyxl makes a formula of "=1+1" and an error of "#N/A".
        cell.data_type = "s"
        return cell


class _Page:
    """Writes the lines from top to bottom; `line` is the number of the last one."""

    def __init__(self, worksheet: Any, sheet: Sheet) -> None:
        self._ws = worksheet
        self._sheet = sheet
        self._line = 0
        self._grid: dict[str, Any] = {"border": _GRID}
        # A list keeps their order; the set that openpyxl starts with writes them in another order each time.
        worksheet.merged_cells = []

    def draw(self) -> None:
        sheet = self._sheet
        with_units = bool(sheet.unit_line or sheet.date_line)
        self._set_up(head=1 if sheet.plain else 2 + with_units)
        if not sheet.plain:
            title = f"【草稿】{sheet.title}" if sheet.draft else sheet.title
            self._across((title, "center"), size=18, bold=True)
            if with_units:
                self._across((sheet.unit_line, "left"), (sheet.date_line, "right"))
        self._headings()
        sums = self._body()
        if not sheet.plain:
            if sheet.totals:
                self._totals(sums)
            for words in sheet.closing_lines:
                self._across((words, "left"))

    def _set_up(self, head: int) -> None:
        ws = self._ws
        for position, field in enumerate(self._sheet.fields, start=1):
            ws.column_dimensions[get_column_letter(position)].width = field.width
        ws.freeze_panes = f"A{head + 1}"
        ws.print_title_rows = f"1:{head}"
        ws.page_setup.orientation, ws.page_setup.paperSize = "landscape", _A4
        ws.sheet_properties.pageSetUpPr.fitToPage = True
        ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
        ws.print_options.horizontalCentered = True
        inches = ws.page_margins
        inches.left = inches.right = 0.5
        inches.top = inches.bottom = 0.7
        inches.header = inches.footer = 0.3
        ws.oddFooter.center.text = "第 &P 页 共 &N 页"
        if self._sheet.plain and self._sheet.title:
            ws.oddHeader.left.text = self._sheet.title.replace("&", "&&")
        if self._sheet.draft:
            ws.oddHeader.center.text = ws.oddFooter.left.text = DRAFT_WORDS
            ws.oddHeader.center.size, ws.oddHeader.center.color = 14, "C00000"

    def _headings(self) -> None:
        look = {"font": _font(bold=True), "alignment": _aligned("center"), **self._grid}
        if not self._sheet.plain:
            look["fill"] = _SHADE
        fields = self._sheet.fields
        pens = [_Pen(self._ws, look) for _ in fields]
        self._write_row(pens, [stored_value(field.heading, "text") for field in fields])

    def _body(self) -> list[Stored]:
        """Write the rows; return the sum of each field with a total, None for the others."""
        fields = self._sheet.fields
        pens = [self._body_pen(field) for field in fields]
        sums: list[Any] = [0 if field.total else None for field in fields]
        totalled = [place for place, field in enumerate(fields) if field.total]
        for row in self._sheet.rows:
            values = [stored_value(value, field.kind) for value, field in zip(row, fields, strict=True)]
            for place in totalled:
                sums[place] += values[place] or 0
            self._write_row(pens, values)
        return sums

    def _body_pen(self, field: Field, *, bold: bool = False) -> _Pen:
        aligned = _aligned(_ACROSS.get(field.kind, "center"), wrap=not self._sheet.plain)
        return _Pen(self._ws, {"font": _font(bold=bold), "alignment": aligned, **self._grid}, field.kind)

    def _totals(self, sums: list[Stored]) -> None:
        fields = self._sheet.fields
        place = next((place for place, field in enumerate(fields) if field.kind == "text"), None)
        if place is not None:
            sums[place] = "合计"
        self._write_row([self._body_pen(field, bold=True) for field in fields], sums)

    def _across(self, *parts: tuple[str, str], size: int = 11, bold: bool = False) -> None:
        """Write one line of merged cells that share the columns evenly, each (words, alignment)."""
        fields = self._sheet.fields
        pens = [_Pen(self._ws, {"font": _font(size, bold=bold)}) for _ in fields]
        values: list[Stored] = [None] * len(fields)
        height = 0.0
        for part, (words, align) in enumerate(parts):
            first, after = (len(fields) * edge // len(parts) for edge in (part, part + 1))
            pens[first] = _Pen(self._ws, {"font": _font(size, bold=bold), "alignment": _aligned(align)})
            values[first] = stored_value(words, "text")
            height = max(height, _height(words, sum(field.width for field in fields[first:after]), size))
            if after - first > 1:
                line, left, right = self._line + 1, get_column_letter(first + 1), get_column_letter(after)
                self._ws.merged_cells.append(f"{left}{line}:{right}{line}")
        self._write(pens, values, height)

    def _write(self, pens: list[_Pen], values: Sequence[Stored], height: float | None = None) -> None:
        if self._line == MAX_LINES:
            raise ValueError(f"a worksheet holds {MAX_LINES} lines, this sheet has more")
        self._line += 1
        if height is not None:
            self._ws.row_dimensions[self._line].height = height
        self._ws.append([pen.fill(value) for pen, value in zip(pens, values, strict=True)])
        # The line is written; half a million heights need not be kept.
        self._ws.row_dimensions.pop(self._line, None)

    def _write_row(self, pens: list[_Pen], values: Sequence[Stored]) -> None:
        if self._sheet.plain:
            self._write(pens, values)
            return
        heights = [
            _height(value, field.width)
            for value, field in zip(values, self._sheet.fields, strict=True)
            if isinstance(value, str)
        ]
        self._write(pens, values, max(heights, default=_ROW_HEIGHT))


def _height(text: str, width: float, size: int = 11) -> float:
    # Not left to the program: some do not fit the height of wrapped lines by themselves, none of merged ones.
    fitting = lines_needed(text, width * 11 / size) * size * _LINE_SPACING + 4
    return min(max(_ROW_HEIGHT, fitting), _MAX_HEIGHT)


def _font(size: int = 11, *, bold: bool = False) -> Font:
    return Font(name="宋体", size=size, bold=bold)


def _aligned(across: str, *, wrap: bool = True) -> Alignment:
    return Alignment(horizontal=across, vertical="center", wrap_text=wrap)
