from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elders.actions import close_elder, pause_elder
from elders.models import Assignment, Elder
from tests.cast import VILLAGE, Cast
from tests.factories import (
    at_once,
    id_number,
    make_elder,
    make_form,
    make_household,
    make_visit,
    moment,
    review,
)
from visitcare.audit.models import Event
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Posting, User
from visits.actions import Finding, VisitConflict, VisitRefused, log_visit, withdraw_visit
from visits.models import Referral, Visit, VisitedElder

AT = moment("2025-03-04 09:00")


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


def log(worker: User, *elders: Elder, by: User | None = None, **said: Any) -> Visit:
    """As the worker's phone sends it: a home visit that went well, five minutes after it began."""
    started_at = said.pop("started_at", AT)
    return log_visit(
        by=by or worker,
        worker=worker,
        elders=[elder.pk for elder in elders],
        visit_id=said.pop("visit_id", None) or uuid4(),
        mode=said.pop("mode", "home"),
        outcome=said.pop("outcome", "met"),
        started_at=started_at,
        received_at=said.pop("received_at", started_at + timedelta(minutes=5)),
        **said,
    ).visit


def flags(visit: Visit) -> list[str]:
    stored = Visit.objects.get(pk=visit.pk)
    codes = sorted(stored.flags.values_list("code", flat=True))
    assert stored.flagged is bool(codes)
    return codes


def refusals(worker: User, elders: Sequence[Elder], **said: Any) -> list[tuple[str, str]]:
    with pytest.raises(VisitRefused) as caught:
        log(worker, *elders, **said)
    assert Visit.objects.count() == 0
    return [(refusal.field, refusal.words) for refusal in caught.value.refusals]


# What is stored


def test_visit_is_stored_as_it_was_said(cast: Cast, elder: Elder) -> None:
    visit = log(cast.worker, elder, agreed=True, notes={"remark": "都好"})
    visit.refresh_from_db()
    assert (visit.worker, visit.entered_by, visit.household, visit.village_code) == (
        cast.worker, cast.worker, elder.household, VILLAGE
    )  # fmt: skip
    assert (visit.mode, visit.outcome, visit.agreed, visit.notes) == ("home", "met", True, {"remark": "都好"})
    assert (visit.started_at, visit.received_at) == (AT, AT + timedelta(minutes=5))
    assert (visit.state, visit.imported, flags(visit)) == ("pending", False, [])
    assert list(visit.visited.values_list("elder", "started_at", "countable")) == [(elder.pk, AT, True)]


def test_couple_is_one_visit_with_two_elders(cast: Cast) -> None:
    home = make_household(cast.group)
    couple = [make_elder(home, date(year, 1, 1), living="elders_only") for year in (1950, 1951)]
    visit = log(cast.worker, *couple)
    assert (Visit.objects.count(), VisitedElder.objects.filter(visit=visit, countable=True).count()) == (1, 2)


def test_received_at_is_now_where_nobody_says(cast: Cast, elder: Elder) -> None:
    before = timezone.now()
    visit = log(cast.worker, elder, started_at=before - timedelta(minutes=1), received_at=None)
    assert before <= visit.received_at <= timezone.now()


def test_agreement_belongs_to_home_visits(cast: Cast, elder: Elder) -> None:
    assert log(cast.worker, elder, mode="phone", outcome="spoke", agreed=True).agreed is None


def test_somebody_may_type_for_the_worker(cast: Cast, elder: Elder) -> None:
    visit = log(cast.worker, elder, by=cast.cadre)
    assert (visit.worker, visit.entered_by) == (cast.worker, cast.cadre)


@pytest.mark.parametrize(
    ("mode", "outcome", "unable", "counts"),
    [
        ("home", "met", False, True),
        ("phone", "spoke", False, True),
        ("video", "spoke", False, True),
        ("phone", "family", False, False),
        ("phone", "family", True, True),
        ("home", "family", True, True),
        ("home", "not_home", True, False),
        ("home", "declined", False, False),
        ("phone", "no_answer", True, False),
    ],
)
def test_family_answer_counts_only_for_who_cannot_speak_or_hear(
    cast: Cast, mode: str, outcome: str, unable: bool, counts: bool
) -> None:
    elder = make_elder(cast.group, cannot_speak_or_hear=unable)
    assert log(cast.worker, elder, mode=mode, outcome=outcome).visited.get().countable is counts


