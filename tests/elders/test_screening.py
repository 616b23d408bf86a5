"""排摸: a town's round over all its old people, from the office that opens it to the village that looks."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from elders.actions import (
    ScreeningClosed,
    close_elder,
    close_screening,
    meet_person,
    open_screening,
    refresh_screenings,
    screen_person,
    take_back_person,
    write_member,
)
from elders.models import ScreenedPerson, ScreeningRound
from elders.screening import birthday_soon, stands
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import at_once, breaks, costs_the_same, id_number, make_elder, make_household
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User


def opened(cast: Cast, name: str = "四季度排摸") -> ScreeningRound:
    return open_screening(by=cast.reviewer, town=cast.town, name=name, due_on=today() + timedelta(days=20))


def met(cast: Cast, **said: Any) -> ScreenedPerson:
    facts = {"name": "秦桂香", "sex": "female", "birth_year": 1950} | said
    return meet_person(by=cast.worker, place=cast.group, **facts)


def with_member(cast: Cast, born: date, name: str = "施小明", **said: Any) -> None:
    home = make_household(cast.group)
    write_member(by=cast.head, household=home, name=name, relation="父亲", said={"birth_date": born, **said})


# The list


def test_list_holds_elders_and_old_members_of_the_town_alone(cast: Cast) -> None:
    elder = make_elder(cast.group, name="马凤英")
    make_elder(cast.other_group, name="外镇")
    with_member(cast, date(1950, 1, 1), "老父亲")
    with_member(cast, date(1990, 1, 1), "年轻人")
    with_member(cast, date(1951, 1, 1), "住在外面", lives_here=False)
    with_member(cast, date(1950, 5, 1), "就是她", id_number=elder.id_number)
    listed = opened(cast).people.values_list("name", "source", "place")
    assert set(listed) == {("马凤英", "elder", cast.group.pk), ("老父亲", "member", cast.group.pk)}


@pytest.mark.parametrize(("more", "on_it"), [(90, True), (91, False)])
def test_who_turns_60_within_90_days_is_on_the_list(cast: Cast, more: int, on_it: bool) -> None:
    day = today() + timedelta(days=more)
    with_member(cast, day.replace(year=day.year - 60))
    assert opened(cast).people.exists() == on_it


def test_list_costs_the_same_for_one_and_for_three(cast: Cast) -> None:
    assert cast.reviewer.postings_today  # read once a request
    costs = []
    for people in (1, 2):
        for _ in range(people):
            make_elder(cast.group)
        with CaptureQueriesContext(connection) as asked:
            screening = opened(cast, f"第 {people} 次")
        costs.append(len(asked))
        close_screening(by=cast.reviewer, screening=screening)
    assert costs[0] == costs[1]


def test_whoever_is_registered_later_comes_onto_the_list_once(cast: Cast) -> None:
    screening, system = opened(cast), User.objects.system()
    make_elder(cast.group, date(1950, 1, 1), name="后来的")
    met(cast, name="先看到的", birth_year=1951)
    make_elder(cast.group, date(1951, 3, 1), name="先看到的")
    assert (refresh_screenings(by=system), refresh_screenings(by=system)) == (1, 0)
    assert sorted(screening.people.values_list("name", "source")) == [
        ("先看到的", "met"),
        ("后来的", "elder"),
    ]


# Opening and closing


def test_second_round_is_refused_while_one_is_open(cast: Cast) -> None:
    first = opened(cast)
    with pytest.raises(ValueError, match="还没有结束，不能再开一次"):
        opened(cast, "另一次")
    close_screening(by=cast.reviewer, screening=first)
    with pytest.raises(ValueError, match="已经有过“四季度排摸”"):
        opened(cast)
    assert opened(cast, "另一次").closed_on is None


@pytest.mark.parametrize(
    ("name", "days", "words"), [(" ", 9, "起个名字"), ("甲", -1, "已经过了"), ("甲", 400, "太远了")]
)
def test_round_that_cannot_be_is_refused(cast: Cast, name: str, days: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        open_screening(by=cast.head, town=cast.town, name=name, due_on=today() + timedelta(days=days))


def test_rights(cast: Cast) -> None:
    make_elder(cast.group)
    for person in (cast.cadre, cast.officer, cast.other_head):
        with pytest.raises(NotAllowed):
            open_screening(by=person, town=cast.town, name="甲", due_on=today())
    one = opened(cast).people.get()
    for person in (cast.visitor, cast.second_worker, cast.head):
        with pytest.raises(NotAllowed):
            screen_person(by=person, person=one, result="same")


def test_who_was_not_looked_at_stays_so_and_late_answers_are_told(cast: Cast) -> None:
    make_elder(cast.group)
    screening = opened(cast)
    assert close_screening(by=cast.reviewer, screening=screening) == 1
    one = screening.people.get()
    for late in (
        lambda: screen_person(by=cast.worker, person=one, result="same"),
        lambda: met(cast),
        lambda: close_screening(by=cast.reviewer, screening=screening),
    ):
        with pytest.raises(ScreeningClosed):
            late()
    assert screening.people.get().result == "waiting"


# Looking


def test_last_word_counts_and_history_keeps_the_others(cast: Cast) -> None:
    make_elder(cast.group)
    one = opened(cast).people.get()
    screen_person(by=cast.worker, person=one, result="same")
    screen_person(by=cast.cadre, person=one, result="changed", note="中风了")
    one.refresh_from_db()
    assert (one.result, one.note, one.looked_by, one.looked_on) == ("changed", "中风了", cast.cadre, today())
    former: Any = one.history.order_by("pgh_id")  # type: ignore[attr-defined]
    assert list(former.values_list("result", flat=True)) == ["waiting", "same"]
    assert Event.objects.filter(verb="screen_person").count() == 2


@pytest.mark.parametrize(
    ("result", "words"), [("changed", "写几个字"), ("waiting", "没有点"), ("new", "没有点")]
)
def test_answer_that_is_none_is_refused(cast: Cast, result: str, words: str) -> None:
    make_elder(cast.group)
    with pytest.raises(ValueError, match=words):
        screen_person(by=cast.worker, person=opened(cast).people.get(), result=result)


def test_same_person_typed_twice_is_told(cast: Cast) -> None:
    opened(cast)
    met(cast)
    with pytest.raises(ValueError, match="名单里已经有秦桂香（1950 年生）"):
        met(cast)
    number = id_number(date(1950, 1, 1))
    met(cast, id_number=number)
    with pytest.raises(ValueError, match="是这个身份证号码"):
        met(cast, id_number=number)


@pytest.mark.parametrize("year", [1800, today().year + 1, today().year - 30])
def test_impossible_year_is_told(cast: Cast, year: int) -> None:
    opened(cast)
    with pytest.raises(ValueError, match=str(year)):
        met(cast, birth_year=year)


def test_newly_met_is_taken_back_and_the_listed_are_not(cast: Cast) -> None:
    make_elder(cast.group)
    screening = opened(cast)
    take_back_person(by=cast.worker, person=met(cast))
    with pytest.raises(ValueError, match="不能撤回"):
        take_back_person(by=cast.worker, person=screening.people.get())
    assert screening.people.count() == 1


# The town


def test_what_a_result_leads_to_is_done_once_the_registry_shows_it(cast: Cast) -> None:
    elder = make_elder(cast.group)
    screening = opened(cast)
    screen_person(by=cast.worker, person=screening.people.get(), result="died")
    person = met(cast)
    assert set(ScreenedPerson.objects.all().to_do()) == {screening.people.get(elder=elder), person}
    close_elder(by=cast.head, elder=elder, last_day=today(), reason="died")
    make_elder(cast.group, date(1950, 3, 1), name=person.name)
    assert list(ScreenedPerson.objects.all().to_do()) == []


def test_table_by_village_and_its_rows_agree(cast: Cast) -> None:
    make_elder(cast.group, name="甲")
    make_elder(cast.next_group, name="乙")
    screening = opened(cast)
    screen_person(by=cast.worker, person=screening.people.get(name="甲"), result="missing")
    met(cast)
    here, there = stands(screening, today())
    assert (here.name, here.total, here.looked, here.missing, here.to_register) == ("永安村", 2, 2, 1, 1)
    assert (there.name, there.total, there.waiting) == ("新丰村", 1, 1)
    desk, where = Desk(cast.head), {"round": screening.pk, "village": cast.village.pk}
    assert len(desk.listed("elders.screenedperson", result="looked", **where)) == here.looked
    assert len(desk.listed("elders.screenedperson", follow="register", **where)) == here.to_register
    assert "新丰村" in desk.page(screening)


def test_town_opens_and_closes_in_the_admin(cast: Cast) -> None:
    make_elder(cast.group)
    desk = Desk(cast.reviewer)
    said = {"town": cast.town.pk, "name": "年底排摸", "due_on": today().isoformat()}
    assert desk.add("elders.screeninground", **said) == [
        "“年底排摸”开始了，名单一共 1 人，村里的手机上已经看得到。"
    ]
    screening = ScreeningRound.objects.get()
    assert desk.press(screening, "close") == ["“年底排摸”结束了，1 人没有看，名单上照样写着“还没看”。"]


@pytest.mark.parametrize(("days", "age"), [(0, None), (1, 80), (90, 80), (91, None)])
def test_birthdays_are_told_90_days_ahead(days: int, age: int | None) -> None:
    day = date(2025, 3, 1)
    comes = day + timedelta(days=days)
    assert birthday_soon(comes.replace(year=comes.year - 80), day) == age


def test_members_whose_age_nobody_knows_are_named_on_the_rounds_page(cast: Cast) -> None:
    home = make_household(cast.group, address="永安路 9 号")
    for name, said in (
        ("秦桂香", {}),
        ("住外面的", {"lives_here": False}),
        ("知道的", {"birth_date": date(1950, 1, 1)}),
    ):
        write_member(by=cast.head, household=home, name=name, relation="妻", said=said)
    make_elder(home, name="也是老人")
    write_member(by=cast.head, household=home, name="也是老人", relation="户主", said={})
    screening = opened(cast)
    desk = Desk(cast.reviewer)
    page = desk.page(screening)
    assert ("不知道年龄的家庭成员 1 人" in page, "秦桂香" in page) == (True, True)
    assert not {"住外面的", "知道的", "也是老人"} & set(re.findall(r"<td[^>]*>\s*([^<\s]+)\s*</td>", page))
    close_screening(by=cast.reviewer, screening=screening)
    assert "不知道年龄" not in desk.page(screening)


# The phone


@pytest.fixture
def phone(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.worker)
    return client


def test_one_tap_on_the_phone(cast: Cast, phone: Client) -> None:
    make_elder(cast.group, name="马凤英")
    make_elder(cast.second_group, name="别的组")
    screening = opened(cast)
    assert "还有 1 人没看" in phone.get("/").content.decode()
    page = phone.get("/screening/").content.decode()
    assert ("马凤英" in page, "别的组" in page) == (True, False)
    one = screening.people.get(name="马凤英")
    answer = phone.post(f"/screening/{one.pk}/", {"result": "same"}, follow=True)
    assert "记好了：马凤英，在，情况没变。" in answer.content.decode()
    one.refresh_from_db()
    assert one.result == "same"
    other = screening.people.get(name="别的组")
    assert phone.post(f"/screening/{other.pk}/", {"result": "same"}).status_code == 404


def test_long_list_comes_in_pages_and_those_looked_at_by_themselves(cast: Cast, phone: Client) -> None:
    for number in range(81):
        make_elder(cast.group, name=f"第{number}位")
    screening = opened(cast)
    first, second, third = (
        {home.people[0].name for home in phone.get(f"/screening/?page={page}").context["page"]}
        for page in (1, 2, 3)
    )
    assert [len(first), len(second), len(third), len(first | second | third)] == [40, 40, 1, 81]
    page = phone.get("/screening/").content.decode()
    assert ("还没看的 81 户，第 1—40 户" in page, "后面的" in page, "前面的" in page) == (True, True, False)
    screen_person(by=cast.worker, person=screening.people.get(name="第7位"), result="same")
    page = phone.get("/screening/").content.decode()
    assert ("第7位" in page, "看过的 1 户" in page) == (False, True)
    page = phone.get("/screening/?seen=1").content.decode()
    assert ("第7位" in page, "第8位" in page, "还没看的 80 户" in page) == (True, False, True)


def test_pages_ask_no_more_for_more_people(cast: Cast, phone: Client) -> None:
    screening = opened(cast)
    desk = Desk(cast.reviewer)

    def more() -> None:
        make_elder(cast.group)
        with_member(cast, date(1950, 1, 1))
        met(cast, name=f"新发现{screening.people.count()}")
        refresh_screenings(by=User.objects.system())

    assert costs_the_same(lambda: phone.get("/screening/"), more)
    assert costs_the_same(lambda: desk.page(screening), more)
    assert costs_the_same(lambda: desk.listed("elders.screenedperson"), more)


def test_two_who_look_at_once_both_stand_in_the_history(transactional_db: None, cast: Cast) -> None:
    make_elder(cast.group)
    one = opened(cast).people.get()
    at_once(
        lambda: screen_person(by=cast.worker, person=one, result="same"),
        lambda: screen_person(by=cast.cadre, person=one, result="missing"),
    )
    one.refresh_from_db()
    said = {cast.worker.pk: "same", cast.cadre.pk: "missing"}
    assert one.looked_by_id is not None
    assert one.result == said[one.looked_by_id]
    assert Event.objects.filter(verb="screen_person").count() == 2


def test_new_person_is_typed_on_the_phone_and_mistakes_keep_what_was_typed(cast: Cast, phone: Client) -> None:
    opened(cast)
    said = {"name": "秦桂香", "birth_year": "五〇年", "place": cast.group.pk, "sex": "female"}
    page = phone.post("/screening/new/", said).content.decode()
    assert ("出生年份请填四位数字" in page, "秦桂香" in page) == (True, True)
    phone.post("/screening/new/", said | {"birth_year": "1950", "lives_alone": "true"})
    person = ScreenedPerson.objects.get()
    assert (person.result, person.lives_alone, person.birth_year) == ("new", True, 1950)


# Guards


def test_rounds_that_cannot_be_are_refused_by_the_database(cast: Cast) -> None:
    day, first = today(), opened(cast)
    facts: dict[str, Any] = {"opened_on": day, "due_on": day}
    with breaks("one_open_screening_a_town"):
        ScreeningRound.objects.create(town=cast.town, name="乙", **facts)
    with breaks("screening_name_once_a_town"):
        ScreeningRound.objects.create(town=cast.town, name=first.name, closed_on=day, **facts)
    before = day - timedelta(days=1)
    with breaks("screening_due_after_opening"):
        ScreeningRound.objects.filter(pk=first.pk).update(due_on=before)
    with breaks("screening_closed_after_opening"):
        ScreeningRound.objects.filter(pk=first.pk).update(closed_on=before)


def test_people_that_cannot_be_are_refused_by_the_database(cast: Cast) -> None:
    elder = make_elder(cast.group)
    with_member(cast, date(1950, 1, 1))
    screening = opened(cast)
    number = id_number(date(1949, 1, 1))
    person = met(cast, id_number=number)
    listed = screening.people.get(elder=elder)
    of_member = screening.people.get(source="member")

    def again(one: ScreenedPerson) -> None:
        one.pk, one._state.adding = None, True
        ScreenedPerson.objects.bulk_create([one])

    with breaks("elder_screened_once_a_round"):
        again(screening.people.get(pk=listed.pk))
    with breaks("member_screened_once_a_round"):
        again(screening.people.get(pk=of_member.pk))
    with breaks("number_met_once_a_village"):
        again(screening.people.get(pk=person.pk))
    row = screening.people.filter(pk=listed.pk)
    with breaks("screened_by_somebody_on_a_day"):
        row.update(result="same")
    with breaks("screened_is_whom_the_list_held"):
        row.update(source="member")
    with breaks("newly_met_are_new"):
        row.update(result="new", looked_by=cast.worker, looked_on=today())
    with breaks("screened_year_is_that_of_birth"):
        row.update(birth_year=1900)
