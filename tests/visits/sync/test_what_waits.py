"""What cannot be taken in as it is, and a person can mend: kept, and with whom it waits."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from elders.actions import close_elder
from elders.models import Assignment, Elder
from tests.cast import Cast
from tests.factories import make_elder, make_household
from tests.visits.outbox import AT, Phone, record, visit_item
from tests.visits.phone import NOW, TODAY, later
from visitcare.org.models import Posting, User
from visits.models import KeptBack, Received, Visit


@pytest.mark.parametrize("case", ["foreign", "unknown", "gone", "dead", "before", "no_posting"])
def test_what_a_person_can_mend_is_kept(cast: Cast, phone: Phone, elder: Elder, case: str) -> None:
    said = record(elder)
    if case == "foreign":
        said = record(make_elder(cast.next_group))
    elif case == "unknown":
        said |= {"elders": [str(uuid4())]}
    elif case == "gone":
        elder.residences.update(ends_on=date(2025, 3, 3))
        elder.residences.create(household=make_household(cast.next_group), starts_on=date(2025, 3, 4))
    elif case == "dead":
        close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 3), reason="died")
    elif case == "before":
        said = record(elder, at=AT - timedelta(days=900))
    else:
        Posting.objects.filter(user=cast.worker).update(ends_on=date(2025, 3, 4))
    key = uuid4()
    for _ in range(2):
        status, body = phone.put(key, said)
        assert (status, body["id"], body["field"] in ("elders", "started_at")) == (202, str(key), True)
    (answer,) = phone.sync(visit_item(said, key))
    assert (answer["status"], answer["reason"]) == (202, body["reason"])
    village = cast.next_village if case in ("foreign", "gone") else cast.village
    kept = KeptBack.objects.get()
    assert (kept.state, kept.words, kept.village_code) == ("waiting", body["reason"], village.code)
    assert [(one["id"], one["words"]) for one in phone.kept_back()] == [(str(key), body["reason"])]
    assert not Visit.objects.exists()


def test_reasons_name_what_is_wrong(cast: Cast, phone: Phone, elder: Elder) -> None:
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 3), reason="died")
    assert "王德明已于 2025-03-03 去世" in phone.put(uuid4(), record(elder))[1]["reason"]
    Posting.objects.filter(user=cast.worker).update(ends_on=date(2025, 3, 4))
    assert phone.put(uuid4(), record(elder))[1]["reason"] == "您现在没有记探访的任职。请联系镇里。"


@pytest.mark.parametrize("sent_at", [NOW.isoformat(), None])
def test_what_was_kept_is_taken_when_it_is_sent_again_after_mending(
    cast: Cast, phone: Phone, monkeypatch: pytest.MonkeyPatch, sent_at: str | None
) -> None:
    """It bears the moment at which it came first, so that it is not late; also where a phone repeats the very same."""
    elder = make_elder(cast.next_group)
    key, said = uuid4(), record(elder, sent_at=sent_at)
    assert phone.put(key, said)[0] == 202
    Assignment.objects.create(household=elder.household, worker=cast.worker, starts_on=date(2025, 3, 1))
    later(monkeypatch, days=7)
    assert phone.put(key, said)[0] == 201
    assert (Visit.objects.get().received_at, KeptBack.objects.get().state) == (NOW, "taken")
    assert phone.kept_back() == []


def test_batch_of_another_person_is_refused(cast: Cast, phone: Phone, elder: Elder) -> None:
    """On a shared phone a page of the one may still be open when the other has signed in."""
    said = {"person": str(cast.other_worker.pk), "items": [visit_item(record(elder))]}
    answer = phone.client.post("/api/v1/sync/", said, content_type="application/json")
    assert (answer.status_code, Visit.objects.count(), Received.objects.count()) == (403, 0, 0)
    said["person"] = str(cast.worker.pk)
    assert phone.client.post("/api/v1/sync/", said, content_type="application/json").status_code == 200
    assert Visit.objects.count() == 1


def test_office_without_a_posting_in_the_field_may_not_send(cast: Cast, elder: Elder) -> None:
    for office in (cast.reviewer, cast.officer, cast.admin):
        assert Phone(office).put(uuid4(), record(elder))[0] == 403
    assert not Received.objects.exists()


# Who is to look at it


def test_what_waits_goes_to_where_the_elder_lived(cast: Cast, phone: Phone) -> None:
    """Of a worker of two towns; from another town it goes to where the worker served, or served last."""
    there = Posting.objects.create(
        user=cast.worker,
        role="grid_worker",
        place=cast.other_group,
        starts_on=date(2025, 1, 1),
        ends_on=TODAY,
    )
    dead = [make_elder(group) for group in (cast.other_group, cast.group)]
    for elder in dead:
        close_elder(by=User.objects.system(), elder=elder, last_day=date(2025, 3, 3), reason="died")

    def where(elder: Elder) -> str:
        key = uuid4()
        assert phone.put(key, record(elder))[0] == 202
        return KeptBack.objects.get(received__item=key).village_code

    here = [cast.other_village.code, cast.village.code, cast.next_village.code]
    assert [where(elder) for elder in (*dead, make_elder(cast.next_group))] == here
    there.delete()
    assert where(dead[0]) == cast.village.code
    Posting.objects.filter(user=cast.worker).update(ends_on=date(2025, 3, 4))
    assert where(dead[1]) == cast.village.code
