"""Requests of one worker, through every middleware, against a view that answers nothing."""

import json
import uuid
from collections.abc import Iterator
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from tests.bench.county import Home
from tests.bench.harness import Row, p50
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visitcare.urls import urlpatterns as doors
from visits.actions import log_visit, open_week

REQUESTS = 100


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def log(request: HttpRequest) -> HttpResponse:
    """The action alone, behind the same door as the empty view."""
    said = json.loads(request.body)
    elders = [uuid.UUID(elder) for elder in said["elders"]]
    log_visit(
        by=request.user,  # type: ignore[arg-type]
        visit_id=uuid.uuid4(),
        worker=request.user,  # type: ignore[arg-type]
        elders=elders,
        mode="phone",
        outcome="spoke",
        started_at=timezone.now(),
    )
    return HttpResponse(status=201)


urlpatterns = [*doors, path("bench/empty/", empty), path("bench/log/", log)]


def measure(homes: list[Home]) -> Iterator[Row]:
    """Needs this module as ROOT_URLCONF; what is logged stays in the scratch database."""
    worker = User.objects.get(pk=homes[0].worker)
    mine = [home for home in homes if home.worker == worker.pk]
    open_week(by=User.objects.system(), week=Week.of(today()))
    client = Client()
    client.force_login(worker)

    def logged(home: Home) -> None:
        body = {"elders": [str(elder) for elder in home.elders]}
        answer = client.post("/bench/log/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 201, answer.content

    def page() -> None:
        answer = client.get("/")
        assert answer.status_code == 200, answer.content

    floor = p50([partial(client.get, "/bench/empty/")] * REQUESTS)
    yield Row("本周探访 page, p50", len(mine), "an empty view", floor, p50([page] * REQUESTS), "< 30 ms")
    visits = [partial(logged, mine[turn % len(mine)]) for turn in range(REQUESTS)]
    yield Row("log_visit, p50", REQUESTS, "an empty view", floor, p50(visits), "< 4×")
