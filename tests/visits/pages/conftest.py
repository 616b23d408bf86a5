from collections.abc import Callable

import pytest
from django.test import Client

from tests.visits.phone import NOW
from visitcare.org.models import User


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def enter(client: Client) -> Callable[[User], Client]:
    """The browser of somebody who has signed in."""

    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in
