import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.fields.json
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):
    """What the engine says beside the class that holds, the override behind it, and suggestions. What the engine says is
    read out of the stored verdict by the database itself, for all periods there are."""

    dependencies = [
        ('elders', '0009_overrides'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='classperiod',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='classperiod',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='classperiod',
            name='suggestions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), db_default=[], default=list, size=None, verbose_name='建议'),
        ),
        migrations.AddField(
            model_name='classperiod',
            name='override',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='elders.classoverride', verbose_name='手工调整'),
        ),
        migrations.AddField(
            model_name='classperiodhistory',
            name='override',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.classoverride', verbose_name='手工调整'),
        ),
        migrations.AddField(
            model_name='classperiod',
            name='computed_class',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.fields.json.KeyTextTransform('risk_class', 'verdict'), output_field=models.CharField(max_length=1, null=True, verbose_name='系统判定'), verbose_name='系统判定'),
        ),
        migrations.AddIndex(
            model_name='classperiod',
            index=models.Index(condition=models.Q(('ends_on', None), models.Q(('suggestions', []), _negated=True)), fields=['elder'], name='class_with_suggestion'),
        ),
        migrations.AddConstraint(
            model_name='classperiod',
            constraint=models.CheckConstraint(condition=models.Q(('risk_class', models.F('computed_class')), ('override__isnull', False), _connector='OR'), name='class_differs_by_override'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classperiod',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."starts_on", OLD."ends_on", OLD."risk_class", OLD."codes", OLD."verdict", OLD."override_id", OLD."policy_version", OLD."judged_on", OLD."acknowledged_by_id", OLD."acknowledged_at") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."starts_on", NEW."ends_on", NEW."risk_class", NEW."codes", NEW."verdict", NEW."override_id", NEW."policy_version", NEW."judged_on", NEW."acknowledged_by_id", NEW."acknowledged_at"))', func='INSERT INTO "elders_classperiodhistory" ("acknowledged_at", "acknowledged_by_id", "codes", "elder_id", "ends_on", "id", "judged_on", "override_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_version", "risk_class", "starts_on", "verdict") VALUES (OLD."acknowledged_at", OLD."acknowledged_by_id", OLD."codes", OLD."elder_id", OLD."ends_on", OLD."id", OLD."judged_on", OLD."override_id", NOW(), \'update\', OLD."id", OLD."policy_version", OLD."risk_class", OLD."starts_on", OLD."verdict"); RETURN NULL;', hash='49797c222f3301521db4dcfe902030ecd29f1398', operation='UPDATE', pgid='pgtrigger_update_update_15ab0', table='elders_classperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classperiod',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_classperiodhistory" ("acknowledged_at", "acknowledged_by_id", "codes", "elder_id", "ends_on", "id", "judged_on", "override_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_version", "risk_class", "starts_on", "verdict") VALUES (OLD."acknowledged_at", OLD."acknowledged_by_id", OLD."codes", OLD."elder_id", OLD."ends_on", OLD."id", OLD."judged_on", OLD."override_id", NOW(), \'delete\', OLD."id", OLD."policy_version", OLD."risk_class", OLD."starts_on", OLD."verdict"); RETURN NULL;', hash='bb8a8f3f67482b48cb18e6f3f9a37d51afefba28', operation='DELETE', pgid='pgtrigger_delete_delete_59972', table='elders_classperiod', when='AFTER')),
        ),
        NeverIgnored(),
    ]
