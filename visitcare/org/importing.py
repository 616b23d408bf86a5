"""One way to import a sheet, for commands and screens: every row gets a verdict, and a bad row stores nothing."""

import getpass
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, ClassVar, Literal

from django.core.management.base import BaseCommand, CommandError
from django.db import DataError, IntegrityError, transaction

from visitcare.kit.sheets import (
    Column,
    Row,
    SheetRefused,
    Table,
    Verdict,
    has_sheet,
    read_table,
    write_verdicts,
)
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User

Outcome = Literal["new", "changed", "unchanged", "warning", "refused"]
OUTCOME_WORDS = {
    "new": "新增",
    "changed": "有变化",
    "unchanged": "无变化",
    "warning": "有提醒",
    "refused": "未导入",
}


class RowRefused(ValueError):
    """A row that cannot be taken; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a row: its outcome, and words for whoever reads the report."""

    outcome: Outcome
    words: str = ""


class Importer(ABC):
    """Reads rows of one kind of sheet and writes them through actions."""

    columns: ClassVar[Sequence[Column]]
    noun: ClassVar[str]
    sheet: ClassVar[str] = ""
    second_sheet: ClassVar["type[Importer] | None"] = None

    def __init__(self, by: User) -> None:
        self.by = by

    def prepare(self, table: Table) -> None:  # noqa: B027 (most need it, none must)
        """Load at once what the rows will ask for."""

    @abstractmethod
    def key(self, row: Row) -> str:
        """What the row is about, for the report; no ID or phone numbers."""

    @abstractmethod
    def take(self, row: Row) -> Taken:
        """Store one row. Raise RowRefused, CellError or PaperError when it cannot be."""

    def finish(self) -> Mapping[int, str]:
        """What is best done once for all rows; returns warnings that are known only then, by row number."""
        return {}


@dataclass(slots=True)
class Report:
    """The verdicts of an import and whether anything was stored."""

    verdicts: list[Verdict] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    stored: bool = False

    @property
    def counts(self) -> Counter[str]:
        return Counter(verdict.outcome for verdict in self.verdicts)

    @property
    def refused(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.outcome == "refused"]


class _Rollback(Exception):
    """Ends the import's transaction without storing anything."""


def run_import(
    importer: Importer,
    source: Path | IO[bytes],
    *,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    keep: Callable[[Report], None] | None = None,
) -> Report:
    """Import a sheet, all or nothing unless `skip_bad_rows`. Raise SheetRefused when the file itself is no good.

    A second sheet that the importer knows follows the first, in the same transaction. `keep` files the report in it
    too: a report that cannot be kept stores nothing.
    """
    table = read_table(source, importer.columns)
    second = importer.second_sheet
    more = (
        read_table(source, second.columns, sheet=second.sheet)
        if second and has_sheet(source, second.sheet)
        else None
    )
    report = Report(ignored=table.ignored + (more.ignored if more else ()))
    try:
        with transaction.atomic():
            importer.prepare(table)
            report.verdicts = [_judge(importer, row) for row in table.rows]
            followed: list[Verdict] = []
            if second and more:
                follower = second(importer.by)
                follower.prepare(more)
                followed = [_judge(follower, row) for row in more.rows]
            _warn(report.verdicts, importer.finish())
            report.verdicts += followed
            if keep:
                keep(report)
            if dry_run or (report.refused and not skip_bad_rows):
                raise _Rollback
            report.stored = True
    except _Rollback:
        pass
    return report


def _judge(importer: Importer, row: Row) -> Verdict:
    try:
        with transaction.atomic():
            taken = importer.take(row)
    except (ValueError, NotAllowed) as refusal:  # of the row, its cells, or the action: in words
        taken = Taken("refused", str(refusal))
    except DataError:
        taken = Taken("refused", "有一格写得太长，存不下。请写短一些。")
    except IntegrityError as error:
        rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        taken = Taken("refused", f"和已有的记录冲突（{rule}）。请核对这一行是不是重复了。")
    return Verdict(row.number, importer.key(row), taken.outcome, taken.words)


def _warn(verdicts: list[Verdict], warnings: Mapping[int, str]) -> None:
    for at, verdict in enumerate(verdicts):
        if words := warnings.get(verdict.row):
            words = "；".join(filter(None, (verdict.words, words)))
            verdicts[at] = replace(verdict, outcome="warning", words=words)


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
        counts = "，".join(
            f"{words} {report.counts[outcome]} 行"
            for outcome, words in OUTCOME_WORDS.items()
            if report.counts[outcome]
        )
        how = "试运行，没有存" if dry_run else "已存" if report.stored else "没有存"
        self.stdout.write(f"{importer.noun} {len(report.verdicts)} 行（{how}）：{counts or '没有数据'}")


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
