"""Wrong passwords slow down the account they were tried on, and nobody else: a whole town may share one address.

Ten tries are free; then each has to wait, longer from one to the next, never more than a quarter of an hour. A try is
counted before the password is looked at: many at once get no more guesses than one after the other, and one that comes
too early costs no hash. The right password, or a new first password from the town, forgets them all. Names that nobody
has are counted alike, so that nothing betrays who has an account. Who is signed in notices nothing.
"""

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.utils import timezone

from visitcare.kit.encryption import blind_index
from visitcare.org.accounts import as_meant, find_account
from visitcare.org.models import PasswordTries, User

FREE_TRIES = 10
WAIT_MINUTES = (1, 2, 4, 8, 15)
"""After the last free try, the next, and so on; the last stays."""
FORGOTTEN_AFTER = timedelta(days=1)
"""Without another try."""


def wait_after(tries: int) -> timedelta:
    """How long the next password has to wait after so many that were wrong."""
    if tries < FREE_TRIES:
        return timedelta()
    return timedelta(minutes=WAIT_MINUTES[min(tries - FREE_TRIES, len(WAIT_MINUTES) - 1)])


def key_of(typed: str) -> str:
    """One key an account, however its mobile number or user name is written; one a name that nobody has."""
    account = find_account(typed)
    return key_of_account(account) if account else _index(f"nobody {as_meant(typed)}")


def key_of_account(user: User, where: str = "sign_in") -> str:
    """Whoever is signed in and changes the password is counted apart: strangers at the door do not hinder them."""
    return _index(f"{where} pk={user.pk}")


def take_try(key: str) -> timedelta:
    """Count one try and return zero, or count nothing and return how long the account still has to wait."""
    with transaction.atomic():
        mine = PasswordTries.objects.select_for_update()
        row, _ = mine.get_or_create(key=key, defaults={"last_at": timezone.now()})
        now = timezone.now()  # after the lock was waited for
        if row.last_at < now - FORGOTTEN_AFTER:
            row.tries = 0
        wait = wait_left(row, now)
        if not wait:
            row.tries, row.last_at = row.tries + 1, now
            row.save(update_fields=["tries", "last_at"])
    return wait


def wait_left(row: PasswordTries, now: datetime) -> timedelta:
    pause = wait_after(row.tries)
    return max(row.last_at + pause - now, timedelta()) if pause else pause


def in_minutes(wait: timedelta) -> int:
    """As it is told: whole minutes, rather one too many."""
    return ceil(wait / timedelta(minutes=1))


def wait_of(user: User) -> timedelta:
    """How long this account has to wait before the next password."""
    row = PasswordTries.objects.filter(key=key_of_account(user)).first()
    return wait_left(row, timezone.now()) if row else timedelta()


def forget_tries(key: str) -> None:
    """The right password was given, or there is a new one."""
    PasswordTries.objects.filter(key=key).update(tries=0)


def delete_old_tries() -> int:
    """Delete what no longer counts; how many there were."""
    old = PasswordTries.objects.filter(last_at__lt=timezone.now() - FORGOTTEN_AFTER)
    return old.delete()[0]


def _index(text: str) -> str:
    return blind_index("password_tries", text) or ""
