"""The phones of those who register elders."""

import pytest

from tests.cast import Cast
from tests.elders.phone import Phone


@pytest.fixture
def cadre(cast: Cast) -> Phone:
    return Phone(cast.cadre)


@pytest.fixture
def worker(cast: Cast) -> Phone:
    return Phone(cast.worker)
