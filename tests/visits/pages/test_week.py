import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from elders.actions import open_screening, pause_elder
from elders.models import Assignment, DaysOff, StandIn
from tests.cast import Cast
from tests.factories import make_elder, make_visit
from tests.visits.phone import OLD, TODAY, YOUNGER, couple, open_this_week, read, record_url, text_of
from visitcare.org.models import User
from visits.actions import Finding, set_up_campaign
from visits.models import Visit

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
    client = enter(cast.worker)
    assert "明天是她 85 岁生日。" in read(client, "/")
    kept = client.get("/api/v1/round/").json()
    (note,) = [note for card in kept["cards"] for note in card["notes"] if note["icon"] == "cake"]
    assert note["words"] == "明天是她生日。"  # a phone keeps no age


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


def busy_round(cast: Cast, households: int) -> None:
    """Households of which something of every kind is to be told."""
    for number in range(households):
        elder = make_elder(cast.group, OLD, name=f"施汉{number}", phone=f"19900001{number:03}")
        make_visit(cast.worker, elder, at="2025-03-03 09:00", findings=[Finding("health", ("mood",))])
        make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone", state="returned")
        make_visit(cast.worker, elder, at="2025-03-05 03:00", mode="phone", outcome="no_answer")
    open_this_week()
    set_up_campaign(
        by=cast.head, kind="heat", words="高温走访", place=cast.town, home_due=1, greeting_due=0,
        first_day=TODAY, last_day=TODAY,
    )  # fmt: skip
    open_screening(by=cast.head, town=cast.town, name="2025 年排摸", due_on=date(2025, 3, 31))


@pytest.mark.parametrize("households", [1, 12])
def test_home_asks_the_database_the_same_for_any_number_of_households(
    cast: Cast,
    enter: Callable[[User], Client],
    households: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    busy_round(cast, households)
    client = enter(cast.worker)
    # One each for session and user, then for postings, policy, stand-ins, elders with all that is known of them, and
    # what stands beside their cards.
    with django_assert_num_queries(7):
        html = client.get("/").content.decode()
    for words in ("上次发现", "没联系上施汉0", "加访", "退回 1 条", "2025 年排摸"):
        assert words in html


@pytest.mark.parametrize("households", [1, 12])
def test_home_of_a_cadre_costs_the_same_while_workers_are_away(
    cast: Cast,
    enter: Callable[[User], Client],
    households: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    busy_round(cast, households)
    for worker in (cast.worker, cast.second_worker):
        DaysOff.objects.create(worker=worker, kind="away", starts_on=TODAY, ends_on=TODAY)
    make_elder(cast.second_group, OLD)
    StandIn.objects.create(
        absent=cast.worker, substitute=cast.second_worker, town=cast.town, reason="培训",
        handed_over=[cast.town.code], starts_on=TODAY, ends_on=TODAY,
    )  # fmt: skip
    cadre = enter(cast.cadre)
    with django_assert_num_queries(7):
        html = cadre.get("/").content.decode()
    assert f"{cast.group.name} {households} 户：网格员不在，没人代班。" in html
    substitute = enter(cast.second_worker)
    with django_assert_num_queries(8):  # and where the one who is away serves
        html = substitute.get("/").content.decode()
    assert html.count(f"代班：{cast.worker.name}的户。") == households


def test_household_of_ones_own_round_is_no_standing_in(cast: Cast, enter: Callable[[User], Client]) -> None:
    make_elder(cast.group, OLD)
    StandIn.objects.create(
        absent=cast.worker, substitute=cast.second_worker, town=cast.town, reason="培训",
        handed_over=[cast.town.code], starts_on=TODAY, ends_on=TODAY,
    )  # fmt: skip
    assert "代班：" in read(enter(cast.second_worker), "/")
    cast.second_worker.postings.update(place=cast.village)
    assert "代班：" not in read(enter(cast.second_worker), "/")


def test_nothing_that_waits_is_not_told(cast: Cast, enter: Callable[[User], Client]) -> None:
    make_elder(cast.group, OLD)
    html = read(enter(cast.cadre), "/")
    for words in ("登记：", "排摸", "退回", "没人代班"):
        assert words not in html


def test_pages_hold_no_script_and_ask_nobody_else(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, phone="19900000003")
    open_this_week()
    client = enter(cast.worker)
    for url in ("/", record_url(elder.household), "/mine/", "/pay/", "/password/", "/feedback/"):
        html = read(client, url)
        assert re.findall(r"<script(?![^>]*\ssrc=)|\son\w+=|https?://(?!www\.w3\.org)", html) == []
        assert len(html.encode()) < 30_000


def test_one_returned_record_is_shown_and_the_others_are_folded(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    for day in (3, 4):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", state="returned")
    html = read(enter(cast.worker), "/")
    assert "还有 1 条退回的" in html
    assert html.index("昨天 9:00") < html.index("还有 1 条退回的") < html.index("前天 9:00")


def test_chosen_group_is_named_and_the_others_are_folded(cast: Cast, enter: Callable[[User], Client]) -> None:
    for group in (cast.group, cast.second_group):
        make_elder(group, OLD)
    open_this_week()
    page = text_of(read(enter(cast.cadre), f"/?place={cast.second_group.code}"))
    assert "只看 2组 · 换一组" in page
    assert "共 1 户" in page
