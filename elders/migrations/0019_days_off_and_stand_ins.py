import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
import visitcare.audit.models
from django.conf import settings
from django.db import migrations, models
from visitcare.audit.guarding import HistoryStays
from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):
    """Days off and stand-ins, with their history."""

    dependencies = [
        ('elders', '0018_what_a_draft_began_with'),
        ('org', '0009_import_rights'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DaysOff',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('weekly', '每周这几天不方便'), ('away', '这段时间不在')], max_length=6, verbose_name='种类')),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None, verbose_name='星期几')),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('worker', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days_off', to=settings.AUTH_USER_MODEL, verbose_name='探访人')),
            ],
            options={
                'verbose_name': '不方便的日子',
                'verbose_name_plural': '不方便的日子',
                'ordering': ['kind', 'starts_on'],
            },
        ),
        migrations.CreateModel(
            name='DaysOffHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('kind', models.CharField(choices=[('weekly', '每周这几天不方便'), ('away', '这段时间不在')], max_length=6, verbose_name='种类')),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None, verbose_name='星期几')),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.daysoff')),
                ('worker', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='探访人')),
            ],
            options={
                'verbose_name': '不方便的日子的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='StandIn',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(verbose_name='结束日期')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('absent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to=settings.AUTH_USER_MODEL, verbose_name='谁不在')),
                ('substitute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stands_in', to=settings.AUTH_USER_MODEL, verbose_name='谁代班')),
                ('town', models.ForeignKey(db_column='town_code', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.division', verbose_name='镇')),
            ],
            options={
                'verbose_name': '代班',
                'verbose_name_plural': '代班',
                'ordering': ['-starts_on'],
            },
        ),
        migrations.CreateModel(
            name='StandInHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(verbose_name='结束日期')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('absent', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁不在')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.standin')),
                ('substitute', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁代班')),
                ('town', models.ForeignKey(db_column='town_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='镇')),
            ],
            options={
                'verbose_name': '代班的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='daysoff',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='days_off_end_after_start'),
        ),
        migrations.AddConstraint(
            model_name='daysoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'weekly'), ('weekdays__contained_by', [0, 1, 2, 3, 4, 5, 6]), ('weekdays__len__gt', 0)), models.Q(('ends_on__isnull', False), ('kind', 'away'), ('weekdays', [])), _connector='OR'), name='days_off_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='daysoff',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('worker', '='), ('kind', '='), (models.Func('starts_on', 'ends_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True), function='DATERANGE', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='days_off_once_at_a_time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='daysoff',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_daysoffhistory" ("ends_on", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "weekdays", "worker_id") VALUES (NEW."ends_on", NEW."id", NEW."kind", NOW(), \'insert\', NEW."id", NEW."starts_on", NEW."weekdays", NEW."worker_id"); RETURN NULL;', hash='f3dc2df066dd826b6959f7a9e2179a1863235d46', operation='INSERT', pgid='pgtrigger_insert_insert_49890', table='elders_daysoff', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='daysoff',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."worker_id", OLD."kind", OLD."weekdays", OLD."starts_on", OLD."ends_on") IS DISTINCT FROM ROW(NEW."id", NEW."worker_id", NEW."kind", NEW."weekdays", NEW."starts_on", NEW."ends_on"))', func='INSERT INTO "elders_daysoffhistory" ("ends_on", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "weekdays", "worker_id") VALUES (OLD."ends_on", OLD."id", OLD."kind", NOW(), \'update\', OLD."id", OLD."starts_on", OLD."weekdays", OLD."worker_id"); RETURN NULL;', hash='bac62684f281b006a1326cd30e5c3a7bfb876a4e', operation='UPDATE', pgid='pgtrigger_update_update_b0acd', table='elders_daysoff', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='daysoff',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_daysoffhistory" ("ends_on", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "weekdays", "worker_id") VALUES (OLD."ends_on", OLD."id", OLD."kind", NOW(), \'delete\', OLD."id", OLD."starts_on", OLD."weekdays", OLD."worker_id"); RETURN NULL;', hash='59619ef22ecaf09f02414b5fbf67c05c9adc4436', operation='DELETE', pgid='pgtrigger_delete_delete_bc89f', table='elders_daysoff', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='daysoffhistory',
            index=models.Index(fields=['worker'], name='daysoff_history'),
        ),
        migrations.AddConstraint(
            model_name='standin',
            constraint=models.CheckConstraint(condition=models.Q(('absent', models.F('substitute')), _negated=True), name='stand_in_is_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='standin',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='stand_in_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='standin',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='stand_in_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='standin',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('absent', '='), ('town', '='), (models.Func('starts_on', 'ends_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True), function='DATERANGE', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='one_stand_in_at_a_time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standin',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_standinhistory" ("absent_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on", "substitute_id", "town_code") VALUES (NEW."absent_id", NEW."ends_on", NEW."id", NOW(), \'insert\', NEW."id", NEW."reason", NEW."starts_on", NEW."substitute_id", NEW."town_code"); RETURN NULL;', hash='4197d50184d6b0c697d5750229b00d11921e3245', operation='INSERT', pgid='pgtrigger_insert_insert_8fea0', table='elders_standin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standin',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."absent_id", OLD."substitute_id", OLD."town_code", OLD."starts_on", OLD."ends_on", OLD."reason") IS DISTINCT FROM ROW(NEW."id", NEW."absent_id", NEW."substitute_id", NEW."town_code", NEW."starts_on", NEW."ends_on", NEW."reason"))', func='INSERT INTO "elders_standinhistory" ("absent_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on", "substitute_id", "town_code") VALUES (OLD."absent_id", OLD."ends_on", OLD."id", NOW(), \'update\', OLD."id", OLD."reason", OLD."starts_on", OLD."substitute_id", OLD."town_code"); RETURN NULL;', hash='1d53a6967391f093a2d728ef31c69adeb63b3af2', operation='UPDATE', pgid='pgtrigger_update_update_4396e', table='elders_standin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standin',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_standinhistory" ("absent_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on", "substitute_id", "town_code") VALUES (OLD."absent_id", OLD."ends_on", OLD."id", NOW(), \'delete\', OLD."id", OLD."reason", OLD."starts_on", OLD."substitute_id", OLD."town_code"); RETURN NULL;', hash='3df896cb26906b8b09d593930b2a4043b9f9adaa', operation='DELETE', pgid='pgtrigger_delete_delete_bb496', table='elders_standin', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='standinhistory',
            index=models.Index(fields=['absent'], name='standin_history'),
        ),
        HistoryStays({'elders_daysoffhistory': (), 'elders_standinhistory': ()}),
        NeverIgnored(),
    ]
