import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What people find out about elders whom nobody reached, and the list of these elders."""

    dependencies = [
        ('elders', '0018_what_a_draft_began_with'),
        ('visits', '0007_inbox'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Inquiry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('step', models.CharField(choices=[('contact', '问紧急联系人'), ('village', '村里上门看'), ('town', '镇里处理')], max_length=8, verbose_name='哪一步')),
                ('safe', models.BooleanField(verbose_name='知道平安')),
                ('covers_until', models.DateTimeField(blank=True, null=True, verbose_name='到什么时候')),
                ('words', models.CharField(max_length=200, verbose_name='情况')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁')),
                ('elder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='inquiries', to='elders.elder', verbose_name='老人')),
            ],
            options={
                'verbose_name': '没联系上的处理',
                'verbose_name_plural': '没联系上的处理',
                'ordering': ['at'],
                'indexes': [models.Index(fields=['elder', 'at'], name='inquiry_elder_time')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('covers_until__isnull', False), ('safe', True)), models.Q(('covers_until', None), ('safe', False)), _connector='OR'), name='inquiry_safe_until_some_time'),
                    models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='inquiry_says_something'),
                ],
            },
        ),
        migrations.CreateModel(
            name='UnreachedElder',
            fields=[],
            options={
                'verbose_name': '没联系上的老人',
                'verbose_name_plural': '没联系上的老人',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('elders.elder',),
        ),
    ]
