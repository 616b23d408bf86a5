"""The database goes away, or has no room left: what people at a page and at a command line are told, and what is kept."""

import html
import os
import re
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import close_old_connections, connection, connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker, Settings

from elders.models import Elder
from tests.cast import Cast, make_cast
from tests.factories import make_elder, make_visit
from tests.servers import in_place_of_ours, manage
from tests.visits.phone import NOW, record_url, said
from visitcare import postgres
from visitcare.audit.models import Event
from visitcare.kit.admin import page_url
from visitcare.kit.embedded.base import DatabaseWrapper
from visitcare.org.models import User
from visits.models import Visit

OUTAGE = "系统一时用不了"
HERE = {"Origin": "http://testserver"}


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@contextmanager
def full_disk(table: str) -> Iterator[None]:
    """The server has no room left for a row of this table, and says so in its own words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION no_room()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_room() CASCADE")


def kept(answer: HttpResponse) -> dict[str, list[str]]:
    """What the page would send again."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="(.*?)" value="(.*?)">', answer.content.decode()
    ):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


def insist_on_outage(answer: HttpResponse) -> None:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "no-store" in answer.headers["Cache-Control"]
    assert OUTAGE in answer.content.decode()


# No room left


@pytest.fixture
def elder(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Elder:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return make_elder(cast.group)


def test_visit_that_finds_no_room_leaves_nothing_and_is_sent_again_as_it_was(
    client: Client, cast: Cast, elder: Elder
) -> None:
    client.force_login(cast.worker)
    form = said(elder, result="found", safety_words='窗"破了" <二楼>') | {"written_by": str(cast.worker.pk)}
    events = Event.objects.count()
    with full_disk("visits_visitedelder"):
        answer = client.post(record_url(elder.household), form, headers=HERE)
        foreign = client.post(record_url(elder.household), form, headers={"Origin": "http://evil.example"})
    insist_on_outage(answer)
    assert (foreign.status_code, kept(foreign)) == (503, {})
    assert "<二楼>" not in answer.content.decode()
    assert (Visit.objects.count(), Event.objects.count()) == (0, events)
    assert kept(answer) == {
        name: value if isinstance(value, list) else [value] for name, value in form.items()
    }
    again = client.post(record_url(elder.household), kept(answer))
    assert again.status_code == 302
    assert Visit.objects.get().worker == cast.worker
    client.post(record_url(elder.household), kept(answer))
    assert Visit.objects.count() == 1


def test_door_that_finds_no_room_leaves_nothing_and_is_sent_again_as_it_was(
    client: Client, cast: Cast, elder: Elder
) -> None:
    client.force_login(cast.reviewer)
    visit = make_visit(cast.worker, elder)
    door = page_url(visit).replace("change/", "return/")
    form = {"reason": ["电话里问不清"], "written_by": [str(cast.reviewer.pk)]}
    with full_disk("visits_review"):
        answer = client.post(door, form, headers=HERE)
    insist_on_outage(answer)
    visit.refresh_from_db()
    assert (visit.state, kept(answer)) == ("pending", form)
    client.post(door, kept(answer))
    visit.refresh_from_db()
    assert visit.state == "returned"


def test_sign_in_that_finds_no_room_still_carries_what_was_typed_before(
    client: Client, cast: Cast, elder: Elder
) -> None:
    typed = said(elder) | {"written_by": str(cast.worker.pk)}
    page = client.post(record_url(elder.household), typed, headers=HERE).content.decode()
    carried = re.findall(r'name="unsent" value="(.*?)"', page)[0]
    cast.worker.set_password("Geheim-1")
    cast.worker.save()
    form = {"username": cast.worker.mobile, "password": "Geheim-1", "unsent": carried}
    with full_disk("org_passwordtries"):
        answer = client.post("/login/", form, headers=HERE)
    insist_on_outage(answer)
    assert kept(answer) == {"unsent": [carried]}
    again = client.post("/login/", kept(answer), headers=HERE).content.decode()
    assert "请写密码。" in again
    form["unsent"] = re.findall(r'name="unsent" value="(.*?)"', again)[0]
    assert "刚才填的都还在" in client.post("/login/", form, headers=HERE).content.decode()


def test_other_errors_stay_errors(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("visitcare.org.views.SignIn.get", broken)
    answer = client.get("/login/")
    assert (answer.status_code, "Retry-After" in answer.headers) == (500, False)
    assert "出了点问题" in answer.content.decode()


# No server


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a server of its own, with empty tables."""
    root = tmp_path_factory.mktemp("county") / "var"
    try:
        migrating = manage("migrate", "--verbosity", "0", var=root)
        assert migrating.communicate() == ("", "")
        yield root
    finally:
        postgres.stop(root)


@pytest.fixture
def on_that_server(county: Path, settings: Settings, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """This process works on that server."""
    settings.VAR = county
    ours = connections["default"].settings_dict
    other = DatabaseWrapper({**ours, "NAME": "visitcare", "USER": "visitcare", "PASSWORD": ""}, "default")
    with django_db_blocker.unblock(), in_place_of_ours(other):
        yield county


def kill(root: Path) -> None:
    """What remains of a power cut."""
    postgres.start(root)
    (pid_file,) = (root / "postgres").glob("pg*/postmaster.pid")
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    if ours := connection.connection:
        select.select([ours.fileno()], [], [], 10)  # until its orphans have noticed, and hang up


@contextmanager
def no_server(root: Path) -> Iterator[None]:
    """It dies, and does not start again."""
    (version,) = (root / "postgres").glob("pg*/PG_VERSION")
    kill(root)
    away = version.rename(version.with_name("away"))
    yield
    away.rename(version)


class Browser:
    """One person, signed in, whose requests begin as they do under gunicorn: the test client leaves that out."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        if user:
            self.client.force_login(user)

    def get(self, address: str) -> HttpResponse:
        close_old_connections()
        return self.client.get(address)

    def post(self, address: str, form: dict[str, str]) -> HttpResponse:
        close_old_connections()
        return self.client.post(address, form)


def test_pages_say_that_the_server_is_away_and_go_on_when_it_is_back(on_that_server: Path) -> None:
    cast = make_cast()
    worker, desk, stranger = Browser(cast.worker), Browser(cast.head), Browser()
    pages = {
        "/": worker,
        "/mine/": worker,
        "/admin/": desk,
        "/admin/visits/visit/": desk,
        "/readyz": stranger,
    }

    def answers() -> set[int]:
        return {who.get(page).status_code for page, who in pages.items()}

    assert answers() == {200}
    kill(on_that_server)  # between two requests: nobody notices
    assert answers() == {200}
    with no_server(on_that_server):
        assert answers() == {503}
        assert stranger.get("/healthz").status_code == 200
        insist_on_outage(worker.get("/"))
        insist_on_outage(desk.get("/admin/"))
        assert worker.get("/api/v1/visits/").headers["Content-Type"] == "application/problem+json"
        for name in ("login", "admin:login", "change_password"):
            answer = worker.post(reverse(name), {"username": "a", "password": "Geheim-1", "old": "Geheim-1"})
            insist_on_outage(answer)
            assert "Geheim-1" not in answer.content.decode()
    assert answers() == {200}


def test_command_whose_server_dies_says_so_in_a_line_and_is_run_again(county: Path) -> None:
    dying = manage("demo", "--elders", "600", "--weeks", "6", var=county)
    assert dying.stdout
    assert "区划" in dying.stdout.readline()
    kill(county)
    said = dying.communicate()[1].splitlines()
    assert (dying.returncode, len(said)) == (1, 1)
    assert said[0].startswith("数据库用不了，没办完的没有算数，好了再运行一次。")
    again = manage("demo", "--elders", "600", "--weeks", "6", var=county)
    assert (again.communicate()[1], again.returncode) == ("", 0)


def test_command_without_a_server_says_so_in_a_line(county: Path) -> None:
    with no_server(county):
        asked = manage("settle", "2025-03", var=county)
        said = asked.communicate()[1].splitlines()
    assert (asked.returncode, len(said)) == (1, 1)
    assert said[0].startswith("数据库用不了")
    assert said[0].endswith("set DATABASE_URL")


def test_command_that_cannot_reach_database_url_says_so_in_a_line(tmp_path: Path) -> None:
    nobody = manage("migrate", var=tmp_path, database_url="postgresql://a:b@127.0.0.1:1/c")
    (line,) = nobody.communicate()[1].splitlines()
    assert "127.0.0.1" in line
    assert "refused" in line


def test_command_with_a_data_folder_it_cannot_make_says_so_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (line,) = manage("migrate", var=tmp_path / "file" / "var").communicate()[1].splitlines()
    assert line.endswith("Set VISITCARE_VAR to a folder this user may write to.")
