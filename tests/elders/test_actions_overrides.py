"""Manual overrides: who may, when they hold, and that the engine's answer goes on standing beside them."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from elders.actions import (
    approve_override,
    close_elder,
    continue_override,
    end_override,
    propose_override,
    reclassify,
    record_assessment,
    reopen_elder,
    return_override,
)
from elders.models import ClassOverride, ClassPeriod, Elder, RegistrationForm
from tests.cast import Cast, make_cast
from tests.factories import at_once, breaks, make_elder, make_household
from visitcare.audit.models import Event
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User

FIRST = date(2025, 1, 13)
COMING = next_monday(today())
SUNDAY = COMING - timedelta(days=1)
REVIEW = COMING + timedelta(days=60)
AFTER = COMING + timedelta(days=7)


def propose(cast: Cast, elder: Elder, letter: str = "A", **said: Any) -> ClassOverride:
    by = said.pop("by", cast.reviewer)
    said = {"reason": "特困，跌倒过两次", "review_on": REVIEW} | said
    return propose_override(by=by, elder=elder, risk_class=letter, **said)


def approve(cast: Cast, elder: Elder, letter: str = "A") -> ClassOverride:
    return approve_override(by=cast.head, override=propose(cast, elder, letter))


def history(elder: Elder) -> list[tuple[date, date | None, str, str, list[str], bool]]:
    periods = ClassPeriod.objects.filter(elder=elder).order_by("starts_on")
    return [
        (one.starts_on, one.ends_on, one.risk_class, one.computed_class, one.codes, bool(one.override_id))
        for one in periods
    ]


def in_force(cast: Cast, elder: Elder, letter: str = "A", *, since: date = FIRST) -> ClassOverride:
    """An override that was approved long ago, with the class period that came of it."""
    override = approve(cast, elder, letter)
    ClassPeriod.objects.filter(elder=elder, override=None).delete()
    ClassPeriod.objects.filter(override=override).update(starts_on=since)
    ClassOverride.objects.filter(pk=override.pk).update(starts_on=since)
    override.refresh_from_db()
    return override


# Proposing and deciding


def test_approved_override_holds_from_next_monday_beside_what_the_engine_says(cast: Cast) -> None:
    elder = make_elder(cast.group)
    override = approve(cast, elder)
    assert history(elder) == [(FIRST, SUNDAY, "C", "C", ["C"], False), (COMING, None, "A", "C", ["C"], True)]
    assert (override.state, override.starts_on, override.decided_by, override.computed_class) == (
        "approved", COMING, cast.head, "C"
    )  # fmt: skip
    event = Event.objects.latest("at")
    assert (event.verb, event.words, event.reason) == (
        "approve_override", f"批准从 {COMING} 起把马凤英调整为A类", "特困，跌倒过两次"
    )  # fmt: skip


def test_override_goes_down_too(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1940, 5, 1))
    approve(cast, elder, "C")
    assert history(elder)[-1] == (COMING, None, "C", "A", ["A1"], True)


def test_proposal_alone_changes_no_class(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    propose(cast, elder)
    assert reclassify(by=system).count == 0
    assert history(elder) == [(FIRST, None, "C", "C", ["C"], False)]


def test_class_that_waits_to_begin_gives_way_to_the_override(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, economy=["subsistence_allowance"])
    record_assessment(by=cast.reviewer, elder=elder, assessed_on=today(), assessor="评估站", level="mild")
    assert history(elder)[-1] == (COMING, None, "A", "A", ["A2"], False)
    approve(cast, elder, "B")
    assert history(elder) == [(FIRST, SUNDAY, "C", "C", ["C"], False), (COMING, None, "B", "A", ["A2"], True)]


@pytest.mark.parametrize(
    ("letter", "said", "words"),
    [
        ("C", {}, "系统现在判定就是C类，不用调整。"),
        ("A", {"reason": "  "}, "手工调整要写理由，批准的人才知道为什么。"),
        ("A", {"review_on": COMING}, "复核日期要在"),
        ("A", {"review_on": today() + timedelta(days=181)}, "之间（最多 180 天），请改。"),
    ],
)
def test_proposal_that_cannot_be_is_refused_in_words(
    cast: Cast, letter: str, said: dict[str, Any], words: str
) -> None:
    elder = make_elder(cast.group)
    with pytest.raises(ValueError, match=words):
        propose(cast, elder, letter, **said)
    assert not ClassOverride.objects.exists()


@pytest.mark.parametrize("days", [180, (COMING - today()).days + 1])
def test_first_and_last_day_of_review_are_taken(cast: Cast, days: int) -> None:
    assert propose(cast, make_elder(cast.group), review_on=today() + timedelta(days=days)).pk


def test_elder_out_of_scope_or_closed_has_nothing_to_override(cast: Cast) -> None:
    nobody = make_elder(cast.group, living="with_family")
    with pytest.raises(ValueError, match="马凤英不在册，没有类别可以调整。"):
        propose(cast, nobody)
    Elder.objects.filter(pk=nobody.pk).update(status="active")
    with pytest.raises(ValueError, match="不在探访范围，没有类别可以调整"):
        propose(cast, Elder.objects.get(pk=nobody.pk))
    gone = make_elder(cast.group)
    close_elder(by=cast.head, elder=gone, last_day=today(), reason="died")
    with pytest.raises(ValueError, match="不在册"):
        propose(cast, gone)


def test_second_proposal_waits_for_the_first(cast: Cast) -> None:
    elder = make_elder(cast.group)
    override = propose(cast, elder)
    for _ in range(2):
        with pytest.raises(ValueError, match="已经有一项手工调整在等批准或正在执行"):
            propose(cast, elder, "B")
        if override.state == "proposed":
            override = approve_override(by=cast.head, override=override)


@pytest.mark.parametrize("who", ["worker", "cadre", "auditor", "officer", "other_head", "admin"])
def test_who_reviews_no_registration_here_proposes_nothing(cast: Cast, who: str) -> None:
    elder = make_elder(cast.group)
    with pytest.raises(NotAllowed):
        propose(cast, elder, by=getattr(cast, who))


@pytest.mark.parametrize("who", ["reviewer", "cadre", "approver", "other_head"])
def test_who_approves_no_elder_here_decides_nothing(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    override = propose(cast, make_elder(cast.group))
    running = approve(cast, make_elder(cast.group))
    calls: list[Callable[[], object]] = [
        lambda: approve_override(by=by, override=override),
        lambda: return_override(by=by, override=override, reason="不"),
        lambda: end_override(by=by, override=running, reason="不"),
        lambda: continue_override(by=by, override=running, review_on=REVIEW, reason="看过"),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call()


def test_who_proposed_does_not_decide_or_confirm(cast: Cast) -> None:
    override = propose(cast, make_elder(cast.group), by=cast.head)
    with pytest.raises(NotAllowed, match="您自己提出的"):
        approve_override(by=cast.head, override=override)
    with pytest.raises(NotAllowed, match="您自己提出的"):
        return_override(by=cast.head, override=override, reason="不")
    with pytest.raises(NotAllowed, match="您自己提出的"):
        continue_override(by=cast.head, override=override, review_on=REVIEW, reason="看过")
    override.refresh_from_db()
    assert override.state == "proposed"


def test_returned_proposal_has_its_reason_and_a_new_one_may_follow(cast: Cast) -> None:
    elder = make_elder(cast.group)
    override = propose(cast, elder)
    with pytest.raises(ValueError, match="退回要写原因"):
        return_override(by=cast.head, override=override, reason="")
    return_override(by=cast.head, override=override, reason="先做评估")
    override.refresh_from_db()
    assert (override.state, override.decision_reason, override.decided_by) == (
        "returned",
        "先做评估",
        cast.head,
    )
    with pytest.raises(ValueError, match="已经有人决定过了"):
        approve_override(by=cast.head, override=override)
    assert propose(cast, elder).pk


def test_approval_looks_at_what_has_changed_since(cast: Cast) -> None:
    elder = make_elder(cast.group, economy=["subsistence_allowance"])
    override = propose(cast, elder)
    record_assessment(by=cast.reviewer, elder=elder, assessed_on=today(), assessor="评估站", level="mild")
    with pytest.raises(ValueError, match="系统现在判定也是A类，不用再调整了。请退回这一项。"):
        approve_override(by=cast.head, override=override)
    late = propose(cast, make_elder(cast.group))
    ClassOverride.objects.filter(pk=late.pk).update(review_on=COMING)
    late.refresh_from_db()
    with pytest.raises(ValueError, match="请退回，由提出人改一个复核日期"):
        approve_override(by=cast.head, override=late)


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_approve_once(transactional_db: None) -> None:
    cast = make_cast()
    elder = make_elder(cast.group)
    override = propose(cast, elder)

    def decide() -> ClassOverride:
        return approve_override(by=User.objects.get(pk=cast.head.pk), override=override)

    answers = at_once(decide, decide)
    assert sorted(type(one).__name__ for one in answers) == ["ClassOverride", "ValueError"]
    assert history(elder)[-1] == (COMING, None, "A", "C", ["C"], True)
    assert Event.objects.filter(verb="approve_override").count() == 1


# While it holds


def test_nightly_run_leaves_it_alone(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    in_force(cast, elder)
    assert reclassify(by=system).count == 0
    assert history(elder) == [(FIRST, None, "A", "C", ["C"], True)]


def test_engine_goes_on_beneath_it(cast: Cast) -> None:
    elder = make_elder(cast.group, economy=["subsistence_allowance"])
    in_force(cast, elder, "B")
    record_assessment(by=cast.reviewer, elder=elder, assessed_on=today(), assessor="评估站", level="mild")
    assert history(elder) == [(FIRST, SUNDAY, "B", "C", ["C"], True), (COMING, None, "B", "A", ["A2"], True)]


def test_ended_it_gives_the_class_back_to_the_engine(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    override = in_force(cast, elder)
    with pytest.raises(ValueError, match="结束手工调整要写原因"):
        end_override(by=cast.head, override=override, reason=" ")
    ended = end_override(by=cast.head, override=override, reason="女儿搬回来了")
    assert (ended.state, ended.ended_on, ended.end_reason) == ("ended", SUNDAY, "女儿搬回来了")
    assert history(elder) == [(FIRST, SUNDAY, "A", "C", ["C"], True), (COMING, None, "C", "C", ["C"], False)]
    with pytest.raises(ValueError, match="刚才已经结束了"):
        end_override(by=cast.head, override=override, reason="再来")
    assert reclassify(by=system).count == 0


def test_ended_before_it_began_it_has_held_on_no_day_and_another_may_follow(cast: Cast) -> None:
    elder = make_elder(cast.group)
    end_override(by=cast.head, override=approve(cast, elder), reason="批错了")
    assert history(elder) == [(FIRST, None, "C", "C", ["C"], False)]
    approve(cast, elder, "B")
    assert history(elder)[-1] == (COMING, None, "B", "C", ["C"], True)


def test_continued_it_has_another_review_and_the_class_stays(cast: Cast) -> None:
    elder = make_elder(cast.group)
    override = in_force(cast, elder)
    ClassOverride.objects.filter(pk=override.pk).update(review_on=today())
    assert list(ClassOverride.objects.due_for_review(today())) == [override]
    continue_override(by=cast.head, override=override, review_on=REVIEW, reason="还是一个人")
    override.refresh_from_db()
    assert (override.review_on, override.review_reason) == (REVIEW, "还是一个人")
    assert not ClassOverride.objects.due_for_review(today()).exists()
    assert history(elder) == [(FIRST, None, "A", "C", ["C"], True)]
    with pytest.raises(ValueError, match="复核后继续要写明"):
        continue_override(by=cast.head, override=override, review_on=REVIEW, reason="")
    end_override(by=cast.head, override=override, reason="好了")
    with pytest.raises(ValueError, match="没有在执行，不用复核"):
        continue_override(by=cast.head, override=override, review_on=REVIEW, reason="看过")


# An elder who leaves


def test_closing_an_elder_ends_it(cast: Cast) -> None:
    elder, other = make_elder(cast.group), make_elder(cast.group)
    running, waiting = in_force(cast, elder), propose(cast, other, by=cast.head)
    for one in (elder, other):
        close_elder(by=cast.head, elder=one, last_day=today(), reason="moved")
    running.refresh_from_db()
    waiting.refresh_from_db()
    assert (running.state, running.ended_on, running.end_reason) == ("ended", SUNDAY, "已注销：迁出")
    assert (waiting.state, waiting.ended_on, waiting.starts_on) == ("ended", None, None)
    reopen_elder(by=cast.head, elder=elder, since=today() + timedelta(days=1), reason="没有搬走")
    assert history(elder)[-1] == (COMING, None, "C", "C", ["C"], False)


def test_closed_by_a_day_before_it_began_it_has_held_on_no_day(cast: Cast) -> None:
    elder = make_elder(cast.group)
    override = approve(cast, elder)
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 2, 12), reason="died")
    override.refresh_from_db()
    assert (override.state, override.ended_on, override.holds_on(COMING)) == (
        "ended",
        date(2025, 2, 16),
        False,
    )
    assert history(elder) == [(FIRST, date(2025, 2, 16), "C", "C", ["C"], False)]


def test_out_of_scope_it_keeps_nobody(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    override = in_force(cast, elder)
    RegistrationForm.objects.filter(elder=elder).update(living="with_family", able_adult_at_home=True)
    done = reclassify(by=system)
    override.refresh_from_db()
    assert ([one.pk for one in done.overrides_ended], override.state, override.ended_on) == (
        [override.pk], "ended", SUNDAY
    )  # fmt: skip
    assert history(elder) == [(FIRST, SUNDAY, "A", "C", ["C"], True)]
    event = Event.objects.get(verb="end_override")
    assert (event.words, event.area_code) == (
        f"马凤英不在探访范围了，手工调整到 {SUNDAY} 结束", cast.group.code
    )  # fmt: skip


# What the database refuses


def _row(cast: Cast, elder: Elder, **said: Any) -> ClassOverride:
    plain = {
        "elder": elder, "risk_class": "A", "computed_class": "C", "reason": "有", "review_on": REVIEW,
        "proposed_by": cast.reviewer, "proposed_at": timezone.now(),
    }  # fmt: skip
    return ClassOverride(**plain | said)


def _decided(cast: Cast) -> dict[str, Any]:
    return {"state": "approved", "decided_by": cast.head, "decided_at": timezone.now(), "starts_on": FIRST}


def _ended(cast: Cast) -> dict[str, Any]:
    return _decided(cast) | {
        "state": "ended", "ended_on": date(2025, 3, 2), "ended_by": cast.head, "ended_at": timezone.now(),
        "end_reason": "好了",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("override_decided_by_another", lambda cast: _decided(cast) | {"decided_by": cast.reviewer}),
        ("override_differs", lambda cast: {"risk_class": "C"}),
        ("override_has_reason", lambda cast: {"reason": ""}),
        ("override_starts_on_monday", lambda cast: _decided(cast) | {"starts_on": date(2025, 1, 14)}),
        ("override_ends_on_sunday", lambda cast: _ended(cast) | {"ended_on": date(2025, 3, 1)}),
        ("override_reviewed_later", lambda cast: _decided(cast) | {"review_on": FIRST}),
        ("override_state_has_its_facts", lambda cast: {"state": "approved"}),
        ("override_state_has_its_facts", lambda cast: {"starts_on": FIRST}),
        (
            "override_state_has_its_facts",
            lambda cast: {"state": "returned", "decided_by": cast.head, "decided_at": timezone.now()},
        ),
        ("override_state_has_its_facts", lambda cast: _ended(cast) | {"end_reason": ""}),
        ("override_state_has_its_facts", lambda cast: _ended(cast) | {"starts_on": None}),
    ],
)
def test_database_refuses(cast: Cast, constraint: str, said: Callable[[Cast], dict[str, Any]]) -> None:
    elder = make_elder(cast.group)
    with breaks(constraint):
        _row(cast, elder, **said(cast)).save()


def test_one_open_override_an_elder_and_none_overlap(cast: Cast) -> None:
    elder = make_elder(cast.group)
    _row(cast, elder).save()
    with breaks("one_open_override_an_elder"):
        _row(cast, elder, **_decided(cast)).save()
    _row(cast, elder, **_ended(cast)).save()
    with breaks("one_override_at_a_time"):
        _row(cast, elder, **_ended(cast) | {"starts_on": date(2025, 2, 24)}).save()
    _row(cast, elder, **_ended(cast) | {"ended_on": date(2025, 1, 12)}).save()  # never begun: no day to share


def test_class_differs_from_the_engine_by_an_override_only(cast: Cast) -> None:
    period = ClassPeriod.objects.get(elder=make_elder(cast.group))
    with breaks("class_differs_by_override"):
        ClassPeriod.objects.filter(pk=period.pk).update(risk_class="A")
    with breaks("class_differs_by_override"):  # the verdict has no class at all
        ClassPeriod.objects.filter(pk=period.pk).update(verdict=period.verdict | {"risk_class": None})


# Whatever happens in whatever order


class Anything(TestCase):
    """The engine's part never depends on overrides, and the periods follow each other without overlapping."""

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["propose", "approve", "return", "end", "assess", "nightly"]),
                st.sampled_from("ABC"),
                st.sampled_from(["intact", "mild", "severe"]),
            ),
            max_size=8,
        )
    )
    def test_engine_is_the_same_with_and_without(self, steps: list[tuple[str, str, str]]) -> None:
        with transaction.atomic():
            cast, system = make_cast(), User.objects.system()
            adjusted, plain = (
                make_elder(make_household(cast.group), economy=["subsistence_allowance"]) for _ in range(2)
            )
            for what, letter, level in steps:
                _step(cast, system, adjusted, plain, what, letter, level)
            reclassify(by=system)
            ours = ClassPeriod.objects.filter(elder=adjusted).order_by("starts_on")
            theirs = ClassPeriod.objects.filter(elder=plain).order_by("starts_on")
            for day in (FIRST, today(), COMING, AFTER):
                mine, other = ours.on(day).get(), theirs.on(day).get()
                assert (mine.computed_class, mine.codes) == (other.risk_class, other.codes)
                assert (mine.risk_class == mine.computed_class) or mine.override is not None
            spans = list(ours.values_list("starts_on", "ends_on"))
            for (_, end), (start, _) in pairwise(spans):
                assert end is not None
                assert end + timedelta(days=1) == start
            assert spans[-1][1] is None
            transaction.set_rollback(True)


def _step(
    cast: Cast, system: User, adjusted: Elder, plain: Elder, what: str, letter: str, level: str
) -> None:
    newest = ClassOverride.objects.filter(elder=adjusted).first()
    try:
        match what:
            case "propose":
                propose(cast, adjusted, letter)
            case "assess":
                for elder in (adjusted, plain):
                    record_assessment(
                        by=system, elder=elder, assessed_on=today(), assessor="评估站", level=level
                    )
            case "nightly":
                reclassify(by=system)
            case "approve" if newest:
                approve_override(by=cast.head, override=newest)
            case "return" if newest:
                return_override(by=cast.head, override=newest, reason="不")
            case "end" if newest:
                end_override(by=cast.head, override=newest, reason="好了")
    except IntegrityError:
        raise
    except ValueError:
        pass  # refused in words: nothing has changed
