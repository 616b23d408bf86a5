import django.db.models.deletion
import visitcare.kit.encryption
import visitcare.kit.keys
from django.conf import settings
from django.db import migrations, models

from visitcare.audit.guarding import HistoryStays
from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):
    """What phones send is kept as it came, and nobody changes it."""

    dependencies = [
        ('audit', '0004_only_a_newer_key_passes'),
        ('visits', '0006_indexes_for_years'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Received',
            fields=[
                ('id', models.UUIDField(default=visitcare.kit.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('visit', '探访'), ('correction', '更正'), ('withdrawal', '撤回')], max_length=10, verbose_name='类别')),
                ('item', models.UUIDField(verbose_name='手机上的编号')),
                ('visit', models.UUIDField(verbose_name='关于哪次探访')),
                ('digest', models.CharField(max_length=64, verbose_name='内容指纹')),
                ('received_at', models.DateTimeField(verbose_name='收到时间')),
                ('app', models.CharField(blank=True, max_length=40, verbose_name='手机版本')),
                ('body', visitcare.kit.encryption.EncryptedTextField(verbose_name='原文')),
                ('sender', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发送人')),
            ],
            options={
                'verbose_name': '手机来件',
                'verbose_name_plural': '手机来件',
                'ordering': ['received_at'],
            },
        ),
        migrations.CreateModel(
            name='KeptBack',
            fields=[
                ('received', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='kept_back', serialize=False, to='visits.received', verbose_name='来件')),
                ('state', models.CharField(choices=[('waiting', '等处理'), ('conflict', '编号相同、内容不同'), ('refused', '不能成为记录'), ('taken', '后来收下了'), ('declined', '不收')], max_length=10, verbose_name='处理')),
                ('field', models.CharField(blank=True, max_length=20, verbose_name='哪一项')),
                ('words', models.CharField(max_length=500, verbose_name='为什么没收下')),
                ('village_code', models.CharField(db_collation='C', max_length=12, verbose_name='村（居）代码')),
                ('since', models.DateTimeField(verbose_name='从何时起')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='处理时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='处理说明')),
                ('decided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='处理人')),
            ],
            options={
                'verbose_name': '没收下的手机记录',
                'verbose_name_plural': '没收下的手机记录',
                'ordering': ['since'],
            },
        ),
        migrations.AddIndex(
            model_name='received',
            index=models.Index(fields=['received_at'], name='received_time'),
        ),
        migrations.AddConstraint(
            model_name='received',
            constraint=models.UniqueConstraint(fields=('item', 'sender', 'visit', 'digest'), name='received_once'),
        ),
        migrations.AddIndex(
            model_name='keptback',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'conflict'])), fields=['village_code', 'since'], name='kept_back_open'),
        ),
        migrations.AddConstraint(
            model_name='keptback',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='declined_by_somebody_with_reason'),
        ),
        HistoryStays({'visits_received': ('body',)}),
        NeverIgnored(),
    ]
