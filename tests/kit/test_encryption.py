import base64
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings

from tests.cast import Cast
from visitcare.kit.encryption import KEY_FILE, Keyring, blind_index, fresh_keyring, keyring, tail_index
from visitcare.org.models import User


def key(fill: str) -> str:
    return base64.urlsafe_b64encode(fill.encode() * 32).decode()


@pytest.fixture
def fresh_cache() -> Iterator[None]:
    """Lets a test see its own keyring, and the others theirs."""
    keyring.cache_clear()
    yield
    keyring.cache_clear()


def column(user: User, name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM org_user WHERE id = %s", [user.pk])
        return str(cursor.fetchone()[0])


# The keyring


def test_encrypt_then_decrypt_gives_the_text() -> None:
    ring = Keyring.parse(fresh_keyring())
    assert ring.decrypt(ring.encrypt("32069919500501002X")) == "32069919500501002X"


def test_encrypt_same_text_twice_looks_different() -> None:
    ring = Keyring.parse(fresh_keyring())
    assert ring.encrypt("19900000001") != ring.encrypt("19900000001")


def test_first_key_encrypts_and_the_older_one_still_decrypts() -> None:
    old = Keyring.parse(f"index:{key('i')}\nk1:{key('a')}")
    rotated = Keyring.parse(f"index:{key('i')}\nk2:{key('b')}\nk1:{key('a')}")
    assert rotated.encrypt("x").partition(":")[0] == "k2"
    assert rotated.decrypt(old.encrypt("19900000001")) == "19900000001"


def test_decrypt_without_its_key_says_which() -> None:
    stored = Keyring.parse(f"index:{key('i')}\nk1:{key('a')}").encrypt("x")
    with pytest.raises(ImproperlyConfigured) as caught:
        Keyring.parse(f"index:{key('i')}\nk2:{key('b')}").decrypt(stored)
    assert str(caught.value) == "Personal data is encrypted with key 'k1', which the keyring lacks."


def test_decrypt_with_another_key_of_that_name_is_refused() -> None:
    stored = Keyring.parse(f"index:{key('i')}\nk1:{key('a')}").encrypt("x")
    with pytest.raises(ImproperlyConfigured) as caught:
        Keyring.parse(f"index:{key('i')}\nk1:{key('b')}").decrypt(stored)
    assert str(caught.value) == (
        "Personal data cannot be read with key 'k1': this is not the key it was written with."
    )


@pytest.mark.parametrize("bad", ["k1", "k1:abc", "k1:非法", f"k 1:{key('a')}", f"k-1:{key('a')}"])
def test_parse_bad_entry_is_refused(bad: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        Keyring.parse(f"index:{key('i')},{bad}")
    assert "has a bad entry" in str(caught.value)


@pytest.mark.parametrize("text", ["", f"k1:{key('a')}", f"index:{key('i')}"])
def test_parse_incomplete_keyring_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        Keyring.parse(text)
    assert str(caught.value) == "The personal data key needs an `index` entry and an encryption key."


def test_keyring_from_the_settings(settings: Settings, fresh_cache: None) -> None:
    settings.PERSONAL_DATA_KEY = f"index:{key('i')},k7:{key('a')}"
    assert keyring().current == "k7"


def test_keyring_file_is_made_once_for_this_user_only(
    settings: Settings, tmp_path: Path, fresh_cache: None, db: None
) -> None:
    settings.PERSONAL_DATA_KEY, settings.VAR = "", tmp_path / "var"
    stored = keyring().encrypt("x")
    keyring.cache_clear()
    assert keyring().decrypt(stored) == "x"
    assert [path.name for path in (tmp_path / "var").iterdir()] == [KEY_FILE]
    assert stat.filemode((tmp_path / "var" / KEY_FILE).stat().st_mode) == "-rw-------"


def test_no_new_key_is_made_where_something_is_to_be_read(
    cast: Cast, settings: Settings, tmp_path: Path, fresh_cache: None
) -> None:
    settings.PERSONAL_DATA_KEY, settings.VAR = "", tmp_path
    keyring.cache_clear()
    with pytest.raises(ImproperlyConfigured) as caught:
        keyring()
    assert str(caught.value).startswith(
        f"The database holds encrypted personal data, but the key {tmp_path / KEY_FILE} is missing. Put it back"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        ("index:{i},k1:{a}", "Personal data cannot be read with key 'k1'"),
        ("index:{i},k2:{a}", "Personal data is encrypted with key 'k1', which the keyring lacks."),
        ("", "The database holds encrypted personal data, but the key"),
    ],
)
def test_migrate_refuses_a_key_that_opens_nothing(
    cast: Cast, settings: Settings, tmp_path: Path, fresh_cache: None, ring: str, said: str
) -> None:
    call_command("check", databases=["default"])
    settings.PERSONAL_DATA_KEY, settings.VAR = ring.format(i=key("i"), a=key("a")), tmp_path
    keyring.cache_clear()
    with pytest.raises(SystemCheckError, match=said):
        call_command("migrate", verbosity=0, skip_checks=False)


# Indexes


def test_blind_index_same_text_same_kind_is_equal() -> None:
    assert blind_index("mobile", "19900000001") == blind_index("mobile", "19900000001")


def test_blind_index_other_kind_or_text_differs() -> None:
    assert len({blind_index(kind, text) for kind in ("mobile", "card") for text in ("1", "2")}) == 4


def test_blind_index_of_nothing_is_none() -> None:
    assert (blind_index("mobile", ""), tail_index("id_number", "")) == (None, None)


def test_tail_index_depends_on_the_last_four_only() -> None:
    assert tail_index("id_number", "32069919500501002X") == tail_index("id_number", "1111111111111002X")
    assert tail_index("id_number", "32069919500501002X") != tail_index("id_number", "32069919500501003X")


# Columns


def test_encrypted_column_holds_no_plain_digits(cast: Cast) -> None:
    stored = column(cast.worker, "mobile")
    assert (stored[:3], cast.worker.mobile in stored) == ("k1:", False)
    assert User.objects.get(pk=cast.worker.pk).mobile == cast.worker.mobile


def test_empty_text_stays_empty_and_has_no_index(cast: Cast) -> None:
    assert (column(cast.worker, "id_number"), cast.worker.id_number_index) == ("", None)


def test_encrypted_column_refuses_to_be_searched() -> None:
    with pytest.raises(FieldError) as caught:
        str(User.objects.filter(mobile__startswith="199").query)
    assert str(caught.value) == "mobile is encrypted; look it up by its blind index"


def test_blind_index_column_follows_save_and_bulk_create(cast: Cast) -> None:
    User.objects.bulk_create([User(login="bulk", name="批量", mobile="19900070001")])
    assert User.objects.get(mobile_index=blind_index("mobile", "19900070001")).login == "bulk"
    cast.worker.mobile = "19900070002"
    cast.worker.save()
    assert User.objects.get(mobile_index=blind_index("mobile", "19900070002")) == cast.worker
