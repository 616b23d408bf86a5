"""What the forms say of a dwelling becomes its household's: of each question the latest answer."""

from django.db import migrations

COLUMNS = ("water_safe", "power_safe", "housing_safe", "age_friendly")


def latest(column: str) -> str:
    said = f"f.{column} <> ''" if column == "age_friendly" else f"f.{column} IS NOT NULL"
    return f"(array_agg(f.{column} ORDER BY f.registered_on DESC, f.id) FILTER (WHERE {said}))[1] AS {column}"


COPY = f"""
UPDATE elders_household h
SET {", ".join(f"{name} = COALESCE(said.{name}, h.{name})" for name in COLUMNS)}
FROM (
    SELECT e.household_id, {", ".join(latest(name) for name in COLUMNS)}
    FROM elders_registrationform f JOIN elders_elder e ON e.id = f.elder_id
    GROUP BY e.household_id
) said
WHERE said.household_id = h.id
"""


class Migration(migrations.Migration):
    dependencies = [("elders", "0005_annex_3_whole")]

    operations = [migrations.RunSQL(COPY, migrations.RunSQL.noop)]
