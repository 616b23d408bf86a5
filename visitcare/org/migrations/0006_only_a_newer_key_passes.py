import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_only_a_newer_key_passes'),
        ('org', '0005_password_tries'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='bankaccount',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='user',
            name='update_update',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."user_id", OLD."bank", OLD."since") IS DISTINCT FROM ROW(NEW."id", NEW."user_id", NEW."bank", NEW."since") OR NOT audit_says_the_same(OLD."card", NEW."card"))', func='INSERT INTO "org_bankaccounthistory" ("bank", "card", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "user_id") VALUES (OLD."bank", OLD."card", OLD."id", NOW(), \'update\', OLD."id", OLD."since", OLD."user_id"); RETURN NULL;', hash='585ace6abb084079aae099b2af9442547d152635', operation='UPDATE', pgid='pgtrigger_update_update_7313b', table='org_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."password", OLD."id", OLD."login", OLD."name", OLD."mobile_index", OLD."id_number_index", OLD."is_active", OLD."must_change_password", OLD."joined_at") IS DISTINCT FROM ROW(NEW."password", NEW."id", NEW."login", NEW."name", NEW."mobile_index", NEW."id_number_index", NEW."is_active", NEW."must_change_password", NEW."joined_at") OR NOT audit_says_the_same(OLD."mobile", NEW."mobile") OR NOT audit_says_the_same(OLD."id_number", NEW."id_number"))', func='INSERT INTO "org_userhistory" ("id", "id_number", "is_active", "joined_at", "login", "mobile", "must_change_password", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."id", OLD."id_number", OLD."is_active", OLD."joined_at", OLD."login", OLD."mobile", OLD."must_change_password", OLD."name", NOW(), \'update\', OLD."id"); RETURN NULL;', hash='de9be1bc0a899cf8ab803fe55a9e59aa764cd197', operation='UPDATE', pgid='pgtrigger_update_update_8281b', table='org_user', when='AFTER')),
        ),
        NeverIgnored(),
    ]
