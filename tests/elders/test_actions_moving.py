from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from elders.actions import (
    accept_move,
    assign_worker,
    carry_out_moves,
    close_elder,
    propose_move,
    send_back_move,
    withdraw_move,
    write_conditions,
    write_member,
)
from elders.models import Assignment, ClassPeriod, Elder, Household, Move, Residence
from tests.cast import Cast
from tests.factories import at_once, breaks, make_elder, make_form, make_household, overtaken, run
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User

DAY = timedelta(days=1)


def move(cast: Cast, elder: Elder, village: Division, **said: Any) -> Move:
    defaults: dict[str, Any] = {"whole_household": True, "starts_on": today(), "reason": "投靠子女"}
    return propose_move(by=cast.head, elder=elder, village=village, **(defaults | said))


def moved(cast: Cast, elder: Elder, place: Division, **said: Any) -> Elder:
    """Moved at once, within the town."""
    village = place if place.level == "village" else Division.objects.get(code=place.village_code)
    accept_move(by=cast.head, move=move(cast, elder, village, **said), place=place)
    elder.refresh_from_db()
    return elder


def stays(elder: Elder) -> list[tuple[str, date | None, date | None]]:
    return list(elder.residences.values_list("household__place", "starts_on", "ends_on"))


# Within the town


def test_move_is_a_new_household_from_today_and_the_old_one_until_yesterday(cast: Cast) -> None:
    elder = make_elder(cast.group)
    old = elder.household
    moved(cast, elder, cast.next_group, address="2组3号")
    assert elder.household_id != old.pk
    assert (elder.household.place_id, elder.household.address) == (cast.next_group.code, "2组3号")
    assert stays(elder) == [
        (cast.group.code, None, today() - DAY),
        (cast.next_group.code, today(), None),
    ]
    old.refresh_from_db()
    assert old.place_id == cast.group.code
    assert elder.moves.get().state == "done"


def test_move_is_told_once_in_each_town(cast: Cast) -> None:
    elder = moved(cast, make_elder(cast.group), cast.next_group)
    events = Event.objects.filter(verb="carry_out_move").order_by("area_code")
    told = events.values_list("area_code", "words")
    words = f"马凤英自 {today()} 起住滨江镇新丰村1组，从滨江镇永安村1组迁来"
    assert list(told) == [(cast.next_group.code, words)]
    far = make_elder(cast.group)
    accept_move(by=cast.other_head, move=move(cast, far, cast.other_village), place=cast.other_group)
    places = events.filter(about_id=str(far.pk)).values_list("area_code", flat=True)
    assert list(places) == [cast.group.code, cast.other_group.code]
    assert elder.household.place_id == cast.next_group.code


def test_family_goes_along_when_nobody_stays_and_the_named_worker_does_not(cast: Cast) -> None:
    elder = make_elder(cast.group)
    old = elder.household
    write_member(
        by=cast.head, household=old, name="王小明", relation="子", said={"health": "良好", "lives_here": True}
    )
    assign_worker(by=cast.head, household=old, worker=cast.visitor, starts_on=date(2025, 1, 6))
    moved(cast, elder, cast.next_group)
    (member,) = elder.household.members.all()
    assert (member.name, member.relation, member.health, member.lives_here) == ("王小明", "子", "良好", True)
    assert Assignment.objects.get().ends_on == today() - DAY
    assert old.members.count() == 1


def test_one_of_a_couple_leaves_family_and_worker_behind(cast: Cast) -> None:
    home = make_household(cast.group)
    leaves, stays_here = make_elder(home, name="走的"), make_elder(home, name="留的")
    write_member(by=cast.head, household=home, name="王小明", relation="子", said={})
    assign_worker(by=cast.head, household=home, worker=cast.visitor, starts_on=date(2025, 1, 6))
    moved(cast, leaves, cast.next_group, whole_household=False)
    stays_here.refresh_from_db()
    assert (stays_here.household_id, leaves.household.members.count()) == (home.pk, 0)
    assert Assignment.objects.get().ends_on is None


