"""What the lists and pages of an elder's papers have in common: whose it is, where, and how it is found."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet

from visitcare.kit.admin import OfficeRequest, ScopedAdmin, link, page_url
from visitcare.org.roles import Right


class OfElderAdmin(ScopedAdmin):
    """For rows with an `elder`. `people` are further joins that the page and the list read."""

    see = Right.SEE_REGISTRY
    search_hint = "姓名或村名"
    people: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("elder__household__place", *self.people)

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(Q(elder__name__icontains=term) | Q(elder__household__place__path__icontains=term))

    @admin.display(description="老人")
    def elder_name(self, row: Any) -> str:
        return str(row.elder.name)

    @admin.display(description="村（居）/组")
    def place(self, row: Any) -> str:
        return str(row.elder.household.place.path)

    def place_code(self, row: Any) -> str:
        return str(row.elder.household.place_id)

    def subheading(self, row: Any) -> str:
        return str(row.elder.household)

    def whose(self, row: Any) -> tuple[str, Any]:
        """The line of its page that leads to the elder."""
        return "老人", link(row.elder, page_url(row.elder))
