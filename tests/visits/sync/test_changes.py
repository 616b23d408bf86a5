"""Corrections and withdrawals that a phone sends."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from elders.actions import close_elder
from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder, make_household, review
from tests.visits.outbox import AT, Phone, correction_item, record, visit_item, withdrawal_item
from tests.visits.phone import NOW, later
from visitcare.audit.models import Event
from visits.actions import decline_kept
from visits.models import KeptBack, Received, Visit


def test_correction_puts_a_new_version_in_its_place(cast: Cast, phone: Phone, elder: Elder) -> None:
    key, new = uuid4(), uuid4()
    phone.put(key, record(elder))
    for status in (201, 200):
        assert phone.correct(key, new, record(elder, mode="home"))[0] == status
    states = dict(Visit.objects.values_list("pk", "state"))
    assert states == {key: "withdrawn", new: "pending"}
    assert phone.correct(key, new, record(elder))[0] == 409
    status, body = phone.withdraw(key)
    assert (status, body["detail"]) == (409, "这条已经更正过了。要撤回，请撤回更正以后的那条。")
    assert phone.put(key, record(elder))[0] == 200


def test_correction_keeps_the_notes_and_bears_the_fingerprint_of_what_was_said(
    phone: Phone, elder: Elder
) -> None:
    key, new = uuid4(), uuid4()
    phone.put(key, record(elder, notes={"remark": "带了药"}))
    for status in (201, 200):
        assert phone.correct(key, new, record(elder, mode="home"))[0] == status
    visit = Visit.objects.get(pk=new)
    assert visit.notes == {"remark": "带了药"}
    assert Received.objects.get(item=new).digest == visit.content_hash


def test_withdrawal_counts_once(phone: Phone, elder: Elder) -> None:
    key, own = uuid4(), uuid4()
    phone.put(key, record(elder))
    answers = [phone.withdraw(key, own), phone.withdraw(key, own), phone.withdraw(key)]
    assert [status for status, _ in answers] == [201, 200, 200]
    assert {body["state"] for _, body in answers} == {"withdrawn"}
    assert Visit.objects.get().reviews.count() == 1


def test_reviewed_record_is_neither_corrected_nor_withdrawn(phone: Phone, elder: Elder) -> None:
    key = uuid4()
    phone.put(key, record(elder))
    review(Visit.objects.get(), "valid")
    status, body = phone.withdraw(key)
    assert (status, "镇里已经审核过这条" in body["detail"]) == (409, True)
    status, body = phone.correct(key, uuid4(), record(elder, mode="home"))
    assert (status, "不能再更正" in body["detail"]) == (409, True)
    assert Visit.objects.get().state == "valid"
    assert not Visit.objects.get().flagged


def test_correction_and_withdrawal_find_what_the_same_batch_brought(phone: Phone, elder: Elder) -> None:
    """In their order: what was withdrawn before the next visit is no second contact beside it."""
    first, second, third = (visit_item(record(elder, at=AT - timedelta(minutes=n))) for n in (9, 6, 3))
    new = uuid4()
    answers = phone.sync(
        first,
        correction_item(first["id"], record(elder, mode="home"), new),
        withdrawal_item(new),
        second,
        third,
    )
    assert [answer["status"] for answer in answers] == [201, 201, 201, 201, 201]
    codes = {str(visit.pk): [flag.code for flag in visit.flags.all()] for visit in Visit.objects.all()}
    assert (codes[second["id"]], codes[third["id"]]) == ([], ["second_contact"])


def test_correction_that_cannot_be_leaves_the_record_alone(cast: Cast, phone: Phone, elder: Elder) -> None:
    key = uuid4()
    phone.put(key, record(elder))
    assert phone.correct(key, uuid4(), record(make_elder(cast.next_group)))[0] == 202
    assert phone.correct(key, uuid4(), record(elder) | {"mode": "fax"})[0] == 422
    assert phone.correct(key, "x", record(elder))[0] == 422
    assert Visit.objects.get().state == "pending"


def test_what_waits_for_a_person_is_corrected_or_taken_back_by_its_sender(
    cast: Cast, phone: Phone, elder: Elder
) -> None:
    foreign = make_elder(cast.next_group)
    for key in (wrong := uuid4(), slip := uuid4()):
        assert phone.put(key, record(foreign))[0] == 202
    assert phone.correct(wrong, uuid4(), record(elder))[0] == 201
    assert [phone.withdraw(slip)[0] for _ in range(2)] == [201, 200]
    states = dict(KeptBack.objects.filter(received__kind="visit").values_list("received__item", "reason"))
    assert states == {wrong: "本人更正", slip: "本人撤回"}
    events = Event.objects.filter(
        verb="close_kept", actor_name=cast.worker.name, area_code=cast.next_village.code
    )
    assert sorted(events.values_list("reason", flat=True)) == sorted(states.values())
    told = {UUID(kept["id"]): kept["state"] for kept in phone.kept_back()}
    assert (Visit.objects.count(), told) == (1, {wrong: "withdrawn", slip: "withdrawn"})
    assert not Received.objects.unanswered().exists()


def test_correction_of_what_waits_is_as_timely_as_what_it_mends(
    cast: Cast, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it tells of the same contact; of another it comes when it comes."""
    couples = []
    for _ in range(2):
        home = make_household(cast.group)
        couples.append([make_elder(home, living="elders_only") for _ in range(2)])
    keys = [uuid4(), uuid4()]
    for key, (_, dead) in zip(keys, couples, strict=True):
        close_elder(by=cast.head, elder=dead, last_day=date(2025, 3, 3), reason="died")
        assert phone.put(key, record(dead))[0] == 202
    later(monkeypatch, days=14)
    assert phone.correct(keys[0], uuid4(), record(couples[0][0]))[0] == 201
    assert phone.correct(keys[1], uuid4(), record(couples[1][0], at=AT - timedelta(days=1)))[0] == 201
    other, same = Visit.objects.order_by("started_at")
    assert (same.received_at, other.received_at) == (NOW, NOW + timedelta(days=14))


