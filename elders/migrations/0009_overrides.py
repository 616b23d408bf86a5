import django.contrib.postgres.constraints
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
    """Manual overrides of a class, with their history."""

    dependencies = [
        ('audit', '0003_transactions'),
        ('elders', '0008_first_illnesses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClassOverride',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('proposed', '待批准'), ('approved', '已批准'), ('returned', '退回'), ('ended', '已结束')], default='proposed', max_length=10, verbose_name='状态')),
                ('risk_class', models.CharField(choices=[('A', 'A类'), ('B', 'B类'), ('C', 'C类')], max_length=1, verbose_name='调整为')),
                ('computed_class', models.CharField(choices=[('A', 'A类'), ('B', 'B类'), ('C', 'C类')], max_length=1, verbose_name='提出时系统判定')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('review_on', models.DateField(verbose_name='复核日期')),
                ('review_reason', models.CharField(blank=True, max_length=200, verbose_name='复核意见')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('decision_reason', models.CharField(blank=True, max_length=200, verbose_name='退回原因')),
                ('starts_on', models.DateField(blank=True, null=True, verbose_name='起始日期')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='结束办理时间')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='结束原因')),
            ],
            options={
                'verbose_name': '手工调整',
                'verbose_name_plural': '手工调整',
                'ordering': ['-proposed_at'],
            },
        ),
        migrations.CreateModel(
            name='ClassOverrideHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('state', models.CharField(choices=[('proposed', '待批准'), ('approved', '已批准'), ('returned', '退回'), ('ended', '已结束')], default='proposed', max_length=10, verbose_name='状态')),
                ('risk_class', models.CharField(choices=[('A', 'A类'), ('B', 'B类'), ('C', 'C类')], max_length=1, verbose_name='调整为')),
                ('computed_class', models.CharField(choices=[('A', 'A类'), ('B', 'B类'), ('C', 'C类')], max_length=1, verbose_name='提出时系统判定')),
                ('reason', models.CharField(max_length=200, verbose_name='理由')),
                ('review_on', models.DateField(verbose_name='复核日期')),
                ('review_reason', models.CharField(blank=True, max_length=200, verbose_name='复核意见')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('decision_reason', models.CharField(blank=True, max_length=200, verbose_name='退回原因')),
                ('starts_on', models.DateField(blank=True, null=True, verbose_name='起始日期')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='结束办理时间')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='结束原因')),
            ],
            options={
                'verbose_name': '手工调整的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='classoverride',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人'),
        ),
        migrations.AddField(
            model_name='classoverride',
            name='elder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='classoverride',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人'),
        ),
        migrations.AddField(
            model_name='classoverride',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='classoverridehistory',
            name='decided_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人'),
        ),
        migrations.AddField(
            model_name='classoverridehistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='classoverridehistory',
            name='ended_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人'),
        ),
        migrations.AddField(
            model_name='classoverridehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.classoverride'),
        ),
        migrations.AddField(
            model_name='classoverridehistory',
            name='proposed_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddIndex(
            model_name='classoverride',
            index=models.Index(fields=['state', 'review_on'], name='override_state_review'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['proposed', 'approved'])), fields=('elder',), name='one_open_override_an_elder'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'approved'), models.Q(('ended_on__gte', models.F('starts_on')), ('state', 'ended')), _connector='OR'), expressions=[('elder', '='), (models.Func('starts_on', 'ended_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True), function='DATERANGE', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='one_override_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', models.F('proposed_by')), _negated=True), name='override_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.CheckConstraint(condition=models.Q(('risk_class', models.F('computed_class')), _negated=True), name='override_differs'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='override_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on', None), ('starts_on__iso_week_day', 1), _connector='OR'), name='override_starts_on_monday'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__iso_week_day', 7), _connector='OR'), name='override_ends_on_sunday'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on', None), ('review_on__gt', models.F('starts_on')), _connector='OR'), name='override_reviewed_later'),
        ),
        migrations.AddConstraint(
            model_name='classoverride',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('ended_by', None), ('ended_on', None), ('starts_on', None), ('state', 'proposed')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('ended_by', None), ('ended_on', None), ('starts_on__isnull', False), ('state', 'approved')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('ended_on', None), ('starts_on', None), ('state', 'returned'), models.Q(('decision_reason', ''), _negated=True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state', 'ended'), models.Q(models.Q(('ended_on', None), ('starts_on', None)), models.Q(('ended_on__isnull', False), ('starts_on__isnull', False)), _connector='OR'), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='override_state_has_its_facts'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classoverride',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_classoverridehistory" ("computed_class", "decided_at", "decided_by_id", "decision_reason", "elder_id", "end_reason", "ended_at", "ended_by_id", "ended_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "reason", "review_on", "review_reason", "risk_class", "starts_on", "state") VALUES (NEW."computed_class", NEW."decided_at", NEW."decided_by_id", NEW."decision_reason", NEW."elder_id", NEW."end_reason", NEW."ended_at", NEW."ended_by_id", NEW."ended_on", NEW."id", NOW(), \'insert\', NEW."id", NEW."proposed_at", NEW."proposed_by_id", NEW."reason", NEW."review_on", NEW."review_reason", NEW."risk_class", NEW."starts_on", NEW."state"); RETURN NULL;', hash='3d861c815369dc0dab773a3628d8159e8d45e421', operation='INSERT', pgid='pgtrigger_insert_insert_a2ebb', table='elders_classoverride', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classoverride',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."state", OLD."risk_class", OLD."computed_class", OLD."reason", OLD."review_on", OLD."review_reason", OLD."proposed_by_id", OLD."proposed_at", OLD."decided_by_id", OLD."decided_at", OLD."decision_reason", OLD."starts_on", OLD."ended_on", OLD."ended_by_id", OLD."ended_at", OLD."end_reason") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."state", NEW."risk_class", NEW."computed_class", NEW."reason", NEW."review_on", NEW."review_reason", NEW."proposed_by_id", NEW."proposed_at", NEW."decided_by_id", NEW."decided_at", NEW."decision_reason", NEW."starts_on", NEW."ended_on", NEW."ended_by_id", NEW."ended_at", NEW."end_reason"))', func='INSERT INTO "elders_classoverridehistory" ("computed_class", "decided_at", "decided_by_id", "decision_reason", "elder_id", "end_reason", "ended_at", "ended_by_id", "ended_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "reason", "review_on", "review_reason", "risk_class", "starts_on", "state") VALUES (OLD."computed_class", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."elder_id", OLD."end_reason", OLD."ended_at", OLD."ended_by_id", OLD."ended_on", OLD."id", NOW(), \'update\', OLD."id", OLD."proposed_at", OLD."proposed_by_id", OLD."reason", OLD."review_on", OLD."review_reason", OLD."risk_class", OLD."starts_on", OLD."state"); RETURN NULL;', hash='f05bcc30289c9d7061f94cbcba3c8ebd9d5c1ecc', operation='UPDATE', pgid='pgtrigger_update_update_f5a46', table='elders_classoverride', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classoverride',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_classoverridehistory" ("computed_class", "decided_at", "decided_by_id", "decision_reason", "elder_id", "end_reason", "ended_at", "ended_by_id", "ended_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "reason", "review_on", "review_reason", "risk_class", "starts_on", "state") VALUES (OLD."computed_class", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."elder_id", OLD."end_reason", OLD."ended_at", OLD."ended_by_id", OLD."ended_on", OLD."id", NOW(), \'delete\', OLD."id", OLD."proposed_at", OLD."proposed_by_id", OLD."reason", OLD."review_on", OLD."review_reason", OLD."risk_class", OLD."starts_on", OLD."state"); RETURN NULL;', hash='cfd06ec328a00c61e50a83df9f40f98f895d8601', operation='DELETE', pgid='pgtrigger_delete_delete_9e74d', table='elders_classoverride', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='classoverridehistory',
            index=models.Index(fields=['elder'], name='classoverride_history'),
        ),
        HistoryStays({'elders_classoverridehistory': ()}),
        NeverIgnored(),
    ]
