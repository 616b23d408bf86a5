"""A class by override is told from the engine's also where the engine finds none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0015_screening'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='classperiod',
            name='class_differs_by_override',
        ),
        migrations.AddConstraint(
            model_name='classperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('computed_class__isnull', False), ('risk_class', models.F('computed_class'))), ('override__isnull', False), _connector='OR'), name='class_differs_by_override'),
        ),
    ]
