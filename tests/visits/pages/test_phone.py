"""What a phone keeps: files without anybody's data, and a list with the least."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from elders.actions import pause_elder
from tests.cast import Cast
from tests.factories import make_elder, make_visit
from tests.visits.phone import OLD, TODAY, couple, open_this_week, read
from visitcare.org.models import User
from visits.actions import Finding
from visits.views import phone

Enter = Callable[[User], Client]
STATIC = Path(settings.BASE_DIR) / "static"


def round_of(client: Client) -> dict[str, Any]:
    return dict(json.loads(read(client, "/api/v1/round/")))


def test_shell_is_the_same_for_everybody(cast: Cast, enter: Enter) -> None:
    anybody = Client().get("/phone/")
    worker = enter(cast.worker).get("/phone/")
    assert anybody.content == worker.content
    assert (anybody.cookies, b"csrf" in anybody.content) == ({}, False)


def test_every_file_of_the_pages_is_kept() -> None:
    """Also what one script asks another for: without a signal there is nobody to ask."""
    asked = {
        f"phone/{name}"
        for script in (STATIC / "phone").glob("*.js")
        for name in re.findall(r'from "\./(\w+\.js)"', script.read_text())
    }
    shell = re.findall(r'(?:src|href)="/static/([^"]+)"', read(Client(), "/phone/"))
    assert asked | set(shell) <= set(phone.FILES)
    assert [name for name in phone.FILES if not finders.find(name)] == []


def test_worker_names_its_files_and_its_release(monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(Client(), "/sw.js")
    assert "/static/phone/outbox.js" in before
    monkeypatch.setattr(phone, "FILES", (*phone.FILES, "register.js"))
    after = read(Client(), "/sw.js")
    release = r'RELEASE = "(\w{16})"'
    assert re.findall(release, before) != re.findall(release, after)


def test_manifest_names_icons_that_are_there() -> None:
    said = json.loads(read(Client(), "/manifest.webmanifest"))
    assert [finders.find(icon["src"].removeprefix("/static/")) is not None for icon in said["icons"]] == [
        True,
        True,
    ]


def test_round_holds_the_least(cast: Cast, enter: Enter) -> None:
    home, first, second = couple(cast, phone="19900012345", number="")
    make_visit(
        cast.worker, first, at="2025-03-03 09:00", findings=[Finding("health", ("illness",), "发烧三天")]
    )
    open_this_week()
    said = round_of(enter(cast.worker))
    assert sorted(said) == ["big", "cards", "csrf", "monday", "name_of_person", "now", "person"]
    (card,) = said["cards"]
    assert sorted(card) == [
        "asked", "chains", "elders", "household", "left", "notes", "phone", "risk_class", "state", "where",
    ]  # fmt: skip
    assert card["elders"] == [
        {"id": str(first.pk), "name": "王德明", "away": False},
        {"id": str(second.pk), "name": "李秀英", "away": False},
    ]
    assert (card["where"], card["phone"], card["household"]) == ("1组12号", "19900012345", str(home.pk))
    assert [one["words"] for one in card["asked"]] == ["上次发现的事（身体和精神），解决了吗？"]
    assert "发烧" not in json.dumps(said, ensure_ascii=False)


def test_round_says_of_a_danger_what_it_is(cast: Cast, enter: Enter) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.worker, elder, at="2025-03-03 09:00", findings=[Finding("safety", ("gas",), "管子老化")])
    open_this_week()
    (card,) = round_of(enter(cast.worker))["cards"]
    assert [one["words"] for one in card["asked"]] == ["上次发现：煤气，管子老化，解决了吗？"]


def test_round_does_not_say_who_is_in_hospital(cast: Cast, enter: Enter) -> None:
    elder = make_elder(cast.group, OLD)
    pause_elder(by=cast.head, elder=elder, reason="hospital", starts_on=TODAY, ends_on=None)
    open_this_week()
    said = json.dumps(round_of(enter(cast.worker)), ensure_ascii=False)
    assert ("住院" in said, "这几天不在家" in said) == (False, True)


def test_round_is_for_those_who_visit(cast: Cast, enter: Enter) -> None:
    assert enter(cast.officer).get("/api/v1/round/").status_code == 403
    assert Client().get("/api/v1/round/").status_code == 403
