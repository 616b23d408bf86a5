"""Taking a stored import back, while nobody has built on it.

What an import made and changed is not written down a second time: the history of the rows has it (ADR 10), by the number
of the transaction. Where a history keeps no making, the batch names the new rows itself.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import CASCADE, PROTECT, ForeignObjectRel, Model, ProtectedError, QuerySet

from visitcare.audit.history import MADE, REMOVED, RowHistory
from visitcare.audit.models import Event
from visitcare.kit.encryption import save_changes
from visitcare.org.importing.importer import Importer
from visitcare.org.models import Division, ImportBatch, User

MOST_NAMED = 10
AROUND = timedelta(days=1)
"""Transactions are numbered from the start again where a dump is restored."""


class InTheWay(ValueError):
    """What others have built on the import; in words, with names."""


class Undoing:
    """What one batch made and changed, and the way back. Use it within one transaction."""

    def __init__(self, batch: ImportBatch, importer: type[Importer]) -> None:
        self.batch, self.importer = batch, importer
        self.made: dict[type[Model], set[Any]] = defaultdict(set)
        self.was: dict[type[Model], dict[Any, Any]] = defaultdict(dict)
        self.last: dict[type[Model], dict[Any, int]] = defaultdict(dict)
        if importer.makes:
            self.made[importer.makes] |= set(batch.made)
        for history in _histories():
            self._read(history)
        self.opened = importer.opened_by(self.was)

    def undo(self, by: User) -> int:
        """Take everything back; how many rows that were. Raise InTheWay when somebody has built on it."""
        self._lock()
        if found := Counter(self._in_the_way()):
            raise InTheWay(_words(found))
        touched = self.importer.touched_by(
            {model: self.made[model] | self.was[model].keys() for model in [*self.made, *self.was]}
        )
        self._restore()
        self._delete_unanswered()
        self._delete()
        self._delete_new_groups()
        self.importer.taken_back(by=by, was=self.was, opened=self.opened, touched=touched)
        return sum(map(len, self.made.values())) + sum(map(len, self.was.values()))

    def _read(self, history: Any) -> None:
        """The first entry of a row tells that it was made, or what it was before."""
        model: type[Model] = history.pgh_tracked_model
        entries = history.objects.filter(**self._within_the_transaction("pgh_created_at")).order_by("pgh_id")
        for entry in entries.iterator(chunk_size=2_000):
            pk = entry.pgh_obj_id
            if pk not in self.last[model] and pk not in self.made[model]:
                if entry.pgh_label == MADE:
                    self.made[model].add(pk)
                elif model not in self.importer.derived:
                    self.was[model][pk] = entry
            self.last[model][pk] = entry.pgh_id

    def _lock(self) -> None:
        """Whoever changes one of the rows, or points a new one at it, is done before, or waits for the end."""
        for model in _in_order(self.made.keys() | self.was.keys()):
            keys = self.made[model] | self.was[model].keys()
            list(
                model._base_manager.filter(pk__in=keys)
                .select_for_update(of=("self",))
                .order_by("pk")
                .values_list("pk", flat=True)
            )

    # What stands in the way

    def _in_the_way(self) -> Iterator[tuple[str, str]]:
        """(whose, what) for each thing that came later."""
        for model in [*self.made, *self.was]:
            yield from self._changed_since(model)
        for model in list(self.made):
            yield from self._pointing(model, self.made[model], parts_too=True)
        for model in self.opened:
            yield from self._pointing(model, self.opened[model], parts_too=False)

    def _changed_since(self, model: type[Model]) -> Iterator[tuple[str, str]]:
        if not hasattr(model, "history") or model in self.importer.derived:
            return
        keys = self.made[model] | self.was[model].keys()
        history: Any = model._meta.get_field("history").related_model
        later = history.objects.filter(pgh_obj__in=keys).exclude(transaction=self.batch.transaction)
        left: dict[Any, Any] = {}  # what the import left behind: what the first later change found
        for entry in later.order_by("pgh_id"):
            if entry.pgh_id > self.last[model].get(entry.pgh_obj_id, 0):
                left.setdefault(entry.pgh_obj_id, entry)
        rows = model._base_manager.in_bulk(list(left))
        for pk, entry in left.items():
            if pk not in rows or not _says_the_same(rows[pk], entry):
                yield self._name(model, pk), f"{model._meta.verbose_name}有改动"

    def _pointing(
        self, model: type[Model], keys: Collection[Any], *, parts_too: bool
    ) -> Iterator[tuple[str, str]]:
        """Rows of others that point at these; those of the import itself do not count, nor what follows from it."""
        for relation in _relations_to(model):
            other: Any = relation.related_model
            is_part = other in self.importer.parts
            if relation.on_delete is not PROTECT and (is_part or not parts_too):
                continue
            ours: Collection[Any] = self.made.get(other, ())
            pointing = other._base_manager.filter(**{f"{relation.field.name}__in": keys})
            if is_part:
                pointing = self._without_ours(pointing)
            if other in self.importer.unanswered:
                pointing = pointing.exclude(self.importer.unanswered[other])
            for pk, at in pointing.values_list("pk", relation.field.attname):
                if pk not in ours:
                    yield self._name(model, at), f"{other._meta.verbose_name}"

    def _without_ours(self, parts: "QuerySet[Any]") -> "QuerySet[Any]":
        """Parts but for those that go with a row of the import."""
        for field in parts.model._meta.local_fields:
            if field.remote_field and field.remote_field.on_delete is CASCADE:
                parts = parts.exclude(**{f"{field.name}__in": self.made.get(field.related_model, ())})
        return parts

    def _name(self, model: type[Model], pk: Any) -> str:
        return str(model._base_manager.filter(pk=pk).first() or model._meta.verbose_name)

    # The way back

    def _restore(self) -> None:
        for model in _in_order(self.was):
            rows = model._base_manager.in_bulk(list(self.was[model]))
            for pk, entry in self.was[model].items():
                if pk in rows:
                    save_changes(rows[pk], _values(entry))
                elif entry.pgh_label == REMOVED:
                    model(**_values(entry)).save(force_insert=True)

    def _delete(self) -> None:
        """Children before their parents."""
        for model in reversed(_in_order(self.made)):
            model._base_manager.filter(pk__in=self.made[model]).delete()

    def _delete_unanswered(self) -> None:
        for rows in (self.made, self.opened):
            for model, keys in rows.items():
                for relation in _relations_to(model):
                    other: Any = relation.related_model
                    if other in self.importer.unanswered:
                        pointing = other._base_manager.filter(**{f"{relation.field.name}__in": keys})
                        pointing.filter(self.importer.unanswered[other]).delete()

    def _delete_new_groups(self) -> None:
        """Those that the import has opened and that nobody else uses. Divisions keep no history; the events tell."""
        opened = Event.objects.filter(verb="add_group", **self._within_the_transaction("at"))
        groups = Division.objects.filter(code__in=list(opened.values_list("about_id", flat=True)))
        for group in groups.select_for_update().order_by("code"):
            with suppress(ProtectedError):
                group.delete()

    def _within_the_transaction(self, moment: str) -> dict[str, Any]:
        stored_at = self.batch.stored_at
        assert stored_at is not None  # it is stored
        around = (stored_at - AROUND, stored_at + AROUND)
        return {"transaction": self.batch.transaction, f"{moment}__range": around}


def _relations_to(model: type[Model]) -> Iterator[ForeignObjectRel]:
    """The columns of other tables that name rows of this one; histories only tell of them."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.many_to_many:
            continue
        other = relation.related_model
        if not (issubclass(other, RowHistory) or other._meta.proxy):
            yield relation


