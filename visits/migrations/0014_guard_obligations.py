"""What a week asks for is frozen when it opens (domain.md §2): the database itself refuses to change or remove it.

The refusal is a check_violation that bears a name, as those of ordinary constraints do.
"""

from django.db import migrations

from visitcare.kit.triggers import NeverIgnored

GUARD = """
CREATE FUNCTION visits_guard_obligation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a week asks for does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_stays_frozen';
END $$;

-- For the tests alone, whose flush sets visitcare.flush.
CREATE FUNCTION visits_guard_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('visitcare.flush', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'tables of obligations are never truncated'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_stays_frozen';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER guard_obligation BEFORE UPDATE OR DELETE ON visits_obligation
    FOR EACH ROW EXECUTE FUNCTION visits_guard_obligation();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON visits_obligation
    FOR EACH STATEMENT EXECUTE FUNCTION visits_guard_truncate();
"""

BACK = "DROP FUNCTION visits_guard_obligation() CASCADE; DROP FUNCTION visits_guard_truncate() CASCADE;"


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0013_closed_weeks'),
    ]

    operations = [
        migrations.RunSQL(GUARD, BACK),
        NeverIgnored(),
    ]
