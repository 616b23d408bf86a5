"""收手机存的文件: what a phone saved to a file is taken in by the town as if the phone had sent it."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder
from tests.visits.outbox import AT, Phone, correction_item, record, visit_item, withdrawal_item
from tests.visits.phone import NOW, TODAY
from visitcare.audit.models import Event
from visitcare.kit.admin import rows_url
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Posting, User
from visits.actions import take_phone_file
from visits.actions.phone_files import AT_ONCE, KNOWN, MOST_BYTES, MOST_ITEMS, NOT_TAKEN, TAKEN, TAKEN_BACK
from visits.models import KeptBack, Received, Visit

pytestmark = pytest.mark.usefixtures("wednesday")

DAY = timedelta(days=1)


def saved(item: dict[str, Any], state: str = "waiting", **more: Any) -> dict[str, Any]:
    """An item as the phone's store has it: more than it sends, without the moment of sending."""
    kept = {"state": state, "tries": 3, "made_at": 1741137600000, "words": "电话，王德明"} | item | more
    if "record" in item:
        kept["record"] = {name: said for name, said in item["record"].items() if name != "sent_at"}
    return kept


def file_of(user: User, *items: Any, **more: Any) -> bytes:
    """As `asFile` of static/phone/outbox.js writes it."""
    return json.dumps({"person": str(user.pk), "app": "2026.48", "items": items} | more).encode()


def take(cast: Cast, *items: Any, by: User | None = None) -> list[tuple[str, str]]:
    _, found = take_phone_file(by=by or cast.reviewer, content=file_of(cast.worker, *items))
    return [(one.outcome, one.words) for one in found]


def test_records_are_taken_in_as_the_workers_own(cast: Cast, elder: Elder) -> None:
    key = uuid4()
    found = take(cast, saved(visit_item(record(elder, mode="home", notes={"health": "都好"}), key)))
    assert found == [(TAKEN, "收到了。")]
    visit = Visit.objects.get()
    assert (visit.pk, visit.worker, visit.entered_by, visit.received_at, visit.notes) == (
        key, cast.worker, cast.worker, NOW, {"health": "都好"}
    )  # fmt: skip
    row = Received.objects.get()
    assert (row.sender, row.app, "state" in json.loads(row.body)) == (cast.worker, "2026.48", False)
    event = Event.objects.get(verb="take_phone_file")
    assert (event.actor_name, event.words, event.about_id, event.area_code) == (
        "顾敏", "收陆桂芳手机存的文件（1 条）", str(cast.worker.pk), cast.group.code
    )  # fmt: skip


def test_what_the_phone_sends_after_all_is_the_same_again(cast: Cast, elder: Elder) -> None:
    """Also from a phone whose clock, as it says when it sends, is an hour slow."""
    items = [visit_item(record(elder, at=NOW - minutes * timedelta(minutes=1))) for minutes in (90, 50)]
    items[1]["record"]["sent_at"] = (NOW - timedelta(hours=1)).isoformat()
    assert [outcome for outcome, _ in take(cast, *map(saved, items))] == [TAKEN, TAKEN]
    assert [answer["status"] for answer in Phone(cast.worker).sync(*items)] == [200, 200]
    assert [outcome for outcome, _ in take(cast, *map(saved, items))] == [KNOWN, KNOWN]
    assert (Visit.objects.count(), KeptBack.objects.count()) == (2, 0)
    assert not Visit.objects.filter(flags__code="conflict").exists()


def test_moment_of_sending_in_a_file_moves_no_visit(cast: Cast, elder: Elder) -> None:
    item = saved(visit_item(record(elder)))
    item["record"]["sent_at"] = (NOW - 9 * DAY).isoformat()
    assert take(cast, item) == [(TAKEN, "收到了。")]
    assert Visit.objects.get().started_at == AT


def test_of_what_the_server_has_the_phone_keeps_the_heads_alone(cast: Cast, elder: Elder) -> None:
    """Sent again it would be other content under the same key. What only the file calls received is taken in."""
    sent, unsent = (visit_item(record(elder, at=NOW - hours * timedelta(hours=1), notes={"health": "都好"})) for hours in (3, 2))  # fmt: skip
    Phone(cast.worker).sync(sent)
    for item in (sent, unsent):
        item["record"] = {name: item["record"][name] for name in ("mode", "outcome", "started_at", "elders")}
    assert take(cast, saved(sent, "received"), saved(unsent, "received")) == [
        (KNOWN, ""),
        (TAKEN, "收到了。"),
    ]
    assert (Visit.objects.count(), KeptBack.objects.count()) == (2, 0)


