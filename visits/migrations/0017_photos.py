import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import visitcare.kit.encryption


class Migration(migrations.Migration):
    """Photographs of visits."""

    dependencies = [
        ('visits', '0016_positions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False, verbose_name='编号')),
                ('digest', models.CharField(db_index=True, max_length=64, verbose_name='来时的指纹')),
                ('width', models.PositiveSmallIntegerField(verbose_name='宽')),
                ('height', models.PositiveSmallIntegerField(verbose_name='高')),
                ('size', models.PositiveIntegerField(verbose_name='字节')),
                ('content', visitcare.kit.encryption.EncryptedBinaryField(verbose_name='照片')),
                ('forgotten', models.BooleanField(default=False, verbose_name='到期删除')),
                ('received_at', models.DateTimeField(verbose_name='收到时间')),
                ('sent_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发送人')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='visits.visit', verbose_name='探访记录')),
            ],
            options={
                'verbose_name': '照片',
                'verbose_name_plural': '照片',
                'ordering': ['received_at', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='photo',
            constraint=models.CheckConstraint(condition=models.Q(('height__range', (1, 1600)), ('size__range', (1, 307200)), ('width__range', (1, 1600))), name='photo_is_small'),
        ),
    ]
