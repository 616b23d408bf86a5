import pytest
from django.db import DatabaseError, InternalError, connection, transaction

from tests.cast import COUNTY, VILLAGE, Cast
from tests.factories import breaks, make_elder
from visitcare.audit.actions import record
from visitcare.audit.models import Event
from visitcare.org.actions import add_user, appoint
from visitcare.org.models import Division, User
from visitcare.org.roles import Role

REFUSED = "pgtrigger: Cannot update or delete rows from audit_event table"


def refused_by_the_trigger(error: DatabaseError) -> bool:
    return REFUSED in str(error)


@pytest.fixture
def event(cast: Cast) -> Event:
    return record(by=cast.head, verb="test", words="试一下", where=cast.village)


def test_update_of_an_event_is_refused(event: Event) -> None:
    event.words = "没有这回事"
    with pytest.raises(InternalError) as caught, transaction.atomic():
        event.save()
    assert refused_by_the_trigger(caught.value)


def test_delete_of_an_event_is_refused(event: Event) -> None:
    with pytest.raises(InternalError) as caught, transaction.atomic():
        event.delete()
    assert refused_by_the_trigger(caught.value)


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET words = ''", "DELETE FROM audit_event"])
def test_mass_change_by_sql_is_refused(event: Event, statement: str) -> None:
    with pytest.raises(InternalError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused_by_the_trigger(caught.value)
    event.refresh_from_db()
    assert event.words == "试一下"


def test_truncate_is_refused(event: Event) -> None:
    with breaks("never_truncated"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE audit_event")
    assert Event.objects.filter(pk=event.pk).exists()


def test_event_outlives_what_it_describes(cast: Cast, system: User) -> None:
    group = Division.objects.create(
        code=VILLAGE + "009", name="9组", level="group", parent=cast.village, path="滨江镇永安村9组"
    )
    told = record(by=system, verb="test", words="新增村民小组", about=group, where=group)
    group.delete()
    told.refresh_from_db()
    assert (told.about_type, told.about_id, told.about_label, told.area_path) == (
        "org.Division", VILLAGE + "009", "9组", "滨江镇永安村9组"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "seen"),
    [("head", True), ("officer", True), ("approver", True), ("auditor", True), ("other_head", False),
     ("reviewer", False), ("cadre", False), ("worker", False), ("admin", False), ("anonymous", False)],
)  # fmt: skip
def test_event_is_read_by(cast: Cast, event: Event, who: str, seen: bool) -> None:
    assert (event in Event.objects.visible_to(getattr(cast, who))) is seen


def test_event_without_a_place_is_read_by_the_county_alone(cast: Cast) -> None:
    nobody = add_user(by=User.objects.system(), name="李四", login="lisi")
    event = record(by=nobody, verb="test", words="试一下")
    readers = ("head", "officer", "auditor", "reviewer", "admin")
    assert [who for who in readers if event in Event.objects.visible_to(getattr(cast, who))] == [
        "officer",
        "auditor",
    ]


def test_events_of_registering_hold_no_number(cast: Cast) -> None:
    elder = make_elder(cast.group, phone="19900070007")
    told = [
        f"{event.words}{event.about_label}{event.reason}{event.data}"
        for event in Event.objects.filter(about_id=elder.pk)
    ]
    assert len(told) == 3
    assert [words for words in told if elder.id_number in words or elder.phone in words] == []


def test_event_with_a_place_in_the_county_is_read_there(cast: Cast, system: User) -> None:
    appoint(
        by=system,
        user=cast.worker,
        role=Role.VISITOR,
        place=cast.next_village,
        starts_on=cast.worker.joined_at.date(),
    )
    assert (
        Event.objects.visible_to(cast.head).filter(verb="appoint", area_code__startswith=COUNTY).exists()
        is True
    )
