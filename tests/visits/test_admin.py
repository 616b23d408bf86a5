import re
from datetime import date, timedelta

import pytest

from elders.actions import pause_elder
from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import costs_the_same, make_elder, make_household, make_visit
from visitcare.kit.admin import rows_url
from visitcare.kit.weeks import Week, today
from visitcare.org.models import User
from visits.actions import Finding, close_weeks, open_week, reckon_changes
from visits.models import Obligation, Referral, Review, Visit


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast.reviewer)


def flagged(cast: Cast, elder: Elder, at: str = "2025-03-04 22:30") -> Visit:
    """A visit at an odd hour."""
    visit = make_visit(cast.worker, elder, at=at)
    assert [flag.code for flag in visit.flags.all()] == ["odd_hour"]
    return visit


# The queue


def test_queue_shows_what_waits_flagged_first_then_the_oldest(cast: Cast, elder: Elder, desk: Desk) -> None:
    new, old = (make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00") for day in (5, 4))
    doubtful = flagged(cast, elder, "2025-03-06 22:30")
    make_visit(cast.worker, elder, at="2025-03-03 09:00", state="valid")
    assert desk.listed("visits.visit") == [doubtful, old, new]


def test_queue_filters_and_search_find_their_rows(cast: Cast, elder: Elder, desk: Desk) -> None:
    other = make_elder(cast.next_group, name="陈桂兰")
    home = make_visit(cast.worker, elder)
    call = make_visit(cast.next_worker, other, mode="phone", at="2025-02-27 09:00")
    found = {
        "mode": desk.listed("visits.visit", mode="phone"),
        "village": desk.listed("visits.visit", village=cast.next_village.code),
        "week": desk.listed("visits.visit", when="2025-W10"),
        "month": desk.listed("visits.visit", when="2025-02"),
        "elder": desk.listed("visits.visit", elder=other.pk),
        "worker": desk.listed("visits.visit", worker=cast.worker.pk),
        "search": desk.found("visits.visit", "桂兰"),
        "searched worker": desk.found("visits.visit", cast.worker.name),
        "flagged": desk.listed("visits.visit", flagged="yes"),
    }
    assert found == {
        "mode": [call], "village": [call], "week": [home], "month": [call], "elder": [call], "worker": [home],
        "search": [call], "searched worker": [home], "flagged": [],
    }  # fmt: skip


@pytest.mark.parametrize("query", ["worker__mobile_index__startswith=1", "worker__name=x", "_to_field=id"])
def test_queue_answers_no_question_that_is_not_offered(
    cast: Cast, elder: Elder, desk: Desk, query: str
) -> None:
    make_visit(cast.worker, elder)
    assert desk.client.get(f"/admin/visits/visit/?{query}").status_code == 400


def test_queue_is_not_sorted_by_hidden_columns(cast: Cast, elder: Elder, desk: Desk) -> None:
    old, new = (make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00") for day in (4, 5))
    assert desk.listed("visits.visit", o="-1") == [old, new]


@pytest.mark.parametrize("query", [{"state": "nonsense"}, {"elder": "nonsense"}, {"when": "2025-W60"}])
def test_queue_unknown_value_shows_nothing(
    cast: Cast, elder: Elder, desk: Desk, query: dict[str, str]
) -> None:
    make_visit(cast.worker, elder)
    assert desk.listed("visits.visit", **query) == []


# One visit


def test_page_says_why_it_is_doubtful_and_what_was_before(cast: Cast, elder: Elder, desk: Desk) -> None:
    before = make_visit(cast.worker, elder, at="2025-02-27 09:00", state="invalid")
    page = desk.page(flagged(cast, elder))
    assert "时间是 22:30，在 6:00—21:00 之外" in page
    assert f"{before.pk}/change/" in page
    assert desk.doors(before) == ["accept", "return"]


@pytest.mark.parametrize(
    ("door", "reason", "state", "label"),
    [("accept", "", "valid", "通过"), ("return", "请写清几点去的", "returned", "退回"), ("invalidate", "老人说没来", "invalid", "无效")],
)  # fmt: skip
def test_door_decides(
    cast: Cast, elder: Elder, desk: Desk, door: str, reason: str, state: str, label: str
) -> None:
    visit = make_visit(cast.worker, elder)
    assert desk.press(visit, door, reason=reason) == [f"2025-03-04 09:00的记录：{label}。"]
    review = Review.objects.get()
    assert (review.visit, review.by, review.state, review.reason) == (visit, cast.reviewer, state, reason)


def test_door_asks_for_the_reason(cast: Cast, elder: Elder, desk: Desk) -> None:
    visit = make_visit(cast.worker, elder)
    assert desk.press(visit, "return", reason="") == ["请填“原因”。"]
    assert Visit.objects.get().state == "pending"


def test_door_leads_to_what_comes_next_in_the_queue_and_from_its_end_to_its_beginning(
    cast: Cast, elder: Elder, desk: Desk
) -> None:
    first, second, third = (flagged(cast, elder, f"2025-03-0{day} 22:30") for day in (4, 5, 6))
    queue = "/admin/visits/visit/"
    for visit, leads_to in (
        (second, f"{queue}{third.pk}/change/"), (third, f"{queue}{first.pk}/change/"), (first, queue),
    ):  # fmt: skip
        answer = desk.client.post(f"{queue}{visit.pk}/accept/")
        assert answer.headers["Location"] == leads_to


def test_page_in_between_says_what_the_list_is_narrowed_to(cast: Cast, elder: Elder, desk: Desk) -> None:
    make_visit(cast.worker, elder)
    chosen = {"action": "accept_all", "select_across": "1"}
    page = desk.client.post("/admin/visits/visit/?mode=home&q=凤英", chosen).content.decode()
    assert "筛选条件：审核：等审核；方式：上门；查找：凤英" in page


def test_page_says_for_whom_the_contact_counts(cast: Cast, desk: Desk) -> None:
    home = make_household(cast.group)
    old = make_elder(home, name="甲")
    new = make_elder(home, name="乙", registered_on=date(2025, 3, 5))
    page = desk.page(make_visit(cast.worker, old, new))
    assert ("：算一次" in page, "：那天不在册，不计酬" in page) == (True, True)


def test_door_twice_tells_that_it_is_done(cast: Cast, elder: Elder, desk: Desk) -> None:
    visit = make_visit(cast.worker, elder)
    desk.press(visit, "accept")
    assert desk.press(visit, "accept") == ["现在不能办这件事：它已经办过，或者状态变了。请看看最新的情况。"]
    assert Review.objects.count() == 1


def test_withdrawn_visit_has_no_doors(cast: Cast, elder: Elder, desk: Desk) -> None:
    visit = make_visit(cast.worker, elder)
    Visit.objects.filter(pk=visit.pk).update(state="withdrawn")
    assert desk.doors(visit) == []


# Many at once


def test_bulk_over_the_filter_decides_on_all_and_says_what_happened(
    cast: Cast, elder: Elder, desk: Desk
) -> None:
    for day in range(3, 7):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00")
    make_visit(cast.worker, elder, at="2025-03-08 09:00", mode="phone")
    foreign = make_visit(cast.other_worker, make_elder(cast.other_group))
    said = desk.press_all("visits.visit", "accept_all", filters={"mode": "home"})
    assert said == ["4 条审核为“通过”。"]
    assert list(Visit.objects.filter(state="pending").order_by("mode").values_list("pk", "mode")) == [
        (foreign.pk, "home"),
        (Visit.objects.get(mode="phone").pk, "phone"),
    ]


def test_bulk_on_ticked_rows_leaves_foreign_and_unknown_keys_alone(
    cast: Cast, elder: Elder, desk: Desk
) -> None:
    mine, also_mine = (make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00") for day in (4, 5))
    foreign = make_visit(cast.other_worker, make_elder(cast.other_group))
    said = desk.press_all("visits.visit", "invalidate_all", rows=[mine, foreign], reason="老人说没来")
    assert said == ["1 条审核为“无效”。"]
    states = dict(Visit.objects.values_list("pk", "state"))
    assert states == {mine.pk: "invalid", also_mine.pk: "pending", foreign.pk: "pending"}


def test_bulk_with_nothing_ticked_says_so(cast: Cast, elder: Elder, desk: Desk) -> None:
    make_visit(cast.worker, elder)
    said = desk.press_all("visits.visit", "accept_all", rows=[])
    assert said == ["没有选中任何一条。请先在左边打勾，或者选“筛选出的全部”。"]


def test_bulk_of_rows_that_changed_meanwhile_asks_again(cast: Cast, elder: Elder, desk: Desk) -> None:
    make_visit(cast.worker, elder)
    post = {"action": "accept_all", "select_across": "1", "confirmed": "1", "expected": "2"}
    answer = desk.client.post("/admin/visits/visit/", post)
    assert answer.context["form"].non_field_errors() == ["刚才记录有变动，现在是 1 条。请看过再确认一次。"]
    assert Visit.objects.get().state == "pending"


def test_bulk_without_the_right_is_forbidden(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder)
    post = {"action": "accept_all", "select_across": "1", "confirmed": "1", "expected": "1"}
    assert Desk(cast.head).client.post("/admin/visits/visit/", post).status_code == 403
    assert Visit.objects.get().state == "pending"


# The week


def test_week_shows_how_far_each_elder_is(cast: Cast, desk: Desk) -> None:
    met, missed, away = (make_elder(cast.group, name=name) for name in ("达标人", "未达人", "外出人"))
    away.pauses.create(starts_on=date(2025, 3, 1), ends_on=date(2025, 3, 31), reason="away")
    open_week(by=User.objects.system(), week=Week(date(2025, 3, 3)))
    make_visit(cast.worker, met, mode="phone", state="valid")
    make_visit(cast.worker, missed, mode="phone", at="2025-03-05 09:00")
    found = {}
    for progress in ("met", "open", "missed", "excused", "owed"):
        rows = desk.listed("visits.obligation", week="2025-W10", progress=progress)
        found[progress] = {row.elder.name for row in rows}
    assert found == {
        "met": {"达标人"}, "open": set(), "missed": {"未达人"}, "excused": {"外出人"}, "owed": {"达标人", "未达人"},
    }  # fmt: skip
    page = desk.page(Obligation.objects.get(elder=met))
    assert "1 / 1" in page


def test_week_tells_what_is_missing_covered_and_beyond(cast: Cast, desk: Desk) -> None:
    elder = make_elder(cast.group, date(1940, 5, 1), name="老张")
    open_week(by=User.objects.system(), week=Week(date(2025, 3, 3)))
    for day in ("03", "04", "05"):
        make_visit(cast.worker, elder, at=f"2025-03-{day} 09:00", state="valid")
    text = desk.open(rows_url("visits.obligation", week="2025-W10")).content.decode()
    cells = re.findall(
        r'<td class="field-(home|greeting|covered|missing|extra)[^>]*>(?:<span[^>]*>)?([^<]*)<', text
    )
    assert dict(cells) == {
        "home": "3 / 2", "greeting": "0 / 2", "covered": "1", "missing": "电话 1 次", "extra": "—",
    }  # fmt: skip
    text = desk.page(Obligation.objects.get())
    assert "多出来的上门可抵电话" in text
    assert "这一周还没有关闭" in text


def test_week_is_narrowed_to_a_reason(cast: Cast, desk: Desk) -> None:
    for reason in ("away", "hospital"):
        make_elder(cast.group, name=reason).pauses.create(
            starts_on=date(2025, 3, 3), ends_on=date(2025, 3, 4), reason=reason
        )
    make_elder(cast.group)
    open_week(by=User.objects.system(), week=Week(date(2025, 3, 3)))
    for _ in range(2):
        rows = desk.listed("visits.obligation", week="2025-W10", reason="hospital")
        assert [row.elder.name for row in rows] == ["hospital"]
        assert "免访：住院" in desk.page(rows[0])
        close_weeks(by=User.objects.system())


def test_closed_week_says_so_and_what_the_night_will_change(cast: Cast, desk: Desk) -> None:
    system = User.objects.system()
    elder = make_elder(cast.group)
    open_week(by=system, week=Week(date(2025, 3, 3)))
    close_weeks(by=system)
    obligation = Obligation.objects.get()
    assert "以后的变动会重新核算" in desk.page(obligation)
    pause_elder(by=system, elder=elder, starts_on=date(2025, 3, 4), ends_on=date(2025, 3, 5), reason="away")
    assert "登记有变动，今晚重新核算：免访：外出" in desk.page(obligation)
    reckon_changes(by=system)
    text = desk.page(obligation)
    assert "以后的变动会重新核算" in text
    assert "→ 免访：外出" in text


def test_this_week_is_shown_unless_another_is_asked_for(cast: Cast, desk: Desk) -> None:
    make_elder(cast.group)
    system = User.objects.system()
    for week in (Week.of(today()), Week.of(today()).previous):
        open_week(by=system, week=week)
    assert [row.monday for row in desk.listed("visits.obligation")] == [Week.of(today()).monday]


# What was found


def test_referral_is_solved_with_what_was_done(cast: Cast, elder: Elder) -> None:
    make_visit(cast.worker, elder, findings=[Finding("safety", ("gas",), "管子老化")])
    referral = Referral.objects.get()
    head = Desk(cast.head)
    assert head.listed("visits.referral", state="overdue") == [referral]
    assert head.press(referral, "solve", outcome="") == ["请填“处理结果”。"]
    assert head.press(referral, "solve", outcome="换了管子，燃气公司") == ["办结了。"]
    assert (head.listed("visits.referral"), head.listed("visits.referral", state="solved")) == (
        [],
        [referral],
    )
    assert head.doors(referral) == []


# What a list costs


@pytest.mark.parametrize("label", ["visits.visit", "visits.obligation", "visits.referral"])
def test_list_asks_as_much_for_three_rows_as_for_one(cast: Cast, desk: Desk, label: str) -> None:
    week = Week.of(today() - timedelta(days=60))

    def row() -> None:
        one = make_elder(make_household(cast.group))
        Obligation.objects.create(
            elder=one, monday=week.monday, risk_class="C", home_required=0, greeting_required=1,
            policy_version=date(2024, 1, 1), village_code=cast.village.code,
        )  # fmt: skip
        make_visit(cast.worker, one, findings=[Finding("safety", ("gas",), "管子")])

    assert costs_the_same(lambda: desk.listed(label, **{"week": "all"} if "obligation" in label else {}), row)
