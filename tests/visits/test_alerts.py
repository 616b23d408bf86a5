"""What the nightly run keeps of elders nobody has reached."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder, make_visit, run
from visitcare.audit.models import Event
from visitcare.kit.weeks import SHANGHAI, Week, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.actions import tell_towns
from visits.models import Alert, Visit, VisitedElder
from visits.queries import cards_of_week
from visits.unreached import chains_of

Try = Callable[..., Elder]


@pytest.fixture
def tried(cast: Cast) -> Try:
    """An elder of class A called in vain so many hours ago."""

    def made(hours: float, **said: str) -> Elder:
        elder = make_elder(cast.group, date(1940, 5, 1), name="施汉忠")
        at = (timezone.now() - timedelta(hours=hours)).astimezone(SHANGHAI)
        make_visit(
            cast.worker, elder, at=f"{at:%Y-%m-%d %H:%M}", mode="phone", **{"outcome": "no_answer"} | said
        )
        return elder

    return made


def later(days: int) -> None:
    """Let all contacts be so many days older."""
    for visited in VisitedElder.objects.all():
        at = visited.started_at - timedelta(days=days)
        VisitedElder.objects.filter(pk=visited.pk).update(started_at=at)
        Visit.objects.filter(pk=visited.visit_id).update(started_at=at)


def test_town_is_told_once_of_each_whose_time_is_over(system: User, tried: Try) -> None:
    tried(23)
    late = tried(25)
    assert tell_towns(by=system) == 1
    assert [alert.visited.elder for alert in Alert.objects.all()] == [late]
    event = Event.objects.get(verb="tell_town")
    assert (event.about_id, event.area_code) == (str(late.pk), late.household.place_id)
    since = VisitedElder.objects.get(elder=late).started_at.astimezone(SHANGHAI)
    assert event.words == f"从 {since:%Y-%m-%d %H:%M} 起没联系上施汉忠，报给镇里"
    assert tell_towns(by=system) == 0
    assert Event.objects.filter(verb="tell_town").count() == 1


def test_nobody_else_tells_the_towns(cast: Cast, tried: Try) -> None:
    tried(25)
    for who in (cast.worker, cast.auditor, cast.officer):
        with pytest.raises(NotAllowed):
            tell_towns(by=who)
    assert not Alert.objects.exists()


def test_elder_of_whom_the_town_was_told_is_not_forgotten(cast: Cast, system: User, tried: Try) -> None:
    told = tried(25)
    tell_towns(by=system)
    untold = tried(23)
    later(days=60)
    assert set(chains_of([told.pk, untold.pk])) == {told.pk}
    assert chains_of([told.pk])[told.pk].overdue_words == "60 天"
    cards = cards_of_week(cast.worker, Week.of(today()), today())
    assert [chain.elder for card in cards for chain in card.chains] == [told.pk]


def test_told_and_recent_attempts_make_one_chain(cast: Cast, system: User, tried: Try) -> None:
    elder = tried(25)
    tell_towns(by=system)
    later(days=60)
    at = (timezone.now() - timedelta(hours=1)).astimezone(SHANGHAI)
    make_visit(cast.worker, elder, at=f"{at:%Y-%m-%d %H:%M}", outcome="not_home")
    chain = chains_of([elder.pk])[elder.pk]
    assert [attempt.outcome for attempt in chain.attempts] == ["no_answer", "not_home"]
    assert chain.is_alert
    assert tell_towns(by=system) == 0


def test_success_ends_also_what_the_town_was_told(cast: Cast, system: User, tried: Try) -> None:
    elder = tried(25)
    tell_towns(by=system)
    later(days=60)
    at = (timezone.now() - timedelta(hours=1)).astimezone(SHANGHAI)
    make_visit(cast.worker, elder, at=f"{at:%Y-%m-%d %H:%M}")
    assert chains_of([elder.pk]) == {}


def test_nightly_tells_the_towns(db: None, tried: Try) -> None:
    tried(25)
    assert "没联系上，报给镇里：1 人" in run("nightly")
    assert "没联系上，报给镇里：0 人" in run("nightly")
