"""A new key for the personal data: put first into the keyring, everything encrypted again, the old one taken out."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.db.models import Q

from visitcare.kit.encryption import (
    EncryptedBinaryField,
    Keyring,
    SealedField,
    fresh_key,
    key_file,
    keyring,
)

BATCH = 500
BATCH_OF_FILES = 20
"""Of rows that hold whole files: a few megabytes at a time."""
NUMBERED = r"k(\d+)"
LOCK = 320699
"""Of the server's advisory locks, the one for changing keys."""


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else changes keys meanwhile: of two who write the file at once, one's key would be lost, and with
    it what was encrypted with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (is_alone,) = cursor.fetchone()
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def rows_of_old_keys(model: type[models.Model]) -> "models.QuerySet[models.Model]":
    """The rows of which something is encrypted with another key than the current one."""
    rows = model._base_manager.all()
    old = Q()
    for field in sealed_fields(model):
        name = _key_of(field)
        rows = rows.annotate(**{name: field.key_name})
        old |= Q(**{f"{name}__isnull": False}) & ~Q(**{f"{name}__in": ["", keyring().current]})
    return rows.filter(old)


def sealed_models() -> Iterator[type[models.Model]]:
    return (model for model in apps.get_models() if sealed_fields(model))


def sealed_fields(model: type[models.Model]) -> list[SealedField]:
    return [field for field in model._meta.local_fields if isinstance(field, SealedField)]


def _key_of(field: SealedField) -> str:
    return f"key_of_{field.name}"


def is_finished() -> bool:
    """Whether everything is encrypted with the current key."""
    return not any(rows_of_old_keys(model).exists() for model in sealed_models())


def seal_again(model: type[models.Model]) -> int:
    """Encrypt a model's rows with the current key, batch by batch; how many had another. Frozen rows too: while
    visitcare.rekeying is on, their triggers let a change of nothing but the key pass, and to a newer one alone."""
    insist_newest(keyring())
    count = 0
    while walked := _walk(model):  # again, for what came in behind it with an old key
        count += walked
    return count


def _walk(model: type[models.Model]) -> int:
    """Through all rows of a model once, in the order of their keys: each batch begins where the one before has ended, and
    looks through none of the rows that are done. How many had another key."""
    count, further = 0, Q()
    while rows := _seal_batch(model, further):
        count += len(rows)
        further = Q(pk__gt=rows[-1].pk)
    return count


def _at_once(fields: list[SealedField]) -> int:
    return BATCH_OF_FILES if any(isinstance(field, EncryptedBinaryField) for field in fields) else BATCH


def _seal_batch(model: type[models.Model], further: Q) -> list[models.Model]:
    fields = sealed_fields(model)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL visitcare.rekeying = 'on'")
        old = rows_of_old_keys(model).filter(further).select_for_update(of=("self",))
        rows = list(old.order_by("pk")[: _at_once(fields)])
        for row in rows:
            _keep_what_is_current(row, fields)
        model._base_manager.bulk_update(rows, [field.name for field in fields])
    return rows


def _keep_what_is_current(row: models.Model, fields: list[SealedField]) -> None:
    for field in fields:
        if getattr(row, _key_of(field)) == keyring().current:
            setattr(row, field.name, models.F(field.name))


def insist_newest(ring: Keyring) -> None:
    """Raise ImproperlyConfigured unless the current key has the highest number, by which the database knows it."""
    numbers = {name: int(found[1]) if (found := re.fullmatch(NUMBERED, name)) else 0 for name in ring.ciphers}
    if any(number >= numbers[ring.current] for name, number in numbers.items() if name != ring.current):
        raise ImproperlyConfigured(
            f"The new key is called {ring.current!r}; call it k{max(numbers.values()) + 1}: data is encrypted again only "
            "with a key of a higher number than the others."
        )


def add_key() -> str:
    """Put a fresh key first into the file of the keyring; its name."""
    lines = _entries()
    numbers = [int(found[1]) for line in lines if (found := re.match(f"{NUMBERED}:", line))]
    name = f"k{max(numbers, default=0) + 1}"
    _write(key_file(), [f"{name}:{fresh_key()}", *lines])
    return name


def drop_old_keys() -> list[str]:
    """Take out of the file all keys but the current one and the index; the names of what went."""
    lines = _entries()
    names = [line.partition(":")[0] for line in lines]
    dropped = [name for name in names if name not in ("index", keyring().current)]
    _write(key_file(), [line for line, name in zip(lines, names, strict=True) if name not in dropped])
    return dropped


def _entries() -> list[str]:
    return key_file().read_text().replace(",", "\n").split()


def _write(path: Path, lines: list[str]) -> None:
    """Replace the file in one step, so that no moment is without a key."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with fresh.open("w") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    keyring.cache_clear()
