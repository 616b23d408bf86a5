"""排摸: the rounds of a town over all its old people, the people on their lists, and the history of both."""

import django.db.models.deletion
import django.db.models.functions.text
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
        ('elders', '0014_merged_files'),
        ('org', '0007_index_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ScreenedPerson',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('village_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Left('place', 12), output_field=models.CharField(db_collation='C', max_length=12, verbose_name='村（居）代码'))),
                ('source', models.CharField(choices=[('elder', '在册老人'), ('member', '家庭成员'), ('met', '新发现')], max_length=6, verbose_name='来源')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('sex', models.CharField(blank=True, choices=[('male', '男'), ('female', '女')], max_length=6, verbose_name='性别')),
                ('birth_year', models.PositiveSmallIntegerField(verbose_name='出生年份')),
                ('birth_date', models.DateField(blank=True, null=True, verbose_name='出生日期')),
                ('id_number', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='居民身份证号码')),
                ('id_number_index', visitcare.kit.encryption.BlindIndexField(kind='id_number', last=0, source='id_number')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='居住地址')),
                ('lives_alone', models.BooleanField(blank=True, null=True, verbose_name='独自居住')),
                ('result', models.CharField(choices=[('waiting', '还没看'), ('same', '在，情况没变'), ('changed', '在，情况有变化'), ('missing', '没找到'), ('moved', '搬走了'), ('died', '去世了'), ('new', '新发现')], default='waiting', max_length=7, verbose_name='结果')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('looked_on', models.DateField(blank=True, null=True, verbose_name='哪天看的')),
                ('elder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='screenings', to='elders.elder', verbose_name='老人')),
                ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='elders.household', verbose_name='户')),
                ('looked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁看的')),
                ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='elders.householdmember', verbose_name='家庭成员')),
                ('place', models.ForeignKey(db_column='place_code', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.division', verbose_name='村（居）/组')),
            ],
            options={
                'verbose_name': '排摸的人',
                'verbose_name_plural': '排摸的人',
                'ordering': ['place', 'household', 'birth_date', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ScreeningRound',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('opened_on', models.DateField(verbose_name='开始日期')),
                ('due_on', models.DateField(verbose_name='限期')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('town', models.ForeignKey(db_column='town_code', on_delete=django.db.models.deletion.PROTECT, related_name='screening_rounds', to='org.division', verbose_name='镇')),
            ],
            options={
                'verbose_name': '排摸',
                'verbose_name_plural': '排摸',
                'ordering': ['-opened_on', 'town'],
            },
        ),
        migrations.CreateModel(
            name='ScreenedPersonHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('source', models.CharField(choices=[('elder', '在册老人'), ('member', '家庭成员'), ('met', '新发现')], max_length=6, verbose_name='来源')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('sex', models.CharField(blank=True, choices=[('male', '男'), ('female', '女')], max_length=6, verbose_name='性别')),
                ('birth_year', models.PositiveSmallIntegerField(verbose_name='出生年份')),
                ('birth_date', models.DateField(blank=True, null=True, verbose_name='出生日期')),
                ('id_number', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='居民身份证号码')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='居住地址')),
                ('lives_alone', models.BooleanField(blank=True, null=True, verbose_name='独自居住')),
                ('result', models.CharField(choices=[('waiting', '还没看'), ('same', '在，情况没变'), ('changed', '在，情况有变化'), ('missing', '没找到'), ('moved', '搬走了'), ('died', '去世了'), ('new', '新发现')], default='waiting', max_length=7, verbose_name='结果')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('looked_on', models.DateField(blank=True, null=True, verbose_name='哪天看的')),
                ('elder', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='老人')),
                ('household', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.household', verbose_name='户')),
                ('looked_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁看的')),
                ('member', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.householdmember', verbose_name='家庭成员')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.screenedperson')),
                ('place', models.ForeignKey(db_column='place_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='村（居）/组')),
                ('round', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.screeninground', verbose_name='排摸')),
            ],
            options={
                'verbose_name': '排摸的人的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='screenedperson',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='elders.screeninground', verbose_name='排摸'),
        ),
        migrations.CreateModel(
            name='ScreeningRoundHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('opened_on', models.DateField(verbose_name='开始日期')),
                ('due_on', models.DateField(verbose_name='限期')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='结束日期')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.screeninground')),
                ('town', models.ForeignKey(db_column='town_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='镇')),
            ],
            options={
                'verbose_name': '排摸的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='screeninground',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_on', None)), fields=('town',), name='one_open_screening_a_town'),
        ),
        migrations.AddConstraint(
            model_name='screeninground',
            constraint=models.UniqueConstraint(fields=('town', 'name'), name='screening_name_once_a_town'),
        ),
        migrations.AddConstraint(
            model_name='screeninground',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('opened_on'))), name='screening_due_after_opening'),
        ),
        migrations.AddConstraint(
            model_name='screeninground',
            constraint=models.CheckConstraint(condition=models.Q(('closed_on', None), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='screening_closed_after_opening'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='screeninground',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_screeningroundhistory" ("closed_on", "due_on", "id", "name", "opened_on", "pgh_created_at", "pgh_label", "pgh_obj_id", "town_code") VALUES (NEW."closed_on", NEW."due_on", NEW."id", NEW."name", NEW."opened_on", NOW(), \'insert\', NEW."id", NEW."town_code"); RETURN NULL;', hash='bdeb7de011ce2297a9db0e863f1bb085f541449e', operation='INSERT', pgid='pgtrigger_insert_insert_e622a', table='elders_screeninground', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='screeninground',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."town_code", OLD."name", OLD."opened_on", OLD."due_on", OLD."closed_on") IS DISTINCT FROM ROW(NEW."id", NEW."town_code", NEW."name", NEW."opened_on", NEW."due_on", NEW."closed_on"))', func='INSERT INTO "elders_screeningroundhistory" ("closed_on", "due_on", "id", "name", "opened_on", "pgh_created_at", "pgh_label", "pgh_obj_id", "town_code") VALUES (OLD."closed_on", OLD."due_on", OLD."id", OLD."name", OLD."opened_on", NOW(), \'update\', OLD."id", OLD."town_code"); RETURN NULL;', hash='ce9b0509b06bd05cecca436fd3f8d489d71e880e', operation='UPDATE', pgid='pgtrigger_update_update_1dd1e', table='elders_screeninground', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='screeninground',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_screeningroundhistory" ("closed_on", "due_on", "id", "name", "opened_on", "pgh_created_at", "pgh_label", "pgh_obj_id", "town_code") VALUES (OLD."closed_on", OLD."due_on", OLD."id", OLD."name", OLD."opened_on", NOW(), \'delete\', OLD."id", OLD."town_code"); RETURN NULL;', hash='3f56295978932b2c1215848bb5fd3a74a22efac7', operation='DELETE', pgid='pgtrigger_delete_delete_b7e62', table='elders_screeninground', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='screenedpersonhistory',
            index=models.Index(fields=['round'], name='screenedperson_history'),
        ),
        migrations.AddIndex(
            model_name='screenedperson',
            index=models.Index(fields=['round', 'village_code', 'result'], name='screened_round_village'),
        ),
        migrations.AddConstraint(
            model_name='screenedperson',
            constraint=models.UniqueConstraint(fields=('round', 'elder'), name='elder_screened_once_a_round'),
        ),
        migrations.AddConstraint(
            model_name='screenedperson',
            constraint=models.UniqueConstraint(fields=('round', 'member'), name='member_screened_once_a_round'),
        ),
        migrations.AddConstraint(
            model_name='screenedperson',
            constraint=models.UniqueConstraint(fields=('round', 'village_code', 'id_number_index'), name='number_met_once_a_village'),
        ),
        migrations.AddConstraint(
            model_name='screenedperson',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('looked_by', None), ('looked_on', None), ('result', 'waiting')), models.Q(models.Q(('result', 'waiting'), _negated=True), ('looked_by__isnull', False), ('looked_on__isnull', False)), _connector='OR'), name='screened_by_somebody_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='screenedperson',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('elder__isnull', False), ('household__isnull', False), ('member', None), ('source', 'elder')), models.Q(('elder', None), ('household__isnull', False), ('source', 'member')), models.Q(('elder', None), ('household', None), ('member', None), ('source', 'met')), _connector='OR'), name='screened_is_whom_the_list_held'),
        ),
        migrations.AddConstraint(
            model_name='screenedperson',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('result', 'new'), ('source', 'met')), models.Q(models.Q(('source', 'met'), _negated=True), models.Q(('result', 'new'), _negated=True)), _connector='OR'), name='newly_met_are_new'),
        ),
        migrations.AddConstraint(
            model_name='screenedperson',
            constraint=models.CheckConstraint(condition=models.Q(('birth_date', None), ('birth_date__year', models.F('birth_year')), _connector='OR'), name='screened_year_is_that_of_birth'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='screenedperson',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."round_id", OLD."place_code", OLD."source", OLD."household_id", OLD."elder_id", OLD."member_id", OLD."name", OLD."sex", OLD."birth_year", OLD."birth_date", OLD."id_number_index", OLD."address", OLD."lives_alone", OLD."result", OLD."note", OLD."looked_by_id", OLD."looked_on") IS DISTINCT FROM ROW(NEW."id", NEW."round_id", NEW."place_code", NEW."source", NEW."household_id", NEW."elder_id", NEW."member_id", NEW."name", NEW."sex", NEW."birth_year", NEW."birth_date", NEW."id_number_index", NEW."address", NEW."lives_alone", NEW."result", NEW."note", NEW."looked_by_id", NEW."looked_on") OR NOT audit_says_the_same(OLD."id_number", NEW."id_number"))', func='INSERT INTO "elders_screenedpersonhistory" ("address", "birth_date", "birth_year", "elder_id", "household_id", "id", "id_number", "lives_alone", "looked_by_id", "looked_on", "member_id", "name", "note", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "result", "round_id", "sex", "source") VALUES (OLD."address", OLD."birth_date", OLD."birth_year", OLD."elder_id", OLD."household_id", OLD."id", OLD."id_number", OLD."lives_alone", OLD."looked_by_id", OLD."looked_on", OLD."member_id", OLD."name", OLD."note", NOW(), \'update\', OLD."id", OLD."place_code", OLD."result", OLD."round_id", OLD."sex", OLD."source"); RETURN NULL;', hash='a100aaf1d824e821ae37ec2438e0e971da4a9662', operation='UPDATE', pgid='pgtrigger_update_update_b5a48', table='elders_screenedperson', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='screenedperson',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_screenedpersonhistory" ("address", "birth_date", "birth_year", "elder_id", "household_id", "id", "id_number", "lives_alone", "looked_by_id", "looked_on", "member_id", "name", "note", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "result", "round_id", "sex", "source") VALUES (OLD."address", OLD."birth_date", OLD."birth_year", OLD."elder_id", OLD."household_id", OLD."id", OLD."id_number", OLD."lives_alone", OLD."looked_by_id", OLD."looked_on", OLD."member_id", OLD."name", OLD."note", NOW(), \'delete\', OLD."id", OLD."place_code", OLD."result", OLD."round_id", OLD."sex", OLD."source"); RETURN NULL;', hash='6746d535c625edfd7f63ad620a23017e787f4448', operation='DELETE', pgid='pgtrigger_delete_delete_24a4b', table='elders_screenedperson', when='AFTER')),
        ),
        HistoryStays({'elders_screeningroundhistory': (), 'elders_screenedpersonhistory': ('id_number',)}),
        NeverIgnored(),
    ]
