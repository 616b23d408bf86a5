"""The worker's pages, with everybody of the cast where it matters who asks. It is Wednesday morning."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from elders.actions import pause_elder
from elders.models import Assignment, Elder, Household, RegistrationForm
from tests.cast import Cast
from tests.factories import make_elder, make_household, make_visit, moment, review
from visitcare.kit.weeks import Week
from visitcare.org.models import User
from visits.actions import Finding, open_week
from visits.models import Flag, Referral, Visit, VisitedElder

NOW = moment("2025-03-05 10:00")
TODAY = date(2025, 3, 5)
OLD, YOUNGER = date(1940, 6, 1), date(1955, 6, 1)
"""Living alone, the one is class A (80 and older), the other class C."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def enter(client: Client) -> Callable[[User], Client]:
    """The browser of somebody who has signed in."""

    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in


def open_this_week() -> None:
    open_week(by=User.objects.system(), week=Week.of(TODAY))


def couple(cast: Cast, **said: str) -> tuple[Household, Elder, Elder]:
    home = make_household(cast.group, address="1组12号")
    first = make_elder(home, date(1950, 1, 1), name="王德明", living="elders_only", **said)
    return home, first, make_elder(home, date(1952, 1, 1), name="李秀英", living="elders_only")


def read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def text_of(html: str) -> str:
    """What a reader sees, without the spaces between tags."""
    return re.sub(
        r"\s+", " ", re.sub(r"<template.*?</template>|<svg.*?</svg>|<[^>]+>", "", html, flags=re.DOTALL)
    )


def record_url(household: Household) -> str:
    return reverse("record_visit", args=[household.pk])


def said(*elders: Elder, mode: str = "phone", result: str = "ok", **more: object) -> dict[str, object]:
    """What the form sends."""
    return {
        "visit_id": str(uuid4()),
        "elders": [str(elder.pk) for elder in elders],
        "mode": mode,
        "agreed": "on",
        "started_at": "2025-03-05T09:42",
        "result": result,
        **more,
    }


# The week


def test_home_signed_out_leads_to_signing_in(client: Client, db: None) -> None:
    assert client.get("/").headers["Location"] == "/login/?next=/"


def test_home_of_the_office_is_the_admin(cast: Cast, enter: Callable[[User], Client]) -> None:
    assert enter(cast.reviewer).get("/").headers["Location"] == "/admin/"


def test_home_without_a_posting_says_whom_to_call(cast: Cast, enter: Callable[[User], Client]) -> None:
    cast.worker.postings.update(ends_on=date(2025, 3, 1))
    response = enter(cast.worker).get("/")
    assert (response.status_code, "镇民政办" in response.content.decode()) == (403, True)


