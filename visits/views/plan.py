"""改日子: a planned contact of a household goes to another day of the week."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from elders.models import Household
from visitcare.kit.spoken import weekday_words
from visitcare.kit.weeks import Week, today
from visitcare.org.actions import NotAllowed
from visitcare.org.pages import SignedInRequest, worker_page
from visits import queries
from visits.actions import move_planned
from visits.models import Mode


@worker_page
@require_http_methods(["GET", "POST"])
def move_plan(request: SignedInRequest, household: UUID) -> HttpResponse:
    """The contacts that are still planned this week, each with the days it can go to: one tap. `move` says which
    contact and where to, as in "home 2026-11-24 2026-11-26"."""
    found = get_object_or_404(queries.round_of(request.user).select_related("place"), pk=household)
    mistakes = []
    if request.method == "POST":
        try:
            mode, day, to = _said(request.POST.get("move", ""))
            move_planned(by=request.user, household=found, mode=mode, day=day, to=to)
        except (ValueError, NotAllowed) as refused:
            mistakes = [str(refused)]
        else:
            messages.success(request, f"改好了：{Mode(mode).label}改到{weekday_words(to)}。")
            return redirect(f"{reverse('home')}#h-{found.pk}")
    return render(request, "visits/plan.html", {**_plan(found), "mistakes": mistakes})


def _said(move: str) -> tuple[str, date, date]:
    try:
        mode, day, to = move.split()
        return Mode(mode).value, date.fromisoformat(day), date.fromisoformat(to)
    except ValueError:
        raise ValueError("没有点改到哪一天。请点下面的一个日子。") from None


def _plan(household: Household) -> dict[str, Any]:
    """What is planned and not done yet, in the order of the days, with where it can go."""
    day = today()
    week = Week.of(day)
    planned = queries.planned_of(household, week)
    taken = {(one.mode, one.day) for one in planned}
    left = [other for other in week.days if other >= day]
    return {
        "household": household,
        "people": queries.people_of(household),
        "week": week,
        "contacts": [
            {
                "mode": one.mode,
                "words": Mode(one.mode).label,
                "day": one.day,
                "names": one.names,
                "days": [
                    (other, weekday_words(other), other != one.day and (one.mode, other) in taken)
                    for other in left
                    if other != one.day
                ],
            }
            for one in planned
            if not one.done
        ],
    }
