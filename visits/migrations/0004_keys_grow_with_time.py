import visitcare.kit.keys
from django.db import migrations, models


class Migration(migrations.Migration):
    """New keys of visits begin with the time."""

    dependencies = [
        ('visits', '0003_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='visit',
            name='id',
            field=models.UUIDField(default=visitcare.kit.keys.uuid7, primary_key=True, serialize=False, verbose_name='编号'),
        ),
        migrations.AlterField(
            model_name='visithistory',
            name='id',
            field=models.UUIDField(default=visitcare.kit.keys.uuid7, serialize=False, verbose_name='编号'),
        ),
    ]
