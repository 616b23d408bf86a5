
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0004_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='PasswordTries',
            fields=[
                ('key', models.CharField(editable=False, max_length=32, primary_key=True, serialize=False, verbose_name='索引')),
                ('tries', models.PositiveIntegerField(default=0, verbose_name='次数')),
                ('last_at', models.DateTimeField(db_index=True, verbose_name='最近一次')),
            ],
            options={
                'verbose_name': '密码尝试',
                'verbose_name_plural': '密码尝试',
            },
        ),
    ]
