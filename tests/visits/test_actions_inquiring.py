from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from elders.models import Assignment, Elder
from tests.cast import Cast
from tests.factories import breaks, make_elder, make_visit
from visitcare.audit.models import Event
from visitcare.kit.weeks import SHANGHAI, today
from visitcare.org.actions import NotAllowed
from visits.actions import inquire
from visits.models import Inquiry
from visits.unreached import chains_of

Ask = Callable[..., Inquiry]


def fail(cast: Cast, elder: Elder, *, hours: float = 13, outcome: str = "no_answer") -> None:
    at = (timezone.now() - timedelta(hours=hours)).astimezone(SHANGHAI)
    make_visit(cast.worker, elder, at=f"{at:%Y-%m-%d %H:%M}", mode="phone", outcome=outcome)


@pytest.fixture
def elder(cast: Cast) -> Elder:
    found = make_elder(cast.group, date(1940, 5, 1), name="施汉忠")
    fail(cast, found)
    return found


@pytest.fixture
def ask(cast: Cast, elder: Elder) -> Ask:
    def asked(who: str, step: str, *, safe: bool = False, words: str = "没有消息", **more: Any) -> Inquiry:
        return inquire(by=getattr(cast, who), elder=elder, step=step, safe=safe, words=words, **more)

    return asked


MAY = {
    "contact": {"worker", "visitor", "cadre"},
    "village": {"cadre"},
    "town": {"reviewer", "head"},
}


@pytest.mark.parametrize("step", MAY)
def test_each_step_is_done_by_its_owner_alone(cast: Cast, ask: Ask, step: str) -> None:
    able = set()
    for who in cast.everybody():
        if who == "anonymous":
            continue
        try:
            ask(who, step, words=f"{who}问的")
            able.add(who)
        except NotAllowed:
            pass
    assert able == MAY[step]
    assert Inquiry.objects.count() == len(able)


def test_worker_named_to_the_household_may_ask(cast: Cast, elder: Elder, ask: Ask) -> None:
    with pytest.raises(NotAllowed):
        ask("next_worker", "contact")
    Assignment.objects.create(household=elder.household, worker=cast.next_worker, starts_on=today())
    assert ask("next_worker", "contact").by == cast.next_worker


def test_inquiry_leaves_an_event_with_its_words(cast: Cast, elder: Elder, ask: Ask) -> None:
    ask("worker", "contact", safe=True, words=" 这周在女儿家 ")
    event = Event.objects.get(verb="inquire")
    assert (event.words, event.reason) == ("没联系上施汉忠，问紧急联系人：知道平安", "这周在女儿家")
    assert (event.about_id, event.area_code) == (str(elder.pk), cast.group.code)


def test_safe_is_until_the_end_of_the_day_that_was_said(ask: Ask) -> None:
    said = ask("worker", "contact", safe=True, until=today() + timedelta(days=2))
    assert said.covers_until
    assert said.covers_until.astimezone(SHANGHAI).strftime("%H:%M") == "00:00"
    assert said.covers_until.astimezone(SHANGHAI).date() == today() + timedelta(days=3)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"words": " "}, "请写几个字"),
        ({"words": "字" * 201}, "写了 201 个字，太长了"),
        ({"safe": True, "until": date(2025, 1, 1)}, "请写今天到 7 天以内的日期"),
        ({"safe": True, "until": date(2099, 1, 1)}, "请办暂停"),
        ({"safe": False, "until": date(2099, 1, 1)}, "不用写到哪一天"),
    ],
)
def test_what_cannot_be_is_refused_in_words(ask: Ask, said: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ask("worker", "contact", **said)
    assert not Inquiry.objects.exists()


def test_sent_twice_is_stored_once(ask: Ask) -> None:
    for safe in (False, True):
        assert ask("worker", "contact", safe=safe) == ask("worker", "contact", safe=safe)
    assert Inquiry.objects.count() == Event.objects.filter(verb="inquire").count() == 2


def test_nothing_is_asked_about_somebody_who_was_reached(cast: Cast, elder: Elder, ask: Ask) -> None:
    at = timezone.now().astimezone(SHANGHAI)
    make_visit(cast.worker, elder, at=f"{at:%Y-%m-%d %H:%M}")
    with pytest.raises(ValueError, match="施汉忠已经不用找了"):
        ask("head", "town")


@pytest.mark.parametrize(("who", "step"), [("worker", "contact"), ("cadre", "village")])
def test_who_declined_is_asked_by_the_town_alone(
    cast: Cast, elder: Elder, ask: Ask, who: str, step: str
) -> None:
    fail(cast, elder, hours=1, outcome="declined")
    with pytest.raises(ValueError, match="自己不愿意，不用再找"):
        ask(who, step)
    ask("head", "town", safe=True, words="问过了，只要电话")
    assert chains_of([elder.pk]) == {}


def test_inquiry_without_words_cannot_be(ask: Ask) -> None:
    inquiry = ask("worker", "contact")
    with breaks("inquiry_says_something"):
        Inquiry.objects.filter(pk=inquiry.pk).update(words="")


def test_safe_without_an_end_cannot_be(ask: Ask) -> None:
    inquiry = ask("worker", "contact")
    for wrong in ({"safe": True}, {"covers_until": timezone.now()}):
        with breaks("inquiry_safe_until_some_time"):
            Inquiry.objects.filter(pk=inquiry.pk).update(**wrong)
