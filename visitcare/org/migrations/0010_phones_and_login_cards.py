"""The phones on which people are signed in, and the cards that sign them in once."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0009_import_rights'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LoginCard',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='login_card', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('token_hash', models.CharField(max_length=64, unique=True, verbose_name='令牌指纹')),
                ('printed_at', models.DateTimeField(verbose_name='打印时间')),
                ('printed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='打印人')),
            ],
            options={
                'verbose_name': '登录卡',
                'verbose_name_plural': '登录卡',
            },
        ),
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('how', models.CharField(choices=[('password', '密码'), ('card', '登录卡')], max_length=10, verbose_name='登录方式')),
                ('browser', models.CharField(max_length=40, verbose_name='手机')),
                ('registered_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登录时间')),
                ('last_used_on', models.DateField(verbose_name='最近使用')),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='phone', to='sessions.session', verbose_name='会话')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='phones', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '登录的手机',
                'verbose_name_plural': '登录的手机',
                'ordering': ['-last_used_on', '-registered_at'],
            },
        ),
    ]
