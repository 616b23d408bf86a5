"""What every test stands on: settings of its own, no network, the rows of the migrations, a browser where there is one."""

import base64
import gc
import socket
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from tests.browser import chromium

pytest_plugins = ["tests.cast"]

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("house")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
REAL_TRANSACTIONS = {"transactional_db", "live_server"}
WITHOUT_BROWSER = pytest.StashKey[int]()
DESELECTED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--insist-on-browser", action="store_true", help="fail when no Chromium is found")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--insist-on-browser") and not chromium():
        raise pytest.UsageError(f"No Chromium found. {HOW_TO_GET_ONE}")


HOW_TO_GET_ONE = "apt install chromium fonts-wqy-zenhei, or name one in VISITCARE_CHROMIUM"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if in_real_transactions(item):
            keep_rows_of_migrations(item)
    if not chromium():
        left_out = [item for item in items if in_browser(item)]
        items[:] = [item for item in items if not in_browser(item)]
        config.hook.pytest_deselected(items=left_out)
        config.stash[WITHOUT_BROWSER] = len(left_out)
    result = yield
    # A flush leaves the database empty, and Playwright its event loop in this thread: the others come before. Each of
    # several processes keeps to this order: `--dist load` hands out the tests from the front.
    items.sort(key=lambda item: (in_browser(item), in_real_transactions(item)))
    return result


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not go through it time and again,
    least of all while the migrations make and drop thousands of models."""
    gc.freeze()


def in_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


def in_real_transactions(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    asked = mark is not None and mark.kwargs.get("transaction", False)
    return asked or not REAL_TRANSACTIONS.isdisjoint(getattr(item, "fixturenames", ()))


def keep_rows_of_migrations(item: pytest.Item) -> None:
    """Real transactions end in a flush, which takes the rows that the migrations made: have them put back."""
    mark = item.get_closest_marker("django_db")
    said = (mark.kwargs if mark else {}) | {"transaction": True, "serialized_rollback": True}
    item.add_marker(pytest.mark.django_db(**said), append=False)


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        item.config.stash[DESELECTED] = item.config.stash.get(DESELECTED, 0) + 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes hands over what it left out: only results come to whoever sums up by themselves."""
    config: Any = session.config
    if hasattr(config, "workeroutput"):
        left_out = (config.stash.get(DESELECTED, 0), config.stash.get(WITHOUT_BROWSER, 0))
        config.workeroutput["left out"] = left_out


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of several processes is done; all of them left out the same. Deselected tests are counted, no more."""
    if "left out" in getattr(node, "workeroutput", {}):
        deselected, node.config.stash[WITHOUT_BROWSER] = node.workeroutput["left out"]
        reporter = node.config.pluginmanager.get_plugin("terminalreporter")
        reporter.stats["deselected"] = [SimpleNamespace() for _ in range(deselected)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if left_out := config.stash.get(WITHOUT_BROWSER, 0):
        terminalreporter.write_line(f"{left_out} browser tests left out: no Chromium. {HOW_TO_GET_ONE}")


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is kept in or read from the data folder but the embedded database."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    key = base64.urlsafe_b64encode(bytes(32)).decode()
    with override_settings(
        SECRET_KEY="of the tests",
        PERSONAL_DATA_KEY=f"index:{key}\nk1:{key}\n",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": plain},
        },
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def flush_of_tests() -> Iterator[None]:
    """Tables of money are never truncated, but by the flush after a test in real transactions."""
    flush = DatabaseOperations.execute_sql_flush

    def lifted(self: DatabaseOperations, sql_list: list[str]) -> None:
        flush(self, ["SET LOCAL visitcare.flush = 'on'", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", lifted)
        yield


@pytest.fixture(scope="session", autouse=True)
def closed_network() -> Iterator[None]:
    """No test reaches beyond this machine."""

    def only_here(connect: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
                pytest.fail(f"a test wants to reach {address[0]}")
            return connect(self, address)

        return guarded

    with pytest.MonkeyPatch.context() as patch:
        for way in ("connect", "connect_ex"):
            patch.setattr(socket.socket, way, only_here(getattr(socket.socket, way)))
        yield


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database for the fixtures of a module that is made once and only looked at; rolled back at its end.

    Such a module is marked `django_db`: pytest-django makes a test database only for tests that say so."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert connection.settings_dict["NAME"].startswith("test_")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def var(tmp_path: Path, settings: Settings) -> Path:
    """A data folder of the test's own, for what is kept in files."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    settings.VAR = folder
    settings.MEDIA_ROOT = folder / "media"
    return folder
