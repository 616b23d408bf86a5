"""An elder moves: each visit belongs to where they lived on its day, whoever types it and whenever."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from elders.actions import accept_move, carry_out_moves, propose_move
from elders.models import Elder, Residence
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder, make_household, make_visit
from visitcare.kit.weeks import SHANGHAI, Week, next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User
from visitcare.policy.models import care_policy
from visits import queries
from visits.actions import open_week, set_up_campaign
from visits.actions.weeks import owed
from visits.forms import blank
from visits.models import Obligation, Visit
from visits.progress import with_progress

DAY = timedelta(days=1)


def move(
    elder: Elder, place: Division, *, days_ago: int = 0, starts_on: date | None = None, alone: bool = False
) -> Elder:
    """Moved by the system; `days_ago` as if it had been done then."""
    system = User.objects.system()
    village = place if place.level == "village" else Division.objects.get(code=place.village_code)
    proposed = propose_move(
        by=system,
        elder=elder,
        whole_household=not alone,
        village=village,
        starts_on=starts_on or today(),
        reason="投靠子女",
    )
    accept_move(by=system, move=proposed, place=place)
    first = today() - timedelta(days=days_ago)
    Residence.objects.filter(elder=elder, ends_on=today() - DAY).update(ends_on=first - DAY)
    Residence.objects.filter(elder=elder, starts_on=today()).update(starts_on=first)
    elder.refresh_from_db()
    return elder


def at(days_ago: int, hour: int = 9) -> str:
    moment = datetime.combine(today() - timedelta(days=days_ago), datetime.min.time(), SHANGHAI)
    return f"{moment + timedelta(hours=hour):%Y-%m-%d %H:%M}"


def test_visit_typed_after_the_move_belongs_to_the_village_of_its_day(cast: Cast) -> None:
    elder = make_elder(cast.group)
    old = elder.household
    move(elder, cast.other_group, days_ago=2)
    before = make_visit(cast.worker, elder, at=at(3), by=cast.worker, received_at=timezone.now())
    after = make_visit(cast.other_worker, elder, at=at(2), by=cast.other_worker, received_at=timezone.now())
    assert (before.village_code, before.household) == (cast.village.code, old)
    assert (after.village_code, after.household) == (cast.other_village.code, elder.household)
    assert not before.flags.filter(code="not_assigned").exists()
    assert not after.flags.filter(code="not_assigned").exists()


def test_each_worker_records_for_their_own_days_only(cast: Cast) -> None:
    elder = move(make_elder(cast.group), cast.other_group, days_ago=2)
    for worker, days_ago in ((cast.worker, 2), (cast.other_worker, 3)):
        with pytest.raises(NotAllowed, match="搬家前后的探访，由当时负责的人记"):
            make_visit(worker, elder, at=at(days_ago), by=worker)
    assert not Visit.objects.exists()


def test_former_worker_is_too_late_after_the_monday_of_the_week_after(cast: Cast) -> None:
    elder = move(make_elder(cast.group), cast.other_group, days_ago=7)
    make_visit(cast.worker, elder, at=at(8), by=cast.worker)
    Residence.objects.filter(elder=elder, starts_on=None).update(ends_on=today() - 9 * DAY)
    with pytest.raises(NotAllowed, match="有老人不在您负责的户里"):
        make_visit(cast.worker, elder, at=at(9), by=cast.worker)


def test_couple_that_separated_is_one_visit_before_and_none_after(cast: Cast) -> None:
    home = make_household(cast.group)
    leaves, remains = make_elder(home, name="走的"), make_elder(home, name="留的")
    move(leaves, cast.second_group, days_ago=2, alone=True)
    both = make_visit(cast.cadre, leaves, remains, at=at(3), by=cast.cadre)
    assert both.household == home
    with pytest.raises(ValueError, match="户"):
        make_visit(cast.cadre, leaves, remains, at=at(1), by=cast.cadre)


def test_record_page_still_offers_who_has_just_left(cast: Cast) -> None:
    home = make_household(cast.group)
    leaves, remains = make_elder(home, name="走的"), make_elder(home, name="留的")
    move(leaves, cast.other_group, days_ago=2, alone=True)
    assert queries.people_of(home) == [remains, leaves]
    page = Client()
    page.force_login(cast.worker)
    words = page.get(f"/record/{home.pk}/").content.decode()
    assert "走的（搬走了，在这里住到" in words
    assert blank(queries.people_of(home), "")["elders"] == [str(remains.pk)]
    Residence.objects.filter(elder=leaves, starts_on=None).update(ends_on=today() - 9 * DAY)
    assert queries.people_of(home) == [remains]


def test_card_of_the_week_goes_to_the_new_worker_with_what_is_still_due(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, date(1940, 1, 1))  # A
    week = Week.of(today())
    open_week(by=system, week=week)
    move(elder, cast.other_group)
    assert queries.cards_of_week(cast.worker, week, today()) == []
    (card,) = queries.cards_of_week(cast.other_worker, week, today())
    assert card.elders[0].required == (2, 2)


def test_open_week_stays_with_its_village_and_takes_the_new_workers_visits(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    open_week(by=system, week=Week.of(today()))
    move(elder, cast.other_group)
    make_visit(
        cast.other_worker, elder, at=f"{today()} 00:00", mode="phone", state="valid", by=cast.other_worker
    )
    obligation = with_progress(Obligation.objects.all()).get()
    assert (obligation.village_code, obligation.progress) == (cast.village.code, "met")
    open_week(by=system, week=Week(next_monday(today())))
    assert Obligation.objects.get(monday=next_monday(today())).village_code == cast.other_village.code


def test_week_opened_on_sunday_follows_who_moves_on_its_monday(cast: Cast, system: User) -> None:
    elder, monday = make_elder(cast.group), next_monday(today())
    move(elder, cast.other_group, starts_on=monday)
    assert elder.household.place_id == cast.group.code
    open_week(by=system, week=Week(monday))
    assert Obligation.objects.get().village_code == cast.other_village.code


def test_past_week_is_owed_where_the_elder_lived(cast: Cast) -> None:
    elder = move(make_elder(cast.group), cast.other_group)
    monday = date(2025, 3, 3)
    here, there = (
        [one.elder for one in owed(monday, care_policy(monday), place=town.code)]
        for town in (cast.town, cast.other_town)
    )
    assert (here, there) == ([elder.pk], [])


def test_old_village_keeps_its_visits_and_their_pages(cast: Cast) -> None:
    elder = make_elder(cast.group)
    visit = make_visit(cast.worker, elder, at=at(3), state="valid")
    move(elder, cast.other_group)
    old, new = Desk(cast.head), Desk(cast.other_head)
    page = old.page(visit)
    assert ("马凤英（已迁出，档案在现在的村）" in page, str(elder.pk) + "/change" in page) == (True, False)
    assert old.listed("visits.visit", state="all", elder=elder.pk) == [visit]
    assert old.rows(old.open(old.search("visits.visit", "马凤英", state="all"))) == [visit]
    assert old.client.get(f"/admin/elders/elder/{elder.pk}/change/").status_code == 302
    assert new.listed("visits.visit", state="all") == []
    page = new.page(elder)
    assert ("搬来以前的探访" in page, "陆桂芳" in page, at(3) in page) == (True, True, True)


def test_week_of_the_old_village_tells_that_the_elder_has_left(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    open_week(by=system, week=Week.of(today()))
    move(elder, cast.other_group)
    desk = Desk(cast.head)
    page = desk.open("/admin/visits/obligation/").content.decode()
    assert ("滨江镇永安村（已迁出）" in page, "海晏镇" in page) == (True, False)
    assert "已迁出，档案在现在的村" in desk.page(Obligation.objects.get())


def test_search_by_village_finds_where_it_was_owed_and_tells_no_new_home(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group)
    set_up_campaign(
        by=system, kind="heat", words="高温走访", place=cast.village, first_day=today(), last_day=today(),
        home_due=1, greeting_due=0,
    )  # fmt: skip
    open_week(by=system, week=Week.of(today()))
    move(elder, cast.other_group)
    desk = Desk(cast.head)
    for label in ("visits.obligation", "visits.campaignelder"):
        found = [len(desk.found(label, term)) for term in ("永安", "海晏", "港西")]
        assert found == [1, 0, 0]


def test_nightly_move_goes_before_the_week(cast: Cast, system: User, monkeypatch: pytest.MonkeyPatch) -> None:
    elder, monday = make_elder(cast.group), next_monday(today())
    move(elder, cast.other_group, starts_on=monday)
    monkeypatch.setattr("elders.actions.moving.today", lambda: monday)
    assert carry_out_moves(by=system).elders == 1
    elder.refresh_from_db()
    assert elder.household.place_id == cast.other_group.code


def test_couple_that_is_still_to_come_is_one_household_in_the_week_to_come(cast: Cast) -> None:
    home, monday = make_household(cast.group), next_monday(today())
    one = make_elder(home)
    make_elder(home, name="老王")
    stranger = make_elder(cast.group)
    move(one, cast.other_group, starts_on=monday)
    move(stranger, cast.other_group, starts_on=monday)
    coming = list(owed(monday, care_policy(monday)))
    assert {each.place for each in coming} == {cast.other_group.code}
    assert len({each.household for each in coming}) == 2
