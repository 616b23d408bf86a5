"""A draft of March that tests of assessing, approving and keeping back begin with, and what they look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from subsidies.actions import SettlementError
from subsidies.models import Settlement, Withholding
from tests.factories import id_number
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.models import Visit

NOT_ALLOWED = "您没有办理这件事的权限，或者它不在您管的地区。需要的话，请找系统管理员。"
CARD, NEW_CARD = "6217000000000000004", "6217000000000000012"
ID_NUMBER = id_number(date(1970, 3, 5))


@contextmanager
def refused(words: str = NOT_ALLOWED) -> Iterator[None]:
    """Insist on these words, and that nothing is left of the attempt: no event, no other state."""
    before = left()
    with pytest.raises((SettlementError, NotAllowed)) as caught:
        yield
    assert (str(caught.value), left()) == (words, before)


def left() -> tuple[object, ...]:
    states = list(Settlement.objects.order_by("pk").values_list("pk", "state", "paid_count", "sent_back"))
    return Event.objects.count(), states, Withholding.objects.count()


def visit_of(worker: User) -> Visit:
    return Visit.objects.filter(worker=worker, state="valid").earliest("started_at")
