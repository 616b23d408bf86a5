"""Deciding what is paid: the pure part of settling."""

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from operator import attrgetter

from subsidies.rules import Claim, decide
from tests.bench.harness import Row, seconds
from visitcare.kit.weeks import SHANGHAI
from visitcare.policy.rules import PayPolicy

CLAIMS = 100_000
HOUSEHOLDS = CLAIMS // 10
START = datetime(2026, 10, 1, 7, tzinfo=SHANGHAI)


def some_claim(chance: random.Random, households: list[uuid.UUID], workers: list[uuid.UUID]) -> Claim:
    started_at = START + timedelta(minutes=chance.randrange(30 * 24 * 60))
    home = chance.randrange(len(households))
    return Claim(
        id=uuid.UUID(int=chance.getrandbits(128)),
        household=households[home],
        worker=workers[home % len(workers)],
        mode=chance.choice(["home", "phone", "video"]),
        state="valid" if chance.random() < 0.95 else "pending",
        started_at=started_at,
        received_at=started_at + timedelta(minutes=3),
        day=started_at.date(),
        countable=chance.random() < 0.9,
        earning=(households[home],),
        worker_payable=chance.random() < 0.95,
        own_household=False,
    )


def measure() -> Iterator[Row]:
    chance = random.Random(3)
    households = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(HOUSEHOLDS)]
    claims = [some_claim(chance, households, households[:600]) for _ in range(CLAIMS)]
    mondays = [date(2026, 9, 28) + timedelta(days=7 * week) for week in range(5)]
    minimum = {(elder, monday): (1, 1) for elder in households for monday in mondays}
    floor = seconds(lambda: sorted(claims, key=attrgetter("started_at", "id")))
    ours = seconds(lambda: decide(claims, PayPolicy(), minimum=minimum))
    yield Row("decide, a month's claims", CLAIMS, "sorting them", floor, ours, "< 10×")
