from collections.abc import Callable

import pytest

from elders.models import Elder
from subsidies.models import Settlement
from tests.cast import Cast
from tests.factories import draft, freeze, make_elder


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def frozen(cast: Cast) -> Callable[[str], Settlement]:
    """Settle and freeze a month of this town."""
    return lambda month: freeze(draft(cast.town, month), maker=cast.head, checker=cast.approver)