# The same UUID again


def test_same_uuid_same_content_is_the_same_row(cast: Cast, elder: Elder) -> None:
    said = {"visit_id": uuid4(), "notes": {"remark": "都好"}, "findings": [Finding("safety", ("gas",))]}
    first = log(cast.worker, elder, **said)
    again = log_visit(
        by=cast.worker,
        worker=cast.worker,
        elders=[elder.pk],
        mode="home",
        outcome="met",
        started_at=AT,
        **said,
    )  # a week later, the answer was lost
    assert (again.visit, again.created, Visit.objects.count(), Referral.objects.count()) == (
        first,
        False,
        1,
        1,
    )


@pytest.mark.parametrize(
    "other",
    [{"outcome": "not_home"}, {"started_at": AT + timedelta(minutes=1)}, {"notes": {"remark": "不好"}},
     {"mode": "phone", "outcome": "spoke"}, {"findings": [Finding("safety", ("gas",))]}],
)  # fmt: skip
def test_same_uuid_other_content_is_a_conflict(cast: Cast, elder: Elder, other: dict[str, Any]) -> None:
    first = log(cast.worker, elder, visit_id=uuid4())
    with pytest.raises(VisitConflict) as caught:
        log(cast.worker, elder, visit_id=first.pk, **other)
    assert str(caught.value) == "这个编号的记录已经收到过，内容不一样。先收到的那条没有动；请用“更正”来改。"
    stored = Visit.objects.get()
    assert (stored.outcome, stored.started_at, stored.notes, stored.content_hash) == (
        "met", AT, {}, first.content_hash
    )  # fmt: skip
    assert Referral.objects.count() == 0


def test_another_persons_uuid_is_nobodys(cast: Cast, elder: Elder) -> None:
    first = log(cast.worker, elder)
    other = make_elder(cast.next_group)
    with pytest.raises(NotAllowed) as caught:
        log(cast.next_worker, other, visit_id=first.pk)
    assert str(caught.value) == "没有这条记录。"


def test_whoever_typed_it_may_send_it_again(cast: Cast, elder: Elder) -> None:
    first = log(cast.worker, elder, by=cast.cadre)
    assert log(cast.worker, elder, by=cast.cadre, visit_id=first.pk) == first


def test_same_visit_from_several_phones_at_once_is_one_row(transactional_db: None, cast: Cast) -> None:
    elder, visit_id = make_elder(cast.group), uuid4()
    answers = at_once(*[lambda: log(cast.worker, elder, visit_id=visit_id)] * 4)
    assert [getattr(answer, "pk", answer) for answer in answers] == [visit_id] * 4
    assert (Visit.objects.count(), VisitedElder.objects.count()) == (1, 1)


# Who may


@pytest.mark.parametrize("who", ["next_worker", "other_worker", "second_worker"])
def test_elder_of_another_group_is_not_ones_own(cast: Cast, elder: Elder, who: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        log(getattr(cast, who), elder)
    assert str(caught.value) == "有老人不在您负责的户里。请从本周探访里点进来记。"


@pytest.mark.parametrize("who", ["disabled", "reviewer", "head", "officer", "auditor", "admin"])
def test_whoever_has_no_posting_for_it_logs_nothing(cast: Cast, elder: Elder, who: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        log(getattr(cast, who), elder)
    assert str(caught.value) == "您现在没有记探访的任职。请联系镇里。"


def test_unknown_elder_is_not_ones_own(cast: Cast, elder: Elder) -> None:
    with pytest.raises(NotAllowed):
        log_visit(
            by=cast.worker, worker=cast.worker, visit_id=uuid4(), elders=[elder.pk, UUID(int=1)], mode="home",
            outcome="met", started_at=AT, received_at=AT,
        )  # fmt: skip


def test_named_worker_may_log(cast: Cast, elder: Elder) -> None:
    Assignment.objects.create(household=elder.household, worker=cast.next_worker, starts_on=date(2025, 1, 1))
    assert flags(log(cast.next_worker, elder)) == []


# What cannot be is refused


def test_future_is_refused(cast: Cast, elder: Elder) -> None:
    later = AT + timedelta(minutes=6)
    assert refusals(cast.worker, [elder], started_at=later, received_at=AT) == [
        ("started_at", "时间写成了还没到的 2025-03-04 09:06。请改一下时间。")
    ]


def test_clock_five_minutes_fast_is_taken(cast: Cast, elder: Elder) -> None:
    assert flags(log(cast.worker, elder, started_at=AT + timedelta(minutes=5), received_at=AT)) == []


def test_after_the_death_is_refused_and_on_its_day_taken(cast: Cast, elder: Elder) -> None:
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 3), reason="died")
    assert refusals(cast.worker, [elder]) == [
        ("elders", "马凤英已于 2025-03-03 去世，这之后不能再记探访。请核对日期和人。")
    ]
    assert log(cast.worker, elder, started_at=moment("2025-03-03 20:00")).state == "pending"


