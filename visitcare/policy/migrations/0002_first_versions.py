"""Both series begin on 2024-01-01 with the readings of the code."""

from django.db import migrations
from django.utils import timezone

from visitcare.policy.rules import FIRST_VERSION, SERIES


def add(apps, schema_editor):
    version = apps.get_model("policy", "PolicyVersion")
    system = apps.get_model("org", "User").objects.get(login="system")
    for series, values in SERIES.items():
        version.objects.get_or_create(
            series=series,
            effective_from=FIRST_VERSION,
            defaults={
                "values": values().to_json(),
                "note": "启民发〔2024〕12号",
                "drafted_by": system,
                "enacted_by": system,
                "enacted_at": timezone.now(),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_versions"), ("org", "0002_system_actor")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
