"""Signing in by mobile number or user name."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from visitcare.kit.encryption import blind_index
from visitcare.kit.identity import PaperError, parse_mobile
from visitcare.org.models import User


class MobileOrLogin(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or password is None:
            return None
        user = find_account(username)
        if user is None:
            User().set_password(password)  # as long as a real check takes, so that time betrays no account
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


def find_account(typed: str) -> User | None:
    """The account with this user name or mobile number."""
    return User.objects.filter(**_looked_up(typed)).first()


def as_meant(typed: str) -> str:
    """What somebody typed, in the one way in which it is looked up."""
    return "{}={}".format(*_looked_up(typed).popitem())


def _looked_up(typed: str) -> dict[str, str | None]:
    try:
        return {"mobile_index": blind_index("mobile", parse_mobile(typed))}
    except PaperError:
        return {"login": typed.strip()}
