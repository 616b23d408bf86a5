"""The sheets that people download, fill in and upload: made of the importers' own columns, so that they cannot differ."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from visitcare.kit.sheets import Cell, Column
from visitcare.org.importing.importer import Importer
from visitcare.org.importing.kinds import Kind

GUIDE, LISTS = "填写说明", "选项"
ROWS = 5_000
"""How far down the lists to choose from reach."""
_FORMATS = {"text": "@", "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}
_INLINE = 200  # characters; Excel takes 255 for a list that stands in the rule itself
_NEEDED = PatternFill("solid", fgColor="FDF0D5")
_PLAIN = PatternFill("solid", fgColor="E6EDF7")
_BOLD = Font(bold=True)


def write_template(kind: Kind) -> bytes:
    """An .xlsx to fill in, with a sheet on what each column means, which is never read."""
    book = Workbook()
    lists = _Lists(book)
    first = book.worksheets[0]
    for importer in _sheets(kind.importer):
        worksheet = first if importer is kind.importer else book.create_sheet()
        worksheet.title = importer.sheet or importer.noun
        _draw_table(worksheet, importer, lists)
    _draw_guide(book.create_sheet(GUIDE), kind)
    lists.hide()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def example_row(importer: type[Importer]) -> dict[str, object]:
    """What the guide shows as an example, by heading."""
    return {column.heading: _cell(importer, column).example for column in importer.columns}


def _sheets(importer: type[Importer]) -> Sequence[type[Importer]]:
    return [importer, importer.second_sheet] if importer.second_sheet else [importer]


def _cell(importer: type[Importer], column: Column) -> Cell:
    return importer.cells.get(column.heading, Cell())


class _Lists:
    """The lists to choose from that are too long to stand in a rule: one column each of a hidden sheet."""

    def __init__(self, book: Workbook) -> None:
        self.sheet = book.create_sheet(LISTS)
        self.columns = 0

    def source(self, choices: Sequence[str]) -> str:
        inline = ",".join(choices)
        if len(inline) <= _INLINE and not any("," in choice or '"' in choice for choice in choices):
            return f'"{inline}"'
        self.columns += 1
        for number, choice in enumerate(choices, start=1):
            self.sheet.cell(number, self.columns, choice)
        letter = get_column_letter(self.columns)
        return f"'{LISTS}'!${letter}$1:${letter}${len(choices)}"

    def hide(self) -> None:
        """Last of all, or not at all: the first sheet is the one that is read."""
        book = self.sheet.parent
        if not self.columns:
            book.remove(self.sheet)
            return
        book.move_sheet(self.sheet, len(book.worksheets))
        self.sheet.sheet_state = "hidden"


def _draw_table(worksheet: Worksheet, importer: type[Importer], lists: _Lists) -> None:
    for place, column in enumerate(importer.columns, start=1):
        cell, letter = _cell(importer, column), get_column_letter(place)
        head: Any = worksheet.cell(1, place, f"{column.heading}*" if column.required else column.heading)
        head.font, head.fill = _BOLD, _NEEDED if column.required else _PLAIN
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        worksheet.column_dimensions[letter].width = _width(column, cell)
        worksheet.column_dimensions[letter].number_format = _FORMATS[cell.kind]
        if cell.choices:
            worksheet.add_data_validation(_rule(cell, letter, lists))
    worksheet.row_dimensions[1].height = 32
    worksheet.freeze_panes = "A2"


def _rule(cell: Cell, letter: str, lists: _Lists) -> DataValidation:
    """A list to choose from; where several may be written, it offers and does not insist."""
    rule = DataValidation(
        type="list",
        formula1=lists.source(list(cell.choices)),
        allow_blank=True,
        showErrorMessage=not cell.several,
        errorTitle="不能这样写",
        error="请从下拉的选项里选一个。",
    )
    rule.add(f"{letter}2:{letter}{ROWS + 1}")
    return rule


def _width(column: Column, cell: Cell) -> float:
    longest = max(len(column.heading) + 1, *(len(str(one)) for one in (cell.example or "", *cell.choices)))
    return min(max(2.0 * longest, 10.0), 36.0)


def _draw_guide(worksheet: Worksheet, kind: Kind) -> None:
    worksheet.append([f"{kind.title}：怎样填。这一张只供看，不会导入。"])
    worksheet["A1"].font = Font(bold=True, size=14)
    worksheet.append(["带 * 的列一定要填。从第 2 行起，一行填一条；标题不要改，不用的列可以空着。"])
    for importer in _sheets(kind.importer):
        worksheet.append([])
        if importer.note:
            worksheet.append([importer.note])
        worksheet.append([f"工作表“{importer.sheet or importer.noun}”", "要不要填", "例子", "怎样填"])
        for cell in worksheet[worksheet.max_row]:
            cell.font, cell.fill = _BOLD, _PLAIN
        for column in importer.columns:
            said = _cell(importer, column)
            worksheet.append(
                [column.heading, "一定要填" if column.required else "可以空着", _shown(said), _note(said)]
            )
    for letter, width in zip("ABCD", (26, 12, 26, 80), strict=True):
        worksheet.column_dimensions[letter].width = width
    for (cell,) in worksheet.iter_rows(min_col=3, max_col=3):
        cell.number_format = "@"
    for (cell,) in worksheet.iter_rows(min_row=3, min_col=4, max_col=4):
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _shown(cell: Cell) -> str:
    return cell.example.isoformat() if isinstance(cell.example, date) else str(cell.example or "")


def _note(cell: Cell) -> str:
    choices = "、".join(cell.choices)
    several = "可以写几个，用顿号隔开：" if cell.several else "从这些里选："
    return " ".join(filter(None, (cell.note, f"{several}{choices}。" if choices else "")))
