"""The same from several processes at one moment, and a process that dies between keeping and judging."""

import multiprocessing
import os
from collections.abc import Callable
from contextlib import suppress
from threading import BrokenBarrierError
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from elders.models import Elder
from tests.cast import Cast
from tests.factories import at_once, in_processes, make_elder, overtaken, run
from tests.visits.outbox import AT, Phone, correction_item, record, visit_item, withdrawal_item
from visits.actions import decline_kept, receiving
from visits.actions.intake import Intake
from visits.actions.receiving import Taking
from visits.models import KeptBack, Received, Visit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wednesday")]

THREADS = (3, 2)
"""Of each process: five that send the same."""


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All five have looked around, and found nothing, before the first one writes."""
    barrier, store = multiprocessing.get_context("fork").Barrier(sum(THREADS)), Intake.store

    def meet(intake: Intake) -> None:
        if intake.visits:
            with suppress(BrokenBarrierError):
                barrier.wait(20)
                barrier.abort()  # they meet once
        store(intake)

    monkeypatch.setattr(Intake, "store", meet)


def from_two_processes(send: Callable[[], Any]) -> list[Any]:
    """What each of five was answered."""
    answers = multiprocessing.get_context("fork").Queue()

    def alone(threads: int) -> None:
        for answer in at_once(*[send] * threads):
            answers.put(answer)

    assert in_processes(*(lambda threads=threads: alone(threads) for threads in THREADS)) == ["", ""]
    return [answers.get(timeout=30) for _ in range(sum(THREADS))]


def test_same_visit_five_times_at_once_is_one(cast: Cast, elder: Elder, at_one_moment: None) -> None:
    phone, key, said = Phone(cast.worker), uuid4(), record(elder)
    answers = from_two_processes(lambda: phone.put(key, said))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 201]
    assert {(body["id"], body["state"]) for _, body in answers} == {(str(key), "pending")}
    visit = Visit.objects.get()
    assert (visit.pk, visit.flagged, visit.visited.count(), Received.objects.count()) == (key, False, 1, 1)


def test_same_batch_five_times_at_once_is_one(cast: Cast, elder: Elder, at_one_moment: None) -> None:
    phone, first, new = Phone(cast.worker), uuid4(), uuid4()
    items = [
        visit_item(record(elder), first),
        visit_item(record(make_elder(cast.next_group))),
        visit_item(record(make_elder(cast.group)), uuid4()),
        correction_item(first, record(elder, mode="home"), new),
        withdrawal_item(new),
    ]
    answers = from_two_processes(lambda: [one["status"] for one in phone.sync(*items)])
    assert {status for statuses in answers for status in statuses} == {200, 201, 202}
    assert [sum(statuses[at] == 201 for statuses in answers) for at in range(5)] == [1, 0, 1, 1, 1]
    assert sorted(Visit.objects.values_list("state", flat=True)) == ["pending", "withdrawn", "withdrawn"]
    assert [visit.reviews.count() for visit in Visit.objects.filter(state="withdrawn")] == [1, 1]
    assert Received.objects.count() == 5


def test_two_contents_under_one_key_at_once_are_one_visit_and_a_conflict(cast: Cast, elder: Elder) -> None:
    phone, key = Phone(cast.worker), uuid4()
    said = [record(elder), record(elder, mode="home")]
    answers = at_once(*(lambda one=one: phone.put(key, one)[0] for one in said))
    assert sorted(answers) == [201, 409]
    assert (Visit.objects.get().flagged, Received.objects.count()) == (True, 2)


def die_before_judging(phone: Phone, key: UUID, said: Any) -> None:
    """A process that takes this in, and is gone once it is kept."""

    def alone() -> None:
        Taking.take = lambda *_: os._exit(9)  # type: ignore[assignment,method-assign,misc]
        phone.put(key, said)

    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=alone)
    child.start()
    child.join(60)
    assert child.exitcode == 9
    assert (Received.objects.count(), Visit.objects.count()) == (1, 0)


@pytest.mark.parametrize("again", ["the phone", "nightly"])
def test_what_a_dead_process_had_kept_is_taken_in(cast: Cast, elder: Elder, again: str) -> None:
    phone, key, said = Phone(cast.worker), uuid4(), record(elder, at=AT)
    die_before_judging(phone, key, said)
    if again == "nightly":
        run("nightly")
    assert phone.put(key, said)[0] == (200 if again == "nightly" else 201)
    assert (Visit.objects.get().pk, Received.objects.count()) == (key, 1)


def test_answer_that_was_lost_is_given_again(
    cast: Cast, elder: Elder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is cut when everything is stored."""
    phone, key, said = Phone(cast.worker), uuid4(), record(elder)
    with monkeypatch.context() as patch:
        patch.setattr("visits.api.syncing._taken", lambda answer: 1 / 0)
        assert (
            phone.client.put(f"/api/v1/visits/{key}/", said, content_type="application/json").status_code
            == 500
        )
    assert phone.put(key, said)[0] == 200
    assert Visit.objects.count() == 1


def test_the_race_is_real(
    cast: Cast, elder: Elder, at_one_moment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a second try all but one would break."""
    monkeypatch.setattr(receiving, "TRIES", 1)
    phone, key, said = Phone(cast.worker), uuid4(), record(elder)
    answers = from_two_processes(lambda: phone.put(key, said)[0])
    assert sorted(answers) == [201, 503, 503, 503, 503]


def test_repetition_does_not_open_again_what_the_town_declines_meanwhile(cast: Cast) -> None:
    phone, key, said = Phone(cast.worker), uuid4(), record(make_elder(cast.next_group))
    assert phone.put(key, said)[0] == 202
    kept = KeptBack.objects.get()
    status, body = overtaken(
        lambda: phone.put(key, said),
        by=lambda: decline_kept(by=cast.reviewer, kept=kept, reason="不是您的户"),
    )
    assert (status, body["detail"]) == (422, "这条没有收：不是您的户")
    kept.refresh_from_db()
    assert (kept.state, kept.decided_by) == ("declined", cast.reviewer)