def test_couple_moves_into_one_household(cast: Cast) -> None:
    home = make_household(cast.group)
    one, other = make_elder(home), make_elder(home, name="老王")
    moved(cast, one, cast.next_group)
    other.refresh_from_db()
    assert one.household_id == other.household_id != home.pk
    assert set(Move.objects.values_list("state", flat=True)) == {"done"}


def test_moving_into_a_known_household_keeps_it(cast: Cast) -> None:
    here = make_elder(cast.next_group, name="老王")
    elder = make_elder(cast.group)
    accept_move(
        by=cast.head,
        move=move(cast, elder, cast.next_village),
        place=cast.next_village,
        joins=here.household,
    )
    elder.refresh_from_db()
    assert elder.household_id == here.household_id
    assert Household.objects.count() == 2


Assistance = list[tuple[str, Decimal | None]]


def joined(
    cast: Cast,
    old: dict[str, Any],
    new: dict[str, Any],
    brought: Assistance | None = None,
    there: Assistance | None = None,
) -> Household:
    """The household of a host of whom `new` is known, after somebody moved in with whom `old` came along."""
    guest, host = make_elder(cast.group), make_elder(cast.next_group)
    write_conditions(by=cast.head, household=guest.household, said=old, assistance=brought)
    write_conditions(by=cast.head, household=host.household, said=new, assistance=there)
    waiting = move(cast, guest, cast.next_village)
    accept_move(by=cast.head, move=waiting, place=cast.next_village, joins=host.household)
    return Household.objects.get(pk=host.household_id)


PENSION = {"has_pension": True, "pension_monthly": Decimal(100)}
HELP = {"helping_bodies": ["other"], "helping_other": "老年协会"}


@pytest.mark.parametrize(
    ("old", "known", "left"),
    [
        (PENSION, {"has_pension": False}, {"has_pension": False, "pension_monthly": None}),
        (PENSION, {"has_pension": True}, {"has_pension": True, "pension_monthly": None}),
        (PENSION, {}, PENSION),
        (HELP, {"helping_bodies": ["local"]}, {"helping_bodies": ["local"], "helping_other": ""}),
        (HELP, {"helping_bodies": []}, {"helping_bodies": [], "helping_other": ""}),
        (HELP, {"help_measures": "代购"}, {**HELP, "help_measures": "代购"}),
        ({"help_responsible": "朱卫东"}, {}, {"help_responsible": "朱卫东"}),
    ],
)
def test_what_is_known_of_the_new_household_stays_whole(
    cast: Cast, old: dict[str, Any], known: dict[str, Any], left: dict[str, Any]
) -> None:
    home = joined(cast, old, known)
    assert {name: getattr(home, name) for name in left} == left


@pytest.mark.parametrize(
    ("known", "there", "left"),
    [
        (None, [], (True, ["低保金"])),
        (False, [], (False, [])),
        (None, [("高龄津贴", None)], (None, ["高龄津贴"])),
    ],
)
def test_assistance_goes_along_with_its_items_or_not_at_all(
    cast: Cast, known: bool | None, there: Assistance, left: tuple[bool | None, list[str]]
) -> None:
    brought: Assistance = [("低保金", None)]
    home = joined(cast, {"has_assistance": True}, {"has_assistance": known}, brought, there)
    assert (home.has_assistance, [item.name for item in home.assistance.all()]) == left


def test_split_household_is_judged_again_for_both_dwellings(cast: Cast) -> None:
    """Two elders of whom one is ill are both B by B2; apart, the healthy one is C and the sick one too."""
    home = make_household(cast.group)
    well = make_elder(home, living="elders_only", spouse_location="same_home")
    ill = make_elder(home, living="elders_only", spouse_location="same_home", serious_illness=True)
    assert last_classes() == {well.pk: "B", ill.pk: "B"}
    moved(cast, ill, cast.next_group, whole_household=False)
    assert last_classes() == {well.pk: "C", ill.pk: "C"}


def last_classes() -> dict[Any, str]:
    return dict(ClassPeriod.objects.filter(ends_on=None).values_list("elder", "risk_class"))


# Between towns


