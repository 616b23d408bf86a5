"""One visit as a phone sends it: stored once, refused field by field, kept as it came."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from elders.models import Elder
from tests.cast import Cast
from tests.factories import breaks, make_elder, make_visit, review
from tests.visits.outbox import AT, Phone, correction_item, record, visit_item, withdrawal_item
from tests.visits.phone import NOW, TODAY, later
from visitcare.audit.models import Event
from visitcare.org.models import Posting
from visits.models import KeptBack, Received, Referral, Visit


def test_visit_is_stored_as_the_phone_tells_it(cast: Cast, phone: Phone, elder: Elder) -> None:
    key = uuid4()
    said = record(
        elder, mode="home", notes={"health": "都好"},
        findings=[{"area": "safety", "kinds": ["gas"], "words": "管子老化", "elder": None, "household_mends": True}],
    )  # fmt: skip
    assert phone.put(key, said) == (
        201, {"id": str(key), "state": "pending", "state_words": "等审核", "late": False, "words": "收到了。"}
    )  # fmt: skip
    visit = Visit.objects.get()
    assert (visit.pk, visit.worker, visit.entered_by, visit.mode, visit.outcome, visit.agreed) == (
        key, cast.worker, cast.worker, "home", "met", True
    )  # fmt: skip
    assert (visit.started_at, visit.received_at, visit.flagged) == (AT, NOW, False)
    assert visit.notes == {"health": "都好", "safety": "管子老化"}
    assert [one.elder for one in visit.visited.all()] == [elder]
    referral = Referral.objects.get()
    assert (referral.kinds, referral.owner, referral.elder) == (["gas"], "household", None)
    row = Received.objects.get()
    assert (row.kind, row.item, row.visit, row.sender, row.received_at) == (
        "visit",
        key,
        key,
        cast.worker,
        NOW,
    )
    assert json.loads(row.body) == {"kind": "visit", "id": str(key), "record": said}
    assert not KeptBack.objects.exists()


def test_same_again_is_the_same_whenever_it_comes(
    cast: Cast, phone: Phone, elder: Elder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a year later, reviewed meanwhile, by whoever serves nowhere any more."""
    key, said = uuid4(), record(elder)
    assert phone.put(key, said)[0] == 201
    review(Visit.objects.get(), "valid")
    Posting.objects.filter(user=cast.worker).update(ends_on=TODAY)
    later(monkeypatch, days=89)
    status, body = phone.put(key, said | {"sent_at": timezone.now().isoformat()})
    assert (status, body["state"], body["words"]) == (200, "valid", "这条已经收到过了，现在是“通过”。")
    assert (Visit.objects.count(), Received.objects.count(), KeptBack.objects.count()) == (1, 1, 0)


def test_other_content_under_the_same_key_is_kept_beside_it(cast: Cast, phone: Phone, elder: Elder) -> None:
    key = uuid4()
    phone.put(key, record(elder))
    for _ in range(2):
        status, body = phone.put(key, record(elder, mode="home"))
        assert (status, list(body["errors"])) == (409, ["id"])
    visit = Visit.objects.get()
    assert (visit.mode, visit.flagged, list(visit.flags.values_list("code", flat=True))) == (
        "phone", True, ["conflict"]
    )  # fmt: skip
    kept = KeptBack.objects.get()
    assert (kept.state, kept.village_code, Received.objects.count()) == ("conflict", cast.village.code, 2)
    assert Event.objects.filter(verb="conflict_visit").count() == 1
    assert phone.put(key, record(elder))[0] == 200


