from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from elders.actions import close_elder, merge_elders, pause_elder, propose_move, reopen_elder
from elders.models import Elder
from subsidies.verifying import verify
from tests.cast import VILLAGE, Cast
from tests.desk import Desk
from tests.factories import (
    at_once,
    breaks,
    draft,
    freeze,
    id_number,
    make_elder,
    make_form,
    make_visit,
    read_rows,
    run,
    save_sheet,
)
from visitcare.audit.models import Event
from visitcare.kit.weeks import Week, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.actions import open_week
from visits.models import Obligation, Visit
from visits.progress import with_progress
from visits.queries import people_of

REASON = "身份证号码录错了一位"


def merge(cast: Cast, loser: Elder, winner: Elder, **said: Any) -> None:
    merge_elders(**({"by": cast.head, "loser": loser, "winner": winner, "reason": REASON} | said))
    loser.refresh_from_db()


@pytest.fixture
def loser(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def winner(cast: Cast) -> Elder:
    return make_elder(cast.next_group)


def test_merged_file_is_closed_and_says_where_it_went(cast: Cast, loser: Elder, winner: Elder) -> None:
    merge(cast, loser, winner)
    assert (loser.status, loser.closed_on, loser.close_reason) == ("closed", today(), "merged")
    assert loser.merged_into == winner
    assert loser.active_periods.get().ends_on == today()
    winner.refresh_from_db()
    assert (winner.status, winner.active_periods.get().ends_on) == ("active", None)
    told = Event.objects.filter(verb="merge_elders").values_list("about_id", "words", "reason")
    assert set(told) == {
        (str(loser.pk), "马凤英的这份档案并入另一份（滨江镇新丰村1组）", REASON),
        (str(winner.pk), "马凤英的另一份档案（滨江镇永安村1组）并入这份", REASON),
    }


def test_file_that_was_closed_keeps_its_day(cast: Cast, loser: Elder, winner: Elder) -> None:
    close_elder(by=cast.head, elder=loser, last_day=date(2025, 3, 4), reason="moved")
    merge(cast, loser, winner)
    assert (loser.closed_on, loser.close_reason) == (date(2025, 3, 4), "merged")


def test_number_is_free_again(cast: Cast, winner: Elder) -> None:
    """The two files bear one number where one of them was closed by mistake and written anew."""
    number = id_number(date(1950, 5, 1))
    loser = make_elder(cast.group, number=number)
    merge(cast, loser, winner)
    assert make_elder(cast.group, number=number).status == "active"


def test_merging_cannot_be_undone_by_reopening(cast: Cast, loser: Elder, winner: Elder) -> None:
    merge(cast, loser, winner)
    with pytest.raises(ValueError, match="已并入马凤英的另一份，不能重新入册"):
        reopen_elder(by=cast.head, elder=loser, since=today(), reason="并错了")
    assert "reopen" not in Desk(cast.head).doors(loser)


def test_no_chains_and_no_circles(cast: Cast, loser: Elder, winner: Elder) -> None:
    third = make_elder(cast.second_group)
    merge(cast, loser, winner)
    for one, other, words in (
        (loser, third, "已经并入另一份"),
        (third, loser, "现在是“注销”"),
        (winner, third, "已经有别的档案并入这一份"),
        (third, third, "不能并入自己"),
    ):
        with pytest.raises(ValueError, match=words):
            merge(cast, one, other)
    assert Elder.objects.filter(merged_into=None).count() == 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": "别人", "birth_date": date(1940, 1, 1)}, "不像同一个人"),
        ({"status": "submitted"}, "现在是“待审批”"),
    ],
)
def test_file_that_is_no_winner_is_refused(
    cast: Cast, loser: Elder, winner: Elder, said: dict[str, Any], words: str
) -> None:
    Elder.objects.filter(pk=winner.pk).update(**said)
    with pytest.raises(ValueError, match=words):
        merge(cast, loser, winner)


def test_merging_needs_a_reason(cast: Cast, loser: Elder, winner: Elder) -> None:
    with pytest.raises(ValueError, match="并档要写原因"):
        merge(cast, loser, winner, reason=" ")


@pytest.mark.parametrize("who", ["head", "other_head", "reviewer", "officer", "approver"])
def test_files_of_two_towns_are_merged_by_nobody_alone(cast: Cast, loser: Elder, who: str) -> None:
    """No one holds the right in both: the file is handed over first."""
    foreign = make_elder(cast.other_group)
    with pytest.raises(NotAllowed, match="请先把要并掉的那份迁到对方镇"):
        merge(cast, loser, foreign, by=getattr(cast, who))


def test_what_goes_on_with_the_merged_file_ends(cast: Cast, loser: Elder, winner: Elder) -> None:
    pause_elder(by=cast.head, elder=loser, starts_on=date(2025, 3, 3), ends_on=None, reason="away")
    propose_move(
        by=cast.head,
        elder=loser,
        whole_household=True,
        village=cast.other_village,
        starts_on=today(),
        reason="x",
    )
    form = make_form(loser.household, loser.birth_date, elder=loser, registered_on=today())
    merge(cast, loser, winner)
    form.refresh_from_db()
    assert (form.state, form.decision_reason) == ("returned", "已并入马凤英的另一份档案")
    assert loser.pauses.get().ends_on == today()
    assert loser.moves.get().state == "withdrawn"