def test_other_town_takes_in_and_until_then_nothing_changes(cast: Cast) -> None:
    elder = make_elder(cast.group)
    waiting = move(cast, elder, cast.other_village, address="港西路1号")
    elder.refresh_from_db()
    assert (elder.household.place_id, waiting.state) == (cast.group.code, "waiting")
    with pytest.raises(NotAllowed):
        accept_move(by=cast.head, move=waiting, place=cast.other_group)
    assert carry_out_moves(by=User.objects.system()).elders == 0
    accept_move(by=cast.other_head, move=waiting, place=cast.other_group)
    elder.refresh_from_db()
    assert (elder.household.place_id, elder.household.address) == (cast.other_group.code, "港西路1号")


def test_move_is_seen_by_both_towns_and_the_file_by_the_one_that_has_it(cast: Cast) -> None:
    elder = make_elder(cast.group)
    waiting = move(cast, elder, cast.other_village)

    def seen() -> list[list[bool]]:
        return [
            [model.objects.visible_to(who).filter(pk=pk).exists() for model, pk in wanted]
            for who in (cast.head, cast.other_head)
        ]

    wanted: list[tuple[Any, Any]] = [(Move, waiting.pk), (Elder, elder.pk)]
    assert seen() == [[True, True], [True, False]]
    accept_move(by=cast.other_head, move=waiting, place=cast.other_group)
    assert seen() == [[True, False], [True, True]]


def test_sent_back_with_its_reason_stays_and_can_be_proposed_again(cast: Cast) -> None:
    elder = make_elder(cast.group)
    waiting = move(cast, elder, cast.other_village)
    with pytest.raises(ValueError, match="退回要写原因"):
        send_back_move(by=cast.other_head, move=waiting, reason=" ")
    with pytest.raises(NotAllowed):
        send_back_move(by=cast.head, move=waiting, reason="地址不对")
    send_back_move(by=cast.other_head, move=waiting, reason="地址不对")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decision_reason, waiting.decided_by) == (
        "sent_back",
        "地址不对",
        cast.other_head,
    )
    assert stays(elder) == [(cast.group.code, None, None)]
    assert move(cast, elder, cast.other_village).state == "waiting"


def test_withdrawn_by_the_town_that_proposed_it(cast: Cast) -> None:
    waiting = move(cast, make_elder(cast.group), cast.other_village)
    with pytest.raises(NotAllowed):
        withdraw_move(by=cast.other_head, move=waiting, reason="不搬了")
    withdraw_move(by=cast.head, move=waiting, reason="不搬了")
    with pytest.raises(ValueError, match="已经撤回"):
        accept_move(by=cast.other_head, move=waiting, place=cast.other_group)


