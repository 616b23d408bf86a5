"""Sheets of elders, imported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from elders.importing import ElderImporter
from tests.cast import Cast
from tests.elders.importing.rows import Row, counts
from tests.factories import read_rows, run, save_sheet
from visitcare.org.importing import Importer, Report, run_import


@pytest.fixture(autouse=True)
def planned_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every import is planned before it is stored: a preview says of each row what storing it says."""

    def both(importer: Importer, source: Path, *, dry_run: bool, **how: Any) -> Report:
        if not isinstance(importer, ElderImporter):
            return run_import(importer, source, dry_run=dry_run, **how)
        plan = run_import(ElderImporter(importer.by, approve=importer.approve), source, dry_run=True)
        report = run_import(importer, source, dry_run=dry_run, **how)
        assert plan.verdicts == report.verdicts
        assert importer.plans == dry_run
        return report

    monkeypatch.setattr("visitcare.org.importing.command.run_import", both)


@pytest.fixture
def load(cast: Cast, tmp_path: Path) -> Callable[..., str]:
    """Import rows, approved unless options say otherwise; return what the command prints."""

    def imported(
        *rows: Row, options: tuple[str, ...] = ("--approve",), members: list[Row] | None = None
    ) -> str:
        more = {"家庭成员": members} if members else {}
        return run("import_elders", save_sheet(tmp_path / "elders.xlsx", rows, **more), *options)

    return imported


@pytest.fixture
def refused(load: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """The words for the last row of a file of which nothing is stored."""

    def words(*rows: Row, options: tuple[str, ...] = ("--approve",)) -> str:
        report = tmp_path / "report.xlsx"
        before = counts()
        with pytest.raises(CommandError) as caught:
            load(*rows, options=(*options, "--report", str(report)))
        assert (caught.value.returncode, counts()) == (1, before)
        verdict = read_rows(report)[-1]
        assert verdict[2] == "未导入"
        return str(verdict[3])

    return words
