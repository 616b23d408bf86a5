"""Who gets in where, and how: the tables that the tests of the doors read. A new address or door needs its line."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from django.urls import get_resolver, reverse

from tests.doors.walking import SAFE

ANYBODY = {"anonymous", "disabled"}
FIELD = {"worker", "second_worker", "next_worker", "other_worker", "visitor", "cadre"}
TOWN, OTHER_TOWN = {"reviewer", "head"}, {"other_head"}
COUNTY = {"officer", "approver", "second_approver", "auditor"}
OFFICE = TOWN | OTHER_TOWN | COUNTY | {"admin"}
SEE_TOWN = TOWN | COUNTY
EVERYBODY = FIELD | OFFICE
IMPORT = TOWN | OTHER_TOWN | {"admin"}

OPEN = {
    "login": ANYBODY, "admin:login": ANYBODY | FIELD, "complaint": ANYBODY | EVERYBODY, "healthz": ANYBODY | EVERYBODY,
    "readyz": ANYBODY | EVERYBODY, "change_password": EVERYBODY, "admin:logout": set(), "logout": set(), "big_text": set(),
    "home": FIELD, "my_visits": FIELD, "my_pay": FIELD, "register": FIELD - {"visitor"}, "new_registration": set(),
    "my_days_off": FIELD, "rounds": {"cadre"},
    "screening": FIELD - {"visitor"}, "screening_new": FIELD - {"visitor"}, "cards": {"cadre"},
    "admin:index": OFFICE, "admin:jsi18n": OFFICE,
    "phone_shell": ANYBODY | EVERYBODY, "service_worker": ANYBODY | EVERYBODY, "phone_manifest": ANYBODY | EVERYBODY,
    "api_round": FIELD, "api_me": EVERYBODY, "api_schema": ANYBODY | EVERYBODY, "api_docs": ANYBODY | EVERYBODY, "division-list": EVERYBODY, "visit-list": EVERYBODY, "api_sync": FIELD,
    "admin:elders_elder_changelist": OFFICE - {"admin"}, "admin:elders_household_changelist": OFFICE - {"admin"},
    "admin:elders_move_changelist": OFFICE - {"admin"},
    "admin:elders_registrationform_changelist": OFFICE - {"admin"}, "admin:elders_classperiod_changelist": OFFICE - {"admin"},
    "admin:elders_classoverride_changelist": OFFICE - {"admin"}, "admin:elders_assessment_changelist": OFFICE - {"admin"},
    "admin:visits_visit_changelist": OFFICE - {"admin"}, "admin:visits_obligation_changelist": OFFICE - {"admin"},
    "admin:visits_keptback_changelist": OFFICE - {"admin"}, "admin:visits_keptback_add": {"reviewer"},
    "admin:visits_unreachedelder_changelist": OFFICE - {"admin"},
    "admin:visits_campaign_changelist": OFFICE - {"admin"}, "admin:visits_campaignelder_changelist": OFFICE - {"admin"},
    "admin:visits_campaign_add": TOWN | OTHER_TOWN | {"officer"},
    "admin:visits_referral_changelist": OFFICE - {"admin"}, "admin:subsidies_settlement_changelist": OFFICE - {"admin"},
    "admin:subsidies_line_changelist": OFFICE - {"admin"}, "admin:subsidies_paidvisit_changelist": OFFICE - {"admin"},
    "admin:subsidies_unpaidvisit_changelist": OFFICE - {"admin"}, "admin:policy_policyversion_changelist": OFFICE - {"admin"},
    "admin:elders_standin_changelist": OFFICE,
    "admin:org_user_changelist": OFFICE, "admin:org_division_changelist": OFFICE,
    "admin:audit_event_changelist": OFFICE - {"admin", "reviewer"},
    "admin:elders_seriousillness_changelist": OFFICE - {"admin"}, "admin:elders_seriousillness_add": {"officer"},
    "admin:elders_screeninground_changelist": OFFICE - {"admin"}, "admin:elders_screenedperson_changelist": OFFICE - {"admin"},
    "admin:elders_screeninground_add": TOWN | OTHER_TOWN,
    "admin:elders_elder_add": TOWN | OTHER_TOWN, "admin:subsidies_settlement_add": {"head", "other_head"},
    "admin:org_user_add": {"head", "other_head", "admin"},
    "admin:org_importbatch_changelist": IMPORT, "admin:org_importverdict_changelist": IMPORT,
    "admin:org_importbatch_add": IMPORT, "admin:org_importbatch_template": IMPORT,
}  # fmt: skip
"""Addresses without a row in them, opened with GET. (What only answers to POST lets nobody in this way.)"""

OF_ROW = {
    "record_visit": {"worker", "visitor", "cadre"}, "correct_visit": {"worker"}, "withdraw_visit": set(), "ask_recheck": set(),
    "move_plan": {"worker", "visitor", "cadre"}, "days_off": {"cadre"},
    "answer_chain": {"worker", "visitor", "cadre"},
    "registration_draft": {"worker"}, "discard_draft": set(), "renew_registration": set(), "register_cohabitant": set(),
    "registration_done": {"worker", "cadre"},
    "screen_person": {"worker", "cadre"}, "end_phone": set(),
    "photo": SEE_TOWN | {"worker", "cadre"}, "api_photo": set(),
    "visit-detail": SEE_TOWN | {"worker", "cadre"}, "visit-corrections": set(), "visit-withdrawal": set(),
    "division-detail": SEE_TOWN | {"admin", "worker", "visitor", "cadre"},
    "admin:elders_elder_change": SEE_TOWN, "admin:elders_move_change": SEE_TOWN, "admin:elders_household_change": SEE_TOWN,
    "admin:elders_registrationform_change": SEE_TOWN, "admin:elders_classperiod_change": SEE_TOWN,
    "admin:visits_visit_change": SEE_TOWN, "admin:visits_obligation_change": SEE_TOWN,
    "admin:visits_campaign_change": SEE_TOWN, "admin:visits_campaignelder_change": SEE_TOWN,
    "admin:visits_campaign_end": TOWN | {"officer"}, "admin:elders_elder_extra": TOWN | {"officer"},
    "admin:visits_referral_change": SEE_TOWN, "admin:subsidies_settlement_change": SEE_TOWN,
    "admin:subsidies_line_change": SEE_TOWN, "admin:subsidies_paidvisit_change": SEE_TOWN,
    "admin:subsidies_unpaidvisit_change": SEE_TOWN, "admin:org_user_change": SEE_TOWN | {"admin"},
    "admin:org_division_change": SEE_TOWN | {"admin"}, "admin:audit_event_change": {"head", *COUNTY},
    "admin:elders_elder_reveal": TOWN | COUNTY - {"auditor"}, "admin:elders_elder_renew": TOWN, "admin:elders_elder_pause": TOWN,
    "admin:elders_elder_resume": TOWN, "admin:elders_elder_close": {"head"}, "admin:elders_elder_reopen": {"head"},
    "admin:elders_elder_review_pause": TOWN, "admin:elders_elder_ask_again": TOWN, "admin:elders_elder_move": {"head"}, "admin:elders_elder_merge": {"head"},
    "admin:elders_move_accept": {"head"}, "admin:elders_move_send_back": {"head"}, "admin:elders_move_withdraw": {"head"},
    "admin:elders_household_add_elder": TOWN,
    "admin:elders_screeninground_change": SEE_TOWN, "admin:elders_screenedperson_change": SEE_TOWN,
    "admin:elders_screeninground_close": TOWN, "admin:elders_screeninground_export": SEE_TOWN - {"auditor"},
    "admin:elders_household_home": TOWN, "admin:elders_elder_print": SEE_TOWN - {"auditor"},
    "admin:elders_registrationform_approve": {"head"}, "admin:elders_registrationform_return": TOWN,
    "admin:elders_classperiod_acknowledge": {"head"},
    "admin:elders_classoverride_change": SEE_TOWN, "admin:elders_assessment_change": SEE_TOWN,
    "admin:elders_elder_assess": TOWN, "admin:elders_elder_override": TOWN,
    "admin:elders_elder_approve_override": {"head"}, "admin:elders_elder_return_override": {"head"},
    "admin:elders_elder_continue_override": {"head"}, "admin:elders_elder_end_override": {"head"},
    "admin:elders_classoverride_approve_override": {"head"}, "admin:elders_classoverride_return_override": {"head"},
    "admin:elders_classoverride_continue_override": {"head"}, "admin:elders_classoverride_end_override": {"head"},
    "admin:visits_visit_accept": {"reviewer"}, "admin:visits_visit_return": {"reviewer"},
    "admin:visits_visit_invalidate": {"reviewer"}, "admin:visits_visit_uphold": {"reviewer"}, "admin:visits_referral_solve": TOWN,
    "admin:visits_keptback_change": SEE_TOWN, "admin:visits_keptback_again": {"reviewer"},
    "admin:visits_keptback_decline": {"reviewer"},
    "admin:visits_unreachedelder_change": SEE_TOWN, "admin:visits_unreachedelder_inquire": TOWN,
    "admin:subsidies_settlement_assess": {"head"}, "admin:subsidies_settlement_redraft": {"head"},
    "admin:subsidies_settlement_withhold": {"head"}, "admin:subsidies_settlement_restore": {"head"},
    "admin:subsidies_paidvisit_withhold": {"head"},
    "admin:subsidies_settlement_approve": {"approver", "second_approver"},
    "admin:subsidies_settlement_send_back": {"approver", "second_approver"},
    "admin:subsidies_settlement_export": SEE_TOWN - {"auditor"},
    "admin:org_user_password": {"head", "admin"}, "admin:org_user_appoint": {"head", "admin"},
    "admin:org_user_end": {"head", "admin"}, "admin:org_user_card": {"head", "admin"}, "admin:org_user_phones": {"head", "admin"},
    "admin:org_user_weekdays_off": TOWN, "admin:org_user_away": TOWN, "admin:org_user_take_back_away": TOWN,
    "admin:org_user_stand_in": TOWN, "admin:elders_standin_change": SEE_TOWN | {"admin"}, "admin:elders_standin_end": TOWN,
    "admin:org_importbatch_change": TOWN, "admin:org_importverdict_change": TOWN,
    "admin:org_importbatch_confirm": {"head"}, "admin:org_importbatch_abandon": TOWN,
    "admin:org_importbatch_verdicts": TOWN, "admin:org_importbatch_start_again": TOWN, "admin:org_importbatch_undo": TOWN,
    "admin:org_importbatch_stop_undoing": TOWN,
}  # fmt: skip
"""Addresses of one row of 滨江镇 (this town), opened with GET."""

SHARED = {
    "admin:policy_policyversion_change": OFFICE - {"admin"}, "admin:elders_seriousillness_change": OFFICE - {"admin"},
    "admin:elders_seriousillness_stop": {"officer"}, "admin:elders_seriousillness_use_again": {"officer"},
}  # fmt: skip
"""Rows that belong to no town: everybody in an office may read them."""

BY_SECRET = {"open_card"}
"""Addresses that open to whoever has their secret, and to nobody else: tests/org/test_cards.py goes through them."""

METHODS_OF = {
    "*": {"GET"}, "record_visit": {"GET", "POST"}, "correct_visit": {"GET", "POST"}, "withdraw_visit": {"POST"},
    "ask_recheck": {"POST"},
    "move_plan": {"GET", "POST"}, "my_days_off": {"GET", "POST"}, "days_off": {"GET", "POST"}, "rounds": {"GET", "POST"},
    "answer_chain": {"GET", "POST"},
    "register": {"GET", "POST"}, "new_registration": {"POST"}, "registration_draft": {"GET", "POST"}, "discard_draft": {"POST"},
    "renew_registration": {"POST"}, "register_cohabitant": {"POST"},
    "screening_new": {"GET", "POST"}, "screen_person": {"GET", "POST"},
    "change_password": {"GET", "POST"}, "big_text": {"POST"}, "logout": {"POST", "OPTIONS"}, "login": {*SAFE, "POST"},
    "cards": {"GET", "POST"}, "end_phone": {"POST"}, "open_card": {*SAFE, "POST"},
    "healthz": {*SAFE}, "readyz": {*SAFE},
    "api_*": {*SAFE, "OPTIONS"}, "api_sync": {*SAFE, "POST", "OPTIONS"}, "api_photo": {"PUT", "OPTIONS"}, "visit-*": {*SAFE, "OPTIONS"},
    "visit-detail": {*SAFE, "PUT", "OPTIONS"}, "visit-corrections": {"POST", "OPTIONS"}, "visit-withdrawal": {"POST", "OPTIONS"},
    "division-*": {*SAFE, "OPTIONS"},
    "admin:login": {"GET", "POST"}, "admin:logout": {"POST"}, "admin:index": {*SAFE}, "admin:jsi18n": {*SAFE, "OPTIONS"},
    "admin:org_importbatch_template": {*SAFE}, "admin:*": {*SAFE, "POST"}, "admin:*_change": {*SAFE},
}  # fmt: skip
"""The methods an address answers to; the longest pattern that fits holds. Lists take a POST for their bulk doors."""

MAY_POST = {
    "withdraw_visit": {"worker"}, "ask_recheck": {"worker"}, "discard_draft": {"worker"}, "renew_registration": {"worker", "cadre"},
    "register_cohabitant": {"worker", "cadre"}, "visit-corrections": {"worker"}, "visit-withdrawal": {"worker"}, "end_phone": {"worker"},
}  # fmt: skip
"""Who may post where nobody may get."""

NOT_PAGES = {"admin:-"}
"""The admin's catch-all, which answers 404."""