@pytest.mark.parametrize("who", ["cadre", "reviewer", "other_head", "officer", "worker"])
def test_moving_away_is_for_the_head_of_the_town(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        propose_move(
            by=getattr(cast, who),
            elder=make_elder(cast.group),
            whole_household=True,
            village=cast.next_village,
            starts_on=today(),
            reason="x",
        )


# Days


def test_coming_move_waits_for_its_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    elder = make_elder(cast.group)
    soon = today() + 3 * DAY
    moved(cast, elder, cast.next_group, starts_on=soon)
    assert elder.household.place_id == cast.group.code
    assert carry_out_moves(by=User.objects.system()).elders == 0
    late = soon + 2 * DAY  # the nightly run was missed for two days
    monkeypatch.setattr("elders.actions.moving.today", lambda: late)
    assert carry_out_moves(by=User.objects.system()).elders == 1
    assert carry_out_moves(by=User.objects.system()).elders == 0
    assert stays(elder) == [(cast.group.code, None, late - DAY), (cast.next_group.code, late, None)]


@pytest.mark.parametrize("days", [-1, 61])
def test_day_is_today_or_within_sixty_days(cast: Cast, days: int) -> None:
    with pytest.raises(ValueError, match="最晚 60 天以内"):
        move(cast, make_elder(cast.group), cast.next_village, starts_on=today() + timedelta(days=days))


def test_second_move_of_one_day_is_refused(cast: Cast) -> None:
    elder = moved(cast, make_elder(cast.group), cast.next_group)
    with pytest.raises(ValueError, match="同一天不能再迁"):
        moved(cast, elder, cast.second_group)
    assert len(stays(elder)) == 2


# What cannot be


def test_one_move_at_a_time(cast: Cast) -> None:
    home = make_household(cast.group)
    one, other = make_elder(home), make_elder(home, name="老王")
    move(cast, one, cast.other_village, whole_household=False)
    with pytest.raises(ValueError, match="马凤英已经有一次迁移在办"):
        move(cast, other, cast.next_village)


def test_somebody_who_is_not_registered_does_not_move(cast: Cast) -> None:
    elder = make_form(make_household(cast.group), date(1950, 5, 1)).elder
    with pytest.raises(ValueError, match="不在册"):
        move(cast, elder, cast.next_village)


def test_village_that_is_none_takes_nobody_in(cast: Cast) -> None:
    Division.objects.filter(pk=cast.next_village.pk).update(active=False)
    cast.next_village.refresh_from_db()
    for place in (cast.next_village, cast.town):
        with pytest.raises(ValueError, match="现在不能迁入"):
            move(cast, make_elder(cast.group), place)


def test_home_must_lie_in_the_village(cast: Cast) -> None:
    elder = make_elder(cast.group)
    waiting = move(cast, elder, cast.next_village)
    for home in (
        {"place": cast.group},
        {"place": cast.next_village, "joins": make_household(cast.second_group)},
    ):
        with pytest.raises(ValueError, match="这次迁到滨江镇新丰村"):
            accept_move(by=cast.head, move=waiting, **home)
    within = move(cast, make_elder(cast.group), cast.village)
    with pytest.raises(ValueError, match="现在住的这一户"):
        accept_move(by=cast.head, move=within, place=cast.village, joins=within.household)


def test_closing_withdraws_what_was_about_to_move(cast: Cast) -> None:
    elder = make_elder(cast.group)
    waiting = move(cast, elder, cast.other_village)
    close_elder(by=cast.head, elder=elder, last_day=today(), reason="died")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decision_reason) == ("withdrawn", "已注销：去世")


# The database


def test_residences_never_overlap(cast: Cast) -> None:
    elder = make_elder(cast.group)
    with breaks("lives_in_one_place"):
        Residence.objects.create(elder=elder, household=elder.household, starts_on=date(2025, 3, 1))


def test_residence_ends_after_it_starts(cast: Cast) -> None:
    stay = make_elder(cast.group).residences.get()
    with breaks("residence_ends_after_start"):
        Residence.objects.filter(pk=stay.pk).update(starts_on=date(2025, 3, 2), ends_on=date(2025, 3, 1))


def test_database_holds_what_a_move_is(cast: Cast) -> None:
    waiting = move(cast, make_elder(cast.group), cast.next_village)
    row = Move.objects.filter(pk=waiting.pk)
    with breaks("move_accepted_into_a_household"):
        row.update(state="accepted")
    with breaks("move_sent_back_with_reason"):
        row.update(state="sent_back")
    with breaks("one_open_move_an_elder"):
        Move.objects.create(
            elder=waiting.elder, household=waiting.household, village=cast.village, starts_on=today(),
            reason="x", proposed_by=cast.head,
        )  # fmt: skip


# The household that is made for them


def test_no_household_is_there_before_they_come(cast: Cast) -> None:
    elder = make_elder(cast.group)
    soon = move(cast, elder, cast.next_village, starts_on=today() + DAY, address="2组3号")
    accept_move(by=cast.head, move=soon, place=cast.next_group)
    assert Household.objects.get() == elder.household
    assert Event.objects.latest("at").words == f"接收马凤英：滨江镇新丰村1组 2组3号，从 {today() + DAY} 起"
    withdraw_move(by=cast.head, move=soon, reason="不搬了")
    assert Household.objects.get() == elder.household


def test_couple_that_waits_for_its_day_comes_to_one_household(cast: Cast) -> None:
    home = make_household(cast.group)
    one = make_elder(home)
    make_elder(home, name="老王")
    soon = move(cast, one, cast.next_village, starts_on=today() + DAY, address="错了")
    accept_move(by=cast.head, move=soon, place=cast.next_group, address="2组3号")
    Move.objects.update(starts_on=today())
    assert carry_out_moves(by=User.objects.system()).elders == 2
    (new,) = Household.objects.exclude(pk=home.pk)
    assert (new.elders.count(), new.place, new.address) == (2, cast.next_group, "2组3号")
    assert set(Move.objects.values_list("state", "to_household")) == {("done", new.pk)}


