"""What a newcomer types: the words of the Makefile, the variables of .env.example."""

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
WORDS = ["setup", "run", "stop", "test", "test-all", "test-deep", "lint", "pictures", "bench", "bench-full"]
ROOMS = ("visitcare", "elders", "visits", "subsidies")
VARIABLE = re.compile(r"\b(VISITCARE_[A-Z_]+|DATABASE_URL)\b")


def make(*arguments: str, folder: Path = HOUSE) -> subprocess.CompletedProcess[str]:
    """make, as typed in a fresh shell: whoever runs these tests may have been called by make too."""
    ours = ("MAKE", "MFLAGS", "PYTHON", "HOST", "PORT", "ARGS", "PROCESSES")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a project that needs no packages."""
    (tmp_path / "Makefile").write_text((HOUSE / "Makefile").read_text())
    for file in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / file).touch()
    return tmp_path


def fake_python(folder: Path, name: str, fails_at: str = "nothing at all") -> str:
    """A Python that does as asked at once, writes down what it was, and ends with an error at this word."""
    program = folder / name
    program.write_text(f"""#!/bin/sh
case "$*" in *"{fails_at}"*) exit 1;; esac
case "$*" in *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python;; esac
case "$*" in "-m "*) echo "$*" >> asked;; esac
""")
    program.chmod(0o755)
    return str(program)


def test_make_alone_lists_the_words() -> None:
    listed = re.findall(r"^  make ([a-z-]+) ", make().stdout, re.M)
    assert listed == ["help", *sorted(listed[1:], key=WORDS.index)]
    assert sorted(listed[1:]) == sorted(WORDS)


@pytest.mark.parametrize("word", WORDS)
def test_make_knows_how_to(word: str) -> None:
    told = make("--dry-run", word)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout != ""


def test_setup_is_done_once_and_again_when_the_requirements_change(clone: Path) -> None:
    make("setup", f"PYTHON={fake_python(clone, 'python-1')}", folder=clone)
    venv, pip = (clone / "asked").read_text().splitlines()
    assert venv == "-m venv .venv"
    assert pip.endswith(" -r requirements-dev.txt")
    assert make("setup", folder=clone).stdout == "make: Nothing to be done for 'setup'.\n"
    later = (clone / ".venv" / "made-with").stat().st_mtime + 1
    os.utime(clone / "requirements.txt", (later, later))
    assert make("setup", folder=clone).stdout == "Setting up .venv …\n"
    assert (clone / "asked").read_text().splitlines() == [venv, pip, venv, pip]


def test_setup_with_another_python_begins_anew_and_stays_with_it(clone: Path) -> None:
    make("setup", f"PYTHON={fake_python(clone, 'python-1')}", folder=clone)
    (clone / "asked").unlink()
    make("setup", f"PYTHON={fake_python(clone, 'python-2')}", folder=clone)
    assert (clone / "asked").read_text().splitlines()[0] == "-m venv --clear .venv"
    assert make("setup", folder=clone).stdout == "make: Nothing to be done for 'setup'.\n"


@pytest.mark.parametrize(
    ("fails_at", "said"),
    [
        ("version_info", "is not a Python 3.11 or newer; name one: make setup PYTHON=python3.12"),
        ("ensurepip", "has no venv with pip; on Debian or Ubuntu: apt install python3-venv"),
    ],
)
def test_setup_without_what_it_needs_says_what_to_do(clone: Path, fails_at: str, said: str) -> None:
    python = fake_python(clone, "python-1", fails_at)
    told = make("setup", f"PYTHON={python}", folder=clone)
    assert (told.returncode, told.stderr.splitlines()[0]) == (2, f"{python} {said}")
    assert not (clone / ".venv").exists()


def test_run_on_a_busy_port_says_which_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        told = make("run", f"PORT={port}", "--old-file=.venv/made-with")
    said, makes_own = told.stderr.splitlines()
    assert said == f"Cannot listen on 127.0.0.1:{port}, which may be in use; take another: make run PORT=8001"
    assert makes_own.startswith("make: ***")
    assert told.returncode == 2


def test_env_example_names_each_variable_that_is_read_and_no_other() -> None:
    sources = [HOUSE / "Makefile", *(file for room in ROOMS for file in (HOUSE / room).rglob("*.py"))]
    read = {name for file in sources for name in VARIABLE.findall(quoted(file))}
    example = re.findall(r"^#?([A-Z_]+)=", (HOUSE / ".env.example").read_text(), re.M)
    assert sorted(example) == sorted(read)


def quoted(file: Path) -> str:
    """The part of a source that can read a variable: its short strings; a Makefile's $(…)."""
    text = file.read_text()
    return " ".join(re.findall(r'"[A-Z_]+"|\$\([^)]*\)', text))
