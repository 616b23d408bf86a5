import re

from django.conf import settings

from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder, make_visit
from visitcare.audit.admin import VERBS
from visitcare.audit.models import Event
from visitcare.org.actions import issue_first_password
from visits.actions import withdraw_visit


def test_auditor_finds_what_was_done_by_act_person_and_object(cast: Cast) -> None:
    elder = make_elder(cast.group)
    withdraw_visit(by=cast.worker, visit=make_visit(cast.worker, elder))
    issue_first_password(by=cast.head, user=cast.worker)
    desk = Desk(cast.auditor)
    found = {
        "act": desk.listed("audit.event", verb="withdraw_visit"),
        "person": desk.found("audit.event", "季海峰"),
        "object": desk.listed("audit.event", about=f"elders.Elder:{elder.pk}"),
        "nothing": desk.listed("audit.event", about="elders.Elder:nobody"),
    }
    assert {name: [event.verb for event in events] for name, events in found.items()} == {
        "act": ["withdraw_visit"],
        "person": ["issue_first_password"],
        "object": ["approve_form", "submit_form", "register_elder"],
        "nothing": [],
    }


def test_town_reads_what_was_done_in_the_town(cast: Cast) -> None:
    make_elder(cast.group)
    make_elder(cast.other_group)
    places = {event.area_path[:3] for event in Desk(cast.head).listed("audit.event", verb="approve_form")}
    assert places == {"滨江镇"}


def test_page_leads_to_what_it_is_about(cast: Cast) -> None:
    elder = make_elder(cast.group)
    page = Desk(cast.auditor).page(Event.objects.get(verb="approve_form"))
    assert f"/admin/elders/elder/{elder.pk}/change/" in page
    assert "批准马凤英的登记表" in page


def test_every_act_has_a_name_in_the_filter() -> None:
    rooms = [settings.BASE_DIR / room for room in ("visitcare", "elders", "visits", "subsidies")]
    sources = (file.read_text() for room in rooms for file in room.rglob("*.py"))
    recorded = {verb for source in sources for verb in re.findall(r'verb="(\w+)"', source)}
    assert recorded == set(VERBS)
