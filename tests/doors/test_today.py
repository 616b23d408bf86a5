"""The first page: every number on it is the number of rows that its link shows."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils.html import escape

from elders.actions import approve_override, propose_override
from elders.models import ClassOverride, RegistrationForm
from tests.cast import Cast
from tests.desk import Desk
from tests.doors.conftest import World
from tests.factories import make_elder, make_visit
from visitcare.kit.identity import birthday
from visitcare.kit.weeks import Week, next_monday, today
from visitcare.org.models import User
from visits.actions import open_week
from visits.models import Campaign

pytestmark = pytest.mark.django_db

OFFICE = ("reviewer", "head", "other_head", "officer", "approver", "auditor", "admin")


def rows_behind(desk: Desk, address: str) -> int:
    parts = urlsplit(address)
    return int(desk.open(parts.path + f"?{parts.query}").context["cl"].result_count)


def day_of(desk: Desk, week: str = "") -> dict[str, Any]:
    day: dict[str, Any] = desk.open(f"/admin/?week={week}").context["day"]
    return day


@pytest.fixture(scope="module")
def busy(cast: Cast, world: World) -> World:
    """Something waits in every list: also a doubtful visit, a class that changed by itself, a birthday and a review of a class by hand; and this week is open."""
    make_visit(cast.worker, world.here["elders_elder"], at="2025-03-08 22:30")
    make_elder(cast.group, date(1945, 3, 12), name="满八十")
    soon = today() + timedelta(days=10)
    make_elder(cast.group, birthday(soon, -80), name="快满八十")
    due = make_elder(cast.group, name="该复核")
    system = User.objects.system()
    override = propose_override(
        by=system, elder=due, risk_class="A", reason="跌倒过", review_on=today() + timedelta(days=60)
    )
    approve_override(by=cast.head, override=override)
    ClassOverride.objects.filter(pk=override.pk).update(starts_on=date(2025, 1, 13), review_on=today())
    make_elder(cast.group, name="不愿意", consent="refused")
    make_elder(cast.village, name="没人管")
    Campaign.objects.update(first_day=today() - timedelta(days=2), last_day=today() - timedelta(days=1))
    open_week(by=system, week=Week.of(today()))
    return world


@pytest.mark.parametrize("who", OFFICE)
def test_every_task_leads_to_as_many_rows_as_it_says(cast: Cast, busy: World, who: str) -> None:
    desk = Desk(getattr(cast, who))
    day = day_of(desk)
    tasks = [*day["tasks"], *day["watched"]]
    assert tasks != []
    assert [(task.words, task.count) for task in tasks] == [
        (task.words, rows_behind(desk, task.address)) for task in tasks
    ]


def test_head_of_a_town_has_everything_that_waits(cast: Cast, busy: World) -> None:
    day = day_of(Desk(cast.head))
    counts = {task.words: task.count for task in (*day["tasks"], *day["watched"])}
    assert [words for words, count in counts.items() if not count] == []
    assert counts["位没联系上的老人"] == 1


@pytest.mark.parametrize("who", ["head", "officer"])
def test_every_number_of_the_week_leads_to_as_many_rows(cast: Cast, busy: World, who: str) -> None:
    desk = Desk(getattr(cast, who))
    for week in ("", "2025-W10"):
        day = day_of(desk, week)
        areas = [*day["areas"], day["everything"]]
        assert sum(area.total for area in day["areas"]) == day["everything"].total > 0
        for area in areas:
            assert sum(part.count for part in area.parts) == area.total
            for part in area.parts:
                assert part.count == rows_behind(desk, part.address), (area.name, part.words)
            for met, met_address, owed, owed_address in area.by_class:
                assert (met, owed) == (rows_behind(desk, met_address), rows_behind(desk, owed_address))


def test_elder_nobody_has_reached_is_the_first_line(cast: Cast, busy: World) -> None:
    for who in ("reviewer", "head"):
        day = day_of(Desk(getattr(cast, who)))
        assert (day["waiting"][0].words, day["waiting"][0].urgent) == ("位没联系上的老人", True)


def test_town_sees_its_villages_and_the_county_its_towns(cast: Cast, busy: World) -> None:
    shown = {
        who: [area.name for area in day_of(Desk(getattr(cast, who)))["areas"]] for who in ("head", "officer")
    }
    assert shown == {"head": ["永安村"], "officer": ["滨江镇", "海晏镇"]}


def test_system_admin_sees_accounts_and_nothing_of_elders(cast: Cast, busy: World) -> None:
    day = day_of(Desk(cast.admin))
    assert ([task.words for task in day["tasks"]], day["watched"]) == (["个账号还没发初始密码"], [])
    assert ("areas" in day, "settlements" in day) == (False, False)


def test_week_that_is_none_is_this_one(cast: Cast, busy: World) -> None:
    day = day_of(Desk(cast.head), "2026-W60")
    assert day["week"] == Week.of(today())
    assert dict(parse_qsl(urlsplit(day["areas"][0].url()).query))["village"] == cast.village.code


def test_auditor_watches_and_has_nothing_to_do(cast: Cast, busy: World) -> None:
    day = day_of(Desk(cast.auditor))
    assert (day["tasks"], len(day["watched"])) == ([], 21)


def test_reviewer_reviews_and_watches_what_the_head_decides(cast: Cast, busy: World) -> None:
    day = day_of(Desk(cast.reviewer))
    assert "条有疑点的探访等审核" in {task.words for task in day["tasks"]}
    monday = next_monday(today())
    assert {task.words for task in day["watched"]} == {
        "个类别变化待确认",
        f"人的类别从下周一（{monday.month}月{monday.day}日）起变",
        "项手工调整等批准",
        "项手工调整该复核",
        "位老人迁入待接收",
    }


def test_what_others_have_nothing_of_is_not_told(cast: Cast, busy: World) -> None:
    desk = Desk(cast.reviewer)
    overrides = "项手工调整等批准"
    assert overrides in {task.words for task in day_of(desk)["watched"]}
    ClassOverride.objects.filter(state="proposed").delete()
    assert overrides not in {task.words for task in day_of(desk)["watched"]}


def test_what_has_nothing_to_do_is_folded_away_and_stays_in_reach(cast: Cast, busy: World) -> None:
    RegistrationForm.objects.filter(state="submitted").update(state="draft")
    desk = Desk(cast.head)
    day = day_of(desk)
    assert [task.words for task in day["quiet"]] == ["张登记表等批准"]
    assert day["waiting"]
    assert {task.words for task in day["tasks"]} == {task.words for task in (*day["waiting"], *day["quiet"])}
    shown, _, folded = desk.open("/admin/").content.decode().partition('<details class="vc-quiet">')
    for task in day["waiting"]:
        assert f"<b>{task.count_words}</b> <span>{task.words}</span>" in shown
    for task in day["quiet"]:
        assert f'<a href="{escape(task.address)}">0 {task.words}</a>' in folded.partition("</details>")[0]
