"""Signing in, a password of one's own, and whose login cards to print."""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password

from visitcare.kit.texts import TidyForm
from visitcare.org.models import User
from visitcare.org.throttling import forget_tries, in_minutes, key_of, key_of_account, take_try

MOBILE_DIGITS = 11
CALL_THE_TOWN = "忘了密码，请打电话给镇民政办，让他们给您一个新的。"
CALL_THE_ADMIN = "忘了密码，请找系统管理员，让他给您一个新的。"
"""For people of an office, whose passwords no town may issue."""


def mobile_mistake(typed: str) -> str:
    """What is wrong with something that was meant as a mobile number; empty when that cannot be told."""
    digits = "".join(unicodedata.normalize("NFKC", typed).split()).replace("-", "")
    if digits.isdecimal() and len(digits) != MOBILE_DIGITS:
        return f"手机号是 {MOBILE_DIGITS} 位，您写了 {len(digits)} 位，请再看一下。"
    return ""


def refuse_too_early(wait: timedelta, forgotten: str) -> None:
    """Say how long to wait before the next password, and who helps."""
    if wait:
        raise forms.ValidationError(
            f"密码错了太多次，这个账号要停一停。请过 {in_minutes(wait)} 分钟再试，没到时间，写对了也进不去。{forgotten}"
        )


class SignInForm(AuthenticationForm):
    """Mobile number or user name, and password."""

    forgotten = CALL_THE_TOWN

    username = forms.CharField(label="手机号", error_messages={"required": "请写手机号。"})
    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput, error_messages={"required": "请写密码。"}
    )

    def clean(self) -> dict[str, Any]:
        typed, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        mistake = mobile_mistake(typed or "")
        if typed and password:
            key = key_of(typed)
            refuse_too_early(take_try(key), self.forgotten)
            self.user_cache = authenticate(self.request, username=typed, password=password)
            if self.user_cache is not None:
                forget_tries(key)
                return self.cleaned_data
            if not mistake:
                raise forms.ValidationError(f"手机号或密码不对，请再看一下。{self.forgotten}")
        if mistake:
            self.add_error("username", mistake)
        return self.cleaned_data


class NewPasswordForm(forms.Form):
    """A new password, typed twice. Whoever comes with a first password has just typed that one: it is not asked
    again."""

    old = forms.CharField(
        label="现在的密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请写现在的密码。"},
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请写新密码。"},
    )
    again = forms.CharField(
        label="再写一遍新密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请把新密码再写一遍。"},
    )

    def __init__(self, *args: Any, user: User, just_typed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if just_typed:
            del self.fields["old"]

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        key = key_of_account(self.user, "change")
        forgotten = CALL_THE_ADMIN if self.user.is_staff else CALL_THE_TOWN
        refuse_too_early(take_try(key), forgotten)
        if not self.user.check_password(old):
            raise forms.ValidationError(f"现在的密码不对，请再看一下。{forgotten}")
        forget_tries(key)
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        if self._is_the_present_one(new):
            raise forms.ValidationError("新密码和现在的一样。请换一个。")
        return new

    def _is_the_present_one(self, new: str) -> bool:
        """Told by the one just typed and found right: a guess in this field would be a try that nobody counts."""
        if "old" in self.fields:
            return self.cleaned_data.get("old") == new
        return self.user.check_password(new)

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if self.cleaned_data.get("new") not in (None, again):
            raise forms.ValidationError("两遍写的不一样。请再写一遍。")
        return again


class CardsForm(TidyForm):
    """Whose login cards to print, of those for whom one may."""

    workers = forms.ModelMultipleChoiceField(
        label="给谁打印",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请先勾选要打印的人。"},
    )

    def __init__(self, *args: Any, holders: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workers: Any = self.fields["workers"]
        workers.queryset = User.objects.filter(pk__in=[user.pk for user in holders])
