"""Every address of the product with every member of the cast: who gets in, as a table; everybody else is turned away.

An address that no table names fails the run. A row of another town answers exactly as one that does not exist.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from elders.models import Elder
from subsidies.models import Settlement
from tests.cast import Cast
from tests.doors.conftest import World
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion
from visits.models import Referral, Visit

pytestmark = pytest.mark.django_db

ANYBODY = {"anonymous", "disabled"}
FIELD = {"worker", "second_worker", "next_worker", "other_worker", "visitor", "cadre"}
TOWN, OTHER_TOWN = {"reviewer", "head"}, {"other_head"}
COUNTY = {"officer", "approver", "second_approver", "auditor"}
OFFICE = TOWN | OTHER_TOWN | COUNTY | {"admin"}
SEE_TOWN = TOWN | COUNTY
EVERYBODY = FIELD | OFFICE

OPEN = {
    "login": ANYBODY, "admin:login": ANYBODY | FIELD, "complaint": ANYBODY | EVERYBODY, "healthz": ANYBODY | EVERYBODY,
    "readyz": ANYBODY | EVERYBODY, "change_password": EVERYBODY, "admin:logout": set(), "logout": set(), "big_text": set(),
    "home": FIELD, "my_visits": FIELD, "my_pay": FIELD,
    "admin:index": OFFICE, "admin:jsi18n": OFFICE,
    "api_me": EVERYBODY, "api_schema": ANYBODY | EVERYBODY, "api_docs": ANYBODY | EVERYBODY, "division-list": EVERYBODY, "visit-list": EVERYBODY,
    "admin:elders_elder_changelist": OFFICE - {"admin"}, "admin:elders_household_changelist": OFFICE - {"admin"},
    "admin:elders_registrationform_changelist": OFFICE - {"admin"}, "admin:elders_classperiod_changelist": OFFICE - {"admin"},
    "admin:visits_visit_changelist": OFFICE - {"admin"}, "admin:visits_obligation_changelist": OFFICE - {"admin"},
    "admin:visits_referral_changelist": OFFICE - {"admin"}, "admin:subsidies_settlement_changelist": OFFICE - {"admin"},
    "admin:subsidies_line_changelist": OFFICE - {"admin"}, "admin:subsidies_paidvisit_changelist": OFFICE - {"admin"},
    "admin:subsidies_unpaidvisit_changelist": OFFICE - {"admin"}, "admin:policy_policyversion_changelist": OFFICE - {"admin"},
    "admin:org_user_changelist": OFFICE, "admin:org_division_changelist": OFFICE,
    "admin:audit_event_changelist": OFFICE - {"admin", "reviewer"},
    "admin:elders_elder_add": TOWN | OTHER_TOWN, "admin:subsidies_settlement_add": {"head", "other_head"},
    "admin:org_user_add": {"head", "other_head", "admin"},
}  # fmt: skip
"""Addresses without a row in them, opened with GET. (What only answers to POST lets nobody in this way.)"""

OF_ROW = {
    "record_visit": {"worker", "visitor", "cadre"}, "correct_visit": {"worker"}, "withdraw_visit": set(),
    "visit-detail": SEE_TOWN | {"worker", "cadre"},
    "division-detail": SEE_TOWN | {"admin", "worker", "visitor", "cadre"},
    "admin:elders_elder_change": SEE_TOWN, "admin:elders_household_change": SEE_TOWN,
    "admin:elders_registrationform_change": SEE_TOWN, "admin:elders_classperiod_change": SEE_TOWN,
    "admin:visits_visit_change": SEE_TOWN, "admin:visits_obligation_change": SEE_TOWN,
    "admin:visits_referral_change": SEE_TOWN, "admin:subsidies_settlement_change": SEE_TOWN,
    "admin:subsidies_line_change": SEE_TOWN, "admin:subsidies_paidvisit_change": SEE_TOWN,
    "admin:subsidies_unpaidvisit_change": SEE_TOWN, "admin:org_user_change": SEE_TOWN | {"admin"},
    "admin:org_division_change": SEE_TOWN | {"admin"}, "admin:audit_event_change": {"head", *COUNTY},
    "admin:elders_elder_reveal": TOWN | COUNTY - {"auditor"}, "admin:elders_elder_renew": TOWN, "admin:elders_elder_pause": TOWN,
    "admin:elders_elder_resume": TOWN, "admin:elders_elder_close": {"head"}, "admin:elders_elder_reopen": {"head"}, "admin:elders_household_add_elder": TOWN,
    "admin:elders_registrationform_approve": {"head"}, "admin:elders_registrationform_return": TOWN,
    "admin:elders_classperiod_acknowledge": {"head"},
    "admin:visits_visit_accept": {"reviewer"}, "admin:visits_visit_return": {"reviewer"},
    "admin:visits_visit_invalidate": {"reviewer"}, "admin:visits_referral_solve": TOWN,
    "admin:subsidies_settlement_assess": {"head"}, "admin:subsidies_settlement_redraft": {"head"},
    "admin:subsidies_settlement_withhold": {"head"}, "admin:subsidies_settlement_restore": {"head"},
    "admin:subsidies_paidvisit_withhold": {"head"},
    "admin:subsidies_settlement_approve": {"approver", "second_approver"},
    "admin:subsidies_settlement_send_back": {"approver", "second_approver"},
    "admin:subsidies_settlement_export": SEE_TOWN - {"auditor"},
    "admin:org_user_password": {"head", "admin"}, "admin:org_user_appoint": {"head", "admin"},
    "admin:org_user_end": {"head", "admin"},
}  # fmt: skip
"""Addresses of one row of 滨江镇 (this town), opened with GET."""

SHARED = {"admin:policy_policyversion_change": OFFICE - {"admin"}}
"""Rows that belong to no town: everybody in an office may read them."""

NOT_PAGES = {"admin:-"}
"""The admin's catch-all, which answers 404."""


