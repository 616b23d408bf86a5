"""Databases beside the test database: another one takes its place for as long as a test looks at it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

KEY = "A" * 43 + "="


@contextmanager
def in_place_of_ours(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Whatever asks the default database asks this one."""
    ours = connections["default"]
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = ours


def manage(*arguments: str, var: Path, database_url: str = "") -> "subprocess.Popen[str]":
    """manage.py in a process of its own, with nothing of the developer's environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("VISITCARE_")}
    env |= {
        "PYTHONUNBUFFERED": "1",
        "VISITCARE_VAR": str(var),
        "VISITCARE_KEY": f"index:{KEY},k1:{KEY}",
        "DATABASE_URL": database_url,
    }
    if binaries := os.environ.get("VISITCARE_POSTGRES_BIN"):
        env["VISITCARE_POSTGRES_BIN"] = binaries
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
