"""The worker's phone, on that Wednesday morning."""

import pytest

from tests.cast import Cast
from tests.visits.outbox import Phone


@pytest.fixture(autouse=True)
def on_wednesday(wednesday: None) -> None:
    """All of it."""


@pytest.fixture
def phone(cast: Cast) -> Phone:
    return Phone(cast.worker)
