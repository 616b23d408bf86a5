from dataclasses import replace
from datetime import date, timedelta

import pytest

from elders.actions import approve_form, close_elder
from elders.facts import FactBook
from elders.models import Assessment, Elder, HouseholdMember, Residence
from elders.rules import Facts, Health
from tests.cast import Cast
from tests.factories import make_elder, make_form, make_household
from visitcare.org.models import Division, User

DAY = date(2025, 3, 2)
WELL = Health(ability="intact", dementia=False, disability_grade=0, serious_illness=False)


def facts(elder: Elder, day: date = DAY) -> Facts:
    return FactBook([elder.household_id]).facts(elder.pk, day)


def member(
    elder: Elder, birth_date: date | None, health: str = "", *, lives_here: bool | None = True
) -> None:
    HouseholdMember.objects.create(
        household=elder.household, name="家人", birth_date=birth_date, health=health, lives_here=lives_here
    )


def causes(elder: Elder, start: date = date(2025, 1, 1), end: date = date(2025, 12, 31)) -> list[date]:
    return FactBook([elder.household_id]).causes(elder.pk, start, end)


# The form and the assessment


def test_facts_are_those_of_the_form(cast: Cast) -> None:
    elder = make_elder(
        cast.group,
        date(1950, 5, 1),
        ability="mild",
        living="with_family",
        spouse_location="elsewhere",
        child_location="same_home",
        able_adult_at_home=True,
        disability_grade=3,
        serious_illness=True,
        economy=["subsistence_allowance"],
        other="渔民",
    )
    assert facts(elder) == Facts(
        as_of=DAY,
        birth_date=date(1950, 5, 1),
        living="with_family",
        spouse_location="elsewhere",
        child_location="same_home",
        ability="mild",
        dementia=False,
        disability_grade=3,
        serious_illness=True,
        economy=frozenset({"subsistence_allowance"}),
        family_planning_special=False,
        left_behind=False,
        cares_for_dependent_child=False,
        lives_with_dependent_child_long_term=False,
        other="渔民",
        able_adult_at_home=True,
        cohabiting_elders=(),
    )


def test_facts_not_filled_in_are_unknown(cast: Cast) -> None:
    empty = dict.fromkeys(("dementia", "disability_grade", "serious_illness", "economy", "other"))
    elder = make_elder(cast.group, living="", spouse_location="", child_location="", **empty)
    found = facts(elder)
    assert (found.living, found.spouse_location, found.child_location, found.ability) == (None,) * 4
    assert (found.dementia, found.disability_grade, found.serious_illness, found.economy, found.other) == (
        None,
    ) * 5


def test_facts_of_a_day_are_those_of_the_form_in_force(cast: Cast, system: User) -> None:
    elder = make_elder(cast.group, registered_on=date(2025, 1, 6), serious_illness=False)
    form = make_form(
        elder.household, elder.birth_date, elder=elder, registered_on=date(2025, 2, 10), serious_illness=True
    )
    approve_form(by=system, form=form)
    days = (date(2025, 1, 5), date(2025, 2, 9), date(2025, 2, 10))
    assert [facts(elder, day).serious_illness for day in days] == [None, False, True]


def test_form_that_waits_for_approval_says_nothing_yet(cast: Cast) -> None:
    elder = make_elder(cast.group)
    make_form(
        elder.household, elder.birth_date, elder=elder, registered_on=date(2025, 2, 10), serious_illness=True
    )
    assert facts(elder).serious_illness is False


def test_ability_is_the_latest_assessment_on_the_day(cast: Cast) -> None:
    elder = make_elder(cast.group, ability="mild", registered_on=date(2025, 1, 6))
    Assessment.objects.create(elder=elder, assessed_on=date(2025, 2, 10), level="severe")
    days = (date(2025, 1, 5), date(2025, 2, 9), date(2025, 2, 10))
    assert [facts(elder, day).ability for day in days] == [None, "mild", "severe"]


# Who lives with whom


def test_cohabitant_is_the_other_elder_of_the_household(cast: Cast) -> None:
    home = make_household(cast.group)
    wife = make_elder(home, date(1952, 1, 1), living="elders_only", ability="intact")
    husband = make_elder(
        home, date(1950, 1, 1), sex="male", living="elders_only", ability="severe", dementia=True
    )
    assert facts(wife).cohabiting_elders == (Health("severe", True, 0, False),)
    assert facts(husband).cohabiting_elders == (WELL,)


