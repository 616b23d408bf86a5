import visitcare.audit.models
from django.db import migrations, models

from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):
    """Events bear the number of their transaction, as the entries of history do that were written with them; those
    from before have none. Entries of history stay."""

    dependencies = [
        ('audit', '0002_never_truncated'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='transaction',
            field=models.BigIntegerField(null=True, verbose_name='事务'),
        ),
        migrations.AlterField(
            model_name='event',
            name='transaction',
            field=models.BigIntegerField(db_default=visitcare.audit.models.CurrentTransaction(), db_index=True, null=True, verbose_name='事务'),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION audit_guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' AND current_setting('visitcare.rekeying', true) = 'on'
                   AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'history is only added to'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'history_stays';
            END $$;
            """,
            "DROP FUNCTION audit_guard_history() CASCADE;",
        ),
        NeverIgnored(),
    ]
