import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):
    """Where a visit was, where somebody has told."""

    dependencies = [
        ('visits', '0015_campaigns'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='visit',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='visit',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='visit',
            name='accuracy',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='位置误差（米）'),
        ),
        migrations.AddField(
            model_name='visit',
            name='latitude',
            field=models.FloatField(blank=True, null=True, verbose_name='纬度'),
        ),
        migrations.AddField(
            model_name='visit',
            name='longitude',
            field=models.FloatField(blank=True, null=True, verbose_name='经度'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='accuracy',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='位置误差（米）'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='latitude',
            field=models.FloatField(blank=True, null=True, verbose_name='纬度'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='longitude',
            field=models.FloatField(blank=True, null=True, verbose_name='经度'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('latitude__isnull', False)), fields=['household', 'started_at'], name='visit_position'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."village_code", OLD."worker_id", OLD."entered_by_id", OLD."mode", OLD."outcome", OLD."agreed", OLD."started_at", OLD."received_at", OLD."notes", OLD."latitude", OLD."longitude", OLD."accuracy", OLD."content_hash", OLD."state", OLD."flagged", OLD."imported", OLD."reviewed_by_id", OLD."reviewed_at", OLD."review_reason") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."village_code", NEW."worker_id", NEW."entered_by_id", NEW."mode", NEW."outcome", NEW."agreed", NEW."started_at", NEW."received_at", NEW."notes", NEW."latitude", NEW."longitude", NEW."accuracy", NEW."content_hash", NEW."state", NEW."flagged", NEW."imported", NEW."reviewed_by_id", NEW."reviewed_at", NEW."review_reason"))', func='INSERT INTO "visits_visithistory" ("accuracy", "agreed", "content_hash", "entered_by_id", "flagged", "household_id", "id", "imported", "latitude", "longitude", "mode", "notes", "outcome", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "review_reason", "reviewed_at", "reviewed_by_id", "started_at", "state", "village_code", "worker_id") VALUES (OLD."accuracy", OLD."agreed", OLD."content_hash", OLD."entered_by_id", OLD."flagged", OLD."household_id", OLD."id", OLD."imported", OLD."latitude", OLD."longitude", OLD."mode", OLD."notes", OLD."outcome", NOW(), \'update\', OLD."id", OLD."received_at", OLD."review_reason", OLD."reviewed_at", OLD."reviewed_by_id", OLD."started_at", OLD."state", OLD."village_code", OLD."worker_id"); RETURN NULL;', hash='115b83d37b85ec0f6d90720809836a6aa2a54914', operation='UPDATE', pgid='pgtrigger_update_update_41cf1', table='visits_visit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visit',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "visits_visithistory" ("accuracy", "agreed", "content_hash", "entered_by_id", "flagged", "household_id", "id", "imported", "latitude", "longitude", "mode", "notes", "outcome", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "review_reason", "reviewed_at", "reviewed_by_id", "started_at", "state", "village_code", "worker_id") VALUES (OLD."accuracy", OLD."agreed", OLD."content_hash", OLD."entered_by_id", OLD."flagged", OLD."household_id", OLD."id", OLD."imported", OLD."latitude", OLD."longitude", OLD."mode", OLD."notes", OLD."outcome", NOW(), \'delete\', OLD."id", OLD."received_at", OLD."review_reason", OLD."reviewed_at", OLD."reviewed_by_id", OLD."started_at", OLD."state", OLD."village_code", OLD."worker_id"); RETURN NULL;', hash='f91cecf51d69223de300df096c9d4e47b54eb816', operation='DELETE', pgid='pgtrigger_delete_delete_a3dfb', table='visits_visit', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accuracy', None), ('latitude', None), ('longitude', None)), models.Q(('accuracy__isnull', False), ('latitude__isnull', False), ('longitude__isnull', False), ('latitude__range', (-90, 90)), ('longitude__range', (-180, 180)), ('mode', 'home')), _connector='OR'), name='visit_position_of_a_home_visit'),
        ),
        NeverIgnored(),
    ]
