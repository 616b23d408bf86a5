"""The condition of a dwelling is its household's alone."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from visitcare.kit.triggers import NeverIgnored


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0006_copy_conditions'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='registrationform',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registrationform',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registrationform',
            name='delete_delete',
        ),
        migrations.RemoveField(
            model_name='registrationform',
            name='age_friendly',
        ),
        migrations.RemoveField(
            model_name='registrationform',
            name='housing_safe',
        ),
        migrations.RemoveField(
            model_name='registrationform',
            name='power_safe',
        ),
        migrations.RemoveField(
            model_name='registrationform',
            name='water_safe',
        ),
        migrations.RemoveField(
            model_name='registrationformhistory',
            name='age_friendly',
        ),
        migrations.RemoveField(
            model_name='registrationformhistory',
            name='housing_safe',
        ),
        migrations.RemoveField(
            model_name='registrationformhistory',
            name='power_safe',
        ),
        migrations.RemoveField(
            model_name='registrationformhistory',
            name='water_safe',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "id", "illness_evidence", "illness_id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_on", "serious_illness", "spouse_location", "state") VALUES (NEW."able_adult_at_home", NEW."cannot_speak_or_hear", NEW."cares_for_dependent_child", NEW."child_location", NEW."decided_at", NEW."decided_by_id", NEW."decision_reason", NEW."dementia", NEW."disability_grade", NEW."economy", NEW."elder_id", NEW."family_planning_special", NEW."id", NEW."illness_evidence", NEW."illness_id", NEW."illness_words", NEW."income_source", NEW."left_behind", NEW."lives_with_dependent_child_long_term", NEW."living", NEW."made_by_id", NEW."monthly_income", NEW."other", NEW."past_illnesses", NOW(), \'insert\', NEW."id", NEW."registered_on", NEW."serious_illness", NEW."spouse_location", NEW."state"); RETURN NULL;', hash='c43babafd75cd42fe6391630d33d27e9ae29a42b', operation='INSERT', pgid='pgtrigger_insert_insert_2f613', table='elders_registrationform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (ROW(OLD."id", OLD."elder_id", OLD."registered_on", OLD."state", OLD."living", OLD."spouse_location", OLD."child_location", OLD."able_adult_at_home", OLD."dementia", OLD."cannot_speak_or_hear", OLD."disability_grade", OLD."serious_illness", OLD."illness_id", OLD."illness_evidence", OLD."illness_words", OLD."past_illnesses", OLD."economy", OLD."monthly_income", OLD."income_source", OLD."family_planning_special", OLD."left_behind", OLD."cares_for_dependent_child", OLD."lives_with_dependent_child_long_term", OLD."other", OLD."made_by_id", OLD."decided_by_id", OLD."decided_at", OLD."decision_reason") IS DISTINCT FROM ROW(NEW."id", NEW."elder_id", NEW."registered_on", NEW."state", NEW."living", NEW."spouse_location", NEW."child_location", NEW."able_adult_at_home", NEW."dementia", NEW."cannot_speak_or_hear", NEW."disability_grade", NEW."serious_illness", NEW."illness_id", NEW."illness_evidence", NEW."illness_words", NEW."past_illnesses", NEW."economy", NEW."monthly_income", NEW."income_source", NEW."family_planning_special", NEW."left_behind", NEW."cares_for_dependent_child", NEW."lives_with_dependent_child_long_term", NEW."other", NEW."made_by_id", NEW."decided_by_id", NEW."decided_at", NEW."decision_reason"))', func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "id", "illness_evidence", "illness_id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_on", "serious_illness", "spouse_location", "state") VALUES (OLD."able_adult_at_home", OLD."cannot_speak_or_hear", OLD."cares_for_dependent_child", OLD."child_location", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."dementia", OLD."disability_grade", OLD."economy", OLD."elder_id", OLD."family_planning_special", OLD."id", OLD."illness_evidence", OLD."illness_id", OLD."illness_words", OLD."income_source", OLD."left_behind", OLD."lives_with_dependent_child_long_term", OLD."living", OLD."made_by_id", OLD."monthly_income", OLD."other", OLD."past_illnesses", NOW(), \'update\', OLD."id", OLD."registered_on", OLD."serious_illness", OLD."spouse_location", OLD."state"); RETURN NULL;', hash='d760b2660e975d5e40e9b40cce084f206cc6d37d', operation='UPDATE', pgid='pgtrigger_update_update_6ba23', table='elders_registrationform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registrationform',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "elders_registrationformhistory" ("able_adult_at_home", "cannot_speak_or_hear", "cares_for_dependent_child", "child_location", "decided_at", "decided_by_id", "decision_reason", "dementia", "disability_grade", "economy", "elder_id", "family_planning_special", "id", "illness_evidence", "illness_id", "illness_words", "income_source", "left_behind", "lives_with_dependent_child_long_term", "living", "made_by_id", "monthly_income", "other", "past_illnesses", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_on", "serious_illness", "spouse_location", "state") VALUES (OLD."able_adult_at_home", OLD."cannot_speak_or_hear", OLD."cares_for_dependent_child", OLD."child_location", OLD."decided_at", OLD."decided_by_id", OLD."decision_reason", OLD."dementia", OLD."disability_grade", OLD."economy", OLD."elder_id", OLD."family_planning_special", OLD."id", OLD."illness_evidence", OLD."illness_id", OLD."illness_words", OLD."income_source", OLD."left_behind", OLD."lives_with_dependent_child_long_term", OLD."living", OLD."made_by_id", OLD."monthly_income", OLD."other", OLD."past_illnesses", NOW(), \'delete\', OLD."id", OLD."registered_on", OLD."serious_illness", OLD."spouse_location", OLD."state"); RETURN NULL;', hash='577b2c02103aab664452ce6435ad2c664208ae9e', operation='DELETE', pgid='pgtrigger_delete_delete_673b9', table='elders_registrationform', when='AFTER')),
        ),
        NeverIgnored(),
    ]