def test_record_with_a_correction_that_waits_is_looked_at(cast: Cast, phone: Phone, elder: Elder) -> None:
    """What its worker has called wrong does not become valid by itself."""
    phone.put(key := uuid4(), record(elder))
    assert phone.correct(key, uuid4(), record(make_elder(cast.next_group)))[0] == 202
    visit = Visit.objects.get()
    assert (visit.state, visit.flagged) == ("pending", True)
    assert "更正，还没收下" in visit.flags.get().words


def test_what_the_town_declined_is_looked_at_when_it_comes_corrected(
    cast: Cast, phone: Phone, elder: Elder
) -> None:
    assert phone.put(key := uuid4(), record(make_elder(cast.next_group)))[0] == 202
    decline_kept(by=cast.reviewer, kept=KeptBack.objects.get(), reason="老人说没有来")
    assert phone.correct(key, uuid4(), record(elder))[0] == 201
    visit = Visit.objects.get()
    assert (visit.flagged, "老人说没有来" in visit.flags.get().words) == (True, True)


def test_order_of_a_batch_is_kept_for_whoever_judges_it_later(phone: Phone, elder: Elder) -> None:
    items = [visit_item(record(elder, at=AT - timedelta(days=day)), uuid4()) for day in range(5)]
    phone.sync(*items)
    came = Received.objects.order_by("received_at").values_list("item", flat=True)
    assert [str(item) for item in came] == [item["id"] for item in items]


def test_correction_of_a_correction_that_waits_replaces_what_that_was_about(
    cast: Cast, phone: Phone, elder: Elder
) -> None:
    phone.put(first := uuid4(), record(elder))
    foreign = record(make_elder(cast.next_group))
    assert phone.correct(first, second := uuid4(), foreign)[0] == 202
    assert phone.correct(second, third := uuid4(), record(elder, mode="home"))[0] == 201
    assert dict(Visit.objects.values_list("pk", "state")) == {first: "withdrawn", third: "pending"}
    assert KeptBack.objects.get(received__item=second).reason == "本人更正"


def test_what_was_corrected_while_it_waited_is_not_corrected_again(
    cast: Cast, phone: Phone, elder: Elder
) -> None:
    assert phone.put(key := uuid4(), record(make_elder(cast.next_group)))[0] == 202
    assert phone.correct(key, uuid4(), record(elder))[0] == 201
    assert phone.correct(key, uuid4(), record(elder, mode="home"))[0] == 409
    assert Visit.objects.count() == 1
