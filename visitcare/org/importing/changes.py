"""What an import changes of rows that are there, as whoever confirms it reads it: 联系电话：199****0001 → 199****0002."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from visitcare.audit.words import changed_words


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What a field says and what it is to say."""

    model: type[Model]
    name: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return changed_words(self.model._meta.get_field(self.name), self.old, self.new)  # type: ignore[arg-type]


def changes_of(model: type[Model], row: Model | None, said: Mapping[str, Any]) -> list[FieldChange]:
    """Where a row says otherwise; of no row, what is said at all."""
    found = (FieldChange(model, name, getattr(row, name, None), value) for name, value in said.items())
    return [one for one in found if _known(one.old) != _known(one.new)]


def join_words(*said: object) -> str:
    """Words of one verdict."""
    return "；".join(filter(None, map(str, said)))


def _known(value: Any) -> Any:
    """Text that is not there is stored as empty."""
    return None if value == "" else value
