"""Who sees which rows, asked twice: of `visible_to`, and of SQL that was written from the words of domain.md §6,
docs/rooms.md and the roles' own sentences. It climbs the tree by its parents; the product compares codes.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import Model
from django.utils import timezone

from elders.models import Elder, Household, SeriousIllness
from tests.doors.forest import Forest
from visitcare.audit.history import RowHistory
from visitcare.kit.scope import ScopedQuerySet
from visitcare.kit.weeks import today
from visitcare.org.models import PasswordTries, User
from visitcare.policy.models import PolicyVersion
from visits.actions.surroundings import Surroundings
from visits.models import OpenedWeek

pytestmark = pytest.mark.django_db

OURS = {"audit", "org", "policy", "elders", "visits", "subsidies"}
NOBODYS: set[type[Model]] = {OpenedWeek, PolicyVersion, SeriousIllness}
"""Rows that say nothing of a person and lie in no place: which weeks are open, the readings of the notice, the county's
list of illnesses."""

WITHOUT_LISTS = {PasswordTries, *(model for model in apps.get_models() if issubclass(model, RowHistory))}
"""Counts under keys that nobody can read; and histories, which stand on the pages of their rows."""

WHO = """
WITH RECURSIVE me AS (SELECT id FROM org_user WHERE id = %(me)s AND is_active),
serving AS (
    SELECT p.role, p.place_code FROM org_posting p JOIN me ON p.user_id = me.id
    WHERE p.starts_on <= %(today)s AND (p.ends_on IS NULL OR p.ends_on >= %(today)s)
),
below (role, code) AS (
    SELECT role, place_code FROM serving
    UNION SELECT below.role, d.code FROM below JOIN org_division d ON d.parent_code = below.code
),
anywhere AS (SELECT code FROM below),
around_place (code, above) AS (
    SELECT code, code FROM org_division
    UNION SELECT a.code, d.parent_code FROM around_place a JOIN org_division d ON d.code = a.above
    WHERE d.parent_code IS NOT NULL
),
in_town (code, town_code) AS (
    SELECT a.code, a.above FROM around_place a JOIN org_division d ON d.code = a.above WHERE d.level = 'town'
),
arranging AS (SELECT code FROM below WHERE role IN ('village_cadre', 'town_reviewer', 'town_head')),
rounds AS (SELECT code FROM below WHERE role IN ('grid_worker', 'village_cadre', 'visitor')),
screeners AS (SELECT code FROM below WHERE role IN ('grid_worker', 'village_cadre')),
registry AS (
    SELECT code FROM below WHERE role IN
        ('village_cadre', 'town_reviewer', 'town_head', 'county_officer', 'county_approver', 'auditor')
),
money AS (
    SELECT code FROM below WHERE role IN
        ('town_reviewer', 'town_head', 'county_officer', 'county_approver', 'auditor')
),
registering AS (
    SELECT code FROM below WHERE role IN ('grid_worker', 'village_cadre', 'town_reviewer', 'town_head')
),
accounts AS (
    SELECT code FROM below WHERE role IN
        ('town_reviewer', 'town_head', 'county_officer', 'county_approver', 'auditor', 'system_admin')
),
keeping AS (SELECT code FROM below WHERE role IN ('town_head', 'system_admin')),
printing AS (SELECT code FROM below WHERE role IN ('village_cadre', 'town_head', 'system_admin')),
audited AS (
    SELECT code FROM below WHERE role IN ('town_head', 'county_officer', 'county_approver', 'auditor')
),
-- Whoever is named for a household, while they visit somewhere in its town themselves.
named AS (
    SELECT household_id, worker_id FROM elders_assignment a JOIN elders_household h ON h.id = a.household_id
    JOIN in_town t ON t.code = h.place_code
    WHERE starts_on <= %(today)s AND (ends_on IS NULL OR ends_on >= %(today)s) AND EXISTS (
        SELECT FROM org_posting p JOIN org_user u ON u.id = p.user_id
        JOIN in_town ON in_town.code = p.place_code AND in_town.town_code = t.town_code
        WHERE p.user_id = a.worker_id AND u.is_active AND p.role IN ('grid_worker', 'village_cadre', 'visitor')
        AND p.starts_on <= %(today)s AND (p.ends_on IS NULL OR p.ends_on >= %(today)s)
    )
),
-- Whoever stands in, while they visit somewhere in the town themselves.
standing AS (
    SELECT s.absent_id, s.town_code, s.handed_over FROM elders_standin s JOIN me ON s.substitute_id = me.id
    WHERE %(today)s BETWEEN s.starts_on AND s.ends_on AND EXISTS (
        SELECT FROM rounds JOIN in_town ON in_town.code = rounds.code WHERE in_town.town_code = s.town_code
    )
),
handed_over AS (
    SELECT h.id FROM elders_household h JOIN in_town t ON t.code = h.place_code
    JOIN standing s ON s.town_code = t.town_code
    WHERE EXISTS (SELECT FROM around_place a WHERE a.code = h.place_code AND a.above = ANY (s.handed_over))
    AND (EXISTS (SELECT FROM named n WHERE n.household_id = h.id AND n.worker_id = s.absent_id)
    OR NOT EXISTS (SELECT FROM named n WHERE n.household_id = h.id) AND EXISTS (
        SELECT FROM org_posting p JOIN around_place a ON a.above = p.place_code AND a.code = h.place_code
        WHERE p.user_id = s.absent_id AND p.role IN ('grid_worker', 'visitor')
        AND p.starts_on <= %(today)s AND (p.ends_on IS NULL OR p.ends_on >= %(today)s)
        AND p.place_code IN (SELECT code FROM in_town WHERE town_code = s.town_code)
    ))
),
households AS (
    SELECT id FROM elders_household WHERE place_code IN (SELECT code FROM registry UNION SELECT code FROM rounds)
    UNION
    SELECT n.household_id FROM named n JOIN me ON n.worker_id = me.id
    UNION SELECT id FROM handed_over
),
persons AS (SELECT id FROM elders_elder WHERE household_id IN (SELECT id FROM households)),
visits AS (
    SELECT id FROM visits_visit
    WHERE village_code IN (SELECT code FROM registry) OR worker_id IN (SELECT id FROM me)
),
settlements AS (SELECT id FROM subsidies_settlement WHERE town_code IN (SELECT code FROM money)),
in_registry AS (SELECT id FROM elders_household WHERE place_code IN (SELECT code FROM registry)),
carries ("right", role) AS (VALUES
    ('import_sheets', 'town_reviewer'), ('import_sheets', 'town_head'), ('import_sheets', 'system_admin'),
    ('register_elder', 'grid_worker'), ('register_elder', 'village_cadre'),
    ('register_elder', 'town_reviewer'), ('register_elder', 'town_head'), ('approve_elder', 'town_head'),
    ('keep_workers', 'town_head'), ('keep_workers', 'system_admin'), ('review_visit', 'town_reviewer')
),
held AS (SELECT "right", code FROM below JOIN carries USING (role)),
holding AS (SELECT DISTINCT "right", place_code FROM serving JOIN carries USING (role)),
around AS (
    SELECT h."right", d.code FROM holding h JOIN org_division d ON starts_with(h.place_code, d.code)
    GROUP BY h."right", d.code
    HAVING count(*) = (SELECT count(*) FROM holding o WHERE o."right" = h."right")
),
reached AS (
    SELECT s."right", d.code FROM (SELECT "right", max(code) AS code FROM around GROUP BY "right") s
    JOIN org_division d ON starts_with(d.code, s.code)
),
imports AS (
    SELECT id FROM org_importbatch b
    WHERE NOT EXISTS (
        SELECT unnest(b.rights) EXCEPT SELECT "right" FROM held WHERE code = b.place_code
    ) OR b.uploaded_by_id IN (SELECT id FROM me) AND NOT EXISTS (
        SELECT unnest(b.rights) EXCEPT SELECT "right" FROM reached WHERE code = b.place_code
    )
)
"""
"""What the person may look at, each as one list: %(me)s sees nothing when the account is disabled."""

OF_ELDER = "SELECT id FROM {table} WHERE elder_id IN (SELECT id FROM persons)"
STILL_SERVING = """SELECT user_id FROM org_posting WHERE (ends_on IS NULL OR ends_on >= %(today)s)
    AND place_code IN (SELECT code FROM accounts UNION SELECT code FROM arranging)"""
OF_HOUSEHOLD = "SELECT id FROM {table} WHERE household_id IN (SELECT id FROM in_registry)"
OF_REGISTRATION = """SELECT t.id FROM {table} t JOIN elders_household h ON h.id = t.household_id
    WHERE h.place_code IN (SELECT code FROM registry UNION SELECT code FROM registering)"""
OF_VILLAGE = "SELECT id FROM {table} WHERE village_code IN (SELECT code FROM registry)"
OF_VISIT = "SELECT id FROM {table} WHERE visit_id IN (SELECT id FROM visits)"
OF_SETTLEMENT = "SELECT {key} FROM {table} WHERE settlement_id IN (SELECT id FROM settlements)"

WANTED = {
    # Names of places are no secret within one's own.
    "org.Division": "SELECT code FROM org_division WHERE code IN (SELECT code FROM anywhere)",
    # An account belongs to every place in which its person serves, served or is going to; one's own is one's own.
    "org.User": """SELECT id FROM org_user WHERE id IN (SELECT id FROM me)
        OR id IN (SELECT user_id FROM org_posting WHERE place_code IN (SELECT code FROM accounts))""",
    "org.Posting": "SELECT id FROM org_posting WHERE place_code IN (SELECT code FROM accounts)",
    "org.BankAccount": """SELECT id FROM org_bankaccount
        WHERE user_id IN (SELECT user_id FROM org_posting WHERE place_code IN (SELECT code FROM money))""",
    # One's own phones, and those of the people whose accounts one keeps; the cards that one could have printed.
    "org.Phone": """SELECT id FROM org_phone WHERE user_id IN (SELECT id FROM me)
        OR user_id IN (SELECT user_id FROM org_posting WHERE place_code IN (SELECT code FROM keeping))""",
    "org.LoginCard": """SELECT user_id FROM org_logincard
        WHERE user_id IN (SELECT user_id FROM org_posting WHERE place_code IN (SELECT code FROM printing))""",
    # Those who could have uploaded a file; who did, while it would be filed there or below: one who serves two towns
    # files it above both.
    "org.ImportBatch": "SELECT id FROM imports",
    "org.ImportVerdict": "SELECT id FROM org_importverdict WHERE batch_id IN (SELECT id FROM imports)",
    "elders.Household": "SELECT id FROM households",
    "elders.Residence": OF_ELDER,
    # Both the village that is left and the one that is asked see a move.
    "elders.Move": """SELECT id FROM elders_move WHERE village_code IN (SELECT code FROM registry)
        OR household_id IN (SELECT id FROM in_registry)""",
    "elders.Assignment": OF_HOUSEHOLD,
    # One's own; and where the worker serves, for those who keep accounts or arrange rounds there.
    "elders.DaysOff": f"""SELECT id FROM elders_daysoff
        WHERE worker_id IN (SELECT id FROM me) OR worker_id IN ({STILL_SERVING})""",
    # Of both; and of the town that hands over, for the same people. Another town's are that town's.
    "elders.StandIn": f"""SELECT id FROM elders_standin
        WHERE absent_id IN (SELECT id FROM me) OR substitute_id IN (SELECT id FROM me)
        OR town_code IN (SELECT code FROM accounts UNION SELECT code FROM arranging)
        OR absent_id IN ({STILL_SERVING}) AND town_code IN (
            SELECT town_code FROM in_town WHERE code IN (SELECT code FROM accounts UNION SELECT code FROM arranging)
        )""",
    # Who fills in annex 3 reads its second part and the third; who only visits does not.
    "elders.HouseholdMember": OF_REGISTRATION,
    "elders.AssistanceItem": OF_REGISTRATION,
    # What somebody has not finished is nobody else's.
    "elders.RegistrationDraft": "SELECT id FROM elders_registrationdraft WHERE made_by_id IN (SELECT id FROM me)",
    "elders.Proposal": """SELECT form_id FROM elders_proposal WHERE form_id IN (
        SELECT id FROM elders_registrationform WHERE elder_id IN (SELECT id FROM persons))""",
    "elders.Elder": "SELECT id FROM persons",
    "elders.RegistrationForm": OF_ELDER,
    "elders.Assessment": OF_ELDER,
    "elders.Consent": OF_ELDER,
    "elders.CarePlan": OF_ELDER,
    "elders.ActivePeriod": OF_ELDER,
    "elders.Pause": OF_ELDER,
    "elders.ClassOverride": OF_ELDER,
    "elders.ClassPeriod": OF_ELDER,
    "elders.ScreeningRound": "SELECT id FROM elders_screeninground WHERE town_code IN (SELECT code FROM registry)",
    "elders.ScreenedPerson": """SELECT id FROM elders_screenedperson
        WHERE place_code IN (SELECT code FROM registry UNION SELECT code FROM screeners)""",
    "visits.Obligation": OF_VILLAGE,
    "visits.Reckoning": """SELECT obligation_id FROM visits_reckoning WHERE obligation_id IN (
        SELECT id FROM visits_obligation WHERE village_code IN (SELECT code FROM registry))""",
    "visits.PlannedVisit": OF_VILLAGE,
    # What a county or a town asks for is read in all its villages, of which each sees its own elders.
    "visits.Campaign": """SELECT c.id FROM visits_campaign c WHERE EXISTS (
        SELECT FROM registry WHERE code = c.place_code OR code LIKE c.place_code || '%%')""",
    "visits.CampaignElder": OF_VILLAGE,
    "visits.Visit": "SELECT id FROM visits",
    "visits.VisitedElder": OF_VISIT,
    "visits.Flag": OF_VISIT,
    "visits.Review": OF_VISIT,
    "visits.Photo": OF_VISIT,
    "visits.Recheck": "SELECT visit_id FROM visits_recheck WHERE visit_id IN (SELECT id FROM visits)",
    "visits.Inquiry": OF_ELDER,
    "visits.Alert": """SELECT visited_id FROM visits_alert WHERE visited_id IN (
        SELECT id FROM visits_visitedelder WHERE visit_id IN (SELECT id FROM visits))""",
    # The place where something was found keeps it; whoever visits the household now is told of it.
    "visits.Referral": OF_VILLAGE + " OR household_id IN (SELECT id FROM households)",
    # The town of whoever has sent it, and they themselves.
    "visits.KeptBack": "SELECT received_id FROM visits_keptback WHERE village_code IN (SELECT code FROM registry)",
    "visits.Received": """SELECT id FROM visits_received WHERE sender_id IN (SELECT id FROM me) OR id IN (
        SELECT received_id FROM visits_keptback WHERE village_code IN (SELECT code FROM registry))""",
    "subsidies.Settlement": "SELECT id FROM settlements",
    # A worker reads their own line once nobody can change it any more.
    "subsidies.Line": OF_SETTLEMENT
    + """ OR worker_id IN (SELECT id FROM me)
        AND settlement_id IN (SELECT id FROM subsidies_settlement WHERE state IN ('approved', 'closed'))""",
    "subsidies.PaidVisit": OF_SETTLEMENT,
    "subsidies.UnpaidVisit": OF_SETTLEMENT,
    "subsidies.Reversal": OF_SETTLEMENT,
    "subsidies.Withholding": OF_SETTLEMENT,
    # What was done in no place is for those who read a whole county (ADR 8).
    "audit.Event": """SELECT id FROM audit_event WHERE area_code IN (SELECT code FROM audited)
        OR area_code = '' AND EXISTS (
            SELECT FROM audited JOIN org_division d ON d.code = audited.code WHERE d.level = 'county')""",
}
"""The keys that a person sees of each model."""


def ours() -> Iterator[type[Model]]:
    """The product's models that have rows of their own."""
    for model in apps.get_models():
        if model._meta.app_label in OURS and not model._meta.proxy and model not in WITHOUT_LISTS:
            yield model


