"""A referral remembers which visit saw it solved."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0017_photos'),
    ]

    operations = [
        migrations.AddField(
            model_name='referral',
            name='solved_in',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='solved', to='visits.visit', verbose_name='在哪次探访时看到解决'),
        ),
    ]
