"""The settings of a county's server, as docs/how-to/install.md writes them down, in a process of their own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from visitcare.kit.encryption import fresh_keyring

HOUSE = Path(__file__).parent.parent
HOST = "tanfang.example.gov.cn"
LOOK = """
import json, sys
import django
django.setup()
from django.test import Client
said = {}
for address, secure in (("/login/", True), ("/login/", False), ("/healthz", False)):
    answer = Client().get(address, secure=secure, headers={"Host": sys.argv[1]})
    said[f"{address} {secure}"] = {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "cookies": {name: dict(cookie) for name, cookie in answer.cookies.items()},
    }
said["probe"] = {"status": Client().get("/healthz", headers={"Host": "127.0.0.1:8000"}).status_code}
print(json.dumps(said))
"""


@pytest.fixture
def documented(tmp_path: Path) -> dict[str, str]:
    """The environment that the page asks for, with secrets in place of the dots, and nothing else of ours."""
    page = (HOUSE / "docs" / "how-to" / "install.md").read_text()
    asked = dict(re.findall(r"^   ((?:VISITCARE_)?[A-Z_]+)=(.+)$", page, re.M))
    secrets = {
        "VISITCARE_VAR": str(tmp_path),
        "VISITCARE_KEY": ",".join(fresh_keyring().split()),
        "VISITCARE_SECRET_KEY": "of a county's server, and long enough: 0123456789 abcdefghij",
        "DATABASE_URL": asked["DATABASE_URL"].replace("…", "secret"),
    }
    assert secrets.keys() <= asked.keys()
    (tmp_path / "static").mkdir()
    files = {
        name: name for name in ("care.css", "care.js", "care.svg", "phone/waiting.js")
    }  # all that the sign-in page names
    (tmp_path / "static" / "staticfiles.json").write_text(json.dumps({"version": "1.1", "paths": files}))
    outside = {
        name: text for name, text in os.environ.items() if not name.startswith(("VISITCARE_", "DATABASE_"))
    }
    return outside | asked | secrets | {"DJANGO_SETTINGS_MODULE": "visitcare.settings"}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=HOUSE, env=environment, capture_output=True, text=True, check=False
    )


def test_check_deploy_finds_nothing(documented: dict[str, str]) -> None:
    told = run(documented, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "System check identified no issues (2 silenced).\n"


def test_subdomains_are_included_where_the_environment_says_so(documented: dict[str, str]) -> None:
    assert look(documented | {"VISITCARE_HSTS_SUBDOMAINS": "true"})["/login/ True"]["headers"][
        "Strict-Transport-Security"
    ].endswith("; includeSubDomains")


def look(environment: dict[str, str]) -> dict[str, Any]:
    """What a server with this environment answers."""
    told = run(environment, "-c", LOOK, HOST)
    assert told.returncode == 0, told.stderr
    return dict(json.loads(told.stdout))


def test_server_insists_on_https(documented: dict[str, str]) -> None:
    said = look(documented)
    assert said["probe"]["status"] == 200
    plain, secure, probe = said["/login/ False"], said["/login/ True"], said["/healthz False"]
    assert (plain["status"], plain["headers"]["Location"]) == (301, f"https://{HOST}/login/")
    assert (secure["status"], probe["status"]) == (200, 200)
    assert secure["headers"]["Strict-Transport-Security"] == "max-age=31536000"
    (cookie,) = secure["cookies"].items()
    name, told = cookie
    assert name == "__Host-csrftoken"
    assert (told["secure"], told["httponly"], told["samesite"], told["path"], told["domain"]) == (
        True,
        True,
        "Lax",
        "/",
        "",
    )


def test_cookies_have_names_that_only_this_host_may_set(documented: dict[str, str]) -> None:
    told = run(
        documented,
        "-c",
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE)",
    )
    assert told.stdout == "__Host-sessionid True\n"
