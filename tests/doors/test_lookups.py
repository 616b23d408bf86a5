"""What may be asked in an address: what a list declares, and nothing of what it hides; whatever else is written there
is refused or ignored, and never an error of the server."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models
from django.http import HttpResponse
from django.test import Client

from tests.doors.conftest import World
from tests.doors.forms import lists
from tests.doors.walking import Walk, undone
from visitcare.kit.admin import ScopedAdmin, rows_url

pytestmark = pytest.mark.django_db

NUL = "%00"
ODD = (
    "x" * 8000, "9" * 5000, "-1", "0", "%20", "99999999999999999999", "%D9%A3", "%C2%BD", "%F0%9F%98%80", "%ED%A0%80",
    "%27%22%3Cscript%3E", "9999-12", "1000-01", "2026-13", "9999-W52", "1000-W01", "2026-W99", "elders.Elder:x", ":",
)  # fmt: skip
OF_LISTS = (
    "x" * 8000,
    "-1",
    "99999999999999999999",
    "%ED%A0%80",
    "9999-12",
    "9999-W52",
    "1000-W01",
    "elders.Elder:x",
)
OF_DJANGO = ("q", "p", "o", "all", "e", "_popup", "_facets", "_changelist_filters")
API_LISTS = ("visits", "divisions")


def label(name: str) -> str:
    return name.replace("_", ".")


def hidden(model_admin: ScopedAdmin) -> Iterator[str]:
    """Every field of the rows and of what they point at, with ways to ask for it that the list does not declare."""
    declared = {one.parameter_name for one in model_admin.list_filter}
    for field in paths(model_admin.model):
        for how in ("", "__startswith"):
            if f"{field}{how}" not in declared:
                yield f"{field}{how}"


def paths(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.fields:
        yield field.name
        if isinstance(field, models.ForeignKey):
            yield from (f"{field.name}__{further.name}" for further in field.remote_field.model._meta.fields)


def opener(name: str) -> str:
    """Somebody who may open the list: uploads are no business of the county's."""
    return "head" if name.startswith("org_import") else "officer"


def ask(walk: Walk, who: str, address: str) -> HttpResponse:
    with undone():
        return walk.ask(who, address)


@pytest.mark.parametrize("name", lists())
def test_list_is_not_asked_for_what_it_hides(walk: Walk, world: World, name: str) -> None:
    asked = list(hidden(lists()[name]))
    assert len(asked) > 5
    answered = [
        param for param in asked
        if ask(walk, opener(name), rows_url(label(name), **{param: "3"})).status_code != 400
    ]  # fmt: skip
    assert answered == []


@pytest.mark.parametrize("name", lists())
def test_list_stands_odd_values(walk: Walk, world: World, name: str) -> None:
    """A page, a page without rows or a refusal."""
    declared = [one.parameter_name for one in lists()[name].list_filter]
    wrong = [
        (param, value[:30]) for param in (*declared, *OF_DJANGO) for value in OF_LISTS
        if ask(walk, opener(name), f"{rows_url(label(name))}?{param}={value}").status_code not in (200, 302, 400)
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("name", lists())
def test_list_has_its_own_order_and_key(walk: Walk, world: World, name: str) -> None:

    def rows(query: str) -> list[Any]:
        answer: Any = ask(walk, opener(name), f"{rows_url(label(name))}?{query}")
        return [row.pk for row in answer.context["cl"].result_list]

    assert [rows("o=-1"), rows("o=1.-2"), rows("_popup=1"), rows("o=99")] == [rows("")] * 4
    for to_field in ("id_number", "password", "id"):
        assert ask(walk, opener(name), f"{rows_url(label(name))}?_to_field={to_field}").status_code == 400


def of_api(walk: Walk, who: str, address: str) -> Any:
    answer: Any = ask(walk, who, f"/api/v1/{address}")
    assert answer.status_code == 200
    return [next(iter(row.values())) for row in answer.json()["results"]]


@pytest.mark.parametrize("name", API_LISTS)
@pytest.mark.parametrize("who", ["worker", "head", "officer"])
def test_api_ignores_what_it_does_not_declare(walk: Walk, world: World, name: str, who: str) -> None:
    everything = of_api(walk, who, f"{name}/")
    model = lists()["visits_visit" if name == "visits" else "org_division"].model
    asked = [f"{path}{how}=3" for path in paths(model) for how in ("__startswith", "__gte", "__in")]
    asked += ["ordering=worker__password", "ordering=-name", "search=1", "fields=password", "format=json"]
    assert [query for query in asked if of_api(walk, who, f"{name}/?{query}") != everything] == []


@pytest.mark.parametrize("name", API_LISTS)
def test_api_stands_odd_values(walk: Walk, world: World, name: str) -> None:
    declared = (
        "state",
        "mode",
        "flagged",
        "since",
        "until",
        "area",
        "level",
        "active",
        "parent",
        "limit",
        "offset",
    )
    wrong = [
        (param, value[:30]) for param in (*declared, "format") for value in ODD
        if ask(walk, "officer", f"/api/v1/{name}/?{param}={value}").status_code not in (200, 400, 404)
    ]  # fmt: skip
    assert wrong == []


def test_api_gives_no_more_than_a_page(walk: Walk, world: World) -> None:
    answer: Any = ask(walk, "officer", "/api/v1/divisions/?limit=100000&offset=1")
    assert "limit=500" in answer.json()["previous"]


PAGES = (
    "/{}", "/?place={}", "/mine/?month={}", "/mine/?page={}", "/pay/?month={}", "/login/?next={}", "/admin/?week={}",
    "/admin/{}/", "/admin/login/?next={}", "/admin/elders/elder/{}/change/", "/admin/org/division/{}/change/",
    "/admin/visits/obligation/{}/change/", "/admin/subsidies/settlement/{}/approve/", "/api/v1/visits/{}/",
    "/api/v1/divisions/{}/", "/api/v1/schema/?lang={}", "/api/v1/schema/?version={}", "/admin/visits/visit/?{}=1",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["anonymous", "worker", "officer"])
def test_page_stands_odd_values(walk: Walk, world: World, page: str, who: str) -> None:
    wrong = [
        (value[:30], status) for value in ODD
        if (status := ask(walk, who, page.format(value)).status_code) not in (200, 302, 400, 403, 404)
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("text", [NUL, f"x{NUL}y", f"320699{NUL}"])
def test_nul_in_an_address_is_refused_in_words(walk: Walk, page: str, text: str) -> None:
    for who in ("anonymous", "officer"):
        answer = ask(walk, who, page.format(text))
        assert answer.status_code == 400
        assert "没有看懂" in answer.content.decode()


@pytest.mark.parametrize("cookie", ["sessionid", "messages", "csrftoken", "big"])
def test_nul_in_a_cookie_is_refused(cookie: str) -> None:
    client = Client(raise_request_exception=False)
    for page in ("/login/", "/admin/login/", "/api/v1/me/"):
        assert client.get(page, HTTP_COOKIE=rf'{cookie}="\000aaaaaaaaaa"').status_code == 400