def _histories() -> Iterator[type[RowHistory]]:
    return (model for model in apps.get_models() if issubclass(model, RowHistory))


def _in_order(models: Collection[type[Model]]) -> list[type[Model]]:
    """As they are declared: what is pointed at comes first."""
    return [model for model in apps.get_models() if model in models]


def _values(entry: Any) -> dict[str, Any]:
    """What the row said, as far as its history keeps it."""
    kept = {field.attname for field in entry._meta.local_fields}
    fields = entry.pgh_tracked_model._meta.local_concrete_fields
    return {
        field.attname: getattr(entry, field.attname)
        for field in fields
        if field.attname in kept and not field.generated
    }


def _says_the_same(row: Any, entry: Any) -> bool:
    """Whether a row was changed and changed back. Of a former password nothing is known."""
    kept = _values(entry)
    secret = [field for field in row._meta.local_fields if field.name == "password"]
    return not secret and all(getattr(row, name) == value for name, value in kept.items())


def _words(found: Counter[tuple[str, str]]) -> str:
    named = [
        f"{whose}（{what}{f' {count} 条' if count > 1 else ''}）" for (whose, what), count in found.items()
    ]
    more = f"等 {len(named)} 处" if len(named) > MOST_NAMED else ""
    return (
        f"没有撤销：导入以后，这些资料已经有人用到或者改过了：{'、'.join(named[:MOST_NAMED])}{more}。"
        "要改，请到各人的页面办理。"
    )
