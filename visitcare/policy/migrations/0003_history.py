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
        ('policy', '0002_first_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyVersionHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('series', models.CharField(choices=[('care', '分类、频次与审核'), ('pay', '补贴标准与口径')], max_length=10, verbose_name='类别')),
                ('effective_from', models.DateField(verbose_name='生效日期')),
                ('values', models.JSONField(verbose_name='参数')),
                ('note', models.TextField(blank=True, verbose_name='说明')),
                ('enacted_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
            ],
            options={
                'verbose_name': '政策参数的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "policy_policyversionhistory" ("drafted_by_id", "effective_from", "enacted_at", "enacted_by_id", "id", "note", "pgh_created_at", "pgh_label", "pgh_obj_id", "series", "values") VALUES (NEW."drafted_by_id", NEW."effective_from", NEW."enacted_at", NEW."enacted_by_id", NEW."id", NEW."note", NOW(), \'insert\', NEW."id", NEW."series", NEW."values"); RETURN NULL;', hash='764d16d051ab50993d600e635552d7877782cdb4', operation='INSERT', pgid='pgtrigger_insert_insert_577eb', table='policy_policyversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."series", OLD."effective_from", OLD."values", OLD."note", OLD."drafted_by_id", OLD."enacted_by_id", OLD."enacted_at") IS DISTINCT FROM ROW(NEW."id", NEW."series", NEW."effective_from", NEW."values", NEW."note", NEW."drafted_by_id", NEW."enacted_by_id", NEW."enacted_at"))', func='INSERT INTO "policy_policyversionhistory" ("drafted_by_id", "effective_from", "enacted_at", "enacted_by_id", "id", "note", "pgh_created_at", "pgh_label", "pgh_obj_id", "series", "values") VALUES (OLD."drafted_by_id", OLD."effective_from", OLD."enacted_at", OLD."enacted_by_id", OLD."id", OLD."note", NOW(), \'update\', OLD."id", OLD."series", OLD."values"); RETURN NULL;', hash='697a210cee6b0747537617e6407b0b52db89eeb8', operation='UPDATE', pgid='pgtrigger_update_update_78d7d', table='policy_policyversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "policy_policyversionhistory" ("drafted_by_id", "effective_from", "enacted_at", "enacted_by_id", "id", "note", "pgh_created_at", "pgh_label", "pgh_obj_id", "series", "values") VALUES (OLD."drafted_by_id", OLD."effective_from", OLD."enacted_at", OLD."enacted_by_id", OLD."id", OLD."note", NOW(), \'delete\', OLD."id", OLD."series", OLD."values"); RETURN NULL;', hash='e807ebc22596e07e0384ec91dadfc611df8cbb6b', operation='DELETE', pgid='pgtrigger_delete_delete_1bb34', table='policy_policyversion', when='AFTER')),
        ),
        migrations.AddField(
            model_name='policyversionhistory',
            name='drafted_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='起草人'),
        ),
        migrations.AddField(
            model_name='policyversionhistory',
            name='enacted_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人'),
        ),
        migrations.AddField(
            model_name='policyversionhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='policy.policyversion'),
        ),
        HistoryStays({
            'policy_policyversionhistory': (),
        }),
        NeverIgnored(),
    ]
