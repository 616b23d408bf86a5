"""What reads rows of one kind of sheet and writes them: the columns, and what becomes of each row."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from visitcare.kit.sheets import Cell, Column, Outcome, Row, Table
from visitcare.org.models import User


class RowRefused(ValueError):
    """A row that cannot be taken; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row: its outcome, and words for whoever reads the report."""

    outcome: Outcome
    words: str = ""


class Importer(ABC):
    """Reads rows of one kind of sheet and writes them through actions.

    `cells` say by heading what the template tells of a column.
    """

    columns: ClassVar[Sequence[Column]]
    cells: ClassVar[Mapping[str, Cell]] = {}
    noun: ClassVar[str]
    sheet: ClassVar[str] = ""
    second_sheet: ClassVar["type[Importer] | None"] = None

    def __init__(self, by: User) -> None:
        self.by = by

    def prepare(self, table: Table) -> None:  # noqa: B027 (most need it, none must)
        """Load at once what the rows will ask for."""

    @abstractmethod
    def key(self, row: Row) -> str:
        """What the row is about, for the report; no ID or phone numbers."""

    @abstractmethod
    def take(self, row: Row) -> Taken:
        """Store one row. Raise RowRefused, CellError or PaperError when it cannot be."""

    def finish(self) -> Mapping[int, str]:
        """What is best done once for all rows; returns warnings that are known only then, by row number."""
        return {}
