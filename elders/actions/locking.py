"""Whoever changes the state of a record holds it first, and is judged by the place where it is then."""

from collections.abc import Iterable
from uuid import UUID

from elders.models import Elder
from visitcare.org.actions import require
from visitcare.org.models import User
from visitcare.org.roles import Right


def lock_elder(elder: Elder, *, by: User, right: Right) -> Elder:
    """The record as it is now, for whoever comes first to change its state, where they may."""
    (locked,) = lock_elders([elder.pk])
    require(by, right, locked.household.place_id)
    return locked


def lock_elders(keys: Iterable[UUID]) -> list[Elder]:
    """Several records as they are now, always locked in the order of their keys: nobody waits for one another.

    The households are asked for afterwards: a row that is joined with the one it lay in is lost to whoever waited
    while it moved.
    """
    rows = Elder.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk")
    return list(rows.prefetch_related("household__place"))
