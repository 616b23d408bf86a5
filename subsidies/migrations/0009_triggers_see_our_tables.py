from django.db import migrations

from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):
    """A database from before has trigger functions that would look into a temporary table instead of ours."""

    dependencies = [
        ('audit', '0003_transactions'),
        ('elders', '0002_history'),
        ('org', '0004_history'),
        ('policy', '0003_history'),
        ('subsidies', '0008_reversals_leave_no_gap'),
        ('visits', '0002_history'),
    ]

    operations = [
        NeverIgnored(),
    ]
