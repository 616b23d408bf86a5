"""Two date columns as one range, for the constraints that let nothing overlap."""

from django.contrib.postgres.fields import DateRangeField, RangeBoundary
from django.db.models import Func


def days(start: str = "starts_on", end: str = "ends_on") -> Func:
    """The range of days between two date columns, both included; no end = for good."""
    return Func(
        start,
        end,
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
        function="DATERANGE",
        output_field=DateRangeField(),
    )
