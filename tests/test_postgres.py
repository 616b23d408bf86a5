import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environ
import psycopg2
import pytest

from visitcare import postgres

PROJECT = Path(postgres.__file__).parent.parent


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of a running server, for tests that leave it as it is."""
    with running(tmp_path_factory.mktemp("server") / "var") as root:
        yield root


@contextlib.contextmanager
def running(root: Path) -> Iterator[Path]:
    try:
        postgres.start(root)
        yield root
    finally:
        postgres.stop(root)


def ask(root: Path, query: str) -> object:
    with contextlib.closing(psycopg2.connect(postgres.start(root))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def command(*arguments: str | Path) -> subprocess.Popen[str]:
    """The driver in a process of its own; its output is a pipe, as in `make run | cat`."""
    return subprocess.Popen(
        [sys.executable, "-m", "visitcare.postgres", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def postmaster(root: Path) -> int:
    (file,) = (root / "postgres").glob("pg*/postmaster.pid")
    return int(file.read_text().split()[0])


def sockets(root: Path) -> Path:
    return Path(environ.Env.db_url_config(postgres.start(root))["OPTIONS"]["host"])


def mode(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)


def fake_binaries(folder: Path, version: str) -> Path:
    for program in ("postgres", "initdb", "pg_ctl"):
        (folder / program).write_text(f"#!/bin/sh\necho '{version}'\n")
        (folder / program).chmod(0o755)
    return folder


def forbid_namespaces(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """As in most containers."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (programs / "unshare").chmod(0o755)
    patch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


# What it offers


def test_start_again_reuses_the_server(server: Path) -> None:
    first = postmaster(server)
    assert postgres.start(server) == postgres.start(server)
    assert postmaster(server) == first
    assert postgres.is_running(server)


def test_start_url_is_what_django_environ_reads(server: Path) -> None:
    config = environ.Env.db_url_config(postgres.start(server))
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["NAME"], config["USER"], config["PASSWORD"]) == ("visitcare", "visitcare", "")
    with contextlib.closing(
        psycopg2.connect(dbname=config["NAME"], user=config["USER"], **config["OPTIONS"])
    ) as connection:
        assert connection.info.dbname == "visitcare"


def test_start_ignores_the_environment_of_another_postgresql(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "5499")
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    assert ask(server, "SELECT current_database()") == "visitcare"


def test_database_is_utf8(server: Path) -> None:
    assert ask(server, "SHOW server_encoding") == "UTF8"


def test_database_has_the_extensions(server: Path) -> None:
    query = "SELECT count(*) FROM pg_available_extensions WHERE name IN ('pg_trgm', 'btree_gist')"
    assert ask(server, query) == 2


def test_database_makes_trigrams_of_chinese(server: Path) -> None:
    # In one transaction that is rolled back when the connection closes: the server stays as it was.
    with contextlib.closing(psycopg2.connect(postgres.start(server))) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE EXTENSION pg_trgm")
        cursor.execute("SELECT similarity('东海路敬老院', '东海路卫生院') > 0")
        assert cursor.fetchone() == (True,)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("max_connections", "100"),
        ("shared_buffers", "256MB"),
        ("TimeZone", "Asia/Shanghai"),
        ("fsync", "on"),
    ],
)
def test_server_setting(server: Path, setting: str, value: str) -> None:
    assert ask(server, f"SHOW {setting}") == value


def test_log_keeps_personal_data_out(server: Path) -> None:
    with pytest.raises(psycopg2.errors.UniqueViolation, match="王秀英"):
        ask(server, "CREATE TEMP TABLE t (name text UNIQUE); INSERT INTO t VALUES ('王秀英'), ('王秀英')")
    (log,) = (server / "postgres").glob("pg*/server.log")
    assert "violates unique constraint" in log.read_text()
    assert "王秀英" not in log.read_text()


def test_folders_are_private(server: Path) -> None:
    (socket,) = (server / "postgres").glob("**/.s.PGSQL.5432")
    assert mode(server) == mode(server / "postgres") == "drwx------"
    assert mode(socket) == "srwx------"


def test_server_does_not_carry_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not-for-the-server")
    with running(tmp_path) as root:
        ask(root, "CREATE TABLE heard (line text)")
        ask(root, "COPY heard FROM PROGRAM 'env'")
        assert ask(root, "SELECT count(*) FROM heard WHERE line LIKE '%not-for-the-server%'") == 0
        assert ask(root, "SELECT count(*) FROM heard WHERE line LIKE 'PATH=%'") == 1


# Starting and stopping