def test_cohabitant_counts_from_the_day_of_the_own_form(cast: Cast) -> None:
    home = make_household(cast.group)
    wife = make_elder(home, date(1952, 1, 1), living="with_family")
    make_elder(
        home, date(1950, 1, 1), living="with_family", registered_on=date(2025, 2, 10), ability="intact"
    )
    assert facts(wife, date(2025, 2, 9)).cohabiting_elders == ()
    assert facts(wife, date(2025, 2, 10)).cohabiting_elders == (WELL,)


def test_cohabitant_under_sixty_does_not_count_until_the_birthday(cast: Cast) -> None:
    home = make_household(cast.group)
    wife = make_elder(home, date(1952, 1, 1), living="with_family")
    make_elder(home, date(1965, 2, 20), living="with_family", ability="intact")
    assert facts(wife, date(2025, 2, 19)).cohabiting_elders == ()
    assert facts(wife, date(2025, 2, 20)).cohabiting_elders == (WELL,)


def test_cohabitant_who_left_counts_until_the_last_day(cast: Cast, system: User) -> None:
    home = make_household(cast.group)
    wife = make_elder(home, date(1952, 1, 1), living="with_family")
    husband = make_elder(home, date(1950, 1, 1), living="with_family", ability="intact")
    close_elder(by=system, elder=husband, last_day=date(2025, 2, 20), reason="died")
    assert facts(wife, date(2025, 2, 20)).cohabiting_elders == (WELL,)
    assert facts(wife, date(2025, 2, 21)).cohabiting_elders == ()


def test_elders_only_without_the_other_registered_is_unknown_not_nobody(cast: Cast) -> None:
    assert facts(make_elder(cast.group, living="elders_only")).cohabiting_elders is None
    assert facts(make_elder(cast.group, living="alone")).cohabiting_elders == ()


def test_elders_of_the_next_household_are_no_cohabitants(cast: Cast) -> None:
    elder = make_elder(cast.group, living="with_family")
    make_elder(cast.group, date(1940, 1, 1), living="with_family")
    assert facts(elder).cohabiting_elders == ()


def test_old_family_member_counts_as_one_elder_without_facts(cast: Cast) -> None:
    elder = make_elder(cast.group, living="elders_only")
    member(elder, date(1948, 1, 1), "卧床")
    assert facts(elder).cohabiting_elders == (Health(),)


@pytest.mark.parametrize(
    ("birth_date", "health", "lives_here", "able"),
    [
        (date(1985, 1, 1), "健康", True, True),
        (date(1985, 1, 1), "", True, True),
        (date(1985, 1, 1), "精神残疾二级", True, False),
        (date(1985, 1, 1), "健康", False, False),
        (date(1985, 1, 1), "健康", None, False),
        (date(1965, 3, 2), "健康", True, False),  # sixty today: an elder
        (date(1965, 3, 3), "健康", True, True),
        (date(2007, 3, 2), "学生", True, True),  # eighteen today
        (date(2007, 3, 3), "学生", True, False),
        (None, "健康", True, False),
    ],
)
def test_able_adult_is_a_healthy_member_of_eighteen_to_fiftynine_who_lives_there(
    cast: Cast, birth_date: date | None, health: str, lives_here: bool | None, able: bool
) -> None:
    elder = make_elder(cast.group, able_adult_at_home=False)
    member(elder, birth_date, health, lives_here=lives_here)
    assert facts(elder).able_adult_at_home is able


# What may change a class


def test_causes_are_forms_assessments_and_birthdays(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1945, 6, 7), registered_on=date(2025, 1, 6), ability="intact")
    Assessment.objects.create(elder=elder, assessed_on=date(2025, 4, 8), level="mild")
    assert causes(elder) == [date(2025, 1, 6), date(2025, 4, 8), date(2025, 6, 7)]


@pytest.mark.parametrize("year", [1945, 1955, 1965])
def test_causes_name_the_birthdays_that_rules_look_at(cast: Cast, year: int) -> None:
    elder = make_elder(cast.group, date(year, 6, 7))
    assert date(2025, 6, 7) in causes(elder)


