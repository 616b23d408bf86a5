"""For the migrations that make a table of history: what is in it stays."""

from collections.abc import Mapping

from django.db import migrations


class HistoryStays(migrations.RunSQL):
    """Refuse UPDATE, DELETE and TRUNCATE on tables of history; `tables` names with each its encrypted columns, which a
    change of key may write anew."""

    def __init__(self, tables: Mapping[str, tuple[str, ...]]) -> None:
        self.tables = tables
        made, gone = [], []
        for table, sealed in tables.items():
            columns = ", ".join(f"'{column}'" for column in sealed)
            made.append(
                f"CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION audit_guard_history({columns});"
                f"CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION audit_guard_truncate();"
            )
            gone += [f"DROP TRIGGER {name} ON {table};" for name in ("guard_history", "guard_truncate")]
        super().__init__("".join(made), "".join(gone))

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return self.__class__.__qualname__, [self.tables], {}
