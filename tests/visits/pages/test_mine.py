import re
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from elders.actions import close_elder
from elders.models import Elder
from tests.cast import Cast
from tests.factories import costs_the_same, make_elder, make_visit, review
from tests.visits.outbox import record, visit_item
from tests.visits.phone import OLD, TODAY, read, said, text_of
from visitcare.org.models import User
from visits.actions import Finding, decline_kept, read_item, take_again, take_in, withdraw_kept
from visits.models import Flag, KeptBack, Referral, Visit

# Correcting and withdrawing


def test_correction_takes_the_place_of_a_returned_record(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone", state="returned")
    client = enter(cast.worker)
    url = reverse("correct_visit", args=[old.pk])
    form = read(client, url)
    assert "原来记的：昨天 9:00，电话，一切正常。" in text_of(form)
    assert re.search(r'name="mode" value="phone" required checked', form)
    sent = said(elder, mode="home", started_at="2025-03-04T09:00")
    assert [client.post(url, sent).headers["Location"] for _ in range(2)] == ["/", "/"]
    old.refresh_from_db()
    new = Visit.objects.get(pk=UUID(str(sent["visit_id"])))
    assert (old.state, old.review_reason, old.mode) == ("withdrawn", "已更正，见新记录", "phone")
    assert (new.state, new.mode, new.flagged) == ("pending", "home", True)
    assert Flag.objects.get(visit=new, code="corrected").other_visit == old


def test_household_of_somebody_else_by_now_is_not_opened_by_an_old_record(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    """Whoever has left the group reads nothing of its households through a record that waits for correction."""
    elder = make_elder(cast.group, OLD, name="施汉忠")
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", state="returned")
    finding = [Finding("health", ("mood",), "心情不好")]
    make_visit(cast.second_worker, elder, at="2025-03-04 10:00", findings=finding)
    cast.worker.postings.update(place=cast.next_group)
    client, url = enter(cast.worker), reverse("correct_visit", args=[old.pk])
    for answer in (client.get(url), client.post(url, said(elder, result="details"))):
        assert answer.headers["Location"] == "/mine/"
    mine = text_of(read(client, "/mine/"))
    assert ("这户现在不归您探访了，不能再更正。" in mine, "心情不好" in mine) == (True, False)


def test_correction_begins_with_what_was_found(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    found = [Finding("safety", ("gas",), "管子老化", household_mends=True), Finding("health", ("mood",))]
    old = make_visit(cast.worker, elder, at="2025-03-05 09:00", findings=found)
    html = read(enter(cast.worker), reverse("correct_visit", args=[old.pk]))
    for carried in (
        'name="safety_kinds" value="gas"',
        'name="safety_words" value="管子老化"',
        'name="safety_mends" value="own"',
        'name="health_kinds" value="mood"',
    ):
        assert carried in html
    assert "上次发现" not in html


def test_correction_asks_again_what_the_old_record_saw_solved(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.worker, elder, at="2025-03-03 09:00", findings=[Finding("safety", ("gas",))])
    referral = Referral.objects.get()
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00", by=cast.worker, answers={referral.pk: True})
    make_visit(cast.worker, elder, at="2025-03-05 09:00", findings=[Finding("safety", ("power",))])
    client, url = enter(cast.worker), reverse("correct_visit", args=[old.pk])
    html = read(client, url)
    assert re.search(rf'name="answer_{referral.pk}" value="yes"[^>]* checked', html)
    assert html.count('value="yes"') == 1  # of what was found since, it knew nothing
    sent = said(elder, mode="home", started_at="2025-03-04T09:00", **{f"answer_{referral.pk}": "yes"})
    for _ in range(2):
        assert client.post(url, sent).headers["Location"] == "/"
        referral.refresh_from_db()
        assert (referral.state, referral.solved_in_id) == ("solved", UUID(str(sent["visit_id"])))


def test_reviewed_record_cannot_be_corrected(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    old = make_visit(cast.worker, elder, at="2025-03-04 09:00")
    client, url = enter(cast.worker), reverse("correct_visit", args=[old.pk])
    read(client, url)
    review(old, "valid")
    assert client.get(url).headers["Location"] == "/mine/"
    late = client.post(url, said(elder)).content.decode()
    assert "这条已经审核过或撤回了，不能再更正。" in late
    assert list(Visit.objects.values_list("pk", "state")) == [(old.pk, "valid")]


def test_pending_record_can_be_withdrawn(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    visit = make_visit(cast.worker, elder, at="2025-03-05 09:00")
    url = reverse("withdraw_visit", args=[visit.pk])
    client = enter(cast.worker)
    told = client.post(url, {"next": "/mine/"}, follow=True)
    assert told.redirect_chain == [("/mine/", 302)]
    assert "撤回了：施汉忠，上门。" in told.content.decode()
    assert "已经审核过" in client.post(url, follow=True).content.decode()


@pytest.mark.parametrize("door", ["correct_visit", "withdraw_visit"])
@pytest.mark.parametrize("who", ["second_worker", "cadre", "reviewer"])
def test_record_of_somebody_else_is_not_found(
    cast: Cast, enter: Callable[[User], Client], door: str, who: str
) -> None:
    visit = make_visit(cast.worker, make_elder(cast.group, OLD), at="2025-03-05 09:00")
    client = enter(getattr(cast, who))
    answers = [client.post(reverse(door, args=[pk])).status_code for pk in (visit.pk, uuid4())]
    assert answers == [404, 404]


# My records


def test_my_records_show_each_state(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    for day, state in enumerate(("valid", "invalid", "returned", ""), start=1):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", mode="phone", state=state)
    make_visit(cast.second_worker, make_elder(cast.second_group, OLD, name="吴兰英"), at="2025-03-04 09:00")
    text = text_of(read(enter(cast.worker), "/mine/"))
    assert "3 月记了 4 条：等审核 1 条、通过 1 条、无效 1 条、退回 1 条" in text
    assert "要您看一看（1 条）" in text
    assert "昨天 3月4日 星期二" in text
    assert "吴兰英" not in text


def test_my_records_of_earlier_months(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.worker, elder, at="2025-02-11 09:00", outcome="not_home")
    client = enter(cast.worker)
    now = read(client, "/mine/")
    assert "这个月还没有记录" in now
    assert "?month=2025-02" in now
    then = text_of(read(client, "/mine/?month=2025-02"))
    assert "9:00 · 上门 · 没联系上" in then
    assert "看 3 月的记录" in then


@pytest.mark.parametrize("month", ["2025-13", "1", "gestern"])
def test_my_records_of_no_month_are_not_found(
    cast: Cast, enter: Callable[[User], Client], month: str
) -> None:
    assert enter(cast.worker).get(f"/mine/?month={month}").status_code == 404


@pytest.mark.parametrize("records", [1, 3])
def test_my_records_ask_the_database_the_same_for_any_number(
    cast: Cast,
    enter: Callable[[User], Client],
    records: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    elder = make_elder(cast.group, OLD)
    for hour in range(records):
        make_visit(cast.worker, elder, at=f"2025-03-04 1{hour}:00", mode="phone")
    client = enter(cast.worker)
    # One each for session and user, then for postings, returned, count, page, states, what was kept and what was earlier.
    with django_assert_num_queries(9):
        client.get("/mine/")


# What could not be taken in


def kept_back(cast: Cast, *elders: Elder) -> KeptBack:
    (answer,) = take_in(by=cast.worker, items=[read_item(visit_item(record(*elders)))])
    assert answer.status == 202
    return KeptBack.objects.get(received__item=answer.item.key)


@pytest.fixture
def gone(cast: Cast) -> Elder:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 3), reason="died")
    return elder


def test_what_waits_is_told_and_taken_back(cast: Cast, enter: Callable[[User], Client], gone: Elder) -> None:
    kept, client = kept_back(cast, gone), enter(cast.worker)
    page = read(client, "/mine/")
    text = text_of(page)
    assert "手机发来，没有记成的（1 条）" in text
    assert "施汉忠已收到，镇里要核对" in text
    assert "今天 9:42 · 电话" in text
    assert "已于 2025-03-03 去世" in text
    url = reverse("withdraw_visit", args=[kept.received.item])
    assert url in page
    told = client.post(url, {"next": "/mine/"}, follow=True)
    assert told.redirect_chain == [("/mine/", 302)]
    text = text_of(told.content.decode())
    assert ("撤回了，这条不算了。" in text, "没有记成" in text) == (True, False)
    kept.refresh_from_db()
    assert (kept.state, kept.decided_by, kept.reason) == ("declined", cast.worker, "本人撤回")
    assert "镇里已经处理过了" in client.post(url, follow=True).content.decode()


def test_what_the_town_decided_is_told_with_its_reason(
    cast: Cast, enter: Callable[[User], Client], gone: Elder
) -> None:
    declined, taken = kept_back(cast, gone), kept_back(cast, gone)
    decline_kept(by=cast.reviewer, kept=declined, reason="这位老人 3 月 3 日走了")
    Elder.objects.filter(pk=gone.pk).update(closed_on=TODAY)
    assert take_again(by=cast.reviewer, kept=taken).status == 201
    page = read(enter(cast.worker), "/mine/")
    text = text_of(page)
    assert ("镇里没收" in text, "镇里说：这位老人 3 月 3 日走了" in text, "后来收下了" in text) == (
        True,
        True,
        True,
    )
    assert reverse("withdraw_visit", args=[declined.received.item]) not in page


def test_names_of_elders_of_other_places_are_not_told(cast: Cast, enter: Callable[[User], Client]) -> None:
    kept_back(cast, make_elder(cast.other_group, name="吴兰英"))
    text = text_of(read(enter(cast.worker), "/mine/"))
    assert ("吴兰英" in text, "别处的老人" in text) == (False, True)


def test_what_waits_of_somebody_else_is_not_found(
    cast: Cast, enter: Callable[[User], Client], gone: Elder
) -> None:
    item = kept_back(cast, gone).received.item
    assert enter(cast.second_worker).post(reverse("withdraw_visit", args=[item])).status_code == 404
    assert withdraw_kept(by=cast.second_worker, item=item) == 0
    assert KeptBack.objects.get().state == "waiting"


def test_what_waits_costs_the_same_for_any_number(
    cast: Cast, enter: Callable[[User], Client], gone: Elder
) -> None:
    client = enter(cast.worker)
    assert costs_the_same(lambda: client.get("/mine/"), lambda: kept_back(cast, gone))
