"""Every address of the product with every member of the cast: who gets in, as a table; everybody else is turned away.

An address that no table names fails the run. A row of another town answers exactly as one that does not exist.
"""

from datetime import date
from fnmatch import fnmatchcase

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.doors.conftest import World
from tests.doors.tables import (
    BY_SECRET,
    FIELD,
    MAY_POST,
    METHODS_OF,
    NOT_PAGES,
    OF_ROW,
    OFFICE,
    OPEN,
    SHARED,
    TOWN,
    address_of,
    addresses,
    methods_of,
    row_for,
)
from tests.doors.walking import METHODS, TURNED_AWAY, Walk, fingerprint, missing_like, told
from visitcare.policy.models import PolicyVersion

pytestmark = pytest.mark.django_db


def admitted(walk: Walk, address: str) -> set[str]:
    """Who gets a page; everybody else must be turned away in one of the known ways."""
    let_in = set()
    for who in walk.cast.everybody():
        status = walk.ask(who, address).status_code
        if status == 200:
            let_in.add(who)
        else:
            assert status in TURNED_AWAY, (who, status)
    return let_in


def surprises(
    found: dict[str, set[str]], wanted: dict[str, set[str]]
) -> dict[str, tuple[set[str], set[str]]]:
    """Where a table is not what happens: who got in and should not, who should and did not."""
    wrong = {name: (found[name] - wanted[name], wanted[name] - found[name]) for name in wanted}
    return {name: both for name, both in wrong.items() if any(both)}


def test_every_address_is_in_one_table() -> None:
    named = [*OPEN, *OF_ROW, *SHARED, *BY_SECRET, *NOT_PAGES]
    assert sorted(set(addresses())) == sorted(named)


def test_addresses_let_in(walk: Walk) -> None:
    assert surprises({name: admitted(walk, reverse(name)) for name in OPEN}, OPEN) == {}


def test_rows_of_this_town_let_in(walk: Walk, world: World) -> None:
    found = {name: admitted(walk, address_of(name, row_for(world.here, name))) for name in OF_ROW}
    assert surprises(found, OF_ROW) == {}


def test_policies_are_read_in_every_office(walk: Walk) -> None:
    version = PolicyVersion.objects.filter(series="pay").get()
    found = admitted(walk, reverse("admin:policy_policyversion_change", args=[version.pk]))
    assert found == OFFICE - {"admin"}


# Methods


def test_table_of_methods_names_every_address_and_nothing_else() -> None:
    named = [*OPEN, *OF_ROW, *SHARED, *BY_SECRET]
    assert [name for name in named if not any(fnmatchcase(name, pattern) for pattern in METHODS_OF)] == []
    assert [pattern for pattern in METHODS_OF if not any(fnmatchcase(name, pattern) for name in named)] == []


def test_no_address_answers_to_more_methods_than_the_table_says(walk: Walk, world: World) -> None:
    """Of the others, whoever is let in is told so (405); nobody changes a row, and HEAD answers as GET does."""
    before, wrong = fingerprint(), []
    for name in {**OPEN, **OF_ROW}:
        address = address_of(name, row_for(world.here, name)) if name in OF_ROW else reverse(name)
        let_in = {**OPEN, **OF_ROW}[name]
        for who in walk.cast.everybody():
            for method in METHODS:
                answers = method in methods_of(name)
                if answers and method != "HEAD":
                    continue
                status = walk.ask(who, address, method).status_code
                right = {200 if answers else 405} if who in let_in else TURNED_AWAY
                if status not in right:
                    wrong.append((name, who, method, status))
    assert wrong == []
    assert fingerprint() == before


def test_doors_refuse_the_posts_of_whoever_may_not_use_them(walk: Walk, world: World) -> None:
    """A post to every address by everybody who is not let in leaves every row as it was."""
    before, wrong = fingerprint(), []
    said = {"reason": "试试", "outcome": "试试", "assessment": "试试", "last_day": "2025-03-10"}
    for name in OF_ROW:
        address = address_of(name, row_for(world.here, name))
        for who in set(walk.cast.everybody()) - (MAY_POST.get(name) or OF_ROW[name]):
            status = walk.ask(who, address, "POST", said).status_code
            if status not in TURNED_AWAY:
                wrong.append((name, who, status))
    assert wrong == []
    assert fingerprint() == before


# Rows of others


def test_row_of_another_town_answers_as_one_that_does_not_exist(walk: Walk, world: World) -> None:
    """To every method, by everybody whose area it is not: the same status, place, messages and page but for the key."""
    before, wrong = fingerprint(), []
    for name in OF_ROW:
        row = row_for(world.there, name)
        missing = missing_like(row)
        for who in ("anonymous", "disabled", *FIELD - {"other_worker"}, *TOWN):
            for method in METHODS:
                foreign = walk.ask(who, address_of(name, row), method)
                none = walk.ask(who, address_of(name, row, missing), method)
                tells = foreign.status_code == 200 and method != "OPTIONS"
                if told(foreign, row.pk) != told(none, missing) or tells:
                    wrong.append((name, who, method, foreign.status_code, none.status_code))
    assert wrong == []
    assert fingerprint() == before


def test_ended_posting_closes_every_door_at_once(cast: Cast, world: World) -> None:
    client = Client()
    client.force_login(cast.head)
    address = reverse("admin:elders_elder_change", args=[world.here["elders_elder"].pk])
    assert client.get(address).status_code == 200
    with transaction.atomic():
        cast.head.postings.update(ends_on=date(2025, 1, 1))
        assert client.get(address).status_code == 302
        transaction.set_rollback(True)
