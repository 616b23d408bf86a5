"""Loading the demo county: all or nothing, where it may, and the same again from the same seed."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder
from visitcare.audit.models import Event
from visitcare.console.demo import DemoRefused, load_demo
from visitcare.console.demo.chance import Chance, portion
from visitcare.console.demo.papers import Papers
from visitcare.kit.identity import parse_card_number, parse_id_number, parse_mobile
from visitcare.org.actions import add_user
from visitcare.org.models import Division, User
from visits.models import Flag, Visit


def load(tell: Callable[[str], None] = lambda words: None, *, seed: int = 5) -> bool:
    return load_demo(by=User.objects.system(), elders=120, weeks=3, seed=seed, tell=tell)


def county_of(seed: int) -> list[object]:
    """The county that a seed gives; nothing of it stays."""
    with transaction.atomic():
        load(seed=seed)
        county: list[object] = [
            list(Elder.objects.order_by("pk").values_list("pk", "name", "birth_date", "status")),
            list(User.objects.order_by("pk").values_list("login", "name")),
            list(Visit.objects.order_by("pk").values_list("pk", "started_at", "received_at", "state")),
            list(Flag.objects.order_by("visit", "code").values_list("visit", "code", "words")),
        ]
        transaction.set_rollback(True)
    return county


def test_load_demo_same_seed_gives_the_same_county(db: None) -> None:
    assert county_of(5) == county_of(5)


def test_load_demo_other_seed_gives_another_county(db: None) -> None:
    assert county_of(5) != county_of(6)


def test_load_demo_says_whether_it_loaded(db: None) -> None:
    assert load() is True
    assert load() is False


def test_load_demo_broken_off_leaves_nothing(db: None) -> None:
    class PulledPlug(Exception):
        pass

    def stop_at_visits(words: str) -> None:
        if "逐条核对" in words:
            raise PulledPlug

    with pytest.raises(PulledPlug):
        load(stop_at_visits)
    assert (Elder.objects.count(), Division.objects.count(), Event.objects.count()) == (0, 0, 0)
    assert list(User.objects.values_list("login", flat=True)) == ["system"]


def test_load_demo_beside_elders_of_others_is_refused(cast: Cast) -> None:
    make_elder(cast.group)
    before = Event.objects.count()
    with pytest.raises(CommandError, match="库里已有 1 位老人，不是演示数据"):
        call_command("demo", elders=120, weeks=3)
    assert (Elder.objects.count(), Event.objects.count()) == (1, before)


def test_load_demo_with_an_account_in_its_way_is_refused(db: None) -> None:
    add_user(by=User.objects.system(), name="马凤英", login="wangge")
    with pytest.raises(DemoRefused, match="什么都没有载入"):
        load()
    assert not Elder.objects.exists()


@pytest.mark.parametrize("option", ["--elders=5", "--elders=many", "--weeks=0", "--weeks=99"])
def test_demo_command_with_an_unusable_number_says_which_would_do(option: str) -> None:
    with pytest.raises(CommandError, match=r"请填 [0-9]+ 到 [0-9]+ 的整数"):
        call_command("demo", option)


def test_papers_are_right_and_given_out_once() -> None:
    papers = Papers(Chance(1))
    numbers = [papers.id_number(date(1945, 3, 5), "male") for _ in range(50)]
    assert len(set(numbers)) == 50
    assert {parse_id_number(number, today=date(2026, 1, 1)).sex for number in numbers} == {"male"}
    mobiles = [papers.mobile() for _ in range(5_000)]
    assert len(set(mobiles)) == 5_000
    assert {parse_mobile(mobile)[:6] for mobile in mobiles} == {"199000"}


@pytest.mark.parametrize("seed", range(5))
def test_papers_card_passes_or_fails_the_check_as_asked(seed: int) -> None:
    papers = Papers(Chance(seed))
    assert parse_card_number(papers.card()).warning == ""
    assert parse_card_number(papers.card(right=False)).warning != ""


@pytest.mark.parametrize(("count", "share", "expected"), [(2000, 0.01, 20), (120, 0.001, 1), (0, 0.5, 1)])
def test_portion_is_at_least_one(count: int, share: float, expected: int) -> None:
    assert portion(count, share) == expected
