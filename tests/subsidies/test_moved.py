"""The paying town is that of the day of each visit, on both sides of a move in the middle of a month."""

from datetime import date, timedelta

from elders.models import Residence
from subsidies.models import PaidVisit
from subsidies.verifying import verify
from tests.cast import Cast
from tests.factories import draft, freeze, make_elder, make_visit
from tests.visits.test_moved import move

MOVED_ON = date(2025, 3, 15)


def test_town_that_pays_is_that_of_the_day(cast: Cast) -> None:
    elder = move(make_elder(cast.group), cast.other_group)
    Residence.objects.filter(elder=elder, starts_on=None).update(ends_on=MOVED_ON - timedelta(days=1))
    Residence.objects.filter(elder=elder, ends_on=None).update(starts_on=MOVED_ON)
    old = [make_visit(cast.worker, elder, at=f"2025-03-{day} 09:00", state="valid") for day in ("10", "14")]
    new = [make_visit(cast.other_worker, elder, at=f"2025-03-{day} 09:00", state="valid") for day in (15, 20)]
    drafts = {town: draft(town) for town in (cast.town, cast.other_town)}
    assert paid(drafts[cast.town]) == {visit.pk for visit in old}
    assert paid(drafts[cast.other_town]) == {visit.pk for visit in new}
    for town, maker in ((cast.town, cast.head), (cast.other_town, cast.other_head)):
        freeze(drafts[town], maker=maker, checker=cast.approver)
    late = make_visit(cast.worker, elder, at="2025-03-12 09:00", state="valid")  # typed when both are frozen
    assert paid(draft(cast.town, "2025-04")) == {late.pk}
    assert paid(draft(cast.other_town, "2025-04")) == set()
    assert PaidVisit.objects.count() == 5
    assert verify() == []


def paid(settlement: object) -> set[object]:
    return set(PaidVisit.objects.filter(settlement=settlement).values_list("visit", flat=True))
