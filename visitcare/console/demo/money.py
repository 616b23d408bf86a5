"""Two months of money, through the real actions: the older one frozen, the last one on its way."""

from datetime import date

from subsidies.actions import approve_settlement, assess_settlement, send_back, settle, withhold
from subsidies.models import PaidVisit, Settlement
from visitcare.console.demo.places import Places, Town
from visitcare.console.demo.staff import Staff
from visitcare.kit.weeks import Month
from visitcare.org.models import User
from visits.actions import review_visits
from visits.models import Visit


def settle_months(
    *, by: User, staff: Staff, places: Places, first_day: date, today: date
) -> list[Settlement]:
    """Settle the last two full months that have visits: the older is frozen in all towns; of the last one the seat's
    waits for the county, the port's is a draft with something withheld, the small town's was sent back."""
    last = Month.of(today).previous
    towns = [town.division for town in places.towns]
    if last.previous.last >= first_day:
        settle(by=by, month=last.previous, towns=towns)
        for town in places.towns:
            _freeze(staff, town, last.previous)
        _look_again(staff, places.towns[0], last.previous)
    if last.last >= first_day:
        settle(by=by, month=last, towns=towns)
        _on_its_way(staff, places, last)
    return list(Settlement.objects.select_related("town").order_by("month", "town"))


def _settlement(town: Town, month: Month) -> Settlement:
    return Settlement.objects.select_related("town").get(town=town.division, month=month.first)


def _freeze(staff: Staff, town: Town, month: Month) -> None:
    settlement = _settlement(town, month)
    head = staff.heads[town.division.code]
    assess_settlement(by=head, settlement=settlement, assessment="已抽查核对，同意上报。")
    approve_settlement(by=staff.approvers[0], settlement=settlement)


def _look_again(staff: Staff, town: Town, month: Month) -> None:
    """After the freeze: two paid visits turn out false (冲正), and what still waited is reviewed (补报)."""
    reviewer = staff.reviewers[town.division.code]
    of_month = Visit.objects.filter(
        village_code__startswith=town.division.code,
        started_at__gte=month.starts_at,
        started_at__lt=month.ends_at,
    )
    paid = PaidVisit.objects.filter(settlement=_settlement(town, month)).order_by("visit").values("visit")
    false = list(paid[:2].values_list("visit", flat=True))
    review_visits(
        by=reviewer,
        visits=of_month.filter(pk__in=false),
        state=Visit.State.INVALID,
        reason="回访核实，当天没有人来过",
    )
    waiting = of_month.filter(state__in=[Visit.State.PENDING, Visit.State.RETURNED])
    review_visits(by=reviewer, visits=waiting, state=Visit.State.VALID, reason="已电话核实，情况属实")


def _on_its_way(staff: Staff, places: Places, month: Month) -> None:
    seat, port, small = places.towns
    heads = staff.heads
    assess_settlement(
        by=heads[seat.division.code], settlement=_settlement(seat, month), assessment="已抽查核对，同意上报。"
    )
    draft = _settlement(port, month)
    line = draft.lines.select_related("worker").order_by("-amount", "worker").first()
    if line:
        withhold(
            by=heads[port.division.code],
            settlement=draft,
            worker=line.worker,
            reason="回访有两户反映没有人来过，核实后再发",
        )
    back = _settlement(small, month)
    assess_settlement(by=heads[small.division.code], settlement=back, assessment="同意上报。")
    send_back(by=staff.approvers[0], settlement=back, reason="请说明连号时间的几次探访是怎么核实的，再报")
