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
        ('audit', '0003_transactions'),
        ('elders', '0001_registry'),
        ('org', '0004_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ActivePeriodHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
            ],
            options={
                'verbose_name': '在册期间的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AssessmentHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('assessed_on', models.DateField(verbose_name='评估日期')),
                ('level', models.CharField(choices=[('intact', '能力完好'), ('mild', '轻度失能'), ('moderate', '中度失能'), ('severe', '重度失能'), ('total', '完全失能')], max_length=10, verbose_name='能力程度')),
                ('score', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='评估总分')),
                ('standard', models.CharField(default='GB/T 42195-2022', max_length=40, verbose_name='标准')),
                ('assessor', models.CharField(blank=True, max_length=60, verbose_name='评估人')),
                ('mismatch_reason', models.CharField(blank=True, max_length=200, verbose_name='分数与程度不一致的说明')),
            ],
            options={
                'verbose_name': '能力评估的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AssignmentHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
            ],
            options={
                'verbose_name': '指定探访人的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ClassPeriodHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('risk_class', models.CharField(choices=[('A', 'A类'), ('B', 'B类'), ('C', 'C类')], max_length=1, verbose_name='类别')),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), size=None, verbose_name='依据')),
                ('verdict', models.JSONField(verbose_name='判定')),
                ('policy_version', models.DateField(verbose_name='政策版本')),
                ('judged_on', models.DateField(verbose_name='资料截至')),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
            ],
            options={
                'verbose_name': '类别的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ConsentHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('since', models.DateField(verbose_name='起始日期')),
                ('kind', models.CharField(choices=[('full', '愿意'), ('phone_only', '仅电话'), ('refused', '不愿意')], max_length=12, verbose_name='探访意愿')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('signed_by', models.CharField(blank=True, max_length=60, verbose_name='签字人')),
            ],
            options={
                'verbose_name': '探访意愿的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ElderHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('sex', models.CharField(choices=[('male', '男'), ('female', '女')], max_length=6, verbose_name='性别')),
                ('birth_date', models.DateField(verbose_name='出生日期')),
                ('paper_kind', models.CharField(choices=[('id_card', '居民身份证'), ('household_book', '户口簿'), ('hongkong_macao', '港澳居民来往内地通行证'), ('taiwan', '台湾居民来往大陆通行证'), ('permanent_resident', '外国人永久居留身份证'), ('none', '无证件')], default='id_card', max_length=20, verbose_name='证件类型')),
                ('id_number', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='证件号码')),
                ('phone', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='联系电话')),
                ('emergency_name', models.CharField(blank=True, max_length=60, verbose_name='紧急联系人')),
                ('emergency_sex', models.CharField(blank=True, choices=[('male', '男'), ('female', '女')], max_length=6, verbose_name='紧急联系人性别')),
                ('emergency_phone', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='紧急联系人电话')),
                ('hukou_address', models.CharField(blank=True, max_length=200, verbose_name='户籍地址')),
                ('status', models.CharField(choices=[('draft', '草稿'), ('submitted', '待审批'), ('approved', '已批准（暂不在范围）'), ('active', '在册'), ('paused', '暂停'), ('closed', '注销')], default='draft', max_length=10, verbose_name='状态')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='注销日期')),
                ('close_reason', models.CharField(blank=True, choices=[('died', '去世'), ('moved', '迁出'), ('institution', '入住机构'), ('not_eligible', '不再符合条件')], max_length=20, verbose_name='注销原因')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='建档时间')),
            ],
            options={
                'verbose_name': '老人的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='HouseholdHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('number', models.CharField(blank=True, max_length=40, verbose_name='户编号')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='居住地址')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='建档时间')),
            ],
            options={
                'verbose_name': '户的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='HouseholdMemberHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('sex', models.CharField(blank=True, choices=[('male', '男'), ('female', '女')], max_length=6, verbose_name='性别')),
                ('relation', models.CharField(blank=True, max_length=40, verbose_name='与户主关系')),
                ('id_number', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='居民身份证号码')),
                ('birth_date', models.DateField(blank=True, null=True, verbose_name='出生日期')),
                ('health', models.CharField(blank=True, max_length=100, verbose_name='健康状况')),
                ('lives_here', models.BooleanField(blank=True, null=True, verbose_name='同住')),
                ('visits_often', models.BooleanField(blank=True, null=True, verbose_name='经常探访')),
            ],
            options={
                'verbose_name': '家庭成员的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PauseHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('reason', models.CharField(choices=[('hospital', '住院'), ('away', '外出')], max_length=12, verbose_name='原因')),
            ],
            options={
                'verbose_name': '暂停的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RegistrationFormHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('registered_on', models.DateField(verbose_name='登记日期')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('submitted', '待审批'), ('returned', '退回'), ('approved', '已批准')], default='draft', max_length=10, verbose_name='审批状态')),
                ('living', models.CharField(blank=True, choices=[('alone', '独居'), ('elders_only', '双老同住'), ('with_dependent_child', '与无生活自理能力子女同住'), ('with_family', '与家人同住'), ('institution', '机构')], max_length=24, verbose_name='居住状况')),
                ('spouse_location', models.CharField(blank=True, choices=[('none', '无'), ('same_home', '同住'), ('same_county', '本县'), ('elsewhere', '外地')], max_length=12, verbose_name='配偶居住地')),
                ('child_location', models.CharField(blank=True, choices=[('none', '无'), ('same_home', '同住'), ('same_county', '本县'), ('elsewhere', '外地')], max_length=12, verbose_name='子女居住地')),
                ('able_adult_at_home', models.BooleanField(blank=True, null=True, verbose_name='家里有60岁以下能照料的人')),
                ('dementia', models.BooleanField(blank=True, null=True, verbose_name='失智')),
                ('cannot_speak_or_hear', models.BooleanField(blank=True, null=True, verbose_name='无法言语或听力')),
                ('disability_grade', models.PositiveSmallIntegerField(blank=True, choices=[(0, '无'), (1, '一级'), (2, '二级'), (3, '三级'), (4, '四级')], null=True, verbose_name='残疾等级')),
                ('serious_illness', models.BooleanField(blank=True, null=True, verbose_name='重病')),
                ('illness_words', models.CharField(blank=True, max_length=200, verbose_name='重病名称')),
                ('past_illnesses', models.CharField(blank=True, max_length=200, verbose_name='曾患病史')),
                ('economy', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('dispersed_destitute', '特困人员'), ('subsistence_allowance', '低保'), ('marginal', '低保边缘'), ('resident_pension', '居民养老保险'), ('enterprise_pension', '企业养老保险'), ('public_pension', '机关事业单位退休')], max_length=24), blank=True, null=True, size=None, verbose_name='经济情况')),
                ('monthly_income', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='月可支配收入（元）')),
                ('income_source', models.CharField(blank=True, max_length=100, verbose_name='经济来源')),
                ('family_planning_special', models.BooleanField(blank=True, null=True, verbose_name='计划生育特殊家庭')),
                ('left_behind', models.BooleanField(blank=True, null=True, verbose_name='农村留守')),
                ('cares_for_dependent_child', models.BooleanField(blank=True, null=True, verbose_name='长期照料失能子女')),
                ('lives_with_dependent_child_long_term', models.BooleanField(blank=True, null=True, verbose_name='长期与无生活自理能力子女同住')),
                ('other', models.CharField(blank=True, max_length=200, null=True, verbose_name='其他对象说明')),
                ('water_safe', models.BooleanField(blank=True, null=True, verbose_name='饮水安全')),
                ('power_safe', models.BooleanField(blank=True, null=True, verbose_name='生活用电安全')),
                ('housing_safe', models.BooleanField(blank=True, null=True, verbose_name='住房安全')),
                ('age_friendly', models.CharField(blank=True, max_length=100, verbose_name='家庭环境适老化情况')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='审批时间')),
                ('decision_reason', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
            ],
            options={
                'verbose_name': '信息登记表的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activeperiod',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."starts_on", OLD."ends_on") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."starts_on", NEW."ends_on"))', func='INSERT INTO "elders_activeperiodhistory" ("elder_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") VALUES (OLD."elder_id", OLD."ends_on", OLD."id", NOW(), \'update\', OLD."id", OLD."starts_on"); RETURN NULL;', hash='9ee76f4ddf630aa508b8bb1ab33f0ac76f489be4', operation='UPDATE', pgid='pgtrigger_update_update_b1e2a', table='elders_activeperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activeperiod',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_activeperiodhistory" ("elder_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") VALUES (OLD."elder_id", OLD."ends_on", OLD."id", NOW(), \'delete\', OLD."id", OLD."starts_on"); RETURN NULL;', hash='57e470d8f146235f2e93459b8bf2caf9a57af6d9', operation='DELETE', pgid='pgtrigger_delete_delete_a079d', table='elders_activeperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_assessmenthistory" ("assessed_on", "assessor", "elder_id", "id", "level", "mismatch_reason", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "standard") VALUES (NEW."assessed_on", NEW."assessor", NEW."elder_id", NEW."id", NEW."level", NEW."mismatch_reason", NOW(), \'insert\', NEW."id", NEW."score", NEW."standard"); RETURN NULL;', hash='a787ac63ad27050a5c0a6d8b2e2c096670504d94', operation='INSERT', pgid='pgtrigger_insert_insert_23f5d', table='elders_assessment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."assessed_on", OLD."level", OLD."score", OLD."standard", OLD."assessor", OLD."mismatch_reason") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."assessed_on", NEW."level", NEW."score", NEW."standard", NEW."assessor", NEW."mismatch_reason"))', func='INSERT INTO "elders_assessmenthistory" ("assessed_on", "assessor", "elder_id", "id", "level", "mismatch_reason", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "standard") VALUES (OLD."assessed_on", OLD."assessor", OLD."elder_id", OLD."id", OLD."level", OLD."mismatch_reason", NOW(), \'update\', OLD."id", OLD."score", OLD."standard"); RETURN NULL;', hash='810e3a79483422184ef9c85c5a9eee125712641d', operation='UPDATE', pgid='pgtrigger_update_update_1b492', table='elders_assessment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_assessmenthistory" ("assessed_on", "assessor", "elder_id", "id", "level", "mismatch_reason", "pgh_created_at", "pgh_label", "pgh_obj_id", "score", "standard") VALUES (OLD."assessed_on", OLD."assessor", OLD."elder_id", OLD."id", OLD."level", OLD."mismatch_reason", NOW(), \'delete\', OLD."id", OLD."score", OLD."standard"); RETURN NULL;', hash='3f6c0a18e89913049549c067a1538ec082a687a0', operation='DELETE', pgid='pgtrigger_delete_delete_1dd5d', table='elders_assessment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assignment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_assignmenthistory" ("ends_on", "household_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "worker_id") VALUES (NEW."ends_on", NEW."household_id", NEW."id", NOW(), \'insert\', NEW."id", NEW."starts_on", NEW."worker_id"); RETURN NULL;', hash='d0a6d35671fc6cd5dc74be67e49b27558470e3f2', operation='INSERT', pgid='pgtrigger_insert_insert_53251', table='elders_assignment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assignment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."worker_id", OLD."starts_on", OLD."ends_on") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."worker_id", NEW."starts_on", NEW."ends_on"))', func='INSERT INTO "elders_assignmenthistory" ("ends_on", "household_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "worker_id") VALUES (OLD."ends_on", OLD."household_id", OLD."id", NOW(), \'update\', OLD."id", OLD."starts_on", OLD."worker_id"); RETURN NULL;', hash='db2ddef44590e21288b172223d37cf3ff0ba6318', operation='UPDATE', pgid='pgtrigger_update_update_63646', table='elders_assignment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assignment',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_assignmenthistory" ("ends_on", "household_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on", "worker_id") VALUES (OLD."ends_on", OLD."household_id", OLD."id", NOW(), \'delete\', OLD."id", OLD."starts_on", OLD."worker_id"); RETURN NULL;', hash='07dfbe01377a388dc28e6c917bc143101dc54b23', operation='DELETE', pgid='pgtrigger_delete_delete_11ece', table='elders_assignment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classperiod',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."starts_on", OLD."ends_on", OLD."risk_class", OLD."codes", OLD."verdict", OLD."policy_version", OLD."judged_on", OLD."acknowledged_by_id", OLD."acknowledged_at") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."starts_on", NEW."ends_on", NEW."risk_class", NEW."codes", NEW."verdict", NEW."policy_version", NEW."judged_on", NEW."acknowledged_by_id", NEW."acknowledged_at"))', func='INSERT INTO "elders_classperiodhistory" ("acknowledged_at", "acknowledged_by_id", "codes", "elder_id", "ends_on", "id", "judged_on", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_version", "risk_class", "starts_on", "verdict") VALUES (OLD."acknowledged_at", OLD."acknowledged_by_id", OLD."codes", OLD."elder_id", OLD."ends_on", OLD."id", OLD."judged_on", NOW(), \'update\', OLD."id", OLD."policy_version", OLD."risk_class", OLD."starts_on", OLD."verdict"); RETURN NULL;', hash='03968de851d22db180e210a67454d24f41b8a993', operation='UPDATE', pgid='pgtrigger_update_update_15ab0', table='elders_classperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classperiod',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_classperiodhistory" ("acknowledged_at", "acknowledged_by_id", "codes", "elder_id", "ends_on", "id", "judged_on", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_version", "risk_class", "starts_on", "verdict") VALUES (OLD."acknowledged_at", OLD."acknowledged_by_id", OLD."codes", OLD."elder_id", OLD."ends_on", OLD."id", OLD."judged_on", NOW(), \'delete\', OLD."id", OLD."policy_version", OLD."risk_class", OLD."starts_on", OLD."verdict"); RETURN NULL;', hash='24a6f57e875d29c1b55058a5c8bfee2794176685', operation='DELETE', pgid='pgtrigger_delete_delete_59972', table='elders_classperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_consenthistory" ("elder_id", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "signed_by", "since") VALUES (NEW."elder_id", NEW."id", NEW."kind", NOW(), \'insert\', NEW."id", NEW."reason", NEW."signed_by", NEW."since"); RETURN NULL;', hash='183a010048daeea100e82bfc21dd5c6cd641492f', operation='INSERT', pgid='pgtrigger_insert_insert_bafa6', table='elders_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."since", OLD."kind", OLD."reason", OLD."signed_by") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."since", NEW."kind", NEW."reason", NEW."signed_by"))', func='INSERT INTO "elders_consenthistory" ("elder_id", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "signed_by", "since") VALUES (OLD."elder_id", OLD."id", OLD."kind", NOW(), \'update\', OLD."id", OLD."reason", OLD."signed_by", OLD."since"); RETURN NULL;', hash='48706f3a38a69526ef134d473e2f9f7154afdca2', operation='UPDATE', pgid='pgtrigger_update_update_32b59', table='elders_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_consenthistory" ("elder_id", "id", "kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "signed_by", "since") VALUES (OLD."elder_id", OLD."id", OLD."kind", NOW(), \'delete\', OLD."id", OLD."reason", OLD."signed_by", OLD."since"); RETURN NULL;', hash='d96dfea681c447703c3c24f2873c70f3d829ae91', operation='DELETE', pgid='pgtrigger_delete_delete_7ca76', table='elders_consent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='elder',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_elderhistory" ("birth_date", "close_reason", "closed_on", "created_at", "emergency_name", "emergency_phone", "emergency_sex", "household_id", "hukou_address", "id", "id_number", "merged_into_id", "name", "paper_kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "status") VALUES (NEW."birth_date", NEW."close_reason", NEW."closed_on", NEW."created_at", NEW."emergency_name", NEW."emergency_phone", NEW."emergency_sex", NEW."household_id", NEW."hukou_address", NEW."id", NEW."id_number", NEW."merged_into_id", NEW."name", NEW."paper_kind", NOW(), \'insert\', NEW."id", NEW."phone", NEW."sex", NEW."status"); RETURN NULL;', hash='0c2e337a33b05bb1eaba6f4696a9e42693337d0d', operation='INSERT', pgid='pgtrigger_insert_insert_4ac7d', table='elders_elder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='elder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."name", OLD."sex", OLD."birth_date", OLD."paper_kind", OLD."id_number_index", OLD."id_number_tail", OLD."emergency_name", OLD."emergency_sex", OLD."hukou_address", OLD."status", OLD."closed_on", OLD."close_reason", OLD."merged_into_id", OLD."created_at") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."name", NEW."sex", NEW."birth_date", NEW."paper_kind", NEW."id_number_index", NEW."id_number_tail", NEW."emergency_name", NEW."emergency_sex", NEW."hukou_address", NEW."status", NEW."closed_on", NEW."close_reason", NEW."merged_into_id", NEW."created_at") OR ROW(OLD."id_number", OLD."phone", OLD."emergency_phone") IS DISTINCT FROM ROW(NEW."id_number", NEW."phone", NEW."emergency_phone") AND NOT (current_setting(\'visitcare.rekeying\', true) IS NOT DISTINCT FROM \'on\'))', func='INSERT INTO "elders_elderhistory" ("birth_date", "close_reason", "closed_on", "created_at", "emergency_name", "emergency_phone", "emergency_sex", "household_id", "hukou_address", "id", "id_number", "merged_into_id", "name", "paper_kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "status") VALUES (OLD."birth_date", OLD."close_reason", OLD."closed_on", OLD."created_at", OLD."emergency_name", OLD."emergency_phone", OLD."emergency_sex", OLD."household_id", OLD."hukou_address", OLD."id", OLD."id_number", OLD."merged_into_id", OLD."name", OLD."paper_kind", NOW(), \'update\', OLD."id", OLD."phone", OLD."sex", OLD."status"); RETURN NULL;', hash='a0251bed7f2b9401497beaa4beaedff6cee2d031', operation='UPDATE', pgid='pgtrigger_update_update_8f039', table='elders_elder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='elder',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_elderhistory" ("birth_date", "close_reason", "closed_on", "created_at", "emergency_name", "emergency_phone", "emergency_sex", "household_id", "hukou_address", "id", "id_number", "merged_into_id", "name", "paper_kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "status") VALUES (OLD."birth_date", OLD."close_reason", OLD."closed_on", OLD."created_at", OLD."emergency_name", OLD."emergency_phone", OLD."emergency_sex", OLD."household_id", OLD."hukou_address", OLD."id", OLD."id_number", OLD."merged_into_id", OLD."name", OLD."paper_kind", NOW(), \'delete\', OLD."id", OLD."phone", OLD."sex", OLD."status"); RETURN NULL;', hash='bd728875ce06b7cd9d11155f8d4c4fa6b3034602', operation='DELETE', pgid='pgtrigger_delete_delete_cd1c4', table='elders_elder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_householdhistory" ("address", "created_at", "id", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code") VALUES (NEW."address", NEW."created_at", NEW."id", NEW."number", NOW(), \'insert\', NEW."id", NEW."place_code"); RETURN NULL;', hash='9773eb980625c4beb1bb06dc4e3946d42bce02b1', operation='INSERT', pgid='pgtrigger_insert_insert_f2989', table='elders_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."place_code", OLD."number", OLD."address", OLD."created_at") IS DISTINCT FROM ROW(NEW."id", NEW."place_code", NEW."number", NEW."address", NEW."created_at"))', func='INSERT INTO "elders_householdhistory" ("address", "created_at", "id", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code") VALUES (OLD."address", OLD."created_at", OLD."id", OLD."number", NOW(), \'update\', OLD."id", OLD."place_code"); RETURN NULL;', hash='11b873ba1ab44f7387e48810805e3b68f40a301f', operation='UPDATE', pgid='pgtrigger_update_update_fd22c', table='elders_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_householdhistory" ("address", "created_at", "id", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code") VALUES (OLD."address", OLD."created_at", OLD."id", OLD."number", NOW(), \'delete\', OLD."id", OLD."place_code"); RETURN NULL;', hash='3f70442d6bd37edfec85d584aee0d251a8c94046', operation='DELETE', pgid='pgtrigger_delete_delete_25f0c', table='elders_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='householdmember',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_householdmemberhistory" ("birth_date", "health", "household_id", "id", "id_number", "lives_here", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "sex", "visits_often") VALUES (NEW."birth_date", NEW."health", NEW."household_id", NEW."id", NEW."id_number", NEW."lives_here", NEW."name", NOW(), \'insert\', NEW."id", NEW."relation", NEW."sex", NEW."visits_often"); RETURN NULL;', hash='70ebfc041db27ca5e64dd05f35d902e05fe17955', operation='INSERT', pgid='pgtrigger_insert_insert_b017b', table='elders_householdmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='householdmember',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."name", OLD."sex", OLD."relation", OLD."id_number_index", OLD."birth_date", OLD."health", OLD."lives_here", OLD."visits_often") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."name", NEW."sex", NEW."relation", NEW."id_number_index", NEW."birth_date", NEW."health", NEW."lives_here", NEW."visits_often") OR ROW(OLD."id_number") IS DISTINCT FROM ROW(NEW."id_number") AND NOT (current_setting(\'visitcare.rekeying\', true) IS NOT DISTINCT FROM \'on\'))', func='INSERT INTO "elders_householdmemberhistory" ("birth_date", "health", "household_id", "id", "id_number", "lives_here", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "sex", "visits_often") VALUES (OLD."birth_date", OLD."health", OLD."household_id", OLD."id", OLD."id_number", OLD."lives_here", OLD."name", NOW(), \'update\', OLD."id", OLD."relation", OLD."sex", OLD."visits_often"); RETURN NULL;', hash='87f397408ef62e0d329bfd19ee53ba14b4045dcc', operation='UPDATE', pgid='pgtrigger_update_update_a49e6', table='elders_householdmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='householdmember',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_householdmemberhistory" ("birth_date", "health", "household_id", "id", "id_number", "lives_here", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "sex", "visits_often") VALUES (OLD."birth_date", OLD."health", OLD."household_id", OLD."id", OLD."id_number", OLD."lives_here", OLD."name", NOW(), \'delete\', OLD."id", OLD."relation", OLD."sex", OLD."visits_often"); RETURN NULL;', hash='cdf77e8bd0e9862af18c5f68749fc4bba790b54a', operation='DELETE', pgid='pgtrigger_delete_delete_a7d14', table='elders_householdmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_pausehistory" ("elder_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on") VALUES (NEW."elder_id", NEW."ends_on", NEW."id", NOW(), \'insert\', NEW."id", NEW."reason", NEW."starts_on"); RETURN NULL;', hash='3531fca8fd1f46538feb9991b9bf49cc4dfaf25a', operation='INSERT', pgid='pgtrigger_insert_insert_11adb', table='elders_pause', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."starts_on", OLD."ends_on", OLD."reason") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."starts_on", NEW."ends_on", NEW."reason"))', func='INSERT INTO "elders_pausehistory" ("elder_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on") VALUES (OLD."elder_id", OLD."ends_on", OLD."id", NOW(), \'update\', OLD."id", OLD."reason", OLD."starts_on"); RETURN NULL;', hash='f58c3fa55c1efb4e1d93acd0ad9ed235928fe325', operation='UPDATE', pgid='pgtrigger_update_update_0da76', table='elders_pause', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pause',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_pausehistory" ("elder_id", "ends_on", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on") VALUES (OLD."elder_id", OLD."ends_on", OLD."id", NOW(), \'delete\', OLD."id", OLD."reason", OLD."starts_on"); RETURN NULL;', hash='2fb7bcd1f2f209ea7df4b6e649832f71f4709be5', operation='DELETE', pgid='pgtrigger_delete_delete_fb64f', table='elders_pause', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "age_friendly", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "housing_safe", "id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "power_safe", "registered_on", "serious_illness", "spouse_location", "state", "water_safe") VALUES (NEW."able_adult_at_home", NEW."age_friendly", NEW."cannot_speak_or_hear", NEW."cares_for_dependent_child", NEW."child_location", NEW."decided_at", NEW."decided_by_id", NEW."decision_reason", NEW."dementia", NEW."disability_grade", NEW."economy", NEW."elder_id", NEW."family_planning_special", NEW."housing_safe", NEW."id", NEW."illness_words", NEW."income_source", NEW."left_behind", NEW."lives_with_dependent_child_long_term", NEW."living", NEW."made_by_id", NEW."monthly_income", NEW."other", NEW."past_illnesses", NOW(), \'insert\', NEW."id", NEW."power_safe", NEW."registered_on", NEW."serious_illness", NEW."spouse_location", NEW."state", NEW."water_safe"); RETURN NULL;', hash='cf72f525ef65fe3dfbce14b8e9eef79b4c3fcd51', operation='INSERT', pgid='pgtrigger_insert_insert_2f613', table='elders_registrationform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."registered_on", OLD."state", OLD."living", OLD."spouse_location", OLD."child_location", OLD."able_adult_at_home", OLD."dementia", OLD."cannot_speak_or_hear", OLD."disability_grade", OLD."serious_illness", OLD."illness_words", OLD."past_illnesses", OLD."economy", OLD."monthly_income", OLD."income_source", OLD."family_planning_special", OLD."left_behind", OLD."cares_for_dependent_child", OLD."lives_with_dependent_child_long_term", OLD."other", OLD."water_safe", OLD."power_safe", OLD."housing_safe", OLD."age_friendly", OLD."made_by_id", OLD."decided_by_id", OLD."decided_at", OLD."decision_reason") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."registered_on", NEW."state", NEW."living", NEW."spouse_location", NEW."child_location", NEW."able_adult_at_home", NEW."dementia", NEW."cannot_speak_or_hear", NEW."disability_grade", NEW."serious_illness", NEW."illness_words", NEW."past_illnesses", NEW."economy", NEW."monthly_income", NEW."income_source", NEW."family_planning_special", NEW."left_behind", NEW."cares_for_dependent_child", NEW."lives_with_dependent_child_long_term", NEW."other", NEW."water_safe", NEW."power_safe", NEW."housing_safe", NEW."age_friendly", NEW."made_by_id", NEW."decided_by_id", NEW."decided_at", NEW."decision_reason"))', func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "age_friendly", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "housing_safe", "id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "power_safe", "registered_on", "serious_illness", "spouse_location", "state", "water_safe") VALUES (OLD."able_adult_at_home", OLD."age_friendly", OLD."cannot_speak_or_hear", OLD."cares_for_dependent_child", OLD."child_location", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."dementia", OLD."disability_grade", OLD."economy", OLD."elder_id", OLD."family_planning_special", OLD."housing_safe", OLD."id", OLD."illness_words", OLD."income_source", OLD."left_behind", OLD."lives_with_dependent_child_long_term", OLD."living", OLD."made_by_id", OLD."monthly_income", OLD."other", OLD."past_illnesses", NOW(), \'update\', OLD."id", OLD."power_safe", OLD."registered_on", OLD."serious_illness", OLD."spouse_location", OLD."state", OLD."water_safe"); RETURN NULL;', hash='b38193a0539ad05e18a10103e3c42d6facdbf53b', operation='UPDATE', pgid='pgtrigger_update_update_6ba23', table='elders_registrationform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "age_friendly", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "housing_safe", "id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "power_safe", "registered_on", "serious_illness", "spouse_location", "state", "water_safe") VALUES (OLD."able_adult_at_home", OLD."age_friendly", OLD."cannot_speak_or_hear", OLD."cares_for_dependent_child", OLD."child_location", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."dementia", OLD."disability_grade", OLD."economy", OLD."elder_id", OLD."family_planning_special", OLD."housing_safe", OLD."id", OLD."illness_words", OLD."income_source", OLD."left_behind", OLD."lives_with_dependent_child_long_term", OLD."living", OLD."made_by_id", OLD."monthly_income", OLD."other", OLD."past_illnesses", NOW(), \'delete\', OLD."id", OLD."power_safe", OLD."registered_on", OLD."serious_illness", OLD."spouse_location", OLD."state", OLD."water_safe"); RETURN NULL;', hash='02889841c3a5c0ad56d9babb8e93e4d001fed2bf', operation='DELETE', pgid='pgtrigger_delete_delete_673b9', table='elders_registrationform', when='AFTER')),
        ),
        migrations.AddField(
            model_name='activeperiodhistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='activeperiodhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.activeperiod'),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='assessmenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.assessment'),
        ),
        migrations.AddField(
            model_name='assignmenthistory',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='assignmenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.assignment'),
        ),
        migrations.AddField(
            model_name='assignmenthistory',
            name='worker',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='探访人'),
        ),
        migrations.AddField(
            model_name='classperiodhistory',
            name='acknowledged_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人'),
        ),
        migrations.AddField(
            model_name='classperiodhistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='classperiodhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.classperiod'),
        ),
        migrations.AddField(
            model_name='consenthistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='consenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.consent'),
        ),
        migrations.AddField(
            model_name='elderhistory',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='elderhistory',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='并入'),
        ),
        migrations.AddField(
            model_name='elderhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.elder'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.household'),
        ),
        migrations.AddField(
            model_name='householdhistory',
            name='place',
            field=models.ForeignKey(db_column='place_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='村（居）/组'),
        ),
        migrations.AddField(
            model_name='householdmemberhistory',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='户'),
        ),
        migrations.AddField(
            model_name='householdmemberhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.householdmember'),
        ),
        migrations.AddField(
            model_name='pausehistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='pausehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.pause'),
        ),
        migrations.AddField(
            model_name='registrationformhistory',
            name='decided_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人'),
        ),
        migrations.AddField(
            model_name='registrationformhistory',
            name='elder',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddField(
            model_name='registrationformhistory',
            name='made_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人'),
        ),
        migrations.AddField(
            model_name='registrationformhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.registrationform'),
        ),
        migrations.AddIndex(
            model_name='activeperiodhistory',
            index=models.Index(fields=['elder'], name='activeperiod_history'),
        ),
        migrations.AddIndex(
            model_name='assessmenthistory',
            index=models.Index(fields=['elder'], name='assessment_history'),
        ),
        migrations.AddIndex(
            model_name='assignmenthistory',
            index=models.Index(fields=['household'], name='assignment_history'),
        ),
        migrations.AddIndex(
            model_name='classperiodhistory',
            index=models.Index(fields=['elder'], name='classperiod_history'),
        ),
        migrations.AddIndex(
            model_name='consenthistory',
            index=models.Index(fields=['elder'], name='consent_history'),
        ),
        migrations.AddIndex(
            model_name='householdmemberhistory',
            index=models.Index(fields=['household'], name='householdmember_history'),
        ),
        migrations.AddIndex(
            model_name='pausehistory',
            index=models.Index(fields=['elder'], name='pause_history'),
        ),
        migrations.AddIndex(
            model_name='registrationformhistory',
            index=models.Index(fields=['elder'], name='registrationform_history'),
        ),
        HistoryStays({
            'elders_activeperiodhistory': (),
            'elders_assessmenthistory': (),
            'elders_assignmenthistory': (),
            'elders_classperiodhistory': (),
            'elders_consenthistory': (),
            'elders_elderhistory': ('id_number', 'phone', 'emergency_phone'),
            'elders_householdhistory': (),
            'elders_householdmemberhistory': ('id_number',),
            'elders_pausehistory': (),
            'elders_registrationformhistory': (),
        }),
        NeverIgnored(),
    ]
