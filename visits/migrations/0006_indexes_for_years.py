from django.db import migrations, models


class Migration(migrations.Migration):
    """Settling looks back over years: at keys alone, and at the few that are not valid."""

    dependencies = [
        ('visits', '0005_index_history'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='visit',
            name='visit_village_time',
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(fields=['village_code', 'started_at'], include=('id',), name='visit_village_time'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('state', 'valid'), _negated=True), fields=['village_code'], name='visit_not_valid'),
        ),
    ]