def test_of_what_waits_for_the_town_too(cast: Cast) -> None:
    held = visit_item(record(make_elder(cast.other_group), notes={"health": "都好"}))
    Phone(cast.worker).sync(held)
    kept = KeptBack.objects.get()
    held["record"] = {name: held["record"][name] for name in ("mode", "outcome", "started_at", "elders")}
    assert take(cast, saved(held, "held")) == [(KNOWN, "")]
    assert list(KeptBack.objects.values_list("pk", "state")) == [(kept.pk, "waiting")]


def test_what_was_taken_back_before_it_left_stays_taken_back(cast: Cast, elder: Elder) -> None:
    """Unless it did leave: then the server's word counts."""
    item = visit_item(record(elder))
    assert take(cast, saved(item, "cancelled")) == [(NOT_TAKEN, TAKEN_BACK)]
    assert not Received.objects.exists()
    Phone(cast.worker).sync(item)
    ((outcome, _),) = take(cast, saved(item, "cancelled"))
    assert outcome == KNOWN


def test_more_than_a_day_can_have_waits_for_tomorrow(
    cast: Cast, elder: Elder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.actions.phone_files.AT_ONCE", 2)
    monkeypatch.setattr("visits.actions.measure.MOST_ROWS", 3)
    monkeypatch.setattr("visits.actions.measure._seen", {})
    items = [saved(visit_item(record(elder, at=NOW - hours * timedelta(hours=1)))) for hours in range(2, 6)]
    assert [outcome for outcome, _ in take(cast, *items)] == [TAKEN, TAKEN, NOT_TAKEN, NOT_TAKEN]
    monkeypatch.setattr("visits.actions.measure.MOST_ROWS", 100)
    assert [outcome for outcome, _ in take(cast, *items)] == [KNOWN, KNOWN, TAKEN, TAKEN]


def test_corrections_and_withdrawals_find_what_stands_before_them(cast: Cast, elder: Elder) -> None:
    first, second = uuid4(), uuid4()
    items = [
        visit_item(record(elder, at=NOW - timedelta(hours=3)), first),
        correction_item(first, record(elder, at=NOW - timedelta(hours=2)), second),
        withdrawal_item(second),
    ]
    assert [outcome for outcome, _ in take(cast, *map(saved, items))] == [TAKEN] * 3
    assert set(Visit.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_what_cannot_be_taken_in_says_why_and_waits_as_from_a_phone(cast: Cast, elder: Elder) -> None:
    foreign = make_elder(cast.other_group)
    items = [
        saved(visit_item(record(foreign))),
        saved(visit_item(record(elder, outcome="flew"))),
        saved(visit_item(record(elder))),
        {"kind": "?", "id": str(uuid4()), "state": "waiting"},
    ]
    found = take(cast, *items)
    assert [outcome for outcome, _ in found] == [NOT_TAKEN, NOT_TAKEN, TAKEN, NOT_TAKEN]
    assert all(words for _, words in found)
    assert sorted(KeptBack.objects.values_list("state", flat=True)) == ["refused", "refused", "waiting"]


def test_records_of_whoever_serves_no_longer_wait_for_the_town(cast: Cast, elder: Elder) -> None:
    Posting.objects.filter(user=cast.worker).update(ends_on=TODAY - DAY)
    assert take(cast, saved(visit_item(record(elder)))) == [
        (NOT_TAKEN, "您现在没有记探访的任职。请联系镇里。")
    ]
    assert KeptBack.objects.get().state == "waiting"


def test_long_file_goes_piece_by_piece(cast: Cast, elder: Elder) -> None:
    late = [
        visit_item(record(elder, at=NOW - minutes * timedelta(minutes=7))) for minutes in range(AT_ONCE + 5)
    ]
    assert {outcome for outcome, _ in take(cast, *map(saved, late))} == {TAKEN}
    assert Visit.objects.count() == AT_ONCE + 5


# Whose, and by whom


def test_file_is_taken_by_who_reviews_the_visits_of_its_person_alone(cast: Cast, elder: Elder) -> None:
    able = set()
    for who, one in cast.everybody().items():
        if isinstance(one, User):
            try:
                take(cast, saved(visit_item(record(elder))), by=one)
                able.add(who)
            except NotAllowed:
                pass
    assert able == {"reviewer"}
    assert Event.objects.filter(verb="take_phone_file").count() == 1


def test_nobodys_file_is_answered_as_a_foreign_one(cast: Cast, elder: Elder) -> None:
    answers = set()
    for person in (cast.other_worker.pk, cast.head.pk, uuid4(), "x", None, 7, User.objects.system().pk):
        said = str(person) if isinstance(person, UUID) else person
        with pytest.raises(NotAllowed) as refused:
            take_phone_file(by=cast.reviewer, content=file_of(cast.worker, {}, person=said))
        answers.add(str(refused.value))
    assert len(answers) == 1
    assert not Received.objects.exists()


def test_own_file_is_a_colleagues_to_take(cast: Cast, elder: Elder) -> None:
    Posting.objects.create(
        user=cast.reviewer, role="grid_worker", place=cast.group, starts_on=TODAY - 100 * DAY
    )
    with pytest.raises(NotAllowed, match="同事"):
        take_phone_file(by=cast.reviewer, content=file_of(cast.reviewer, {}))


# The file


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "看不懂"),
        (b"PK\x03\x04", "看不懂"),
        ("记录".encode("gbk"), "看不懂"),
        (b"[]", "看不懂"),
        (b"null", "看不懂"),
        (b'{"items": {}}', "看不懂"),
        (b'{"items": [NaN]}', "看不懂"),
        (b'{"items": [' + b"9" * 5000 + b"]}", "看不懂"),
        (b'{"items": ' + b"[" * 100_000, "看不懂"),
        (b'{"items": [' + b"[" * 30 + b"]" * 30 + b"]}", "看不懂"),
        (b'{"items": []}', "没有记录"),
        (b'{"items": [' + b"1," * MOST_ITEMS + b"1]}", "一次最多收 2000 条"),
        (b" " * (MOST_BYTES + 1), "最多 5 MB"),
    ],
    ids=range(13),
)
def test_file_that_is_none_is_refused_in_words(cast: Cast, content: bytes, words: str) -> None:
    (told,) = Desk(cast.reviewer).add("visits.keptback", file=SimpleUploadedFile("探访.json", content))
    assert words in told
    assert not Event.objects.filter(verb="take_phone_file").exists()


