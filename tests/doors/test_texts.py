"""Whatever is typed in any text field of any form gets an answer in words, or is stored and shown as what it is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.db import models

from tests.doors.conftest import World
from tests.doors.forms import FORMS, Desks, lists
from tests.doors.walking import OURS, Walk, fingerprint, undone
from visitcare.kit.admin import rows_url

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
TEXTS = {
    "long": "长" * 10_000,
    "nul": "王\x00小明",
    "control": "王\x0b\u202e小\u200b明\x7f",
    "emoji": "王👵🏻👨‍👩‍👧",
    "formula": "=1+1",
    "script": SCRIPT,
}
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")
CHINESE = re.compile("[一-鿿]")
ANYWHERE = ("/", "/mine/")


@pytest.fixture
def desks(walk: Walk, world: World) -> Desks:
    return Desks(walk, world)


def text_fields(desks: Desks, name: str) -> list[str]:
    form = desks.form(name)
    return [
        field for field, asked in (form.fields if form else {}).items()
        if isinstance(asked, forms.CharField) and not isinstance(asked.widget, forms.PasswordInput)
    ]  # fmt: skip


def stored_texts() -> Iterator[str]:
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            columns = [
                field.attname for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField | models.JSONField)
            ]  # fmt: skip
            for row in model._base_manager.values_list(*columns) if columns else ():
                yield from map(str, row)


def pages(desks: Desks, where: str, who: str) -> Iterator[str]:
    """The page that an answer leads to, and the lists and pages on which its words may stand."""
    addresses = [(who, where)] if where.startswith("/") else []
    addresses += [("worker", page) for page in ANYWHERE]
    addresses += [
        (
            "head" if name.startswith("org_import") else "officer",
            rows_url(name.replace("_", "."), state="all" if name == "visits_visit" else ""),
        )
        for name in lists()
    ]
    for person, address in addresses:
        answer = desks.walk.ask(person, address)
        assert answer.status_code == 200, (person, address)
        yield answer.content.decode()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", TEXTS)
def test_text_is_answered_or_kept_as_it_is(desks: Desks, name: str, kind: str) -> None:
    text, before = TEXTS[kind], fingerprint()
    for field in text_fields(desks, name):
        with undone():
            answer: Any = desks.send(name, **{field: text})
            assert answer.status_code in (200, 302), field
            shown = answer.content.decode(errors="replace")
            assert SCRIPT not in shown
            form = (answer.context or {}).get("form")
            if form is not None and form.errors:
                mistakes = [words for errors in form.errors.values() for words in errors]
                assert all(CHINESE.search(words) for words in mistakes), mistakes
                assert max(map(len, mistakes)) < 400, field
                assert not any(
                    "空字符" in words for words in mistakes
                )  # Django's words for a NUL, which nobody sees
                assert fingerprint() == before
                continue
            assert [one for one in stored_texts() if UNSEEN.search(one)] == [], field
            if kind == "long":
                assert [one for one in stored_texts() if len(one) > 2_000] == [], field
            if kind == "script":
                for page in pages(desks, answer.headers.get("Location", ""), FORMS[name].who):
                    assert SCRIPT not in page


def test_there_are_text_fields_to_try(desks: Desks) -> None:
    assert sum(len(text_fields(desks, name)) for name in FORMS) > 70
