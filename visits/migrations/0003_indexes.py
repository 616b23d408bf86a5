import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """An index for the latest visits of a whole town; those of foreign keys that a unique constraint begins with go."""

    dependencies = [
        ('elders', '0002_history'),
        ('visits', '0002_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='obligation',
            name='elder',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AlterField(
            model_name='plannedvisit',
            name='elder',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='planned_visits', to='elders.elder', verbose_name='老人'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(fields=['-started_at'], name='visit_time'),
        ),
    ]
