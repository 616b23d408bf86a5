"""Row history: what a row was before, kept by the database itself, whoever writes (ADR 10).

The tables are pghistory's. A row that changes or goes leaves what it was; the row itself says what it is. Each entry
bears the number of its transaction, as each audit event does, so that the act, the actor and the reason of a change are
those of the events written beside it. A change without any came by SQL, and the database's user is all that is known.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias, TypeVar

import pghistory
import pghistory.models
import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery, Value

from visitcare.audit.models import CurrentTransaction, Event
from visitcare.kit.encryption import BlindIndexField, EncryptedTextField
from visitcare.kit.scope import ScopedQuerySet

Tracked = TypeVar("Tracked", bound=type[models.Model])

MADE, CHANGED, REMOVED = "insert", "update", "delete"
SAME_TRANSACTION = timedelta(days=1)
"""Transactions are numbered from the start again where a dump is restored: an event so far off is another's."""
Act: TypeAlias = tuple[int, datetime]
"""A transaction by its number and when it began."""


_OF_THE_ENTRY = {"pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "transaction", "database_user"}


class RowHistory(pghistory.models.Event):
    """What every table of history has beside the columns of its model. Its rows are listed to nobody: who may see the
    row itself and read the audit there, is shown them on its page."""

    pgh_id = models.BigAutoField(primary_key=True)
    transaction = models.BigIntegerField("事务", db_default=CurrentTransaction(), db_index=True)
    database_user = models.CharField(
        "数据库用户", max_length=63, db_default=models.Func(function="SESSION_USER", template="%(function)s")
    )

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(pghistory.models.Event.Meta):
        abstract = True


def keeps_history(
    *,
    without: Sequence[str] = (),
    unnoticed: Sequence[str] = (),
    inserts: bool = True,
    of: str = "",
    dated: bool = False,
) -> Callable[[Tracked], Tracked]:
    """Keep a history of the rows of a model, in the model's name with "History" behind it.

    `without` names fields whose former values are not kept, though their change is noted; `unnoticed` those whose
    change is not even noted. Blind indexes and generated columns follow from others. `inserts` is for tables in which a
    new row needs an entry of its own; where rows come by the million, the row itself tells when and by whom. `of` names
    the field by which the history of a part is found from the whole. `dated` is for a history of millions that is asked
    what has changed since a moment.
    """

    def keep(model: Tracked) -> Tracked:
        trackers = [
            pghistory.UpdateEvent(CHANGED, row=pghistory.Old, condition=_is_changed(model, unnoticed)),
            pghistory.DeleteEvent(REMOVED),
        ]
        if inserts:
            trackers.insert(0, pghistory.InsertEvent(MADE))
        derived = [
            field.name
            for field in model._meta.local_fields
            if isinstance(field, BlindIndexField | models.GeneratedField)
        ]
        indexes: list[models.Index] = []
        if of:
            indexes.append(models.Index(fields=[of], name=f"{model._meta.model_name}_history"))
        if dated:  # entries come in the order of their time: a few pages tell where a day begins
            indexes.append(BrinIndex(fields=["pgh_created_at"], name=f"{model._meta.model_name}_changes"))
        return pghistory.track(
            *trackers,
            exclude=[*without, *unnoticed, *derived],
            model_name=f"{model.__name__}History",
            base_model=RowHistory,
            obj_field=pghistory.ObjForeignKey(related_name="history", db_index=True),
            context_field=None,  # type: ignore[arg-type]  # as its documentation has it
            meta={
                "verbose_name": f"{model._meta.verbose_name}的历史",
                "default_permissions": (),
                "indexes": indexes,
            },
        )(model)

    return keep


def _is_changed(model: type[models.Model], unnoticed: Sequence[str]) -> pgtrigger.Condition:
    """A new key writes encrypted columns anew, which changes nothing that they say."""
    noticed = [
        field
        for field in model._meta.local_fields
        if field.name not in unnoticed and not isinstance(field, models.GeneratedField)
    ]
    sealed = [field for field in noticed if isinstance(field, EncryptedTextField)]
    changed = [_differ([field for field in noticed if field not in sealed])]
    changed += [f'NOT audit_says_the_same(OLD."{field.column}", NEW."{field.column}")' for field in sealed]
    return pgtrigger.Condition(f"({' OR '.join(changed)})")


def _differ(fields: Sequence["models.Field[Any, Any]"]) -> str:
    old, new = (", ".join(f'{row}."{field.column}"' for field in fields) for row in ("OLD", "NEW"))
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"


def former(model: type[models.Model], **of: Any) -> "QuerySet[Any]":
    """The entries about rows of a model, such as the members of one household."""
    kept: Any = model._meta.get_field("history").related_model
    return kept.objects.filter(**of)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; both None where only the change itself is known."""

    field: "models.Field[Any, Any]"
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entry: when, of which kind of row, what happened to it, and the events of its transaction."""

    at: datetime
    model: type[models.Model]
    label: str
    fields: tuple[FieldChange, ...]
    events: tuple[Event, ...]
    database_user: str


class Entries:
    """The entries of some histories as one sequence, latest first, read a slice at a time. Those of one history go by
    their numbers, those of several by their time."""

    def __init__(self, *histories: "QuerySet[Any]") -> None:
        self.histories = histories

    def count(self) -> int:
        return sum(history.count() for history in self.histories)

    def __getitem__(self, wanted: slice) -> list[Any]:
        if len(self.histories) == 1:
            return list(self.histories[0].order_by("-pgh_id")[wanted])
        all_of_them = [
            history.annotate(of_history=Value(number)).values_list("of_history", "pgh_id", "pgh_created_at")
            for number, history in enumerate(self.histories)
        ]
        merged = all_of_them[0].union(*all_of_them[1:], all=True).order_by("-pgh_created_at", "-pgh_id")
        keys = [(number, pk) for number, pk, _ in merged[wanted]]
        found = [
            history.in_bulk([pk for of, pk in keys if of == number])
            for number, history in enumerate(self.histories)
        ]
        return [found[number][pk] for number, pk in keys]


def changes(about: models.Model, entries: Sequence[Any]) -> list[Change]:
    """What entries about a row, or about rows that belong to it, say: each compared with what came after it."""
    events = _events_of(entries, about)
    following = _following(entries)
    return [
        Change(
            entry.pgh_created_at,
            entry.pgh_tracked_model,
            entry.pgh_label,
            _differences(entry, following.get(entry)),
            tuple(events.get(_act(entry), ())),
            entry.database_user,
        )
        for entry in entries
    ]


def _act(entry: Any) -> Act:
    return entry.transaction, entry.pgh_created_at


def _events_of(entries: Sequence[Any], about: models.Model) -> dict[Act, list[Event]]:
    """By act the events about these very rows; of an act on many that has none, as an import, its last, which sums it up."""
    acts = {_act(entry) for entry in entries}
    rows = {str(about.pk), *(str(one.pgh_obj_id) for one in entries)}
    found: dict[Act, list[Event]] = {}
    for act, event in _beside(acts, lambda events: events.filter(about_id__in=rows)):
        found.setdefault(act, []).append(event)
    for act, event in _beside(acts - found.keys(), lambda events: events.order_by("-at")[:1]):
        found[act] = [event]
    return found


def _beside(
    acts: Collection[Act], narrow: Callable[["QuerySet[Event]"], "QuerySet[Event]"]
) -> Iterator[tuple[Act, Event]]:
    """Events of these acts, each act's narrowed down, oldest first, in one statement."""
    found: list[Any] = [
        narrow(
            Event.objects.filter(
                transaction=number, at__range=(began - SAME_TRANSACTION, began + SAME_TRANSACTION)
            ).annotate(began=Value(began))
        )
        for number, began in acts
    ]
    if found:
        for event in sorted(found[0].union(*found[1:], all=True), key=lambda event: event.at):
            yield (event.transaction, event.began), event


def _following(entries: Iterable[Any]) -> dict[Any, Any]:
    """What each entry's row became: its next entry, or the row as it is. A row's entries follow each other by their
    numbers, which are given while it is locked; their time is when their transactions began."""
    found: dict[Any, Any] = {}
    of_kind: dict[Any, list[Any]] = {}
    for entry in entries:
        of_kind.setdefault(type(entry), []).append(entry)
    for kind, its in of_kind.items():
        later = kind.objects.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__gt=OuterRef("pgh_id"))
        next_number = Subquery(later.order_by("pgh_id").values("pgh_id")[:1])
        numbers = kind.objects.filter(pk__in=[entry.pk for entry in its]).annotate(next_number=next_number)
        next_of = dict(numbers.values_list("pk", "next_number"))
        nexts = kind.objects.in_bulk([number for number in next_of.values() if number])
        rows = kind.pgh_tracked_model._base_manager.in_bulk({entry.pgh_obj_id for entry in its})
        found |= {entry: nexts.get(next_of[entry.pk]) or rows.get(entry.pgh_obj_id) for entry in its}
    return found


def _differences(entry: Any, after: Any) -> tuple[FieldChange, ...]:
    if entry.pgh_label != CHANGED or after is None:
        return ()
    return tuple(
        FieldChange(field, getattr(entry, field.attname), getattr(after, field.attname))
        for field in entry._meta.local_fields
        if field.name not in _OF_THE_ENTRY and getattr(entry, field.attname) != getattr(after, field.attname)
    )
