"""docs/how-to/install.md, as a county's database administrator types it: what its two roles can do, and cannot."""

import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.core import checks
from django.db import InternalError, ProgrammingError, connection, connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from elders.models import Elder
from subsidies.models import Settlement
from subsidies.verifying import verify
from tests.cast import Cast, make_cast
from tests.desk import Desk
from tests.factories import breaks, draft, make_elder
from tests.servers import in_place_of_ours, manage
from tests.subsidies.test_guards import CHANGES
from tests.visits.phone import NOW, open_this_week, record_url, said
from visitcare.console.checks import QUIET
from visitcare.org.actions import issue_first_password
from visitcare.org.models import User
from visits.models import Visit

DATABASE = "install_of_tests" + os.environ.get("PYTEST_XDIST_WORKER", "")  # several processes, one server
OWNER, APP = f"{DATABASE}_owner", f"{DATABASE}_app"
SECRET = "of the tests"


def statements() -> tuple[list[str], list[str]]:
    """What the document says to type, before and after going into the new database; with names of the tests."""
    text = (Path(settings.BASE_DIR) / "docs/how-to/install.md").read_text()
    (typed,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    typed = (
        re.sub(r"\bvisitcare\b", DATABASE, typed).replace("visitcare_", f"{DATABASE}_").replace("…", SECRET)
    )
    before, after = typed.split(rf"\c {DATABASE}")
    return commands(before), commands(after)


def commands(script: str) -> list[str]:
    return [line.strip() for line in script.split(";") if line.strip()]


def as_superuser(database: str, *commands: str) -> None:
    """On the server of the tests, whose role is a superuser."""
    params = connections["default"].get_connection_params() | {"dbname": database}
    params = {
        name: params[name] for name in ("dbname", "user", "password", "host", "port") if params.get(name)
    }
    with closing(psycopg2.connect(**params)) as link:
        link.autocommit = True
        for command in commands:
            link.cursor().execute(command)


TAKE_DOWN = (
    f"DROP DATABASE IF EXISTS {DATABASE}", f"DROP ROLE IF EXISTS {OWNER}", f"DROP ROLE IF EXISTS {APP}",
)  # fmt: skip


@pytest.fixture(scope="module")
def installed(django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new database with the two roles, migrated by its owner."""
    before, after = statements()
    with django_db_blocker.unblock():
        as_superuser("postgres", *TAKE_DOWN, *before)
        try:
            as_superuser(DATABASE, *after)
            at = connections["default"].settings_dict
            where = f"host={quote(at['HOST'], safe='')}&port={at['PORT']}"
            url = f"postgresql://{OWNER}:{quote(SECRET)}@/{DATABASE}?{where}"
            migrating = manage(
                "migrate", "--verbosity", "0", var=tmp_path_factory.mktemp("var"), database_url=url
            )
            assert migrating.communicate() == ("", "")
            yield
        finally:
            as_superuser("postgres", *TAKE_DOWN)


@pytest.fixture
def as_the_app(installed: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """This process works as the role that serves."""
    ours = connections["default"]
    other = type(ours)({**ours.settings_dict, "NAME": DATABASE, "USER": APP, "PASSWORD": SECRET}, "default")
    with django_db_blocker.unblock(), in_place_of_ours(other):
        yield


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def sign_in(user: User, admin: User, door: str) -> Client:
    client, password = Client(), issue_first_password(by=admin, user=user)
    answer = client.post(door, {"username": user.mobile, "password": password, "next": "/"})
    assert answer.status_code == 302
    client.post("/password/", {"new": "wo-de-Mima-9", "again": "wo-de-Mima-9"})
    return client


@pytest.mark.django_db
def test_server_that_logs_statements_is_warned_of() -> None:
    run_sql("SET LOCAL log_min_error_statement = 'error'")
    run_sql("SET LOCAL log_error_verbosity = 'terse'")
    run_sql("SET LOCAL log_statement = 'mod'")
    (warning,) = checks.run_checks(databases=["default"])
    assert "Set log_min_error_statement = panic, log_statement = none (" in warning.msg


def test_app_walks_the_main_road_and_does_not_pass_its_guards(
    as_the_app: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    cast = make_cast()
    elder = make_elder(cast.group)
    open_this_week()
    frozen = main_road(cast, elder, monkeypatch)
    assert list(verify()) == []
    insist_on_a_quiet_log()
    refuses_changes(frozen)
    refuses_to_lift_guards(frozen)
    frozen.refresh_from_db()
    assert (frozen.state, list(verify())) == ("approved", [])


def main_road(cast: Cast, elder: Elder, monkeypatch: pytest.MonkeyPatch) -> Settlement:
    """Signed in with passwords, by their own pages: a visit, its review, the assessment, the approval."""
    worker = sign_in(cast.worker, cast.admin, "/login/")
    assert worker.post(record_url(elder.household), said(elder)).status_code == 302
    visit = Visit.objects.get()
    reviewer, head, approver = Desk(cast.reviewer), Desk(cast.head), Desk(cast.approver)
    assert reviewer.press(visit, "accept")
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW.replace(month=4))
    settlement = draft(cast.town, "2025-03")
    assert settlement.paid_count == 1
    assert head.press(settlement, "assess", assessment="已核对")
    assert approver.press(settlement, "approve")
    settlement.refresh_from_db()
    assert settlement.state == "approved"
    return settlement


def insist_on_a_quiet_log() -> None:
    """By the database itself: the server of the tests is quiet anyway."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(setconfig) FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase"
            " WHERE datname = current_database()"
        )
        settings = dict(setting.split("=") for (setting,) in cursor.fetchall())
    assert settings == {name: value for name, value in QUIET.items() if value not in ("none", "-1")}
    assert checks.run_checks(databases=["default"]) == []


def refuses_changes(frozen: Settlement) -> None:
    """What an empty table cannot refuse is left to the tests of the guards."""
    for change in CHANGES:
        if "reversal" not in change and "withholding" not in change and "unpaidvisit" not in change:
            with breaks("settlement_stays_frozen"):
                run_sql(change)


NOT_ITS_OWN = (
    "ALTER TABLE subsidies_settlement DISABLE TRIGGER guard_settlement",
    "DROP TRIGGER guard_settlement ON subsidies_settlement",
    "DROP FUNCTION subsidies_guard_settlement() CASCADE",
    "CREATE OR REPLACE FUNCTION subsidies_guard_settlement() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "ALTER TABLE subsidies_paidvisit DROP CONSTRAINT subsidies_paidvisit_pkey",
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "ALTER TABLE subsidies_line OWNER TO CURRENT_USER",
    "SET visitcare.flush = 'on'; TRUNCATE subsidies_settlement CASCADE",
    "SET visitcare.flush = 'on'; TRUNCATE audit_event",
    "DROP TABLE subsidies_line CASCADE",
    "CREATE TABLE mine (one int)",
    "CREATE TRIGGER mine BEFORE INSERT ON subsidies_line FOR EACH ROW EXECUTE FUNCTION subsidies_guard_changed_row()",
    "SET session_replication_role = replica",
    "SET log_min_error_statement = 'error'",
    f"SET ROLE {OWNER}",
    f"GRANT {OWNER} TO {APP}",
    "COPY subsidies_line TO PROGRAM 'cat'",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT TRUNCATE ON TABLES TO {APP}",
)


def refuses_to_lift_guards(frozen: Settlement) -> None:
    for command in NOT_ITS_OWN:
        with pytest.raises(ProgrammingError) as refusal:
            run_sql(command)
        assert isinstance(refusal.value.__cause__, psycopg2.errors.InsufficientPrivilege), command
    for command in ("DELETE FROM audit_event", "UPDATE audit_event SET words = ''"):
        with pytest.raises(InternalError, match="pgtrigger: Cannot"):
            run_sql(command)
