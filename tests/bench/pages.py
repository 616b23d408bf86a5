"""Requests of one worker, through every middleware, against a view that answers nothing."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from tests.bench.county import Home
from tests.bench.harness import Row, percentiles
from visitcare.kit.admin import rows_url
from visitcare.kit.keys import uuid7
from visitcare.kit.weeks import Week, today
from visitcare.org.models import Division, Posting, User
from visitcare.urls import urlpatterns as doors
from visits.actions import open_week

REQUESTS = 100
LISTS = 7
GATHERED, SYNCS = 20, 15
"""Visits on a phone that had no signal for some days."""


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [*doors, path("bench/empty/", empty)]


def measure(homes: list[Home]) -> Iterator[Row]:
    """Needs this module as ROOT_URLCONF; what is logged stays in the scratch database."""
    worker = User.objects.get(pk=homes[0].worker)
    mine = [home for home in homes if home.worker == worker.pk]
    open_week(by=User.objects.system(), week=Week.of(today()))
    client = Client()
    client.force_login(worker)

    def logged(home: Home) -> None:
        answer = client.put(f"/api/v1/visits/{uuid7()}/", call_to(home), content_type="application/json")
        assert answer.status_code == 201, answer.content

    def synced(homes: list[Home]) -> None:
        items = [{"kind": "visit", "id": str(uuid7()), "record": call_to(home)} for home in homes]
        answer = client.post("/api/v1/sync/", {"items": items}, content_type="application/json")
        assert {item["status"] for item in answer.json()["items"]} == {201}, answer.content

    def page() -> None:
        answer = client.get("/")
        assert answer.status_code == 200, answer.content

    floor, floor95 = percentiles([partial(client.get, "/bench/empty/")] * REQUESTS)
    yield Row("本周探访 page, p50", len(mine), "an empty view", floor, percentiles([page] * REQUESTS)[0], "")
    visits = [partial(logged, mine[turn % len(mine)]) for turn in range(REQUESTS)]
    ours, ours95 = percentiles(visits)
    yield Row("PUT a visit, p50", REQUESTS, "an empty view, p50", floor, ours, "≤ 6×")
    yield Row("PUT a visit, p95", REQUESTS, "an empty view, p95", floor95, ours95, "≤ 10×")
    gathered = [mine[turn % len(mine)] for turn in range(GATHERED)]
    together = percentiles([partial(synced, gathered)] * (SYNCS + 1))[0]
    alone = percentiles([lambda: [logged(home) for home in gathered]] * (SYNCS + 1))[0]
    yield Row(f"{GATHERED} visits one by one, p50", GATHERED, "all in one sync", together, alone, "≥ 5×")


def call_to(home: Home) -> dict[str, object]:
    """As the phone sends it."""
    now = timezone.now().isoformat()
    elders = [str(elder) for elder in home.elders]
    return {
        "schema": 1,
        "elders": elders,
        "mode": "phone",
        "outcome": "spoke",
        "started_at": now,
        "sent_at": now,
    }


def review_list() -> float:
    """The median time of the list of visits that wait for review, and of its second page, as a town's reviewer sees it."""
    town = Division.objects.filter(level="town").order_by("code")[0]
    reviewer, _ = User.objects.get_or_create(
        login="reviewer", defaults={"name": "顾敏", "joined_at": timezone.now()}
    )
    if not reviewer.postings.exists():
        Posting.objects.create(user=reviewer, role="town_reviewer", place=town, starts_on=date(2024, 1, 1))
    desk = Client()
    desk.force_login(reviewer)

    def look(address: str) -> None:
        answer = desk.get(address)
        assert answer.status_code == 200, answer.content

    lists = [rows_url("visits.visit"), rows_url("visits.visit", p=2), rows_url("visits.visit", state="all")]
    return percentiles([partial(look, address) for address in lists * (LISTS + 1)][2:])[0]
