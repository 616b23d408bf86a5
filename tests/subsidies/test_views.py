"""A worker's own money. It is 5 March 2025."""

import re
from datetime import date

import pytest
from django.test import Client

from elders.models import Assignment
from subsidies.actions import approve_settlement, assess_settlement, settle, withhold
from subsidies.models import Settlement
from tests.cast import Cast
from tests.factories import make_elder, make_household, make_visit, moment
from visitcare.kit.weeks import Month, Week
from visitcare.org.models import User
from visitcare.policy.models import PolicyVersion
from visits.actions import open_week
from visits.models import Visit

NOW = moment("2025-03-05 10:00")
FEBRUARY = Month.parse("2025-02")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def draft(cast: Cast) -> Settlement:
    settle(by=User.objects.system(), month=FEBRUARY, towns=[cast.town])
    return Settlement.objects.get(town=cast.town, month=FEBRUARY.first)


def freeze(cast: Cast) -> None:
    settlement = draft(cast)
    assess_settlement(by=cast.head, settlement=settlement, assessment="属实")
    settlement.refresh_from_db()
    approve_settlement(by=cast.approver, settlement=settlement)


def text_of(client: Client, url: str = "/pay/") -> str:
    response = client.get(url)
    assert response.status_code == 200
    html = re.sub(r"<svg.*?</svg>|<[^>]+>", "", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html)


def test_cadre_is_told_that_visits_are_not_paid(cast: Cast, client: Client) -> None:
    client.force_login(cast.cadre)
    assert "您的探访不计补贴" in text_of(client)
    assert "我的补贴" not in client.get("/mine/").content.decode()


def test_office_has_no_such_page(cast: Cast, client: Client) -> None:
    client.force_login(cast.head)
    assert client.get("/pay/").headers["Location"] == "/"


