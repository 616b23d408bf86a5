"""本周探访: a card for each household."""

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from visitcare.kit.weeks import Week, today
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.roles import Right
from visits import queries
from visits.aside import aside_of
from visits.cards import Card
from visits.chains import Chain

MOST_ON_A_PAGE = 40
"""With more households than this a village is shown group by group, so that a page stays light."""


@worker_page
@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """本周探访: a card for each household. Office people without a field posting go to the admin."""
    user = request.user
    if not user.may(Right.LOG_VISIT):
        return redirect("admin:index") if user.is_staff else render(request, "visits/nobody.html", status=403)
    day = today()
    week = Week.of(day)
    cards = queries.cards_of_week(user, week, day)
    context = _week(cards, request.GET.get("place", ""))
    if not context["total"]:
        context["is_open"] = queries.week_is_open(week)
    context |= {
        "week": week,
        "to_look_for": _to_look_for(cards) if user.may(Right.FOLLOW_UP) else [],
        "aside": aside_of(user),
        "arranges": user.may(Right.ARRANGE_ROUNDS),
    }
    return render(request, "visits/week.html", context)


def _to_look_for(cards: list[Card]) -> list[Chain]:
    """Whom the village is to look for now, the longest overdue first."""
    chains = [chain for card in cards for chain in card.chains if chain.is_the_villages]
    return sorted(chains, key=lambda chain: chain.alert_at)


def _week(cards: list[Card], place: str) -> dict[str, Any]:
    """The cards by state, of one group where there are several and one was asked for."""
    groups = _groups(cards)
    shown = [card for card in cards if not place or card.place_code == place]
    by_state: dict[str, list[Card]] = {state: [] for state in ("today", "later", "done", "away", "other")}
    for card in shown:
        by_state[card.state].append(card)
    left = len(by_state["today"]) + len(by_state["later"])
    return {
        **by_state,
        "groups": groups if len(groups) > 1 else [],
        "place": place,
        "place_words": next((group["words"] for group in groups if group["code"] == place), ""),
        "choose_first": not place and len(groups) > 1 and len(cards) > MOST_ON_A_PAGE,
        "left": left,
        "total": left + len(by_state["done"]),
    }


def _groups(cards: list[Card]) -> list[dict[str, Any]]:
    """Each place with the number of its households that are still due, in the order of the codes."""
    return [
        {
            "code": code,
            "words": here[0].place_words,
            "left": sum(card.state in ("today", "later") for card in here),
            "total": sum(card.state in ("today", "later", "done") for card in here),
        }
        for code, here in (
            (code, list(rows)) for code, rows in groupby(cards, key=lambda card: card.place_code)
        )
    ]
