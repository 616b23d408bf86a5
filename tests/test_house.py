"""What holds for the house as a whole, whatever the rooms do."""

import re
import socket
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from importlinter.cli import lint_imports
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HOUSE = Path(__file__).parent.parent
TOP_LEVEL = {
    *("visitcare", "elders", "visits", "subsidies", "templates", "static", "tests", "docs"),
    *("manage.py", "pyproject.toml", "requirements.txt", "requirements-dev.txt"),
    *("README.md", "CONTRIBUTING.md", "LICENSE", "Makefile"),
}
ROOMS = ("visitcare", "elders", "visits", "subsidies")


def project() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by the file that pins it."""
    asked = tomllib.loads((HOUSE / "pyproject.toml").read_text())
    return {
        "requirements.txt": asked["project"]["dependencies"],
        "requirements-dev.txt": asked["dependency-groups"]["dev"],
    }


def pins(file: str) -> dict[str, str]:
    """The versions that this file and those it includes pin, by name."""
    found: dict[str, str] = {}
    for line in (HOUSE / file).read_text().splitlines():
        if line.startswith("-r "):
            found |= pins(line[3:])
        elif line and not line.startswith("#"):
            (exactly,) = Requirement(line).specifier
            assert exactly.operator == "=="
            found[canonicalize_name(Requirement(line).name)] = exactly.version
    return found


def closure(asked: list[str]) -> set[str]:
    """The names of all that these requirements bring along on this Python."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in asked]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in found and (not requirement.marker or requirement.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += map(Requirement, distribution(name).requires or [])
    return found


def test_top_level_holds_what_it_should() -> None:
    visible = {path.name for path in HOUSE.iterdir() if not path.name.startswith((".", "__"))}
    assert visible - {"var", "build"} - TOP_LEVEL == set()


PAGES = sorted(
    page for page in HOUSE.rglob("*.md") if not {part for part in page.parts if part.startswith((".", "var"))}
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(HOUSE).as_posix())
def test_page_links_to_what_is_there(page: Path) -> None:
    words = page.read_text()
    asked = [*re.findall(r"\]\(([^)\s#]+)[^)]*\)", words), *re.findall(r'src="([^"]+)"', words)]
    assert [link for link in asked if "://" not in link and not (page.parent / link).exists()] == []


def test_manual_shows_every_picture_it_has() -> None:
    manual = HOUSE / "docs" / "manual"
    shown = set(
        re.findall(r"images/([\w-]+\.png)", "".join(page.read_text() for page in manual.glob("*.md")))
    )
    assert {file.name for file in (manual / "images").iterdir()} == shown


def test_rooms_import_only_what_stands_below_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HOUSE)
    monkeypatch.syspath_prepend(str(HOUSE))
    # It would silence the loggers of Django for all tests to come, also those that read the log.
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda verbose: None)
    status = lint_imports(no_cache=True, no_logo=True)
    assert status == 0, capsys.readouterr().out


@pytest.mark.django_db
def test_no_migration_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)
    assert capsys.readouterr().out == "No changes detected\n"


def test_migrations_have_names() -> None:
    ours = [app for app in apps.get_app_configs() if app.name.partition(".")[0] in ROOMS]
    names = [file.stem for app in ours for file in Path(app.path, "migrations").glob("[0-9]*.py")]
    assert [name for name in names if re.search(r"_auto_|_\d{8}|_alter_.*_and_more", name)] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_pins_are_all_that_is_asked_for_and_what_it_brings_along(file: str) -> None:
    assert closure(project()[file]) - pins(file).keys() == set()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_pins_satisfy_what_is_asked_for(file: str) -> None:
    asked = {canonicalize_name(Requirement(line).name): Requirement(line) for line in project()[file]}
    pinned = pins(file)
    assert [name for name, one in asked.items() if pinned[name] not in one.specifier] == []


def test_environment_is_what_the_pins_say() -> None:
    expected = pins("requirements-dev.txt")
    assert {name: distribution(name).version for name in expected} == expected


def test_network_is_closed() -> None:
    with (
        socket.socket() as way_out,
        pytest.raises(pytest.fail.Exception, match=r"wants to reach 192\.0\.2\.1"),
    ):
        way_out.connect(("192.0.2.1", 80))


def test_every_constraint_is_broken_by_some_test() -> None:
    """What must be true is said by the database, and tried past Django: `breaks("name of the constraint")`."""
    tried = "\n".join(file.read_text() for file in (HOUSE / "tests").rglob("*.py"))
    constraints = {
        constraint.name
        for model in apps.get_models()
        if model.__module__.partition(".")[0] in ROOMS
        for constraint in model._meta.constraints
    }
    assert len(constraints) > 40
    assert {name for name in constraints if f'"{name}"' not in tried} == set()
