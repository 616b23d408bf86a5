"""Signing in to the offices' admin: as on the worker pages, and only for people with a posting in an office."""

from typing import Any

from django import forms

from visitcare.org.forms import CALL_THE_ADMIN, SignInForm


class OfficeSignInForm(SignInForm):
    forgotten = CALL_THE_ADMIN

    username = forms.CharField(
        label="手机号或用户名",
        error_messages={"required": "请写手机号或用户名。"},
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请写密码。"},
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        user: Any = self.user_cache
        if user is not None and not user.is_staff:
            raise forms.ValidationError(
                "密码是对的，但这个账号现在没有镇或市里的任职，进不了工作台。探访人员请用探访页面；"
                "刚调来的，请找系统管理员登记任职。"
            )
        return said
