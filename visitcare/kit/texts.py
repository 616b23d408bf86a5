"""What people type, without what nobody can see: control characters, marks that turn the direction of writing."""

import re
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

# Other breaks and spaces than those of a keyboard, as pasted out of office programs.
_SPACES = re.compile("[\t\x0b\x0c\x85\u2028\u2029]+")
# Not the joiners U+200C and U+200D: emoji are made with them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)


def tidy(text: str) -> str:
    """The text as a reader sees it. A name with an unseen mark in it would be found by nobody; one that turns the
    direction of writing would make the words beside it read as others."""
    return _UNSEEN.sub("", _SPACES.sub(" ", text))


class TidyForm(forms.Form):
    """A form that reads tidy texts, whatever was sent. (Not for passwords: they are what was typed.)"""

    def __init__(self, data: "MultiValueDict[str, str] | None" = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(_tidied(data), *args, **kwargs)

    def full_clean(self) -> None:
        for field in self.fields.values():
            too_long = f"“{field.label}”最多 %(limit_value)d 个字，现在有 %(show_value)d 个。请写短一些。"
            field.error_messages.setdefault("max_length", too_long)
        super().full_clean()


def _tidied(data: "MultiValueDict[str, str] | None") -> "MultiValueDict[str, str] | None":
    if data is None:
        return None
    return MultiValueDict({name: [tidy(text) for text in texts] for name, texts in data.lists()})
