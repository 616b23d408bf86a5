from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0001_settlements'),
    ]

    operations = [
        migrations.AddField(
            model_name='settlement',
            name='town_name',
            field=models.CharField(default='', max_length=60, verbose_name='镇名'),
            preserve_default=False,
        ),
    ]
