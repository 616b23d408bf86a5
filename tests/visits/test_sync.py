"""What phones send: stored once, kept where it cannot be, never lost."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from drf_spectacular.validation import validate_schema
from psycopg2.errors import DeadlockDetected

from elders.actions import close_elder
from elders.models import Assignment, Elder, StandIn
from tests.cast import Cast
from tests.factories import breaks, make_elder, make_household, make_visit, review
from tests.test_outage import full_disk
from tests.visits.outbox import AT, Phone, correction_item, record, visit_item, withdrawal_item
from tests.visits.phone import NOW, TODAY
from visitcare.audit.models import Event
from visitcare.org.models import Posting, User
from visits.actions import measure
from visits.models import KeptBack, Received, Referral, Visit


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group, name="王德明")


@pytest.fixture
def phone(cast: Cast) -> Phone:
    return Phone(cast.worker)


def later(monkeypatch: pytest.MonkeyPatch, **span: int) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(**span))


# One visit


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


# What a person can mend


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


# Clocks


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


# Many at once


def test_household_of_another_day_of_the_batch_is_not_opened(cast: Cast, phone: Phone) -> None:
    """What is judged alone and what is judged among others comes to the same."""
    named = make_elder(cast.next_group)
    day = TODAY - timedelta(days=1)
    Assignment.objects.create(household=named.household, worker=cast.worker, starts_on=day, ends_on=day)
    stood_in = make_elder(cast.second_group)
    StandIn.objects.create(
        absent=cast.second_worker,
        substitute=cast.worker,
        town=cast.town,
        handed_over=[cast.town.code],
        starts_on=day,
        ends_on=day,
        reason="住院",
    )
    said = [record(one, at=AT - timedelta(days=n), mode="home") for one in (named, stood_in) for n in (0, 1)]
    together = phone.sync(*map(visit_item, said))
    Visit.objects.all().delete()
    alone = [phone.sync(visit_item(one))[0] for one in said]
    assert [answer["status"] for answer in together] == [202, 201, 202, 201]
    assert [(one["status"], one["words"]) for one in together] == [
        (one["status"], one["words"]) for one in alone
    ]


def test_one_bad_item_holds_up_none(cast: Cast, phone: Phone, elder: Elder) -> None:
    foreign = make_elder(cast.next_group)
    first, third = visit_item(record(elder)), visit_item(record(elder, at=AT - timedelta(hours=1)))
    answers = phone.sync(
        first, visit_item(record(foreign)), third, {"kind": "visit", "id": "x", "record": record(elder)}, "junk",
        {"kind": "fax", "id": str(uuid4())}, visit_item(record(elder) | {"mode": "fax"}),
    )  # fmt: skip
    assert [answer["status"] for answer in answers] == [201, 202, 201, 422, 422, 422, 422]
    assert [answer["id"] for answer in answers[:3:2]] == [first["id"], third["id"]]
    assert [list(answer["errors"]) for answer in answers[3:]] == [
        ["id"],
        ["kind", "id", "record"],
        ["kind", "record"],
        ["mode"],
    ]
    # What has neither a key nor a record is answered and not kept.
    assert (Visit.objects.count(), Received.objects.count()) == (2, 6)


def test_batch_is_answered_in_its_order_and_again_the_same(phone: Phone, elder: Elder) -> None:
    items = [visit_item(record(elder, at=AT - timedelta(hours=hours))) for hours in (3, 1, 2)]
    for status in (201, 200):
        answers = phone.sync(*items)
        assert [(answer["id"], answer["status"]) for answer in answers] == [
            (item["id"], status) for item in items
        ]
    assert Received.objects.count() == 3


def test_item_that_is_twice_in_a_batch_is_one_visit(phone: Phone, elder: Elder) -> None:
    item = visit_item(record(elder))
    assert [answer["status"] for answer in phone.sync(item, item)] == [201, 200]


def test_batch_of_more_than_a_hundred_is_refused(phone: Phone, elder: Elder) -> None:
    status, body = phone._send(
        phone.client.post, "/api/v1/sync/", {"items": [visit_item(record(elder))] * 101}
    )
    assert (status, list(body["errors"]), Received.objects.count()) == (422, ["items"], 0)


def test_unforeseen_error_costs_its_own_item_alone(
    cast: Cast, phone: Phone, elder: Elder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It stays kept, the log says where and nothing of what was written, and it is taken when the error is gone."""
    from visits.actions.intake import Intake

    bad, take = uuid4(), Intake.take

    def broken(intake: Intake, record: Any) -> Any:
        if record.id == bad:
            raise RuntimeError(elder.name)
        return take(intake, record)

    items = [visit_item(record(elder, at=AT - timedelta(hours=hours))) for hours in (1, 2)]
    batch = [items[0], visit_item(record(elder), bad), items[1]]
    with monkeypatch.context() as patch:
        patch.setattr(Intake, "take", broken)
        assert [answer["status"] for answer in phone.sync(*batch)] == [201, 503, 201]
        assert phone.put(bad, record(elder))[0] == 503
    assert ("RuntimeError" in caplog.text, elder.name in caplog.text) == (True, False)
    assert (Visit.objects.count(), Received.objects.count(), KeptBack.objects.count()) == (2, 3, 0)
    assert [answer["status"] for answer in phone.sync(*batch)] == [200, 201, 200]


