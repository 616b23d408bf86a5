from typing import Any

import pytest
from django.test import Client

from tests.cast import OTHER_TOWN, TOWN, Cast
from tests.factories import make_elder, make_visit
from visitcare.org.models import User
from visits.models import Visit


@pytest.fixture
def visits(cast: Cast) -> dict[str, Visit]:
    """One at home in 滨江镇, one call in 海晏镇."""
    here = make_visit(cast.worker, make_elder(cast.group, name="王德明"), at="2025-03-04 22:30")
    there = make_visit(cast.other_worker, make_elder(cast.other_group), at="2025-03-05 09:00", mode="phone")
    return {"here": here, "there": there}


def get(user: User | None, path: str) -> Any:
    client = Client()
    if user:
        client.force_login(user)
    return client.get(f"/api/v1/{path}")


def listed(user: User, query: str = "") -> list[str]:
    return [row["id"] for row in get(user, f"visits/?{query}").json()["results"]]


@pytest.mark.parametrize(
    ("who", "seen"),
    [("worker", ["here"]), ("next_worker", []), ("other_worker", ["there"]), ("cadre", ["here"]), ("head", ["here"]),
     ("other_head", ["there"]), ("officer", ["there", "here"]), ("auditor", ["there", "here"]), ("admin", [])],
)  # fmt: skip
def test_visits_of_the_own_area_newest_first(
    cast: Cast, visits: dict[str, Visit], who: str, seen: list[str]
) -> None:
    assert listed(getattr(cast, who)) == [str(visits[name].pk) for name in seen]


def test_visit_says_what_happened_and_no_number(cast: Cast, visits: dict[str, Visit]) -> None:
    answer = get(cast.head, f"visits/{visits['here'].pk}/")
    row = answer.json()
    assert (row["worker"], row["elders"], row["mode"], row["outcome"], row["state"], row["flags"]) == (
        "陆桂芳", ["王德明"], "home", "met", "pending", ["odd_hour"]
    )  # fmt: skip
    assert row["started_at"] == "2025-03-04T22:30:00+08:00"
    assert "199000" not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "seen"),
    [("mode=phone", ["there"]), ("flagged=true", ["here"]), (f"area={OTHER_TOWN}", ["there"]), (f"area={TOWN}", ["here"]),
     ("since=2025-03-05T00:00:00%2B08:00", ["there"]), ("until=2025-03-05T00:00:00%2B08:00", ["here"]),
     ("worker__mobile_index__startswith=1", ["there", "here"])],
)  # fmt: skip
def test_visits_are_filtered_by_what_is_declared(
    cast: Cast, visits: dict[str, Visit], query: str, seen: list[str]
) -> None:
    assert listed(cast.officer, query) == [str(visits[name].pk) for name in seen]


def test_foreign_visit_answers_as_one_that_is_not_there(cast: Cast, visits: dict[str, Visit]) -> None:
    answers = [get(cast.head, f"visits/{pk}/") for pk in (visits["there"].pk, cast.head.pk)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert (
        answers[0].json()
        == answers[1].json()
        == {"type": "about:blank", "title": "没有这条记录", "status": 404}
    )
    assert answers[0].headers["Content-Type"] == "application/problem+json"


def test_bad_filter_is_a_problem_document_that_names_it(cast: Cast, visits: dict[str, Visit]) -> None:
    answer = get(cast.officer, "visits/?since=yesterday")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert "since" in answer.json()["errors"]


@pytest.mark.parametrize("path", ["visits/", "divisions/", "me/"])
def test_strangers_are_turned_away(db: None, path: str) -> None:
    answer = get(None, path)
    assert (answer.status_code, answer.json()["status"]) == (403, 403)


@pytest.mark.parametrize(("method", "status"), [("post", 405), ("put", 422), ("patch", 405), ("delete", 405)])
def test_no_state_is_written(cast: Cast, visits: dict[str, Visit], method: str, status: int) -> None:
    client = Client()
    client.force_login(cast.worker)
    answer = getattr(client, method)(
        f"/api/v1/visits/{visits['here'].pk}/", {"state": "valid"}, content_type="application/json"
    )
    assert answer.status_code == status
    assert Visit.objects.get(pk=visits["here"].pk).state == "pending"


def test_me_says_who_and_where(cast: Cast) -> None:
    assert get(cast.worker, "me/").json() == {
        "name": "陆桂芳",
        "postings": [{"role": "grid_worker", "title": "网格员", "place": "320699101201001"}],
    }


def test_divisions_are_those_below_the_own_postings(cast: Cast) -> None:
    rows = get(cast.cadre, "divisions/").json()["results"]
    assert [row["path"] for row in rows] == ["滨江镇永安村", "滨江镇永安村1组", "滨江镇永安村2组"]


def test_schema_describes_what_there_is(db: None) -> None:
    schema = get(None, "schema/?format=json").json()
    assert schema["openapi"].startswith("3.")
    assert {"/api/v1/visits/", "/api/v1/divisions/", "/api/v1/me/"} <= set(schema["paths"])
