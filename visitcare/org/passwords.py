"""First passwords: issued by the town, shown once, changed at the first sign-in."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError

# No letters: an elderly worker types it on a phone's number keys. Eight digits, one use, behind throttling.
_DIGITS = "0123456789"


def first_password() -> str:
    """Eight random digits."""
    return "".join(secrets.choice(_DIGITS) for _ in range(8))


class NotTheMobileNumber:
    """A mobile number is known to the whole village."""

    def validate(self, password: str, user: Any = None) -> None:
        mobile = getattr(user, "mobile", "")
        if mobile and (password in mobile or mobile in password):
            raise ValidationError("密码不能用手机号，或手机号里的一段。请换一个别人猜不到的。", code="mobile")

    def get_help_text(self) -> str:
        return "不能用自己的手机号。"
