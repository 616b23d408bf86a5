import django.db.models.deletion
from django.db import migrations, models

# One foreign key over both columns takes the place of two, and of the trigger that compared them for new rows alone.
BOTH = """
ALTER TABLE subsidies_line ADD CONSTRAINT line_of_its_settlement UNIQUE (settlement_id, id);
ALTER TABLE subsidies_paidvisit ADD CONSTRAINT item_lies_in_its_line
    FOREIGN KEY (settlement_id, line_id) REFERENCES subsidies_line (settlement_id, id);
ALTER TABLE subsidies_reversal ADD CONSTRAINT item_lies_in_its_line
    FOREIGN KEY (settlement_id, line_id) REFERENCES subsidies_line (settlement_id, id);
DROP FUNCTION subsidies_guard_new_items() CASCADE;
"""
BACK = """
ALTER TABLE subsidies_reversal DROP CONSTRAINT item_lies_in_its_line;
ALTER TABLE subsidies_paidvisit DROP CONSTRAINT item_lies_in_its_line;
ALTER TABLE subsidies_line DROP CONSTRAINT line_of_its_settlement;
CREATE FUNCTION subsidies_guard_new_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n JOIN subsidies_line l ON l.id = n.line_id WHERE l.settlement_id <> n.settlement_id
    ) THEN
        PERFORM subsidies_refuse('item_lies_in_its_line', 'an item and its line are of different settlements');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_new_items AFTER INSERT ON subsidies_paidvisit
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION subsidies_guard_new_items();
CREATE TRIGGER guard_new_items AFTER INSERT ON subsidies_reversal
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION subsidies_guard_new_items();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0006_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='paidvisit',
            name='line',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='paid_visits', to='subsidies.line', verbose_name='明细'),
        ),
        migrations.AlterField(
            model_name='paidvisit',
            name='settlement',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='paid_visits', to='subsidies.settlement', verbose_name='结算'),
        ),
        migrations.AlterField(
            model_name='reversal',
            name='line',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='subsidies.line', verbose_name='明细'),
        ),
        migrations.AlterField(
            model_name='reversal',
            name='settlement',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='subsidies.settlement', verbose_name='结算'),
        ),
        migrations.RunSQL(BOTH, BACK),
    ]
