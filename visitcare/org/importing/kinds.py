"""A kind of sheet that can be uploaded: which importer reads it, and who may."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from visitcare.org.actions import require
from visitcare.org.importing.importer import Importer
from visitcare.org.models import User
from visitcare.org.roles import Right


@dataclass(frozen=True, slots=True)
class Option:
    """Something to tick at the upload, for whoever holds `right`: the importer is made with `name=True`."""

    name: str
    label: str
    right: Right


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet. `right` opens it to a person; where each row may be is the importer's to say."""

    name: str
    title: str
    importer: type[Importer]
    right: Right
    options: Sequence[Option] = ()

    def open_to(self, user: User) -> bool:
        return user.may(Right.IMPORT_SHEETS) and user.may(self.right)

    def rights(self, chosen: Collection[str]) -> list[Right]:
        """All that an import with these options asks for."""
        return [
            Right.IMPORT_SHEETS,
            self.right,
            *(option.right for option in self.options if option.name in chosen),
        ]

    def make(self, by: User, chosen: Collection[str]) -> Importer:
        """The importer for this person, who must hold the rights today too."""
        for right in self.rights(chosen):
            require(by, right)
        return self.importer(by, **dict.fromkeys(chosen, True))