BULK = {
    "visits_visit/accept_all": {"reviewer"}, "visits_visit/return_all": {"reviewer"},
    "visits_visit/invalidate_all": {"reviewer"},
    "elders_elder/export_list": TOWN | OTHER_TOWN | COUNTY - {"auditor"},
    "elders_elder/print_all": TOWN | OTHER_TOWN | COUNTY - {"auditor"},
    "elders_registrationform/approve_all": {"head", "other_head"},
    "elders_classperiod/acknowledge_all": {"head", "other_head"},
    "org_user/print_cards": {"head", "other_head", "admin"},
    "subsidies_settlement/export_all": TOWN | OTHER_TOWN | COUNTY - {"auditor"},
}  # fmt: skip
"""Who may use a bulk door at all, by list and door; each on the rows of their own list."""


def addresses() -> Iterator[str]:
    """The name of every address of the product."""

    def walk(patterns: list[Any], space: str = "") -> Iterator[str]:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(
                    pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else "")
                )
            else:
                yield f"{space}{pattern.name or '-'}"

    yield from walk(get_resolver().url_patterns)


def row_for(rows: dict[str, Any], name: str) -> Any:
    """The row an address is about: its own where a door needs one in a state of its own."""
    plain = name.removeprefix("admin:")
    return rows[plain] if plain in rows else rows[plain.rsplit("_", plain.count("_") - 1)[0]]


def address_of(name: str, row: Any, key: Any = None) -> str:
    """The address that is about a row, or about another one of its kind with this key."""
    visit = [row.visit_id] if name == "api_photo" else []
    return reverse(name, args=[*visit, key or row.pk])


def methods_of(name: str) -> set[str]:
    """What an address answers to: the line of the table that fits it best."""
    fitting = [pattern for pattern in METHODS_OF if fnmatchcase(name, pattern)]
    return METHODS_OF[max(fitting, key=len)]
