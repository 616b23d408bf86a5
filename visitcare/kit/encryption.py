"""Personal data at rest: AES-256-GCM in the column, keyed indexes beside it to find it again.

The keyring is text, one `name:base64` a line (or a comma): `index` keys the blind indexes, every other name an
encryption key; the first of these encrypts, all of them decrypt. It comes from VISITCARE_KEY or from the file
`personal_data_key` in the data folder, which is made at the first start, and never again once there is something to read.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.db.models import Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

KEY_FILE = "personal_data_key"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Keyring:
    """`current` names the key that encrypts; `index_key` keys every blind index."""

    current: str
    ciphers: dict[str, AESGCM]
    index_key: bytes

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Raise ImproperlyConfigured when a line is not `name:32 bytes in base64` or a part is missing."""
        keys: dict[str, bytes] = {}
        for entry in text.replace(",", "\n").split():
            name, _, encoded = entry.partition(":")
            try:
                key = base64.urlsafe_b64decode(encoded)
            except ValueError:
                key = b""
            if len(key) != 32 or not name.isalnum():
                raise ImproperlyConfigured(
                    f"The personal data key has a bad entry ({name!r}): expected name:32 bytes in base64."
                )
            keys[name] = key
        index_key = keys.pop("index", b"")
        if not index_key or not keys:
            raise ImproperlyConfigured("The personal data key needs an `index` entry and an encryption key.")
        return cls(next(iter(keys)), {name: AESGCM(key) for name, key in keys.items()}, index_key)

    def encrypt(self, text: str) -> str:
        return f"{self.current}:{base64.b64encode(self._seal(text.encode())).decode()}"

    def decrypt(self, stored: str) -> str:
        name, _, encoded = stored.partition(":")
        return self._open(name, base64.b64decode(encoded)).decode()

    def encrypt_bytes(self, data: bytes) -> bytes:
        return f"{self.current}:".encode() + self._seal(data)

    def decrypt_bytes(self, stored: bytes) -> bytes:
        name, _, sealed = stored.partition(b":")
        return self._open(name.decode(errors="replace"), sealed)

    def _seal(self, data: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self.ciphers[self.current].encrypt(nonce, data, None)

    def _open(self, name: str, sealed: bytes) -> bytes:
        if name not in self.ciphers:
            raise ImproperlyConfigured(
                f"Personal data is encrypted with key {name!r}, which the keyring lacks."
            )
        try:
            return self.ciphers[name].decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except InvalidTag:
            raise ImproperlyConfigured(
                f"Personal data cannot be read with key {name!r}: this is not the key it was written with."
            ) from None

    def index(self, kind: str, text: str) -> str:
        return hmac.new(self.index_key, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()[:32]


def fresh_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def fresh_keyring() -> str:
    """The text of a new keyring."""
    return f"index:{fresh_key()}\nk1:{fresh_key()}\n"


def key_file() -> Path:
    return Path(settings.VAR) / KEY_FILE


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """The keyring in force; made and kept in the data folder when there is none yet."""
    if settings.PERSONAL_DATA_KEY:
        return Keyring.parse(settings.PERSONAL_DATA_KEY)
    path = key_file()
    if not path.exists():
        if any(True for _ in _sealed()):
            raise ImproperlyConfigured(
                f"The database holds encrypted personal data, but the key {path} is missing. Put it back, or name it in "
                "VISITCARE_KEY: a new one could read nothing (docs/how-to/keep-the-key.md)."
            )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{KEY_FILE}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(fresh_keyring())
        try:  # a link fails where a rename would overwrite the key of a process that was a moment faster
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return Keyring.parse(path.read_text())


def _sealed() -> Iterator[Callable[[], Any]]:
    """Of each encrypted column that has anything, one value to be unsealed; also in a database that is not migrated yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = ANY (current_schemas(false))"
        )
        there = set(cursor.fetchall())
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedField) and (model._meta.db_table, field.column) in there:
                rows = model._base_manager.annotate(stored=field.as_stored).exclude(stored=field.nothing)
                for stored in rows.values_list("stored", flat=True)[:1]:
                    yield partial(field.unseal, stored)


@checks.register(checks.Tags.database)
def check_key(*, databases: Collection[str] | None, **_: Any) -> list[checks.CheckMessage]:
    """The key opens what the database holds; asked whenever `migrate` runs."""
    if not databases:
        return []
    try:
        for unseal_one in _sealed():
            unseal_one()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="visitcare.E001")]
    return []


def unseal(stored: str) -> str:
    """The text of a stored one, also if its key has come since this process read the keyring."""
    return _ring_of(stored.partition(":")[0]).decrypt(stored)


def unseal_bytes(stored: bytes) -> bytes:
    """As `unseal`."""
    return _ring_of(stored.partition(b":")[0].decode(errors="replace")).decrypt_bytes(stored)


def _ring_of(name: str) -> Keyring:
    if name not in keyring().ciphers:
        keyring.cache_clear()
    return keyring()


def blind_index(kind: str, text: str) -> str | None:
    """The keyed index of a value, to compare for equality without reading it; None for nothing."""
    return keyring().index(kind, text) if text else None


def tail_index(kind: str, text: str, last: int = 4) -> str | None:
    """The keyed index of the last characters of a value."""
    return blind_index(f"{kind}.tail{last}", text[-last:]) if text else None


class SealedField(models.Field):
    """What stands encrypted in its column and is plain on the instance. It cannot be searched or sorted. An empty one is
    stored as it is.

    `nothing` is the empty value; `as_stored` the column as the database holds it, `key_name` the name of the key with
    which it is encrypted, or nothing.
    """

    nothing: ClassVar[Any]

    def seal(self, value: Any) -> Any:
        raise NotImplementedError

    def unseal(self, stored: Any) -> Any:
        raise NotImplementedError

    @property
    def as_stored(self) -> Combinable:
        raise NotImplementedError

    @property
    def key_name(self) -> Combinable:
        raise NotImplementedError

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return self.seal(value) if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.unseal(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is encrypted; look it up by its blind index")


class EncryptedTextField(SealedField, models.TextField):
    """Text. A BlindIndexField beside it serves equality."""

    nothing = ""

    def seal(self, value: str) -> str:
        return keyring().encrypt(value)

    def unseal(self, stored: str) -> str:
        return unseal(stored)

    @property
    def as_stored(self) -> Combinable:
        return Cast(self.name, models.TextField())

    @property
    def key_name(self) -> Combinable:
        return Func(self.as_stored, Value(":"), 1, function="split_part", output_field=models.TextField())


class EncryptedBinaryField(SealedField, models.BinaryField):
    """Bytes, such as a picture."""

    nothing = b""
    _LONGEST_NAME = 40

    def seal(self, value: bytes) -> bytes:
        return keyring().encrypt_bytes(bytes(value))

    def unseal(self, stored: bytes) -> bytes:
        return unseal_bytes(bytes(stored))

    @property
    def as_stored(self) -> Combinable:
        return Cast(self.name, models.BinaryField())

    @property
    def key_name(self) -> Combinable:
        """Of its beginning alone: what is large is not fetched whole."""
        beginning = Func(self.as_stored, 1, self._LONGEST_NAME, function="substring")
        text = Func(beginning, Value("escape"), function="encode")
        return Func(text, Value(":"), 1, function="split_part", output_field=models.TextField())


class BlindIndexField(models.CharField):
    """Keyed index of another field of the row, written whenever the row is (also by bulk_create).
    `last` > 0 indexes only that many last characters."""

    def __init__(self, *, source: str, kind: str, last: int = 0, **kwargs: Any) -> None:
        self.source, self.kind, self.last = source, kind, last
        kwargs |= {"max_length": 32, "null": True, "blank": True, "editable": False}
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for added in ("max_length", "null", "blank", "editable"):
            kwargs.pop(added, None)
        return name, path, args, kwargs | {"source": self.source, "kind": self.kind, "last": self.last}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        text = getattr(model_instance, self.source) or ""
        value = tail_index(self.kind, text, self.last) if self.last else blind_index(self.kind, text)
        setattr(model_instance, self.attname, value)
        return value


def save_changes(row: models.Model, said: Mapping[str, Any]) -> set[str]:
    """Write where a row is to say otherwise, and the indexes of it; the names of what changed. What is the same is left
    alone: sealed anew it would look like a change to the history."""
    changed = {name for name, value in said.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, said[name])
    if changed:
        indexes = {
            field.name
            for field in row._meta.local_fields
            if isinstance(field, BlindIndexField) and field.source in changed
        }
        row.save(update_fields=changed | indexes)
    return changed
