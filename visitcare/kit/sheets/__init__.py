"""Excel files (.xlsx): reading tables that people upload, writing the sheets that offices print and file."""

from .headings import Column
from .paper import Field, Sheet
from .reading import Row, Table, has_sheet, read_table
from .safety import SheetRefused
from .writing import Verdict, write_verdicts, write_workbook

__all__ = [
    "Column",
    "Field",
    "Row",
    "Sheet",
    "SheetRefused",
    "Table",
    "Verdict",
    "has_sheet",
    "read_table",
    "write_verdicts",
    "write_workbook",
]