def addresses() -> Iterator[str]:
    """The name of every address of the product."""

    def walk(patterns: list[Any], space: str = "") -> Iterator[str]:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(
                    pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else "")
                )
            else:
                yield f"{space}{pattern.name or '-'}"

    yield from walk(get_resolver().url_patterns)


def row_for(rows: dict[str, Any], name: str) -> Any:
    """The row an address is about: its own where a door needs one in a state of its own."""
    plain = name.removeprefix("admin:")
    return rows[plain] if plain in rows else rows[plain.rsplit("_", plain.count("_") - 1)[0]]


def get(person: User | AnonymousUser, address: str) -> HttpResponse:
    client = Client()
    if isinstance(person, User):
        client.force_login(person)
    return client.get(address)


def admitted(cast: Cast, address: str) -> set[str]:
    """Who gets a page; everybody else must be turned away in one of the known ways."""
    let_in = set()
    for name, person in cast.everybody().items():
        answer = get(person, address)
        if answer.status_code == 200:
            let_in.add(name)
        else:
            assert answer.status_code in (302, 403, 404, 405), (name, answer.status_code)
    return let_in


def surprises(
    found: dict[str, set[str]], wanted: dict[str, set[str]]
) -> dict[str, tuple[set[str], set[str]]]:
    """Where a table is not what happens: who got in and should not, who should and did not."""
    wrong = {name: (found[name] - wanted[name], wanted[name] - found[name]) for name in wanted}
    return {name: both for name, both in wrong.items() if any(both)}


def told(answer: HttpResponse) -> tuple[int, str, list[str]]:
    """What an answer says, but for the key that was asked for."""
    request: Any = getattr(answer, "wsgi_request")  # noqa: B009 (the test client adds it)
    return answer.status_code, answer.headers.get("Location", ""), [str(one) for one in get_messages(request)]


def test_every_address_is_in_one_table() -> None:
    named = [*OPEN, *OF_ROW, *SHARED, *NOT_PAGES]
    assert sorted(set(addresses())) == sorted(named)


def test_addresses_let_in(cast: Cast) -> None:
    assert surprises({name: admitted(cast, reverse(name)) for name in OPEN}, OPEN) == {}


def test_rows_of_this_town_let_in(cast: Cast, world: World) -> None:
    found = {name: admitted(cast, reverse(name, args=[row_for(world.here, name).pk])) for name in OF_ROW}
    assert surprises(found, OF_ROW) == {}


def test_policies_are_read_in_every_office(cast: Cast) -> None:
    version = PolicyVersion.objects.filter(series="pay").get()
    assert admitted(cast, reverse("admin:policy_policyversion_change", args=[version.pk])) == OFFICE - {
        "admin"
    }


def without(key: str, answer: tuple[Any, ...]) -> list[str]:
    """The parts of an answer without the key, but for digits that are part of another number."""
    return [re.sub(rf"\b{re.escape(key)}\b", "", str(part)) for part in answer]


def test_row_of_another_town_answers_as_one_that_does_not_exist(cast: Cast, world: World) -> None:
    nowhere = {
        "org_division": "320699102209",
        "division-detail": "320699102209",
        "visits_obligation": "999999",
    }
    wrong = []
    for name in OF_ROW:
        row = row_for(world.there, name)
        missing = next((key for kind, key in nowhere.items() if kind in name), str(uuid4()))
        for who in ("worker", "next_worker", "cadre", "reviewer", "head"):
            foreign = told(get(getattr(cast, who), reverse(name, args=[row.pk])))
            none = told(get(getattr(cast, who), reverse(name, args=[missing])))
            if without(str(row.pk), foreign) != without(missing, none):
                wrong.append((name, who, foreign, none))
    assert wrong == []


def test_doors_refuse_the_posts_of_whoever_may_not_use_them(cast: Cast, world: World) -> None:
    """A post to every door by everybody who is not let in leaves every row as it was."""
    doors = [name for name in OF_ROW if name.startswith("admin:") and not name.endswith("_change")]
    before = versions()
    for name in doors:
        address = reverse(name, args=[row_for(world.here, name).pk])
        for who, person in cast.everybody().items():
            if who not in OF_ROW[name]:
                client = Client()
                if isinstance(person, User):
                    client.force_login(person)
                said = {"reason": "试试", "outcome": "试试", "assessment": "试试", "last_day": "2025-03-10"}
                assert client.post(address, said).status_code in (302, 403), (name, who)
    assert versions() == before


def versions() -> list[Any]:
    return [
        sorted(model.objects.values_list("pk", "state"), key=str) for model in (Visit, Referral, Settlement)
    ] + [sorted(Elder.objects.values_list("pk", "status"), key=str), sorted(User.objects.values_list("pk", "password"), key=str)]  # fmt: skip


def test_ended_posting_closes_every_door_at_once(cast: Cast, world: World) -> None:
    client = Client()
    client.force_login(cast.head)
    address = reverse("admin:elders_elder_change", args=[world.here["elders_elder"].pk])
    assert client.get(address).status_code == 200
    with transaction.atomic():
        cast.head.postings.update(ends_on=date(2025, 1, 1))
        assert client.get(address).status_code == 302
        transaction.set_rollback(True)
