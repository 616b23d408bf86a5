"""A worker's phone on a Wednesday morning: what the forms send and what the pages say."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from elders.models import Elder, Household
from tests.cast import Cast
from tests.factories import make_elder, make_household, moment
from visitcare.kit.weeks import Week
from visitcare.org.models import User
from visits.actions import open_week

NOW = moment("2025-03-05 10:00")
TODAY = date(2025, 3, 5)
OLD, YOUNGER = date(1940, 6, 1), date(1955, 6, 1)
"""Living alone, the one is class A (80 and older), the other class C."""


def later(monkeypatch: pytest.MonkeyPatch, **span: int) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(**span))


def open_this_week() -> None:
    open_week(by=User.objects.system(), week=Week.of(TODAY))


def couple(cast: Cast, **said: str) -> tuple[Household, Elder, Elder]:
    home = make_household(cast.group, address="1组12号")
    first = make_elder(home, date(1950, 1, 1), name="王德明", living="elders_only", **said)
    return home, first, make_elder(home, date(1952, 1, 1), name="李秀英", living="elders_only")


def read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def text_of(html: str) -> str:
    """What a reader sees, without the spaces between tags."""
    return re.sub(
        r"\s+", " ", re.sub(r"<template.*?</template>|<svg.*?</svg>|<[^>]+>", "", html, flags=re.DOTALL)
    )


def record_url(household: Household) -> str:
    return reverse("record_visit", args=[household.pk])


def said(*elders: Elder, mode: str = "phone", result: str = "ok", **more: object) -> dict[str, object]:
    """What the form sends."""
    return {
        "visit_id": str(uuid4()),
        "elders": [str(elder.pk) for elder in elders],
        "mode": mode,
        "agreed": "on",
        "started_at": "2025-03-05T09:42",
        "result": result,
        **more,
    }
