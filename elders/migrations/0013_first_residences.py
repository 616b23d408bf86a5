"""Everybody lives where they are registered, as far back as is known."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def fill(apps, schema_editor):
    Elder = apps.get_model("elders", "Elder")
    Residence = apps.get_model("elders", "Residence")
    without = Elder.objects.filter(~Exists(Residence.objects.filter(elder=OuterRef("pk"))))
    Residence.objects.bulk_create(
        (
            Residence(elder_id=elder, household_id=household)
            for elder, household in without.values_list("pk", "household").iterator()
        ),
        batch_size=2_000,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0012_residences_and_moves'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