def test_causes_of_a_leap_birthday_fall_on_the_first_of_march(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1956, 2, 29), registered_on=date(2024, 1, 1))
    assert causes(elder, date(2026, 1, 1), date(2026, 12, 31)) == [date(2026, 3, 1)]


def test_causes_include_those_of_whoever_lives_there(cast: Cast, system: User) -> None:
    home = make_household(cast.group)
    wife = make_elder(home, date(1952, 1, 1), living="with_family", registered_on=date(2025, 1, 6))
    husband = make_elder(home, date(1950, 1, 1), living="with_family", registered_on=date(2025, 1, 7))
    close_elder(by=system, elder=husband, last_day=date(2025, 2, 20), reason="died")
    member(wife, date(1965, 5, 5))
    member(wife, date(2007, 8, 8))
    assert causes(wife) == [
        date(2025, 1, 6), date(2025, 1, 7), date(2025, 2, 21), date(2025, 5, 5), date(2025, 8, 8)
    ]  # fmt: skip


def test_causes_stay_within_the_days_asked_for(cast: Cast) -> None:
    elder = make_elder(cast.group, date(1945, 6, 7), registered_on=date(2025, 1, 6))
    assert causes(elder, date(2025, 1, 7), date(2025, 6, 6)) == []
    assert causes(elder, date(2025, 6, 7), date(2025, 6, 7)) == [date(2025, 6, 7)]


# The book


def test_book_holds_whoever_has_an_approved_form_and_an_open_record(cast: Cast, system: User) -> None:
    home = make_household(cast.group)
    approved, closed = make_elder(home, date(1950, 1, 1)), make_elder(home, date(1951, 1, 1))
    close_elder(by=system, elder=closed, last_day=date(2025, 2, 1), reason="moved")
    make_form(home, date(1952, 1, 1))
    assert list(FactBook([home.pk])) == [approved.pk]


def test_book_is_read_with_the_same_queries_for_one_and_for_three_households(
    cast: Cast, django_assert_num_queries: object
) -> None:
    homes = [make_elder(cast.group).household_id for _ in range(3)]
    for asked in (homes[:1], homes):
        with django_assert_num_queries(5):  # type: ignore[operator]
            book = FactBook(asked)
            assert [book.facts(elder, DAY).living for elder in book] == ["alone"] * len(asked)


# Who has moved


def lived_until(elder: Elder, last_day: date, place: Division) -> Elder:
    """Moved away after a day."""
    Residence.objects.filter(elder=elder).update(ends_on=last_day)
    elder.household = make_household(place)
    elder.save(update_fields=["household"])
    Residence.objects.create(elder=elder, household=elder.household, starts_on=last_day + timedelta(days=1))
    return elder


def test_who_has_moved_away_lived_here_until_then(cast: Cast) -> None:
    home = make_household(cast.group)
    stayed, left = make_elder(home), make_elder(home, dementia=True)
    lived_until(left, date(2025, 3, 4), cast.next_group)
    found = [
        [len(facts(elder, day).cohabiting_elders or ()) for day in (date(2025, 3, 4), date(2025, 3, 5))]
        for elder in (stayed, left)
    ]
    assert found == [[1, 0], [1, 0]]


def test_who_has_moved_away_does_not_stay_as_one_of_the_family(cast: Cast) -> None:
    """A wife's file names her husband, who has a file of his own: he counts where he lives, and once."""
    home = make_household(cast.group)
    wife, husband = make_elder(home), make_elder(home, dementia=True)
    HouseholdMember.objects.create(
        household=home,
        name=husband.name,
        relation="夫",
        birth_date=husband.birth_date,
        id_number=husband.id_number,
        lives_here=True,
    )
    lived_until(husband, date(2025, 3, 4), cast.next_group)
    found = [facts(wife, day).cohabiting_elders for day in (date(2025, 3, 4), date(2025, 3, 5))]
    assert found == [(Health(dementia=True, ability=None, disability_grade=0, serious_illness=False),), ()]


def test_who_moved_in_did_not_live_here_before(cast: Cast) -> None:
    host, guest = make_elder(cast.group), make_elder(cast.next_group)
    lived_until(guest, date(2025, 3, 4), cast.group)
    guest.household = host.household
    guest.save(update_fields=["household"])
    Residence.objects.filter(elder=guest, ends_on=None).update(household=host.household)
    found = [
        [len(facts(elder, day).cohabiting_elders or ()) for day in (date(2025, 3, 4), date(2025, 3, 5))]
        for elder in (host, guest)
    ]
    assert found == [[0, 1], [0, 1]]


