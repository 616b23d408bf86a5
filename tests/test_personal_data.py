"""Every field of ours is classified in docs/personal-data.md, and what is to be encrypted is."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from visitcare.audit.history import RowHistory
from visitcare.kit.encryption import BlindIndexField, SealedField

DOCUMENT = Path(__file__).parent.parent / "docs" / "personal-data.md"
ROW = re.compile(r"^\| (\w+\.\w+) \| (.+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROOMS = ("visitcare", "elders", "visits", "subsidies")
OURS = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in ROOMS and not issubclass(model, RowHistory)
]
HISTORIES = [model for model in apps.get_models() if issubclass(model, RowHistory)]
OF_HISTORY = {field.name for field in RowHistory._meta.local_fields} | {"pgh_obj"}


def classified() -> dict[str, list[list[str]]]:
    """By model: the encrypted, personal, sensitive and plain fields that the document names."""
    return {
        model: [[name for name in cell.split() if name != "–"] for cell in cells]
        for model, *cells in ROW.findall(DOCUMENT.read_text())
    }


def test_document_names_our_models() -> None:
    assert set(classified()) == {model._meta.label for model in OURS}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_field_is_in_one_class(model: type[Model]) -> None:
    encrypted, personal, sensitive, plain = classified()[model._meta.label]
    fields = model._meta.local_fields
    assert sorted(encrypted + personal + sensitive + plain) == sorted(field.name for field in fields)
    sealed = [field.name for field in fields if isinstance(field, SealedField | BlindIndexField)]
    assert sorted(encrypted) == sorted(sealed)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda model: model._meta.label)
def test_history_holds_the_columns_of_its_model_as_they_are_held_there(history: type[RowHistory]) -> None:
    original = history.pgh_tracked_model
    assert original in OURS
    kept = [field for field in history._meta.local_fields if field.name not in OF_HISTORY | {"id"}]
    assert {field.name: type(field) for field in kept} == {
        field.name: type(original._meta.get_field(field.name)) for field in kept
    }
