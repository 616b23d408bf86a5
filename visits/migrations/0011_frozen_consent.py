"""An obligation says from which consent it was reckoned, and whether surplus home visits cover greetings."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0010_alerts'),
    ]

    operations = [
        migrations.AddField(
            model_name='obligation',
            name='consent',
            field=models.CharField(choices=[('full', '愿意'), ('phone_only', '仅电话'), ('refused', '不愿意')], default='full', max_length=12, verbose_name='探访意愿'),
        ),
        migrations.AddField(
            model_name='obligation',
            name='surplus_covers',
            field=models.BooleanField(default=True, verbose_name='多上门可抵电话'),
        ),
        migrations.AddConstraint(
            model_name='obligation',
            constraint=models.CheckConstraint(condition=models.Q(('consent', 'full'), models.Q(('consent', 'phone_only'), ('home_required', 0)), _connector='OR'), name='obligation_fits_consent'),
        ),
    ]