def test_stop_is_idempotent(tmp_path: Path) -> None:
    root = tmp_path / "var"
    assert not postgres.stop(root)
    assert not root.exists()
    with running(root):
        assert postgres.stop(root)
        assert not postgres.is_running(root)
        assert not postgres.stop(root)


def test_start_from_two_processes_makes_one_server(tmp_path: Path) -> None:
    try:
        starters = [command("start", tmp_path), command("start", tmp_path)]
        said = [starter.communicate(timeout=60) for starter in starters]
        assert said == [(postgres.start(tmp_path) + "\n", "")] * 2
        (log,) = (tmp_path / "postgres").glob("pg*/server.log")
        assert log.read_text().count("ready to accept connections") == 1
    finally:
        postgres.stop(tmp_path)


def test_start_after_the_database_was_dropped_makes_it_again(tmp_path: Path) -> None:
    with running(tmp_path) as root:
        with contextlib.closing(psycopg2.connect(postgres.start(root), dbname="postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute("DROP DATABASE visitcare")
        assert ask(root, "SELECT current_database()") == "visitcare"


def test_start_after_kill_of_a_busy_server_keeps_what_was_committed(tmp_path: Path) -> None:
    with running(tmp_path) as root, ThreadPoolExecutor() as threads:
        ask(root, "CREATE TABLE kept AS SELECT 1 AS one")
        # This child computes for a minute, in which it does not notice that its postmaster is gone.
        loop = "WHILE clock_timestamp() < now() + interval '1 minute' LOOP NULL; END LOOP;"
        busy = threads.submit(ask, root, f"DO $$ BEGIN PERFORM pg_advisory_lock(1); {loop} END $$")
        while ask(root, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0:
            assert not busy.done()
        killed = postmaster(root)
        os.kill(killed, signal.SIGKILL)
        assert ask(root, "SELECT one FROM kept") == 1
        assert postmaster(root) != killed
        assert isinstance(busy.exception(), psycopg2.OperationalError)


def test_stop_after_kill_finds_nothing_or_ends_the_rest(tmp_path: Path) -> None:
    with running(tmp_path) as root:
        os.kill(postmaster(root), signal.SIGKILL)
        postgres.stop(root)
        assert not postgres.is_running(root)
        assert not postgres.stop(root)


def test_stale_pid_of_another_process_is_not_signalled(tmp_path: Path) -> None:
    with running(tmp_path) as root:
        (pid_file,) = (root / "postgres").glob("pg*/postmaster.pid")
        (socket_lock,) = sockets(root).glob(".s.PGSQL.*.lock")
        leftovers = {path: path.read_text().split("\n", 1)[1] for path in (pid_file, socket_lock)}
        postgres.stop(root)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
            for path, rest in leftovers.items():
                path.write_text(f"{stranger.pid}\n{rest}")
            assert not postgres.is_running(root)
            assert not postgres.stop(root)
            postgres.start(root)
            assert postmaster(root) != stranger.pid
            postgres.stop(root)
            assert stranger.poll() is None


def test_server_without_its_lock_is_found_all_the_same(tmp_path: Path) -> None:
    with running(tmp_path) as root:
        first = postmaster(root)
        (root / "postgres" / "server.lock").unlink()
        ask(root, "CREATE TABLE kept AS SELECT 1 AS one")
        assert postmaster(root) == first
        assert postgres.stop(root)
        assert ask(root, "SELECT one FROM kept") == 1


# Where it has to live


def test_very_long_path_in_chinese_gets_a_private_socket_folder(tmp_path: Path) -> None:
    root = tmp_path / ("探访关爱" * 12) / "数据, 一"
    with running(root):
        folder = sockets(root)
        assert folder.parent == Path("/tmp")
        assert mode(folder) == "drwx------"
        assert sockets(root) == folder
        assert ask(root, "SELECT current_database()") == "visitcare"
    folder.rmdir()


def test_socket_folder_that_others_can_write_is_not_reused(tmp_path: Path) -> None:
    root = tmp_path / ("x" * 100)
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    (root / "postgres").mkdir(parents=True)
    (root / "postgres" / "socket-folder").write_text(str(open_to_all))
    with running(root):
        folder = sockets(root)
        assert list(open_to_all.iterdir()) == []
        assert mode(folder) == mode(root / "postgres") == "drwx------"
    folder.rmdir()


def test_start_where_user_namespaces_are_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path / "var") as root:
        ask(root, "CREATE TABLE kept AS SELECT 1 AS one")
        postgres.stop(root)
        with monkeypatch.context() as patch:
            forbid_namespaces(tmp_path, patch)
            assert ask(root, "SELECT one FROM kept") == 1
            assert postgres.stop(root)
        assert ask(root, "SELECT one FROM kept") == 1


def test_start_where_only_root_may_enter_the_folder_of_the_binaries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (_, binaries) = postgres._binaries_for(tmp_path)
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    (closed / "bin").symlink_to(binaries)
    forbid_namespaces(closed, monkeypatch)
    monkeypatch.setenv("VISITCARE_POSTGRES_BIN", str(closed / "bin"))
    with running(closed / "var") as root:
        assert ask(root, "SELECT current_database()") == "visitcare"


# What it says when it cannot


@pytest.mark.parametrize("version", ["", "postgres (PostgreSQL) 14.9", "not a server at all"])
def test_start_without_usable_binaries_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    if version:
        fake_binaries(tmp_path, version)
    monkeypatch.setenv("VISITCARE_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(postgres.PostgresUnavailable, match=r"^no PostgreSQL >= 15 .* set DATABASE_URL.*$"):
        postgres.start(tmp_path / "var")


def test_start_with_broken_binaries_says_what_they_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_binaries(tmp_path, "postgres (PostgreSQL) 18.6")
    (tmp_path / "initdb").write_text("#!/bin/sh\necho 'initdb: error: no space left' >&2\nexit 1\n")
    monkeypatch.setenv("VISITCARE_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(postgres.PostgresUnavailable, match=r"^initdb: error: no space left .* DATABASE_URL$"):
        postgres.start(tmp_path / "var")


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("PG_VERSION", "is not a database cluster directory"),
        ("global/pg_control", "pg_control"),
        ("pg_hba.conf", "FATAL:  could not load"),
    ],
)
def test_start_on_damaged_data_says_what_this_start_met_and_no_earlier_one(
    tmp_path: Path, missing: str, said: str
) -> None:
    with running(tmp_path) as root:
        postgres.stop(root)
        (data,) = (root / "postgres").glob("pg*")
        with (data / "server.log").open("a") as log:
            log.write("2026-11-01 09:00:00.000 CST [1] FATAL:  a complaint of long ago\n")
        away = (data / missing).rename(data / "away")
        with pytest.raises(postgres.PostgresUnavailable) as refusal:
            postgres.start(root)
        away.rename(data / missing)
        assert said in str(refusal.value)
        assert re.fullmatch(r"\D.*: mend that, or set DATABASE_URL", str(refusal.value))
        assert ask(root, "SELECT current_database()") == "visitcare"


def test_start_on_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ROOM", shutil.disk_usage(tmp_path).total)  # MB: there is never so much
    with running(tmp_path / "var") as root:  # asked only when something failed
        postgres.stop(root)
        fake_binaries(tmp_path, f"postgres (PostgreSQL) {next((root / 'postgres').glob('pg*')).name[2:]}.0")
        (tmp_path / "pg_ctl").write_text("#!/bin/sh\nexit 1\n")
        with monkeypatch.context() as patch:
            patch.setenv("VISITCARE_POSTGRES_BIN", str(tmp_path))
            with pytest.raises(
                postgres.PostgresUnavailable, match=r"^the disk of .* is full \(\d+ MB .*URL$"
            ):
                postgres.start(root)


def test_start_never_hides_the_data_of_another_version(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "pg9").mkdir(parents=True)
    with pytest.raises(postgres.PostgresUnavailable, match=r"is of PostgreSQL 9, .* set DATABASE_URL$"):
        postgres.start(tmp_path)


def test_start_in_a_folder_that_is_a_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(postgres.PostgresUnavailable, match=r"^no PostgreSQL in .*var.* set DATABASE_URL$"):
        postgres.start(tmp_path / "var")


# As a command and as an import


def test_command_status_when_nothing_runs(tmp_path: Path) -> None:
    process = command("status", tmp_path)
    assert process.communicate() == ("not running\n", "")
    assert process.returncode == 3


def test_command_status_when_running(server: Path) -> None:
    process = command("status", server)
    assert process.communicate() == ("running\n", "")
    assert process.returncode == 0


def test_command_takes_its_folder_from_the_environment(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISITCARE_VAR", str(server))
    assert command("start").communicate() == (postgres.start(server) + "\n", "")


def test_command_refuses_other_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert postgres.main(["restart"]) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def test_import_needs_neither_django_nor_a_database_driver() -> None:
    script = "import visitcare.postgres, sys; print({'django', 'psycopg2'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True)
    assert result.stdout == "set()\n"
