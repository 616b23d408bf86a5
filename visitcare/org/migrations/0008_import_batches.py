"""Files that people upload, judged before they are stored, with a verdict on each row."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
import visitcare.kit.encryption
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0007_index_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20, verbose_name='种类')),
                ('right', models.CharField(max_length=30, verbose_name='权限')),
                ('options', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None, verbose_name='选项')),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('file_name', models.CharField(max_length=200, verbose_name='文件名')),
                ('file_key', visitcare.kit.encryption.EncryptedTextField(blank=True, verbose_name='文件密钥')),
                ('state', models.CharField(choices=[('judging', '正在检查'), ('judged', '等您确认'), ('refused', '文件没有收下'), ('storing', '正在导入'), ('stored', '已导入'), ('abandoned', '已放弃'), ('undoing', '正在撤销'), ('undone', '已撤销')], default='judging', max_length=10, verbose_name='状态')),
                ('said', models.TextField(blank=True, verbose_name='说明')),
                ('started_at', models.DateTimeField(verbose_name='开始时间')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='行数')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='已处理')),
                ('counts', models.JSONField(default=dict, verbose_name='结果')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='结果指纹')),
                ('skip_bad_rows', models.BooleanField(default=False, verbose_name='跳过有问题的行')),
                ('touched_at', models.DateTimeField(auto_now=True, verbose_name='最近变化')),
                ('transaction', models.BigIntegerField(blank=True, null=True, verbose_name='事务')),
                ('stored_at', models.DateTimeField(blank=True, null=True, verbose_name='导入时间')),
                ('made', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='新增的记录')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='撤销时间')),
                ('place', models.ForeignKey(db_column='place_code', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.division', verbose_name='地区')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '导入',
                'verbose_name_plural': '导入',
                'ordering': ['-uploaded_at'],
            },
        ),
        migrations.CreateModel(
            name='ImportVerdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(verbose_name='次序')),
                ('row', models.PositiveIntegerField(verbose_name='行号')),
                ('key', models.CharField(max_length=200, verbose_name='对象')),
                ('outcome', models.CharField(choices=[('new', '新增'), ('changed', '有变化'), ('unchanged', '无变化'), ('refused', '未导入'), ('warning', '有提醒')], max_length=10, verbose_name='结果')),
                ('words', models.TextField(blank=True, verbose_name='说明')),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='verdicts', to='org.importbatch', verbose_name='导入')),
            ],
            options={
                'verbose_name': '导入结果',
                'verbose_name_plural': '导入结果',
                'ordering': ['batch', 'position'],
            },
        ),
        migrations.AddConstraint(
            model_name='importbatch',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['judging', 'storing'])), fields=('uploaded_by',), name='one_import_at_a_time_a_person'),
        ),
        migrations.AddConstraint(
            model_name='importbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['stored', 'undoing', 'undone']), ('stored_at__isnull', False), ('transaction__isnull', False)), models.Q(models.Q(('state__in', ['stored', 'undoing', 'undone']), _negated=True), ('stored_at', None), ('transaction', None)), _connector='OR'), name='import_stored_by_a_transaction'),
        ),
        migrations.AddIndex(
            model_name='importverdict',
            index=models.Index(fields=['batch', 'position'], name='verdict_of_batch'),
        ),
        migrations.AddIndex(
            model_name='importverdict',
            index=models.Index(fields=['batch', 'outcome', 'position'], name='verdict_by_outcome'),
        ),
    ]
