import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0002_system_actor'),
    ]

    operations = [
        migrations.AddField(
            model_name='posting',
            name='registered_at',
            field=models.DateTimeField(auto_now_add=True, default=django.utils.timezone.now, verbose_name='登记时间'),
            preserve_default=False,
        ),
    ]
