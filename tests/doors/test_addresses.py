"""No page leads to an address with anybody's number in it, and no search does."""

import re
from urllib.parse import unquote

import pytest
from django.contrib import admin
from django.urls import reverse

from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.doors.conftest import World
from tests.doors.tables import OF_ROW, OPEN, address_of, row_for
from tests.doors.walking import Walk
from visitcare.kit.admin import rows_url
from visitcare.org.models import User

pytestmark = pytest.mark.django_db

ADDRESS = re.compile(r'(?:href|src|action|formaction)="(?!tel:)([^"]+)"')


def numbers() -> set[str]:
    found = {user.mobile for user in User.objects.all()}
    for elder in Elder.objects.all():
        found |= {elder.id_number, elder.phone, elder.emergency_phone}
    return found - {"", None}


def test_no_page_leads_to_a_number(walk: Walk, world: World) -> None:
    world.here["elders_elder"].phone = "19900012345"
    world.here["elders_elder"].save()
    pages = {name: reverse(name) for name in OPEN}
    pages |= {name: address_of(name, row_for(world.here, name)) for name in OF_ROW}
    wanted, seen, wrong = numbers(), 0, []
    for name, page in pages.items():
        for who in (OPEN | OF_ROW)[name] & {"worker", "head", "officer"}:
            for address in ADDRESS.findall(walk.ask(who, page).content.decode(errors="replace")):
                seen += 1
                wrong += [(name, who, address) for number in wanted if number in unquote(address)]
    assert wrong == []
    assert (len(wanted) > 20, seen > 1000) == (True, True)


SEARCHED = [
    f"{model._meta.app_label}.{model._meta.model_name}"
    for model, one in admin.site._registry.items()
    if one.search_hint
]


@pytest.mark.parametrize("label", SEARCHED)
def test_search_for_a_number_leads_to_an_address_without_it(cast: Cast, world: World, label: str) -> None:
    number, desk = world.here["elders_elder"].id_number, Desk(cast.head)
    address = desk.search(label, f" {number} ")
    assert number not in unquote(address)
    page = desk.open(address)
    assert page.context["cl"].query == number
    assert all(number not in unquote(one) for one in ADDRESS.findall(page.content.decode()))
    by_hand = desk.client.get(rows_url(label, q=number))
    assert (by_hand.status_code, number in unquote(by_hand.headers["Location"])) == (302, False)
    if label == "elders.elder":
        assert desk.rows(page) == [world.here["elders_elder"]]


def test_search_keeps_the_filters_and_leaves_out_what_is_open(cast: Cast, world: World) -> None:
    desk = Desk(cast.head)
    assert desk.search("elders.elder", "马", status="active", village="") == (
        rows_url("elders.elder", q="马", status="active")
    )
    assert desk.search("elders.elder", " ", status="") == rows_url("elders.elder") + "?"


def test_search_of_somebody_else_does_not_open(cast: Cast, world: World) -> None:
    address = Desk(cast.head).search("elders.elder", world.here["elders_elder"].id_number)
    page = Desk(cast.officer).open(address)
    assert [str(words) for words in page.context["messages"]] == [
        "这个查找是别人做的，或者太久了，打不开。请重新输入要找的号码。"
    ]
    assert page.context["cl"].query == ""
    assert Desk(cast.officer).listed("elders.elder") != []
    assert (Desk(cast.officer).rows(page), page.context["cl"].result_count) == ([], 0)


@pytest.mark.parametrize("unseen", ["\0", "\u200b", "\u202d"])
def test_search_is_read_without_what_nobody_sees(cast: Cast, world: World, unseen: str) -> None:
    elder = world.here["elders_elder"]
    desk = Desk(cast.head)
    for term in (elder.name, elder.id_number):
        pasted = f"{term[:2]}{unseen}{term[2:]}"
        assert desk.found("elders.elder", pasted) == [elder]


def test_search_for_what_looks_sealed_is_a_search(cast: Cast, world: World) -> None:
    page = Desk(cast.head).open(Desk(cast.head).search("elders.elder", "~张"))
    assert (list(page.context["messages"]), page.context["cl"].query) == ([], "~张")
