import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Failed attempts of which the towns were told, so that none is forgotten while nobody has reached the elder."""

    dependencies = [
        ('visits', '0009_index_failed_attempts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('visited', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='alert', serialize=False, to='visits.visitedelder', verbose_name='没联系上')),
                ('at', models.DateTimeField(verbose_name='时间')),
            ],
            options={
                'verbose_name': '报给镇里的',
                'verbose_name_plural': '报给镇里的',
            },
        ),
    ]
