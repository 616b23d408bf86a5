"""One way to import a sheet, for commands and screens.

`importer` is what reads and writes rows, `running` gives each its verdict, `command` does it at a terminal. On screen a
file is a batch: `batches` is what people do with it from the upload on, `work` what its process does, `processes` where
that runs, `undoing` takes it back, `forgetting` is what the night does.
"""

from visitcare.org.importing.batches import (
    BatchError,
    abandon_batch,
    confirm_batch,
    has_died,
    start_again,
    stop_undoing,
    undo_batch,
    upload_batch,
)
from visitcare.org.importing.changes import FieldChange, changes_of, join_words
from visitcare.org.importing.command import ImportCommand, acting_user
from visitcare.org.importing.forgetting import forget_old_batches
from visitcare.org.importing.importer import Importer, Keys, RowRefused, Rows, Taken
from visitcare.org.importing.kinds import Kind, Option
from visitcare.org.importing.processes import limit_process
from visitcare.org.importing.running import Report, counts_words, run_import
from visitcare.org.importing.templates import example_row, write_template
from visitcare.org.importing.work import run_batch

__all__ = [
    "BatchError",
    "FieldChange",
    "ImportCommand",
    "Importer",
    "Keys",
    "Kind",
    "Option",
    "Report",
    "RowRefused",
    "Rows",
    "Taken",
    "abandon_batch",
    "acting_user",
    "changes_of",
    "confirm_batch",
    "counts_words",
    "example_row",
    "forget_old_batches",
    "has_died",
    "join_words",
    "limit_process",
    "run_batch",
    "run_import",
    "start_again",
    "stop_undoing",
    "undo_batch",
    "upload_batch",
    "write_template",
]
