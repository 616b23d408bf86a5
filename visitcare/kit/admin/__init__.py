"""Bases of the offices' admin: lists and pages of the rows a person may see, and doors to the actions on them.

An admin class here never writes a model. A change of state is a `Door` (one object) or a `BulkDoor` (the selection
or the whole filter) that calls an action with the person who asked for it; everything else is read-only.
"""

from visitcare.kit.admin.doors import (
    BulkDoor,
    Door,
    DoorForm,
    FileInput,
    ReasonForm,
    act,
    attempt,
    shown_once,
)
from visitcare.kit.admin.filters import Choice, Link, Period, by_field
from visitcare.kit.admin.lists import CappedPaginator
from visitcare.kit.admin.pages import (
    Facts,
    Included,
    Section,
    Table,
    badge,
    day,
    link,
    moment,
    page_url,
    rows_url,
)
from visitcare.kit.admin.requests import OfficeRequest
from visitcare.kit.admin.scoped import ScopedAdmin

__all__ = [
    "BulkDoor",
    "CappedPaginator",
    "Choice",
    "Door",
    "DoorForm",
    "Facts",
    "FileInput",
    "Included",
    "Link",
    "OfficeRequest",
    "Period",
    "ReasonForm",
    "ScopedAdmin",
    "Section",
    "Table",
    "act",
    "attempt",
    "badge",
    "by_field",
    "day",
    "link",
    "moment",
    "page_url",
    "rows_url",
    "shown_once",
]
