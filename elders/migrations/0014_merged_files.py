"""A file that was merged into another says so as the reason of its closing, and the other way round."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0013_first_residences'),
    ]

    operations = [
        migrations.AlterField(
            model_name='elder',
            name='close_reason',
            field=models.CharField(blank=True, choices=[('died', '去世'), ('moved', '迁出'), ('institution', '入住机构'), ('not_eligible', '不再符合条件'), ('merged', '并档')], max_length=20, verbose_name='注销原因'),
        ),
        migrations.AlterField(
            model_name='elder',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='elders.elder', verbose_name='并入'),
        ),
        migrations.AlterField(
            model_name='elderhistory',
            name='close_reason',
            field=models.CharField(blank=True, choices=[('died', '去世'), ('moved', '迁出'), ('institution', '入住机构'), ('not_eligible', '不再符合条件'), ('merged', '并档')], max_length=20, verbose_name='注销原因'),
        ),
        migrations.AddConstraint(
            model_name='elder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('close_reason', 'merged'), ('merged_into__isnull', False)), models.Q(models.Q(('close_reason', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'), name='merged_into_where_that_is_why'),
        ),
        migrations.AddConstraint(
            model_name='elder',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='merged_into_another'),
        ),
    ]