@pytest.mark.parametrize("many", [1, 2])
def test_deadlock_is_tried_again(
    cast: Cast, phone: Phone, elder: Elder, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """The database is not away: it has asked one of two to give way."""
    from visits.actions.intake import Intake

    store, crossed = Intake.store, [True]

    def give_way(intake: Intake) -> None:
        if crossed and crossed.pop():
            raise OperationalError from DeadlockDetected()
        store(intake)

    monkeypatch.setattr(Intake, "store", give_way)
    items = [visit_item(record(elder, at=AT - timedelta(hours=hours))) for hours in range(many)]
    assert [answer["status"] for answer in phone.sync(*items)] == [201] * many


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_LETTERS"])
def test_nobody_sends_without_end(
    cast: Cast, phone: Phone, elder: Elder, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Until tomorrow: nothing is lost, for it stays on the phone."""
    monkeypatch.setattr(measure, "_seen", {})
    for hour in range(3):
        assert phone.put(uuid4(), record(elder, at=AT - timedelta(hours=hour)))[0] == 201
    sizes = [len(body) for body in Received.objects.values_list("body", flat=True)]
    monkeypatch.setattr(measure, limit, 3 if limit == "MOST_ROWS" else sum(sizes))
    said = record(elder, at=AT - timedelta(hours=4))
    for answer in (
        phone.client.put(f"/api/v1/visits/{uuid4()}/", said, content_type="application/json"),
        phone.client.post("/api/v1/sync/", {"items": [visit_item(said)]}, content_type="application/json"),
    ):
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(14 * 3600))
        assert "都还在手机上" in answer.json()["detail"]
    assert (Visit.objects.count(), Received.objects.count()) == (3, 3)
    assert Phone(cast.visitor).put(uuid4(), said)[0] == 201  # of somebody else
    later(monkeypatch, hours=14)
    assert phone.put(uuid4(), said)[0] == 201


# What it costs


def statements(send: Callable[[], Any]) -> list[str]:
    """What is asked of the database beside session, user and savepoints."""
    with CaptureQueriesContext(connection) as asked:
        send()
    beside = ("SAVEPOINT", "django_session", 'FROM "org_user"')
    return [one["sql"] for one in asked if not any(words in one["sql"] for words in beside)]


@pytest.mark.parametrize(("doubtful", "cost"), [(False, 9), (True, 10)])
def test_visit_costs_ten_statements_with_its_inbox_and_flags(
    cast: Cast, phone: Phone, elder: Elder, doubtful: bool, cost: int
) -> None:
    if doubtful:
        make_visit(cast.visitor, elder, at="2025-03-05 09:00", mode="phone")
    asked = statements(lambda: phone.put(uuid4(), record(elder)))
    assert len(asked) == cost, asked
    assert Visit.objects.filter(worker=cast.worker, flagged=doubtful).count() == 1


def test_batch_costs_what_one_costs(cast: Cast, phone: Phone) -> None:
    elders = [make_elder(cast.group) for _ in range(20)]
    for some in (elders[:1], elders[1:]):
        items = [visit_item(record(elder)) for elder in some]
        assert len(statements(partial(phone.sync, *items))) == 9
    assert Visit.objects.filter(flagged=False).count() == 20


# Corrections and withdrawals


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
    assert (Visit.objects.count(), phone.kept_back()) == (1, [])
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


# The way in


def test_nobody_else_can_be_named(cast: Cast, phone: Phone, elder: Elder) -> None:
    phone.put(uuid4(), record(elder) | {"worker": str(cast.visitor.pk), "state": "valid", "flagged": False})
    assert (Visit.objects.get().worker, Visit.objects.get().state) == (cast.worker, "pending")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"a": "' + b"x" * 262_144 + b'"}', "application/json", 413),
        (b"{", "application/json", 400),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"", "application/octet-stream", 400),
        (b"{}", "application/json", 400),
    ],
)
def test_body_that_is_none_is_answered_with_a_problem(
    phone: Phone, body: bytes, kind: str, status: int
) -> None:
    answer = phone.client.generic("PUT", f"/api/v1/visits/{uuid4()}/", body, content_type=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert not Received.objects.exists()


def test_whoever_has_a_first_password_still_is_told_so(cast: Cast, elder: Elder) -> None:
    """A redirect to a page would look to a program as if all had gone well."""
    cast.worker.must_change_password = True
    cast.worker.save()
    status, body = Phone(cast.worker).put(uuid4(), record(elder))
    assert (status, body["title"], Received.objects.exists()) == (403, "请先修改初始密码", False)


@pytest.mark.parametrize(
    ("full", "kept"), [("visits_received", 0), ("visits_visit", 1), ("visits_visitedelder", 1)]
)
def test_database_without_room_asks_to_come_back_and_what_was_kept_stays(
    phone: Phone, elder: Elder, full: str, kept: int
) -> None:
    key, said = uuid4(), record(elder)
    with full_disk(full):
        answer = phone.client.put(f"/api/v1/visits/{key}/", said, content_type="application/json")
        assert (answer.status_code, answer.headers["Retry-After"], answer.json()["status"]) == (
            503,
            "60",
            503,
        )
    assert (Received.objects.count(), Visit.objects.count()) == (kept, 0)
    assert phone.put(key, said)[0] == 201


def test_openapi_describes_every_answer(client: Client) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()
    validate_schema(schema)
    said = {
        (path.removeprefix("/api/v1/"), method): set(operation["responses"])
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if method in ("put", "post") or "sync" in path
    }
    of_one = {"200", "201", "400", "403", "404", "409", "413", "422", "429", "503"}
    assert said == {
        ("visits/{id}/", "put"): of_one | {"202"},
        ("visits/{id}/corrections/", "post"): of_one | {"202"},
        ("visits/{id}/withdrawal/", "post"): of_one,
        ("visits/{visit}/photos/{photo}/", "put"): of_one - {"429"} | {"415"},
        ("sync/", "get"): {"200"},
        ("sync/", "post"): {"200", "400", "403", "413", "422", "429", "503"},
    }
    record_asked = schema["components"]["schemas"]["Record"]
    assert set(record_asked["properties"]) == set(record(Elder())) | {
        "notes",
        "findings",
        "answers",
        "position",
    }
    assert set(record_asked["required"]) == {"elders", "mode", "outcome", "started_at"}


def test_forged_request_is_refused(cast: Cast, elder: Elder) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.worker)
    answer = client.put(f"/api/v1/visits/{uuid4()}/", record(elder), content_type="application/json")
    assert (answer.status_code, Received.objects.count()) == (403, 0)


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
