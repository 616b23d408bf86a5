"""The lists an office works from, as Excel."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from elders.actions import close_elder, end_pauses_that_are_over, pause_elder, write_consent
from elders.lists import LISTS, sheet_of
from elders.models import Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder
from visitcare.audit.models import Event
from visitcare.console import exporting
from visitcare.kit.admin import rows_url
from visitcare.kit.identity import birthday
from visitcare.kit.weeks import today
from visitcare.org.models import User


def rows(kind: str, elders: Any = None) -> list[tuple[object, ...]]:
    chosen = Elder.objects.all() if elders is None else elders
    return [tuple(row) for row in sheet_of(LISTS[kind], chosen).rows]


def names(kind: str) -> list[object]:
    return [row[3] for row in rows(kind)]


def test_registry_lists_everybody_by_their_places(cast: Cast) -> None:
    second = make_elder(cast.second_group, date(1940, 5, 1), name="丁", phone="19900012345")
    make_elder(cast.group, date(1950, 5, 1), name="甲")
    assert names("registry") == ["甲", "丁"]
    (_, row) = rows("registry")
    assert row == (
        2, "滨江镇永安村2组", "", "丁", "女", row[5], second.id_number, "A类", "在册", "19900012345", "", "", "",
    )  # fmt: skip


def test_ledger_of_classes_says_why_of_those_on_a_list(cast: Cast) -> None:
    elder = make_elder(cast.second_group, date(1940, 5, 1), name="丁")
    make_elder(cast.group, date(1950, 5, 1), name="甲", living="with_family")  # in no class
    ((*_, letter, codes, by_hand, categories, since, _address),) = rows("classes")
    assert (letter, by_hand, since) == ("A类", "", elder.class_periods.get().starts_on)
    assert codes == " ".join(elder.class_periods.get().codes) != ""
    assert "高龄" in str(categories)


@pytest.mark.parametrize(("days", "listed"), [(0, False), (1, True), (30, True), (31, False)])
def test_birthdays_of_the_next_thirty_days(cast: Cast, days: int, listed: bool) -> None:
    born = birthday(today() + timedelta(days=days), -75)
    make_elder(cast.group, born, name="甲")
    found = rows("birthdays")
    assert [row[3] for row in found] == (["甲"] if listed else [])
    if listed:
        assert found[0][6:9] == (born, birthday(born, 75), 75)


def test_files_say_what_they_lack(cast: Cast) -> None:
    make_elder(cast.group, name="甲")
    ((*_, count, words),) = rows("files")
    assert str(words).count("、") == count - 1  # type: ignore[operator]
    assert "能力评估" in str(words)


def test_refusals_say_since_when_and_why(cast: Cast) -> None:
    make_elder(cast.group, name="甲", consent="refused", consent_reason="不想麻烦")
    make_elder(cast.group, name="乙")
    ((*_, asked, reason, _phone, _other),) = rows("refusals")
    assert (asked, reason) == (date(2025, 1, 6), "不想麻烦")


def test_pauses_say_until_when(cast: Cast) -> None:
    elder = make_elder(cast.group, name="甲")
    start = today() - timedelta(days=3)
    pause_elder(by=User.objects.system(), elder=elder, starts_on=start, ends_on=None, reason="hospital")
    ((*_, reason, begun, due, _phone),) = rows("pauses")
    assert (reason, begun, due) == ("住院", start, start + timedelta(days=89))


def test_who_has_gone_is_not_asked_for_papers(cast: Cast) -> None:
    gone = make_elder(cast.group, name="甲")
    make_elder(cast.group, name="乙")
    close_elder(by=cast.head, elder=gone, last_day=today(), reason="moved")
    assert names("files") == ["乙"]


def test_refusal_is_told_as_it_was_said_last(cast: Cast) -> None:
    elder = make_elder(cast.group, name="甲", consent="refused", consent_reason="不想麻烦")
    write_consent(by=cast.head, elder=elder, since=today(), kind="refused", reason="女儿天天来")
    ((*_, asked, reason, _phone, _other),) = rows("refusals")
    assert (asked, reason) == (today(), "女儿天天来")


def test_pause_is_told_as_long_as_it_lasts_and_of_several_the_last(cast: Cast) -> None:
    elder, back = make_elder(cast.group, name="甲"), make_elder(cast.group, name="乙")
    day = today() - timedelta(days=60)

    def pause(who: Elder, reason: str, since: date, until: date | None) -> None:
        pause_elder(by=cast.head, elder=who, starts_on=since, ends_on=until, reason=reason)

    pause(elder, "away", day, day + timedelta(days=9))
    pause(back, "hospital", day, day + timedelta(days=9))
    end_pauses_that_are_over(by=User.objects.system())
    pause(elder, "hospital", day + timedelta(days=50), None)
    ((*_, name, _sex, _age, reason, begun, _due, _phone),) = rows("pauses")
    assert (name, reason, begun) == ("甲", "住院", day + timedelta(days=50))


# Leaving the system


def exported(desk: Desk, kind: str, **filters: Any) -> Any:
    count = len(desk.listed("elders.elder", **filters))
    chosen = {"action": "export_list", "select_across": "1", "confirmed": "1", "expected": str(count)}
    return desk.client.post(
        rows_url("elders.elder", **filters), chosen | {"kind": kind, "reason": "上门核对"}
    )


def test_list_of_the_filter_is_downloaded_and_recorded(cast: Cast) -> None:
    make_elder(cast.group, name="甲")
    make_elder(cast.next_group, name="外村")
    answer = exported(Desk(cast.head), "registry", village=cast.village.pk)
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["甲"]
    event = Event.objects.get(verb="export_list")
    assert (event.words, event.reason, event.area_code) == ("导出老年人名册，1 人", "上门核对", cast.town.pk)
    assert event.data["filters"] == {"village": cast.village.pk}
    assert (event.data["rows"], len(event.data["sha256"])) == (1, 64)


def test_what_was_searched_for_is_not_recorded(cast: Cast) -> None:
    make_elder(cast.group, name="施汉清")
    exported(Desk(cast.head), "registry", q="施汉清")
    assert Event.objects.get(verb="export_list").data["filters"] == {"q": "（有）"}


def test_nobody_for_the_list_is_told(cast: Cast) -> None:
    make_elder(cast.group)
    page = exported(Desk(cast.head), "refusals").content.decode()
    assert "筛选出的老人里，没有要列进拒绝探访名单的。请换一个筛选条件。" in page
    assert Event.objects.filter(verb="export_list").count() == 0


def test_more_than_is_made_at_once_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(*_: Any) -> None:
        pytest.fail("the rows were made before they were counted")

    monkeypatch.setattr(exporting, "MOST_LISTED", 1)
    monkeypatch.setattr("elders.lists.sheet_of", too_late)
    for _ in range(2):
        make_elder(cast.group)
    assert "有 2 人，一次最多导出 1 人。" in exported(Desk(cast.head), "registry").content.decode()


def test_list_is_never_of_another_town(cast: Cast) -> None:
    make_elder(cast.group, name="甲")
    make_elder(cast.other_group, name="外镇")
    sheet = load_workbook(BytesIO(exported(Desk(cast.head), "registry").content)).worksheets[0]
    assert [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["甲"]


def test_birthday_filter_shows_any_birthday_with_its_day(cast: Cast) -> None:
    born = birthday(today() + timedelta(days=5), -75)
    soon = make_elder(cast.group, born)
    make_elder(cast.group, birthday(today() - timedelta(days=5), -75))
    desk = Desk(cast.head)
    assert desk.listed("elders.elder", turns="any") == [soon]
    day = birthday(born, 75)
    assert f"{day.month}月{day.day}日" in desk.open(rows_url("elders.elder", turns="any")).content.decode()
