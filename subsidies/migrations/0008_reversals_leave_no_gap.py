from django.db import migrations

from visitcare.kit.triggers import NeverIgnored

# What guard_reversal holds for the row that comes holds for those that stay. Asked after the statement, so that all
# reversals of a payment may go at once.
GUARD = """
CREATE FUNCTION subsidies_guard_reversals_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT max(number) <> count(*) FROM subsidies_reversal WHERE paid_visit_id = OLD.paid_visit_id) THEN
        PERFORM subsidies_refuse('reversals_leave_no_gap', 'a reversal does not go from under a later one');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_reversals_left AFTER UPDATE OR DELETE ON subsidies_reversal
    FOR EACH ROW EXECUTE FUNCTION subsidies_guard_reversals_left();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0007_items_lie_in_their_line'),
    ]

    operations = [
        migrations.RunSQL(GUARD, "DROP FUNCTION subsidies_guard_reversals_left() CASCADE"),
        NeverIgnored(),
    ]
