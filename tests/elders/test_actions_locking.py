import pytest
from django.db import transaction

from elders.actions.locking import lock_elder
from elders.models import Elder, Household
from tests.cast import Cast
from tests.factories import make_elder, make_household, overtaken
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import Right

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def far(cast: Cast) -> Household:
    return make_household(cast.other_group)


def locked_after_moving(elder: Elder, home: Household, by: User) -> object:
    """What `by` gets who asks for the record while it goes to another household."""

    def lock() -> Elder:
        with transaction.atomic():
            return lock_elder(elder, by=by, right=Right.APPROVE_ELDER)

    return overtaken(lock, by=lambda: Elder.objects.filter(pk=elder.pk).update(household=home))


def test_whoever_waited_gets_the_record_where_it_is_now(cast: Cast, elder: Elder, far: Household) -> None:
    locked = locked_after_moving(elder, far, cast.other_head)
    assert isinstance(locked, Elder)
    assert (locked.pk, locked.household.place) == (elder.pk, cast.other_group)


def test_whoever_waited_is_judged_by_where_it_is_now(cast: Cast, elder: Elder, far: Household) -> None:
    assert isinstance(locked_after_moving(elder, far, cast.head), NotAllowed)
