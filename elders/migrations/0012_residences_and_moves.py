"""Where each elder lived from one day to another, and who is about to live elsewhere, each with its history."""

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

    dependencies = [
        ('elders', '0011_drafts'),
        ('org', '0007_index_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Move',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('party', models.UUIDField(db_index=True, default=uuid.uuid4, editable=False, verbose_name='一起迁移的')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='新地址')),
                ('starts_on', models.DateField(verbose_name='从哪天起')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('state', models.CharField(choices=[('waiting', '等对方接收'), ('accepted', '已接收，到日子办'), ('done', '已迁入'), ('sent_back', '退回'), ('withdrawn', '撤回')], default='waiting', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(auto_now_add=True, verbose_name='提出时间')),
                ('decision_reason', models.CharField(blank=True, max_length=200, verbose_name='退回或撤回的原因')),
            ],
            options={
                'verbose_name': '迁移',
                'verbose_name_plural': '迁移',
                'ordering': ['-proposed_at'],
            },
        ),
        migrations.CreateModel(
            name='MoveHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('party', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='一起迁移的')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='新地址')),
                ('starts_on', models.DateField(verbose_name='从哪天起')),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('state', models.CharField(choices=[('waiting', '等对方接收'), ('accepted', '已接收，到日子办'), ('done', '已迁入'), ('sent_back', '退回'), ('withdrawn', '撤回')], default='waiting', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(auto_now_add=True, verbose_name='提出时间')),
                ('decision_reason', models.CharField(blank=True, max_length=200, verbose_name='退回或撤回的原因')),
            ],
            options={
                'verbose_name': '迁移的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Residence',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('starts_on', models.DateField(blank=True, null=True, verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
            ],
            options={
                'verbose_name': '住处',
                'verbose_name_plural': '住处',
                'ordering': [models.OrderBy(models.F('starts_on'), nulls_first=True)],
            },
        ),
        migrations.CreateModel(
            name='ResidenceHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('starts_on', models.DateField(blank=True, null=True, verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
            ],
            options={
                'verbose_name': '住处的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='move',
            name='decided_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人'),
        ),
        migrations.AddField(
            model_name='move',
            name='elder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='move',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves_out', to='elders.household', verbose_name='迁出的户'),
        ),
        migrations.AddField(
            model_name='move',
            name='proposed_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='move',
            name='to_household',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moves_in', to='elders.household', verbose_name='迁入的户'),
        ),
        migrations.AddField(
            model_name='move',
            name='village',
            field=models.ForeignKey(db_column='village_code', on_delete=django.db.models.deletion.PROTECT, related_name='moves_in', to='org.division', verbose_name='迁入村（居）'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='decided_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='迁出的户'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.move'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='proposed_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='to_household',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='迁入的户'),
        ),
        migrations.AddField(
            model_name='movehistory',
            name='village',
            field=models.ForeignKey(db_column='village_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='迁入村（居）'),
        ),
        migrations.AddField(
            model_name='residence',
            name='elder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='residences', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='residence',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='residences', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='residencehistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='residencehistory',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='residencehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.residence'),
        ),
        migrations.AddIndex(
            model_name='move',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'accepted'])), fields=['village', 'starts_on'], name='move_open'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'accepted'])), fields=('elder',), name='one_open_move_an_elder'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'done']), ('to_household__isnull', False)), models.Q(('state__in', ['waiting', 'sent_back']), ('to_household__isnull', True)), ('state', 'withdrawn'), _connector='OR'), name='move_accepted_into_a_household'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['sent_back', 'withdrawn']), _negated=True), models.Q(('decision_reason', ''), _negated=True), _connector='OR'), name='move_sent_back_with_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='move',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_movehistory" ("address", "decided_by_id", "decision_reason", "elder_id", "household_id", "id", "party", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "reason", "starts_on", "state", "to_household_id", "village_code") VALUES (NEW."address", NEW."decided_by_id", NEW."decision_reason", NEW."elder_id", NEW."household_id", NEW."id", NEW."party", NOW(), \'insert\', NEW."id", NEW."proposed_at", NEW."proposed_by_id", NEW."reason", NEW."starts_on", NEW."state", NEW."to_household_id", NEW."village_code"); RETURN NULL;', hash='c26b4275053245be217648aaed86c823deb77922', operation='INSERT', pgid='pgtrigger_insert_insert_980a4', table='elders_move', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='move',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."party", OLD."elder_id", OLD."household_id", OLD."village_code", OLD."address", OLD."to_household_id", OLD."starts_on", OLD."reason", OLD."state", OLD."proposed_by_id", OLD."proposed_at", OLD."decided_by_id", OLD."decision_reason") IS DISTINCT FROM ROW(NEW."id", NEW."party", NEW."elder_id", NEW."household_id", NEW."village_code", NEW."address", NEW."to_household_id", NEW."starts_on", NEW."reason", NEW."state", NEW."proposed_by_id", NEW."proposed_at", NEW."decided_by_id", NEW."decision_reason"))', func='INSERT INTO "elders_movehistory" ("address", "decided_by_id", "decision_reason", "elder_id", "household_id", "id", "party", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "reason", "starts_on", "state", "to_household_id", "village_code") VALUES (OLD."address", OLD."decided_by_id", OLD."decision_reason", OLD."elder_id", OLD."household_id", OLD."id", OLD."party", NOW(), \'update\', OLD."id", OLD."proposed_at", OLD."proposed_by_id", OLD."reason", OLD."starts_on", OLD."state", OLD."to_household_id", OLD."village_code"); RETURN NULL;', hash='2e384dedeb36f73a57bff95a265817a6da542653', operation='UPDATE', pgid='pgtrigger_update_update_d0c82', table='elders_move', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='move',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_movehistory" ("address", "decided_by_id", "decision_reason", "elder_id", "household_id", "id", "party", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "reason", "starts_on", "state", "to_household_id", "village_code") VALUES (OLD."address", OLD."decided_by_id", OLD."decision_reason", OLD."elder_id", OLD."household_id", OLD."id", OLD."party", NOW(), \'delete\', OLD."id", OLD."proposed_at", OLD."proposed_by_id", OLD."reason", OLD."starts_on", OLD."state", OLD."to_household_id", OLD."village_code"); RETURN NULL;', hash='c9830a7f5df2e6d2224f5a5a19e7edad63194f10', operation='DELETE', pgid='pgtrigger_delete_delete_ecb9c', table='elders_move', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='movehistory',
            index=models.Index(fields=['elder'], name='move_history'),
        ),
        migrations.AddConstraint(
            model_name='residence',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('elder', '='), (models.Func('starts_on', 'ends_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True), function='DATERANGE', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='lives_in_one_place'),
        ),
        migrations.AddConstraint(
            model_name='residence',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on', None), ('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='residence_ends_after_start'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='residence',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."household_id", OLD."starts_on", OLD."ends_on") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."household_id", NEW."starts_on", NEW."ends_on"))', func='INSERT INTO "elders_residencehistory" ("elder_id", "ends_on", "household_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") VALUES (OLD."elder_id", OLD."ends_on", OLD."household_id", OLD."id", NOW(), \'update\', OLD."id", OLD."starts_on"); RETURN NULL;', hash='31362a04a8b2712a84e3b27fe699797b343a6dfc', operation='UPDATE', pgid='pgtrigger_update_update_ec888', table='elders_residence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='residence',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_residencehistory" ("elder_id", "ends_on", "household_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") VALUES (OLD."elder_id", OLD."ends_on", OLD."household_id", OLD."id", NOW(), \'delete\', OLD."id", OLD."starts_on"); RETURN NULL;', hash='80b0eb04183f5f341830cfd7c9d6fb249c04967c', operation='DELETE', pgid='pgtrigger_delete_delete_5a125', table='elders_residence', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='residencehistory',
            index=models.Index(fields=['elder'], name='residence_history'),
        ),
        HistoryStays({
            'elders_movehistory': (),
            'elders_residencehistory': (),
        }),
        NeverIgnored(),
    ]
