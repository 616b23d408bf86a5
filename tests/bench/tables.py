"""COPY of the very rows that our code wrote: the floors of bulk writes."""

import io

from django.db import connection, models

from tests.factories import unguarded


def copied_out(*tables: type[models.Model]) -> dict[str, str]:
    """The rows of the tables, as COPY gives them."""
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            buffer = io.StringIO()
            cursor.copy_expert(f"COPY {table._meta.db_table} TO STDOUT", buffer)
            rows[table._meta.db_table] = buffer.getvalue()
    return rows


def dropped(*tables: type[models.Model]) -> None:
    """Take the rows out again, the last table's first, also those that the database itself keeps."""
    with unguarded():
        for table in reversed(tables):
            table._base_manager.all()._raw_delete(using="default")


def copy_again(rows: dict[str, str]) -> None:
    """Write them again where they came from, with every key, index and trigger."""
    with connection.cursor() as cursor:
        for table, text in rows.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))


def copy_in(rows: dict[str, str]) -> None:
    """Write them again into bare tables with the same primary keys and nothing else, within a transaction that is undone."""
    with connection.cursor() as cursor:
        for table, text in rows.items():
            cursor.execute(f"CREATE TEMP TABLE bare (LIKE {table})")
            cursor.execute(f"ALTER TABLE bare ADD PRIMARY KEY ({_key_of(table)})")
            cursor.copy_expert("COPY bare FROM STDIN", io.StringIO(text))
            cursor.execute("DROP TABLE bare")


def _key_of(table: str) -> str:
    model = next(one for one in connection.introspection.installed_models([table]))
    return model._meta.pk.column
