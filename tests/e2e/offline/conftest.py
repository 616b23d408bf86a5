"""A worker's phone with this week's list on it, and the elder on whose record the stories turn."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from elders.models import Elder
from tests.cast import Cast
from tests.e2e.pocket import BORN, Pocket
from tests.factories import id_number, make_elder
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import open_week


@pytest.fixture
def elder(cast: Cast) -> Elder:
    elder = make_elder(
        cast.group, BORN, name="黄玉珍", phone="19900012346", number=id_number(BORN), serious_illness=True
    )
    open_week(by=User.objects.system(), week=Week.of(today()))
    return elder


@pytest.fixture
def pocket(phone: Page, cast: Cast, elder: Elder, sign_in: Callable[[Page, User], None]) -> Pocket:
    sign_in(phone, cast.worker)
    phone.add_init_script(
        "addEventListener('click', e => e.target.closest('a[href^=tel]') && e.preventDefault())"
    )
    return Pocket(phone, cast.worker).keep_the_week()
