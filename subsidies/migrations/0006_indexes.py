import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes of foreign keys that a unique constraint begins with go."""

    dependencies = [
        ('subsidies', '0005_history'),
    ]

    operations = [
        migrations.AlterField(
            model_name='line',
            name='settlement',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='subsidies.settlement', verbose_name='结算'),
        ),
        migrations.AlterField(
            model_name='unpaidvisit',
            name='settlement',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='unpaid_visits', to='subsidies.settlement', verbose_name='结算'),
        ),
    ]
