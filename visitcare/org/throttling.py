"""Wrong passwords slow down the account they were tried on, and nobody else: a whole town may share one address."""

import unicodedata

from django.core.cache import cache

from visitcare.kit.encryption import blind_index
from visitcare.org.backends import find_account

TRIES = 10
WAIT_SECONDS = 15 * 60


def is_slowed(typed: str) -> bool:
    """Whether this account has had too many wrong passwords in the last quarter of an hour."""
    return int(cache.get(_key(typed), 0)) >= TRIES


def count_wrong(typed: str) -> None:
    """One more wrong password; the first one starts the clock."""
    key = _key(typed)
    if not cache.add(key, 1, WAIT_SECONDS):
        try:
            cache.incr(key)
        except ValueError:  # the clock ran out between the two calls
            cache.set(key, 1, WAIT_SECONDS)


def forget_wrong(typed: str) -> None:
    """The right password was given."""
    cache.delete(_key(typed))


def _key(typed: str) -> str:
    """One key an account, however its number is written; unknown ones are slowed too, so that nothing betrays them."""
    account = find_account(typed)
    plain = "".join(unicodedata.normalize("NFKC", typed).split()).lower()
    return f"wrong-password:{account.pk if account else blind_index('sign_in', plain)}"
