"""What the first page of a worker weighs on a weak line: everything that it asks for, compressed as it is sent."""

import gzip
from collections.abc import Callable

from playwright.sync_api import Page, Response

from tests.cast import Cast
from tests.factories import make_elder
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import open_week
from visits.views.week import MOST_ON_A_PAGE

MOST_BYTES = 100_000


def test_first_page_is_light(phone: Page, cast: Cast, sign_in: Callable[[Page, User], None]) -> None:
    for number in range(MOST_ON_A_PAGE):
        make_elder(cast.group, name=f"黄玉{number}", phone="19900012346", serious_illness=True)
    open_week(by=User.objects.system(), week=Week.of(today()))
    sign_in(phone, cast.worker)
    weights: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        weights[answer.url] = len(gzip.compress(answer.body(), mtime=0))

    phone.on("response", weigh)
    with phone.expect_response("**/api/v1/round/"):
        phone.goto("/")
    phone.wait_for_load_state("networkidle")
    assert phone.locator("li.card").count() == MOST_ON_A_PAGE
    assert any("/phone/outbox" in url for url in weights)
    assert any("/api/v1/round/" in url for url in weights)
    print(f"{sum(weights.values())} bytes: {weights}")
    assert sum(weights.values()) < MOST_BYTES
