import json
import re
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from elders.models import Elder
from subsidies.models import Settlement
from subsidies.verifying import verify
from tests.cast import Cast
from tests.factories import draft, freeze, id_number, jpeg, make_elder, make_photo, make_visit, run
from visitcare.audit.models import Event
from visitcare.kit import rekeying
from visitcare.kit.encryption import blind_index, keyring, unseal
from visitcare.org.models import User
from visits.actions import read_item, take_in
from visits.models import Photo, Received

PHONE = "19900054321"


@pytest.fixture
def key_file(db: None, settings: Settings, var: Path) -> Iterator[Path]:
    """A keyring of the test's own, in the file of its data folder, which the connection (`db`) must not go to."""
    settings.PERSONAL_DATA_KEY = ""
    keyring.cache_clear()
    yield var / "personal_data_key"
    keyring.cache_clear()


@pytest.fixture
def frozen(key_file: Path, request: pytest.FixtureRequest) -> Settlement:
    """A month that is frozen, with a payee who has an ID number and an elder who has a phone."""
    cast: Cast = request.getfixturevalue("cast")  # after the key, which encrypts them
    User.objects.filter(pk=cast.worker.pk).update(id_number=id_number(cast.worker.joined_at.date()))
    make_visit(cast.worker, make_elder(cast.group, phone=PHONE), state="valid")
    return freeze(draft(cast.town), maker=cast.head, checker=cast.approver)


def keys_in_use() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for model in rekeying.sealed_models():
            for field in rekeying.sealed_fields(model):
                cursor.execute(f"SELECT {field.column} FROM {model._meta.db_table}")
                found |= {key_of(stored) for (stored,) in cursor.fetchall() if stored}
    return found


def key_of(stored: str | memoryview) -> str:
    text = stored if isinstance(stored, str) else bytes(stored).decode(errors="replace")
    return text.partition(":")[0]


def names_in(file: Path) -> list[str]:
    return [line.partition(":")[0] for line in file.read_text().splitlines()]


def test_everything_is_encrypted_again_and_says_the_same(frozen: Settlement, key_file: Path) -> None:
    before = key_file.read_text()
    line = frozen.lines.get()
    assert line.payee_id_number
    said = run("rotate_key")
    assert key_file.read_text().endswith(before)
    assert names_in(key_file) == ["k2", "index", "k1"]
    assert stat.filemode(key_file.stat().st_mode) == "-rw-------"
    assert keys_in_use() == {"k2"}
    assert frozen.lines.get().payee_id_number == line.payee_id_number
    assert Elder.objects.get().phone == PHONE
    assert User.objects.filter(mobile_index=blind_index("mobile", line.payee_mobile)).exists()
    assert list(verify()) == []
    assert "发放明细：1 条\n" in said
    assert Event.objects.get(verb="rotate_key").words.startswith("更换个人信息密钥，用 k2 重新加密")


def test_what_phones_have_sent_is_encrypted_again_and_says_the_same(
    key_file: Path, request: pytest.FixtureRequest
) -> None:
    cast: Cast = request.getfixturevalue("cast")
    sent = {"kind": "fax", "id": str(uuid4())}
    take_in(by=cast.worker, items=[read_item(sent)])
    run("rotate_key")
    assert keys_in_use() == {"k2"}
    assert json.loads(Received.objects.get().body) == sent


