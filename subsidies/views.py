"""我的补贴: a grid worker's own money."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from subsidies import queries
from visitcare.kit.weeks import Month, today
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.roles import Right


@worker_page
@require_GET
def my_pay(request: SignedInRequest) -> HttpResponse:
    """This month so far, and the slip of the latest settled month or of `?month=`."""
    user = request.user
    if not user.may(Right.LOG_VISIT):
        return redirect("home")
    settled = list(queries.settled_months(user))
    is_payable = any(posting.payable for posting in user.postings_today)
    if not user.postings.filter(payable=True).exists():
        return render(request, "subsidies/unpaid.html")
    this_month = Month.of(today())
    months = {Month(settlement.month) for settlement in settled}
    chosen = _month_asked(request, max(months, default=None))
    if chosen and chosen not in months:
        raise Http404("这个月还没有补贴单")
    unsettled = [this_month] if this_month.previous in months else [this_month, this_month.previous]
    return render(
        request,
        "subsidies/pay.html",
        {
            "this_month": this_month,
            "estimates": [queries.estimate(user, month) for month in unsettled] if is_payable else [],
            "slips": [queries.slip(user, one) for one in settled if Month(one.month) == chosen],
            "other_months": sorted(months - {chosen}, reverse=True),
        },
    )


def _month_asked(request: SignedInRequest, latest: Month | None) -> Month | None:
    asked = request.GET.get("month")
    try:
        return Month.parse(asked) if asked else latest
    except ValueError as error:
        raise Http404(str(error)) from error