def rows(model: type[Model]) -> Any:
    return model._default_manager.get_queryset()


def wanted(model: type[Model], person: User) -> list[Any]:
    """The keys by the SQL."""
    key = model._meta.pk.column
    query = WHO + WANTED[model._meta.label].format(table=model._meta.db_table, key=key)
    with connection.cursor() as cursor:
        cursor.execute(query, {"me": person.pk, "today": today()})
        return sorted(row[0] for row in cursor.fetchall())


def test_every_model_has_a_row_rule_or_is_nobodys() -> None:
    scoped = {model for model in ours() if isinstance(rows(model), ScopedQuerySet)}
    assert set(ours()) - scoped == NOBODYS
    assert {model._meta.label for model in scoped} == set(WANTED)


def test_nobodys_rows_point_at_no_person_but_those_who_made_them() -> None:
    pointing = {
        f"{model.__name__}.{field.name}"
        for model in NOBODYS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
    }
    assert pointing == {"PolicyVersion.drafted_by", "PolicyVersion.enacted_by"}


def test_counts_of_wrong_passwords_are_listed_to_nobody() -> None:
    PasswordTries.objects.create(key="x", tries=1, last_at=timezone.now())
    everybody = Forest(0).people
    assert [one.login for one in everybody if PasswordTries.objects.visible_to(one)] == []