def test_visiting_oneself_is_refused(cast: Cast) -> None:
    number = id_number(date(1960, 5, 1))
    cast.worker.id_number = number
    cast.worker.save()
    oneself = make_elder(cast.group, date(1960, 5, 1), number=number)
    assert refusals(cast.worker, [oneself]) == [
        ("elders", "马凤英就是探访人本人，不能探访自己。请换一位探访人来记。")
    ]


def test_two_households_in_one_visit_are_refused(cast: Cast, elder: Elder) -> None:
    assert refusals(cast.worker, [elder, make_elder(cast.group)]) == [
        ("elders", "这几位老人不是一户。请一户记一条。")
    ]


def test_nobody_visited_is_refused(cast: Cast) -> None:
    assert refusals(cast.worker, []) == [("elders", "没有选老人。请至少选一位。")]


@pytest.mark.parametrize(
    ("mode", "outcome", "refusal"),
    [("home", "spoke", ("outcome", "“本人接听”和“上门”对不上。请改探访方式或结果。")),
     ("phone", "not_home", ("outcome", "“不在家”和“电话”对不上。请改探访方式或结果。")),
     ("post", "met", ("mode", "没有选怎么看望的。请选上门、电话或视频。"))],
)  # fmt: skip
def test_outcome_against_the_mode_is_refused(
    cast: Cast, elder: Elder, mode: str, outcome: str, refusal: tuple[str, str]
) -> None:
    assert refusals(cast.worker, [elder], mode=mode, outcome=outcome) == [refusal]


# What is doubtful is stored and flagged


@pytest.mark.parametrize("first_at", ["2025-03-04 08:00", "2025-03-04 20:30"])
def test_second_contact_of_the_kind_that_day_is_flagged(cast: Cast, elder: Elder, first_at: str) -> None:
    first = log(cast.worker, elder, mode="phone", outcome="spoke", started_at=moment(first_at))
    second = log(cast.visitor, elder, mode="video", outcome="spoke", started_at=moment("2025-03-04 07:00"))
    assert (flags(second), second.flags.get().other_visit) == (["second_contact"], first)
    assert second.flags.get().words == f"同一户这天已有一次电话（视频）：{first_at[-5:]}"
    assert flags(log(cast.worker, elder)) == []  # a home visit is another kind


def test_second_contact_after_a_withdrawn_or_invalid_one_is_none(cast: Cast, elder: Elder) -> None:
    withdraw_visit(by=cast.worker, visit=log(cast.worker, elder))
    review(log(cast.worker, elder, started_at=AT + timedelta(minutes=1)), "invalid")
    again = log(cast.worker, elder, started_at=AT + timedelta(minutes=2))
    assert flags(again) == ["corrected"]  # and no second contact


def test_paused_elder_is_flagged(cast: Cast, elder: Elder) -> None:
    pause_elder(
        by=cast.head, elder=elder, starts_on=date(2025, 3, 4), ends_on=date(2025, 3, 5), reason="hospital"
    )
    days = [log(cast.worker, elder, started_at=moment(f"2025-03-0{day} 09:00")) for day in (3, 4, 5, 6)]
    assert [flags(visit) for visit in days] == [[], ["paused_elder"], ["paused_elder"], []]


def test_elder_not_active_is_flagged(cast: Cast) -> None:
    waiting = make_form(make_household(cast.group), date(1950, 5, 1)).elder
    assert flags(log(cast.worker, waiting)) == ["elder_not_active"]


def test_home_visit_to_who_wants_calls_only_is_flagged(cast: Cast) -> None:
    elder = make_elder(cast.group, consent="phone_only")
    assert flags(log(cast.worker, elder)) == ["phone_only"]
    assert flags(log(cast.worker, elder, mode="phone", outcome="spoke")) == []


