"""The one door to the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.db import models

from visitcare.audit.models import Event


class Place(Protocol):
    """Where it was done."""

    @property
    def code(self) -> str: ...

    @property
    def path(self) -> str: ...


class Actor(Protocol):
    """Whoever acts: a signed-in person, or the system on somebody's behalf."""

    @property
    def audit_id(self) -> UUID: ...

    @property
    def audit_name(self) -> str: ...

    @property
    def audit_place(self) -> Place | None: ...


def record(
    *,
    by: Actor,
    verb: str,
    words: str,
    about: models.Model | None = None,
    where: Place | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """Write one event, in the transaction of the act it describes.

    `words` is a Chinese sentence a clerk can read; neither it nor `data` holds ID, card or phone numbers. An act that
    is about no place is filed where its actor serves, so that whoever reads the audit of that place finds it.
    """
    event = _event(by=by, verb=verb, words=words, about=about, where=where, reason=reason, data=data)
    event.save(force_insert=True)
    return event


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What happened to one of many rows, where."""

    words: str
    about: models.Model
    where: Place | None


def record_each(*, by: Actor, verb: str, reason: str, of: Iterable[Occurrence]) -> None:
    """Write one event for each of many rows that an act changed, in few statements; otherwise as `record`."""
    Event.objects.bulk_create(
        (
            _event(by=by, verb=verb, words=one.words, about=one.about, where=one.where, reason=reason)
            for one in of
        ),
        batch_size=2_000,
    )


def _event(
    *,
    by: Actor,
    verb: str,
    words: str,
    about: models.Model | None,
    where: Place | None,
    reason: str,
    data: dict[str, Any] | None = None,
) -> Event:
    place = where or by.audit_place
    return Event(
        actor_id=by.audit_id,
        actor_name=by.audit_name,
        verb=verb,
        words=words,
        reason=reason,
        about_type=about._meta.label if about is not None else "",
        about_id=str(about.pk) if about is not None else "",
        about_label=str(about)[:200] if about is not None else "",
        area_code=place.code if place is not None else "",
        area_path=place.path if place is not None else "",
        data=data or {},
    )
