import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0003_only_a_newer_key_passes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='activeperiodhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.activeperiod'),
        ),
        migrations.AlterField(
            model_name='assessmenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.assessment'),
        ),
        migrations.AlterField(
            model_name='assignmenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.assignment'),
        ),
        migrations.AlterField(
            model_name='classperiodhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.classperiod'),
        ),
        migrations.AlterField(
            model_name='consenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.consent'),
        ),
        migrations.AlterField(
            model_name='elderhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.elder'),
        ),
        migrations.AlterField(
            model_name='householdhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.household'),
        ),
        migrations.AlterField(
            model_name='householdmemberhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.householdmember'),
        ),
        migrations.AlterField(
            model_name='pausehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.pause'),
        ),
        migrations.AlterField(
            model_name='registrationformhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='elders.registrationform'),
        ),
    ]
