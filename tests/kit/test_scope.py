import pytest

from tests.cast import COUNTY, OTHER_TOWN, TOWN, VILLAGE, Cast
from visitcare.kit.scope import ScopedQuerySet, in_areas, nothing
from visitcare.org.models import Division, User
from visitcare.org.roles import Right


class Undeclared(ScopedQuerySet):
    """Forgot to say where its rows lie."""


class WithoutRight(ScopedQuerySet):
    area_path = "code"


class Places(ScopedQuerySet):
    area_path = "code"
    seen_with = Right.SEE_SETTLEMENT


def codes(rows: ScopedQuerySet) -> list[str]:
    return sorted(rows.values_list("code", flat=True))


@pytest.mark.parametrize("rows", [Undeclared, WithoutRight])
def test_undeclared_rows_are_seen_by_nobody(cast: Cast, rows: type[ScopedQuerySet]) -> None:
    assert codes(rows(Division).visible_to(cast.officer)) == []


def test_nobody_sees_nothing(cast: Cast) -> None:
    assert codes(Places(Division).visible_to(None)) == []
    assert codes(Places(Division).visible_to(cast.anonymous)) == []


def test_disabled_account_sees_nothing_though_its_posting_runs(cast: Cast) -> None:
    cast.head.is_active = False
    assert codes(Places(Division).visible_to(cast.head)) == []


def test_right_opens_the_area_of_the_posting_and_no_other(cast: Cast) -> None:
    seen = codes(Places(Division).visible_to(cast.head))
    assert seen[0] == TOWN
    assert {code[:9] for code in seen} == {TOWN}


def test_county_sees_every_town(cast: Cast) -> None:
    seen = Places(Division).visible_to(cast.officer)
    assert {code[:9] for code in codes(seen)} == {COUNTY, TOWN, OTHER_TOWN}


def test_person_without_the_right_sees_nothing(cast: Cast) -> None:
    assert codes(Places(Division).visible_to(cast.worker)) == []


def test_areas_of_nobody_match_nothing(cast: Cast) -> None:
    assert Division.objects.filter(in_areas("code", frozenset())).count() == 0
    assert Division.objects.filter(in_areas("code", frozenset({""}))).count() == 0
    assert Division.objects.filter(nothing()).count() == 0


def test_several_areas_are_joined(cast: Cast) -> None:
    villages = Division.objects.at("village").filter(in_areas("code", frozenset({VILLAGE, OTHER_TOWN})))
    assert villages.count() == 3


def test_accounts_are_seen_by_their_area_and_by_oneself(cast: Cast) -> None:
    accounts = User.objects.get_queryset()
    assert list(accounts.visible_to(cast.worker)) == [cast.worker]
    assert cast.other_worker not in accounts.visible_to(cast.head)
    assert cast.next_worker in accounts.visible_to(cast.head)
