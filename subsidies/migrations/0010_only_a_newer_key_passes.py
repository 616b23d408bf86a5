import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from visitcare.kit.triggers import NeverIgnored

GUARD = """
-- The arguments are encrypted columns, which a change of key may write anew: audit/migrations/0004.
CREATE OR REPLACE FUNCTION subsidies_guard_changed_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM subsidies_insist_open(ARRAY[OLD.settlement_id]);
        RETURN OLD;
    END IF;
    IF current_setting('visitcare.rekeying', true) = 'on' AND {nothing_said_anew} THEN
        RETURN NEW;
    END IF;
    PERFORM subsidies_insist_open(ARRAY[OLD.settlement_id, NEW.settlement_id]);
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_only_a_newer_key_passes'),
        ('subsidies', '0009_triggers_see_our_tables'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='line',
            name='update_update',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='line',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."settlement_id", OLD."worker_id", OLD."place_code", OLD."place_words", OLD."payee_name", OLD."bank", OLD."home_count", OLD."greeting_count", OLD."beyond_minimum", OLD."amount", OLD."remark") IS DISTINCT FROM ROW(NEW."id", NEW."settlement_id", NEW."worker_id", NEW."place_code", NEW."place_words", NEW."payee_name", NEW."bank", NEW."home_count", NEW."greeting_count", NEW."beyond_minimum", NEW."amount", NEW."remark") OR NOT audit_says_the_same(OLD."payee_id_number", NEW."payee_id_number") OR NOT audit_says_the_same(OLD."payee_mobile", NEW."payee_mobile") OR NOT audit_says_the_same(OLD."card", NEW."card"))', func='INSERT INTO "subsidies_linehistory" ("amount", "bank", "beyond_minimum", "card", "greeting_count", "home_count", "id", "payee_id_number", "payee_mobile", "payee_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_code", "place_words", "remark", "settlement_id", "worker_id") VALUES (OLD."amount", OLD."bank", OLD."beyond_minimum", OLD."card", OLD."greeting_count", OLD."home_count", OLD."id", OLD."payee_id_number", OLD."payee_mobile", OLD."payee_name", NOW(), \'update\', OLD."id", OLD."place_code", OLD."place_words", OLD."remark", OLD."settlement_id", OLD."worker_id"); RETURN NULL;', hash='6f1a9d1a7d66eb457297e1d03672ce8b64e3b5de', operation='UPDATE', pgid='pgtrigger_update_update_d58ca', table='subsidies_line', when='AFTER')),
        ),
        migrations.RunSQL(
            GUARD.format(nothing_said_anew="audit_nothing_said_anew(to_jsonb(OLD), to_jsonb(NEW), TG_ARGV)"),
            GUARD.format(nothing_said_anew="to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV"),
        ),
        NeverIgnored(),
    ]