def test_month_so_far(cast: Cast, client: Client) -> None:
    elder = make_elder(cast.group)
    make_visit(cast.worker, elder, at="2025-03-03 09:00", state="valid")
    make_visit(cast.worker, elder, at="2025-03-03 15:00", state="valid")  # a second one that day
    make_visit(cast.worker, elder, at="2025-03-04 09:00", mode="phone", outcome="no_answer", state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00", mode="phone")
    make_visit(cast.second_worker, make_elder(cast.second_group), at="2025-03-04 09:00", state="valid")
    client.force_login(cast.worker)
    text = text_of(client)
    assert "这个月（3 月）到今天 3.50 元 通过 1 次 × 每次 3.50 元" in text
    assert "还有 1 次等审核，通过后再加 3.50 元。这是大约的数，最后以镇里考核为准。" in text
    assert "2 月，还没有考核完 0.00 元" in text


def test_month_so_far_is_capped_at_what_its_opened_weeks_owe(cast: Cast, client: Client) -> None:
    PolicyVersion.objects.filter(series="pay").update(values={"pay_cap": "weekly_minimum"})
    elder = make_elder(cast.group, serious_illness=True)  # B: one of each kind a week
    others = [make_elder(cast.group) for _ in range(2)]  # C: one greeting
    open_week(by=User.objects.system(), week=Week.parse("2025-W10"))
    for day, mode in ((3, "home"), (4, "home"), (4, "phone")):
        make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", mode=mode, state="valid")
    for hour, other in enumerate(others, start=7):
        make_visit(cast.worker, other, at=f"2025-03-05 0{hour}:00", mode="phone")
    make_visit(cast.worker, elder, at="2025-03-05 09:30", mode="phone")
    client.force_login(cast.worker)
    text = text_of(client)
    assert "通过 2 次 × 每次 3.50 元" in text
    assert "还有 2 次等审核，通过后再加 7.00 元。" in text


def test_visits_to_ones_own_household_are_not_counted_on(cast: Cast, client: Client) -> None:
    elder = make_elder(make_household(cast.group, number="7"))
    cast.worker.postings.update(own_household="7")
    make_visit(cast.worker, elder, at="2025-03-03 09:00", state="valid")
    client.force_login(cast.worker)
    assert "通过 0 次 × 每次 3.50 元" in text_of(client)


def test_draft_shows_no_slip(cast: Cast, client: Client) -> None:
    make_visit(cast.worker, make_elder(cast.group), at="2025-02-11 09:00", state="valid")
    draft(cast)
    client.force_login(cast.worker)
    assert "还没有补贴单" in text_of(client)


def test_slip_of_a_frozen_month(cast: Cast, client: Client) -> None:
    elder = make_elder(cast.group, name="施汉忠")
    open_week(by=User.objects.system(), week=Week.parse("2025-W07"))
    for mode, at in (("home", "2025-02-11 09:00"), ("phone", "2025-02-12 09:00")):
        make_visit(cast.worker, elder, at=at, mode=mode, state="valid")
    make_visit(cast.worker, elder, at="2025-02-11 16:00", state="valid")
    make_visit(cast.worker, elder, at="2025-02-13 09:00", mode="phone", outcome="no_answer", state="valid")
    late = make_visit(
        cast.worker, elder, at="2025-02-14 09:00", received_at=moment("2025-02-20 09:30"), state="valid"
    )
    gone = make_visit(cast.worker, elder, at="2025-02-15 09:00")
    Visit.objects.filter(pk=gone.pk).update(state=Visit.State.WITHDRAWN)
    make_visit(cast.second_worker, make_elder(cast.second_group), at="2025-02-11 09:00", state="valid")
    freeze(cast)
    client.force_login(cast.worker)
    text = text_of(client)
    assert late.state == "valid"
    for words in (
        "2 月补贴单已批准 7.00 元",
        "应访（按周合计）1 次 已访5 次 计酬2 次 上门1 次 电话、视频1 次 未计酬3 次 2 次 × 3.50 元7.00 元",
        "2月11日 施汉忠，上门同一户当天同一种方式已计过一次：2月11日 9:00 那次。",
        "2月13日 施汉忠，电话没有见到或联系上老人本人。",
        "2月14日 施汉忠，上门录入太晚，过了期限：2月20日 9:30 才录入。",
    ):
        assert words in text
    assert "还没有考核完" not in text


def test_household_named_to_somebody_who_has_left_is_due_from_its_group_again(
    cast: Cast, client: Client
) -> None:
    open_for = make_elder(cast.group)
    Assignment.objects.create(
        household=open_for.household, worker=cast.second_worker, starts_on=date(2025, 1, 1)
    )
    cast.second_worker.postings.update(ends_on=date(2025, 1, 31))
    open_week(by=User.objects.system(), week=Week.parse("2025-W07"))
    make_visit(cast.worker, open_for, at="2025-02-12 09:00", mode="phone", state="valid")
    freeze(cast)
    client.force_login(cast.worker)
    assert "应访（按周合计）1 次" in text_of(client)


def test_slip_says_why_something_was_withheld(cast: Cast, client: Client) -> None:
    visit = make_visit(cast.worker, make_elder(cast.group), at="2025-02-11 09:00", state="valid")
    withhold(by=cast.head, settlement=draft(cast), worker=cast.worker, visit=visit, reason="等老人家属核实")
    freeze(cast)
    client.force_login(cast.worker)
    assert "镇里暂不发放：等老人家属核实" in text_of(client)


def test_slips_of_others_are_not_seen(cast: Cast, client: Client) -> None:
    make_visit(cast.worker, make_elder(cast.group), at="2025-02-11 09:00", state="valid")
    freeze(cast)
    client.force_login(cast.second_worker)
    assert "还没有补贴单" in text_of(client)
    assert client.get("/pay/?month=2025-02").status_code == 404


@pytest.mark.parametrize("month", ["2025-01", "2025-13", "gestern"])
def test_month_without_a_slip_is_not_found(cast: Cast, client: Client, month: str) -> None:
    client.force_login(cast.worker)
    assert client.get(f"/pay/?month={month}").status_code == 404
