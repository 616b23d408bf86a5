"""A week is closed: how its obligations stand is written down; what changes since is found in the row history."""

import django.db.models.deletion
from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0012_fill_frozen_consent'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reckoning',
            fields=[
                ('obligation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reckoning', serialize=False, to='visits.obligation', verbose_name='周任务')),
                ('home_done', models.PositiveSmallIntegerField(verbose_name='已上门')),
                ('greeting_done', models.PositiveSmallIntegerField(verbose_name='已电话（视频）')),
                ('progress', models.CharField(choices=[('met', '达标'), ('open', '进行中'), ('missed', '未达标'), ('excused', '免访')], max_length=8, verbose_name='完成情况')),
                ('reason', models.CharField(blank=True, choices=[('hospital', '住院'), ('away', '外出'), ('died', '去世'), ('moved', '迁出'), ('institution', '入住机构'), ('not_eligible', '不再符合条件'), ('merged', '并档'), ('left', '当时已注销')], max_length=12, verbose_name='免访原因')),
            ],
            options={
                'verbose_name': '周任务核算',
                'verbose_name_plural': '周任务核算',
            },
        ),
        migrations.AddField(
            model_name='openedweek',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='关闭时间'),
        ),
        migrations.AddField(
            model_name='openedweek',
            name='reckoned_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='核算时间'),
        ),
        migrations.AddIndex(
            model_name='visithistory',
            index=BrinIndex(fields=['pgh_created_at'], name='visit_changes'),
        ),
        migrations.AddConstraint(
            model_name='openedweek',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('reckoned_at', None)), models.Q(('closed_at__isnull', False), ('reckoned_at__gte', models.F('closed_at')), ('reckoned_at__isnull', False)), _connector='OR'), name='closed_week_is_reckoned'),
        ),
        migrations.AddConstraint(
            model_name='reckoning',
            constraint=models.CheckConstraint(condition=models.Q(('progress', 'open'), _negated=True), name='reckoning_is_final'),
        ),
        migrations.AddConstraint(
            model_name='reckoning',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('progress', 'excused'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('progress', 'excused'), _negated=True), ('reason', '')), _connector='OR'), name='reckoning_excused_with_reason'),
        ),
    ]
