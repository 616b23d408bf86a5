"""What an object's page is made of: headed lists of facts, tables, and templates of an app's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from visitcare.kit.weeks import SHANGHAI

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Section:
    """One titled part of a page; `note` is a sentence below the title, `anchor` a name for links to it."""

    template: ClassVar[str] = ""
    title: str
    note: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Facts(Section):
    """Words and values, side by side."""

    template: ClassVar[str] = "admin/sections/facts.html"
    rows: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Table(Section):
    """Rows under headings. `numbers` are the positions of columns to align right; `more` is (words, address) of the
    list with all rows; `empty` says what it means that there is none; `foot` is the row of sums."""

    template: ClassVar[str] = "admin/sections/table.html"
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    empty: str = "没有。"
    more: tuple[str, str] | None = None
    numbers: frozenset[int] = frozenset()
    foot: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Included(Section):
    """A template with its own context, under `it`."""

    template: ClassVar[str] = "admin/sections/included.html"
    include: str = ""
    it: Mapping[str, Any] = field(default_factory=dict)


def badge(words: str, tone: str = "plain") -> SafeString:
    """A state in words on a coloured ground; `tone` is plain, wait, ok, mind, bad, a, b or c."""
    return format_html('<span class="vc-badge vc-{}">{}</span>', tone, words)


def link(words: Any, address: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, localize(words))


def day(value: date | None) -> str:
    """A day as every page writes it, as in "2026年7月6日"."""
    return str(localize(value)) if value else NOTHING


def moment(value: datetime | None) -> SafeString | str:
    """A moment as the clock in Shanghai shows it; it never breaks over a line."""
    if value is None:
        return NOTHING
    return format_html('<span class="vc-nw">{}</span>', value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))


def page_url(row: models.Model) -> str:
    """The address of an object's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def rows_url(label: str, **filters: Any) -> str:
    """The address of a list ("visits.visit") with these filters set; those without a value are left out."""
    query = urlencode({name: value for name, value in filters.items() if value not in (None, "")})
    return reverse(f"admin:{label.replace('.', '_')}_changelist") + (f"?{query}" if query else "")
