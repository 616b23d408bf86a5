"""Where a visit was, if somebody told: kept coarsely, compared with what is known, never asked for."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from elders.models import Elder
from tests.cast import Cast
from tests.factories import breaks, make_elder, make_visit, moment
from tests.visits.outbox import Phone, record
from visitcare.kit.positions import Box, Position, distance_words
from visitcare.org.models import User
from visitcare.policy.rules import CarePolicy
from visits.actions import Finding, Record
from visits.models import Visit
from visits.rules import Arrival, Neighbour, Visited, doubts, read_position, usual_place

HOME, NEAR_BY, FAR_OFF = (Position(31.8, 121.6, 30), Position(31.804, 121.6, 30), Position(31.829, 121.6, 30))
"""The second is 450 metres from the first, the third 3.2 kilometres."""
TOKYO = Position(35.681, 139.767, 30)
COUNTY = Box(31.5, 121.2, 32.3, 122.0)
ONE, OTHER, WORKER = (UUID(int=number) for number in (1, 2, 3))
TOLD = {"latitude": 31.80049, "longitude": 121.60051, "accuracy": 29.3}


# What was told, read


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (TOLD, Position(31.8, 121.601, 30)),
        ({"latitude": 32, "longitude": 121, "accuracy": 0}, Position(32, 121, 0)),
        (TOLD | {"accuracy": 2000}, Position(31.8, 121.601, 2000)),
        ({"latitude": 35.681, "longitude": 139.767, "accuracy": 30}, TOKYO),
        (None, None),
        ("31.8,121.6", None),
        ([31.8, 121.6, 30], None),
        ({}, None),
        (TOLD | {"latitude": None}, None),
        (TOLD | {"latitude": "31.8"}, None),
        (TOLD | {"latitude": True}, None),
        (TOLD | {"latitude": float("nan")}, None),
        (TOLD | {"longitude": 1e308}, None),
        (TOLD | {"longitude": 10**400}, None),
        (TOLD | {"longitude": float("-inf")}, None),
        (TOLD | {"latitude": 90.1}, None),
        (TOLD | {"accuracy": -1}, None),
        (TOLD | {"accuracy": 2001}, None),
        (TOLD | {"accuracy": float("inf")}, None),
        (TOLD | {"latitude": 0, "longitude": 0}, None),
        (TOLD | {"latitude": 0.0004, "longitude": -0.0004}, None),
    ],
)
def test_position_is_read_coarsely_or_left_out(told: Any, read: Position | None) -> None:
    assert read_position(told) == read


def test_distances_are_those_of_the_earth() -> None:
    assert round(HOME.metres_to(FAR_OFF)) == 3225
    assert round(HOME.metres_to(TOKYO), -4) == 1_730_000
    assert round(Position(0, 179.5, 0).metres_to(Position(0, -179.5, 0)), -3) == 111_000
    assert HOME.metres_to(HOME) == 0


@pytest.mark.parametrize(
    ("metres", "words"),
    [(0, "约 100 米"), (449, "约 400 米"), (949, "约 900 米"), (950, "约 0.9 公里"), (3225, "约 3.2 公里")],
)
def test_distance_in_words(metres: float, words: str) -> None:
    assert distance_words(metres) == words


def test_household_is_where_most_readings_say() -> None:
    assert usual_place([]) is None
    assert usual_place([HOME]) is None
    assert usual_place([HOME, NEAR_BY]) == Position(31.802, 121.6, 30)
    assert usual_place([HOME, TOKYO, NEAR_BY]) == Position(31.804, 121.6, 30)


@pytest.mark.parametrize(
    "edges", ["", "31.5,121.2,32.3", "a,b,c,d", "32.3,121.2,31.5,122", "31.5,121.2,32.3,181"]
)
def test_box_that_is_none_is_refused(edges: str) -> None:
    with pytest.raises(ValueError):
        Box.parse(edges.split(","))


# Doubts


def at(clock: str) -> datetime:
    return moment(f"2025-03-05 {clock}")


VISIT = Arrival("home", "met", at("09:30"), at("09:40"), (Visited("王德明", ONE),), county=COUNTY)
ELSEWHERE = Neighbour(UUID(int=9), OTHER, WORKER, "home", at("09:00"), place=FAR_OFF)
HERE = replace(VISIT, position=HOME)


def flags(arrival: Arrival, **policy: int) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.words) for doubt in doubts(arrival, CarePolicy(**policy))]


def test_reading_far_from_where_the_household_is() -> None:
    assert flags(replace(HERE, usual=FAR_OFF)) == [("far", "离这户前几次记的位置约 3.2 公里")]
    assert flags(replace(HERE, usual=NEAR_BY)) == []
    assert flags(replace(HERE, usual=NEAR_BY), far_metres=400) == [("far", "离这户前几次记的位置约 400 米")]
    assert flags(replace(HERE, usual=NEAR_BY), far_metres=415) == []  # it is right within 30 metres
    assert flags(replace(HERE, usual=None)) == []
    assert flags(replace(VISIT, usual=FAR_OFF)) == []


def test_reading_outside_the_county() -> None:
    assert flags(replace(VISIT, position=TOKYO)) == [("outside_county", "记的位置不在本县（市）")]
    assert flags(replace(VISIT, position=Position(32.3, 121.2, 30))) == []
    assert flags(replace(VISIT, position=TOKYO, county=None)) == []


@pytest.mark.parametrize(
    ("arrival", "other", "words"),
    [
        (HERE, replace(ELSEWHERE, started_at=at("09:28")), "和另一户的上门相距约 3.2 公里，只隔 2 分钟"),
        (replace(VISIT, usual=HOME), replace(ELSEWHERE, started_at=at("09:32")), "和另一户的上门相距约 3.2 公里，只隔 2 分钟"),
        (HERE, replace(ELSEWHERE, started_at=at("09:30")), "和另一户的上门相距约 3.2 公里，只隔 0 分钟"),
        (replace(VISIT, position=TOKYO, county=None), ELSEWHERE, "和另一户的上门相距约 1730.5 公里，只隔 30 分钟"),
    ],
)  # fmt: skip
def test_two_homes_too_far_apart_for_the_time_between(arrival: Arrival, other: Neighbour, words: str) -> None:
    found = doubts(replace(arrival, worker_nearby=(other,)), CarePolicy(burst_minutes=0))
    assert [(doubt.code, doubt.words, doubt.other) for doubt in found] == [("too_fast", words, other.id)]


@pytest.mark.parametrize(
    ("arrival", "other"),
    [
        (HERE, ELSEWHERE),
        (HERE, replace(ELSEWHERE, started_at=at("09:26"))),  # 3,225 metres less 60 in four minutes: 48 km/h
        (HERE, replace(ELSEWHERE, started_at=at("09:30"), place=NEAR_BY)),
        (HERE, replace(ELSEWHERE, started_at=at("09:30"), place=None)),
        (VISIT, replace(ELSEWHERE, started_at=at("09:30"))),
        (HERE, replace(ELSEWHERE, started_at=at("09:30"), mode="phone")),
        (HERE, replace(ELSEWHERE, started_at=at("09:30"), household=ONE)),
        (replace(VISIT, position=replace(HOME, accuracy=1000)), replace(ELSEWHERE, started_at=at("09:30"), place=replace(FAR_OFF, accuracy=2000))),
        (replace(VISIT, mode="phone", outcome="spoke", usual=HOME), replace(ELSEWHERE, started_at=at("09:30"))),
    ],
)  # fmt: skip
def test_two_homes_that_can_be_reached_in_the_time_between(arrival: Arrival, other: Neighbour) -> None:
    reachable = replace(arrival, worker_nearby=(other,))
    found = {code for code, _ in flags(reachable, burst_minutes=0)}
    assert "too_fast" not in found


def test_speed_is_the_policys() -> None:
    close = replace(HERE, worker_nearby=(replace(ELSEWHERE, started_at=at("09:26")),))
    assert [code for code, _ in flags(close, burst_minutes=0, top_speed_kmh=45)] == ["too_fast"]


# Fingerprints


RECORD = Record(
    id=UUID(int=1), worker=User(pk=UUID(int=2)), elders=(UUID(int=4), UUID(int=3)), mode="home", outcome="met",
    started_at=datetime(2025, 3, 5, 1, 42, tzinfo=UTC), received_at=datetime(2025, 3, 5, 2, tzinfo=UTC), agreed=True,
    notes={"health": "都好"}, findings=(Finding("safety", ("gas",), "管子老化", None, True),), answers={UUID(int=5): True},
)  # fmt: skip
FINGERPRINT = "d5e2c1d03f47d3d08c55fdc50f51f5fd6a3394d3f4bee71a4bc8a316d4c20373"
"""Of this record before there were positions: phones may send it again for as long as they live."""


def test_record_without_a_position_has_the_fingerprint_it_always_had() -> None:
    assert RECORD.fingerprint == FINGERPRINT
    told = {
        replace(RECORD, position=place).fingerprint for place in (HOME, NEAR_BY, replace(HOME, accuracy=31))
    }
    assert len(told - {FINGERPRINT}) == 3


# On the way


def was(cast: Cast, elder: Elder, day: int, position: Position, **more: Any) -> Visit:
    return make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00", position=position, **more)


def codes(visit: Visit) -> list[str]:
    return sorted(visit.flags.values_list("code", flat=True))


def test_phone_tells_where_it_was(cast: Cast, elder: Elder, wednesday: None) -> None:
    phone, key = Phone(cast.worker), uuid4()
    told = record(elder, mode="home", position=TOLD)
    assert phone.put(key, told)[0] == 201
    assert Visit.objects.get().position == Position(31.8, 121.601, 30)
    assert phone.put(key, told)[0] == 200
    assert phone.put(key, record(elder, mode="home"))[0] == 409


@pytest.mark.parametrize(
    "nonsense", [0, "here", {"latitude": 0, "longitude": 0, "accuracy": 9}, TOLD | {"latitude": 91}]
)
def test_phone_tells_nonsense_and_the_visit_is_stored(
    cast: Cast, elder: Elder, wednesday: None, nonsense: Any
) -> None:
    assert Phone(cast.worker).put(uuid4(), record(elder, mode="home", position=nonsense))[0] == 201
    visit = Visit.objects.get()
    assert (visit.position, visit.flagged) == (None, False)


def test_json_that_is_none_says_nothing_of_a_place(cast: Cast, elder: Elder, wednesday: None) -> None:
    """NaN, and numbers that no machine holds, as some programs write them."""
    client = Client()
    client.force_login(cast.worker)
    for number in ("NaN", "1e999", "-Infinity"):
        body = json.dumps(record(elder, mode="home", position=TOLD)).replace("31.80049", number)
        answer = client.put(f"/api/v1/visits/{uuid4()}/", body, content_type="application/json")
        assert answer.status_code in (201, 400)
    assert not Visit.objects.exclude(latitude=None).exists()


def test_reading_of_a_call_is_not_kept(cast: Cast, elder: Elder, wednesday: None) -> None:
    """It would tell where the worker sits."""
    assert Phone(cast.worker).put(uuid4(), record(elder, position=TOLD))[0] == 201
    assert Visit.objects.get().position is None


def test_visit_far_from_the_earlier_ones_is_flagged(cast: Cast, elder: Elder) -> None:
    assert codes(was(cast, elder, 3, HOME)) == []
    assert codes(was(cast, elder, 4, FAR_OFF)) == []  # of one reading nobody knows whether it was right
    assert codes(was(cast, elder, 5, HOME)) == ["far"]
    visit = was(cast, elder, 6, HOME)
    assert (codes(visit), visit.flagged) == ([], False)


def test_earlier_readings_are_those_that_count(cast: Cast, elder: Elder) -> None:
    """Not what was found false, taken back, or read outside of the county; nor more than the last five."""
    was(cast, elder, 1, FAR_OFF)
    for state in ("invalid", "valid"):
        was(cast, elder, 2, TOKYO if state == "valid" else FAR_OFF, state=state)
    Visit.objects.filter(pk=was(cast, elder, 3, FAR_OFF).pk).update(state="withdrawn")
    assert codes(was(cast, elder, 4, HOME)) == []
    Visit.objects.all().update(state="withdrawn")
    for day in (1, 2, 3, 4):
        was(cast, elder, day, FAR_OFF)
    for day in (5, 6, 7):
        was(cast, elder, day, HOME)
    assert codes(was(cast, elder, 8, FAR_OFF)) == ["far"]


def test_two_homes_of_one_round(cast: Cast, elder: Elder) -> None:
    """The one by what was told, the other by where its household is."""
    other = make_elder(cast.group, name="李秀英")
    for day in (1, 2):
        was(cast, other, day, FAR_OFF)
    make_visit(cast.worker, other, at="2025-03-05 09:00")
    quick = make_visit(cast.worker, elder, at="2025-03-05 09:02", position=HOME)
    assert codes(quick) == ["burst", "too_fast"]
    assert codes(make_visit(cast.worker, elder, at="2025-03-05 10:02", position=HOME, mode="home")) == [
        "second_contact"
    ]


def test_visits_of_one_batch_are_compared_too(cast: Cast, elder: Elder, wednesday: None) -> None:
    other = make_elder(cast.group, name="李秀英")
    place = {"latitude": 31.829, "longitude": 121.6, "accuracy": 30}
    items = [
        {"kind": "visit", "id": str(uuid4()), "record": record(one, mode="home", at=at(clock), position=told)}
        for one, clock, told in ((elder, "09:00", TOLD), (other, "09:01", place))
    ]
    assert [answer["status"] for answer in Phone(cast.worker).sync(*items)] == [201, 201]
    assert codes(Visit.objects.get(pk=items[1]["id"])) == ["burst", "too_fast"]


@pytest.mark.parametrize("flagged", [False, True])
def test_position_costs_no_statement(cast: Cast, elder: Elder, flagged: bool) -> None:
    for day in (1, 2):
        was(cast, elder, day, FAR_OFF if flagged else HOME)
    with CaptureQueriesContext(connection) as asked:
        visit = was(cast, elder, 5, HOME, by=cast.worker)
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 9 + flagged
    assert visit.flagged is flagged


def test_database_refuses_half_a_position(cast: Cast, elder: Elder) -> None:
    visit = make_visit(cast.worker, elder)
    call = make_visit(cast.worker, elder, mode="phone")
    for row, wrong in (
        (visit, {"latitude": 31.8}),
        (visit, {"latitude": 91, "longitude": 121, "accuracy": 1}),
        (call, {"latitude": 31, "longitude": 121, "accuracy": 1}),
    ):
        with breaks("visit_position_of_a_home_visit"):
            Visit.objects.filter(pk=row.pk).update(**wrong)