def test_photographs_are_encrypted_again_a_few_at_a_time(
    key_file: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast: Cast = request.getfixturevalue("cast")
    visit = make_visit(cast.worker, make_elder(cast.group))
    for width in (10, 20, 30):
        make_photo(visit, jpeg(width))
    forgotten = Photo.objects.order_by("width")[0]
    Photo.objects.filter(pk=forgotten.pk).update(content=b"", forgotten=True)
    before = {photo.pk: photo.content for photo in Photo.objects.with_content()}
    monkeypatch.setattr(rekeying, "BATCH_OF_FILES", 1)
    with CaptureQueriesContext(connection) as asked:
        assert "照片：2 条\n" in run("rotate_key")
    assert sum(one["sql"].startswith('UPDATE "visits_photo"') for one in asked) == 2
    assert keys_in_use() == {"k2"}
    assert {photo.pk: photo.content for photo in Photo.objects.with_content()} == before


def test_old_keys_go_when_nothing_needs_them(frozen: Settlement, key_file: Path) -> None:
    with pytest.raises(CommandError, match="没有旧密钥可以删除。"):
        run("rotate_key", "--drop-old")
    run("rotate_key")
    run("rotate_key")
    assert run("rotate_key", "--drop-old") == "已删除 k2、k1，现在只用 k3。请备份密钥文件。\n"
    assert names_in(key_file) == ["k3", "index"]
    assert Elder.objects.get().phone == PHONE


def test_interrupted_it_goes_on_with_the_same_key(
    frozen: Settlement, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "BATCH", 3)
    rekeying.add_key()
    with pytest.raises(CommandError, match="还有用旧密钥加密的数据，没有删除。"):
        run("rotate_key", "--drop-old")
    rekeying.seal_again(User)
    assert keys_in_use() == {"k1", "k2"}
    run("rotate_key")
    assert keys_in_use() == {"k2"}
    assert names_in(key_file) == ["k2", "index", "k1"]


def test_each_batch_costs_the_same_and_begins_where_the_one_before_ended(
    key_file: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast: Cast = request.getfixturevalue("cast")
    take_in(by=cast.worker, items=[read_item({"kind": "fax", "id": str(uuid4())}) for _ in range(5)])
    keys = list(Received.objects.order_by("pk").values_list("pk", flat=True))
    monkeypatch.setattr(rekeying, "BATCH", 2)
    rekeying.add_key()
    with CaptureQueriesContext(connection) as asked:
        assert rekeying.seal_again(Received) == 5
    batches = "".join(query["sql"] + "\n" for query in asked).split("SET LOCAL visitcare.rekeying")[1:]
    # Each locks its rows and updates them; the fourth finds the end, the fifth that nothing has come in since.
    assert [batch.count("UPDATE ") for batch in batches] == [2, 2, 2, 1, 1]
    begins = [re.findall(r'"id" > \'([^\']+)', batch) for batch in batches]
    assert begins == [[], [str(keys[1])], [str(keys[3])], [str(keys[4])], []]


def test_row_of_two_keys_keeps_what_is_current(frozen: Settlement, key_file: Path) -> None:
    rekeying.add_key()
    elder = Elder.objects.get()
    elder.emergency_phone = elder.phone
    elder.save(update_fields=["emergency_phone"])
    sealed = "SELECT phone, emergency_phone FROM elders_elder"
    with connection.cursor() as cursor:
        cursor.execute(sealed)
        ((_, before),) = cursor.fetchall()
        entries = Elder.history.field.model.objects.count()  # type: ignore[attr-defined]
        run("rotate_key")
        cursor.execute(sealed)
        ((phone, after),) = cursor.fetchall()
    assert (phone[:3], after) == ("k2:", before)
    assert Elder.history.field.model.objects.count() == entries  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "better"), [("k2", "k1", "k3"), ("k1", "main", "k2"), ("main", "other", "k1")]
)
def test_new_key_needs_a_higher_number(
    frozen: Settlement, key_file: Path, settings: Settings, old: str, new: str, better: str
) -> None:
    known = key_file.read_text().replace("k1:", f"{old}:")
    settings.PERSONAL_DATA_KEY = f"{new}:{rekeying.fresh_key()}\n{known}"
    keyring.cache_clear()
    with pytest.raises(ImproperlyConfigured, match=f"'{new}'; call it {better}:"):
        rekeying.seal_again(User)


def test_process_that_runs_meanwhile_reads_the_new_key(frozen: Settlement, key_file: Path) -> None:
    old = key_file.read_text()
    rekeying.add_key()
    new, sealed = key_file.read_text(), keyring().encrypt("x")
    key_file.write_text(old)
    keyring.cache_clear()
    with pytest.raises(ImproperlyConfigured):
        unseal(sealed)
    key_file.write_text(new)
    assert unseal(sealed) == "x"


def test_key_of_the_environment_is_changed_there(
    frozen: Settlement, key_file: Path, settings: Settings
) -> None:
    rekeying.add_key()
    settings.PERSONAL_DATA_KEY = key_file.read_text()
    key_file.unlink()
    keyring.cache_clear()
    said = run("rotate_key")
    assert "请到设置 VISITCARE_KEY 的地方删除旧密钥，再重启服务；" in said
    assert "--drop-old" not in said
    assert keys_in_use() == {"k2"}
    assert not key_file.exists()
    with pytest.raises(CommandError, match="密钥在 VISITCARE_KEY 里"):
        run("rotate_key", "--drop-old")


def test_of_two_at_once_one_waits_for_another_day(frozen: Settlement, key_file: Path) -> None:
    """Each would write the file as it read it, and the other's key would be gone."""
    ours = connection.connection.info
    other = psycopg2.connect(**ours.dsn_parameters, password=ours.password)
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [rekeying.LOCK])
        for options in ((), ("--drop-old",)):
            with pytest.raises(CommandError, match="另一个 rotate_key 正在运行。请等它完了再运行。"):
                run("rotate_key", *options)
        assert names_in(key_file) == ["index", "k1"]
        cursor.execute("SELECT pg_advisory_unlock(%s)", [rekeying.LOCK])
        run("rotate_key")
        assert names_in(key_file) == ["k2", "index", "k1"]
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [rekeying.LOCK])
        assert cursor.fetchone() == (True,)
