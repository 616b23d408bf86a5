"""Two people with the same file open: the later one is told what changed in between, and loses nothing."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.utils.datastructures import MultiValueDict

from visitcare.audit.history import Entries, changes
from visitcare.audit.words import change_words
from visitcare.kit.admin import DoorForm
from visitcare.kit.weeks import SHANGHAI

SEEN = "seen"
MOST_TOLD = 6


class KnowsWhatWasSeen(DoorForm):
    """Carries how many changes the file had when the form was opened; `file` are the histories it consists of. With
    more of them on its return the form is refused once, tells them, and takes them as seen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = Entries(*self.file())
        self.fields[SEEN] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        self.initial = {**self.initial, SEEN: self.entries.count()}

    def file(self) -> list["QuerySet[Any]"]:
        """The histories of the rows that this form shows and writes."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        seen, now = said.get(SEEN), self.entries.count()
        if seen is not None and seen < now:
            self.data = data = MultiValueDict(self.data)
            data[SEEN] = str(now)
            self.add_error(
                None, f"您填的时候，这份资料有人改过，还没有收下您的：{'；'.join(self._told(now - seen))}。"
            )
            self.add_error(None, "您填的都还在。请对照着看一看，改好了再提交一次，就按您的算。")
        return said

    def _told(self, new: int) -> Iterator[str]:
        about: Model = self.obj
        for change in changes(about, self.entries[:new][:MOST_TOLD]):
            who = "、".join(dict.fromkeys(event.actor_name for event in change.events)) or "有人"
            words = "，".join(change_words(change))
            at = change.at.astimezone(SHANGHAI)
            yield f"{who} {at:%H:%M} {change.model._meta.verbose_name} {words}"
        if new > MOST_TOLD:
            yield f"还有 {new - MOST_TOLD} 处"