# What fails at night


def due(cast: Cast, elder: Elder) -> Move:
    """A move that was accepted in time and is due today."""
    soon = move(cast, elder, cast.next_village, starts_on=today() + DAY)
    accept_move(by=cast.head, move=soon, place=cast.next_group)
    Move.objects.filter(pk=soon.pk).update(starts_on=today())
    return soon


def test_move_that_fails_is_told_and_keeps_nobody_else(
    cast: Cast, system: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails, goes = make_elder(cast.group, name="走不成"), make_elder(cast.group)
    due(cast, fails)
    due(cast, goes)
    Residence.objects.filter(elder=fails).update(starts_on=today())
    done = carry_out_moves(by=system)
    assert (done.elders, done.failed) == (1, [
        f"到滨江镇新丰村、从 {today()} 起的迁移没有办成，明天再试："
        "走不成今天刚迁来，同一天不能再迁。请明天再办，或者把日期填成明天。"
    ])  # fmt: skip
    assert (fails.moves.get().state, goes.moves.get().state) == ("accepted", "done")


def test_what_the_database_refuses_is_told_by_its_rule_without_the_row(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    due(cast, elder)
    # Somebody wrote past the actions: a stay that has not begun.
    Residence.objects.filter(elder=elder).update(starts_on=today() + DAY)
    (words,) = carry_out_moves(by=system).failed
    assert words.endswith("新旧两户的资料合不到一起（residence_ends_after_start）。请系统管理员核对")
    assert Residence.objects.get().household == elder.household


def test_night_goes_on_after_a_move_that_fails(cast: Cast) -> None:
    elder = make_elder(cast.group)
    due(cast, elder)
    Residence.objects.filter(elder=elder).update(starts_on=today())
    said = run("nightly")
    assert "迁移到期：0 人" in said
    assert "没有办成，明天再试：马凤英今天刚迁来" in said
    assert "自动通过探访：" in said


# Several at once


def test_two_who_take_in_at_once_accept_once(transactional_db: None, cast: Cast) -> None:
    """Of a coming day: nothing is carried out yet that would refuse the second."""
    waiting = move(cast, make_elder(cast.group), cast.next_village, starts_on=today() + DAY)

    def accept() -> None:
        accept_move(by=cast.head, move=waiting, place=cast.next_group)

    said = at_once(accept, accept)
    assert sorted(type(one).__name__ for one in said) == ["NoneType", "ValueError"]
    assert Event.objects.filter(verb="accept_move").count() == 1


def accepting(cast: Cast, waiting: Move) -> Callable[[], None]:
    return lambda: accept_move(by=cast.head, move=waiting, place=cast.next_group)


def test_taken_in_while_the_record_is_closed_waits_for_the_elder_alone(
    transactional_db: None, cast: Cast
) -> None:
    """Closing holds the elder and then wants the moves. Whoever takes in and held the moves first would never get the
    elder, nor closing the moves."""
    elder = make_elder(cast.group)
    waiting = move(cast, elder, cast.next_village)

    def close() -> None:
        close_elder(by=cast.head, elder=elder, last_day=today(), reason="died")

    def hold() -> None:
        Elder.objects.select_for_update().get(pk=elder.pk)

    said = overtaken(accepting(cast, waiting), by=hold, then=close)
    assert "已经撤回" in str(said)


def test_whoever_moved_away_meanwhile_is_not_proposed_from_the_old_place(
    transactional_db: None, cast: Cast
) -> None:
    elder = make_elder(cast.group)
    far = make_household(cast.other_group)
    said = overtaken(
        lambda: move(cast, elder, cast.next_village, whole_household=False),
        by=lambda: Elder.objects.filter(pk=elder.pk).update(household=far),
    )
    assert "刚才已经迁走" in str(said)
    assert not Move.objects.exists()
