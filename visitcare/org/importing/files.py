"""Where the uploaded file is from the upload until it is stored or given up: sealed, in the data folder."""

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from visitcare.kit.sealing import SealBroken, seal_file, unseal_file
from visitcare.kit.sheets import SheetRefused
from visitcare.org.models import ImportBatch

ARRIVING = 24 * 3600
LOST = "上传的文件已经不在了。请放弃这一批，重新上传。"


def folder() -> Path:
    return Path(settings.VAR) / "imports"


def file_of(batch: ImportBatch) -> Path:
    return folder() / f"{batch.pk}.sealed"


def keep_file(batch: ImportBatch, chunks: Iterable[bytes]) -> None:
    """Seal the file with the batch's key. What an interruption leaves is nobody's, and goes with the next night."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = file_of(batch)
    try:
        seal_file(path, chunks, batch.file_key)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def opened_file(batch: ImportBatch) -> Iterator[IO[bytes]]:
    """The file as it was uploaded, without a name. Raise SheetRefused when it is gone."""
    with tempfile.TemporaryFile() as file:
        try:
            unseal_file(file_of(batch), batch.file_key, file)
        except (OSError, SealBroken, ValueError) as error:
            raise SheetRefused(LOST) from error
        file.seek(0)
        yield file


def drop_file(batch: ImportBatch) -> None:
    file_of(batch).unlink(missing_ok=True)


def drop_files_but(batches: Iterable[ImportBatch]) -> None:
    """Delete what no batch needs any more, but for what may just be arriving."""
    needed = {file_of(batch) for batch in batches}
    for path in folder().glob("*.sealed"):
        if path not in needed and time.time() - path.stat().st_mtime > ARRIVING:
            path.unlink(missing_ok=True)