def test_open_obligation_of_the_merged_file_is_excused(cast: Cast, system: User) -> None:
    loser, winner = make_elder(cast.group), make_elder(cast.next_group)
    open_week(by=system, week=Week.of(today()))
    merge(cast, loser, winner)
    states = dict(with_progress(Obligation.objects.all()).values_list("elder", "progress"))
    assert states == {loser.pk: "excused", winner.pk: "open"}


def test_visits_of_both_files_are_paid_once_each_as_they_were(
    cast: Cast, loser: Elder, winner: Elder
) -> None:
    """Paid before the merging and settled after it; nothing moves to the other file."""
    for month in ("02", "03"):
        make_visit(cast.worker, loser, at=f"2025-{month}-04 09:00", state="valid")
        make_visit(cast.next_worker, winner, at=f"2025-{month}-04 10:00", state="valid")
    frozen = freeze(draft(cast.town, "2025-02"), maker=cast.head, checker=cast.approver)
    digest = frozen.digest
    merge(cast, loser, winner)
    after = draft(cast.town, "2025-03")
    frozen.refresh_from_db()
    assert (frozen.digest, frozen.paid_count, after.paid_count) == (digest, 2, 2)
    assert verify() == []
    assert [visit.elders.get() for visit in Visit.objects.order_by("started_at")] == [loser, winner] * 2


def test_pages_of_both_files_lead_to_each_other(cast: Cast, loser: Elder, winner: Elder) -> None:
    make_visit(cast.worker, loser, at="2025-03-04 09:12", state="valid")
    desk = Desk(cast.head)
    said = desk.press(loser, "merge", number=winner.id_number, reason=REASON)
    assert said == [
        "这份档案已并入马凤英在滨江镇新丰村1组的那一份。以前的探访和补贴都不变，在那一份里也看得到。"
    ]
    page = desk.page(winner)
    assert ("并入的档案" in page, str(loser.pk) in page, "2025-03-04 09:12" in page) == (True, True, True)
    page = desk.page(loser)
    assert ("这份档案已并入另一份" in page, str(winner.pk) in page) == (True, True)


def test_merged_file_leaves_the_list(cast: Cast, loser: Elder, winner: Elder) -> None:
    merge(cast, loser, winner)
    desk = Desk(cast.head)
    assert desk.listed("elders.elder") == [winner]
    assert desk.listed("elders.elder", files="merged") == [loser]
    assert loser.household.elders.get() == loser


@pytest.mark.parametrize("whose", ["nobody", "itself", "other_town"])
def test_number_of_no_other_file_is_told(cast: Cast, loser: Elder, whose: str) -> None:
    numbers = {
        "nobody": id_number(date(1950, 5, 1)),
        "itself": loser.id_number,
        "other_town": make_elder(cast.other_group).id_number,
    }
    (words,) = Desk(cast.head).press(loser, "merge", number=numbers[whose], reason=REASON)
    assert "没有别的档案用这个证件号码" in words


def test_two_files_merged_into_each_other_at_once(transactional_db: None, cast: Cast) -> None:
    one, other = make_elder(cast.group), make_elder(cast.group)
    said = at_once(lambda: merge(cast, one, other), lambda: merge(cast, other, one))
    assert sorted(type(answer).__name__ for answer in said) == ["NoneType", "ValueError"]
    assert Elder.objects.filter(merged_into=None).count() == 1


def test_database_holds_what_merged_means(cast: Cast, loser: Elder, winner: Elder) -> None:
    row = Elder.objects.filter(pk=loser.pk)
    with breaks("merged_into_where_that_is_why"):
        row.update(merged_into=winner)
    with breaks("merged_into_where_that_is_why"):
        row.update(status="closed", closed_on=today(), close_reason="merged")
    with breaks("merged_into_another"):
        row.update(status="closed", closed_on=today(), close_reason="merged", merged_into=loser)


def test_merged_file_is_no_longer_offered_to_record(cast: Cast) -> None:
    loser, winner = make_elder(cast.group), make_elder(cast.next_group)
    merge(cast, loser, winner)
    assert people_of(loser.household) == []


def test_roster_with_the_number_of_a_merged_file_is_told_where_it_went(cast: Cast, tmp_path: Path) -> None:
    loser, winner = make_elder(cast.group), make_elder(cast.next_group)
    merge(cast, loser, winner)
    row = {
        "姓名*": loser.name, "居民身份证号码*": loser.id_number, "村(社区)代码*": VILLAGE, "居住状况*": "独居",
        "探访意愿*": "愿意", "登记日期*": "2025-01-06",
    }  # fmt: skip
    with pytest.raises(CommandError):
        run(
            "import_elders", save_sheet(tmp_path / "elders.xlsx", [row]), "--report", tmp_path / "report.xlsx"
        )
    assert "已并入另一份" in str(read_rows(tmp_path / "report.xlsx")[-1])