def test_key_of_another_persons_visit_is_not_there(cast: Cast, phone: Phone, elder: Elder) -> None:
    key = make_visit(cast.visitor, elder, at="2025-03-05 09:00").pk
    foreign = phone.put(key, record(elder))
    assert foreign == (404, {"type": "about:blank", "title": "没有这条记录", "status": 404})
    assert phone.sync(visit_item(record(elder), key))[0]["status"] == 404
    visit = Visit.objects.get()
    assert (visit.worker, visit.flagged) == (cast.visitor, False)
    for refused in (phone.correct(key, uuid4(), record(elder)), phone.withdraw(key)):
        assert refused == foreign
    assert [answer["status"] for answer in phone.sync(correction_item(key, record(elder)), withdrawal_item(key))] == [
        404, 404
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"elders": []}, "elders", "没有选老人"),
        ({"elders": "all"}, "elders", "没有选老人"),
        ({"elders": ["x"]}, "elders", "老人的编号不对"),
        ({"mode": "fax"}, "mode", "没有选怎么看望的"),
        ({"mode": ["home"]}, "mode", "没有选怎么看望的"),
        ({"outcome": "met"}, "outcome", "对不上"),
        ({"outcome": None}, "outcome", "对不上"),
        ({"started_at": "yesterday"}, "started_at", "时间看不懂"),
        ({"started_at": "2025-03-05T09:42:00"}, "started_at", "没有时区"),
        ({"started_at": 1741138920}, "started_at", "时间看不懂"),
        ({"started_at": "2025-03-05T11:00:00+08:00"}, "started_at", "还没到"),
        ({"agreed": "yes"}, "agreed", "老人是否同意上门"),
        ({"notes": {"pets": "狗"}}, "notes", "看不懂写的是哪一方面"),
        ({"notes": {"health": "好" * 501}}, "notes", "“身体和精神”：写了 501 个字"),
        ({"findings": [{"area": "pets"}]}, "findings", "看不懂情况是哪一方面的"),
        ({"findings": [{"area": "health", "kinds": ["gas"]}]}, "findings", "选的看不懂"),
        ({"findings": [{"area": "health", "kinds": [], "words": " "}]}, "findings", "没有选是什么情况"),
        ({"findings": [{"area": "health", "words": "头晕", "elder": str(UUID(int=1))}]}, "findings", "不在这次看望的人里"),
        ({"answers": {str(UUID(int=1)): "yes"}}, "answers", "只能答解决了或还没有"),
        ({"schema": "new"}, "schema", "请更新手机上的页面"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_record_is_refused_field_by_field_and_kept(
    cast: Cast, phone: Phone, elder: Elder, wrong: dict[str, Any], field: str, words: str
) -> None:
    """Once, however often it is sent."""
    key = uuid4()
    for seconds in (0, 1):
        sent = {"sent_at": (NOW + timedelta(seconds=seconds)).isoformat()}
        status, body = phone.put(key, record(elder) | wrong | sent)
        assert (status, body["type"], body["status"], list(body["errors"])) == (
            422,
            "about:blank",
            422,
            [field],
        )
        assert words in body["errors"][field][0]
    assert (Visit.objects.count(), Received.objects.count(), KeptBack.objects.get().state) == (
        0,
        1,
        "refused",
    )
    assert phone.kept_back() == []


def test_all_that_is_wrong_is_said_at_once(phone: Phone, elder: Elder) -> None:
    status, body = phone.put(uuid4(), {"mode": "home", "outcome": "spoke"})
    assert (status, list(body["errors"])) == (422, ["elders", "outcome", "started_at"])
    status, body = phone.put(uuid4(), ["nothing"])  # type: ignore[arg-type]
    assert (status, list(body["errors"])) == (422, ["record"])


def test_worker_visits_not_themselves(cast: Cast, phone: Phone, elder: Elder) -> None:
    cast.worker.id_number = elder.id_number
    cast.worker.save()
    status, body = phone.put(uuid4(), record(elder))
    assert (status, list(body["errors"])) == (422, ["elders"])


def test_keys_of_a_newer_app_are_kept_and_left_alone(phone: Phone, elder: Elder) -> None:
    newer = {"schema": 9, "position": {"lat": 31.8}, "photos": ["a"]}
    assert phone.put(uuid4(), record(elder) | newer)[0] == 201
    assert json.loads(Received.objects.get().body)["record"]["position"] == {"lat": 31.8}


def test_app_of_the_release_before_still_syncs(phone: Phone, elder: Elder) -> None:
    before = record(elder)
    for name in ("schema", "sent_at", "agreed"):
        del before[name]
    assert [answer["status"] for answer in phone.sync(visit_item(before), app="")] == [201]


def test_text_is_stored_as_a_reader_sees_it(phone: Phone, elder: Elder) -> None:
    odd = "头\x00晕\u202e\ud800了"
    assert phone.put(uuid4(), record(elder, notes={"health": odd}))[0] == 201
    assert Visit.objects.get().notes == {"health": "头晕了"}


# The rows


def test_same_is_kept_once(cast: Cast, phone: Phone, elder: Elder) -> None:
    phone.put(uuid4(), record(elder))
    row = Received.objects.get()
    row.pk = uuid4()
    with breaks("received_once"):
        row.save(force_insert=True)


def test_who_declines_says_why(cast: Cast, phone: Phone) -> None:
    phone.put(uuid4(), record(make_elder(cast.next_group)))
    with breaks("declined_by_somebody_with_reason"):
        KeptBack.objects.update(state="declined", decided_by=cast.reviewer, decided_at=NOW)
