"""Settling a month, town by town, against the COPY of the rows it writes."""

from collections.abc import Iterator

from subsidies.actions import settle
from subsidies.models import Line, PaidVisit, UnpaidVisit
from tests.bench.harness import Row, seconds, undoing, undone
from tests.bench.tables import copied_out, copy_in
from visitcare.kit.weeks import Month
from visitcare.org.models import Division, User
from visits.models import Visit


def measure(month: Month) -> Iterator[Row]:
    system, towns = User.objects.system(), list(Division.objects.at("town"))

    def settle_all() -> None:
        settle(by=system, month=month, towns=towns)

    with undone():
        settle_all()
        rows = copied_out(PaidVisit, UnpaidVisit, Line)
        again = seconds(settle_all)
    visits = Visit.objects.count()
    floor = seconds(undoing(lambda: copy_in(rows)))
    yield Row("settle, a month", visits, "COPY of its rows", floor, seconds(undoing(settle_all)), "< 6×")
    yield Row("settle again, nothing new", visits, "COPY of its rows", floor, again, "< 6×")
