"""What holds for every trigger of ours, whichever room it stands in."""

import pytest
from django.db import connection

FUNCTIONS = """
    SELECT DISTINCT tgfoid::regproc::text, proconfig
    FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid
    WHERE NOT tgisinternal
"""


@pytest.mark.django_db
def test_no_trigger_looks_into_temporary_tables_first() -> None:
    """Migrations that add a trigger, or replace the function of one, end with NeverIgnored, which sees to it."""
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        settings = dict(cursor.fetchall())
    assert len(settings) > 50
    assert {name for name, said in settings.items() if said != ["search_path=public, pg_temp"]} == set()
