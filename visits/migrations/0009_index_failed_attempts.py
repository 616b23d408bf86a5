from django.db import migrations, models


class Migration(migrations.Migration):
    """Of all contacts of years, the few that failed lately."""

    dependencies = [
        ('visits', '0008_inquiries'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='visitedelder',
            index=models.Index(condition=models.Q(('countable', False)), fields=['started_at'], name='visited_in_vain'),
        ),
        migrations.AddIndex(
            model_name='visitedelder',
            index=models.Index(condition=models.Q(('countable', False)), fields=['elder', 'started_at'], name='elder_in_vain'),
        ),
    ]
