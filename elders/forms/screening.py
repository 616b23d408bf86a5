"""What village people say of the people on the list of a round, on their phones."""

from typing import Any

from django import forms

from elders.models import ScreenedPerson, Sex
from visitcare.kit.identity import PaperError, parse_id_number
from visitcare.kit.scope import in_areas
from visitcare.kit.texts import TidyForm
from visitcare.kit.weeks import today
from visitcare.org.models import Division, User
from visitcare.org.roles import Right


class PhoneForm(TidyForm):
    """Every mistake says in words which question it is about."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"请填“{field.label}”。"

    @property
    def mistakes(self) -> list[str]:
        return [str(words) for errors in self.errors.values() for words in errors]


class FoundForm(PhoneForm):
    """How one person was found."""

    result = forms.ChoiceField(
        label="情况",
        choices=[(one.value, one.label) for one in ScreenedPerson.ANSWERS],
        error_messages={"invalid_choice": "没有点是什么情况。请点一个按钮。"},
    )
    note = forms.CharField(
        label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class MetForm(PhoneForm):
    """Somebody old of whom the list knows nothing: the number, or the year of birth and the sex."""

    name = forms.CharField(label="姓名", max_length=60)
    id_number = forms.CharField(
        label="身份证号码",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_year = forms.IntegerField(
        label="出生年份",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "出生年份请填四位数字，例如 1950。"},
    )
    sex = forms.ChoiceField(label="性别", choices=Sex.choices, required=False, widget=forms.RadioSelect)
    place = forms.ModelChoiceField(
        label="哪个组",
        queryset=Division.objects.none(),
        empty_label="请选",
        error_messages={"invalid_choice": "没有这个组，或者不归您排摸。请重新选。"},
    )
    address = forms.CharField(label="住在哪里", max_length=200, required=False)
    lives_alone = forms.NullBooleanField(label="一个人住吗？", widget=forms.RadioSelect)
    note = forms.CharField(
        label="还有什么要说的", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["place"]
        places.queryset = places_to_screen(by)
        places.label_from_instance = lambda place: place.name
        alone: Any = self.fields["lives_alone"]
        alone.widget.choices = [("true", "是"), ("false", "不是")]

    def clean_id_number(self) -> str:
        typed = self.cleaned_data["id_number"]
        if not typed.strip():
            return ""
        try:
            self.read = parse_id_number(typed, today=today())
        except PaperError as wrong:
            raise forms.ValidationError(f"{wrong}。") from wrong
        return self.read.number

    def clean(self) -> dict[str, Any]:
        """A number says birth and sex by itself; what was typed beside it must agree."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("id_number"):
            born, sex = self.read.birth_date, self.read.sex
            if said.get("birth_year") not in (None, born.year):
                self.add_error("birth_year", f"身份证号码上是 {born.year} 年生，和出生年份不一样。请改一致。")
            if said.get("sex") not in ("", None, sex):
                self.add_error("sex", f"身份证号码上是{Sex(sex).label}，和性别不一样。请改一致。")
            return said | {"birth_date": born, "birth_year": born.year, "sex": sex}
        if "id_number" in said and "birth_year" not in self.errors and not said.get("birth_year"):
            self.add_error("birth_year", "请填出生年份，或者身份证号码。")
        if "id_number" in said and not said.get("sex"):
            self.add_error("sex", "请选男或者女。")
        return said


def places_to_screen(by: User) -> Any:
    """The groups in which somebody screens, with the village for those who look at all of it."""
    places = Division.objects.filter(in_areas("code", by.areas_with(Right.SCREEN)), active=True)
    return places.filter(level__in=[Division.Level.VILLAGE, Division.Level.GROUP]).order_by("code")
