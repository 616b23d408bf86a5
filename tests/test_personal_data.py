"""Every field of ours is classified in docs/personal-data.md, and what is to be encrypted is."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from visitcare.kit.encryption import BlindIndexField, EncryptedTextField

DOCUMENT = Path(__file__).parent.parent / "docs" / "personal-data.md"
ROW = re.compile(r"^\| (\w+\.\w+) \| (.+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROOMS = ("visitcare", "elders", "visits", "subsidies")
OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]


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
    sealed = [field.name for field in fields if isinstance(field, EncryptedTextField | BlindIndexField)]
    assert sorted(encrypted) == sorted(sealed)