def test_who_came_back_counts_once(cast: Cast) -> None:
    home = make_household(cast.group)
    stayed, back = make_elder(home), make_elder(home)
    lived_until(back, date(2025, 3, 4), cast.next_group)
    Residence.objects.filter(elder=back, ends_on=None).update(ends_on=date(2025, 3, 9))
    Residence.objects.create(elder=back, household=home, starts_on=date(2025, 3, 10))
    Elder.objects.filter(pk=back.pk).update(household=home)
    days = (date(2025, 3, 4), date(2025, 3, 7), date(2025, 3, 10))
    assert [len(facts(stayed, day).cohabiting_elders or ()) for day in days] == [1, 0, 1]


def test_a_move_is_a_cause_for_both_dwellings(cast: Cast) -> None:
    home = make_household(cast.group)
    stayed, left = make_elder(home), make_elder(home)
    lived_until(left, date(2025, 3, 4), cast.next_group)
    assert (date(2025, 3, 5) in causes(stayed), date(2025, 3, 5) in causes(left)) == (True, True)


def told(book: FactBook, *elders: Elder) -> list[tuple[Facts, list[date]]]:
    """All that a book says of people, before a move and after it; of those who live there in one order."""
    found = []
    for elder in elders:
        causes = book.causes(elder.pk, date(2025, 1, 1), date(2025, 12, 31))
        for day in (date(2025, 3, 4), date(2025, 3, 5), date(2025, 4, 1)):
            said = book.facts(elder.pk, day)
            others = tuple(sorted(said.cohabiting_elders or (), key=str))
            found.append((replace(said, cohabiting_elders=others), causes))
    return found


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_book_that_takes_in_another_says_what_one_of_both_says(cast: Cast, order: tuple[int, ...]) -> None:
    """Of a chain of moves: from the first household to the second, and from the second to the third."""
    homes = [make_household(cast.group) for _ in range(3)]
    people = [
        make_elder(home, date(1950, 1, day + 1), living="elders_only") for day, home in enumerate(homes)
    ]
    first_left, second_left = make_elder(homes[0], dementia=True), make_elder(homes[1], disability_grade=2)
    for left, home, last_day in ((first_left, homes[1], 4), (second_left, homes[2], 5)):
        Residence.objects.filter(elder=left).update(ends_on=date(2025, 3, last_day))
        Elder.objects.filter(pk=left.pk).update(household=home)
        Residence.objects.create(elder=left, household=home, starts_on=date(2025, 3, last_day + 1))
    for elder in people:  # each of them is named among their own family, too
        HouseholdMember.objects.create(
            household=elder.household, name=elder.name, id_number=elder.id_number, birth_date=elder.birth_date,
            lives_here=True,
        )  # fmt: skip
    everybody = [*people, first_left, second_left]
    whole = FactBook(home.pk for home in homes)
    book = FactBook(())
    for number in order:
        book.take_in(FactBook({homes[number].pk} - book.households))
    assert told(book, *everybody) == told(whole, *everybody)
    assert (set(book), book.households) == (set(whole), whole.households)


def test_book_that_takes_in_another_keeps_what_it_supposes(cast: Cast) -> None:
    home = make_household(cast.group)
    stayed, left = make_elder(home, living="elders_only"), make_elder(home)
    lived_until(left, date(2025, 3, 4), cast.next_group)
    book = FactBook([home.pk])
    supposed = {"living": "with_family", "dementia": True, "disability_grade": 1, "serious_illness": False}
    said = {"birth_date": left.birth_date, "day": date(2025, 2, 1), "said": supposed, "ability": "severe"}
    book.suppose_said(left.pk, left.household_id, **said)
    book.suppose_member(home.pk, date(1985, 1, 1), "健康")
    book.take_in(FactBook([left.household_id]))
    day = date(2025, 3, 4)
    assert (book.facts(left.pk, day).living, book.facts(left.pk, day).ability) == ("with_family", "severe")
    assert book.facts(stayed.pk, day).cohabiting_elders == (Health("severe", True, 1, False),)
    assert book.facts(stayed.pk, day).able_adult_at_home is True
