from django.db import migrations


class Migration(migrations.Migration):
    """A row trigger does not see TRUNCATE. The flush of the tests sets visitcare.flush; nothing else does."""

    dependencies = [
        ('audit', '0001_event'),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION audit_guard_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('visitcare.flush', true) IS DISTINCT FROM 'on' THEN
                    RAISE EXCEPTION 'events are never truncated'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'never_truncated';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON audit_event
                FOR EACH STATEMENT EXECUTE FUNCTION audit_guard_truncate();
            """,
            "DROP FUNCTION audit_guard_truncate() CASCADE;",
        ),
    ]
