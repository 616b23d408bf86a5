"""Many rows at once by COPY: an order of magnitude faster than INSERTs through the ORM, and as atomic."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connections, models, router

BATCH = 20_000


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows (values in the order of `fields`, by field name) into the model's table, within the transaction that
    is open; return how many. Constraints and triggers hold; columns left out take the database's defaults. Values
    are stored as they are: dates and times, UUIDs, Decimals, None; no field's own preparation runs."""
    columns = [str(getattr(model._meta.get_field(name), "column", "")) for name in fields]
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    statement = f"COPY {quote(model._meta.db_table)} ({', '.join(map(quote, columns))}) FROM STDIN WITH (FORMAT csv, NULL '\\N')"
    count, remaining = 0, iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(remaining, BATCH)):
            buffer = io.StringIO()
            writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL)
            writer.writerows([[r"\N" if value is None else value for value in row] for row in batch])
            buffer.seek(0)
            # copy_expert is the driver's own and would raise the driver's own errors.
            with connection.wrap_database_errors:
                cursor.copy_expert(statement, buffer)
            count += len(batch)
    return count