@pytest.mark.parametrize("seed", range(6))
def test_lists_and_counts_are_those_of_the_words(seed: int) -> None:
    forest = Forest(seed)
    wrong, seen_of, hidden_of = [], set(), set()
    for model in ours():
        if model in NOBODYS:
            continue
        everything = rows(model).count()
        for person in forest.people:
            seen = rows(model).visible_to(User.objects.get(pk=person.pk))
            right = wanted(model, person)
            if sorted(seen.values_list("pk", flat=True)) != right or seen.count() != len(right):
                wrong.append(
                    (model._meta.label, person.login, [str(one.role) for one in person.postings.all()])
                )
            seen_of |= {model._meta.label} if right else set()
            hidden_of |= {model._meta.label} if len(right) < everything else set()
    assert wrong == []
    assert (seen_of, hidden_of) == (set(WANTED), set(WANTED))  # no comparison was empty


@pytest.mark.parametrize("seed", range(6))
def test_visits_of_today_are_logged_for_the_households_that_are_seen(seed: int) -> None:
    """Taking visits in asks the rule of what it has read, household by household."""
    forest = Forest(seed)
    elders = Elder.objects.values_list("pk", flat=True)
    seen_of = []
    for person in forest.people:
        user = User.objects.get(pk=person.pk)
        around = Surroundings(by=user, imported=False, vouched=False)
        around.load(ids=[], elders=elders, workers=[], first=forest.now, last=forest.now)
        seen = set(
            Household.objects.visible_to(user).filter(pk__in=around.homes).values_list("pk", flat=True)
        )
        assert {pk for pk, home in around.homes.items() if around.may_log(home, today())} == seen
        seen_of.append(bool(seen))
    assert len(set(seen_of)) == 2
