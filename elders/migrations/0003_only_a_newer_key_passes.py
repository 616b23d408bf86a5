import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_only_a_newer_key_passes'),
        ('elders', '0002_history'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='elder',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='householdmember',
            name='update_update',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='elder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."name", OLD."sex", OLD."birth_date", OLD."paper_kind", OLD."id_number_index", OLD."id_number_tail", OLD."emergency_name", OLD."emergency_sex", OLD."hukou_address", OLD."status", OLD."closed_on", OLD."close_reason", OLD."merged_into_id", OLD."created_at") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."name", NEW."sex", NEW."birth_date", NEW."paper_kind", NEW."id_number_index", NEW."id_number_tail", NEW."emergency_name", NEW."emergency_sex", NEW."hukou_address", NEW."status", NEW."closed_on", NEW."close_reason", NEW."merged_into_id", NEW."created_at") OR NOT audit_says_the_same(OLD."id_number", NEW."id_number") OR NOT audit_says_the_same(OLD."phone", NEW."phone") OR NOT audit_says_the_same(OLD."emergency_phone", NEW."emergency_phone"))', func='INSERT INTO "elders_elderhistory" ("birth_date", "close_reason", "closed_on", "created_at", "emergency_name", "emergency_phone", "emergency_sex", "household_id", "hukou_address", "id", "id_number", "merged_into_id", "name", "paper_kind", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sex", "status") VALUES (OLD."birth_date", OLD."close_reason", OLD."closed_on", OLD."created_at", OLD."emergency_name", OLD."emergency_phone", OLD."emergency_sex", OLD."household_id", OLD."hukou_address", OLD."id", OLD."id_number", OLD."merged_into_id", OLD."name", OLD."paper_kind", NOW(), \'update\', OLD."id", OLD."phone", OLD."sex", OLD."status"); RETURN NULL;', hash='9ac749ff9ef6597bc6a93ae7a74aff1496288bf1', operation='UPDATE', pgid='pgtrigger_update_update_8f039', table='elders_elder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='householdmember',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."household_id", OLD."name", OLD."sex", OLD."relation", OLD."id_number_index", OLD."birth_date", OLD."health", OLD."lives_here", OLD."visits_often") IS DISTINCT FROM ROW(NEW."id", NEW."household_id", NEW."name", NEW."sex", NEW."relation", NEW."id_number_index", NEW."birth_date", NEW."health", NEW."lives_here", NEW."visits_often") OR NOT audit_says_the_same(OLD."id_number", NEW."id_number"))', func='INSERT INTO "elders_householdmemberhistory" ("birth_date", "health", "household_id", "id", "id_number", "lives_here", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "sex", "visits_often") VALUES (OLD."birth_date", OLD."health", OLD."household_id", OLD."id", OLD."id_number", OLD."lives_here", OLD."name", NOW(), \'update\', OLD."id", OLD."relation", OLD."sex", OLD."visits_often"); RETURN NULL;', hash='808d246eda14d2921d67d194a122f5cc64596339', operation='UPDATE', pgid='pgtrigger_update_update_a49e6', table='elders_householdmember', when='AFTER')),
        ),
        NeverIgnored(),
    ]
