"""Where a household is, by what was told of earlier visits to it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from visitcare.kit.positions import Position
from visits.models import Visit
from visits.rules import usual_place

LATEST = 5
"""So many of the last readings say where a household is."""
COLUMNS = ("latitude", "longitude", "accuracy")


def positions_known(household: OuterRef) -> ArraySubquery:
    """For statements about households or their visits: the readings come along, and `usual` makes one of them."""
    said = JSONObject(**dict(zip(COLUMNS, COLUMNS, strict=True)))
    return ArraySubquery(_told().filter(household=household).values(said=said)[:LATEST])


def usual(known: Iterable[Mapping[str, Any]]) -> Position | None:
    """By readings of `positions_known`. What was read outside of the county is no household of ours."""
    positions = (Position(**said) for said in known)
    return usual_place([position for position in positions if settings.COUNTY_BOX.has(position)])


def usual_before(visit: Visit) -> Position | None:
    """As it was known before a visit."""
    earlier = _told().filter(household=visit.household_id, started_at__lt=visit.started_at)
    return usual(earlier.values(*COLUMNS)[:LATEST])


def _told() -> "QuerySet[Visit]":
    told = Visit.objects.filter(latitude__isnull=False)
    return told.exclude(state__in=[Visit.State.INVALID, Visit.State.WITHDRAWN]).order_by("-started_at", "pk")
