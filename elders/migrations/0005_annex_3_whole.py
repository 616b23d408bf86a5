"""Annex 3 whole: the dwelling, help and assistance of a household, signatures, the plan of care, serious illnesses."""

import django.contrib.postgres.fields
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
        ('elders', '0004_index_history'),
        ('org', '0007_index_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='consent',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='consent',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='consent',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='elder',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='elder',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='elder',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='household',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='household',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='household',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registrationform',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registrationform',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registrationform',
            name='delete_delete',
        ),
        migrations.CreateModel(
            name='AssistanceItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='项目')),
                ('monthly_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='每月金额（元）')),
            ],
            options={
                'verbose_name': '救助和补贴项目',
                'verbose_name_plural': '救助和补贴项目',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='AssistanceItemHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='项目')),
                ('monthly_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='每月金额（元）')),
            ],
            options={
                'verbose_name': '救助和补贴项目的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CarePlan',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('agreed_on', models.DateField(verbose_name='约定日期')),
                ('content', models.CharField(max_length=500, verbose_name='关爱服务内容')),
                ('agreed_with', models.CharField(blank=True, max_length=60, verbose_name='和谁约定')),
            ],
            options={
                'verbose_name': '个性化关爱服务内容',
                'verbose_name_plural': '个性化关爱服务内容',
                'ordering': ['-agreed_on'],
            },
        ),
        migrations.CreateModel(
            name='CarePlanHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('agreed_on', models.DateField(verbose_name='约定日期')),
                ('content', models.CharField(max_length=500, verbose_name='关爱服务内容')),
                ('agreed_with', models.CharField(blank=True, max_length=60, verbose_name='和谁约定')),
            ],
            options={
                'verbose_name': '个性化关爱服务内容的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SeriousIllness',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='病名')),
                ('evidence', models.CharField(max_length=100, verbose_name='凭什么认定')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
            ],
            options={
                'verbose_name': '重病名录',
                'verbose_name_plural': '重病名录',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='SeriousIllnessHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='病名')),
                ('evidence', models.CharField(max_length=100, verbose_name='凭什么认定')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
            ],
            options={
                'verbose_name': '重病名录的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='consent',
            name='signed_on',
            field=models.DateField(blank=True, null=True, verbose_name='签字日期'),
        ),
        migrations.AddField(
            model_name='consent',
            name='signer',
            field=models.CharField(blank=True, choices=[('self', '本人'), ('family', '家庭成员')], max_length=6, verbose_name='谁签的字'),
        ),
        migrations.AddField(
            model_name='consent',
            name='staff_signed_by',
            field=models.CharField(blank=True, max_length=60, verbose_name='工作人员签字'),
        ),
        migrations.AddField(
            model_name='consent',
            name='staff_signed_on',
            field=models.DateField(blank=True, null=True, verbose_name='工作人员签字日期'),
        ),
        migrations.AddField(
            model_name='consenthistory',
            name='signed_on',
            field=models.DateField(blank=True, null=True, verbose_name='签字日期'),
        ),
        migrations.AddField(
            model_name='consenthistory',
            name='signer',
            field=models.CharField(blank=True, choices=[('self', '本人'), ('family', '家庭成员')], max_length=6, verbose_name='谁签的字'),
        ),
        migrations.AddField(
            model_name='consenthistory',
            name='staff_signed_by',
            field=models.CharField(blank=True, max_length=60, verbose_name='工作人员签字'),
        ),
        migrations.AddField(
            model_name='consenthistory',
            name='staff_signed_on',
            field=models.DateField(blank=True, null=True, verbose_name='工作人员签字日期'),
        ),
        migrations.AddField(
            model_name='elder',
            name='disability_number',
            field=visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='残疾人证号码'),
        ),
        migrations.AddField(
            model_name='elderhistory',
            name='disability_number',
            field=visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='残疾人证号码'),
        ),
        migrations.AddField(
            model_name='household',
            name='age_friendly',
            field=models.CharField(blank=True, max_length=100, verbose_name='家庭环境适老化情况'),
        ),
        migrations.AddField(
            model_name='household',
            name='has_assistance',
            field=models.BooleanField(blank=True, null=True, verbose_name='享受社会救助和社会福利补贴'),
        ),
        migrations.AddField(
            model_name='household',
            name='has_pension',
            field=models.BooleanField(blank=True, null=True, verbose_name='有领取养老保险'),
        ),
        migrations.AddField(
            model_name='household',
            name='help_measures',
            field=models.CharField(blank=True, max_length=500, verbose_name='帮扶措施'),
        ),
        migrations.AddField(
            model_name='household',
            name='help_responsible',
            field=models.CharField(blank=True, max_length=60, verbose_name='帮扶责任人'),
        ),
        migrations.AddField(
            model_name='household',
            name='helping_bodies',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('government', '党政机关、群团组织'), ('local', '乡镇（街道）、村（居）委员会'), ('enterprise', '企业'), ('social_organisation', '社会组织'), ('volunteers', '志愿者'), ('social_workers', '专业社会工作者'), ('other', '其他')], max_length=20), blank=True, null=True, size=None, verbose_name='开展帮扶单位（组织）'),
        ),
        migrations.AddField(
            model_name='household',
            name='helping_other',
            field=models.CharField(blank=True, max_length=60, verbose_name='其他帮扶单位'),
        ),
        migrations.AddField(
            model_name='household',
            name='housing_safe',
            field=models.BooleanField(blank=True, null=True, verbose_name='住房是否安全'),
        ),
        migrations.AddField(
            model_name='household',
            name='pension_monthly',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='养老保险每月领取（元）'),
        ),
        migrations.AddField(
            model_name='household',
            name='power_safe',
            field=models.BooleanField(blank=True, null=True, verbose_name='生活用电是否安全'),
        ),
        migrations.AddField(
            model_name='household',
            name='water_safe',
            field=models.BooleanField(blank=True, null=True, verbose_name='饮水是否安全'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='age_friendly',
            field=models.CharField(blank=True, max_length=100, verbose_name='家庭环境适老化情况'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='has_assistance',
            field=models.BooleanField(blank=True, null=True, verbose_name='享受社会救助和社会福利补贴'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='has_pension',
            field=models.BooleanField(blank=True, null=True, verbose_name='有领取养老保险'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='help_measures',
            field=models.CharField(blank=True, max_length=500, verbose_name='帮扶措施'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='help_responsible',
            field=models.CharField(blank=True, max_length=60, verbose_name='帮扶责任人'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='helping_bodies',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('government', '党政机关、群团组织'), ('local', '乡镇（街道）、村（居）委员会'), ('enterprise', '企业'), ('social_organisation', '社会组织'), ('volunteers', '志愿者'), ('social_workers', '专业社会工作者'), ('other', '其他')], max_length=20), blank=True, null=True, size=None, verbose_name='开展帮扶单位（组织）'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='helping_other',
            field=models.CharField(blank=True, max_length=60, verbose_name='其他帮扶单位'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='housing_safe',
            field=models.BooleanField(blank=True, null=True, verbose_name='住房是否安全'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='pension_monthly',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='养老保险每月领取（元）'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='power_safe',
            field=models.BooleanField(blank=True, null=True, verbose_name='生活用电是否安全'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='water_safe',
            field=models.BooleanField(blank=True, null=True, verbose_name='饮水是否安全'),
        ),
        migrations.AddField(
            model_name='registrationform',
            name='illness_evidence',
            field=models.CharField(blank=True, max_length=100, verbose_name='重病凭证'),
        ),
        migrations.AddField(
            model_name='registrationformhistory',
            name='illness_evidence',
            field=models.CharField(blank=True, max_length=100, verbose_name='重病凭证'),
        ),
        migrations.AlterField(
            model_name='registrationform',
            name='illness_words',
            field=models.CharField(blank=True, max_length=200, verbose_name='重病说明'),
        ),
        migrations.AlterField(
            model_name='registrationformhistory',
            name='illness_words',
            field=models.CharField(blank=True, max_length=200, verbose_name='重病说明'),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.CheckConstraint(condition=models.Q(('pension_monthly', None), models.Q(('has_pension', True), ('has_pension__isnull', False), ('pension_monthly__gte', 0)), _connector='OR'), name='pension_amount_with_a_pension'),
        ),
        migrations.AddField(
            model_name='assistanceitem',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assistance', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='assistanceitemhistory',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='assistanceitemhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.assistanceitem'),
        ),
        migrations.AddField(
            model_name='careplan',
            name='elder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='care_plans', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='careplanhistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='careplanhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.careplan'),
        ),
        migrations.AddField(
            model_name='registrationform',
            name='illness',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='elders.seriousillness', verbose_name='重病（按名录）'),
        ),
        migrations.AddField(
            model_name='registrationformhistory',
            name='illness',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.seriousillness', verbose_name='重病（按名录）'),
        ),
        migrations.AddConstraint(
            model_name='registrationform',
            constraint=models.CheckConstraint(condition=models.Q(('illness', None), models.Q(('serious_illness', True), ('serious_illness__isnull', False)), _connector='OR'), name='illness_of_the_list_is_serious'),
        ),
        migrations.AddField(
            model_name='seriousillnesshistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.seriousillness'),
        ),
        migrations.AddConstraint(
            model_name='assistanceitem',
            constraint=models.UniqueConstraint(fields=('household', 'name'), name='assistance_item_once'),
        ),
        migrations.AddConstraint(
            model_name='assistanceitem',
            constraint=models.CheckConstraint(condition=models.Q(('monthly_amount', None), ('monthly_amount__gte', 0), _connector='OR'), name='assistance_not_negative'),
        ),
        migrations.AddIndex(
            model_name='assistanceitemhistory',
            index=models.Index(fields=['household'], name='assistanceitem_history'),
        ),
        migrations.AddConstraint(
            model_name='careplan',
            constraint=models.UniqueConstraint(fields=('elder', 'agreed_on'), name='one_care_plan_a_day'),
        ),
        migrations.AddConstraint(
            model_name='careplan',
            constraint=models.CheckConstraint(condition=models.Q(('content', ''), _negated=True), name='care_plan_says_something'),
        ),
        migrations.AddIndex(
            model_name='careplanhistory',
            index=models.Index(fields=['elder'], name='careplan_history'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_consenthistory" ("elder_id", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "signed_by", "signed_on", "signer", "since", "staff_signed_by", "staff_signed_on") VALUES (NEW."elder_id", NEW."id", NEW."kind", NOW(), \'insert\', NEW."id", NEW."reason", NEW."signed_by", NEW."signed_on", NEW."signer", NEW."since", NEW."staff_signed_by", NEW."staff_signed_on"); RETURN NULL;', hash='3f7c57f805ddac6fe032129573d9f2239ff44333', operation='INSERT', pgid='pgtrigger_insert_insert_bafa6', table='elders_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."since", OLD."kind", OLD."reason", OLD."signer", OLD."signed_by", OLD."signed_on", OLD."staff_signed_by", OLD."staff_signed_on") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."since", NEW."kind", NEW."reason", NEW."signer", NEW."signed_by", NEW."signed_on", NEW."staff_signed_by", NEW."staff_signed_on"))', func='INSERT INTO "elders_consenthistory" ("elder_id", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "signed_by", "signed_on", "signer", "since", "staff_signed_by", "staff_signed_on") VALUES (OLD."elder_id", OLD."id", OLD."kind", NOW(), \'update\', OLD."id", OLD."reason", OLD."signed_by", OLD."signed_on", OLD."signer", OLD."since", OLD."staff_signed_by", OLD."staff_signed_on"); RETURN NULL;', hash='0382104a4157aa8a32159e01ed4f33a590ee5945', operation='UPDATE', pgid='pgtrigger_update_update_32b59', table='elders_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_consenthistory" ("elder_id", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "signed_by", "signed_on", "signer", "since", "staff_signed_by", "staff_signed_on") VALUES (OLD."elder_id", OLD."id", OLD."kind", NOW(), \'delete\', OLD."id", OLD."reason", OLD."signed_by", OLD."signed_on", OLD."signer", OLD."since", OLD."staff_signed_by", OLD."staff_signed_on"); RETURN NULL;', hash='3f7e8ffabeecc2ca417e03cf4059dbe0e0685571', operation='DELETE', pgid='pgtrigger_delete_delete_7ca76', table='elders_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='elder',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_elderhistory" ("birth_date", "close_reason", "closed_on", "created_at", "disability_number", "emergency_name", "emergency_phone", "emergency_sex", "household_id", "hukou_address", "id", "id_number", "merged_into_id", "name", "paper_kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "status") VALUES (NEW."birth_date", NEW."close_reason", NEW."closed_on", NEW."created_at", NEW."disability_number", NEW."emergency_name", NEW."emergency_phone", NEW."emergency_sex", NEW."household_id", NEW."hukou_address", NEW."id", NEW."id_number", NEW."merged_into_id", NEW."name", NEW."paper_kind", NOW(), \'insert\', NEW."id", NEW."phone", NEW."sex", NEW."status"); RETURN NULL;', hash='d30596da7ee218c47581057b7278838891968bfd', operation='INSERT', pgid='pgtrigger_insert_insert_4ac7d', table='elders_elder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='elder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."name", OLD."sex", OLD."birth_date", OLD."paper_kind", OLD."id_number_index", OLD."id_number_tail", OLD."emergency_name", OLD."emergency_sex", OLD."hukou_address", OLD."status", OLD."closed_on", OLD."close_reason", OLD."merged_into_id", OLD."created_at") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."name", NEW."sex", NEW."birth_date", NEW."paper_kind", NEW."id_number_index", NEW."id_number_tail", NEW."emergency_name", NEW."emergency_sex", NEW."hukou_address", NEW."status", NEW."closed_on", NEW."close_reason", NEW."merged_into_id", NEW."created_at") OR NOT audit_says_the_same(OLD."id_number", NEW."id_number") OR NOT audit_says_the_same(OLD."phone", NEW."phone") OR NOT audit_says_the_same(OLD."emergency_phone", NEW."emergency_phone") OR NOT audit_says_the_same(OLD."disability_number", NEW."disability_number"))', func='INSERT INTO "elders_elderhistory" ("birth_date", "close_reason", "closed_on", "created_at", "disability_number", "emergency_name", "emergency_phone", "emergency_sex", "household_id", "hukou_address", "id", "id_number", "merged_into_id", "name", "paper_kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "status") VALUES (OLD."birth_date", OLD."close_reason", OLD."closed_on", OLD."created_at", OLD."disability_number", OLD."emergency_name", OLD."emergency_phone", OLD."emergency_sex", OLD."household_id", OLD."hukou_address", OLD."id", OLD."id_number", OLD."merged_into_id", OLD."name", OLD."paper_kind", NOW(), \'update\', OLD."id", OLD."phone", OLD."sex", OLD."status"); RETURN NULL;', hash='dbcb407d13d8f43135df3a704ebd32bca63a8a0f', operation='UPDATE', pgid='pgtrigger_update_update_8f039', table='elders_elder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='elder',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_elderhistory" ("birth_date", "close_reason", "closed_on", "created_at", "disability_number", "emergency_name", "emergency_phone", "emergency_sex", "household_id", "hukou_address", "id", "id_number", "merged_into_id", "name", "paper_kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "status") VALUES (OLD."birth_date", OLD."close_reason", OLD."closed_on", OLD."created_at", OLD."disability_number", OLD."emergency_name", OLD."emergency_phone", OLD."emergency_sex", OLD."household_id", OLD."hukou_address", OLD."id", OLD."id_number", OLD."merged_into_id", OLD."name", OLD."paper_kind", NOW(), \'delete\', OLD."id", OLD."phone", OLD."sex", OLD."status"); RETURN NULL;', hash='c74d441ae481014ac038d1d447465fea3fb37400', operation='DELETE', pgid='pgtrigger_delete_delete_cd1c4', table='elders_elder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_householdhistory" ("address", "age_friendly", "created_at", "has_assistance", "has_pension", "help_measures", "help_responsible", "helping_bodies", "helping_other", "housing_safe", "id", "number", "pension_monthly", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "power_safe", "water_safe") VALUES (NEW."address", NEW."age_friendly", NEW."created_at", NEW."has_assistance", NEW."has_pension", NEW."help_measures", NEW."help_responsible", NEW."helping_bodies", NEW."helping_other", NEW."housing_safe", NEW."id", NEW."number", NEW."pension_monthly", NOW(), \'insert\', NEW."id", NEW."place_code", NEW."power_safe", NEW."water_safe"); RETURN NULL;', hash='dbb12fa25055dc87faf05b51c7f165d03b8127b0', operation='INSERT', pgid='pgtrigger_insert_insert_f2989', table='elders_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."place_code", OLD."number", OLD."address", OLD."water_safe", OLD."power_safe", OLD."housing_safe", OLD."age_friendly", OLD."has_pension", OLD."pension_monthly", OLD."has_assistance", OLD."helping_bodies", OLD."helping_other", OLD."help_responsible", OLD."help_measures", OLD."created_at") IS DISTINCT FROM ROW(NEW."id", NEW."place_code", NEW."number", NEW."address", NEW."water_safe", NEW."power_safe", NEW."housing_safe", NEW."age_friendly", NEW."has_pension", NEW."pension_monthly", NEW."has_assistance", NEW."helping_bodies", NEW."helping_other", NEW."help_responsible", NEW."help_measures", NEW."created_at"))', func='INSERT INTO "elders_householdhistory" ("address", "age_friendly", "created_at", "has_assistance", "has_pension", "help_measures", "help_responsible", "helping_bodies", "helping_other", "housing_safe", "id", "number", "pension_monthly", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "power_safe", "water_safe") VALUES (OLD."address", OLD."age_friendly", OLD."created_at", OLD."has_assistance", OLD."has_pension", OLD."help_measures", OLD."help_responsible", OLD."helping_bodies", OLD."helping_other", OLD."housing_safe", OLD."id", OLD."number", OLD."pension_monthly", NOW(), \'update\', OLD."id", OLD."place_code", OLD."power_safe", OLD."water_safe"); RETURN NULL;', hash='14fad6f657e47c803a7f705554e71906fae99a1f', operation='UPDATE', pgid='pgtrigger_update_update_fd22c', table='elders_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_householdhistory" ("address", "age_friendly", "created_at", "has_assistance", "has_pension", "help_measures", "help_responsible", "helping_bodies", "helping_other", "housing_safe", "id", "number", "pension_monthly", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "power_safe", "water_safe") VALUES (OLD."address", OLD."age_friendly", OLD."created_at", OLD."has_assistance", OLD."has_pension", OLD."help_measures", OLD."help_responsible", OLD."helping_bodies", OLD."helping_other", OLD."housing_safe", OLD."id", OLD."number", OLD."pension_monthly", NOW(), \'delete\', OLD."id", OLD."place_code", OLD."power_safe", OLD."water_safe"); RETURN NULL;', hash='dca305d98eb3be416654ce564c0f7c47b6b0157f', operation='DELETE', pgid='pgtrigger_delete_delete_25f0c', table='elders_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "age_friendly", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "housing_safe", "id", "illness_evidence", "illness_id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "power_safe", "registered_on", "serious_illness", "spouse_location", "state", "water_safe") VALUES (NEW."able_adult_at_home", NEW."age_friendly", NEW."cannot_speak_or_hear", NEW."cares_for_dependent_child", NEW."child_location", NEW."decided_at", NEW."decided_by_id", NEW."decision_reason", NEW."dementia", NEW."disability_grade", NEW."economy", NEW."elder_id", NEW."family_planning_special", NEW."housing_safe", NEW."id", NEW."illness_evidence", NEW."illness_id", NEW."illness_words", NEW."income_source", NEW."left_behind", NEW."lives_with_dependent_child_long_term", NEW."living", NEW."made_by_id", NEW."monthly_income", NEW."other", NEW."past_illnesses", NOW(), \'insert\', NEW."id", NEW."power_safe", NEW."registered_on", NEW."serious_illness", NEW."spouse_location", NEW."state", NEW."water_safe"); RETURN NULL;', hash='4de2bd57eb1785c325e0a2e55b203368d5200145', operation='INSERT', pgid='pgtrigger_insert_insert_2f613', table='elders_registrationform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."registered_on", OLD."state", OLD."living", OLD."spouse_location", OLD."child_location", OLD."able_adult_at_home", OLD."dementia", OLD."cannot_speak_or_hear", OLD."disability_grade", OLD."serious_illness", OLD."illness_id", OLD."illness_evidence", OLD."illness_words", OLD."past_illnesses", OLD."economy", OLD."monthly_income", OLD."income_source", OLD."family_planning_special", OLD."left_behind", OLD."cares_for_dependent_child", OLD."lives_with_dependent_child_long_term", OLD."other", OLD."water_safe", OLD."power_safe", OLD."housing_safe", OLD."age_friendly", OLD."made_by_id", OLD."decided_by_id", OLD."decided_at", OLD."decision_reason") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."registered_on", NEW."state", NEW."living", NEW."spouse_location", NEW."child_location", NEW."able_adult_at_home", NEW."dementia", NEW."cannot_speak_or_hear", NEW."disability_grade", NEW."serious_illness", NEW."illness_id", NEW."illness_evidence", NEW."illness_words", NEW."past_illnesses", NEW."economy", NEW."monthly_income", NEW."income_source", NEW."family_planning_special", NEW."left_behind", NEW."cares_for_dependent_child", NEW."lives_with_dependent_child_long_term", NEW."other", NEW."water_safe", NEW."power_safe", NEW."housing_safe", NEW."age_friendly", NEW."made_by_id", NEW."decided_by_id", NEW."decided_at", NEW."decision_reason"))', func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "age_friendly", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "housing_safe", "id", "illness_evidence", "illness_id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "power_safe", "registered_on", "serious_illness", "spouse_location", "state", "water_safe") VALUES (OLD."able_adult_at_home", OLD."age_friendly", OLD."cannot_speak_or_hear", OLD."cares_for_dependent_child", OLD."child_location", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."dementia", OLD."disability_grade", OLD."economy", OLD."elder_id", OLD."family_planning_special", OLD."housing_safe", OLD."id", OLD."illness_evidence", OLD."illness_id", OLD."illness_words", OLD."income_source", OLD."left_behind", OLD."lives_with_dependent_child_long_term", OLD."living", OLD."made_by_id", OLD."monthly_income", OLD."other", OLD."past_illnesses", NOW(), \'update\', OLD."id", OLD."power_safe", OLD."registered_on", OLD."serious_illness", OLD."spouse_location", OLD."state", OLD."water_safe"); RETURN NULL;', hash='d0f6db5aec2a4e21e40cc566188f7406555a8e82', operation='UPDATE', pgid='pgtrigger_update_update_6ba23', table='elders_registrationform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "age_friendly", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "housing_safe", "id", "illness_evidence", "illness_id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "power_safe", "registered_on", "serious_illness", "spouse_location", "state", "water_safe") VALUES (OLD."able_adult_at_home", OLD."age_friendly", OLD."cannot_speak_or_hear", OLD."cares_for_dependent_child", OLD."child_location", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."dementia", OLD."disability_grade", OLD."economy", OLD."elder_id", OLD."family_planning_special", OLD."housing_safe", OLD."id", OLD."illness_evidence", OLD."illness_id", OLD."illness_words", OLD."income_source", OLD."left_behind", OLD."lives_with_dependent_child_long_term", OLD."living", OLD."made_by_id", OLD."monthly_income", OLD."other", OLD."past_illnesses", NOW(), \'delete\', OLD."id", OLD."power_safe", OLD."registered_on", OLD."serious_illness", OLD."spouse_location", OLD."state", OLD."water_safe"); RETURN NULL;', hash='ad19a2a0057096056beaab64db93d63822c9bc43', operation='DELETE', pgid='pgtrigger_delete_delete_673b9', table='elders_registrationform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='seriousillness',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."name", OLD."evidence", OLD."active") IS DISTINCT FROM ROW(NEW."id", NEW."name", NEW."evidence", NEW."active"))', func='INSERT INTO "elders_seriousillnesshistory" ("active", "evidence", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."active", OLD."evidence", OLD."id", OLD."name", NOW(), \'update\', OLD."id"); RETURN NULL;', hash='2b313c8c6065170e3ac44163c369ea51f84ee74f', operation='UPDATE', pgid='pgtrigger_update_update_c8d9a', table='elders_seriousillness', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='seriousillness',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_seriousillnesshistory" ("active", "evidence", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."active", OLD."evidence", OLD."id", OLD."name", NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='d3f0d66beef656f29cc6996a1ba3d9e1ef6ba648', operation='DELETE', pgid='pgtrigger_delete_delete_aa5ec', table='elders_seriousillness', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assistanceitem',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_assistanceitemhistory" ("household_id", "id", "monthly_amount", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."household_id", NEW."id", NEW."monthly_amount", NEW."name", NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='f1c7aed6befbeb1bfe565102c2cd6b8e327c4c14', operation='INSERT', pgid='pgtrigger_insert_insert_f66ec', table='elders_assistanceitem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assistanceitem',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."name", OLD."monthly_amount") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."name", NEW."monthly_amount"))', func='INSERT INTO "elders_assistanceitemhistory" ("household_id", "id", "monthly_amount", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."household_id", OLD."id", OLD."monthly_amount", OLD."name", NOW(), \'update\', OLD."id"); RETURN NULL;', hash='db9285fef60b80dee5478d39e229732fb1a3e5cc', operation='UPDATE', pgid='pgtrigger_update_update_4177f', table='elders_assistanceitem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assistanceitem',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_assistanceitemhistory" ("household_id", "id", "monthly_amount", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."household_id", OLD."id", OLD."monthly_amount", OLD."name", NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='5838da026b66518b219689f28e422f8c40a03086', operation='DELETE', pgid='pgtrigger_delete_delete_3867f', table='elders_assistanceitem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='careplan',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_careplanhistory" ("agreed_on", "agreed_with", "content", "elder_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."agreed_on", NEW."agreed_with", NEW."content", NEW."elder_id", NEW."id", NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='a09930415fc6013880ccd25e2197ecebba79fd5d', operation='INSERT', pgid='pgtrigger_insert_insert_b237b', table='elders_careplan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='careplan',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."agreed_on", OLD."content", OLD."agreed_with") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."agreed_on", NEW."content", NEW."agreed_with"))', func='INSERT INTO "elders_careplanhistory" ("agreed_on", "agreed_with", "content", "elder_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."agreed_on", OLD."agreed_with", OLD."content", OLD."elder_id", OLD."id", NOW(), \'update\', OLD."id"); RETURN NULL;', hash='50c4e22108ff8e6646cdc8b6592e21a6949329da', operation='UPDATE', pgid='pgtrigger_update_update_29aa7', table='elders_careplan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='careplan',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_careplanhistory" ("agreed_on", "agreed_with", "content", "elder_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."agreed_on", OLD."agreed_with", OLD."content", OLD."elder_id", OLD."id", NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='be919ef4f4b665249e08d42d2f6a8f881a14e421', operation='DELETE', pgid='pgtrigger_delete_delete_b4398', table='elders_careplan', when='AFTER')),
        ),
        # The history of elders has one more encrypted column, which a change of key must reach.
        migrations.RunSQL(
            "DROP TRIGGER guard_history ON elders_elderhistory; DROP TRIGGER guard_truncate ON elders_elderhistory;",
            migrations.RunSQL.noop,
        ),
        HistoryStays({
            'elders_elderhistory': ('id_number', 'phone', 'emergency_phone', 'disability_number'),
            'elders_assistanceitemhistory': (),
            'elders_careplanhistory': (),
            'elders_seriousillnesshistory': (),
        }),
        NeverIgnored(),
    ]