def test_home_before_the_week_is_opened_still_lets_record(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    html = read(enter(cast.worker), "/")
    assert "这周的名单还没有出来" in html
    assert record_url(elder.household) in html


def test_home_without_elders_says_so(cast: Cast, enter: Callable[[User], Client]) -> None:
    open_this_week()
    assert "您这里还没有老人" in read(enter(cast.worker), "/")


def test_card_says_what_is_still_due(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠", phone="19900000003")
    open_this_week()
    make_visit(cast.worker, elder, at="2025-03-03 09:00")
    html = read(enter(cast.worker), "/")
    assert "施汉忠 84 岁 还差：上门 1 次、电话 2 次" in text_of(html)
    assert 'href="tel:19900000003"' in html
    assert "共 1 户，做完 0 户，还有 1 户" in text_of(html)


def test_second_contact_of_a_kind_on_a_day_does_not_count(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    open_this_week()
    for at in ("2025-03-03 09:00", "2025-03-03 15:00"):
        make_visit(cast.worker, elder, at=at)
    assert "还差：上门 1 次、电话 2 次" in text_of(read(enter(cast.worker), "/"))


def test_card_of_a_couple_shows_the_most_that_is_due(cast: Cast, enter: Callable[[User], Client]) -> None:
    _, first, second = couple(cast)
    open_this_week()
    make_visit(cast.worker, first, at="2025-03-04 09:00", mode="phone")
    text = text_of(read(enter(cast.worker), "/"))
    assert "王德明、李秀英 75 岁、73 岁 还差：电话 1 次" in text
    make_visit(cast.worker, second, at="2025-03-04 10:00", mode="phone")
    assert "这周都做完了" in text_of(read(enter(cast.worker), "/"))


def test_household_not_planned_yet_may_wait_until_sunday(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, YOUNGER)
    open_this_week()
    elder.planned_visits.update(day=date(2025, 3, 6))
    assert "星期天前做（1 户）" in read(enter(cast.worker), "/")
    elder.planned_visits.update(day=TODAY)
    assert "今天要做（1 户）" in read(enter(cast.worker), "/")


def test_done_household_is_folded_away(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, YOUNGER)
    open_this_week()
    make_visit(cast.worker, elder, at="2025-03-03 09:00", mode="phone")
    text = text_of(read(enter(cast.worker), "/"))
    assert "本周做完的 1 户" in text
    assert "本周做完了：电话 1 次" in text


def test_failed_call_is_shown_until_somebody_gets_through(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    open_this_week()
    make_visit(cast.worker, elder, at="2025-03-05 09:20", mode="phone", outcome="no_answer")
    assert "今天 9:20 没联系上，请再试一次。" in read(enter(cast.worker), "/")
    make_visit(cast.worker, elder, at="2025-03-05 09:50", mode="phone")
    assert "没联系上，请再试" not in read(enter(cast.worker), "/")


def test_elder_without_phone_has_no_call_button(cast: Cast, enter: Callable[[User], Client]) -> None:
    make_elder(cast.group, OLD)
    open_this_week()
    html = read(enter(cast.worker), "/")
    assert "tel:" not in html
    assert "没有登记电话" in html


def test_card_asks_about_what_was_found(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    visit = make_visit(
        cast.worker, elder, at="2025-02-26 09:00", findings=[Finding("safety", ("gas",), "管子老化")]
    )
    open_this_week()
    assert "上次发现：煤气，管子老化，解决了吗？" in read(enter(cast.worker), "/")
    Visit.objects.filter(pk=visit.pk).update(state=Visit.State.WITHDRAWN)
    assert "上次发现" not in read(enter(cast.worker), "/")


def test_card_tells_the_birthday(cast: Cast, enter: Callable[[User], Client]) -> None:
    make_elder(cast.group, date(1940, 3, 6))
    open_this_week()
    assert "明天是她 85 岁生日。" in read(enter(cast.worker), "/")


def test_elder_in_hospital_is_not_awaited(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    open_this_week()
    pause_elder(
        by=User.objects.system(), elder=elder, starts_on=date(2025, 3, 4), ends_on=TODAY, reason="hospital"
    )
    text = text_of(read(enter(cast.worker), "/"))
    assert "住院、外出的 1 户" in text
    assert "施汉忠住院，到今天为止，这几天不用看望。" in text
    assert "还差" not in text


def test_elder_back_from_hospital_is_pointed_out(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    open_this_week()
    pause_elder(
        by=User.objects.system(),
        elder=elder,
        starts_on=date(2025, 3, 1),
        ends_on=date(2025, 3, 4),
        reason="hospital",
    )
    assert "施汉忠昨天出院，请上门看看。" in read(enter(cast.worker), "/")


def test_returned_record_stands_on_top(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    visit = make_visit(cast.worker, elder, at="2025-03-04 15:20", state="returned")
    html = read(enter(cast.worker), "/")
    assert "退回 1 条：施汉忠" in html
    assert "镇里说：电话回访，老人说没有来" in html
    assert reverse("correct_visit", args=[visit.pk]) in html


def test_round_is_the_group_and_what_was_named(cast: Cast, enter: Callable[[User], Client]) -> None:
    mine, next_door, abroad = (
        make_elder(place, OLD) for place in (cast.group, cast.second_group, cast.other_group)
    )
    open_this_week()
    shown = read(enter(cast.worker), "/")
    assert [record_url(one.household) in shown for one in (mine, next_door, abroad)] == [True, False, False]
    for elder, worker in ((mine, cast.second_worker), (next_door, cast.worker)):
        Assignment.objects.create(household=elder.household, worker=worker, starts_on=TODAY)
    shown = read(enter(cast.worker), "/")
    assert [record_url(one.household) in shown for one in (mine, next_door, abroad)] == [False, True, False]


def test_cadre_sees_the_village_by_groups(cast: Cast, enter: Callable[[User], Client]) -> None:
    first, second = make_elder(cast.group, OLD), make_elder(cast.second_group, OLD)
    open_this_week()
    client = enter(cast.cadre)
    whole = read(client, "/")
    assert [record_url(one.household) in whole for one in (first, second)] == [True, True]
    assert f"?place={cast.second_group.code}" in whole
    group = read(client, f"/?place={cast.second_group.code}")
    assert [record_url(one.household) in group for one in (first, second)] == [False, True]


@pytest.mark.parametrize("households", [1, 3])
def test_home_asks_the_database_the_same_for_any_number_of_households(
    cast: Cast,
    enter: Callable[[User], Client],
    households: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(households):
        elder = make_elder(cast.group, OLD, phone=f"1990000010{number}")
        make_visit(cast.worker, elder, at="2025-03-03 09:00", findings=[Finding("health", ("mood",))])
        make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone", state="returned")
    open_this_week()
    client = enter(cast.worker)
    # One each for session and user, then for postings, policy, elders, contacts, referrals and what was returned.
    with django_assert_num_queries(8):
        client.get("/")


def test_pages_hold_no_script_and_ask_nobody_else(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, phone="19900000003")
    open_this_week()
    client = enter(cast.worker)
    for url in ("/", record_url(elder.household), "/mine/", "/pay/", "/password/", "/feedback/"):
        html = read(client, url)
        assert re.findall(r"<script(?![^>]*\ssrc=)|\son\w+=|https?://(?!www\.w3\.org)", html) == []
        assert len(html.encode()) < 30_000


# One record


def test_household_of_others_is_not_found(cast: Cast, enter: Callable[[User], Client]) -> None:
    client = enter(cast.worker)
    foreign = client.get(record_url(make_elder(cast.next_group, OLD).household))
    nobody = client.get(reverse("record_visit", args=[uuid4()]))
    assert [foreign.status_code, nobody.status_code] == [404, 404]
    assert "没有这一页" in foreign.content.decode()


def test_office_cannot_record(cast: Cast, enter: Callable[[User], Client]) -> None:
    home = make_elder(cast.group, OLD).household
    assert enter(cast.reviewer).get(record_url(home)).status_code == 404


def test_form_ticks_who_is_at_home(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    pause_elder(by=User.objects.system(), elder=second, starts_on=TODAY, ends_on=None, reason="hospital")
    html = read(enter(cast.worker), record_url(home))
    assert f'value="{first.pk}" checked' in html
    assert f'value="{second.pk}">' in html
    assert "李秀英（住院）" in html


@pytest.mark.parametrize(("mode", "checked"), [("", 0), ("phone", 1), ("home", 1), ("odd", 0)])
def test_mode_is_chosen_only_when_the_address_says_so(
    cast: Cast, enter: Callable[[User], Client], mode: str, checked: int
) -> None:
    home = make_elder(cast.group, OLD).household
    html = read(enter(cast.worker), f"{record_url(home)}?mode={mode}")
    assert len(re.findall(r'name="mode"[^>]* checked', html)) == checked


@pytest.mark.parametrize(
    ("mode", "result", "outcome"),
    [
        ("home", "ok", "met"),
        ("phone", "ok", "spoke"),
        ("video", "ok", "spoke"),
        ("home", "absent", "not_home"),
        ("phone", "absent", "no_answer"),
        ("home", "declined", "declined"),
    ],
)
def test_button_and_mode_make_the_outcome(
    cast: Cast, enter: Callable[[User], Client], mode: str, result: str, outcome: str
) -> None:
    elder = make_elder(cast.group, OLD)
    response = enter(cast.worker).post(record_url(elder.household), said(elder, mode=mode, result=result))
    assert response.headers["Location"] == "/"
    visit = Visit.objects.get()
    assert (visit.outcome, visit.worker, visit.entered_by) == (outcome, cast.worker, cast.worker)
    assert visit.started_at == moment("2025-03-05 09:42")
    assert visit.agreed == (True if mode == "home" else None)


def test_couple_is_one_visit(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    client = enter(cast.worker)
    told = client.post(record_url(home), said(first, second), follow=True).content.decode()
    assert set(VisitedElder.objects.values_list("visit__mode", "elder")) == {
        ("phone", first.pk),
        ("phone", second.pk),
    }
    assert "记好了：王德明、李秀英，电话，一切正常。" in told
    assert reverse("withdraw_visit", args=[Visit.objects.get().pk]) in told


def test_form_sent_twice_stores_one_visit(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.worker, elder, at="2025-02-26 09:00", findings=[Finding("safety", ("gas",))])
    (referral,) = Referral.objects.all()
    once = said(elder, **{f"answer_{referral.pk}": "yes"})
    client = enter(cast.worker)
    answers = [client.post(record_url(elder.household), once).headers["Location"] for _ in range(2)]
    assert answers == ["/", "/"]
    assert Visit.objects.filter(started_at__gte=moment("2025-03-05 00:00")).count() == 1
    referral.refresh_from_db()
    assert (referral.state, referral.solved_by) == ("solved", cast.worker)


def test_referral_without_an_answer_stays_open(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.worker, elder, at="2025-02-26 09:00", findings=[Finding("safety", ("gas",))])
    enter(cast.worker).post(record_url(elder.household), said(elder))
    assert Referral.objects.get().state == "open"


def test_other_button_after_the_first_is_not_taken(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    client, once = enter(cast.worker), said(elder)
    client.post(record_url(elder.household), once)
    again = client.post(record_url(elder.household), once | {"result": "absent"}).content.decode()
    assert "刚才已经记下一条了" in again
    assert Visit.objects.get().outcome == "spoke"


@pytest.mark.parametrize(
    ("birth_date", "words"),
    [(OLD, "到明天这时还没人联系上，镇里会收到提醒。"), (YOUNGER, "过了 7 天还没人联系上，镇里会收到提醒。")],
)
def test_no_answer_says_what_happens_next(
    cast: Cast, enter: Callable[[User], Client], birth_date: date, words: str
) -> None:
    elder = make_elder(cast.group, birth_date, name="施汉忠")
    sent = said(elder, result="absent")
    told = enter(cast.worker).post(record_url(elder.household), sent, follow=True).content.decode()
    assert f"没联系上施汉忠。请明天再试一次；{words}" in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"elders": []}, "没有选老人。请至少选一位。"),
        ({"mode": ""}, "没有选怎么看望的。请选上门、电话或视频。"),
        ({"started_at": "2025-03-06T09:42"}, "时间写成了还没到的 2025-03-06 09:42。请改一下时间。"),
        ({"started_at": "gestern"}, "时间写得不对。"),
        ({"started_at": ""}, "没有写时间。"),
        ({"result": ""}, "没有点是什么情况。请点下面的一个按钮。"),
        ({"family": "on"}, "登记表上没有写这户老人无法言语或听力"),
    ],
)
def test_mistake_is_named_and_the_rest_is_kept(
    cast: Cast, enter: Callable[[User], Client], change: dict[str, str], words: str
) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, mode="video", safety_words="煤气管老化") | change
    html = enter(cast.worker).post(record_url(elder.household), sent).content.decode()
    assert "这条还没收下，写的内容都还在：" in html
    assert words in html
    assert "煤气管老化" in html
    assert f'value="{sent["visit_id"]}"' in html
    assert Visit.objects.count() == 0


def test_elder_of_another_household_is_refused(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder, other = make_elder(cast.group, OLD), make_elder(cast.group, OLD)
    html = enter(cast.worker).post(record_url(elder.household), said(other)).content.decode()
    assert "选的老人不在这一户。请重新选。" in html
    assert Visit.objects.count() == 0


def test_family_may_answer_for_one_who_cannot_speak(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, cannot_speak_or_hear=True)
    client = enter(cast.worker)
    assert "是家里人替老人接的" in read(client, record_url(elder.household))
    at_the_door = client.post(record_url(elder.household), said(elder, mode="home", family="on"))
    assert "“家里人代答”只用于电话、视频。" in at_the_door.content.decode()
    client.post(record_url(elder.household), said(elder, family="on"))
    assert (Visit.objects.get().outcome, VisitedElder.objects.get().countable) == ("family", True)


def test_family_is_not_offered_otherwise(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    assert RegistrationForm.objects.get().cannot_speak_or_hear is False
    assert "是家里人替老人接的" not in read(enter(cast.worker), record_url(elder.household))


def test_details_carry_the_first_step_and_back(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    client = enter(cast.worker)
    sent = said(first, second, mode="home", result="details")
    details = client.post(record_url(home), sent).content.decode()
    assert "王德明、李秀英 · 上门 · 今天 9:42" in details
    assert f'name="elders" value="{first.pk}"' in details
    typed = sent | {"result": "back", "health_kinds": ["movement"], "safety_words": "煤气管老化"}
    back = client.post(record_url(home), typed).content.decode()
    assert re.search(r'name="mode" value="home" required checked', back)
    assert 'name="health_kinds" value="movement"' in back
    assert "煤气管老化" in back
    assert Visit.objects.count() == 0


def test_large_type_in_the_middle_of_a_form_loses_nothing(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, mode="", result="big", step="details", safety_words="煤气管老化")
    html = enter(cast.worker).post(record_url(elder.household), sent).content.decode()
    assert '<html lang="zh-CN" class="big">' in html
    assert "煤气管老化" in html
    assert "保存这次记录" in html
    assert "这条还没收下" not in html


def test_details_without_a_finding_are_asked_for_one(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    html = enter(cast.worker).post(record_url(elder.household), said(elder, result="found")).content.decode()
    assert "还没有选哪里有情况。" in html
    assert Visit.objects.count() == 0


def test_findings_open_referrals(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    sent = said(
        first,
        second,
        mode="home",
        result="found",
        health_kinds=["movement"],
        health_who=[str(second.pk)],
        safety_kinds=["gas"],
        safety_words="煤气管有裂纹",
        safety_mends="own",
        needs_words="想有人陪着去镇上",
    )
    told = enter(cast.worker).post(record_url(home), sent, follow=True).content.decode()
    assert set(Referral.objects.values_list("area", "elder", "owner", "words")) == {
        ("health", second.pk, "town", ""),
        ("safety", None, "household", "煤气管有裂纹"),
        ("needs", None, "town", "想有人陪着去镇上"),
    }
    assert "有情况：" in told
    assert "镇里会跟进。" in told


def test_finding_of_the_only_elder_is_theirs(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, result="found", health_kinds=["mood"])
    enter(cast.worker).post(record_url(elder.household), sent)
    assert Referral.objects.get().elder == elder


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
    # One each for session and user, then for postings, returned, count, page, states and what was earlier.
    with django_assert_num_queries(8):
        client.get("/mine/")
