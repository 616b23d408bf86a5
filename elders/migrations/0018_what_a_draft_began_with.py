"""A draft keeps what stood in the household's file when it began, so that only what its maker has changed is written."""

from django.db import migrations

import visitcare.kit.encryption


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0017_place_of_a_coming_household'),
    ]

    operations = [
        migrations.AddField(
            model_name='registrationdraft',
            name='beginning',
            field=visitcare.kit.encryption.EncryptedTextField(default='{}', verbose_name='开始时户里的资料'),
        ),
    ]