def test_page_tells_of_each_what_has_become_of_it(cast: Cast, elder: Elder) -> None:
    desk, foreign = Desk(cast.reviewer), make_elder(cast.other_group, name="外镇人")
    items = [saved(visit_item(record(elder))), saved(visit_item(record(foreign))), {"kind": "?"}]
    assert "收手机存的文件" in desk.open(rows_url("visits.keptback")).content.decode()
    sent = SimpleUploadedFile("探访.json", b"\xef\xbb\xbf" + file_of(cast.worker, *items))
    answer = desk.client.post(rows_url("visits.keptback") + "add/", {"file": sent})
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in (
        "陆桂芳手机存的文件",
        "王德明",
        "收下了",
        "没收下",
        "本镇没有这个编号的老人",
        "看不懂这是什么",
    ):
        assert words in page, words
    assert "外镇人" not in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_was_copied_is_taken_in_like_the_file(cast: Cast, elder: Elder) -> None:
    text = file_of(cast.worker, saved(visit_item(record(elder)))).decode()
    answer = Desk(cast.reviewer).client.post(rows_url("visits.keptback") + "add/", {"text": f"\n{text} "})
    assert "收下了" in answer.content.decode()
    assert Visit.objects.get().worker == cast.worker


@pytest.mark.parametrize("has_both", [False, True])
def test_either_a_file_or_words_are_wanted(cast: Cast, has_both: bool) -> None:
    both = {"text": "{}", "file": SimpleUploadedFile("探访.json", b"{}")} if has_both else {}
    answer = Desk(cast.reviewer).client.post(rows_url("visits.keptback") + "add/", both)
    assert "两样选一样" in answer.content.decode()
    assert not Event.objects.filter(verb="take_phone_file").exists()


def test_words_that_were_cut_off_say_so(cast: Cast) -> None:
    answer = Desk(cast.reviewer).client.post(rows_url("visits.keptback") + "add/", {"text": '{"person": "'})
    assert "看不懂" in answer.content.decode()
