"""What reads rows of one kind of sheet and writes them: the columns, and what becomes of each row."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from django.db.models import Model, Q

from visitcare.kit.sheets import Cell, Column, Outcome, Row, Table
from visitcare.org.models import User

Keys: TypeAlias = Mapping[type[Model], Collection[Any]]
"""Rows by their model and key."""
Rows: TypeAlias = Mapping[type[Model], Mapping[Any, Any]]
"""The same, each with what it was."""


class RowRefused(ValueError):
    """A row that cannot be taken; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row: its outcome, and words for whoever reads the report. A row with a warning `becomes` something
    all the same, unless nothing was done with it."""

    outcome: Outcome
    words: str = ""
    becomes: Outcome | None = None


class Importer(ABC):
    """Reads rows of one kind of sheet and writes them through actions.

    `cells` say by heading what the template tells of a column, `note` what it tells of the sheet. For taking an import
    back: `makes` is the table whose history keeps no making, so that `made` has to tell; `parts` go with the rows that
    they belong to, `derived` is judged anew from what is left (`taken_back`), and what is `unanswered` asks about rows
    and has heard nothing yet: it goes too.
    """

    columns: ClassVar[Sequence[Column]]
    cells: ClassVar[Mapping[str, Cell]] = {}
    note: ClassVar[str] = ""
    noun: ClassVar[str]
    sheet: ClassVar[str] = ""
    second_sheet: ClassVar["type[Importer] | None"] = None
    makes: ClassVar[type[Model] | None] = None
    parts: ClassVar[Sequence[type[Model]]] = ()
    derived: ClassVar[Sequence[type[Model]]] = ()
    unanswered: ClassVar[Mapping[type[Model], Q]] = {}

    can_plan: ClassVar[bool] = False
    """Whether it can judge rows without writing them."""

    rows_stand_alone: ClassVar[bool] = False
    """Whether no row rests on what another has written: a preview then takes each back at once, and holds nobody up who
    has to do with the same people meanwhile."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.plans = False
        self.tries = False

    def follow(self, first: "Importer") -> None:  # noqa: B027 (as below)
        """Take over what the importer of the first sheet knows."""

    def prepare(self, table: Table) -> None:  # noqa: B027 (most need it, none must)
        """Load at once what the rows will ask for."""

    @abstractmethod
    def key(self, row: Row) -> str:
        """What the row is about, for the report; no ID or phone numbers."""

    @abstractmethod
    def take(self, row: Row) -> Taken:
        """Store one row, or only judge it where it `plans`. Raise RowRefused, CellError or PaperError when it cannot be."""

    def made(self) -> Sequence[UUID]:
        """The keys of what was added to `makes`."""
        return ()

    @classmethod
    def opened_by(cls, was: Rows) -> Keys:
        """Of rows that were known before, those that the import brought into force: what others have built on these
        since stands in the way of taking the import back."""
        return {}

    @classmethod
    def touched_by(cls, rows: Keys) -> Collection[Any]:
        """What has to be brought in line when these rows are what they were; asked before."""
        return ()

    @classmethod
    def taken_back(cls, *, by: User, was: Rows, opened: Keys, touched: Collection[Any]) -> None:
        """Bring it in line."""
        return

    def finish(self) -> Mapping[int, str]:
        """What is best done once for all rows; returns warnings that are known only then, by row number."""
        return {}
