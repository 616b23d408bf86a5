import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0004_keys_grow_with_time'),
    ]

    operations = [
        migrations.AlterField(
            model_name='visitedelderhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='visits.visitedelder'),
        ),
        migrations.AlterField(
            model_name='visithistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='visits.visit'),
        ),
    ]
