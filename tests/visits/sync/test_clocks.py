"""Phones whose clock is wrong."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from elders.models import Elder
from tests.visits.outbox import AT, Phone, record
from tests.visits.phone import NOW, later
from visits.models import Received, Visit


@pytest.mark.parametrize(
    "wrong", [timedelta(days=3 * 365), timedelta(days=-1), timedelta(minutes=-6), timedelta(days=-365 * 40)]
)
def test_wrong_clock_is_put_right_and_said(
    phone: Phone, elder: Elder, wrong: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = uuid4()
    said = record(elder, at=AT + wrong, sent_at=(NOW + wrong).isoformat())
    status, body = phone.put(key, said)
    assert (status, "手机的时间不准，这条的时间改成了今天 9:42" in body["words"]) == (201, True)
    visit = Visit.objects.get()
    assert (visit.started_at, [flag.code for flag in visit.flags.all()]) == (AT, ["clock_wrong"])
    assert "按收到的时间改成 2025-03-05 09:42" in visit.flags.get().words
    assert json.loads(Received.objects.get().body)["record"]["started_at"] == said["started_at"]
    later(monkeypatch, days=7)
    again = said | {"sent_at": (NOW + timedelta(days=7) + wrong).isoformat()}
    assert phone.put(key, again)[0] == 200
    assert Received.objects.count() == 1


def test_small_differences_of_clocks_are_none(phone: Phone, elder: Elder) -> None:
    sent = NOW - timedelta(minutes=5)
    assert phone.put(uuid4(), record(elder, at=sent, sent_at=sent.isoformat()))[1]["words"] == "收到了。"
    assert Visit.objects.get().started_at == sent


def test_future_of_a_phone_that_says_nothing_of_its_clock_waits_for_a_person(
    phone: Phone, elder: Elder
) -> None:
    said = record(elder, at=NOW + timedelta(days=1000))
    del said["sent_at"]
    status, body = phone.put(uuid4(), said)
    assert (status, body["field"]) == (202, "started_at")
