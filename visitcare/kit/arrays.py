"""Rows of other tables that come along in the statement of the rows they belong to."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.db.models.functions import JSONObject


def array_of(rows: "QuerySet[Any, Any]", *names: str, **columns: Any) -> ArraySubquery:
    """Some columns of the rows as an array of objects: dates, moments and keys as JSON writes them, and nothing that is
    encrypted."""
    return ArraySubquery(rows.values(said=JSONObject(**{name: name for name in names}, **columns)))
