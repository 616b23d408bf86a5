"""Who is paid, and where: name, ID, card and place as the roster prints them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from subsidies.models import Settlement
from visitcare.kit.weeks import Month
from visitcare.org.models import BankAccount, Division, Posting, User
from visitcare.org.roles import Role


def payee_snapshots(settlement: Settlement, workers: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Name, ID, card and place of each worker as of the month: what the roster prints.

    The place is the first grid-worker posting in the town in force in the month, else the first posting; of two that
    began on one day the one that was registered first.
    """
    workers = list(workers)
    month = Month(settlement.month)
    places = _places(settlement.town_id, month, workers)
    cards: dict[UUID, BankAccount] = {}
    for account in BankAccount.objects.filter(user__in=workers, since__lte=month.last).order_by("since"):
        cards[account.user_id] = account
    for account in BankAccount.objects.filter(user__in=workers).order_by("-since"):
        cards.setdefault(account.user_id, account)
    snapshots = {}
    for user in User.objects.filter(pk__in=workers):
        place = places.get(user.pk)
        card = cards.get(user.pk)
        snapshots[user.pk] = {
            "place_code": place.code if place else "",
            "place_words": _below_town(place) if place else "",
            "payee_name": user.name,
            "payee_id_number": user.id_number,
            "payee_mobile": user.mobile,
            "bank": card.bank if card else "",
            "card": card.card if card else "",
        }
    return snapshots


def _places(town: str, month: Month, workers: list[UUID]) -> dict[UUID, Division]:
    postings = Posting.objects.filter(user__in=workers).select_related("place__parent")
    in_force = (
        postings.filter(role=Role.GRID_WORKER, place__code__startswith=town, starts_on__lte=month.last)
        .exclude(ends_on__lt=month.first)
        .order_by("starts_on", "registered_at", "place")
    )
    places: dict[UUID, Division] = {}
    for posting in (*in_force, *postings.order_by("starts_on", "registered_at", "place")):
        places.setdefault(posting.user_id, posting.place)
    return places


def _below_town(place: Division) -> str:
    """村(居)/组, without the town that heads the sheet."""
    if place.level == Division.Level.GROUP and place.parent:
        return f"{place.parent.name}{place.name}"
    return place.name
