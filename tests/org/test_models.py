from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import ProtectedError

from tests.cast import COUNTY, FIRST_DAY, NEXT_VILLAGE, TOWN, VILLAGE, Cast
from tests.factories import breaks
from visitcare.kit.weeks import today
from visitcare.org.models import BankAccount, Division, Posting, User
from visitcare.org.roles import Right, Role


def posting(cast: Cast, **changes: object) -> Posting:
    """A second posting of the worker, right but for the changes."""
    said = {
        "user": cast.worker,
        "role": Role.GRID_WORKER,
        "place": cast.second_group,
        "starts_on": date(2025, 1, 1),
        "payable": True,
    }
    return Posting(**said | changes)


# Divisions


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("320698", "town", COUNTY),
        ("32069910", "town", COUNTY),
        ("320699103", "town", None),
        ("320698", "county", COUNTY),
        ("320699101203", "group", TOWN),
        ("32069910120x", "village", TOWN),
    ],
)
def test_division_whose_code_does_not_fit_its_level_is_refused(
    cast: Cast, code: str, level: str, parent: str | None
) -> None:
    with breaks("division_code_fits_level"):
        Division.objects.bulk_create([Division(code=code, name="某地", level=level, parent_id=parent)])


def test_division_with_children_cannot_be_deleted(cast: Cast) -> None:
    with pytest.raises(ProtectedError), transaction.atomic():
        cast.village.delete()


def test_division_knows_its_town_and_village(cast: Cast) -> None:
    assert (cast.group.town_code, cast.group.village_code) == (TOWN, VILLAGE)
    assert cast.group.path == "滨江镇永安村1组"


def test_divisions_are_seen_within_ones_postings(cast: Cast) -> None:
    seen = Division.objects.visible_to(cast.cadre).values_list("code", flat=True)
    assert list(seen) == [VILLAGE, VILLAGE + "001", VILLAGE + "002"]


# Accounts


def test_mobile_number_belongs_to_one_account(cast: Cast) -> None:
    with breaks("org_user_mobile_index_key"):
        User.objects.bulk_create([User(login="twin", name="同号", mobile=cast.worker.mobile)])


def test_id_number_belongs_to_one_account(cast: Cast) -> None:
    User.objects.bulk_create([User(login="one", name="甲", id_number="320699196001010019")])
    with breaks("org_user_id_number_index_key"):
        User.objects.bulk_create([User(login="two", name="乙", id_number="320699196001010019")])


def test_accounts_without_a_mobile_number_are_several(cast: Cast) -> None:
    User.objects.bulk_create([User(login="one", name="甲"), User(login="two", name="乙")])
    assert User.objects.filter(login__in=["one", "two"], mobile_index=None).count() == 2


def test_system_actor_holds_every_right_and_no_password(system: User) -> None:
    assert [system.may(right, COUNTY) for right in Right] == [True] * len(Right)
    assert (system.is_active, system.has_usable_password()) == (False, False)


def test_system_actor_is_named_with_whoever_is_behind_it(system: User) -> None:
    assert system.audit_name == "系统"
    system.behind = "root"  # type: ignore[attr-defined]
    assert system.audit_name == "系统（root）"


def test_masked_mobile_shows_the_ends_only(cast: Cast) -> None:
    assert cast.worker.masked_mobile == "199****0002"


def test_django_permissions_are_never_given(cast: Cast) -> None:
    assert cast.admin.has_perm("org.change_user") is False
    assert cast.admin.has_perms(["org.view_user"]) is False


# Postings


def test_posting_in_force_includes_its_first_and_last_day(cast: Cast) -> None:
    one = posting(cast, ends_on=date(2025, 1, 31))
    one.save()
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 1, 31), date(2025, 2, 1)]
    in_force = [one in Posting.objects.in_force(day) for day in days]
    assert in_force == [False, True, True, False]


def test_posting_that_ends_before_it_starts_is_refused(cast: Cast) -> None:
    with breaks("posting_ends_after_start"):
        Posting.objects.bulk_create([posting(cast, ends_on=date(2024, 12, 31))])


@pytest.mark.parametrize("role", [Role.VILLAGE_CADRE, Role.VISITOR, Role.TOWN_HEAD])
def test_posting_payable_though_no_grid_worker_is_refused(cast: Cast, role: Role) -> None:
    with breaks("posting_payable_grid_worker"):
        Posting.objects.bulk_create([posting(cast, role=role)])


