import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0010_only_a_newer_key_passes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='linehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='subsidies.line'),
        ),
        migrations.AlterField(
            model_name='settlementhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='subsidies.settlement'),
        ),
        migrations.AlterField(
            model_name='withholdinghistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='subsidies.withholding'),
        ),
    ]
