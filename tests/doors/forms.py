"""Every form of the product with somebody who may send it and what they say, so that tests can say more than that."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.db import models
from django.urls import reverse
from django.utils import timezone

from elders.models import Elder
from tests.cast import NEXT_VILLAGE, OTHER_TOWN, OTHER_VILLAGE, TOWN, VILLAGE
from tests.doors.conftest import World
from tests.doors.tables import row_for
from tests.doors.walking import PASSWORD, Walk
from tests.factories import id_number
from tests.visits.outbox import record, visit_item
from visitcare.kit.admin import ScopedAdmin, rows_url
from visitcare.kit.weeks import SHANGHAI, Month, Week, today
from visitcare.org.models import User
from visits.admin.campaigns import reach_of
from visits.models import PlannedVisit

Said = dict[str, Any]


class SentFile(io.BytesIO):
    """A file that can be sent more than once."""

    def read(self, size: int | None = -1) -> bytes:
        return self.getvalue()


def saved_by(worker: User, elder: Elder) -> bytes:
    """What a phone that cannot send saves to a file."""
    key = UUID("0193b0c0-0000-7000-8000-000000000001")
    return json.dumps({"person": str(worker.pk), "items": [visit_item(record(elder), key)]}).encode()


def extra(**more: str) -> Said:
    """What a campaign of extra visits asks for."""
    return {
        "kind": "storm",
        "words": "台风前后",
        "first_day": day(),
        "last_day": day(),
        "home_due": "1",
        "greeting_due": "0",
        **more,
    }


def reached_today(place: str) -> str:
    """Whom it would reach: it is set up by whoever has seen that."""
    return reach_of(place=place, day=today(), home_only=True, classes=[], age_from=None, living="")


def day(ago: int = 0) -> str:
    return (today() - timedelta(days=ago)).isoformat()


def person(elder: Elder | None = None) -> Said:
    """Annex 3, of somebody new or of somebody known."""
    number = elder.id_number if elder else id_number(date(1945, 2, 3))
    return {
        "name": "施汉清", "paper_kind": "id_card", "id_number": number, "phone": "19900012345", "consent": "full",
        "emergency_name": "施小明", "emergency_phone": "19900012346", "hukou_address": "1组8号", "living": "alone",
        "serious_illness": "true", "illness_words": "心脏病", "past_illnesses": "中风", "income_source": "养老金",
        "other": "困难", "assessor": "镇卫生院", "signed_by": "施汉清", "ability": "intact",
        "registered_on": day(),
    }  # fmt: skip


WHO = ("name", "paper_kind", "id_number", "phone", "emergency_name", "emergency_phone", "hukou_address")


def home() -> Said:
    """Parts 2 to 4 of annex 3."""
    return {
        "water_safe": "true", "age_friendly": "有扶手", "has_pension": "true", "pension_monthly": "230",
        "helping_bodies": ["local", "other"], "helping_other": "商会", "help_responsible": "村委会", "help_measures": "慰问",
        "members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0", "members-0-name": "施小明", "members-0-relation": "儿子",
        "members-0-health": "健康", "items-TOTAL_FORMS": "1", "items-INITIAL_FORMS": "0", "items-0-name": "尊老金",
        "items-0-monthly_amount": "60",
    }  # fmt: skip


def visit_of(elder: Elder) -> Said:
    """What a phone sends when something was found."""
    at = timezone.now().astimezone(SHANGHAI) - timedelta(minutes=5)
    found = {f"{area}_words": "要看看" for area in ("health", "safety", "family", "livelihood", "needs")}
    return found | {
        "visit_id": str(uuid4()), "elders": [str(elder.pk)], "mode": "home", "agreed": "on", "result": "found",
        "started_at": f"{at:%Y-%m-%dT%H:%M}", "step": "details",
    }  # fmt: skip


def handed_over(rows: dict[str, Any]) -> Said:
    """Somebody stands in for the worker."""
    return {
        "absent": rows["org_user"].pk, "substitute": rows["elders_standin"].substitute_id, "starts_on": day(-2),
        "ends_on": day(-3), "reason": "看病",
    }  # fmt: skip


def next_move(elder: Elder) -> str:
    """A call that was planned today is put off until Sunday (on a Sunday, it stays)."""
    sunday = Week.of(today()).sunday
    PlannedVisit.objects.get_or_create(
        elder=elder, day=today(), mode="phone",
        defaults={"monday": Week.of(today()).monday, "village_code": elder.household.village_code},
    )  # fmt: skip
    return f"phone {today()} {sunday}"


@dataclass(frozen=True)
class Sent:
    """A form: who sends it, and what it says of the rows of one town. `key` is the name of a list and its action."""

    who: str
    says: Callable[[dict[str, Any]], Said] = lambda rows: {}


REASON: Said = {"reason": "试试"}
REVIEW: Said = {"review_on": day(-60)}
ASSESSED: Said = {
    "assessed_on": day(), "score": "70", "assessor": "镇卫生院", "standard": "GB/T 42195-2022", "mismatch_reason": "报告这样写"
}  # fmt: skip
FORMS = {
    "record_visit": Sent("worker", lambda rows: visit_of(rows["elders_elder"])),
    "correct_visit": Sent("worker", lambda rows: visit_of(rows["elders_elder"])),
    "withdraw_visit": Sent("worker"),
    "ask_recheck": Sent("worker", lambda rows: {"words": "那天去了"}),
    "move_plan": Sent("worker", lambda rows: {"move": next_move(rows["elders_elder"])}),
    "my_days_off": Sent("worker", lambda rows: {"go": "weekly", "weekdays": ["2"], "starts_on": day(-2), "ends_on": day(-3)}),
    "days_off": Sent("cadre", lambda rows: {"go": "away", "weekdays": ["2"], "starts_on": day(-2), "ends_on": day(-3)}),
    "rounds": Sent("cadre", lambda rows: {"go": "arrange", **handed_over(rows)}),
    "answer_chain": Sent("worker", lambda rows: {"result": "safe", "words": "在女儿家", "days": "0"}),
    "register": Sent("worker", lambda rows: {"q": "马"}),
    "new_registration": Sent("worker", lambda rows: {"q": "施汉清"}),
    "registration_draft": Sent(
        "worker", lambda rows: {"step": "who", "go": "next", **{name: person()[name] for name in WHO}}
    ),
    "discard_draft": Sent("worker"),
    "renew_registration": Sent("worker"),
    "register_cohabitant": Sent("worker"),
    "screen_person": Sent("worker", lambda rows: {"result": "changed", "note": "中风了"}),
    "screening_new": Sent(
        "worker", lambda rows: {"name": "秦桂香", "birth_year": "1950", "sex": "female", "place": VILLAGE + "001",
                                "address": "1组9号", "lives_alone": "true", "note": "刚搬来"}
    ),
    "cards": Sent("cadre", lambda rows: {"workers": [str(rows["org_user"].pk)]}),
    "end_phone": Sent("worker"),
    "change_password": Sent("visitor", lambda rows: {"old": PASSWORD, "new": "早上好20251", "again": "早上好20251"}),
    "big_text": Sent("worker"),
    "login": Sent("anonymous", lambda rows: {"username": "visitor", "password": PASSWORD}),
    "admin:login": Sent("anonymous", lambda rows: {"username": "reviewer", "password": PASSWORD}),
    "admin:elders_elder_add": Sent(
        "reviewer", lambda rows: {**person(), "village": VILLAGE, "household": "new", "number": "901", "address": "1组9号",
                                  "group": "7组", "new_group": "on"}
    ),
    "admin:subsidies_settlement_add": Sent(
        "head", lambda rows: {"town": TOWN, "month": Month.of(today()).previous.label}
    ),
    "admin:org_user_add": Sent(
        "head", lambda rows: {"name": "李四", "mobile": "19900071001", "login": "lisi", "role": "visitor",
                              "place": VILLAGE, "starts_on": day()}
    ),
    "admin:elders_elder_reveal": Sent("reviewer", lambda rows: {"what": "id_number", **REASON}),
    "admin:elders_elder_renew": Sent("reviewer", lambda rows: person(rows["elders_elder"])),
    "admin:elders_elder_pause": Sent("reviewer", lambda rows: {"reason": "hospital", "starts_on": day()}),
    "admin:elders_elder_resume": Sent("reviewer", lambda rows: {"last_day": day()}),
    "admin:elders_elder_close": Sent("head", lambda rows: {"last_day": day(), "reason": "moved"}),
    "admin:elders_elder_reopen": Sent("head", lambda rows: {"since": day(), **REASON}),
    "admin:elders_elder_print": Sent("reviewer", lambda rows: REASON),
    "admin:elders_screeninground_add": Sent(
        "other_head", lambda rows: {"town": OTHER_TOWN, "name": "再来一次", "due_on": day()}
    ),
    "admin:elders_screeninground_close": Sent("reviewer"),
    "admin:elders_screeninground_export": Sent("reviewer", lambda rows: REASON),
    "admin:elders_household_home": Sent("reviewer", lambda rows: home()),
    "admin:elders_seriousillness_add": Sent("officer", lambda rows: {"name": "尘肺病", "evidence": "职业病诊断证明"}),
    "admin:elders_seriousillness_stop": Sent("officer", lambda rows: REASON),
    "admin:elders_seriousillness_use_again": Sent("officer", lambda rows: REASON),
    "admin:elders_elder_assess": Sent("reviewer", lambda rows: ASSESSED),
    "admin:elders_elder_override": Sent("reviewer", lambda rows: {"risk_class": "A", **REASON, **REVIEW}),
    **{
        f"admin:elders_{page}_{door}": Sent("head", lambda rows, said=said: said)
        for page in ("elder", "classoverride")
        for door, said in (
            ("approve_override", {}),
            ("return_override", REASON),
            ("continue_override", REASON | REVIEW),
            ("end_override", REASON),
        )
    },
    "admin:elders_elder_review_pause": Sent("reviewer", lambda rows: {"ends_on": day(), **REASON}),
    "admin:elders_elder_ask_again": Sent("reviewer", lambda rows: {"since": day(), "kind": "refused", **REASON}),
    "admin:elders_elder_move": Sent("head", lambda rows: {"village": NEXT_VILLAGE, "starts_on": day(), **REASON}),
    "admin:elders_elder_merge": Sent("head", lambda rows: {"number": rows["elders_elder"].id_number, **REASON}),
    "admin:elders_move_accept": Sent("head", lambda rows: {"address": "2组3号"}),
    "admin:elders_move_send_back": Sent("head", lambda rows: REASON),
    "admin:elders_move_withdraw": Sent("head", lambda rows: REASON),
    "admin:elders_household_add_elder": Sent("reviewer", lambda rows: person()),
    "admin:elders_registrationform_approve": Sent("head"),
    "admin:elders_registrationform_return": Sent("reviewer", lambda rows: REASON),
    "admin:elders_classperiod_acknowledge": Sent("head"),
    "admin:visits_visit_accept": Sent("reviewer"),
    "admin:visits_visit_return": Sent("reviewer", lambda rows: REASON),
    "admin:visits_visit_invalidate": Sent("reviewer", lambda rows: REASON),
    "admin:visits_visit_uphold": Sent("reviewer", lambda rows: REASON),
    "admin:visits_keptback_add": Sent("reviewer", lambda rows: {"file": SentFile(saved_by(rows["org_user"], rows["elders_elder"]))}),
    "admin:visits_keptback_again": Sent("reviewer"),
    "admin:visits_keptback_decline": Sent("reviewer", lambda rows: REASON),
    "admin:visits_campaign_add": Sent("head", lambda rows: extra(place=VILLAGE, reach=reached_today(VILLAGE))),
    "admin:visits_campaign_end": Sent("head", lambda rows: REASON),
    "admin:elders_elder_extra": Sent("head", lambda rows: extra()),
    "admin:visits_referral_solve": Sent("reviewer", lambda rows: {"outcome": "修好了"}),
    "admin:visits_unreachedelder_inquire": Sent(
        "reviewer", lambda rows: {"safe": "yes", "words": "在女儿家", "until": day()}
    ),
    "admin:subsidies_settlement_assess": Sent("head", lambda rows: {"assessment": "已核对"}),
    "admin:subsidies_settlement_redraft": Sent("head"),
    "admin:subsidies_settlement_withhold": Sent("head", lambda rows: {"worker": rows["org_user"].pk, **REASON}),
    "admin:subsidies_settlement_restore": Sent(
        "head", lambda rows: {"withholding": rows["subsidies_settlement"].withholdings.get().pk}
    ),
    "admin:subsidies_paidvisit_withhold": Sent("head", lambda rows: REASON),
    "admin:subsidies_settlement_approve": Sent("approver"),
    "admin:subsidies_settlement_send_back": Sent("approver", lambda rows: REASON),
    "admin:subsidies_settlement_export": Sent("officer", lambda rows: {"kind": "summary", **REASON}),
    "admin:org_user_password": Sent("head"),
    "admin:org_user_appoint": Sent("head", lambda rows: {"role": "visitor", "place": VILLAGE, "starts_on": day()}),
    "admin:org_user_end": Sent(
        "head", lambda rows: {"posting": rows["org_user"].postings.get().pk, "last_day": day()}
    ),
    "admin:org_user_weekdays_off": Sent("head", lambda rows: {"weekdays": ["2"]}),
    "admin:org_user_away": Sent("head", lambda rows: {"starts_on": day(-2), "ends_on": day(-3)}),
    "admin:org_user_take_back_away": Sent("head", lambda rows: {"away": rows["away"].pk}),
    "admin:org_user_stand_in": Sent("head", lambda rows: handed_over(rows)),
    "admin:elders_standin_end": Sent("head"),
    "admin:org_user_card": Sent("head"),
    "admin:org_user_phones": Sent("head", lambda rows: {"phone": str(rows["end_phone"].pk)}),
    "admin:org_importbatch_add": Sent("head", lambda rows: {"kind": "elders", "file": SentFile(b"PK"), "approve": "on"}),
    "admin:org_importbatch_confirm": Sent("head", lambda rows: {"digest": rows["org_importbatch"].digest}),
    "admin:org_importbatch_abandon": Sent("reviewer"),
    "admin:org_importbatch_start_again": Sent("reviewer"),
    "admin:org_importbatch_verdicts": Sent("reviewer", lambda rows: REASON),
    "admin:org_importbatch_undo": Sent("reviewer"),
    "admin:org_importbatch_stop_undoing": Sent("reviewer"),
    "visits_visit/accept_all": Sent("reviewer"),
    "visits_visit/return_all": Sent("reviewer", lambda rows: REASON),
    "visits_visit/invalidate_all": Sent("reviewer", lambda rows: REASON),
    "elders_elder/export_list": Sent("reviewer", lambda rows: {"kind": "registry", **REASON}),
    "elders_elder/print_all": Sent("reviewer", lambda rows: REASON),
    "elders_registrationform/approve_all": Sent("head"),
    "elders_classperiod/acknowledge_all": Sent("head"),
    "org_user/print_cards": Sent("head"),
    "subsidies_settlement/export_all": Sent("officer", lambda rows: {"kind": "summary", **REASON}),
}  # fmt: skip
"""By address, or by list and bulk door."""

WITHOUT_WORDS = {"logout", "admin:logout", "open_card"}
"""Addresses that take a POST and read nothing of it."""
TAKE_JSON = {"api_sync", "visit-corrections", "visit-withdrawal"}
"""Addresses of phones: what they say, and say more than they should, is tried in tests/visits/sync."""
ONLY_LOOKS = {"register"}
"""What is sent only to be looked for, and changes nothing."""
KEPT_AS_TYPED = {("registration_draft", "place")}
"""Rows that a draft keeps as they were named, right or wrong: submitting refuses them (tests/elders/test_phone_households.py)."""

NAMES_OF_ROWS = {
    ("admin:elders_elder_add", "village"): lambda rows: OTHER_VILLAGE,
    ("admin:elders_elder_add", "number"): lambda rows: rows["elders_elder"].name,
    ("admin:elders_elder_move", "number"): lambda rows: rows["elders_elder"].name,
    ("admin:elders_elder_merge", "number"): lambda rows: rows["elders_elder"].id_number,
    ("admin:elders_move_accept", "number"): lambda rows: rows["elders_elder"].name,
    ("screening_new", "place"): lambda rows: OTHER_VILLAGE + "001",
    ("admin:elders_screeninground_add", "town"): lambda rows: TOWN,
    ("admin:subsidies_settlement_add", "town"): lambda rows: rows["subsidies_settlement"].town_id,
    ("admin:subsidies_settlement_withhold", "worker"): lambda rows: rows["org_user"].pk,
    ("admin:subsidies_settlement_restore", "withholding"): lambda rows: (
        rows["subsidies_settlement"].withholdings.get().pk
    ),
    ("admin:org_user_add", "place"): lambda rows: OTHER_VILLAGE,
    ("admin:visits_campaign_add", "place"): lambda rows: OTHER_VILLAGE,
    ("admin:org_user_appoint", "place"): lambda rows: OTHER_VILLAGE,
    ("admin:org_user_phones", "phone"): lambda rows: rows["end_phone"].pk,
    ("cards", "workers"): lambda rows: rows["org_user"].pk,
    ("admin:org_user_end", "posting"): lambda rows: rows["org_user"].postings.get().pk,
    ("admin:org_user_take_back_away", "away"): lambda rows: rows["away"].pk,
    ("admin:org_user_stand_in", "town"): lambda rows: rows["elders_standin"].town_id,
    ("admin:org_user_stand_in", "substitute"): lambda rows: rows["elders_standin"].substitute_id,
    ("rounds", "absent"): lambda rows: rows["org_user"].pk,
    ("rounds", "substitute"): lambda rows: rows["elders_standin"].substitute_id,
    **{
        (page, name): lambda rows: rows["elders_elder"].pk
        for page in ("record_visit", "correct_visit")
        for name in ("elders", "health_who", "family_who", "livelihood_who", "needs_who")
    },
}
"""The fields in which somebody names a row, each with what names one of the other town."""


WHOLE_COUNTY = {("admin:elders_elder_move", "village")}
"""Fields that offer rows of every town: an elder may move anywhere in the county, once the other town takes them in."""


def lists() -> dict[str, ScopedAdmin]:
    """The admin's lists by the name of their addresses."""
    return {
        f"{model._meta.app_label}_{model._meta.model_name}": one
        for model, one in admin.site._registry.items()
    }


