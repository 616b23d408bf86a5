"""加访: whom a campaign reaches, what it asks for, and how far it is."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from elders.actions import close_elder
from elders.models import Consent, Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import breaks, costs_the_same, make_elder, make_household, make_visit
from visitcare.audit.models import Event
from visitcare.kit.spoken import day_words
from visitcare.kit.weeks import Week, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import Division, User
from visits.actions import end_campaign, open_week, set_up_campaign
from visits.cards import ExtraDue
from visits.extra import extra_asked, extra_due, with_extra_progress
from visits.models import Campaign, CampaignElder, Obligation
from visits.progress import with_progress
from visits.queries import cards_of_week
from visits.rules import Due

TODAY = today()


def set_up(by: User, place: Division, **said: Any) -> Campaign:
    asked: dict[str, Any] = {
        "kind": "heat", "words": "高温走访", "first_day": TODAY, "last_day": TODAY + timedelta(days=2),
        "home_due": 1, "greeting_due": 1,
    }  # fmt: skip
    return set_up_campaign(by=by, place=place, **asked | said)


def past(system: User, place: Division, **said: Any) -> Campaign:
    """The first week of March 2025, as if it had been set up then."""
    campaign = set_up(system, place, **said)
    Campaign.objects.filter(pk=campaign.pk).update(first_day=date(2025, 3, 3), last_day=date(2025, 3, 5))
    campaign.refresh_from_db()
    return campaign


def at(days: int, hour: int = 0) -> str:
    """A moment some days from today on: early, so that it is never in the future."""
    return f"{TODAY + timedelta(days=days):%Y-%m-%d} {hour:02}:00"


def reached(campaign: Campaign) -> set[str]:
    return set(campaign.drawn.values_list("elder__name", flat=True))


def progress(campaign: Campaign) -> dict[str, str]:
    return dict(with_extra_progress(campaign.drawn.all()).values_list("elder__name", "progress"))


# Whom it reaches


@pytest.fixture
def people(cast: Cast) -> None:
    make_elder(cast.group, date(1940, 5, 1), name="甲")  # A, alone
    make_elder(cast.group, date(1950, 5, 1), name="乙")  # C, alone
    make_elder(cast.group, date(1940, 5, 1), name="丙", living="elders_only")  # A, empty nest
    make_elder(cast.next_group, date(1940, 5, 1), name="丁", living="with_family")  # C
    make_elder(cast.other_group, date(1940, 5, 1), name="戊")
    make_elder(cast.group, date(1940, 5, 1), name="己", consent="refused")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, "甲乙丙丁"),
        ({"classes": ["A"]}, "甲丙"),
        ({"classes": ["A", "C"], "living": "living_alone"}, "甲乙"),
        ({"living": "empty_nest"}, "丙"),
        ({"living": "either"}, "甲乙丙"),
        ({"age_from": 80}, "甲丙丁"),
    ],
)
def test_filter_finds_whom_it_names(cast: Cast, people: None, asked: dict[str, Any], expected: str) -> None:
    assert reached(set_up(cast.head, cast.town, **asked)) == set(expected)


def test_county_reaches_all_towns_and_a_village_itself(cast: Cast, people: None) -> None:
    assert reached(set_up(cast.officer, cast.county)) == set("甲乙丙丁戊")
    assert reached(set_up(cast.reviewer, cast.next_village)) == set("丁")


@pytest.mark.parametrize(("years", "expected"), [(80, True), (81, False)])
def test_age_is_reached_on_the_birthday(cast: Cast, years: int, expected: bool) -> None:
    make_elder(cast.group, TODAY.replace(year=TODAY.year - 80), name="寿星")
    if expected:
        assert reached(set_up(cast.head, cast.town, age_from=years)) == {"寿星"}
    else:
        with pytest.raises(ValueError, match="一位老人也没有找到"):
            set_up(cast.head, cast.town, age_from=years)


def test_phone_only_is_asked_for_calls_only(cast: Cast) -> None:
    make_elder(cast.group, consent="phone_only")
    drawn = set_up(cast.head, cast.town).drawn.get()
    assert (drawn.home_due, drawn.greeting_due, drawn.village_code) == (0, 1, cast.village.code)
    with pytest.raises(ValueError, match="一位老人也没有找到"):
        set_up(cast.head, cast.town, words="只上门", greeting_due=0)
    preview = Desk(cast.head).client.post("/admin/visits/campaign/add/", asked(cast.town)).content.decode()
    assert "一位老人也没有找到" in preview


# Setting up


@pytest.mark.parametrize("called", ["cadre", "auditor", "approver", "other_head", "worker", "admin"])
def test_only_who_may_arrange_it_there_does(cast: Cast, people: None, called: str) -> None:
    with pytest.raises(NotAllowed):
        set_up(getattr(cast, called), cast.town)


def test_town_cannot_set_one_up_for_the_county(cast: Cast, people: None) -> None:
    with pytest.raises(NotAllowed):
        set_up(cast.head, cast.county)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"words": "  "}, "起个名称"),
        ({"last_day": TODAY - timedelta(days=1)}, "早于第一天"),
        ({"first_day": TODAY - timedelta(days=3), "last_day": TODAY - timedelta(days=1)}, "已经过了"),
        ({"first_day": TODAY - timedelta(days=8)}, "太早了"),
        ({"last_day": TODAY + timedelta(days=31)}, "最多 31 天"),
        ({"home_due": 0, "greeting_due": 0}, "不能都是 0"),
        ({"home_due": 4}, "每种最多填 3 次"),
        ({"greeting_due": 4}, "每种最多填 3 次"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    cast: Cast, people: None, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        set_up(cast.head, cast.town, **said)
    assert (Campaign.objects.count(), CampaignElder.objects.count()) == (0, 0)


def test_same_twice_is_refused_until_the_first_is_ended(cast: Cast, people: None) -> None:
    first = set_up(cast.head, cast.town)
    with pytest.raises(ValueError, match="已经安排过了"):
        set_up(cast.head, cast.town)
    end_campaign(by=cast.head, campaign=first, reason="填错了")
    assert set_up(cast.head, cast.town, home_due=2).drawn.count() == 4


def test_setting_up_and_ending_are_told(cast: Cast, people: None) -> None:
    campaign = set_up(cast.head, cast.town)
    end_campaign(by=cast.reviewer, campaign=campaign, reason=" 退温了 ")
    events = Event.objects.filter(verb__endswith="_campaign").order_by("at")
    assert list(events.values_list("verb", "actor_name", "reason", "area_code", "about_id")) == [
        ("set_up_campaign", cast.head.name, "", cast.town.code, str(campaign.pk)),
        ("end_campaign", cast.reviewer.name, "退温了", cast.town.code, str(campaign.pk)),
    ]
    assert events[0].data == {"elders": 4}


def test_ending_needs_a_reason_a_right_and_something_to_end(cast: Cast, people: None) -> None:
    campaign = set_up(cast.officer, cast.county)
    with pytest.raises(ValueError, match="要写原因"):
        end_campaign(by=cast.officer, campaign=campaign, reason=" ")
    with pytest.raises(NotAllowed):
        end_campaign(by=cast.head, campaign=campaign, reason="退温了")
    end_campaign(by=cast.officer, campaign=campaign, reason="退温了")
    with pytest.raises(ValueError, match="已经结束了"):
        end_campaign(by=cast.officer, campaign=campaign, reason="退温了")


# How far it is


def test_contact_counts_for_the_campaign_and_for_the_week(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, name="甲")
    open_week(by=system, week=Week(date(2025, 3, 3)))
    before = Obligation.objects.values().get()
    campaign = past(system, cast.town, home_due=0)
    assert progress(campaign) == {"甲": "missed"}
    make_visit(cast.worker, elder, mode="phone", state="valid")
    assert progress(campaign) == {"甲": "done"}
    assert with_progress(Obligation.objects.all()).get().progress == "met"
    assert Obligation.objects.values().get() == before


def test_surplus_home_visit_covers_a_call_of_the_campaign_too(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, name="甲")
    campaign = past(system, cast.town)
    for day in ("03", "05"):
        make_visit(cast.worker, elder, at=f"2025-03-{day} 09:00", state="valid")
    assert progress(campaign) == {"甲": "done"}
    Campaign.objects.update(surplus_covers=False)
    assert progress(campaign) == {"甲": "missed"}


@pytest.mark.parametrize("day", ["2025-03-02", "2025-03-06"])
def test_contact_on_another_day_does_not_count(cast: Cast, system: User, day: str) -> None:
    elder = make_elder(cast.group, name="甲")
    campaign = past(system, cast.town, home_due=0)
    make_visit(cast.worker, elder, at=f"{day} 09:00", mode="phone", state="valid")
    assert progress(campaign) == {"甲": "missed"}


def test_whoever_was_not_there_on_the_last_day_is_excused(cast: Cast, system: User) -> None:
    names = ("在家", "回来了", "住院", "去世")
    _home, back, ill, dead = (make_elder(cast.group, name=name) for name in names)
    campaign = past(system, cast.town)
    back.pauses.create(starts_on=date(2025, 3, 3), ends_on=date(2025, 3, 4), reason="away")
    ill.pauses.create(starts_on=date(2025, 3, 5), ends_on=date(2025, 3, 9), reason="hospital")
    close_elder(by=system, elder=dead, last_day=date(2025, 3, 4), reason="died")
    assert progress(campaign) == {"在家": "missed", "回来了": "missed", "住院": "excused", "去世": "excused"}


def test_what_can_still_be_typed_is_still_to_do(cast: Cast, system: User) -> None:
    make_elder(cast.group, name="甲")
    campaign = set_up(system, cast.town)
    for last_day, expected in (
        (Week.of(TODAY - timedelta(days=1)).monday, "to_do"),  # until the Tuesday after its week
        (Week.of(TODAY - timedelta(days=1)).monday - timedelta(days=8), "missed"),
    ):
        Campaign.objects.update(first_day=last_day, last_day=last_day)
        assert progress(campaign) == {"甲": expected}


@pytest.mark.parametrize(
    ("wish", "since", "done", "expected"),
    [
        ("refused", date(2025, 3, 5), "", "excused"),
        ("refused", date(2025, 3, 6), "", "missed"),  # when it was over
        ("refused", date(2025, 3, 5), "home phone", "done"),
        ("phone_only", date(2025, 3, 4), "phone", "done"),
        ("phone_only", date(2025, 3, 4), "", "missed"),
    ],
)
def test_wish_that_changes_after_the_draw_holds(
    cast: Cast, system: User, wish: str, since: date, done: str, expected: str
) -> None:
    elder = make_elder(cast.group)
    campaign = past(system, cast.town)
    Consent.objects.create(elder=elder, kind=wish, since=since, reason="自己能行")
    for hour, mode in enumerate(done.split()):
        make_visit(cast.worker, elder, at=f"2025-03-03 1{hour}:00", mode=mode, state="valid")
    assert list(progress(campaign).values()) == [expected]


@pytest.mark.parametrize(("done", "expected"), [(False, "excused"), (True, "done")])
def test_campaign_of_home_visits_asks_nothing_of_who_wishes_calls_only(
    cast: Cast, system: User, done: bool, expected: str
) -> None:
    elder = make_elder(cast.group)
    campaign = past(system, cast.town, greeting_due=0)
    if done:
        make_visit(cast.worker, elder, at="2025-03-03 10:00", state="valid")
    Consent.objects.create(elder=elder, kind="phone_only", since=date(2025, 3, 4))
    assert list(progress(campaign).values()) == [expected]


def test_ended_early_keeps_what_was_done_and_misses_nothing(cast: Cast, system: User) -> None:
    done = make_elder(cast.group, name="甲")
    make_elder(cast.group, name="乙")
    campaign = set_up(system, cast.town, home_due=0, first_day=TODAY - timedelta(days=1))
    make_visit(cast.worker, done, at=at(-1, 12), mode="phone", state="valid")
    end_campaign(by=system, campaign=campaign, reason="退温了")
    assert progress(campaign) == {"甲": "done", "乙": "stopped"}


# What a card needs


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group, name="甲")


def due(elder: Elder, day: date = TODAY) -> list[ExtraDue]:
    return extra_due(Elder.objects.values_list(extra_asked(day), flat=True).get(pk=elder.pk))


def left(elder: Elder, day: date = TODAY) -> list[tuple[str, Due]]:
    return [(one.words, one.left) for one in due(elder, day)]


def test_extra_is_due_from_the_first_day_to_the_last(cast: Cast, elder: Elder) -> None:
    campaign = set_up(cast.head, cast.town)
    for days, expected in ((-1, []), (0, [("高温走访", Due(1, 1))]), (2, [("高温走访", Due(1, 1))]), (3, [])):
        assert left(elder, TODAY + timedelta(days=days)) == expected
    (one,) = due(elder)
    assert (one.campaign, one.kind, one.last_day) == (campaign.pk, "高温", campaign.last_day)


@pytest.mark.parametrize(("wish", "asked"), [("refused", []), ("phone_only", [Due(0, 1)])])
def test_who_wishes_otherwise_by_now_is_asked_for_no_more(
    cast: Cast, elder: Elder, wish: str, asked: list[Due]
) -> None:
    set_up(cast.head, cast.town)
    Consent.objects.create(elder=elder, kind=wish, since=TODAY, reason="自己能行")
    assert [due for _, due in left(elder)] == asked


def test_what_is_recorded_is_no_longer_due_though_not_reviewed(cast: Cast, elder: Elder) -> None:
    set_up(cast.head, cast.town, first_day=TODAY - timedelta(days=1))
    make_visit(cast.worker, elder, at=at(-1, 12), mode="phone")
    assert left(elder) == [("高温走访", Due(1, 0))]
    make_visit(cast.worker, elder, at=at(-1, 13), state="invalid")
    assert left(elder) == [("高温走访", Due(1, 0))]
    make_visit(cast.worker, elder, at=at(-1, 14))
    assert left(elder) == []


def test_campaigns_count_each_for_itself_the_first_to_end_first(cast: Cast, elder: Elder) -> None:
    set_up(cast.head, cast.town, first_day=TODAY - timedelta(days=1))
    set_up(cast.head, cast.village, words="出院回访", last_day=TODAY, home_due=0)
    make_visit(cast.worker, elder, at=at(-1, 12), mode="phone")
    assert left(elder) == [("出院回访", Due(0, 1)), ("高温走访", Due(1, 0))]


def test_ended_campaign_asks_for_nothing(cast: Cast, elder: Elder) -> None:
    end_campaign(by=cast.head, campaign=set_up(cast.head, cast.town), reason="退温了")
    assert left(elder) == []


# In the office


def asked(place: Division, **more: Any) -> dict[str, Any]:
    return {
        "kind": "festival", "words": "春节走访", "place": place.code, "first_day": TODAY.isoformat(),
        "last_day": TODAY.isoformat(), "home_due": "1", "greeting_due": "0",
    } | more  # fmt: skip


def shown(preview: Any) -> str:
    """What the form of a preview sends along."""
    (reach,) = re.findall(r'name="reach" value="([^"]+)"', preview.content.decode())
    return str(reach)


def test_office_sees_how_many_it_reaches_before_it_is_set_up(cast: Cast, people: None) -> None:
    desk = Desk(cast.head)
    said = asked(cast.town, classes=["A"])
    preview = desk.client.post("/admin/visits/campaign/add/", said)
    assert "会加到 <b>2</b> 位老人" in preview.content.decode()
    assert Campaign.objects.count() == 0
    told = desk.add("visits.campaign", **said, reach=shown(preview))
    assert told == ["“春节走访”安排好了，2 位老人，手机上已经看得到。"]
    assert reached(Campaign.objects.get()) == set("甲丙")


def test_preview_is_shown_again_when_the_number_has_changed(cast: Cast, people: None) -> None:
    desk = Desk(cast.head)
    said = asked(cast.town)
    seen = shown(desk.client.post("/admin/visits/campaign/add/", said))
    make_elder(cast.group)
    again = desk.client.post("/admin/visits/campaign/add/", said | {"reach": seen})
    assert "会加到 <b>5</b> 位老人" in again.content.decode()
    assert Campaign.objects.count() == 0


@pytest.mark.parametrize("other", [{"greeting_due": "1"}, {"classes": ["A", "C"]}, {"age_from": "60"}])
def test_preview_is_shown_again_when_other_conditions_find_as_many(
    cast: Cast, people: None, other: dict[str, Any]
) -> None:
    desk = Desk(cast.head)
    seen = shown(desk.client.post("/admin/visits/campaign/add/", asked(cast.town)))
    again = desk.client.post("/admin/visits/campaign/add/", asked(cast.town, reach=seen) | other)
    assert "会加到 <b>4</b> 位老人" in again.content.decode()
    assert Campaign.objects.count() == 0


def test_form_offers_the_places_one_may_arrange_for(cast: Cast) -> None:
    def offered(user: User) -> set[str]:
        form = Desk(user).open("/admin/visits/campaign/add/").context["form"]
        return set(form.fields["place"].queryset.values_list("code", flat=True))

    assert offered(cast.head) == {cast.town.code, cast.village.code, cast.next_village.code}
    assert {cast.county.code, cast.town.code, cast.other_village.code} < offered(cast.officer)
    assert Desk(cast.auditor).client.get("/admin/visits/campaign/add/").status_code == 403


def test_list_and_page_count_the_rows_they_link_to(cast: Cast, people: None, system: User) -> None:
    campaign = past(system, cast.county)
    make_visit(cast.worker, Elder.objects.get(name="甲"), at="2025-03-03 09:00", state="valid")
    make_visit(cast.worker, Elder.objects.get(name="甲"), at="2025-03-04 09:00", state="valid")
    head = Desk(cast.head)
    (row,) = head.listed("visits.campaign", state="over")
    assert row.counts == {"done": 1, "missed": 3}  # of the town alone
    rows = head.listed("visits.campaignelder", campaign=campaign.pk, progress="missed")
    assert {one.elder.name for one in rows} == set("乙丙丁")
    page = head.page(campaign)
    assert "滨江镇永安村" in page
    assert "一次探访同时算加访和当周的任务" in page
    assert "港西村" not in page
    assert "&lt;" not in page
    assert Desk(cast.officer).listed("visits.campaign", state="over")[0].counts.total() == 5
    assert "2 / 1" in head.page(campaign.drawn.get(elder__name="甲"))


def test_list_costs_the_same_for_any_number(cast: Cast, people: None, system: User) -> None:
    desk, names = Desk(cast.head), iter("春夏秋冬")
    assert costs_the_same(
        lambda: desk.open("/admin/visits/campaign/?state=over"),
        lambda: past(system, cast.county, words=next(names)),
    )


def test_campaign_is_ended_from_its_page(cast: Cast, people: None) -> None:
    campaign = set_up(cast.head, cast.town)
    desk = Desk(cast.head)
    assert desk.press(campaign, "end", reason="退温了") == [
        "“高温走访”提前结束了，手机上不再提醒。已经做的照样算。"
    ]
    assert desk.doors(campaign) == []
    assert Desk(cast.auditor).doors(campaign) == []


def test_elder_home_from_hospital_is_looked_after_within_a_day(cast: Cast, elder: Elder) -> None:
    desk = Desk(cast.reviewer)
    tomorrow = TODAY + timedelta(days=1)
    said = asked(cast.town, kind="discharge", words="出院回访", last_day=tomorrow.isoformat())
    assert desk.press(elder, "extra", **said) == ["给甲安排了“出院回访”，手机上已经看得到。"]
    campaign = Campaign.objects.get()
    assert (campaign.elder, campaign.place, reached(campaign)) == (elder, cast.village, {"甲"})
    assert left(elder, tomorrow) == [("出院回访", Due(1, 0))]


# The database


def test_campaign_is_as_it_must_be(cast: Cast, elder: Elder) -> None:
    set_up(cast.head, cast.town)
    for constraint, said in (
        ("campaign_ends_after_start", {"last_day": TODAY - timedelta(days=1)}),
        ("campaign_asks_for_something", {"home_due": 0, "greeting_due": 0}),
        ("campaign_ended_by_somebody_with_reason", {"ended_on": TODAY}),
    ):
        with breaks(constraint):
            Campaign.objects.update(**said)
    twin = Campaign.objects.get()
    twin.pk = make_household(cast.group).pk
    with breaks("campaign_set_up_once"):
        Campaign.objects.bulk_create([twin])


def test_elder_is_drawn_once_for_something(cast: Cast, elder: Elder) -> None:
    campaign = set_up(cast.head, cast.town)

    def drawn(due: int) -> CampaignElder:
        return CampaignElder(
            campaign=campaign, elder=elder, home_due=due, greeting_due=0, village_code=cast.village.code
        )

    with breaks("drawn_once_a_campaign"):
        CampaignElder.objects.bulk_create([drawn(1)])
    with breaks("drawn_for_something"):
        CampaignElder.objects.bulk_create([drawn(0)])


# On the phone


def test_card_says_what_is_asked_for_beyond_the_week(cast: Cast, elder: Elder) -> None:
    set_up(cast.head, cast.town)
    (card,) = cards_of_week(cast.worker, Week.of(TODAY), TODAY)
    assert card.state == "today"
    until = day_words(TODAY + timedelta(days=2), today=TODAY)
    assert [(note.words, note.mind) for note in card.notes] == [
        (f"高温走访（加访）：甲要加上门 1 次、电话 1 次，到{until}为止。", True)
    ]
    elder.pauses.create(starts_on=TODAY, ends_on=TODAY, reason="hospital")
    (away,) = cards_of_week(cast.worker, Week.of(TODAY), TODAY)
    assert [note.words for note in away.notes] == ["甲住院，到今天为止，这几天不用看望。"]
