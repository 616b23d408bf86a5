"""Signing in by mobile number or user name, or by card."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import verify_password
from django.http import HttpRequest

from visitcare.org.accounts import find_account
from visitcare.org.actions import keep_password_anew
from visitcare.org.models import User


class ActiveAccounts(BaseBackend):
    """However somebody signed in, the session ends when the account is disabled."""

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


class MobileOrLogin(ActiveAccounts):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or password is None:
            return None
        user = find_account(username)
        if user is None:
            User().set_password(password)  # as long as a real check takes, so that time betrays no account
            return None
        is_right, is_outdated = verify_password(password, user.password)
        if not (is_right and user.is_active):
            return None
        if is_outdated:
            keep_password_anew(by=user, password=password)
        return user


class ByCard(ActiveAccounts):
    """What the session of somebody says whom a login card has signed in (`org.cards.use_card`)."""
