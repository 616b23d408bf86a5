"""Where a contact was, if somebody told: one coarse reading, on a tap (domain.md §3)."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from visitcare.kit.positions import Position

DECIMALS = 3
"""A hundred metres: a hamlet can be told from the next, a house from its neighbour's cannot. The checks begin at 500."""
WORST_ACCURACY = 2_000
"""Metres; what is less exact says nothing of where somebody was."""
ENOUGH = 2
"""So many earlier readings say where a household is; of one nobody knows whether it was right."""


def read_position(said: Any) -> Position | None:
    """Of whatever was sent. It only helps: what is no position, or none that a phone would find, is none."""
    if not isinstance(said, dict):
        return None
    latitude = _number(said.get("latitude"), -90, 90)
    longitude = _number(said.get("longitude"), -180, 180)
    accuracy = _number(said.get("accuracy"), 0, WORST_ACCURACY)
    if latitude is None or longitude is None or accuracy is None:
        return None
    found = Position(round(latitude, DECIMALS), round(longitude, DECIMALS), math.ceil(accuracy))
    is_unset = found.latitude == found.longitude == 0  # as phones say that have not found any
    return None if is_unset else found


def _number(value: Any, least: float, most: float) -> float | None:
    """(No comparison holds of NaN.)"""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and least <= value <= most else None


def usual_place(known: Sequence[Position]) -> Position | None:
    """Where a household is, by earlier readings: the middle one, which a single odd one does not move."""
    if len(known) < ENOUGH:
        return None
    return Position(
        median(one.latitude for one in known),
        median(one.longitude for one in known),
        max(one.accuracy for one in known),
    )
