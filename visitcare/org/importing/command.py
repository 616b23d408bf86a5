"""The commands that import a sheet, and whom commands act for."""

import getpass
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from visitcare.kit.sheets import OUTCOME_WORDS, SheetRefused, write_verdicts
from visitcare.org.actions import NotAllowed
from visitcare.org.importing.importer import Importer
from visitcare.org.importing.running import Report, counts_words, run_import
from visitcare.org.models import User


class ReportLost(Exception):
    """The report of an import cannot be written where it was asked for."""


def _keeper(importer: Importer, file: Path | None) -> Callable[[Report], None] | None:
    def keep(report: Report) -> None:
        assert file is not None
        try:
            write_verdicts(file, f"{importer.noun}导入结果", report.verdicts)
        except OSError as error:
            raise ReportLost(f"报告写不到 {file}：{error.strerror}。请换一个文件夹。") from error

    return keep if file else None


class ImportCommand(BaseCommand):
    """Base of import_workers, import_elders, import_visits and import_deaths (docs of each name the headings)."""

    importer: ClassVar[type[Importer]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the .xlsx; its first sheet is read")
        parser.add_argument("--dry-run", action="store_true", help="judge every row, store nothing")
        parser.add_argument("--report", type=Path, help="write one verdict a row to this .xlsx")
        parser.add_argument(
            "--skip-bad-rows", action="store_true", help="store the good rows (else: all or nothing)"
        )
        parser.add_argument("--by", metavar="LOGIN", help="who imports (default: the system actor)")

    def make_importer(self, by: User, options: dict[str, Any]) -> Importer:
        return self.importer(by)

    def handle(self, *_: Any, **options: Any) -> None:
        importer = self.make_importer(acting_user(options["by"]), options)
        try:
            report = run_import(
                importer,
                options["file"],
                dry_run=options["dry_run"],
                skip_bad_rows=options["skip_bad_rows"],
                keep=_keeper(importer, options["report"]),
            )
        except ReportLost as error:
            raise CommandError(f"什么都没有导入：{error}") from error
        except (SheetRefused, NotAllowed) as refusal:
            raise CommandError(f"没有导入：{refusal}") from refusal
        except OSError as error:
            raise CommandError(f"打不开文件 {options['file']}：{error.strerror}。请检查路径。") from error
        self._tell(importer, report, dry_run=options["dry_run"])
        if report.refused and not options["skip_bad_rows"]:
            raise CommandError(
                f"{len(report.refused)} 行有问题，什么都没有导入。改好后重来，或加 --skip-bad-rows。"
            )

    def _tell(self, importer: Importer, report: Report, *, dry_run: bool) -> None:
        for verdict in report.verdicts:
            if verdict.outcome in ("refused", "warning"):
                words = (
                    f"第 {verdict.row} 行 {verdict.key}：{OUTCOME_WORDS[verdict.outcome]}，{verdict.words}"
                )
                (self.stderr if verdict.outcome == "refused" else self.stdout).write(words)
        if report.ignored:
            self.stdout.write(f"没有用到的列：{'、'.join(report.ignored)}")
        how = "试运行，没有存" if dry_run else "已存" if report.stored else "没有存"
        self.stdout.write(
            f"{importer.noun} {len(report.verdicts)} 行（{how}）：{counts_words(report.counts) or '没有数据'}"
        )


def acting_user(login: str | None) -> User:
    """The person a command acts for, or the system actor with the operating system user behind it."""
    if login:
        user = User.objects.filter(login=login, is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户名是 {login} 的在用账号。请检查 --by。")
        return user
    system = User.objects.system()
    system.behind = _operating_system_user()  # type: ignore[attr-defined]
    return system


def _operating_system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in containers
        return "操作系统用户"
