"""Entries of row history in words: 手机号：138****1234 → 139****5678.

A model with a JSON column hands over how that reads: `json_words` names for the column a function from a name and its
value to both in words.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models

from visitcare.audit.history import MADE, REMOVED, Change
from visitcare.kit.encryption import EncryptedTextField
from visitcare.kit.masking import mask_card, mask_id_number, mask_phone
from visitcare.kit.weeks import SHANGHAI

EMPTY = "（空）"
LONGEST = 80
_MASKS = {"id_number": mask_id_number, "card": mask_card, "phone": mask_phone, "mobile": mask_phone}

Field: TypeAlias = "models.Field[Any, Any]"


def change_words(change: Change) -> Iterator[str]:
    """One line a field; of what was made or removed, just that."""
    if change.label in (MADE, REMOVED):
        yield "新建" if change.label == MADE else "删除"
        return
    for one in change.fields:
        old, new = _apart(one.old, one.new)
        yield changed_words(one.field, old, new)
    if not change.fields:
        yield "改过（内容不留存，如密码）"


def changed_words(field: Field, old: Any, new: Any) -> str:
    return f"{field.verbose_name}：{value_words(field, old)} → {value_words(field, new)}"


def _apart(old: Any, new: Any) -> tuple[Any, Any]:
    """Of two mappings only what differs."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return old, new
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return tuple({name: side[name] for name in names if name in side} for side in (old, new))  # type: ignore[return-value]


def value_words(field: Field, value: Any) -> str:
    """A value as the pages write it, numbers of people masked."""
    if value in (None, "", [], {}):
        return EMPTY
    words = _words(field, value)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def _words(field: Field, value: Any) -> str:
    match value:
        case _ if isinstance(field, EncryptedTextField):
            return _mask(field.name, value)
        case _ if isinstance(field, models.ForeignKey):
            return str(field.related_model._base_manager.filter(pk=value).first() or value)
        case bool():
            return _plain(value)
        case datetime():
            return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case list():
            inner = field.base_field if isinstance(field, ArrayField) else field
            return "、".join(_words(inner, one) for one in value)
        case Mapping():
            return "，".join(_said(field, name, one) for name, one in value.items())
    return str(dict(field.flatchoices).get(value, value))


def _said(field: Field, name: str, value: Any) -> str:
    """Of a JSON column a name and its value; plain where somebody wrote past the system what the model does not know."""
    tracked: Any = field.model.pgh_tracked_model  # type: ignore[attr-defined]
    try:
        return "{} {}".format(*tracked.json_words[field.name](name, value))
    except (AttributeError, LookupError, TypeError, ValueError):
        return f"{name} {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _mask(name: str, value: str) -> str:
    return next((mask(value) for part, mask in _MASKS.items() if part in name), "*" * len(value))
