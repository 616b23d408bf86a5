"""Doors from the admin to the actions: what a person may do to an object, or to all rows of a filter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from visitcare.kit.admin.requests import OfficeRequest
from visitcare.kit.texts import TidyForm

T = TypeVar("T")


class DoorForm(TidyForm):
    """What a door asks. It knows who asks about what, so that its choices can be scoped."""

    def __init__(self, *args: Any, request: OfficeRequest, obj: Any = None, **kwargs: Any) -> None:
        self.request, self.obj = request, obj
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"请填“{field.label}”。"


class FileInput(forms.FileInput):
    """The admin's script writes the name of the chosen file into a text field beside it, and fails without one; here
    the browser shows the name itself."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return format_html('{}<input type="text" disabled hidden>', super().render(*args, **kwargs))


class ReasonForm(DoorForm):
    """A reason that somebody else will read."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


@dataclass(frozen=True, slots=True)
class Door:
    """One action that an object's page offers to whoever holds `right` for the object's place.

    `act(request, obj, said)` gets what the form said and returns a sentence on what happened, or a whole response.
    `shown` says whether the object is in a state for it, `words` what will happen; `tone` is main, plain or danger;
    `apart` gives a long form a page of its own, by `template`. `key` is a key on the keyboard that opens the door.
    """

    name: str
    label: str
    right: str
    act: Callable[[OfficeRequest, Any, dict[str, Any]], "str | HttpResponse"]
    form: type[DoorForm] = DoorForm
    shown: Callable[[OfficeRequest, Any], bool] = lambda request, obj: True
    words: str = ""
    tone: str = "plain"
    apart: bool = False
    template: str = "admin/door.html"
    key: str = ""

    @property
    def asks(self) -> bool:
        """Whether there is something to read or to fill in before."""
        return bool(self.words or self.form.base_fields)


@dataclass(frozen=True, slots=True)
class BulkDoor:
    """One action on the selected rows of a list, or on all rows of its filter.

    `act(request, rows, said)` gets a queryset and returns the sentences on what happened to the rows, each with its
    level of django.contrib.messages, or a whole response. A page in between says how many rows there are.
    """

    name: str
    label: str
    right: str
    act: Callable[
        [OfficeRequest, "models.QuerySet[Any]", dict[str, Any]], "Sequence[tuple[int, str]] | HttpResponse"
    ]
    form: type[DoorForm] = DoorForm
    words: str = ""
    tone: str = "plain"


def attempt(do: Callable[[], T]) -> tuple[T | None, str]:
    """Run an action; (its answer, "") or (None, why not, in words for the person)."""
    try:
        return do(), ""
    except PermissionDenied as error:
        return None, str(error) or "您没有办理这件事的权限。"
    except IntegrityError:  # a constraint caught what two people did at once
        return None, "没有办成：刚才有人改了同一份资料。请刷新页面，看过再办。"
    except ValueError as error:
        return None, str(error)


def act(request: OfficeRequest, do: Callable[[], T]) -> T | None:
    """Run an action; a refusal becomes an error message on the next page."""
    answer, refusal = attempt(do)
    if refusal:
        messages.error(request, refusal)
    return answer


def shown_once(
    request: OfficeRequest, *, heading: str, note: str, rows: Sequence[tuple[str, str]], back: str
) -> HttpResponse:
    """A page with something secret (words and value), which no cache, message or log keeps."""
    context = {"title": heading, "heading": heading, "note": note, "rows": rows, "back": back}
    response = TemplateResponse(request, "admin/shown_once.html", {**site.each_context(request), **context})
    response["Cache-Control"] = "no-store"
    return response
