"""Every list of the admin with every filter it offers: it answers, and says no more than the person may see."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from tests.cast import Cast
from tests.desk import Desk
from tests.doors.conftest import World
from visitcare.kit.admin import ScopedAdmin, rows_url
from visitcare.org.models import User

pytestmark = pytest.mark.django_db


def lists() -> dict[str, ScopedAdmin]:
    return {
        f"{model._meta.app_label}.{model._meta.model_name}": one
        for model, one in admin.site._registry.items()
    }


def everything(model_admin: ScopedAdmin) -> dict[str, str]:
    """The filters by which a list that begins narrowed shows all of its rows."""
    offered = {declared.parameter_name for declared in model_admin.list_filter}
    if model_admin.opts.model_name in (
        "settlement",
        "classoverride",
        "standin",
    ):  # show all states from the first
        return {}
    return dict.fromkeys(offered & {"state", "todo", "week"}, "all")


def offers(user: User, model_admin: ScopedAdmin, town: str) -> list[tuple[str, str]]:
    """(parameter, value) of everything that a person can choose in a list."""
    found = []
    for declared in model_admin.list_filter:
        request: Any = RequestFactory().get("/", {"town": town})
        request.user = user
        spec: Any = declared(request, {}, model_admin.model, model_admin)
        found += [(spec.parameter_name, value) for value, _, _ in spec.picks()]
    return found


@pytest.mark.parametrize("label", lists())
@pytest.mark.parametrize("who", ["officer", "head", "admin"])
def test_every_choice_of_every_list_answers(cast: Cast, label: str, who: str) -> None:
    user: User = getattr(cast, who)
    model_admin = lists()[label]
    desk = Desk(user)
    if not user.may(model_admin.see):
        assert desk.client.get(rows_url(label)).status_code == 403
        return
    chosen = offers(user, model_admin, cast.town.code)
    assert chosen != [] or label == "policy.policyversion"
    wrong = [
        (name, value) for name, value in chosen
        if desk.client.get(rows_url(label, **{name: value})).status_code != 200
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("label", lists())
def test_search_finds_nothing_foreign(cast: Cast, label: str, world: World) -> None:
    """The same words find in the other town what they find here, each for its own people only."""
    model_admin = lists()[label]
    if not model_admin.search_hint:
        return
    mine, theirs = Desk(cast.head), Desk(cast.other_head)
    anything = [False, False]
    for words in ("马", "村", "组", "999", "探访", cast.worker.name, cast.other_worker.name):
        found = [
            {row.pk for row in desk.rows(desk.open(desk.search(label, words, **everything(model_admin))))}
            for desk in (mine, theirs)
        ]
        assert found[0] & found[1] == set(), words
        anything = [was or bool(rows) for was, rows in zip(anything, found, strict=True)]
    assert anything == [True, True]


def test_filter_by_place_shows_the_rows_of_the_place(cast: Cast, world: World) -> None:
    """For every list with such a filter: the county sees a town's rows, and all of them lie in it."""
    officer, head = Desk(cast.officer), Desk(cast.head)
    compared = 0
    for label, model_admin in lists().items():
        offered = {declared.parameter_name for declared in model_admin.list_filter}
        if "town" in offered:
            said = everything(model_admin)
            wanted = {row.pk for row in head.listed(label, **said)}
            assert {row.pk for row in officer.listed(label, town=cast.town.code, **said)} == wanted, label
            assert wanted != set(), label
            compared += 1
    assert compared >= 10
