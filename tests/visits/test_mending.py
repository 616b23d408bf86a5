"""What the town does with what phones have sent in vain, and what the nightly run picks up."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from elders.actions import close_elder
from elders.models import Assignment, Elder, StandIn
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import breaks, make_elder, run
from tests.visits.outbox import AT, Phone, record, visit_item
from tests.visits.phone import NOW
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Posting, User
from visits.actions import decline_kept, read_item, take_again, take_in, take_what_waits
from visits.actions.receiving import Taking
from visits.models import KeptBack, Received, Visit

pytestmark = pytest.mark.usefixtures("wednesday")


def kept_back(sender: User, said: Any) -> KeptBack:
    (answer,) = take_in(by=sender, items=[read_item(visit_item(said))])
    assert answer.status == 202
    return KeptBack.objects.get(received__item=answer.item.key)


@pytest.fixture
def foreign(cast: Cast) -> Elder:
    """Of the neighbours' village."""
    return make_elder(cast.next_group, name="李秀英")


@pytest.fixture
def kept(cast: Cast, foreign: Elder) -> KeptBack:
    return kept_back(cast.worker, record(foreign, notes={"health": "都好"}))


def test_town_takes_in_what_was_mended(
    cast: Cast, foreign: Elder, kept: KeptBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(cast.reviewer)
    assert "有老人不在您负责的户里" in desk.press(kept, "again")[0]
    assert not Visit.objects.exists()
    Assignment.objects.create(household=foreign.household, worker=cast.worker, starts_on=date(2025, 3, 1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=9))
    assert desk.press(kept, "again") == ["收下了，已经记成探访。"]
    visit = Visit.objects.get()
    assert (visit.pk, visit.worker, visit.entered_by, visit.received_at, visit.flagged) == (
        kept.received.item, cast.worker, cast.worker, NOW, False
    )  # fmt: skip
    kept.refresh_from_db()
    assert (kept.state, kept.decided_by, desk.doors(kept)) == ("taken", cast.reviewer, [])
    assert desk.listed("visits.keptback") == []
    assert Event.objects.filter(verb="take_again", area_code=cast.next_village.code).count() == 2


def test_visit_of_before_a_posting_ended_is_taken_when_the_town_stands_for_it(cast: Cast) -> None:
    elder = make_elder(cast.group)
    Posting.objects.filter(user=cast.worker).update(ends_on=date(2025, 3, 4))
    before = kept_back(cast.worker, record(elder, at=AT - timedelta(days=1)))
    after = kept_back(cast.worker, record(elder))
    assert take_again(by=cast.reviewer, kept=before).status == 201
    assert take_again(by=cast.reviewer, kept=after).status == 202
    assert [visit.started_at for visit in Visit.objects.all()] == [AT - timedelta(days=1)]


def test_visit_in_somebodys_stead_is_taken_though_the_substitute_serves_no_longer(cast: Cast) -> None:
    """The postings of the day of the visit decide, on both sides."""
    stand_in = {
        "absent": cast.worker, "town": cast.town, "handed_over": [cast.town.code], "reason": "住院",
    }  # fmt: skip
    StandIn.objects.create(
        substitute=cast.second_worker, starts_on=date(2025, 3, 3), ends_on=date(2025, 3, 4), **stand_in
    )
    elder = make_elder(cast.group)
    Posting.objects.filter(user=cast.second_worker).update(ends_on=date(2025, 3, 4))
    on_the_day, after = (
        kept_back(cast.second_worker, record(elder, at=AT - timedelta(days=n))) for n in (1, 0)
    )
    assert take_again(by=cast.reviewer, kept=on_the_day).status == 201
    assert take_again(by=cast.reviewer, kept=after).status == 202
    visit = Visit.objects.get()
    assert (visit.worker, visit.flagged) == (cast.second_worker, False)


def test_town_declines_with_a_reason_that_the_worker_reads(cast: Cast, kept: KeptBack) -> None:
    desk, phone = Desk(cast.reviewer), Phone(cast.worker)
    assert desk.press(kept, "decline") == ["请填“原因”。"]
    assert desk.press(kept, "decline", reason="不是您组里的老人") == ["不收，本人会看到原因。"]
    (told,) = phone.kept_back()
    assert (told["id"], told["state"], told["reason"]) == (
        str(kept.received.item), "declined", "不是您组里的老人"
    )  # fmt: skip
    (answer,) = phone.sync(json.loads(kept.received.body))
    assert (answer["status"], answer["words"]) == (422, "这条没有收：不是您组里的老人")
    kept.refresh_from_db()
    assert (kept.state, desk.doors(kept), desk.listed("visits.keptback", state="declined")) == (
        "declined",
        [],
        [kept],
    )
    assert Event.objects.get(verb="decline_kept").reason == "不是您组里的老人"


def test_page_tells_what_the_phone_said_and_no_name_of_others(cast: Cast, kept: KeptBack) -> None:
    page = Desk(cast.reviewer).page(kept)
    assert all(words in page for words in ("陆桂芳发来的探访", "李秀英", "都好", "电话", "2025-03-05 09:42"))
    other = kept_back(cast.worker, record(make_elder(cast.other_group, name="外镇人")))
    page = Desk(cast.reviewer).page(other)
    assert ("外镇人" in page, "本镇没有这个编号的老人" in page) == (False, True)


def test_page_of_what_cannot_be_read_says_so(cast: Cast) -> None:
    phone = Phone(cast.worker)
    phone.sync(
        {"kind": "fax", "id": str(uuid4())}, visit_item(record(make_elder(cast.group)) | {"mode": "fax"})
    )
    desk = Desk(cast.reviewer)
    refused = desk.listed("visits.keptback", state="refused")
    assert len(refused) == 2
    assert ["看不懂的" in desk.page(one) for one in refused] == [True, True]
    assert [desk.doors(one) for one in refused] == [["again"], ["again"]]


def test_both_of_a_conflict_are_shown(cast: Cast) -> None:
    elder, key, phone = make_elder(cast.group), uuid4(), Phone(cast.worker)
    phone.put(key, record(elder))
    phone.put(key, record(elder, mode="home"))
    desk, conflict = Desk(cast.reviewer), KeptBack.objects.get()
    page = desk.page(conflict)
    assert (f"/admin/visits/visit/{key}/change/" in page, desk.doors(conflict)) == (True, ["decline"])
    assert "后来的这条对：先到“已经有的记录”点“退回”" in page
    assert "同一编号有两种内容" in desk.page(Visit.objects.get())


def test_those_who_may_not_review_mend_nothing(cast: Cast, kept: KeptBack) -> None:
    for who in (cast.other_head, cast.auditor, cast.worker, cast.officer):
        with pytest.raises(NotAllowed):
            take_again(by=who, kept=kept)
        with pytest.raises(NotAllowed):
            decline_kept(by=who, kept=kept, reason="试试")
    assert KeptBack.objects.get().state == "waiting"


def test_nobody_mends_what_they_have_sent_themselves(cast: Cast) -> None:
    Posting.objects.create(
        user=cast.reviewer, role="grid_worker", place=cast.group, starts_on=date(2024, 1, 1)
    )
    own = kept_back(User.objects.get(pk=cast.reviewer.pk), record(make_elder(cast.other_group)))
    assert Desk(cast.reviewer).doors(own) == []
    for how in (take_again, lambda **said: decline_kept(**said, reason="试试")):
        with pytest.raises(NotAllowed, match="请同事来办"):
            how(by=cast.reviewer, kept=own)


# Never lost


def test_nightly_judges_what_was_kept_and_never_judged(
    cast: Cast, foreign: Elder, monkeypatch: pytest.MonkeyPatch
) -> None:
    elder = make_elder(cast.group)
    items = [read_item(visit_item(record(one))) for one in (elder, foreign)]
    with monkeypatch.context() as patch:
        patch.setattr(Taking, "take", lambda taking, entries: [None] * len(entries))
        take_in(by=cast.worker, items=items)
    assert (Received.objects.unanswered().count(), Visit.objects.count()) == (2, 0)
    assert "手机发来、还没处理的：2 条\n" in run("nightly")
    assert (Visit.objects.get().received_at, KeptBack.objects.get().state) == (NOW, "waiting")
    assert Received.objects.unanswered().count() == 0
    assert "手机发来、还没处理的：0 条\n" in run("nightly")


def test_nightly_goes_on_where_one_sender_breaks(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    items = [read_item(visit_item(record(make_elder(group)))) for group in (cast.group, cast.second_group)]
    senders, take = (cast.worker, cast.second_worker), Taking.take
    with monkeypatch.context() as patch:
        patch.setattr(Taking, "take", lambda taking, entries: [None] * len(entries))
        for sender, item in zip(senders, items, strict=True):
            take_in(by=sender, items=[item])

    def broken(taking: Taking, entries: Any) -> Any:
        if taking.by == first:
            raise RuntimeError
        return take(taking, entries)

    first = min(senders, key=lambda sender: sender.pk)
    with monkeypatch.context() as patch:
        patch.setattr(Taking, "take", broken)
        assert take_what_waits() == 1
    assert "RuntimeError" in caplog.text
    assert take_what_waits() == 1
    assert Visit.objects.count() == 2


# Nobody changes it


@pytest.mark.parametrize(
    ("how", "guard"),
    [
        ("UPDATE visits_received SET app = 'x'", "history_stays"),
        ("DELETE FROM visits_received", "history_stays"),
        ("TRUNCATE visits_received CASCADE", "never_truncated"),
    ],
)
def test_what_came_stays_as_it_came(kept: KeptBack, how: str, guard: str) -> None:
    with breaks(guard), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come is not truncated anyway
        cursor.execute(how)


def test_what_cannot_be_taken_when_it_is_tried_again_waits_on(
    cast: Cast, foreign: Elder, kept: KeptBack
) -> None:
    """The town still has to say why not, and whoever sent it to read it."""
    close_elder(by=User.objects.system(), elder=foreign, last_day=date(2025, 3, 1), reason="died")
    Assignment.objects.create(household=foreign.household, worker=cast.worker, starts_on=date(2025, 3, 1))
    take_again(by=cast.reviewer, kept=kept)
    kept.refresh_from_db()
    assert kept.state == "waiting"
    decline_kept(by=cast.reviewer, kept=kept, reason="老人那时已经去世")
