"""Somebody new, told apart from those on file."""

from collections.abc import Iterator
from typing import Any

from django import forms

from elders import actions
from elders.forms.answers import Part, RegistrationFields
from elders.matching import Sought, near_matches
from elders.models import Household


class SetsApart(RegistrationFields):
    """The registration of somebody new, told apart from those on file: whoever is like them is shown, and has to be
    looked at before it goes on."""

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        self.set_apart(said)
        return said

    @property
    def household_known(self) -> Household | None:
        """The household that is registered into, where it is known from the start."""
        return None

    def place_code(self, said: dict[str, Any]) -> str:
        """The village or group of a new household, as far as it has been said."""
        return ""

    def sought(self, said: dict[str, Any]) -> Sought:
        """Who is to be looked for; also when the number is not right."""
        household = said.get("known") or self.household_known
        return Sought(
            number=said.get("id_number") or self.data.get("id_number", ""),
            name=said.get("name", ""),
            birth_date=said.get("birth_date"),
            place=household.place_id if household else self.place_code(said),
            household=household.pk if household else None,
        )

    def set_apart(self, said: dict[str, Any]) -> None:
        """Ask about those who are like this one. Whom the asker may not see is told of in so far as there is one, and
        that this was told is on record, however the form ends."""
        self.matches = near_matches(self.sought(said), by=self.request.user)
        actions.note_unseen(by=self.request.user, matches=self.matches)
        asked = [match for match in self.matches if match.is_asked]
        data: Any = self.data
        ticked = set(data.getlist("looked_at"))
        said["looked_at"] = [match for match in asked if match.key in ticked]
        if asked:
            self.fields["looked_at"] = forms.MultipleChoiceField(
                label="像是同一个人的：看过了，不是同一个人的，打勾",
                choices=[(match.key, match.words) for match in asked],
                widget=forms.CheckboxSelectMultiple,
                help_text="是同一个人的，不要再登记，请打开那份档案；别处的，请打电话核对。",
            )
        if len(said["looked_at"]) < len(asked):
            self.add_error("looked_at", "有像是同一个人的，请先看一看。不是同一个人的，打上勾再提交。")

    def parts(self) -> Iterator[Part]:
        if "looked_at" in self.fields:
            yield Part("是不是同一个人", fields=[self["looked_at"]])
        yield from super().parts()
