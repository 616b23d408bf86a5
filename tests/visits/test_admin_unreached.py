"""没联系上 at the desk."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import costs_the_same, make_elder, make_visit
from visitcare.kit.admin import page_url, rows_url
from visitcare.kit.weeks import SHANGHAI
from visitcare.org.models import Division, User
from visits.actions import inquire
from visits.models import Inquiry, UnreachedElder, Visit

LIST = "visits.unreachedelder"


def unreached(
    cast: Cast, hours: float, *, place: Division | None = None, outcome: str = "no_answer", **said: Any
) -> UnreachedElder:
    """Class A unless told otherwise."""
    elder = make_elder(place or cast.group, said.pop("birth_date", date(1940, 5, 1)), **said)
    at = datetime.strftime((timezone.now() - timedelta(hours=hours)).astimezone(SHANGHAI), "%Y-%m-%d %H:%M")
    make_visit(cast.worker, elder, at=at, mode="phone", outcome=outcome, by=User.objects.system())
    return UnreachedElder.objects.get(pk=elder.pk)


def test_list_is_whom_nobody_has_reached_the_longest_overdue_first(cast: Cast) -> None:
    young = unreached(cast, 100, birth_date=date(1950, 5, 1))  # class C: 68 hours left
    late, later, fresh = (unreached(cast, hours) for hours in (26, 50, 1))
    make_elder(cast.group)
    assert Desk(cast.head).listed(LIST) == [later, late, fresh, young]


def test_row_says_since_when_whose_turn_and_by_how_much_it_is_late(cast: Cast) -> None:
    elder = unreached(cast, 26.1, name="施汉忠")
    page = Desk(cast.head).open(rows_url(LIST)).content.decode()
    since = timezone.now() - timedelta(hours=26.1)
    for words in (
        "施汉忠",
        "A类",
        "1组",
        f"{since.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "镇里处理",
        "镇里",
        "2 小时",
    ):
        assert words in page
    assert page_url(elder) in page


FILTERS: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({"step": "retry"}, ["静一"]),
    ({"step": "contact"}, ["静七"]),
    ({"step": "village"}, ["静十三"]),
    ({"step": "town"}, ["静邻", "静三十"]),
    ({"step": "leave"}, ["静谢"]),
    ({"class": "A"}, ["静邻", "静三十", "静十三", "静谢", "静七"]),
    ({"class": "C"}, ["静一"]),
    ({"class": "B"}, []),
    ({"step": "town", "class": "A", "village": "320699101201"}, ["静三十"]),
    ({"village": "320699101202"}, ["静邻"]),
    ({"step": "nothing"}, []),
)


def test_filters(cast: Cast) -> None:
    unreached(cast, 1, name="静一", birth_date=date(1950, 5, 1))
    unreached(cast, 7, name="静七")
    unreached(cast, 13, name="静十三")
    unreached(cast, 30, name="静三十")
    unreached(cast, 40, name="静邻", place=cast.next_group)
    unreached(cast, 8, name="静谢", outcome="declined")
    desk = Desk(cast.head)
    for filters, found in FILTERS:
        assert [elder.name for elder in desk.listed(LIST, **filters)] == found, filters


def test_county_sees_by_town(cast: Cast) -> None:
    here, there = unreached(cast, 30), unreached(cast, 29, place=cast.other_group)
    officer = Desk(cast.officer)
    assert officer.listed(LIST) == [here, there]
    assert officer.listed(LIST, town=cast.other_town.code) == [there]


@pytest.mark.parametrize("term", ["施汉", "永安"])
def test_search_by_name_or_village(cast: Cast, term: str) -> None:
    wanted = unreached(cast, 30, name="施汉忠")
    unreached(cast, 30, name="马凤英", place=cast.next_group)
    assert Desk(cast.head).found(LIST, term) == [wanted]


def test_list_and_first_page_cost_the_same_for_any_number(cast: Cast) -> None:
    desk = Desk(cast.head)

    def add() -> None:
        inquire(by=cast.worker, elder=unreached(cast, 30), step="contact", safe=False, words="没接")

    assert costs_the_same(lambda: desk.open(rows_url(LIST)), add)
    assert costs_the_same(lambda: desk.open("/admin/"), add)


def test_page_tells_what_was_tried_and_asked(cast: Cast) -> None:
    elder = unreached(cast, 30, name="施汉忠")
    Elder.objects.filter(pk=elder.pk).update(emergency_name="施小明", emergency_phone="19900000077")
    inquire(by=cast.worker, elder=elder, step="contact", safe=False, words="女儿没接")
    page = Desk(cast.head).page(elder)
    for words in ("施小明", "199****0077", "无人接听", "女儿没接", "问紧急联系人", "镇里处理", "超时"):
        assert words in page
    assert "19900000077" not in page


def test_page_shows_the_attempts_of_this_chain_alone(cast: Cast) -> None:
    elder = unreached(cast, 200)
    for hours, outcome in ((150, "spoke"), (30, "no_answer"), (28, "no_answer")):
        at = (timezone.now() - timedelta(hours=hours)).astimezone(SHANGHAI)
        make_visit(cast.worker, elder, at=f"{at:%Y-%m-%d %H:%M}", mode="phone", outcome=outcome)
    assert Desk(cast.head).page(elder).count("无人接听") == 2


def test_page_shows_no_attempt_that_does_not_count_or_lies_elsewhere(cast: Cast) -> None:
    elder = unreached(cast, 5)
    for worker, hours, state in ((cast.worker, 4, "invalid"), (cast.visitor, 3, ""), (cast.cadre, 2, "")):
        at = f"{(timezone.now() - timedelta(hours=hours)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        make_visit(worker, elder, at=at, mode="phone", outcome="no_answer", state=state)
    Visit.objects.filter(worker=cast.cadre).update(village_code=cast.other_village.code)
    tried = Desk(cast.head).page(elder).split("试过的")[1].split("问过的")[0]
    told = [who.name in tried for who in (cast.worker, cast.visitor, cast.cadre)]
    assert (told, tried.count("无人接听")) == ([True, True, False], 2)


def test_town_says_what_it_did_and_is_led_to_the_next(cast: Cast) -> None:
    elder = unreached(cast, 30, name="施汉忠")
    desk = Desk(cast.reviewer)
    assert desk.press(elder, "inquire", safe="no", words="打了三次，报了派出所") == [
        "施汉忠的处理结果记好了。"
    ]
    assert desk.listed(LIST) == [elder]
    desk.press(elder, "inquire", safe="yes", words="在女儿家")
    assert desk.listed(LIST) == []
    assert [(one.step, one.safe, one.by) for one in Inquiry.objects.order_by("at")] == [
        ("town", False, cast.reviewer), ("town", True, cast.reviewer),
    ]  # fmt: skip


def test_file_of_the_elder_keeps_what_was_done(cast: Cast) -> None:
    elder = Elder.objects.get(pk=unreached(cast, 30).pk)
    desk = Desk(cast.head)
    assert "没联系上时做的" not in desk.page(elder)
    inquire(by=cast.head, elder=elder, step="town", safe=True, words="在女儿家住几天")
    page = desk.page(elder)
    assert "没联系上时做的" in page
    assert "在女儿家住几天" in page


def test_page_of_somebody_who_was_reached_is_no_more(cast: Cast) -> None:
    elder = unreached(cast, 30)
    desk = Desk(cast.head)
    desk.page(elder)
    inquire(by=cast.head, elder=elder, step="town", safe=True, words="在家，电话坏了")
    assert desk.client.get(page_url(elder)).status_code == 302


def test_list_reads_the_chains_once(cast: Cast) -> None:
    unreached(cast, 30)
    desk = Desk(cast.head)
    with CaptureQueriesContext(connection) as asked:
        desk.open(rows_url(LIST, step="town", **{"class": "A"}))
    assert sum("visits_inquiry" in one["sql"] for one in asked) == 1
