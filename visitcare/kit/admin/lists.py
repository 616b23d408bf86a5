"""A list: its one page of rows, its count, what it is narrowed to."""

from typing import Any

from django.contrib.admin.views.main import ORDER_VAR
from django.core.paginator import Paginator
from django.db import models
from django.http import QueryDict
from django.utils.functional import cached_property
from unfold.views import ChangeList

from visitcare.kit.admin.requests import OfficeRequest
from visitcare.kit.admin.searching import SearchForm

MOST_COUNTED = 10_000


class CappedPaginator(Paginator):
    """Counts no further than a cap: COUNT(*) over years of visits is what makes lists slow."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: MOST_COUNTED + 1].count())

    @property
    def is_capped(self) -> bool:
        return self.count > MOST_COUNTED


class ScopedChangeList(ChangeList):  # type: ignore[misc]
    """A list whose rows get their related rows only when they are shown."""

    queryset: models.QuerySet
    params: dict[str, Any]

    search_form: SearchForm

    def __init__(self, request: OfficeRequest, *args: Any, **kwargs: Any) -> None:
        self._by = request.user
        super().__init__(request, *args, **kwargs)

    def search_form_class(self, data: QueryDict) -> SearchForm:
        self.search_form = SearchForm(data, by=self._by)
        return self.search_form

    def get_ordering(self, request: OfficeRequest, queryset: models.QuerySet) -> list[Any]:
        """A list has its one order: what comes with `?o=` sorts by columns that have no index."""
        self.params.pop(ORDER_VAR, None)
        return list(super().get_ordering(request, queryset))

    def get_queryset(self, request: OfficeRequest, *args: Any, **kwargs: Any) -> models.QuerySet:
        """A search that cannot be read finds nothing, as an unknown value of a filter does: never everything."""
        rows: models.QuerySet = super().get_queryset(request, *args, **kwargs)
        return rows if self.search_form.is_valid() else rows.none()

    def get_results(self, request: OfficeRequest) -> None:
        self.queryset = self.model_admin.for_list(request, self.queryset)
        super().get_results(request)

    @property
    def narrowed_by(self) -> list[str]:
        """What the list is narrowed to, in words: "审核：等审核"."""
        found = [f"{spec.title}：{spec.words}" for spec in self.links]
        for spec in self.selects:
            words = next(
                (words for value, words, chosen in spec.picks() if chosen and value not in ("", "all")), ""
            )
            if words:
                found.append(f"{spec.title}：{words}")
        return [*found, f"查找：{self.query}"] if self.query else found

    @property
    def links(self) -> list[Any]:
        """The filters that came with a link."""
        return [spec for spec in self.filter_specs if spec.shape == "chip" and spec.value()]

    @property
    def selects(self) -> list[Any]:
        return [spec for spec in self.filter_specs if spec.shape == "select"]
