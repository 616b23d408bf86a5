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
        ('audit', '0003_transactions'),
        ('elders', '0002_history'),
        ('visits', '0001_weeks_and_visits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='VisitedElderHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.BigIntegerField()),
                ('started_at', models.DateTimeField(verbose_name='探访时间')),
                ('countable', models.BooleanField(verbose_name='计入任务')),
            ],
            options={
                'verbose_name': '探访的老人的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='VisitHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, serialize=False, verbose_name='编号')),
                ('village_code', models.CharField(db_collation='C', max_length=12, verbose_name='村（居）代码')),
                ('mode', models.CharField(choices=[('home', '上门'), ('phone', '电话'), ('video', '视频')], max_length=5, verbose_name='探访方式')),
                ('outcome', models.CharField(choices=[('met', '见到本人'), ('spoke', '本人接听'), ('family', '家属代答'), ('not_home', '不在家'), ('no_answer', '无人接听'), ('declined', '谢绝')], max_length=10, verbose_name='结果')),
                ('agreed', models.BooleanField(blank=True, null=True, verbose_name='老人同意上门')),
                ('started_at', models.DateTimeField(verbose_name='探访时间')),
                ('received_at', models.DateTimeField(verbose_name='录入时间')),
                ('notes', models.JSONField(blank=True, default=dict, verbose_name='情况')),
                ('content_hash', models.CharField(editable=False, max_length=64, verbose_name='内容指纹')),
                ('state', models.CharField(choices=[('pending', '等审核'), ('valid', '通过'), ('invalid', '无效'), ('returned', '退回'), ('withdrawn', '撤回')], default='pending', max_length=10, verbose_name='审核状态')),
                ('flagged', models.BooleanField(default=False, verbose_name='有疑点')),
                ('imported', models.BooleanField(default=False, verbose_name='导入')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='审核时间')),
                ('review_reason', models.CharField(blank=True, max_length=200, verbose_name='审核说明')),
            ],
            options={
                'verbose_name': '探访记录的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."village_code", OLD."worker_id", OLD."entered_by_id", OLD."mode", OLD."outcome", OLD."agreed", OLD."started_at", OLD."received_at", OLD."notes", OLD."content_hash", OLD."state", OLD."flagged", OLD."imported", OLD."reviewed_by_id", OLD."reviewed_at", OLD."review_reason") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."village_code", NEW."worker_id", NEW."entered_by_id", NEW."mode", NEW."outcome", NEW."agreed", NEW."started_at", NEW."received_at", NEW."notes", NEW."content_hash", NEW."state", NEW."flagged", NEW."imported", NEW."reviewed_by_id", NEW."reviewed_at", NEW."review_reason"))', func='INSERT INTO "visits_visithistory" ("agreed", "content_hash", "entered_by_id", "flagged", "household_id", "id", "imported", "mode", "notes", "outcome", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "review_reason", "reviewed_at", "reviewed_by_id", "started_at", "state", "village_code", "worker_id") VALUES (OLD."agreed", OLD."content_hash", OLD."entered_by_id", OLD."flagged", OLD."household_id", OLD."id", OLD."imported", OLD."mode", OLD."notes", OLD."outcome", NOW(), \'update\', OLD."id", OLD."received_at", OLD."review_reason", OLD."reviewed_at", OLD."reviewed_by_id", OLD."started_at", OLD."state", OLD."village_code", OLD."worker_id"); RETURN NULL;', hash='1007cc05172d46b61cea4d20f16f04d4b593d832', operation='UPDATE', pgid='pgtrigger_update_update_41cf1', table='visits_visit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visit',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "visits_visithistory" ("agreed", "content_hash", "entered_by_id", "flagged", "household_id", "id", "imported", "mode", "notes", "outcome", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "review_reason", "reviewed_at", "reviewed_by_id", "started_at", "state", "village_code", "worker_id") VALUES (OLD."agreed", OLD."content_hash", OLD."entered_by_id", OLD."flagged", OLD."household_id", OLD."id", OLD."imported", OLD."mode", OLD."notes", OLD."outcome", NOW(), \'delete\', OLD."id", OLD."received_at", OLD."review_reason", OLD."reviewed_at", OLD."reviewed_by_id", OLD."started_at", OLD."state", OLD."village_code", OLD."worker_id"); RETURN NULL;', hash='0ea050219adb1a025e4af3e3a098ac19b8ed3d6c', operation='DELETE', pgid='pgtrigger_delete_delete_a3dfb', table='visits_visit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visitedelder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."visit_id", OLD."elder_id", OLD."started_at", OLD."countable") IS DISTINCT FROM ROW(NEW."id", NEW."visit_id", NEW."elder_id", NEW."started_at", NEW."countable"))', func='INSERT INTO "visits_visitedelderhistory" ("countable", "elder_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "visit_id") VALUES (OLD."countable", OLD."elder_id", OLD."id", NOW(), \'update\', OLD."id", OLD."started_at", OLD."visit_id"); RETURN NULL;', hash='5d8ef0dd97a93711e2c6e80edb46e2a46bc12bda', operation='UPDATE', pgid='pgtrigger_update_update_3f40c', table='visits_visitedelder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visitedelder',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "visits_visitedelderhistory" ("countable", "elder_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at", "visit_id") VALUES (OLD."countable", OLD."elder_id", OLD."id", NOW(), \'delete\', OLD."id", OLD."started_at", OLD."visit_id"); RETURN NULL;', hash='b619a1b8c082a44dcc1d276f8250907a453266fc', operation='DELETE', pgid='pgtrigger_delete_delete_10d9a', table='visits_visitedelder', when='AFTER')),
        ),
        migrations.AddField(
            model_name='visitedelderhistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='visitedelderhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='visits.visitedelder'),
        ),
        migrations.AddField(
            model_name='visitedelderhistory',
            name='visit',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='visits.visit', verbose_name='探访记录'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='录入人'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='visits.visit'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='reviewed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审核人'),
        ),
        migrations.AddField(
            model_name='visithistory',
            name='worker',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='探访人'),
        ),
        migrations.AddIndex(
            model_name='visitedelderhistory',
            index=models.Index(fields=['visit'], name='visitedelder_history'),
        ),
        HistoryStays({
            'visits_visitedelderhistory': (),
            'visits_visithistory': (),
        }),
        NeverIgnored(),
    ]
