"""THE row rule: `Model.objects.visible_to(user)` stands behind every list, form, export and link.

Permission ("may this person do this?") is the user's roles; scope ("is this row theirs?") is here. What is not
declared is not seen.
"""

from typing import Any, ClassVar, Protocol, Self

from django.db import models
from django.db.models import Q


class Viewer(Protocol):
    """What the row rule must know of a person."""

    @property
    def is_active(self) -> bool: ...

    def areas_with(self, right: str) -> frozenset[str]:
        """Prefixes of the division codes within which this person holds the right, today."""
        ...


class ScopedQuerySet(models.QuerySet):
    """A queryset that knows where its rows lie.

    `area_path` is the path to the column with the row's division code, `seen_with` the right that opens an area's
    rows. A model whose rows also belong to persons (a worker's own visits) widens `within`.
    """

    area_path: ClassVar[str] = ""
    seen_with: ClassVar[str] = ""

    def visible_to(self, user: Any) -> Self:
        """The rows this person may see; none for nobody, for a disabled account or an undeclared path."""
        if user is None or not getattr(user, "is_active", False):
            return self.none()
        return self.filter(self.within(user))

    def within(self, user: Viewer) -> Q:
        """The condition of `visible_to`."""
        if not self.area_path or not self.seen_with:
            return nothing()
        return in_areas(self.area_path, user.areas_with(self.seen_with))


def in_areas(path: str, areas: frozenset[str]) -> Q:
    """Codes at `path` that begin with one of the prefixes; an empty set of prefixes matches nothing."""
    condition = nothing()
    for prefix in sorted(areas):
        if prefix:
            condition |= Q(**{f"{path}__startswith": prefix})
    return condition


def nothing() -> Q:
    """A condition no row fulfils."""
    return Q(pk__in=[])
