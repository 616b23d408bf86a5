"""Login cards: the paper, the village's page to print them, and the address in their QR code."""

from collections.abc import Sequence
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from visitcare.kit.masking import mask_name
from visitcare.org.cards import (
    PrintedCard,
    card_holders,
    find_card,
    people_with_postings,
    print_cards,
    use_card,
)
from visitcare.org.forms import CardsForm
from visitcare.org.models import User
from visitcare.org.pages import SignedInRequest, worker_page
from visitcare.org.phones import BY_CARD
from visitcare.org.roles import Right

CARDS_A_SHEET = 4
"""Of A6, on A4."""


def cards_on_paper(
    request: HttpRequest, printed: Sequence[PrintedCard], *, back: str, left_out: Sequence[str] = ()
) -> HttpResponse:
    """The page to print, which no cache keeps: the tokens stand here and nowhere else."""
    drawn = [{"card": card, "qr": qr_code(request, card.token)} for card in printed]
    sheets = [drawn[first : first + CARDS_A_SHEET] for first in range(0, len(drawn), CARDS_A_SHEET)]
    context = {"sheets": sheets, "count": len(drawn), "back": back, "left_out": left_out}
    response = render(request, "org/cards_paper.html", context)
    response["Cache-Control"] = "no-store"
    return response


def qr_code(request: HttpRequest, token: str) -> str:
    """The address of a card as a picture in an address of its own; a stain of a seventh may hide of it (M)."""
    address = request.build_absolute_uri(reverse("open_card", args=[token]))
    picture: str = segno.make(address, error="m", micro=False).svg_data_uri(border=4, omitsize=True)
    return picture


@worker_page
@require_http_methods(["GET", "POST"])
def cards(request: SignedInRequest) -> HttpResponse:
    """The people of the village with a box to tick, for its cadre. (The town prints from its list of accounts.)"""
    by = request.user
    if by.is_staff or not by.may(Right.PRINT_CARD):
        raise PermissionDenied
    holders = card_holders(by)
    form = CardsForm(request.POST if request.method == "POST" else None, holders=holders)
    if request.method == "POST" and form.is_valid():
        printed = print_cards(by=by, users=people_with_postings(form.cleaned_data["workers"]))
        return cards_on_paper(request, printed, back=reverse("cards"))
    chosen = form.data.getlist("workers") if form.is_bound else []  # type: ignore[attr-defined]
    return render(request, "org/cards.html", {"form": form, "holders": holders, "chosen": chosen})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_card(request: HttpRequest, token: str) -> HttpResponse:
    """To look signs nobody in: messengers and scanners open addresses by themselves. The one button does."""
    user: Any = request.user
    card = find_card(token)
    if card is None:
        return _worthless(request)
    if isinstance(user, User) and user == card.user:
        messages.info(request, "这部手机已经登录着，登录卡没有用掉。")
        return redirect("home")
    if request.method != "POST" or isinstance(user, User):
        return render(request, "org/card.html", {"name": mask_name(card.user.name)})
    owner = use_card(token=token)
    if owner is None:  # somebody else was faster
        return _worthless(request)
    login(request, owner, backend=BY_CARD)
    messages.success(request, "登录好了。只要 90 天里用过，这部手机就不用再登录。登录卡用过了，可以撕掉。")
    return redirect("home")


def _worthless(request: HttpRequest) -> HttpResponse:
    """Used, too old, replaced, or never printed: nobody is told which."""
    return render(request, "org/card_worthless.html", status=404)
