import pytest
from pytest_django import Settings

from tests.cast import Cast
from visitcare.audit.models import Event
from visitcare.org.accounts import find_account
from visitcare.org.backends import MobileOrLogin
from visitcare.org.models import User

PASSWORD = "早上好2025"


@pytest.fixture
def worker(cast: Cast) -> User:
    cast.worker.login = "lugf"
    cast.worker.set_password(PASSWORD)
    cast.worker.save()
    return cast.worker


def signed_in(username: str | None, password: str | None) -> User | None:
    return MobileOrLogin().authenticate(None, username=username, password=password)


@pytest.mark.parametrize(
    "typed",
    ["19900090002", " 199 0009 0002 ", "+86 199-0009-0002", "１９９０００９０００２", "lugf", " lugf "],
)
def test_sign_in_by_mobile_as_it_is_typed_or_by_login(worker: User, typed: str) -> None:
    assert signed_in(typed, PASSWORD) == worker


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("lugf", "不对"),
        ("lugf", ""),
        ("19900000000", PASSWORD),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("lugf", None),
    ],
)
def test_sign_in_with_anything_wrong_is_nobody(worker: User, username: str, password: str | None) -> None:
    assert signed_in(username, password) is None


def test_sign_in_to_a_disabled_account_is_nobody(worker: User) -> None:
    worker.is_active = False
    worker.save()
    assert signed_in("lugf", PASSWORD) is None


@pytest.fixture
def stronger_hashes(worker: User, settings: Settings) -> None:
    """The framework has come to keep passwords in another way than that of the worker."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]


def test_password_that_is_kept_anew_at_sign_in_is_an_act_of_its_owner(
    worker: User, stronger_hashes: None
) -> None:
    before = worker.history.count()
    assert signed_in("lugf", PASSWORD) == worker
    worker.refresh_from_db()
    assert worker.password.startswith("pbkdf2_")
    assert worker.check_password(PASSWORD)
    assert Event.objects.get(verb="keep_password_anew").actor_id == worker.pk
    assert worker.history.count() == before + 1
    assert signed_in("lugf", PASSWORD) == worker
    assert worker.history.count() == before + 1


def test_password_is_not_kept_anew_where_nobody_signs_in(worker: User, stronger_hashes: None) -> None:
    before = worker.password
    assert signed_in("lugf", "不对") is None
    assert worker.check_password(PASSWORD)
    User.objects.filter(pk=worker.pk).update(is_active=False)
    assert signed_in("lugf", PASSWORD) is None
    assert User.objects.get(pk=worker.pk).password == before
    assert not Event.objects.filter(verb="keep_password_anew").exists()


def test_sign_in_without_a_password_set_is_nobody(cast: Cast) -> None:
    assert signed_in(cast.next_worker.mobile, "") is None


def test_sign_in_as_the_system_actor_is_nobody(system: User) -> None:
    assert signed_in("system", "") is None


def test_session_of_an_account_that_was_disabled_ends(worker: User) -> None:
    assert MobileOrLogin().get_user(worker.pk) == worker
    User.objects.filter(pk=worker.pk).update(is_active=False)
    assert MobileOrLogin().get_user(worker.pk) is None


def test_account_is_found_by_its_mobile_only_as_a_whole(cast: Cast) -> None:
    assert find_account("1990009000") is None
