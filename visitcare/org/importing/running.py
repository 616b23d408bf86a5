"""Running an import: every row gets a verdict, and a bad row stores nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from django.db import DataError, IntegrityError, connection, transaction

from visitcare.kit.sheets import OUTCOME_WORDS, Row, Verdict, open_book
from visitcare.org.actions import NotAllowed
from visitcare.org.importing.changes import join_words
from visitcare.org.importing.importer import Importer, Taken

STORING_LOCK = 320700
"""Of the server's advisory locks, the one for storing an import."""


@dataclass(slots=True)
class Report:
    """The verdicts of an import and whether anything was stored."""

    verdicts: list[Verdict] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    stored: bool = False

    @property
    def counts(self) -> Counter[str]:
        """How many rows of each outcome; those with a warning by what becomes of them, and once more as warned."""
        counts: Counter[str] = Counter(verdict.becomes or verdict.outcome for verdict in self.verdicts)
        counts.update(f"warned_{verdict.becomes}" for verdict in self.verdicts if verdict.becomes)
        return counts

    @property
    def refused(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.outcome == "refused"]


def counts_words(counts: Mapping[str, int]) -> str:
    found = ((outcome, words) for outcome, words in OUTCOME_WORDS.items() if counts.get(outcome))
    return "，".join(
        f"{words} {counts[outcome]} 行" + (f"（其中提醒 {warned} 行）" if warned else "")
        for outcome, words in found
        for warned in [counts.get(f"warned_{outcome}")]
    )


class _Rollback(Exception):
    """Ends the import's transaction without storing anything."""


def run_import(
    importer: Importer,
    source: Path | IO[bytes],
    *,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    keep: Callable[[Report], None] | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Import a sheet, all or nothing unless `skip_bad_rows`. Raise SheetRefused when the file itself is no good.

    A second sheet that the importer knows follows the first, in the same transaction. `keep` files the report in it
    too: a report that cannot be kept stores nothing. `tell` hears after each row how many are done, of how many.
    """
    second = importer.second_sheet
    with open_book(source) as book:
        table = book.table(importer.columns)
        more = book.table(second.columns, sheet=second.sheet) if second and book.has(second.sheet) else None
    report = Report(ignored=table.ignored + (more.ignored if more else ()))
    progress = _Progress(tell, len(table.rows) + len(more.rows if more else ()))
    try:
        with transaction.atomic():
            if not dry_run:
                one_at_a_time()
            importer.plans = dry_run and importer.can_plan
            importer.tries = dry_run and importer.rows_stand_alone
            importer.prepare(table)
            report.verdicts = [_judge(importer, row) for row in progress.through(table.rows)]
            followed: list[Verdict] = []
            if second and more:
                follower = second(importer.by)
                follower.plans = importer.plans
                follower.follow(importer)
                follower.prepare(more)
                followed = [_judge(follower, row) for row in progress.through(more.rows)]
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


class _Progress:
    """Counts the rows of all sheets as they go by."""

    def __init__(self, tell: Callable[[int, int], None], total: int) -> None:
        self.tell, self.total, self.done = tell, total, 0
        tell(0, total)

    def through(self, rows: Sequence[Row]) -> Iterator[Row]:
        for row in rows:
            yield row
            self.done += 1
            self.tell(self.done, self.total)


def one_at_a_time() -> None:
    """Wait until nobody else stores an import: of two with the same people the later one finds them registered, where
    no constraint could tell it (drafts may be many)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STORING_LOCK])


def _judge(importer: Importer, row: Row) -> Verdict:
    try:
        # Without writing there is nothing to take back.
        with nullcontext() if importer.plans else transaction.atomic():
            taken = importer.take(row)
            if importer.tries:
                transaction.set_rollback(True)  # of this row alone
    except (ValueError, NotAllowed) as refusal:  # of the row, its cells, or the action: in words
        taken = Taken("refused", str(refusal))
    except DataError:
        taken = Taken("refused", "有一格写得太长，存不下。请写短一些。")
    except IntegrityError as error:
        rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        taken = Taken("refused", f"和已有的记录冲突（{rule}）。请核对这一行是不是重复了。")
    return Verdict(row.number, importer.key(row), taken.outcome, taken.words, taken.becomes)


def _warn(verdicts: list[Verdict], warnings: Mapping[int, str]) -> None:
    for at, verdict in enumerate(verdicts):
        if words := warnings.get(verdict.row):
            becomes = verdict.becomes if verdict.outcome == "warning" else verdict.outcome
            verdicts[at] = replace(
                verdict, outcome="warning", words=join_words(verdict.words, words), becomes=becomes
            )
