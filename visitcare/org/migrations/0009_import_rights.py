"""An import asks for the rights of its options too, not for that of its kind alone."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

ASK_FOR_ALL = """
UPDATE org_importbatch SET rights = ARRAY['import_sheets', "right"]
    || CASE WHEN 'approve' = ANY (options) THEN ARRAY['approve_elder'] ELSE '{}' END
"""
ASK_FOR_ONE = 'UPDATE org_importbatch SET "right" = rights[2]'


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0008_import_batches'),
    ]

    operations = [
        migrations.AddField(
            model_name='importbatch',
            name='rights',
            field=ArrayField(base_field=models.CharField(max_length=30), default=list, size=None, verbose_name='权限'),
        ),
        migrations.AlterField(
            model_name='importbatch',
            name='right',
            field=models.CharField(default='', max_length=30, verbose_name='权限'),
        ),
        migrations.RunSQL(ASK_FOR_ALL, ASK_FOR_ONE),
        migrations.RemoveField(
            model_name='importbatch',
            name='right',
        ),
    ]
