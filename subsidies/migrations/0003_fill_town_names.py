from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Settlement = apps.get_model("subsidies", "Settlement")
    Division = apps.get_model("org", "Division")
    names = Division.objects.filter(pk=OuterRef("town")).values("name")
    Settlement.objects.filter(town_name="").update(town_name=Subquery(names))


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0002_settlement_town_name'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
