"""Days off and stand-ins on the phone. Everything works without script."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from elders.actions import (
    arrange_stand_in,
    end_stand_in,
    say_away,
    say_weekdays_off,
    take_back_away,
)
from elders.coverage import gaps_of, workers_to_arrange
from elders.forms.rounds import AwayForm, StandInForm, WeekdaysForm
from elders.models import DaysOff, StandIn
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.roles import Right

TOWN_DIGITS = 9


@worker_page
@require_http_methods(["GET", "POST"])
def my_days_off(request: SignedInRequest) -> HttpResponse:
    """不方便的日子: one's own."""
    if not request.user.may(Right.LOG_VISIT):
        return redirect("home")
    return _DaysOffPage(request, request.user).respond()


@worker_page
@require_http_methods(["GET", "POST"])
def days_off(request: SignedInRequest, worker: UUID) -> HttpResponse:
    """Those of a worker, said by the cadre of the village. (The town says them at the worker's account.)"""
    user = request.user
    people = workers_to_arrange(user) if user.may(Right.LOG_VISIT) else User.objects.none()
    return _DaysOffPage(request, get_object_or_404(people, pk=worker)).respond()


class _DaysOffPage:
    """Two small forms and what was said before; `go` names the button."""

    def __init__(self, request: SignedInRequest, worker: User) -> None:
        self.request, self.worker = request, worker
        still = DaysOff.objects.filter(worker=worker).exclude(ends_on__lt=today())
        self.weekly = list(still.filter(kind=DaysOff.Kind.WEEKLY))
        self.away = list(still.filter(kind=DaysOff.Kind.AWAY))

    def respond(self) -> HttpResponse:
        go = self.request.POST.get("go", "") if self.request.method == "POST" else ""
        latest = self.weekly[-1].weekdays if self.weekly else []
        weekdays = WeekdaysForm(self.request.POST if go == "weekly" else None, initial={"weekdays": latest})
        away = AwayForm(self.request.POST if go == "away" else None)
        mistakes: list[str] = []
        if self.request.method == "POST":
            try:
                done, mistakes = self._do(go, weekdays, away)
            except (ValueError, NotAllowed) as refused:
                done, mistakes = "", [str(refused)]
            if done:
                messages.success(self.request, done)
                return redirect(self.request.path)
        context = {
            "worker": self.worker,
            "own": self.worker == self.request.user,
            "weekly": self.weekly,
            "away": self.away,
            "weekdays_form": weekdays,
            "away_form": away,
            "monday": next_monday(today()),
            "mistakes": mistakes,
        }
        return render(self.request, "elders/days_off.html", context)

    def _do(self, go: str, weekdays: WeekdaysForm, away: AwayForm) -> tuple[str, list[str]]:
        """What was done, or what was wrong with the form."""
        who: dict[str, Any] = {"by": self.request.user, "worker": self.worker}
        if go == "weekly":
            if not weekdays.is_valid():
                return "", weekdays.mistakes
            say_weekdays_off(**who, **weekdays.cleaned_data)
            return "记下了。下一周的计划会避开这几天；本周的不变。", []
        if go == "away":
            if not away.is_valid():
                return "", away.mistakes
            said = say_away(**who, **away.cleaned_data)
            return f"记下了：{said}。这段时间谁来探访，由村里、镇里安排。", []
        for one in self.away:
            if go == str(one.pk):
                take_back_away(by=self.request.user, away=one)
                return "取消了。", []
        return "", ["没有点要办什么。请点下面的一个按钮。"]


@worker_page
@require_http_methods(["GET", "POST"])
def rounds(request: SignedInRequest) -> HttpResponse:
    """代班: who goes to which round in one's village, and who stands in."""
    user = request.user
    if not (user.may(Right.ARRANGE_ROUNDS) and user.may(Right.LOG_VISIT)):
        return redirect("home")
    workers = list(workers_to_arrange(user))
    running = StandIn.objects.visible_to(user).filter(absent__in=workers, ends_on__gte=today())
    stand_ins = list(running.select_related("absent", "substitute", "town").order_by("starts_on"))
    form = StandInForm(request.POST if request.POST.get("go") == "arrange" else None, user=user)
    mistakes: list[str] = []
    if request.method == "POST":
        try:
            done = _arrange(user, form, request.POST.get("go", ""), stand_ins)
        except (ValueError, NotAllowed) as refused:
            mistakes = [str(refused)]
        else:
            if done:
                messages.success(request, done)
                return redirect("rounds")
            mistakes = form.mistakes or ["没有点要办什么。请点下面的一个按钮。"]
    context = {
        "gaps": gaps_of(user),
        "workers": workers,
        "stand_ins": stand_ins,
        "form": form,
        "mistakes": mistakes,
    }
    return render(request, "elders/rounds.html", context)


def _arrange(user: User, form: StandInForm, go: str, stand_ins: list[StandIn]) -> str:
    """What was done; "" where the form says what is wrong."""
    for one in stand_ins:
        if go == str(one.pk):
            end_stand_in(by=user, stand_in=one)
            return f"{one.substitute}不再代{one.absent}。"
    if go != "arrange" or not form.is_valid():
        return ""
    made = arrange_stand_in(by=user, town=_town_of(user), **form.cleaned_data)
    return f"安排好了：{made}。代班的人在“本周探访”里会看到这些户。"


def _town_of(user: User) -> Division:
    """The town of the village whose rounds a cadre arranges."""
    area = min(user.areas_with(Right.ARRANGE_ROUNDS))
    return Division.objects.get(code=area[:TOWN_DIGITS])
