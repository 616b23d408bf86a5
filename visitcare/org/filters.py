"""Filters of the admin's lists by place; they offer only the places a person may see."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet

from visitcare.kit.admin import Choice, OfficeRequest
from visitcare.org.models import Division

TOWN_DIGITS = 9


class TownFilter(Choice):
    """Rows whose division code at `path` lies in a town; not offered to people of a single town."""

    title = "镇"
    parameter_name = "town"
    path: ClassVar[str] = "village_code"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return towns_of(request)

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(**{f"{self.path}__startswith": value})

    @property
    def is_needless(self) -> bool:
        return len(self.lookup_choices) < 2 and not self.value()


class VillageFilter(TownFilter):
    """Rows of a village, chosen after the town."""

    title = "村（居）"
    parameter_name = "village"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        towns = towns_of(request)
        only = towns[0][0] if len(towns) == 1 else ""
        town = request.GET.get("town") or only or request.GET.get("village", "")[:TOWN_DIGITS]
        if not town:
            return ()
        villages = Division.objects.visible_to(request.user).at(Division.Level.VILLAGE)
        linked = Q(
            code=request.GET.get("village", "")
        )  # perhaps one of former times, which has its rows still
        offered = Q(active=True) | linked
        return list(villages.filter(offered, code__startswith=town).values_list("code", "name"))


def towns_of(request: OfficeRequest) -> list[tuple[str, str]]:
    """(code, name) of the towns the person works in, read once a request."""
    known: Any = getattr(request, "_towns_of_user", None)
    if known is None:
        codes = {area[:TOWN_DIGITS] for area in request.user.areas_with("")}
        towns = Division.objects.at(Division.Level.TOWN)
        known = [(code, name) for code, name in towns.values_list("code", "name") if _within(code, codes)]
        request._towns_of_user = known  # type: ignore[attr-defined]
    return list(known)


def _within(town: str, codes: set[str]) -> bool:
    return any(town.startswith(code) for code in codes)


def places(path: str) -> tuple[type[TownFilter], type[VillageFilter]]:
    """The filters by town and village for rows with a division code at `path`."""
    town = type("Town", (TownFilter,), {"path": path})
    village = type("Village", (VillageFilter,), {"path": path})
    return town, village
