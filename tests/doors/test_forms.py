"""What a form was not asked to say is not heard; and a row of another town is named in vain, as one that is none."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.apps import apps
from django.contrib.admin import helpers
from django.db import models
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from elders.models import SeriousIllness
from tests.doors.conftest import World
from tests.doors.forms import (
    FORMS,
    KEPT_AS_TYPED,
    NAMES_OF_ROWS,
    ONLY_LOOKS,
    TAKE_JSON,
    WHOLE_COUNTY,
    WITHOUT_WORDS,
    Desks,
    bulk_doors,
    bulk_row,
    list_address,
    lists,
)
from tests.doors.tables import BULK, NOT_PAGES, addresses, methods_of
from tests.doors.walking import OURS, Walk, fingerprint, told, undone
from visitcare.kit.admin import rows_url
from visitcare.kit.encryption import SealedField
from visits.models import Referral, Visit

pytestmark = pytest.mark.django_db

KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def desks(walk: Walk, world: World) -> Desks:
    return Desks(walk, world)


@contextmanager
def fresh_cookies(client: Client) -> Iterator[None]:
    """What a request does to the session is undone in the browser too."""
    before = client.cookies.copy()
    yield
    client.cookies = before


# The table


def test_every_form_is_in_the_table() -> None:
    """Every address that takes a POST and every bulk door: who adds one adds a line."""
    posted = {name for name in addresses() if name not in NOT_PAGES and "POST" in methods_of(name)}
    lists_with_bulk_doors = {f"admin:{name}_changelist" for name in lists()}
    assert posted - lists_with_bulk_doors == (set(FORMS) | WITHOUT_WORDS | TAKE_JSON) - set(bulk_doors())
    assert {name for name in FORMS if "/" in name} == set(bulk_doors()) == set(BULK)


# More than was asked


def poison(world: World) -> dict[str, Any]:
    """Every field that any model of ours has, with a value that would show."""
    said: dict[str, Any] = {
        "is_staff": "on", "is_superuser": "on", "groups": "1", "user_permissions": "1", "by": world.there["org_user"].pk
    }  # fmt: skip
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for field in model._meta.get_fields():
                if isinstance(field, models.Field):
                    said[field.name] = said[field.attname] = _other(field, world)
    return said


def _other(field: models.Field, world: World) -> Any:
    if isinstance(field, models.ForeignKey):
        foreign: Any = field.remote_field.model._base_manager.order_by("-pk").first()
        return foreign.pk if foreign else uuid4()
    if field.choices:
        return list(field.choices)[-1][0]  # type: ignore[arg-type]
    if isinstance(field, models.DateTimeField):
        return "2020-01-06T08:00"
    if isinstance(field, models.DateField):
        return "2020-01-06"
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.IntegerField | models.DecimalField):
        return "99"
    return str(uuid4()) if isinstance(field, models.UUIDField) else "添的"


def everything(known: set[str]) -> dict[str, list[str]]:
    """All rows of ours, without what differs each time: new keys, the moment itself, salt."""
    return {
        model._meta.label: sorted(
            str([_plain(field, value, known) for field, value in zip(_fields(model), row, strict=True)])
            for row in model._base_manager.values_list(*(field.attname for field in _fields(model)))
        )
        for model in apps.get_models()
        if model._meta.app_label in OURS
    }


def _fields(model: type[models.Model]) -> list[models.Field]:
    return [
        field for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField) and field.name not in ("last_login", "digest", "content_hash", "file_key", "session", "token_hash")
    ]  # fmt: skip


def _plain(field: models.Field, value: Any, known: set[str]) -> str:
    if field.name == "password":
        return str(value)[:1]
    if isinstance(value, datetime) and abs(timezone.now() - value) < timedelta(minutes=30):
        return "now"
    if isinstance(field, SealedField):
        return str(value)
    return KEY.sub(lambda key: key[0] if key[0] in known else "new", str(value))


def known_keys() -> set[str]:
    return {
        str(pk)
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and isinstance(model._meta.pk, models.UUIDField | models.OneToOneField)
        for pk in model._base_manager.values_list("pk", flat=True)
    }


@pytest.mark.parametrize("name", FORMS)
def test_form_hears_no_more_than_it_asks(desks: Desks, name: str) -> None:
    """With every other field there is sent beside, it does exactly what it does without."""
    form, says = desks.form(name), desks.says(name)
    asked = {*(form.fields if form else ()), *says}
    more = {key: value for key, value in poison(desks.world).items() if key not in asked | {"next"}}
    assert len(more) > 100
    known, before = known_keys(), everything(known_keys())
    outcomes = []
    for said in (says, says | more):
        with undone(), fresh_cookies(desks.walk.clients[FORMS[name].who]):
            answer = desks.walk.ask(FORMS[name].who, desks.address(name), "POST", said)
            mistakes = getattr((answer.context or {}).get("form"), "errors", {})
            status, where, messages, _ = told(answer)
            outcomes.append((status, KEY.sub("", where), messages, dict(mistakes), everything(known)))
    assert outcomes[0][0] in (200, 302)
    assert outcomes[0][3] == {}
    assert (outcomes[0][4] == before) == (name in ONLY_LOOKS)
    assert outcomes[0] == outcomes[1]


# Rows of others


def names_rows(field: forms.Field) -> bool:
    """Whether a choice is one of rows, and not of words."""
    if isinstance(field, forms.ModelChoiceField):
        return field.queryset is not None and field.queryset.model is not SeriousIllness  # everybody's
    choices = getattr(field, "choices", ())
    grouped = [inner for _, inside in choices if isinstance(inside, list) for inner in inside]
    values = [str(value) for value, _ in (*choices, *grouped)]
    return any(KEY.fullmatch(value) or (value.isdecimal() and len(value) >= 6) for value in values)


def test_every_choice_of_rows_is_in_the_table(desks: Desks) -> None:
    found = {
        (name, field)
        for name in FORMS
        if (form := desks.form(name)) is not None
        for field, asked in form.fields.items()
        if names_rows(asked)
    }
    by_words = {(page, field) for page, field in NAMES_OF_ROWS if field in ("place", "number")}
    by_words -= {("screening_new", "place"), ("admin:visits_campaign_add", "place")}  # chosen from a list
    assert found - KEPT_AS_TYPED == (set(NAMES_OF_ROWS) - by_words) | WHOLE_COUNTY


@pytest.mark.parametrize(("name", "field"), NAMES_OF_ROWS)
def test_row_of_another_town_is_no_choice(desks: Desks, name: str, field: str) -> None:
    """It is answered as one that does not exist, and nothing changes."""
    foreign = NAMES_OF_ROWS[name, field](desks.world.there)
    missing = f"{foreign}9" if not KEY.fullmatch(str(foreign)) else uuid4()
    if str(foreign).isdecimal():
        missing = f"{str(foreign)[:-1]}9"
    beside = {"household": "known"} if field == "number" else {}
    before, answers = fingerprint(), []
    said = desks.says(name) | beside  # once: it holds the number of the record to be
    for key in (foreign, missing):
        with undone():
            answer = desks.walk.ask(FORMS[name].who, desks.address(name), "POST", said | {field: str(key)})
            assert fingerprint() == before
            assert answer.context["form"].errors != {}
            answers.append(told(answer, key))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("name", ["record_visit", "correct_visit"])
def test_finding_of_another_household_is_neither_told_nor_answered(desks: Desks, name: str) -> None:
    referral: Referral = desks.world.there["visits_referral"]
    says = desks.says(name) | {"result": "back"}
    answers = []
    for key in (referral.pk, uuid4()):
        more = {f"answer_{key}": "yes"}
        answers.append(told(desks.walk.ask("worker", desks.address(name), "POST", says | more), key))
    assert answers[0] == answers[1]
    with undone():
        desks.send(name, **{f"answer_{referral.pk}": "yes"})
        referral.refresh_from_db()
        assert referral.state == "open"


@pytest.mark.parametrize("name", ["record_visit", "correct_visit"])
def test_number_of_somebody_elses_record_is_not_taken(desks: Desks, name: str) -> None:
    """The one field in which a foreign row cannot answer as none: it is refused, and told nothing of."""
    visit: Visit = desks.world.there["visits_visit"]
    before = fingerprint()
    with undone():
        answer = desks.send(name, visit_id=str(visit.pk))
        assert answer.context["mistakes"] == ["没有这条记录。"]
        assert fingerprint() == before


# Bulk doors


@pytest.mark.parametrize("name", BULK)
def test_bulk_door_is_for_those_in_the_table(walk: Walk, world: World, name: str) -> None:
    """Everybody else is turned away, from rows of their own and from all of the list."""
    before = fingerprint()
    kind, action = name.split("/")
    chosen = {helpers.ACTION_CHECKBOX_NAME: str(bulk_row(name, world.here).pk), "action": action}
    for more in ({}, {"select_across": "1"}, {"confirmed": "1", "expected": "1", "reason": "试试"}):
        for who in set(walk.cast.everybody()) - BULK[name]:
            answer = walk.ask(who, rows_url(kind.replace("_", ".")), "POST", chosen | more)
            assert answer.status_code in (302, 403), who
    assert fingerprint() == before


PAPERS = {"elders_elder/print_all", "elders_elder/export_list", "org_user/print_cards"}
"""Bulk doors that hand over something to print or to keep; that they did is recorded."""


@pytest.mark.parametrize("name", sorted(set(BULK) - {"subsidies_settlement/export_all"}))
def test_bulk_door_leaves_rows_of_another_town_alone(walk: Walk, world: World, name: str) -> None:
    """Ticked alone they are as rows that do not exist; ticked beside own ones, or with all of the list, nothing
    happens to them."""
    before = fingerprint()
    action = name.split("/")[1]
    here, there = bulk_row(name, world.here), bulk_row(name, world.there)
    address, was = list_address(name), stored(there)
    said = {**FORMS[name].says(world.here), "action": action, "confirmed": "1", "reason": "试试"}

    def press(keys: list[Any], **more: str) -> Any:
        ticked = {helpers.ACTION_CHECKBOX_NAME: [str(key) for key in keys]}
        return walk.ask(FORMS[name].who, address, "POST", said | ticked | more)

    missing = uuid4()
    foreign, none = (told(press([key], expected="1"), key) for key in (there.pk, missing))
    assert foreign == none
    assert foreign[2] == ["没有选中任何一条。请先在左边打勾，或者选“筛选出的全部”。"]
    assert fingerprint() == before
    for keys, more in (([here.pk, there.pk], {}), ([], {"select_across": "1"})):
        with undone():
            count = press(keys, **more, expected="x").context["count"]
            assert press(keys, **more, expected=str(count)).status_code == (200 if name in PAPERS else 302)
            assert fingerprint() != before
            assert stored(there) == was


def stored(row: models.Model) -> dict[str, Any]:
    return type(row)._base_manager.values().get(pk=row.pk)


def test_sheet_over_all_towns_holds_the_own_only(walk: Walk, world: World) -> None:
    """Of both towns' frozen month, ticked or all of the list, the head takes their own away."""
    both = [str(line.settlement_id) for line in (world.here["subsidies_line"], world.there["subsidies_line"])]
    said = {"action": "export_all", "confirmed": "1", "kind": "roster", "reason": "核对", "expected": "1"}
    for chosen in ({helpers.ACTION_CHECKBOX_NAME: both}, {"select_across": "1"}):
        answer = walk.ask("head", rows_url("subsidies.settlement", month="2025-01"), "POST", said | chosen)
        book = load_workbook(io.BytesIO(answer.content))
        words = " ".join(str(cell.value) for sheet in book for row in sheet.rows for cell in row)
        assert ("滨江镇" in words, "陆桂芳" in words) == (True, True)
        assert ("海晏镇" in words, "龚国平" in words) == (False, False)
