import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
import visitcare.audit.models
import visitcare.kit.encryption
from django.conf import settings
from django.db import migrations, models
from visitcare.audit.guarding import HistoryStays
from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_transactions'),
        ('org', '0004_history'),
        ('subsidies', '0004_guard_money'),
        ('visits', '0002_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LineHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('place_code', models.CharField(db_collation='C', max_length=15, verbose_name='村（居）/组代码')),
                ('place_words', models.CharField(max_length=120, verbose_name='村(居)/组')),
                ('payee_name', models.CharField(max_length=60, verbose_name='姓名')),
                ('payee_id_number', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='身份证号码')),
                ('payee_mobile', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='联系电话')),
                ('bank', models.CharField(blank=True, max_length=60, verbose_name='开户银行')),
                ('card', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='卡号')),
                ('home_count', models.PositiveIntegerField(default=0, verbose_name='上门次数')),
                ('greeting_count', models.PositiveIntegerField(default=0, verbose_name='电话(视频)次数')),
                ('beyond_minimum', models.PositiveIntegerField(default=0, verbose_name='超出每周最低次数')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='金额（元）')),
                ('remark', models.CharField(blank=True, max_length=200, verbose_name='备注')),
            ],
            options={
                'verbose_name': '发放明细的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SettlementHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('town_name', models.CharField(max_length=60, verbose_name='镇名')),
                ('month', models.DateField(verbose_name='月份')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('assessed', '镇已考核'), ('approved', '市已批准（冻结）'), ('closed', '已发放')], default='draft', max_length=10, verbose_name='状态')),
                ('rate', models.DecimalField(decimal_places=2, max_digits=6, verbose_name='标准（元/次）')),
                ('policy_version', models.DateField(verbose_name='政策版本')),
                ('visit_count', models.PositiveIntegerField(default=0, verbose_name='探访次数')),
                ('paid_count', models.PositiveIntegerField(default=0, verbose_name='计酬次数')),
                ('total', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='金额（元）')),
                ('other_unit_total', models.DecimalField(decimal_places=2, default=0, help_text='现在按次计酬时，这里是按人计酬的金额；反之亦然。', max_digits=12, verbose_name='按另一口径（元）')),
                ('drafted_at', models.DateTimeField(verbose_name='起草时间')),
                ('assessed_at', models.DateTimeField(blank=True, null=True, verbose_name='考核时间')),
                ('assessment', models.TextField(blank=True, verbose_name='考核意见')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='批准时间')),
                ('sent_back', models.CharField(blank=True, max_length=200, verbose_name='退回原因')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='明细指纹')),
            ],
            options={
                'verbose_name': '结算的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='WithholdingHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='时间')),
            ],
            options={
                'verbose_name': '暂不发放的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='line',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."settlement_id", OLD."worker_id", OLD."place_code", OLD."place_words", OLD."payee_name", OLD."bank", OLD."home_count", OLD."greeting_count", OLD."beyond_minimum", OLD."amount", OLD."remark") IS DISTINCT FROM ROW(NEW."id", NEW."settlement_id", NEW."worker_id", NEW."place_code", NEW."place_words", NEW."payee_name", NEW."bank", NEW."home_count", NEW."greeting_count", NEW."beyond_minimum", NEW."amount", NEW."remark") OR ROW(OLD."payee_id_number", OLD."payee_mobile", OLD."card") IS DISTINCT FROM ROW(NEW."payee_id_number", NEW."payee_mobile", NEW."card") AND NOT (current_setting(\'visitcare.rekeying\', true) IS NOT DISTINCT FROM \'on\'))', func='INSERT INTO "subsidies_linehistory" ("amount", "bank", "beyond_minimum", "card", "greeting_count", "home_count", "id", "payee_id_number", "payee_mobile", "payee_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "place_words", "remark", "settlement_id", "worker_id") VALUES (OLD."amount", OLD."bank", OLD."beyond_minimum", OLD."card", OLD."greeting_count", OLD."home_count", OLD."id", OLD."payee_id_number", OLD."payee_mobile", OLD."payee_name", NOW(), \'update\', OLD."id", OLD."place_code", OLD."place_words", OLD."remark", OLD."settlement_id", OLD."worker_id"); RETURN NULL;', hash='3825d4e67828d65646ad17e4d40c2f55d4615da5', operation='UPDATE', pgid='pgtrigger_update_update_d58ca', table='subsidies_line', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='line',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "subsidies_linehistory" ("amount", "bank", "beyond_minimum", "card", "greeting_count", "home_count", "id", "payee_id_number", "payee_mobile", "payee_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "place_words", "remark", "settlement_id", "worker_id") VALUES (OLD."amount", OLD."bank", OLD."beyond_minimum", OLD."card", OLD."greeting_count", OLD."home_count", OLD."id", OLD."payee_id_number", OLD."payee_mobile", OLD."payee_name", NOW(), \'delete\', OLD."id", OLD."place_code", OLD."place_words", OLD."remark", OLD."settlement_id", OLD."worker_id"); RETURN NULL;', hash='63504ad0ff3b3bfb15983272b64dc2e01b66f819', operation='DELETE', pgid='pgtrigger_delete_delete_f5b3b', table='subsidies_line', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "subsidies_settlementhistory" ("approved_at", "approved_by_id", "assessed_at", "assessed_by_id", "assessment", "digest", "drafted_at", "id", "month", "other_unit_total", "paid_count", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_version", "rate", "sent_back", "state", "total", "town_code", "town_name", "visit_count") VALUES (NEW."approved_at", NEW."approved_by_id", NEW."assessed_at", NEW."assessed_by_id", NEW."assessment", NEW."digest", NEW."drafted_at", NEW."id", NEW."month", NEW."other_unit_total", NEW."paid_count", NOW(), \'insert\', NEW."id", NEW."policy_version", NEW."rate", NEW."sent_back", NEW."state", NEW."total", NEW."town_code", NEW."town_name", NEW."visit_count"); RETURN NULL;', hash='2e517506a68e175e9a6edc594910d46e29820cc3', operation='INSERT', pgid='pgtrigger_insert_insert_5b2f8', table='subsidies_settlement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."town_code", OLD."town_name", OLD."month", OLD."state", OLD."rate", OLD."policy_version", OLD."visit_count", OLD."paid_count", OLD."total", OLD."other_unit_total", OLD."drafted_at", OLD."assessed_by_id", OLD."assessed_at", OLD."assessment", OLD."approved_by_id", OLD."approved_at", OLD."sent_back", OLD."digest") IS DISTINCT FROM ROW(NEW."id", NEW."town_code", NEW."town_name", NEW."month", NEW."state", NEW."rate", NEW."policy_version", NEW."visit_count", NEW."paid_count", NEW."total", NEW."other_unit_total", NEW."drafted_at", NEW."assessed_by_id", NEW."assessed_at", NEW."assessment", NEW."approved_by_id", NEW."approved_at", NEW."sent_back", NEW."digest"))', func='INSERT INTO "subsidies_settlementhistory" ("approved_at", "approved_by_id", "assessed_at", "assessed_by_id", "assessment", "digest", "drafted_at", "id", "month", "other_unit_total", "paid_count", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_version", "rate", "sent_back", "state", "total", "town_code", "town_name", "visit_count") VALUES (OLD."approved_at", OLD."approved_by_id", OLD."assessed_at", OLD."assessed_by_id", OLD."assessment", OLD."digest", OLD."drafted_at", OLD."id", OLD."month", OLD."other_unit_total", OLD."paid_count", NOW(), \'update\', OLD."id", OLD."policy_version", OLD."rate", OLD."sent_back", OLD."state", OLD."total", OLD."town_code", OLD."town_name", OLD."visit_count"); RETURN NULL;', hash='c322f035260fd96d1a5a71f5f172f153c4b1ec58', operation='UPDATE', pgid='pgtrigger_update_update_a6636', table='subsidies_settlement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "subsidies_settlementhistory" ("approved_at", "approved_by_id", "assessed_at", "assessed_by_id", "assessment", "digest", "drafted_at", "id", "month", "other_unit_total", "paid_count", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_version", "rate", "sent_back", "state", "total", "town_code", "town_name", "visit_count") VALUES (OLD."approved_at", OLD."approved_by_id", OLD."assessed_at", OLD."assessed_by_id", OLD."assessment", OLD."digest", OLD."drafted_at", OLD."id", OLD."month", OLD."other_unit_total", OLD."paid_count", NOW(), \'delete\', OLD."id", OLD."policy_version", OLD."rate", OLD."sent_back", OLD."state", OLD."total", OLD."town_code", OLD."town_name", OLD."visit_count"); RETURN NULL;', hash='54cb6b5d66a1655786867c0fbd993d579eb4d7f7', operation='DELETE', pgid='pgtrigger_delete_delete_0a53f', table='subsidies_settlement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='withholding',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "subsidies_withholdinghistory" ("at", "by_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "settlement_id", "visit_id", "worker_id") VALUES (NEW."at", NEW."by_id", NEW."id", NOW(), \'insert\', NEW."id", NEW."reason", NEW."settlement_id", NEW."visit_id", NEW."worker_id"); RETURN NULL;', hash='45e136408e39b7f819f2bc26307539b4c7c2581f', operation='INSERT', pgid='pgtrigger_insert_insert_5c6c6', table='subsidies_withholding', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='withholding',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."settlement_id", OLD."worker_id", OLD."visit_id", OLD."reason", OLD."by_id", OLD."at") IS DISTINCT FROM ROW(NEW."id", NEW."settlement_id", NEW."worker_id", NEW."visit_id", NEW."reason", NEW."by_id", NEW."at"))', func='INSERT INTO "subsidies_withholdinghistory" ("at", "by_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "settlement_id", "visit_id", "worker_id") VALUES (OLD."at", OLD."by_id", OLD."id", NOW(), \'update\', OLD."id", OLD."reason", OLD."settlement_id", OLD."visit_id", OLD."worker_id"); RETURN NULL;', hash='906d1efab490e0c748527ff0aa4eea87ca9bf833', operation='UPDATE', pgid='pgtrigger_update_update_aaaba', table='subsidies_withholding', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='withholding',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "subsidies_withholdinghistory" ("at", "by_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "settlement_id", "visit_id", "worker_id") VALUES (OLD."at", OLD."by_id", OLD."id", NOW(), \'delete\', OLD."id", OLD."reason", OLD."settlement_id", OLD."visit_id", OLD."worker_id"); RETURN NULL;', hash='bce10fba37fc1a4decd34f5e11ca8814e2f84851', operation='DELETE', pgid='pgtrigger_delete_delete_b6eff', table='subsidies_withholding', when='AFTER')),
        ),
        migrations.AddField(
            model_name='linehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='subsidies.line'),
        ),
        migrations.AddField(
            model_name='linehistory',
            name='settlement',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='subsidies.settlement', verbose_name='结算'),
        ),
        migrations.AddField(
            model_name='linehistory',
            name='worker',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='网格员'),
        ),
        migrations.AddField(
            model_name='settlementhistory',
            name='approved_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人'),
        ),
        migrations.AddField(
            model_name='settlementhistory',
            name='assessed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='考核人'),
        ),
        migrations.AddField(
            model_name='settlementhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='subsidies.settlement'),
        ),
        migrations.AddField(
            model_name='settlementhistory',
            name='town',
            field=models.ForeignKey(db_column='town_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='镇'),
        ),
        migrations.AddField(
            model_name='withholdinghistory',
            name='by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人'),
        ),
        migrations.AddField(
            model_name='withholdinghistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='subsidies.withholding'),
        ),
        migrations.AddField(
            model_name='withholdinghistory',
            name='settlement',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='subsidies.settlement', verbose_name='结算'),
        ),
        migrations.AddField(
            model_name='withholdinghistory',
            name='visit',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='visits.visit', verbose_name='探访记录'),
        ),
        migrations.AddField(
            model_name='withholdinghistory',
            name='worker',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='网格员'),
        ),
        migrations.AddIndex(
            model_name='linehistory',
            index=models.Index(fields=['settlement'], name='line_history'),
        ),
        migrations.AddIndex(
            model_name='withholdinghistory',
            index=models.Index(fields=['settlement'], name='withholding_history'),
        ),
        HistoryStays({
            'subsidies_linehistory': ('payee_id_number', 'payee_mobile', 'card'),
            'subsidies_settlementhistory': (),
            'subsidies_withholdinghistory': (),
        }),
        NeverIgnored(),
    ]
