from tests.cast import VILLAGE, Cast
from visitcare.audit.actions import record
from visitcare.audit.models import Event


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


def test_record_of_nothing_in_particular(cast: Cast) -> None:
    event = record(by=cast.head, verb="sign_in", words="登录")
    assert (event.about_type, event.about_id, event.area_code, event.reason, event.data) == (
        "",
        "",
        "",
        "",
        {},
    )
