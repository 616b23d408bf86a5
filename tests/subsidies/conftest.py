from collections.abc import Callable
from datetime import date

import pytest

from elders.models import Elder
from subsidies.actions import assess_settlement
from subsidies.models import Settlement
from tests.cast import Cast
from tests.factories import draft, freeze, make_elder, make_visit
from tests.subsidies.march import CARD, ID_NUMBER
from visitcare.org.actions import set_bank_account
from visitcare.org.models import User


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def frozen(cast: Cast) -> Callable[[str], Settlement]:
    """Settle and freeze a month of this town."""
    return lambda month: freeze(draft(cast.town, month), maker=cast.head, checker=cast.approver)


@pytest.fixture
def settlement(cast: Cast, system: User) -> Settlement:
    """A draft of March: two visits of 陆桂芳, who has an ID card and a bank card, and one of 沈秀兰; one waits."""
    cast.worker.id_number = ID_NUMBER
    cast.worker.save()
    set_bank_account(by=system, user=cast.worker, bank="农商行", card=CARD, since=date(2024, 1, 1))
    elder = make_elder(cast.group)
    for day in (3, 4):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state="valid")
    make_visit(cast.next_worker, make_elder(cast.next_group), state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00")
    return draft(cast.town)


@pytest.fixture
def assessed(cast: Cast, settlement: Settlement) -> Settlement:
    assess_settlement(by=cast.head, settlement=settlement, assessment="已核对")
    settlement.refresh_from_db()
    return settlement
