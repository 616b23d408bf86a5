"""Campaigns of extra contacts, and the elders of each."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import visitcare.audit.models
import visitcare.kit.keys
from django.conf import settings
from django.db import migrations, models

from visitcare.audit.guarding import HistoryStays
from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0018_what_a_draft_began_with'),
        ('org', '0009_import_rights'),
        ('visits', '0014_guard_obligations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.UUIDField(default=visitcare.kit.keys.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='编号')),
                ('kind', models.CharField(choices=[('festival', '节日'), ('heat', '高温'), ('storm', '台风、暴雨、寒潮'), ('discharge', '出院'), ('other', '其他')], max_length=10, verbose_name='事由')),
                ('words', models.CharField(max_length=60, verbose_name='名称')),
                ('first_day', models.DateField(verbose_name='第一天')),
                ('last_day', models.DateField(verbose_name='最后一天')),
                ('home_due', models.PositiveSmallIntegerField(verbose_name='每人加上门')),
                ('greeting_due', models.PositiveSmallIntegerField(verbose_name='每人加电话（视频）')),
                ('surplus_covers', models.BooleanField(default=True, verbose_name='多上门可抵电话')),
                ('classes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('A', 'A类'), ('B', 'B类'), ('C', 'C类')], max_length=1), blank=True, default=list, size=None, verbose_name='类别')),
                ('age_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='年龄（周岁以上）')),
                ('living', models.CharField(blank=True, choices=[('living_alone', '独居'), ('empty_nest', '空巢'), ('either', '独居或空巢')], max_length=12, verbose_name='居住状况')),
                ('set_up_at', models.DateTimeField(verbose_name='安排时间')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='提前结束')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='结束原因')),
                ('elder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='elders.elder', verbose_name='只为一位老人')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人')),
                ('place', models.ForeignKey(db_column='place_code', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.division', verbose_name='地区')),
                ('set_up_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='安排人')),
            ],
            options={
                'verbose_name': '加访',
                'verbose_name_plural': '加访',
                'ordering': ['-first_day', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CampaignElder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('home_due', models.PositiveSmallIntegerField(verbose_name='加上门')),
                ('greeting_due', models.PositiveSmallIntegerField(verbose_name='加电话（视频）')),
                ('village_code', models.CharField(db_collation='C', max_length=12, verbose_name='村（居）代码')),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='drawn', to='visits.campaign', verbose_name='加访')),
                ('elder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='elders.elder', verbose_name='老人')),
            ],
            options={
                'verbose_name': '加访的老人',
                'verbose_name_plural': '加访的老人',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='CampaignHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, verbose_name='事务')),
                ('database_user', models.CharField(db_default=models.Func(function='SESSION_USER', template='%(function)s'), max_length=63, verbose_name='数据库用户')),
                ('id', models.UUIDField(default=visitcare.kit.keys.uuid7, editable=False, serialize=False, verbose_name='编号')),
                ('kind', models.CharField(choices=[('festival', '节日'), ('heat', '高温'), ('storm', '台风、暴雨、寒潮'), ('discharge', '出院'), ('other', '其他')], max_length=10, verbose_name='事由')),
                ('words', models.CharField(max_length=60, verbose_name='名称')),
                ('first_day', models.DateField(verbose_name='第一天')),
                ('last_day', models.DateField(verbose_name='最后一天')),
                ('home_due', models.PositiveSmallIntegerField(verbose_name='每人加上门')),
                ('greeting_due', models.PositiveSmallIntegerField(verbose_name='每人加电话（视频）')),
                ('surplus_covers', models.BooleanField(default=True, verbose_name='多上门可抵电话')),
                ('classes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('A', 'A类'), ('B', 'B类'), ('C', 'C类')], max_length=1), blank=True, default=list, size=None, verbose_name='类别')),
                ('age_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='年龄（周岁以上）')),
                ('living', models.CharField(blank=True, choices=[('living_alone', '独居'), ('empty_nest', '空巢'), ('either', '独居或空巢')], max_length=12, verbose_name='居住状况')),
                ('set_up_at', models.DateTimeField(verbose_name='安排时间')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='提前结束')),
                ('end_reason', models.CharField(blank=True, max_length=200, verbose_name='结束原因')),
                ('elder', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='elders.elder', verbose_name='只为一位老人')),
                ('ended_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='visits.campaign')),
                ('place', models.ForeignKey(db_column='place_code', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='org.division', verbose_name='地区')),
                ('set_up_by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='安排人')),
            ],
            options={
                'verbose_name': '加访的历史',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='campaign',
            index=models.Index(fields=['last_day'], name='campaign_last_day'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('place', 'words', 'first_day', 'elder'), name='campaign_set_up_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='campaign_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('home_due__gt', 0), ('greeting_due__gt', 0), _connector='OR'), name='campaign_asks_for_something'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_by', None), ('ended_on', None)), models.Q(('ended_by__isnull', False), ('ended_on__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='campaign_ended_by_somebody_with_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."kind", OLD."words", OLD."place_code", OLD."first_day", OLD."last_day", OLD."home_due", OLD."greeting_due", OLD."surplus_covers", OLD."classes", OLD."age_from", OLD."living", OLD."elder_id", OLD."set_up_by_id", OLD."set_up_at", OLD."ended_on", OLD."ended_by_id", OLD."end_reason") IS DISTINCT FROM ROW(NEW."id", NEW."kind", NEW."words", NEW."place_code", NEW."first_day", NEW."last_day", NEW."home_due", NEW."greeting_due", NEW."surplus_covers", NEW."classes", NEW."age_from", NEW."living", NEW."elder_id", NEW."set_up_by_id", NEW."set_up_at", NEW."ended_on", NEW."ended_by_id", NEW."end_reason"))', func='INSERT INTO "visits_campaignhistory" ("age_from", "classes", "elder_id", "end_reason", "ended_by_id", "ended_on", "first_day", "greeting_due", "home_due", "id", "kind", "last_day", "living", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "set_up_at", "set_up_by_id", "surplus_covers", "words") VALUES (OLD."age_from", OLD."classes", OLD."elder_id", OLD."end_reason", OLD."ended_by_id", OLD."ended_on", OLD."first_day", OLD."greeting_due", OLD."home_due", OLD."id", OLD."kind", OLD."last_day", OLD."living", NOW(), \'update\', OLD."id", OLD."place_code", OLD."set_up_at", OLD."set_up_by_id", OLD."surplus_covers", OLD."words"); RETURN NULL;', hash='6abdc645b16be7a5c29788e5f6c6706f97ba638b', operation='UPDATE', pgid='pgtrigger_update_update_32912', table='visits_campaign', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "visits_campaignhistory" ("age_from", "classes", "elder_id", "end_reason", "ended_by_id", "ended_on", "first_day", "greeting_due", "home_due", "id", "kind", "last_day", "living", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "set_up_at", "set_up_by_id", "surplus_covers", "words") VALUES (OLD."age_from", OLD."classes", OLD."elder_id", OLD."end_reason", OLD."ended_by_id", OLD."ended_on", OLD."first_day", OLD."greeting_due", OLD."home_due", OLD."id", OLD."kind", OLD."last_day", OLD."living", NOW(), \'delete\', OLD."id", OLD."place_code", OLD."set_up_at", OLD."set_up_by_id", OLD."surplus_covers", OLD."words"); RETURN NULL;', hash='873d1190e5cf9dab9ae1ce89b5b5b8a03898d856', operation='DELETE', pgid='pgtrigger_delete_delete_6b312', table='visits_campaign', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='campaignelder',
            index=models.Index(fields=['campaign', 'village_code'], name='drawn_campaign_village'),
        ),
        migrations.AddConstraint(
            model_name='campaignelder',
            constraint=models.UniqueConstraint(fields=('campaign', 'elder'), name='drawn_once_a_campaign'),
        ),
        migrations.AddConstraint(
            model_name='campaignelder',
            constraint=models.CheckConstraint(condition=models.Q(('home_due__gt', 0), ('greeting_due__gt', 0), _connector='OR'), name='drawn_for_something'),
        ),
        HistoryStays({
            'visits_campaignhistory': (),
        }),
        NeverIgnored(),
    ]
