"""A county with a row of each kind in both towns, made once a module, for the tests that walk every door."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from elders.actions import (
    approve_override,
    arrange_stand_in,
    close_elder,
    close_screening,
    open_screening,
    pause_elder,
    propose_move,
    propose_override,
    say_away,
    screen_person,
    start_draft,
)
from elders.models import ClassOverride, Elder, SeriousIllness
from subsidies.actions import assess_settlement
from tests.cast import Cast, make_cast
from tests.doors.walking import PASSWORD, Sessions, Walk, sign_in
from tests.factories import draft, freeze, make_elder, make_form, make_household, make_photo, make_visit
from tests.visits.outbox import record, visit_item
from visitcare.audit.models import Event
from visitcare.kit.weeks import Week, today
from visitcare.org.models import Division, ImportBatch, Phone, Posting, User
from visits.actions import Finding, ask_for_recheck, open_week, read_item, set_up_campaign, take_in
from visits.models import KeptBack, Obligation, Referral


@dataclass
class World:
    """A row of each kind in this town, and one in the other."""

    here: dict[str, Any]
    there: dict[str, Any]


def rows_of(
    cast: Cast,
    town: Division,
    group: Division,
    next_door: Division,
    worker: User,
    maker: User,
    substitute: User,
) -> dict[str, Any]:
    """One row of each kind; settlements of four states, for the doors that they open."""
    elder = make_elder(group, name=f"马{group.code}")
    paused = make_elder(group, name=f"停{group.code}")
    pause_elder(
        by=User.objects.system(), elder=paused, starts_on=date(2025, 3, 3), ends_on=None, reason="hospital"
    )
    closed = make_elder(group, name=f"销{group.code}")
    close_elder(by=User.objects.system(), elder=closed, last_day=date(2025, 3, 2), reason="moved")
    moving = make_elder(group, name=f"搬{group.code}")
    propose_move(
        by=User.objects.system(),
        elder=moving,
        whole_household=True,
        village=next_door,
        starts_on=today(),
        reason="投靠子女",
    )
    twice = make_elder(group, date(1950, 5, 1), name=f"另{group.code}")
    form = make_form(make_household(group), date(1940, 1, 1), name=f"新{group.code}")
    proposed = _override(group, f"提{group.code}")
    running = _override(group, f"调{group.code}")
    approve_override(by=maker, override=running)
    frozen_of = make_visit(worker, elder, at="2025-01-20 09:00", state="valid")
    frozen = freeze(draft(town, "2025-01"), maker=maker, checker=cast.approver)
    make_visit(worker, elder, at="2025-02-04 09:00", state="valid")
    assessed = draft(town, "2025-02")
    assess_settlement(by=maker, settlement=assessed, assessment="已核对")
    make_visit(worker, elder, at="2025-03-04 09:00", state="valid")
    refused = make_visit(worker, elder, at="2025-03-05 09:00", state="invalid")
    held_back = make_visit(worker, elder, at="2025-03-06 09:00", state="valid")
    drafted = draft(town, "2025-03")
    drafted.withholdings.create(worker=worker, visit=held_back, reason="待核实", by=maker)
    ask_for_recheck(by=worker, visit=held_back.pk, words="那天去了")
    pending = make_visit(
        worker, elder, at="2025-03-07 09:00", findings=[Finding("safety", ("gas",), "管子老化")]
    )
    (sent,) = take_in(by=worker, items=[read_item(visit_item(record(Elder(pk=UUID(int=1)))))])
    silent = make_elder(group, name=f"静{group.code}")
    make_visit(worker, silent, at=f"{today() - timedelta(days=8)} 09:00", mode="phone", outcome="no_answer")
    draft_of_worker = start_draft(
        by=worker, said={"name": [f"填{group.code}"], "paper_kind": ["id_card"]}, step="who"
    )
    screening = open_screening(by=maker, town=town, name="排摸", due_on=today())
    looked_at = screening.people.get(elder=elder)
    screen_person(by=worker, person=looked_at, result="missing")
    assert frozen_of.payment.settlement == frozen
    away = say_away(
        by=maker, worker=worker, starts_on=today() + timedelta(days=40), ends_on=today() + timedelta(days=41)
    )
    stand_in = arrange_stand_in(
        by=maker,
        absent=worker,
        substitute=substitute,
        town=town,
        starts_on=today() + timedelta(days=40),
        ends_on=today() + timedelta(days=41),
        reason="住院",
    )
    campaign = set_up_campaign(
        by=maker, kind="heat", words="高温走访", place=town, first_day=today(), last_day=today(), home_due=1,
        greeting_due=0, elder=elder,
    )  # fmt: skip
    judged = batch_of(maker, town)
    return {
        "org_importbatch": judged, "org_importbatch_start_again": batch_of(worker, town, state="judging"),
        "org_importbatch_undo": batch_of(maker, town, state="stored", transaction=1, stored_at=timezone.now()),
        "org_importbatch_stop_undoing": batch_of(
            worker, town, state="undoing", transaction=1, stored_at=timezone.now(), undone_by=maker
        ),
        "org_importverdict": judged.verdicts.get(),
        "elders_standin": stand_in, "days_off": worker, "move_plan": elder.household, "away": away,
        "elders_elder": elder, "elders_elder_resume": paused, "elders_elder_review_pause": paused, "elders_elder_merge": twice, "elders_move": moving.moves.get(), "elders_elder_reopen": closed, "elders_household": elder.household,
        "elders_seriousillness": SeriousIllness.objects.filter(active=True).first(),
        "elders_seriousillness_use_again": SeriousIllness.objects.get_or_create(name="停", active=False)[0],
        "elders_elder_approve_override": proposed.elder, "elders_elder_return_override": proposed.elder,
        "elders_elder_continue_override": running.elder, "elders_elder_end_override": running.elder,
        "elders_classoverride": proposed, "elders_classoverride_continue_override": running,
        "elders_classoverride_end_override": running, "elders_assessment": proposed.elder.assessments.get(),
        "elders_registrationform": form, "elders_classperiod": elder.class_periods.get(),
        "photo": make_photo(pending), "api_photo": pending.photos.get(),
        "visits_visit": pending, "visits_visit_uphold": held_back, "ask_recheck": refused, "visits_obligation": Obligation.objects.filter(elder=elder).first(),
        "visits_campaign": campaign, "visits_campaignelder": campaign.drawn.get(),
        "visits_referral": Referral.objects.get(visit=pending),
        "visits_keptback": KeptBack.objects.get(received__item=sent.item.key),
        "visit-corrections": pending, "visit-withdrawal": pending,
        "visits_unreachedelder": silent, "answer_chain": silent,
        "subsidies_settlement": drafted, "subsidies_settlement_approve": assessed,
        "subsidies_settlement_send_back": assessed, "subsidies_line": frozen.lines.get(),
        "subsidies_paidvisit": drafted.paid_visits.exclude(visit=held_back).get(), "subsidies_unpaidvisit": drafted.unpaid_visits.first(),
        "org_user": worker, "end_phone": phone_of(worker), "org_division": group, "audit_event": Event.objects.filter(area_code=town.code).first(),
        "elders_screeninground": screening, "elders_screenedperson": looked_at, "screen_person": looked_at,
        "record_visit": elder.household, "correct_visit": pending, "withdraw_visit": pending, "visit-detail": pending,
        "division-detail": group, "registration_draft": draft_of_worker, "discard_draft": draft_of_worker,
        "renew_registration": elder, "register_cohabitant": elder.household, "registration_done": elder,
    }  # fmt: skip


def other_colleague(cast: Cast) -> User:
    """Somebody else who visits in the other town."""
    user = User.objects.create(login="colleague", name="黄锦", mobile="19900090099", password="!")
    Posting.objects.create(user=user, role="visitor", place=cast.other_village, starts_on=date(2024, 1, 1))
    return user


def phone_of(worker: User) -> Phone:
    """A phone on which somebody is signed in, and never comes back to."""
    session = SessionStore()
    session.create()
    return Phone.objects.create(
        user=worker,
        session_id=session.session_key,
        how="password",
        browser="安卓，微信",
        last_used_on=today(),
    )


def _override(group: Division, name: str) -> ClassOverride:
    """A proposal to give somebody another class."""
    return propose_override(
        by=User.objects.system(),
        elder=make_elder(group, name=name, ability="intact"),
        risk_class="A",
        reason="跌倒过两次",
        review_on=today() + timedelta(days=90),
    )


def batch_of(maker: User, town: Division, state: str = "judged", **more: Any) -> ImportBatch:
    """An upload that waits for somebody to confirm it, one whose process has died, or one that is stored."""
    batch = ImportBatch.objects.create(
        kind="elders", rights=["import_sheets", "register_elder"], place=town, uploaded_by=maker, file_name="老人.xlsx", state=state,
        started_at=timezone.now() - timedelta(hours=1), total=1, counts={"new": 1}, digest="0" * 64, **more,
    )  # fmt: skip
    batch.verdicts.create(position=0, row=2, key="马凤英", outcome="new")
    return batch


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are logged with their tracebacks, and nobody reads them."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def cast(module_database: None) -> Cast:
    """The county with everybody in it; those who sign in at a form or change their password have one."""
    cast = make_cast()
    for person in (cast.visitor, cast.reviewer):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return cast


@pytest.fixture(scope="module")
def sessions(cast: Cast) -> Sessions:
    return sign_in(cast)


@pytest.fixture
def walk(cast: Cast, sessions: Sessions) -> Walk:
    """Everybody at a browser of their own. They signed in once a module; what a test does to their sessions is rolled
    back with the rest, and its browsers are gone."""
    return Walk(cast, sessions)


@pytest.fixture(scope="module")
def world(cast: Cast) -> World:
    here = rows_of(cast, cast.town, cast.group, cast.next_village, cast.worker, cast.head, cast.second_worker)
    there = rows_of(
        cast,
        cast.other_town,
        cast.other_group,
        cast.last_village,
        cast.other_worker,
        cast.other_head,
        other_colleague(cast),
    )
    # Another round can be opened there.
    close_screening(by=cast.other_head, screening=there["elders_screeninground"])
    open_week(by=User.objects.system(), week=Week(date(2025, 3, 3)))
    for rows in (here, there):
        rows["visits_obligation"] = Obligation.objects.get(
            elder=rows["elders_elder"], monday=date(2025, 3, 3)
        )
    return World(here, there)
