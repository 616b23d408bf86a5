"""Registrations that are being filled in on phones, what of a new form waits for the town; and an index to find whoever has a name and a birth date."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import visitcare.kit.encryption


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('elders', '0010_class_beside_override'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegistrationDraft',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('answers', visitcare.kit.encryption.EncryptedTextField(default='{}', verbose_name='填写的内容')),
                ('step', models.CharField(max_length=12, verbose_name='填到哪一步')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='开始填写')),
                ('updated_at', models.DateTimeField(db_index=True, verbose_name='最近保存')),
                ('elder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='elders.elder', verbose_name='老人')),
                ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='elders.household', verbose_name='户')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填写人')),
            ],
            options={
                'verbose_name': '没填完的登记',
                'verbose_name_plural': '没填完的登记',
                'ordering': ['-updated_at'],
                'constraints': [models.UniqueConstraint(fields=('made_by', 'elder'), name='one_draft_of_an_elder_by_one_person')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('form', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='proposal', serialize=False, to='elders.registrationform', verbose_name='登记表')),
                ('content', visitcare.kit.encryption.EncryptedTextField(verbose_name='批准后才生效的内容')),
            ],
            options={
                'verbose_name': '批准后才生效的内容',
                'verbose_name_plural': '批准后才生效的内容',
            },
        ),
        migrations.AddIndex(
            model_name='elder',
            index=models.Index(fields=['birth_date', 'name'], name='elder_birth_name'),
        ),
        migrations.AddIndex(
            model_name='householdmember',
            index=models.Index(fields=['birth_date', 'name'], name='member_birth_name'),
        ),
    ]
