"""Excel files (.xlsx): reading tables that people upload, writing the sheets that offices print and file."""

from .headings import Cell, Column
from .paper import Field, Sheet
from .reading import Row, Table, has_sheet, open_book, read_table
from .safety import SheetRefused
from .writing import OUTCOME_WORDS, Outcome, Verdict, write_verdicts, write_workbook

__all__ = [
    "OUTCOME_WORDS",
    "Cell",
    "Column",
    "Field",
    "Outcome",
    "Row",
    "Sheet",
    "SheetRefused",
    "Table",
    "Verdict",
    "has_sheet",
    "open_book",
    "read_table",
    "write_verdicts",
    "write_workbook",
]
