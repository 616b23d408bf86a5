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
        ('org', '0003_posting_registered_at'),
    ]

    operations = [
        migrations.CreateModel(
            name='BankAccountHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('bank', models.CharField(max_length=60, verbose_name='开户银行')),
                ('card', visitcare.kit.encryption.EncryptedTextField(verbose_name='卡号')),
                ('since', models.DateField(verbose_name='起始日期')),
            ],
            options={
                'verbose_name': '银行卡的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PostingHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('role', models.CharField(choices=[('grid_worker', '网格员'), ('village_cadre', '村干部'), ('visitor', '其他探访人员'), ('town_reviewer', '镇审核员'), ('town_head', '镇民政负责人'), ('county_officer', '市民政经办人'), ('county_approver', '市民政批准人'), ('auditor', '审计人员'), ('system_admin', '系统管理员')], max_length=20, verbose_name='角色')),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('payable', models.BooleanField(default=False, verbose_name='计酬')),
                ('own_household', models.CharField(blank=True, max_length=40, verbose_name='本人户编号')),
                ('registered_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
            ],
            options={
                'verbose_name': '任职的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='UserHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('login', models.CharField(max_length=40, verbose_name='用户名')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('mobile', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='手机号')),
                ('id_number', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='居民身份证号码')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='须改初始密码')),
                ('joined_at', models.DateTimeField(auto_now_add=True, verbose_name='建立时间')),
            ],
            options={
                'verbose_name': '人员账号的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "org_bankaccounthistory" ("bank", "card", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "user_id") VALUES (NEW."bank", NEW."card", NEW."id", NOW(), \'insert\', NEW."id", NEW."since", NEW."user_id"); RETURN NULL;', hash='c038fdfc605291ba2e09c45312c907598e337cba', operation='INSERT', pgid='pgtrigger_insert_insert_a8bcf', table='org_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."user_id", OLD."bank", OLD."since") IS DISTINCT FROM ROW(NEW."id", NEW."user_id", NEW."bank", NEW."since") OR ROW(OLD."card") IS DISTINCT FROM ROW(NEW."card") AND NOT (current_setting(\'visitcare.rekeying\', true) IS NOT DISTINCT FROM \'on\'))', func='INSERT INTO "org_bankaccounthistory" ("bank", "card", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "user_id") VALUES (OLD."bank", OLD."card", OLD."id", NOW(), \'update\', OLD."id", OLD."since", OLD."user_id"); RETURN NULL;', hash='cf1e6bb119a74ef78a680896eed7de3988b66249', operation='UPDATE', pgid='pgtrigger_update_update_7313b', table='org_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "org_bankaccounthistory" ("bank", "card", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "user_id") VALUES (OLD."bank", OLD."card", OLD."id", NOW(), \'delete\', OLD."id", OLD."since", OLD."user_id"); RETURN NULL;', hash='3d83828172025078c9c141aa865e1079a8eb26be', operation='DELETE', pgid='pgtrigger_delete_delete_b3d6a', table='org_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "org_postinghistory" ("ends_on", "id", "own_household", "payable", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "registered_at", "role", "starts_on", "user_id") VALUES (NEW."ends_on", NEW."id", NEW."own_household", NEW."payable", NOW(), \'insert\', NEW."id", NEW."place_code", NEW."registered_at", NEW."role", NEW."starts_on", NEW."user_id"); RETURN NULL;', hash='817b517abf1865663d38c3effef9e12ff20607ec', operation='INSERT', pgid='pgtrigger_insert_insert_2bda0', table='org_posting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."user_id", OLD."role", OLD."place_code", OLD."starts_on", OLD."ends_on", OLD."payable", OLD."own_household", OLD."registered_at") IS DISTINCT FROM ROW(NEW."id", NEW."user_id", NEW."role", NEW."place_code", NEW."starts_on", NEW."ends_on", NEW."payable", NEW."own_household", NEW."registered_at"))', func='INSERT INTO "org_postinghistory" ("ends_on", "id", "own_household", "payable", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "registered_at", "role", "starts_on", "user_id") VALUES (OLD."ends_on", OLD."id", OLD."own_household", OLD."payable", NOW(), \'update\', OLD."id", OLD."place_code", OLD."registered_at", OLD."role", OLD."starts_on", OLD."user_id"); RETURN NULL;', hash='b28ce45e7dc4fb1608a4919fc731b262ed0114d5', operation='UPDATE', pgid='pgtrigger_update_update_8d646', table='org_posting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "org_postinghistory" ("ends_on", "id", "own_household", "payable", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "registered_at", "role", "starts_on", "user_id") VALUES (OLD."ends_on", OLD."id", OLD."own_household", OLD."payable", NOW(), \'delete\', OLD."id", OLD."place_code", OLD."registered_at", OLD."role", OLD."starts_on", OLD."user_id"); RETURN NULL;', hash='1ed0ec191fb16a56b0156724814fd9845d195ce7', operation='DELETE', pgid='pgtrigger_delete_delete_3063d', table='org_posting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "org_userhistory" ("id", "id_number", "is_active", "joined_at", "login", "mobile", "must_change_password", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."id", NEW."id_number", NEW."is_active", NEW."joined_at", NEW."login", NEW."mobile", NEW."must_change_password", NEW."name", NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='ed0104a33f98eccb767451bdbeb1b7898ec635d0', operation='INSERT', pgid='pgtrigger_insert_insert_727bd', table='org_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."password", OLD."id", OLD."login", OLD."name", OLD."mobile_index", OLD."id_number_index", OLD."is_active", OLD."must_change_password", OLD."joined_at") IS DISTINCT FROM ROW(NEW."password", NEW."id", NEW."login", NEW."name", NEW."mobile_index", NEW."id_number_index", NEW."is_active", NEW."must_change_password", NEW."joined_at") OR ROW(OLD."mobile", OLD."id_number") IS DISTINCT FROM ROW(NEW."mobile", NEW."id_number") AND NOT (current_setting(\'visitcare.rekeying\', true) IS NOT DISTINCT FROM \'on\'))', func='INSERT INTO "org_userhistory" ("id", "id_number", "is_active", "joined_at", "login", "mobile", "must_change_password", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."id", OLD."id_number", OLD."is_active", OLD."joined_at", OLD."login", OLD."mobile", OLD."must_change_password", OLD."name", NOW(), \'update\', OLD."id"); RETURN NULL;', hash='5bf4b54fa8120a3b77556bef4058fbb5a39fe067', operation='UPDATE', pgid='pgtrigger_update_update_8281b', table='org_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "org_userhistory" ("id", "id_number", "is_active", "joined_at", "login", "mobile", "must_change_password", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."id", OLD."id_number", OLD."is_active", OLD."joined_at", OLD."login", OLD."mobile", OLD."must_change_password", OLD."name", NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='3a0b02a80b555ef32f2e9e193b8ec12cd552532d', operation='DELETE', pgid='pgtrigger_delete_delete_395dc', table='org_user', when='AFTER')),
        ),
        migrations.AddField(
            model_name='bankaccounthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='org.bankaccount'),
        ),
        migrations.AddField(
            model_name='bankaccounthistory',
            name='user',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员'),
        ),
        migrations.AddField(
            model_name='postinghistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='org.posting'),
        ),
        migrations.AddField(
            model_name='postinghistory',
            name='place',
            field=models.ForeignKey(db_column='place_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='地区'),
        ),
        migrations.AddField(
            model_name='postinghistory',
            name='user',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员'),
        ),
        migrations.AddField(
            model_name='userhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='bankaccounthistory',
            index=models.Index(fields=['user'], name='bankaccount_history'),
        ),
        migrations.AddIndex(
            model_name='postinghistory',
            index=models.Index(fields=['user'], name='posting_history'),
        ),
        HistoryStays({
            'org_bankaccounthistory': ('card',),
            'org_postinghistory': (),
            'org_userhistory': ('mobile', 'id_number'),
        }),
        NeverIgnored(),
    ]
