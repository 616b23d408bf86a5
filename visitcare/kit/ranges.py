"""Two date columns as one range, for the constraints that let nothing overlap; and the days of many such rows together."""

from datetime import date
from typing import Any, Self

from django.contrib.postgres.fields import DateRangeField, RangeBoundary
from django.db.models import BooleanField, Func, Q, QuerySet, Subquery, Value


def days(start: Any = "starts_on", end: Any = "ends_on") -> Func:
    """The range of days between two date columns, both included; no end = for good."""
    return Func(
        start,
        end,
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
        function="DATERANGE",
        output_field=DateRangeField(),
    )


class Days(Func):
    """Some days of the calendar, to be put together with others, less others, or only those of others too."""

    output_field = DateRangeField()

    def __add__(self, other: Any) -> Self:  # type: ignore[override]
        return self._with("+", other)

    def __sub__(self, other: Any) -> Self:  # type: ignore[override]
        return self._with("-", other)

    def __mul__(self, other: Any) -> Self:  # type: ignore[override]
        return self._with("*", other)

    def _with(self, sign: str, other: Any) -> Self:
        return type(self)(self, other, template="(%(expressions)s)", arg_joiner=f" {sign} ")

    def hold(self, first: date, last: date) -> Q:
        """Whether all days from the first to the last are among them."""
        wanted = days(Value(first), Value(last))
        return Q(
            Func(self, wanted, template="(%(expressions)s)", arg_joiner=" @> ", output_field=BooleanField())
        )


def own_days() -> Days:
    """The days of a row, from its `starts_on` to its `ends_on`."""
    return Days(days(), function="DATEMULTIRANGE")


def all_days(rows: "QuerySet[Any]", each: Days | None = None) -> Days:
    """The days of any of some rows: of each its own, or those that are named."""
    together = rows.order_by().values(together=Func(each or own_days(), function="RANGE_AGG"))
    return Days(Subquery(together), template="COALESCE(%(expressions)s, '{}'::DATEMULTIRANGE)")
