"""请求复核: a decision that a worker thinks wrong is looked at once more, by a person, once."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import breaks, draft, freeze, make_visit, review
from tests.visits.phone import NOW
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.actions import RecheckError, ask_for_recheck, uphold
from visits.models import Recheck, Visit


@pytest.fixture
def refused(cast: Cast, elder: Elder) -> Visit:
    return make_visit(cast.worker, elder, at="2025-03-04 09:00", state="invalid")


def ask(client: Client, visit: Visit, words: str = "") -> str:
    answer = client.post(f"/visits/{visit.pk}/recheck/", {"words": words}, follow=True)
    return str(answer.content.decode())


def test_worker_asks_with_one_tap_and_reads_the_answer(
    cast: Cast, refused: Visit, enter: Callable[[User], Client]
) -> None:
    client = enter(cast.worker)
    assert "请求复核" in client.get("/mine/").content.decode()
    page = ask(client, refused)
    assert "请求已经报给镇里" in page
    assert "已经请求复核，等镇里答复。" in page
    assert f"/visits/{refused.pk}/recheck/" not in page
    uphold(by=cast.reviewer, visit=refused, reason="回访过，老人说没来")
    assert "镇里复核过了：回访过，老人说没来" in client.get("/mine/").content.decode()
    events = Event.objects.filter(verb__in=["ask_recheck", "uphold_visit"]).order_by("verb")
    assert list(events.values_list("verb", "reason")) == [
        ("ask_recheck", ""),
        ("uphold_visit", "回访过，老人说没来"),
    ]


def test_to_ask_changes_nothing(cast: Cast, refused: Visit) -> None:
    ask_for_recheck(by=cast.worker, visit=refused.pk, words="那天去了")
    refused.refresh_from_db()
    assert refused.state == "invalid"
    assert Recheck.objects.get().words == "那天去了"


def test_once_for_each_visit(cast: Cast, refused: Visit) -> None:
    assert ask_for_recheck(by=cast.worker, visit=refused.pk, words="第一次")
    assert not ask_for_recheck(by=cast.worker, visit=refused.pk, words="又一次")
    uphold(by=cast.reviewer, visit=refused, reason="查过了")
    assert not ask_for_recheck(by=cast.worker, visit=refused.pk)
    assert Recheck.objects.values_list("words", "answer").get() == ("第一次", "查过了")


@pytest.mark.parametrize("state", ["", "returned", "withdrawn"])
def test_what_nobody_has_decided_on_is_not_asked_for(
    cast: Cast, elder: Elder, state: str, enter: Callable[[User], Client]
) -> None:
    visit = make_visit(cast.worker, elder, at="2025-03-04 09:00", state=state if state == "returned" else "")
    if state == "withdrawn":
        Visit.objects.filter(pk=visit.pk).update(state="withdrawn")
    assert "还没有审定，不用请求复核" in ask(enter(cast.worker), visit)
    assert not Recheck.objects.exists()


def test_nobody_elses(cast: Cast, refused: Visit, enter: Callable[[User], Client]) -> None:
    for visit in (refused.pk, uuid4()):
        assert enter(cast.second_worker).post(f"/visits/{visit}/recheck/").status_code == 404
    assert not Recheck.objects.exists()


def test_words_have_a_length(cast: Cast, refused: Visit) -> None:
    with pytest.raises(RecheckError, match="写了 201 个字"):
        ask_for_recheck(by=cast.worker, visit=refused.pk, words="我" * 201)


def test_next_decision_answers(cast: Cast, refused: Visit, enter: Callable[[User], Client]) -> None:
    ask_for_recheck(by=cast.worker, visit=refused.pk)
    review(refused, "valid")
    recheck = Recheck.objects.get()
    assert (recheck.answer, recheck.answered_at) == ("通过", NOW)
    assert "镇里复核过了：通过" in enter(cast.worker).get("/mine/").content.decode()


def test_town_finds_it_reads_it_and_upholds(
    cast: Cast, refused: Visit, enter: Callable[[User], Client]
) -> None:
    ask_for_recheck(by=cast.worker, visit=refused.pk, words="那天去了")
    today = enter(cast.reviewer).get("/admin/").content.decode()
    assert "条探访本人请求复核" in today
    page = enter(cast.reviewer).get("/admin/visits/visit/?state=recheck").content.decode()
    assert str(refused.pk) in page
    assert (
        "那天去了" in enter(cast.reviewer).get(f"/admin/visits/visit/{refused.pk}/change/").content.decode()
    )
    (told,) = Desk(cast.reviewer).press(refused, "uphold", reason="查过了")
    assert "维持无效，答复了本人。" in told
    assert (
        str(refused.pk) not in enter(cast.reviewer).get("/admin/visits/visit/?state=recheck").content.decode()
    )
    assert (
        str(refused.pk) in enter(cast.reviewer).get("/admin/visits/visit/?state=rechecked").content.decode()
    )


def test_who_may_uphold(cast: Cast, elder: Elder, refused: Visit) -> None:
    with pytest.raises(RecheckError, match="没有等答复的"):
        uphold(by=cast.reviewer, visit=refused, reason="查过了")
    ask_for_recheck(by=cast.worker, visit=refused.pk)
    for who in (cast.worker, cast.auditor, cast.other_head):
        with pytest.raises(NotAllowed):
            uphold(by=who, visit=refused, reason="查过了")
    with pytest.raises(RecheckError, match="请写为什么"):
        uphold(by=cast.reviewer, visit=refused, reason=" ")
    own = make_visit(cast.worker, elder, at="2025-03-04 15:00", state="valid")
    Visit.objects.filter(pk=own.pk).update(worker=cast.reviewer)
    Recheck.objects.create(visit=own, asked_at=timezone.now())
    own.refresh_from_db()
    with pytest.raises(RecheckError, match="请同事来复核"):
        uphold(by=cast.reviewer, visit=own, reason="查过了")
    assert Recheck.objects.waiting().count() == 2


def test_slip_asks_for_what_is_not_paid(cast: Cast, elder: Elder, enter: Callable[[User], Client]) -> None:
    make_visit(cast.worker, elder, at="2025-02-04 09:00", state="valid")
    unpaid = make_visit(cast.worker, elder, at="2025-02-04 15:00", state="valid")
    freeze(draft(cast.town, "2025-02"), maker=cast.head, checker=cast.approver)
    client = enter(cast.worker)
    assert f"/visits/{unpaid.pk}/recheck/" in client.get("/pay/").content.decode()
    ask(client, unpaid)
    assert "已经请求复核，等镇里答复。" in client.get("/pay/").content.decode()


def test_answer_has_somebody_and_words(cast: Cast, refused: Visit) -> None:
    ask_for_recheck(by=cast.worker, visit=refused.pk)
    for said in (
        {"answered_at": NOW},
        {"answer": "查过了"},
        {"answered_by": cast.reviewer, "answered_at": NOW},
    ):
        with breaks("recheck_answered_by_somebody"):
            Recheck.objects.update(**said)
