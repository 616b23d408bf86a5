"""What the migrations of several rooms say of triggers."""

from django.db import migrations


class NeverIgnored(migrations.RunSQL):
    """pgtrigger's own switch, the setting pgtrigger.ignore, could be set by the very role that the triggers are to
    watch. Each AddTrigger writes the function anew that reads it; so whatever adds one ends with this."""

    def __init__(self) -> None:
        super().__init__(
            """
            CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN
                LANGUAGE sql IMMUTABLE AS 'SELECT FALSE';
            """,
            migrations.RunSQL.noop,
        )

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return self.__class__.__qualname__, [], {}