def bulk_doors() -> Iterator[str]:
    for name, model_admin in lists().items():
        added = admin.site.bulk_doors_of(model_admin.model)  # type: ignore[attr-defined]
        for door in (*model_admin.bulk_doors, *added):
            yield f"{name}/{door.name}"


def bulk_row(name: str, rows: dict[str, Any]) -> models.Model:
    """A row that a bulk door changes."""
    kind = name.split("/")[0]
    return rows[kind]  # type: ignore[no-any-return]


def list_address(name: str) -> str:
    """The list of a bulk door, with such a filter that it shows the rows that the door is about."""
    label = name.split("/")[0].replace("_", ".")
    return rows_url(label, todo="all" if label == "elders.classperiod" else "")


class Desks:
    """Sends forms as the table says, and something else beside or instead."""

    def __init__(self, walk: Walk, world: World) -> None:
        self.walk, self.world = walk, world

    def address(self, name: str, rows: dict[str, Any] | None = None) -> str:
        """Where a form is sent to."""
        if "/" in name:
            return list_address(name)
        about_a_row = name in OF_A_ROW
        return reverse(name, args=[row_for(rows or self.world.here, name).pk] if about_a_row else [])

    def says(self, name: str) -> Said:
        """What is sent; from a list, for the one row that is chosen there."""
        said = FORMS[name].says(self.world.here)
        if "/" not in name:
            return said
        chosen = {helpers.ACTION_CHECKBOX_NAME: [str(bulk_row(name, self.world.here).pk)]}
        return {**said, **chosen, "action": name.split("/")[1], "confirmed": "1", "expected": "1"}

    def send(self, name: str, /, **more: Any) -> Any:
        return self.walk.ask(FORMS[name].who, self.address(name), "POST", self.says(name) | more)

    def form(self, name: str) -> forms.Form | None:
        """The form as it is asked, with its choices."""
        if "/" in name:
            said = self.says(name)
            del said["confirmed"]
            answer: Any = self.walk.ask(FORMS[name].who, self.address(name), "POST", said)
        else:
            answer = self.walk.ask(FORMS[name].who, self.address(name))
        return (answer.context or {}).get("form")


OF_A_ROW = {
    name
    for name in FORMS
    if name
    in (
        *(
            "record_visit",
            "correct_visit",
            "withdraw_visit",
            "ask_recheck",
            "answer_chain",
            "screen_person",
            "end_phone",
        ),
        *("registration_draft", "discard_draft", "renew_registration", "register_cohabitant"),
        *("move_plan", "days_off"),
    )
    or (name.startswith("admin:") and not name.endswith("_add") and name != "admin:login")
}
