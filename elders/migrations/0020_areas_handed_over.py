import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):
    """A stand-in says which town or villages hand the round over. Those from before reach all of their town, as they did."""

    dependencies = [
        ('elders', '0019_days_off_and_stand_ins'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='standin',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='standin',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='standin',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='standin',
            name='handed_over',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(db_collation='C', max_length=15), default=[], size=None, verbose_name='代哪里的户'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='standinhistory',
            name='handed_over',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(db_collation='C', max_length=15), default=[], size=None, verbose_name='代哪里的户'),
            preserve_default=False,
        ),
        migrations.RunSQL(
            'UPDATE elders_standin SET handed_over = ARRAY[town_code]', reverse_sql=migrations.RunSQL.noop
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standin',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_standinhistory" ("absent_id", "ends_on", "handed_over", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on", "substitute_id", "town_code") VALUES (NEW."absent_id", NEW."ends_on", NEW."handed_over", NEW."id", NOW(), \'insert\', NEW."id", NEW."reason", NEW."starts_on", NEW."substitute_id", NEW."town_code"); RETURN NULL;', hash='233a8e2d6f5177bf018e55b4e9e202e233161fbc', operation='INSERT', pgid='pgtrigger_insert_insert_8fea0', table='elders_standin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standin',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."absent_id", OLD."substitute_id", OLD."town_code", OLD."handed_over", OLD."starts_on", OLD."ends_on", OLD."reason") IS DISTINCT FROM ROW(NEW."id", NEW."absent_id", NEW."substitute_id", NEW."town_code", NEW."handed_over", NEW."starts_on", NEW."ends_on", NEW."reason"))', func='INSERT INTO "elders_standinhistory" ("absent_id", "ends_on", "handed_over", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on", "substitute_id", "town_code") VALUES (OLD."absent_id", OLD."ends_on", OLD."handed_over", OLD."id", NOW(), \'update\', OLD."id", OLD."reason", OLD."starts_on", OLD."substitute_id", OLD."town_code"); RETURN NULL;', hash='da0c18dc8b7dcad28c58d37fc9c1c710e2f8f22e', operation='UPDATE', pgid='pgtrigger_update_update_4396e', table='elders_standin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standin',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_standinhistory" ("absent_id", "ends_on", "handed_over", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on", "substitute_id", "town_code") VALUES (OLD."absent_id", OLD."ends_on", OLD."handed_over", OLD."id", NOW(), \'delete\', OLD."id", OLD."reason", OLD."starts_on", OLD."substitute_id", OLD."town_code"); RETURN NULL;', hash='69d7742422e54ccdc328868cb31cd49ee49da340', operation='DELETE', pgid='pgtrigger_delete_delete_bb496', table='elders_standin', when='AFTER')),
        ),
        NeverIgnored(),
    ]
