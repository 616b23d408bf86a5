"""排摸 on the phone: the list of whoever looks, one person, somebody newly met. Everything works without script."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from elders.actions import meet_person, screen_person, take_back_person
from elders.forms.screening import FoundForm, MetForm, places_to_screen
from elders.models import ScreenedPerson
from elders.screening import groups, homes, open_rounds, own_people, places_of
from visitcare.kit.weeks import today
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.roles import Right

MOST_ON_A_PAGE = 60
"""With more people than this a village is shown group by group, so that a page stays light."""
HOMES_A_PAGE = 40
Result = ScreenedPerson.Result


@worker_page
@require_GET
def screening(request: SignedInRequest) -> HttpResponse:
    """Everybody of the own places, by group and household; `?place=` for one group, `?seen` for those looked at."""
    user = request.user
    if not user.may(Right.SCREEN):
        return redirect("home")
    rounds = list(open_rounds(user))
    place = request.GET.get("place", "")
    everywhere = homes(own_people(user)) if rounds else []
    people = [one for home in everywhere for one in home.people]
    by_group = groups(everywhere)
    choose_first = not place and len(by_group) > 1 and len(people) > MOST_ON_A_PAGE
    here = [home for home in everywhere if not choose_first and place in ("", home.place_code)]
    to_look_at = [home for home in here if any(one.result == Result.WAITING for one in home.people)]
    looked_at = [home for home in here if all(one.result != Result.WAITING for one in home.people)]
    seen = "seen" in request.GET or not to_look_at
    page = Paginator(looked_at if seen else to_look_at, HOMES_A_PAGE).get_page(request.GET.get("page"))
    left = sum(one.result == Result.WAITING for one in people)
    context = {
        "round": rounds[0] if rounds else None,
        "days_left": rounds[0].days_left(today()) if rounds else 0,
        "total": len(people),
        "left": left,
        "looked": len(people) - left,
        "soon": [
            (age, count)
            for age in (60, 80)
            if (count := sum(one.soon == age for one in people))  # type: ignore[attr-defined]
        ],
        "groups": by_group if len(by_group) > 1 else [],
        "place": place,
        "place_words": next((group.words for group in by_group if group.code == place), ""),
        "choose_first": choose_first,
        "seen": seen,
        "page": page,
        "homes_to_look_at": len(to_look_at),
        "homes_looked_at": len(looked_at),
        "several_groups": len({home.place_code for home in here}) > 1,
    }
    return render(request, "elders/screening.html", context)


@worker_page
@require_http_methods(["GET", "POST"])
def screen(request: SignedInRequest, person: UUID) -> HttpResponse:
    """One person: how they were found; somebody newly met can be taken back."""
    own = ScreenedPerson.objects.filter(places_of(request.user)).select_related("round", "place", "looked_by")
    found = get_object_or_404(own, pk=person)
    if request.method == "GET":
        return _show(request, found, FoundForm(initial={"note": found.note}))
    if request.POST.get("result") == "take_back":
        return _take_back(request, found)
    form = FoundForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, form.mistakes)
    try:
        said = screen_person(by=request.user, person=found, **form.cleaned_data)
    except ValueError as refused:
        return _show(request, found, form, [str(refused)])
    messages.success(
        request, f"记好了：{said.name}，{said.get_result_display()}。点错了，在下面“看过的”里改。"
    )
    return redirect(_back_to(said))


def _take_back(request: SignedInRequest, person: ScreenedPerson) -> HttpResponse:
    try:
        take_back_person(by=request.user, person=person)
    except ValueError as refused:
        return _show(request, person, FoundForm(), [str(refused)])
    messages.success(request, f"撤回了：{person.name}。")
    return redirect("screening")


def _show(
    request: SignedInRequest, person: ScreenedPerson, form: FoundForm, mistakes: list[str] | None = None
) -> HttpResponse:
    context = {
        "person": person,
        "form": form,
        "mistakes": mistakes or [],
        "answers": [(one.value, one.label) for one in ScreenedPerson.ANSWERS],
        "back": _back_to(person),
    }
    return render(request, "elders/screen.html", context)


def _back_to(person: ScreenedPerson) -> str:
    """The list of the person's group."""
    return f"{reverse('screening')}?place={person.place_id}"


@worker_page
@require_http_methods(["GET", "POST"])
def meet(request: SignedInRequest) -> HttpResponse:
    """新发现一位老人."""
    user = request.user
    if not user.may(Right.SCREEN):
        return redirect("home")
    only = list(places_to_screen(user)[:2])
    initial: dict[str, Any] = {"place": request.GET.get("place") or (only[0].pk if len(only) == 1 else "")}
    form = MetForm(request.POST if request.method == "POST" else None, by=user, initial=initial)
    mistakes: list[str] = []
    if request.method == "POST":
        if form.is_valid():
            try:
                person = meet_person(by=user, **form.cleaned_data)
            except ValueError as refused:
                mistakes = [str(refused)]
            else:
                messages.success(request, f"记好了：新发现{person.name}。")
                return redirect("screen_person", person.pk)
        else:
            mistakes = form.mistakes
    return render(request, "elders/meet.html", {"form": form, "mistakes": mistakes})
