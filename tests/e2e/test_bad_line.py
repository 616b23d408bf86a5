"""Twenty phones on a line that cuts, loses and doubles: nothing is lost, nothing is doubled."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from elders.models import Elder
from tests.browser import PHONE
from tests.cast import FIRST_DAY, Cast
from tests.factories import make_elder, mobile
from tests.faults.signal import bad_signal
from visitcare.org.models import Posting, User
from visitcare.org.roles import Role
from visits.models import KeptBack, Received, Visit

PHONES, VISITS = 20, 50
TAKEN_BACK = 5
"""Of each phone's visits."""
RECORD = """async ([person, elder, times]) => {
  const { begin } = await import("/static/phone/phone.js");
  const { uuid } = await import("/static/phone/outbox.js");
  const { outbox } = await begin(person);
  window.box = outbox;
  const ids = [];
  for (const [order, started_at] of times.entries()) {
    const id = uuid();
    ids.push(id);
    const record = { schema: 1, elders: [elder], mode: "phone", outcome: "spoke", started_at, agreed: null };
    await outbox.add({ id, kind: "visit", names: "", words: "", record });
    if (order % 5 === 4) outbox.send();
    if (order % 10 === 9) await outbox.takeBack(ids[order - 3]);
  }
  return ids;
}"""
SEND = """async () => {
  await window.box.send();
  const items = await window.box.items();
  return items.map((item) => [item.kind, item.visit || item.id, item.state]);
}"""

pytestmark = pytest.mark.bad_signal


@pytest.fixture
def workers(cast: Cast) -> list[tuple[User, Elder]]:
    """Twenty of one group, each with somebody to call."""
    users = [User(login=f"worker{n}", name=f"网格员{n}", mobile=mobile()) for n in range(PHONES)]
    for user in users:
        user.set_unusable_password()
    User.objects.bulk_create(users)
    Posting.objects.bulk_create(
        Posting(user=user, role=Role.GRID_WORKER, place=cast.group, starts_on=FIRST_DAY, payable=True)
        for user in users
    )
    return [(user, make_elder(cast.group, date(1950, 1, 1))) for user in users]


def test_thousand_visits_of_twenty_phones_on_a_bad_line(
    workers: list[tuple[User, Elder]],
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    live_server: LiveServer,
) -> None:
    with bad_signal(live_server.url, cut=0.20, lost=0.10, doubled=0.05, seed=20261127) as line:
        pages: list[Page] = []
        recorded: dict[UUID, User] = {}
        for user, elder in workers:
            page = open_page(**PHONE)
            pages.append(page)
            sign_in(page, user)
            page.goto(f"{line.url}/mine/")
            expect(page.get_by_role("heading", name="我的记录")).to_be_visible()
            now = timezone.now().replace(microsecond=0)
            times = [(now - timedelta(minutes=7 * n)).isoformat() for n in range(VISITS)]
            ids = page.evaluate(RECORD, [str(user.pk), str(elder.pk), times])
            recorded |= {UUID(key): user for key in ids}
        states = [everything_sent(page) for page in pages]

    assert len(recorded) == PHONES * VISITS
    assert set(line.done) == {"passed", "lost", "doubled", "cut in", "cut before"}
    stored = {visit.pk: visit for visit in Visit.objects.select_related("worker")}
    never_left = {
        UUID(key) for items in states for kind, key, state in items
        if kind == "visit" and state == "cancelled" and UUID(key) not in stored
    }  # fmt: skip
    acknowledged = {
        UUID(key) for items in states for kind, key, state in items if kind == "visit" and state == "received"
    }
    counts = Counter(visit.state for visit in stored.values())
    print(f"the line: {dict(line.done)}; stored: {dict(counts)}; never left: {len(never_left)}")
    assert acknowledged == {key for key, visit in stored.items() if visit.state == "pending"}
    assert set(stored) | never_left == set(recorded)
    assert counts["withdrawn"] + len(never_left) == PHONES * TAKEN_BACK
    assert all(visit.worker == recorded[key] for key, visit in stored.items())
    assert not KeptBack.objects.exists()
    assert Received.objects.filter(kind="visit").count() == len(stored)


def everything_sent(page: Page) -> list[list[str]]:
    """The phone is looked at again and again, until nothing waits on it."""
    for _ in range(400):
        items: list[list[str]] = page.evaluate(SEND)
        if all(state != "waiting" for _, _, state in items):
            return items
        page.wait_for_timeout(100)
    raise AssertionError("something still waits")
