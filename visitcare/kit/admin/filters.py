"""Filters of lists. Only what a filter declares can be asked for, and an unknown value shows nothing."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from visitcare.kit.admin.requests import OfficeRequest
from visitcare.kit.weeks import Month, Week, today

ALL = "all"


class Choice(admin.SimpleListFilter, ABC):
    """A choice from a list. `initial` is what the list shows before anybody chooses."""

    shape: ClassVar[str] = "select"
    initial: str = ""
    all_words: ClassVar[str] = "全部"

    request: OfficeRequest

    def __init__(self, request: Any, params: Any, model: Any, model_admin: Any) -> None:
        self.request = request
        super().__init__(request, params, model, model_admin)

    @abstractmethod
    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        """(value, words) to choose from."""

    @abstractmethod
    def narrow(self, rows: models.QuerySet, value: str) -> models.QuerySet:
        """The rows of a value that is one of the options."""

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.options(request))

    def has_output(self) -> bool:
        return True  # Django would not apply a filter that has nothing to offer

    def value(self) -> str:
        return self.used_parameters.get(str(self.parameter_name), self.initial) or ""

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        value = self.value()
        if not value or (value == ALL and self.initial):
            return queryset
        return self.narrow(queryset, value) if self.knows(value) else queryset.none()

    def knows(self, value: str) -> bool:
        return any(value == known for known, _ in self.lookup_choices)

    @property
    def is_needless(self) -> bool:
        """Whether there is nothing to choose, so that it need not be shown."""
        return not self.lookup_choices

    def picks(self) -> list[tuple[str, str, bool]]:
        """(value, words, chosen) for the page."""
        everything = (ALL if self.initial else "", self.all_words)
        return [
            (value, str(words), value == self.value()) for value, words in (everything, *self.lookup_choices)
        ]


def by_field(
    field: str, title: str, choices: Sequence[tuple[Any, Any]], *, parameter: str = "", initial: str = ""
) -> type[Choice]:
    """A filter on equality with one of a field's choices."""

    class FieldChoice(Choice):
        def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
            return [(str(value), str(words)) for value, words in choices]

        def narrow(self, rows: models.QuerySet, value: str) -> models.QuerySet:
            return rows.filter(**{field: value})

    FieldChoice.title = title
    FieldChoice.parameter_name = parameter or field.split("__")[-1]
    FieldChoice.initial = initial
    return FieldChoice


class Link(Choice):
    """A filter that other pages link to ("the visits of this elder"); the list only shows it and can lift it."""

    shape = "chip"

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        return ()

    @abstractmethod
    def find(self, value: str) -> str:
        """What the value means, in words; "" when it means nothing to this person."""

    def knows(self, value: str) -> bool:
        return bool(self.words)

    @property
    def words(self) -> str:
        value = self.value()
        try:
            return self.find(value) if value else ""
        except (ValueError, ValidationError):
            return ""


class Period(Choice):
    """Rows whose moment (or day) lies in a week, 2026-W48, or a month, 2026-10."""

    title = "时间"
    parameter_name = "when"
    path: ClassVar[str] = "started_at"
    days: ClassVar[bool] = False
    """Whether the column holds days, not moments."""

    def options(self, request: OfficeRequest) -> Sequence[tuple[str, str]]:
        week, month = Week.of(today()), Month.of(today())
        found = [
            (week.label, f"本周（{week.words}）"),
            (week.previous.label, f"上周（{week.previous.words}）"),
        ]
        for _ in range(12):
            found.append((month.label, month.words))
            month = month.previous
        value = self.used_parameters.get(self.parameter_name, "")
        if value and all(value != known for known, _ in found) and (span := _span(value)):
            found.append((value, f"{value}（{span.words}）"))
        return found

    def narrow(self, rows: models.QuerySet, value: str) -> models.QuerySet:
        span = _span(value)
        if span is None:
            return rows.none()
        if self.days:
            last: date = span.sunday if isinstance(span, Week) else span.last
            first: date = span.monday if isinstance(span, Week) else span.first
            return rows.filter(**{f"{self.path}__gte": first, f"{self.path}__lte": last})
        starts = span.opens_at if isinstance(span, Week) else span.starts_at
        return rows.filter(**{f"{self.path}__gte": starts, f"{self.path}__lt": span.ends_at})


def _span(value: str) -> Week | Month | None:
    parsers: tuple[Callable[[str], Week | Month], ...] = (Week.parse, Month.parse)
    for parse in parsers:
        try:
            return parse(value)
        except ValueError:
            continue
    return None
