import pytest

from tests.cast import COUNTY, TOWN, VILLAGE, Cast
from visitcare.audit.actions import record
from visitcare.audit.models import Event
from visitcare.org.actions import add_user
from visitcare.org.models import User


def test_record_says_who_what_where_and_why(cast: Cast) -> None:
    record(
        by=cast.head,
        verb="send_back",
        words="退回登记表",
        about=cast.worker,
        where=cast.group,
        reason="照片不清楚",
        data={"visits": 2},
    )
    event = Event.objects.latest("at")
    assert (event.actor_id, event.actor_name, event.verb, event.words, event.reason) == (
        cast.head.pk, "季海峰", "send_back", "退回登记表", "照片不清楚"
    )  # fmt: skip
    assert (event.about_type, event.about_id, event.about_label) == (
        "org.User",
        str(cast.worker.pk),
        "陆桂芳",
    )
    assert (event.area_code, event.area_path, event.data) == (
        VILLAGE + "001",
        "滨江镇永安村1组",
        {"visits": 2},
    )
    assert str(event) == "季海峰：退回登记表"


@pytest.mark.parametrize(
    ("who", "place"),
    [("head", TOWN), ("worker", VILLAGE + "001"), ("officer", COUNTY), ("system", COUNTY)],
)
def test_record_about_no_place_is_filed_where_the_actor_serves(
    cast: Cast, system: User, who: str, place: str
) -> None:
    event = record(by=system if who == "system" else getattr(cast, who), verb="sign_in", words="登录")
    assert (event.about_type, event.about_id, event.reason, event.data) == ("", "", "", {})
    assert event.area_code == place


def test_record_by_somebody_who_serves_nowhere_has_no_place(system: User) -> None:
    user = add_user(by=system, name="李四", login="lisi")
    assert record(by=user, verb="sign_in", words="登录").area_code == ""
