from collections.abc import Callable

import pytest
from django.test import Client

from visitcare.org.models import User


@pytest.fixture(autouse=True)
def on_wednesday(wednesday: None) -> None:
    """All of it."""


@pytest.fixture
def enter(client: Client) -> Callable[[User], Client]:
    """The browser of somebody who has signed in."""

    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in