def test_same_posting_twice_at_a_time_is_refused(cast: Cast) -> None:
    with breaks("posting_once_at_a_time"):
        Posting.objects.bulk_create([posting(cast, place=cast.group)])


def test_same_posting_one_after_the_other_is_kept(cast: Cast) -> None:
    Posting.objects.filter(user=cast.worker).update(ends_on=date(2024, 12, 31))
    Posting.objects.bulk_create([posting(cast, place=cast.group)])
    assert Posting.objects.filter(user=cast.worker).count() == 2


def test_same_posting_sharing_one_day_is_refused(cast: Cast) -> None:
    Posting.objects.filter(user=cast.worker).update(ends_on=date(2025, 1, 1))
    with breaks("posting_once_at_a_time"):
        Posting.objects.bulk_create([posting(cast, place=cast.group)])


def test_another_role_at_the_same_place_is_kept(cast: Cast) -> None:
    Posting.objects.bulk_create([posting(cast, place=cast.group, role=Role.VISITOR, payable=False)])
    assert Posting.objects.filter(user=cast.worker, place=cast.group).count() == 2


def test_person_with_a_posting_cannot_be_deleted(cast: Cast) -> None:
    with pytest.raises(ProtectedError), transaction.atomic():
        cast.worker.delete()


# What a person may do


def test_right_holds_within_the_area_of_its_posting(cast: Cast) -> None:
    assert cast.cadre.may(Right.REGISTER_ELDER, VILLAGE + "001") is True
    assert cast.cadre.may(Right.REGISTER_ELDER, NEXT_VILLAGE) is False
    assert cast.cadre.may(Right.REGISTER_ELDER, TOWN) is False
    assert cast.cadre.may(Right.REGISTER_ELDER) is True
    assert cast.cadre.may(Right.APPROVE_ELDER) is False


def test_right_ends_with_its_posting(cast: Cast) -> None:
    Posting.objects.filter(user=cast.head).update(ends_on=today() - timedelta(days=1))
    former = User.objects.get(pk=cast.head.pk)
    assert former.may(Right.APPROVE_ELDER, VILLAGE) is False
    assert former.is_staff is False


def test_right_does_not_begin_before_its_posting(cast: Cast) -> None:
    Posting.objects.filter(user=cast.head).update(starts_on=today() + timedelta(days=1))
    assert User.objects.get(pk=cast.head.pk).may(Right.APPROVE_ELDER, VILLAGE) is False


def test_disabled_account_may_nothing(cast: Cast) -> None:
    assert [right for right in Right if cast.disabled.may(right)] == []


def test_standing_is_read_once(cast: Cast, django_assert_num_queries: object) -> None:
    fresh = User.objects.get(pk=cast.head.pk)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [fresh.may(Right.APPROVE_ELDER, VILLAGE) for _ in range(3)] == [True] * 3


@pytest.mark.parametrize(
    ("who", "staff"),
    [
        ("worker", False),
        ("visitor", False),
        ("cadre", False),
        ("reviewer", True),
        ("auditor", True),
        ("admin", True),
    ],
)
def test_offices_work_in_the_admin_and_nobody_else(cast: Cast, who: str, staff: bool) -> None:
    person = getattr(cast, who)
    assert (person.is_staff, person.has_module_perms("elders")) == (staff, staff)


# Bank accounts


def test_one_bank_account_a_day(cast: Cast) -> None:
    def account(card: str) -> BankAccount:
        return BankAccount(user=cast.worker, bank="农商行", card=card, since=FIRST_DAY)

    BankAccount.objects.bulk_create([account("6217000000000000001")])
    with breaks("one_bank_account_a_day"):
        BankAccount.objects.bulk_create([account("6217000000000000002")])


def test_bank_accounts_are_seen_with_settlements_of_the_area_only(cast: Cast) -> None:
    account = BankAccount.objects.create(
        user=cast.worker, bank="农商行", card="6217000000000000001", since=FIRST_DAY
    )
    watchers = ("worker", "cadre", "head", "other_head", "officer", "auditor", "admin")
    seen = [name for name in watchers if account in BankAccount.objects.visible_to(getattr(cast, name))]
    assert seen == ["head", "officer", "auditor"]
    assert str(account) == "农商行 **** 0001"
