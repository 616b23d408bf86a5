"""Writing .xlsx files: the same content gives the same bytes, and half a million rows cost no memory."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.writer.excel import ExcelWriter

from .paper import Field, Sheet, draw

DEFAULT_STAMP = datetime(2024, 1, 1, tzinfo=UTC)
_NAME_UNITS = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

Outcome = Literal["new", "changed", "unchanged", "refused", "warning"]
OUTCOME_WORDS: dict[Outcome, str] = {
    "new": "新增",
    "changed": "有变化",
    "unchanged": "无变化",
    "refused": "未导入",
    "warning": "有提醒",
}


@dataclass(frozen=True)
class Verdict:
    """What an import did with one row: `row` is Excel's number, `key` names the thing, `words` say why; `becomes` is what
    a row with a warning became all the same."""

    row: int
    key: str
    outcome: Outcome
    words: str
    becomes: Outcome | None = None


def write_workbook(out: Path | IO[bytes], sheets: Sequence[Sheet], *, stamp: datetime = DEFAULT_STAMP) -> str:
    """Write the sheets, in their order, and return the SHA-256 (hex) of the bytes written.

    A path is replaced only when all is written, readable by its owner alone. `stamp` (aware) is the time the
    file says it was made at: the same sheets and stamp give the same bytes. Raise ValueError or TypeError for
    what a sheet cannot hold (see `Field` and `Sheet`); then nothing is written.
    """
    if not sheets:
        raise ValueError("a workbook needs a sheet")
    book = Workbook(write_only=True)
    book.properties.creator = "visitcare"
    book.properties.created = book.properties.modified = stamp.astimezone(UTC).replace(tzinfo=None)
    folder = out.parent if isinstance(out, Path) else None
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as part:
        try:
            for sheet, name in zip(sheets, _worksheet_names(sheets), strict=True):
                draw(book, sheet, name)
            with _StampedZip(part, stamp) as archive:
                ExcelWriter(book, archive).save()
            part.seek(0)
            digest = hashlib.file_digest(part, "sha256").hexdigest()
            if isinstance(out, Path):
                os.replace(part.name, out)
            else:
                part.seek(0)
                shutil.copyfileobj(part, out)
        finally:
            _forget_streams(book)
            with suppress(FileNotFoundError):
                os.unlink(part.name)
    return digest


def write_verdicts(out: Path | IO[bytes], title: str, verdicts: Iterable[Verdict]) -> str:
    """Write the report of an import, a line a verdict; return the SHA-256 (hex) of the bytes written."""
    fields = [Field("行号", 8, "count"), Field("对象", 28), Field("结果", 10), Field("说明", 90)]
    rows = ((verdict.row, verdict.key, OUTCOME_WORDS[verdict.outcome], verdict.words) for verdict in verdicts)
    return write_workbook(out, [Sheet(name=title, fields=fields, rows=rows, plain=True)])


class _StampedZip(ZipFile):
    """A zip whose entries all carry one time; otherwise the clock would change the bytes."""

    def __init__(self, file: IO[bytes], stamp: datetime) -> None:
        super().__init__(file, "w", ZIP_DEFLATED)
        self._time = stamp.astimezone(UTC).timetuple()[:6]

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_how: Any) -> None:
        super().writestr(self._entry(zinfo_or_arcname), data)

    def write(self, filename: Any, arcname: Any = None, *_how: Any) -> None:
        entry = self._entry(arcname)
        entry.file_size = os.path.getsize(filename)
        with open(filename, "rb") as source, self.open(entry, "w") as target:
            shutil.copyfileobj(source, target)

    def _entry(self, name: str) -> ZipInfo:
        entry = ZipInfo(name, self._time)
        entry.compress_type = ZIP_DEFLATED
        entry.create_system = 3
        entry.external_attr = 0o600 << 16
        return entry


def _forget_streams(book: Workbook) -> None:
    """Remove what openpyxl streamed to temporary files when an error left them: they hold people's data."""
    for worksheet in cast("list[WriteOnlyWorksheet]", book.worksheets):
        writer = getattr(worksheet, "_writer", None)
        if writer is not None and os.path.exists(writer.out):
            if not worksheet.closed:
                worksheet.close()
            writer.cleanup()


def _worksheet_names(sheets: Sequence[Sheet]) -> list[str]:
    """Names that Excel accepts: at most 31 characters, none of []:*?/\\, each once whatever its case."""
    names: list[str] = []
    for sheet in sheets:
        wanted = f"草稿 {sheet.name}" if sheet.plain and sheet.draft else sheet.name
        wanted = _NOT_IN_NAMES.sub(" ", wanted).strip(" '") or "表"
        name, again = _cut(wanted, _NAME_UNITS), 1
        while name.casefold() in {taken.casefold() for taken in names}:
            again += 1
            suffix = f"({again})"
            name = _cut(wanted, _NAME_UNITS - len(suffix)) + suffix
        names.append(name)
    return names


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore").rstrip(" '")
