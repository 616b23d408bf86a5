"""What the migrations of several rooms say of triggers."""

from django.db import migrations


class NeverIgnored(migrations.RunSQL):
    """Close the two ways by which the very role that triggers are to watch could lead them astray; whatever adds a
    trigger, or writes a function of one anew, ends with this.

    - pgtrigger's own switch, the setting pgtrigger.ignore: each AddTrigger writes the function anew that reads it.
    - A temporary table in the name of one of ours would be read and written in its stead, for it is searched first
      unless a function has a search_path of its own. What a function calls keeps to the same.
    """

    def __init__(self) -> None:
        super().__init__(
            """
            CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN
                LANGUAGE sql IMMUTABLE AS 'SELECT FALSE';
            DO $$
            DECLARE
                found record;
            BEGIN
                FOR found IN SELECT DISTINCT tgfoid::regprocedure AS called, pronamespace::regnamespace AS home
                    FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid
                    WHERE NOT tgisinternal AND pronamespace = current_schema()::regnamespace
                LOOP
                    EXECUTE format('ALTER FUNCTION %s SET search_path = %s, pg_temp', found.called, found.home);
                END LOOP;
            END $$;
            """,
            migrations.RunSQL.noop,
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return self.__class__.__qualname__, [], {}
