"""A real Chromium on the live server: the worker's phone and the office's desk."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from threading import Condition
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser import AS_PEOPLE_HAVE_IT, DESK, FLAGS, PHONE, chromium
from tests.conftest import LOOPBACK
from visitcare.org.models import User

FAILED = pytest.StashKey[bool]()
expect.set_options(
    timeout=20_000
)  # a slow machine is no fault; what comes is not waited for longer than it takes


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # From here on Playwright's event loop runs in this thread, and Django takes the tests for async code: it would
    # refuse them the database, and open another connection than the one that the test database hangs on.
    ours = {alias: connections[alias] for alias in connections}
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        for alias, connection in ours.items():
            connections[alias] = connection
        with playwright.chromium.launch(
            executable_path=chromium(), args=FLAGS, ignore_default_args=AS_PEOPLE_HAVE_IT
        ) as browser:
            yield browser


class Door:
    """The live server's: it serves on between two tests, and what a phone that has been closed has still asked for would
    be answered from a database that is being emptied."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.inside = 0
        self.is_open = False
        self.changed = Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        with self.changed:
            is_let_in = self.is_open
            self.inside += is_let_in
        if not is_let_in:
            start_response("503 Service Unavailable", [])
            return
        try:
            with closing(self.app(environ, start_response)) as answer:  # type: ignore[type-var]
                yield from answer
        finally:
            with self.changed:
                self.inside -= 1
                self.changed.notify_all()

    def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        """Once everybody has been answered."""
        with self.changed:
            self.is_open = False
            assert self.changed.wait_for(lambda: not self.inside, timeout=20)


@pytest.fixture(scope="session")
def server_door(live_server: LiveServer) -> Door:
    httpd = live_server.thread.httpd
    door = Door(httpd.get_app())
    httpd.set_app(door)
    return door


@pytest.fixture(autouse=True)
def open_door(request: pytest.FixtureRequest, _live_server_helper: None) -> Iterator[None]:
    """As long as a story lasts: shut before its rows go."""
    if "live_server" not in request.fixturenames:
        yield
        return
    door: Door = request.getfixturevalue("server_door")
    door.open()
    yield
    door.close()


@pytest.fixture
def complaints(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What pages complain about: errors on the console (broken content policies too), requests that leave this machine.

    A test that provokes one asserts it and clears the list. Of requests that fail a browser always tells: the tests of
    a bad signal (`bad_signal`) are full of them.
    """
    found: list[str] = []
    yield found
    expected = "Failed to load resource" if request.node.get_closest_marker("bad_signal") else None
    assert [words for words in found if expected is None or expected not in words] == []


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_server: LiveServer,
    complaints: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser profile of its own; addresses are relative to the live server."""
    pages: list[Page] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{urlsplit(message.location['url']).path}: {message.text}")

    def on_request(asked: Request) -> None:
        if (urlsplit(asked.url).hostname or "localhost") not in LOOPBACK:
            complaints.append(f"request to {asked.url}")

    def open_one(**device: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai", **device
        )
        context.on("console", on_console)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("request", on_request)
        pages.append(context.new_page())
        return pages[-1]

    yield open_one
    for page in pages:
        if request.node.stash[FAILED] or complaints:
            for shown in page.context.pages:  # not those that the story has closed
                keep_screenshot(shown, tmp_path_factory.mktemp("screenshot") / f"{request.node.name}.png")
        # What a story answers in the server's stead may be asked for while its phone closes: that fails nobody.
        page.context.unroute_all(behavior="ignoreErrors")
        page.context.close()


def keep_screenshot(page: Page, file: Path) -> None:
    page.screenshot(path=file, full_page=True)
    print(f"{page.url} looks like {file}")


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """A grid worker's phone."""
    return open_page(**PHONE)


@pytest.fixture
def plain_phone(open_page: Callable[..., Page]) -> Page:
    """A worker's phone whose browser runs no script."""
    return open_page(**PHONE, java_script_enabled=False)


@pytest.fixture
def desk(open_page: Callable[..., Page]) -> Page:
    """A screen in an office."""
    return open_page(**DESK)


@pytest.fixture
def sign_in(live_server: LiveServer) -> Callable[[Page, User], None]:
    """Signs a person in without their password: `sign_in(phone, cast.worker)`."""

    def enter(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )

    return enter
