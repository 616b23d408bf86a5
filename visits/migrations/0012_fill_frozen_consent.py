"""What the obligations that exist were reckoned from: the consents and the versions of the care policy of their Mondays.

Someone who is owed home visits was owed them whatever a consent says that was written down later.
"""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Obligation = apps.get_model("visits", "Obligation")
    Consent = apps.get_model("elders", "Consent")
    PolicyVersion = apps.get_model("policy", "PolicyVersion")
    said = Consent.objects.filter(elder=OuterRef("elder"), since__lte=OuterRef("monday")).order_by("-since")
    by_phone = Obligation.objects.filter(home_required=0).annotate(said=Subquery(said.values("kind")[:1]))
    by_phone.filter(said="phone_only").update(consent="phone_only")
    versions = PolicyVersion.objects.filter(series="care", enacted_at__isnull=False)
    without = [
        one.effective_from for one in versions if not one.values.get("surplus_home_covers_phone", True)
    ]
    Obligation.objects.filter(policy_version__in=without).update(surplus_covers=False)


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0018_what_a_draft_began_with'),
        ('policy', '0004_index_history'),
        ('visits', '0011_frozen_consent'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
