from django.db import migrations

from visitcare.kit.triggers import NeverIgnored

STAYS = """
CREATE OR REPLACE FUNCTION audit_guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('visitcare.rekeying', true) = 'on' AND {nothing_said_anew} THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'history is only added to'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'history_stays';
END $$;
"""


class Migration(migrations.Migration):
    """A change of key takes encrypted values to a key of a higher number. Nothing else passes for one: any role may set
    visitcare.rekeying, but a value that is copied from another row has the key that was there before."""

    dependencies = [
        ('audit', '0003_transactions'),
    ]

    operations = [
        migrations.RunSQL(
            r"""
            CREATE FUNCTION audit_says_the_same(old text, new text) RETURNS boolean LANGUAGE sql STABLE
            RETURN old IS NOT DISTINCT FROM new
                OR current_setting('visitcare.rekeying', true) IS NOT DISTINCT FROM 'on'
               AND old IS DISTINCT FROM ''
               AND coalesce(substring(new FROM '^k(\d+):')::numeric, 0)
                 > coalesce(substring(old FROM '^k(\d+):')::numeric, 0);

            -- Of no encrypted columns this is null, and nothing passes.
            CREATE FUNCTION audit_nothing_said_anew(old jsonb, new jsonb, sealed text[]) RETURNS boolean LANGUAGE sql STABLE
            RETURN new - sealed = old - sealed
               AND (SELECT bool_and(audit_says_the_same(old ->> name, new ->> name)) FROM unnest(sealed) name);
            """
            + STAYS.format(nothing_said_anew="audit_nothing_said_anew(to_jsonb(OLD), to_jsonb(NEW), TG_ARGV)"),
            STAYS.format(nothing_said_anew="to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV")
            + "DROP FUNCTION audit_nothing_said_anew(jsonb, jsonb, text[]), audit_says_the_same(text, text);",
        ),
        NeverIgnored(),
    ]
