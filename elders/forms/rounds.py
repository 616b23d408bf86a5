"""What is asked of days off and stand-ins, on phones and in offices alike."""

from typing import Any

from django import forms

from elders.coverage import substitutes_of, workers_to_arrange
from elders.forms.screening import PhoneForm
from elders.models import WEEKDAY_WORDS
from visitcare.org.models import User


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": f"“{label}”不是日期。请写成 2026-11-27 这样。"},
    )


def weekdays_field() -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label="每周哪几天不方便",
        choices=list(enumerate(WEEKDAY_WORDS)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "没有这样的一天。请从星期一到星期日里选。"},
    )


class WeekdaysForm(PhoneForm):
    weekdays = weekdays_field()


class AwayForm(PhoneForm):
    starts_on = day_field("从哪天起")
    ends_on = day_field("到哪天为止")


class StandInForm(PhoneForm):
    """Who goes instead of whom; only people of the places whose rounds somebody arranges are offered."""

    absent = forms.ModelChoiceField(label="谁不在", queryset=User.objects.none(), empty_label="请选")
    substitute = forms.ModelChoiceField(label="谁代班", queryset=User.objects.none(), empty_label="请选")
    starts_on = day_field("从哪天起")
    ends_on = day_field("到哪天为止")
    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, people in (("absent", workers_to_arrange(user)), ("substitute", substitutes_of(user))):
            field: Any = self.fields[name]
            field.queryset = people
            field.error_messages["invalid_choice"] = f"“{field.label}”里没有这个人。请从名单里选。"
