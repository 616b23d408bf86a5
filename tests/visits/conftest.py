"""What many tests of visits stand on: a Wednesday morning (tests/visits/phone.py), and an elder of the worker's group."""

import pytest

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder
from tests.visits.phone import NOW


@pytest.fixture
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group, name="王德明")
