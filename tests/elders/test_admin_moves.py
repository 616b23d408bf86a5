from datetime import date, timedelta

from elders.actions import accept_move, propose_move
from elders.models import Elder, Move
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import costs_the_same, make_elder, make_household, make_visit, run
from visitcare.kit.weeks import today

DAY = timedelta(days=1)


def test_move_within_the_town_is_done_at_once(cast: Cast) -> None:
    elder = make_elder(cast.group)
    said = Desk(cast.head).press(
        elder, "move", village=cast.next_village.code, group="1", address="2组3号", number="", starts_on=today(),
        reason="投靠子女",
    )  # fmt: skip
    assert said == [
        "马凤英从今天起归滨江镇新丰村。以前的探访仍归原来的村，由原来的镇结算；这一周的任务不变，下一周起按新的村排。"
    ]
    elder.refresh_from_db()
    assert (elder.household.place_id, elder.household.address) == (cast.next_group.code, "2组3号")


def test_move_to_another_town_waits_and_is_taken_in_there(cast: Cast) -> None:
    elder = make_elder(cast.group)
    old, new = Desk(cast.head), Desk(cast.other_head)
    said = old.press(
        elder, "move", village=cast.other_village.code, group="", address="港西路1号", number="", starts_on=today(),
        reason="投靠子女",
    )  # fmt: skip
    assert said == ["已交给海晏镇港西村，等对方接收。接收以前，马凤英仍由原来的村探访。"]
    move = Move.objects.get()
    assert (old.doors(move), new.doors(move)) == (["withdraw"], ["accept", "send_back"])
    assert "move" not in old.doors(elder)
    page = new.page(move)
    assert ("马凤英" in page, "港西路1号" in page, f"{elder.pk}/change" in page) == (True, True, False)
    (said,) = new.press(move, "accept", group="1", address="港西路1号", number="")
    assert said.startswith("马凤英从今天起归海晏镇港西村。")
    assert new.listed("elders.elder") == [elder]
    assert old.listed("elders.elder") == []
    assert "住处" in new.page(elder)


def test_sent_back_says_why_on_the_elders_page(cast: Cast) -> None:
    elder = make_elder(cast.group)
    move = propose_move(
        by=cast.head,
        elder=elder,
        whole_household=True,
        village=cast.other_village,
        starts_on=today(),
        reason="x",
    )
    said = Desk(cast.other_head).press(move, "send_back", reason="村里没有这户")
    assert said == ["退回了。马凤英仍在滨江镇永安村1组。"]
    assert "村里没有这户" in Desk(cast.head).page(elder)
    assert Desk(cast.head).listed("elders.move", state="sent_back") == [move]


def test_group_and_household_that_are_none_are_told(cast: Cast) -> None:
    elder = make_elder(cast.group)
    desk = Desk(cast.head)
    says = {"village": cast.next_village.code, "starts_on": today(), "reason": "x", "address": ""}
    assert desk.press(elder, "move", group="9", number="", **says) == ["新丰村没有“9”。现有：1组。"]
    (said,) = desk.press(elder, "move", group="", number="H9", **says)
    assert said.startswith("新丰村没有户编号、地址或老人是“H9”的户。")
    assert not Move.objects.exists()


def test_elder_moves_in_with_somebody(cast: Cast) -> None:
    elder, host = make_elder(cast.group), make_elder(cast.next_group, name="老王")
    says = {
        "village": cast.next_village.code,
        "starts_on": today(),
        "reason": "投靠",
        "address": "",
        "group": "",
    }
    Desk(cast.head).press(elder, "move", number="老王", **says)
    elder.refresh_from_db()
    assert elder.household_id == host.household_id


def test_of_a_couple_it_is_asked_who_moves(cast: Cast) -> None:
    home = make_household(cast.group)
    elder, other = make_elder(home), make_elder(home, name="老王")
    desk = Desk(cast.head)
    says = {
        "village": cast.next_village.code,
        "starts_on": today(),
        "reason": "x",
        "address": "",
        "group": "",
        "number": "",
    }
    assert desk.press(elder, "move", **says) == ["请填“谁搬”。"]
    desk.press(elder, "move", who="one", **says)
    other.refresh_from_db()
    assert other.household_id == home.pk


def test_list_of_moves_costs_the_same_for_one_and_for_three(cast: Cast) -> None:
    def move() -> None:
        propose_move(
            by=cast.head, elder=make_elder(cast.group), whole_household=True, village=cast.other_village,
            starts_on=today(), reason="x",
        )  # fmt: skip

    assert costs_the_same(lambda: Desk(cast.head).listed("elders.move"), move)


def test_nightly_carries_out_what_is_due(cast: Cast) -> None:
    elder = make_elder(cast.group)
    move = propose_move(
        by=cast.head,
        elder=elder,
        whole_household=True,
        village=cast.next_village,
        starts_on=today() + DAY,
        reason="x",
    )
    accept_move(by=cast.head, move=move, place=cast.next_group)
    assert "迁移到期：0 人" in run("nightly")
    Move.objects.update(starts_on=today() - DAY)
    assert "迁移到期：1 人" in run("nightly")
    assert "迁移到期：0 人" in run("nightly")
    assert Elder.objects.get(pk=elder.pk).household.place_id == cast.next_group.code


def test_nightly_tells_of_a_household_that_was_changed_past_the_actions(cast: Cast) -> None:
    elder = make_elder(cast.group)
    assert "住处不一致" not in run("nightly")
    Elder.objects.filter(pk=elder.pk).update(household=make_household(cast.next_group))
    assert "住处不一致：1 人的户和住处记录对不上" in run("nightly")


# Closing, with a look at the visits


def test_closing_before_a_visit_asks_to_look_again(cast: Cast) -> None:
    elder = make_elder(cast.group)
    make_visit(cast.worker, elder, at="2025-03-04 09:00", state="valid")
    visit = make_visit(cast.worker, elder, at="2025-03-06 09:00", state="valid")
    desk = Desk(cast.head)
    says = {"reason": "died", "last_day": date(2025, 3, 4).isoformat()}
    (said,) = desk.press(elder, "close", **says)
    assert said.startswith("这一天以后还有探访：2025-03-06 上门，陆桂芳。请先核对日期。")
    assert Elder.objects.get(pk=elder.pk).status == "active"
    said = desk.press(elder, "close", checked="on", **says)
    assert said == ["马凤英已注销，最后一天是2025年3月4日。以后的 1 次探访不计酬，请在下面核对。"]
    page = desk.page(elder)
    assert page.index("注销日期以后的探访") < page.rindex(str(visit.pk))


def test_closing_on_the_day_of_the_last_visit_asks_nothing(cast: Cast) -> None:
    elder = make_elder(cast.group)
    make_visit(cast.worker, elder, at="2025-03-04 23:50", state="valid")
    make_visit(cast.worker, elder, at="2025-03-05 09:00", state="invalid")
    said = Desk(cast.head).press(elder, "close", reason="died", last_day="2025-03-04")
    assert said == ["马凤英已注销，最后一天是2025年3月4日。"]
    assert "注销日期以后的探访" not in Desk(cast.head).page(elder)


def test_reviewer_neither_moves_nor_merges_nor_closes(cast: Cast) -> None:
    offered = set(Desk(cast.reviewer).doors(make_elder(cast.group)))
    assert offered & {"move", "merge", "close"} == set()
    assert offered >= {"pause", "ask_again", "renew"}
