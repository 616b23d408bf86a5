"""Where the household will be that is made when those who move come: none is made for whom nobody takes in."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0016_class_of_no_verdict'),
        ('org', '0008_import_batches'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='move',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='move',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='move',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='move',
            name='move_accepted_into_a_household',
        ),
        migrations.AddField(
            model_name='move',
            name='place',
            field=models.ForeignKey(blank=True, db_column='place_code', db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.division', verbose_name='新户的村（居）/组'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='place',
            field=models.ForeignKey(blank=True, db_column='place_code', db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='新户的村（居）/组'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='move',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_movehistory" ("address", "decided_by_id", "decision_reason", "elder_id", "household_id", "id", "party", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "proposed_at", "proposed_by_id", "reason", "starts_on", "state", "to_household_id", "village_code") VALUES (NEW."address", NEW."decided_by_id", NEW."decision_reason", NEW."elder_id", NEW."household_id", NEW."id", NEW."party", NOW(), \'insert\', NEW."id", NEW."place_code", NEW."proposed_at", NEW."proposed_by_id", NEW."reason", NEW."starts_on", NEW."state", NEW."to_household_id", NEW."village_code"); RETURN NULL;', hash='93958ff6391eeb8eb3e83197a0d0f10e9d3af4a5', operation='INSERT', pgid='pgtrigger_insert_insert_980a4', table='elders_move', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='move',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."party", OLD."elder_id", OLD."household_id", OLD."village_code", OLD."place_code", OLD."address", OLD."to_household_id", OLD."starts_on", OLD."reason", OLD."state", OLD."proposed_by_id", OLD."proposed_at", OLD."decided_by_id", OLD."decision_reason") IS DISTINCT FROM ROW(NEW."id", NEW."party", NEW."elder_id", NEW."household_id", NEW."village_code", NEW."place_code", NEW."address", NEW."to_household_id", NEW."starts_on", NEW."reason", NEW."state", NEW."proposed_by_id", NEW."proposed_at", NEW."decided_by_id", NEW."decision_reason"))', func='INSERT INTO "elders_movehistory" ("address", "decided_by_id", "decision_reason", "elder_id", "household_id", "id", "party", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "proposed_at", "proposed_by_id", "reason", "starts_on", "state", "to_household_id", "village_code") VALUES (OLD."address", OLD."decided_by_id", OLD."decision_reason", OLD."elder_id", OLD."household_id", OLD."id", OLD."party", NOW(), \'update\', OLD."id", OLD."place_code", OLD."proposed_at", OLD."proposed_by_id", OLD."reason", OLD."starts_on", OLD."state", OLD."to_household_id", OLD."village_code"); RETURN NULL;', hash='90c34985a8524363a0ee038d82f6ac14863a98a0', operation='UPDATE', pgid='pgtrigger_update_update_d0c82', table='elders_move', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='move',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_movehistory" ("address", "decided_by_id", "decision_reason", "elder_id", "household_id", "id", "party", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "proposed_at", "proposed_by_id", "reason", "starts_on", "state", "to_household_id", "village_code") VALUES (OLD."address", OLD."decided_by_id", OLD."decision_reason", OLD."elder_id", OLD."household_id", OLD."id", OLD."party", NOW(), \'delete\', OLD."id", OLD."place_code", OLD."proposed_at", OLD."proposed_by_id", OLD."reason", OLD."starts_on", OLD."state", OLD."to_household_id", OLD."village_code"); RETURN NULL;', hash='ba0271fe5abe5448cf1ea3ab8bf4632db1d442b0', operation='DELETE', pgid='pgtrigger_delete_delete_ecb9c', table='elders_move', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), models.Q(('to_household__isnull', False), ('place__isnull', False), _connector='OR')), models.Q(('state', 'done'), ('to_household__isnull', False)), models.Q(('place__isnull', True), ('state__in', ['waiting', 'sent_back']), ('to_household__isnull', True)), ('state', 'withdrawn'), _connector='OR'), name='move_accepted_into_a_household'),
        ),
        NeverIgnored(),
    ]
