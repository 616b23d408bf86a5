"""我的记录: what was recorded, month by month."""

from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from visitcare.kit.weeks import Month, local_day, today
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.roles import Right
from visits import queries
from visits.kept_back import kept_records
from visits.models import Visit

RECORDS_ON_A_PAGE = 60


@worker_page
@require_GET
def my_visits(request: SignedInRequest) -> HttpResponse:
    """我的记录: a month by days, with the state of each record; `?month=` for earlier ones."""
    user = request.user
    if not user.may(Right.LOG_VISIT):
        return redirect("home")
    month, this_month = _month_asked(request), Month.of(today())
    visits = queries.in_month(queries.own_visits(user), month)
    returned = queries.records(queries.returned_visits(user)) if month == this_month else []
    if returned:  # they stand on top
        visits = visits.exclude(state=Visit.State.RETURNED)
    page = Paginator(visits, RECORDS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = queries.records(page.object_list)
    states = queries.states_of_month(user, month)
    return render(
        request,
        "visits/mine.html",
        {
            "month": month,
            "month_words": f"{month.first.month} 月"
            if month.first.year == this_month.first.year
            else month.words,
            "is_this_month": month == this_month,
            "total": sum(states.values()),
            "states": [(label, states[state]) for state, label in Visit.State.choices if state in states],
            "returned": returned,
            "kept": kept_records(user) if month == this_month else [],
            "days": [
                (day, list(row)) for day, row in groupby(rows, key=lambda row: local_day(row.started_at))
            ],
            "page": page,
            "has_earlier": queries.has_visits_before(user, month.starts_at),
        },
    )


def _month_asked(request: HttpRequest) -> Month:
    try:
        return Month.parse(request.GET["month"]) if request.GET.get("month") else Month.of(today())
    except ValueError as error:
        raise Http404(str(error)) from error