def test_worker_who_is_not_assigned_is_flagged(cast: Cast, elder: Elder) -> None:
    Assignment.objects.create(household=elder.household, worker=cast.next_worker, starts_on=date(2025, 1, 1))
    assert flags(log(cast.worker, elder)) == ["not_assigned"]


def test_worker_of_that_day_is_assigned_whoever_serves_today(cast: Cast, elder: Elder, system: User) -> None:
    Posting.objects.filter(user=cast.worker).update(ends_on=date(2025, 3, 4))
    days = [make_visit(cast.worker, elder, at=f"2025-03-0{day} 09:00") for day in (4, 5)]
    assert [flags(visit) for visit in days] == [[], ["not_assigned"]]


@pytest.mark.parametrize(
    ("at", "found"),
    [("05:59", ["odd_hour"]), ("06:00", []), ("20:59", []), ("21:00", []), ("21:01", ["odd_hour"])],
)
def test_odd_hour_is_flagged(cast: Cast, elder: Elder, at: str, found: list[str]) -> None:
    assert flags(log(cast.worker, elder, started_at=moment(f"2025-03-04 {at}"))) == found


@pytest.mark.parametrize(("minutes", "found"), [(4, ["burst"]), (5, [])])
def test_two_homes_within_minutes_are_flagged(
    cast: Cast, elder: Elder, minutes: int, found: list[str]
) -> None:
    log(cast.worker, make_elder(cast.group))
    assert flags(log(cast.worker, elder, started_at=AT + timedelta(minutes=minutes))) == found


def test_calls_within_minutes_are_no_doubt(cast: Cast, elder: Elder) -> None:
    log(cast.worker, make_elder(cast.group), mode="phone", outcome="spoke")
    assert (
        flags(log(cast.worker, elder, mode="phone", outcome="spoke", started_at=AT + timedelta(minutes=1)))
        == []
    )


def test_same_words_again_are_flagged(cast: Cast, elder: Elder) -> None:
    words = {"notes": {"remark": "身体好，家里都好，没有困难"}}
    log(cast.worker, make_elder(cast.group), **words)
    assert flags(log(cast.worker, elder, started_at=AT + timedelta(hours=1), **words)) == ["same_words"]


@pytest.mark.parametrize(("received", "found"), [("2025-03-10 23:59", []), ("2025-03-11 00:00", ["late"])])
def test_typed_after_the_monday_is_flagged(cast: Cast, elder: Elder, received: str, found: list[str]) -> None:
    assert flags(log(cast.worker, elder, received_at=moment(received))) == found


# Withdrawing


def test_withdrawn_until_reviewed(cast: Cast, elder: Elder) -> None:
    visit = log(cast.worker, elder)
    withdraw_visit(by=cast.worker, visit=visit)
    assert Visit.objects.get().state == "withdrawn"
    assert list(visit.reviews.values_list("by", "state", "reason")) == [
        (cast.worker.pk, "withdrawn", "本人撤回")
    ]
    event = Event.objects.get(verb="withdraw_visit")
    assert (event.actor_name, event.area_path) == ("陆桂芳", "滨江镇永安村1组")


@pytest.mark.parametrize("state", ["valid", "invalid"])
def test_reviewed_visit_is_not_withdrawn(cast: Cast, elder: Elder, state: str) -> None:
    visit = make_visit(cast.worker, elder, state=state)
    with pytest.raises(VisitRefused) as caught:
        withdraw_visit(by=cast.worker, visit=visit)
    assert str(caught.value) == "镇里已经审核过这条，不能撤回了。有问题请打电话给镇里。"
    assert Visit.objects.get().state == state


def test_another_persons_visit_is_not_withdrawn(cast: Cast, elder: Elder) -> None:
    with pytest.raises(VisitRefused):
        withdraw_visit(by=cast.visitor, visit=log(cast.worker, elder))


# What it costs


@pytest.mark.parametrize("others", [0, 3])
def test_statements_of_one_visit_do_not_grow(cast: Cast, elder: Elder, others: int) -> None:
    for number in range(others):
        log(cast.worker, make_elder(cast.group), started_at=AT - timedelta(hours=number + 1))
    worker = User.objects.get(pk=cast.worker.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        log(worker, elder, notes={"remark": "都好"})
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 9
