import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Requests to look once more at what was decided on a visit."""

    dependencies = [
        ('visits', '0018_solved_in'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Recheck',
            fields=[
                ('visit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='recheck', serialize=False, to='visits.visit', verbose_name='探访记录')),
                ('asked_at', models.DateTimeField(verbose_name='请求时间')),
                ('words', models.CharField(blank=True, max_length=200, verbose_name='本人说')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='答复')),
                ('answered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁答复')),
            ],
            options={
                'verbose_name': '请求复核',
                'verbose_name_plural': '请求复核',
                'ordering': ['asked_at'],
                'indexes': [models.Index(condition=models.Q(('answered_at', None)), fields=['asked_at'], name='recheck_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None)), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='recheck_answered_by_somebody')],
            },
        ),
    ]
