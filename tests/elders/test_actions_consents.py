from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from elders.actions import close_elder, pause_elder, write_consent
from elders.due import pauses_to_review, to_ask_again
from elders.models import Consent, Elder
from tests.cast import Cast
from tests.desk import Desk
from tests.factories import make_elder
from visitcare.audit.models import Event
from visitcare.kit.weeks import Week, next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visits.actions import open_week
from visits.models import Obligation

DAY = timedelta(days=1)
THREE_MONTHS_AGO = today() - relativedelta(months=3)


def refused_on(cast: Cast, day: date, **said: str) -> Elder:
    elder = make_elder(cast.group, consent="refused", **said)
    Consent.objects.filter(elder=elder).update(since=day)
    return elder


def answers(elder: Elder) -> list[tuple[date, str, str, str]]:
    return list(elder.consents.order_by("since").values_list("since", "kind", "reason", "signed_by"))


def test_answer_is_written_as_a_new_one(cast: Cast) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    write_consent(
        by=cast.reviewer, elder=elder, since=today(), kind="phone_only", reason="", signed_by="马凤英"
    )
    assert answers(elder) == [
        (THREE_MONTHS_AGO, "refused", "自己能行", ""),
        (today(), "phone_only", "", "马凤英"),
    ]
    event = Event.objects.get(verb="write_consent")
    assert (event.words, event.actor_name) == (f"{today()} 再问马凤英的探访意愿：仅电话", "顾敏")


def test_who_refused_three_months_ago_is_asked_again_and_the_clock_starts_anew(cast: Cast) -> None:
    due = refused_on(cast, THREE_MONTHS_AGO, name="该问")
    refused_on(cast, THREE_MONTHS_AGO + DAY, name="还没到")
    make_elder(cast.group, name="愿意的")
    closed = refused_on(cast, THREE_MONTHS_AGO, name="去世了")
    close_elder(by=cast.head, elder=closed, last_day=today(), reason="died")
    assert list(to_ask_again(Elder.objects.all())) == [due]
    write_consent(by=cast.head, elder=due, since=today(), kind="refused", reason="还是不要")
    assert list(to_ask_again(Elder.objects.all())) == []


def test_only_the_last_answer_holds(cast: Cast) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    write_consent(by=cast.head, elder=elder, since=THREE_MONTHS_AGO + DAY, kind="full")
    assert list(to_ask_again(Elder.objects.all())) == []


def test_answer_of_the_same_day_is_corrected(cast: Cast) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    for kind in ("full", "phone_only"):
        write_consent(by=cast.head, elder=elder, since=today(), kind=kind)
    assert [kind for _, kind, _, _ in answers(elder)] == ["refused", "phone_only"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"since": today() + DAY}, "还没到"),
        ({"kind": "refused", "reason": "  "}, "不愿意被探访的，要写原因"),
        ({"since": THREE_MONTHS_AGO - DAY}, "不能比它早"),
        ({"signer": "family"}, "家庭成员签的字，要写签字人的姓名"),
        ({"signer": "self", "signed_on": today() + DAY}, "签字日期 .* 还没到"),
        ({"signed_on": today()}, "没有写谁签的字"),
        ({"staff_signed_by": "朱卫东", "staff_signed_on": today() + DAY}, "签字日期 .* 还没到"),
        ({"staff_signed_on": today()}, "没有写谁签的字"),
    ],
)
def test_answer_that_cannot_be_is_refused(cast: Cast, said: dict[str, object], words: str) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    with pytest.raises(ValueError, match=words):
        write_consent(by=cast.head, elder=elder, **({"since": today(), "kind": "full"} | said))  # type: ignore[arg-type]
    assert len(answers(elder)) == 1


SIGNED = ("signer", "signed_by", "signed_on", "staff_signed_by", "staff_signed_on")


@pytest.mark.parametrize(
    ("said", "signed"),
    [
        ({}, ("", "", None, "", None)),
        ({"signer": "self"}, ("self", "马凤英", today(), "", None)),
        (
            {
                "signer": "family",
                "signed_by": "施小明",
                "signed_on": today() - DAY,
                "staff_signed_by": "朱卫东",
            },
            ("family", "施小明", today() - DAY, "朱卫东", today()),
        ),
    ],
)
def test_answer_bears_the_signatures_that_were_given(
    cast: Cast, said: dict[str, Any], signed: tuple[object, ...]
) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    write_consent(by=cast.head, elder=elder, since=today(), kind="full", **said)
    assert elder.consents.values_list(*SIGNED).get(since=today()) == signed


def test_correction_of_the_same_day_keeps_the_signatures(cast: Cast) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    write_consent(
        by=cast.head, elder=elder, since=today(), kind="full", signer="self", staff_signed_by="朱卫东"
    )
    write_consent(by=cast.head, elder=elder, since=today(), kind="phone_only")
    signed = elder.consents.values_list("kind", *SIGNED).get(since=today())
    assert signed == ("phone_only", "self", "马凤英", today(), "朱卫东", today())


def test_desk_writes_who_signed(cast: Cast) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    desk = Desk(cast.reviewer)
    says = {
        "since": today(),
        "kind": "full",
        "reason": "",
        "signed_by": "",
        "signed_on": "",
        "signer": "self",
    }
    desk.press(elder, "ask_again", **says, staff_signed_by="朱卫东", staff_signed_on=today())
    assert "马凤英（本人）" in desk.page(elder)
    assert elder.consents.get(since=today()).staff_signed_by == "朱卫东"


@pytest.mark.parametrize("who", ["worker", "cadre", "other_head", "officer"])
def test_asking_is_for_those_who_review_there(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        write_consent(by=getattr(cast, who), elder=make_elder(cast.group), since=today(), kind="full")


def test_answer_acts_on_the_week_that_is_opened_next(cast: Cast, system: User) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    open_week(by=system, week=Week.of(today()))
    write_consent(by=cast.head, elder=elder, since=today(), kind="full")
    open_week(by=system, week=Week.of(today()))
    assert not Obligation.objects.exists()
    open_week(by=system, week=Week(next_monday(today())))
    assert Obligation.objects.get().monday == next_monday(today())


def test_desk_asks_again_from_the_list(cast: Cast) -> None:
    elder = refused_on(cast, THREE_MONTHS_AGO)
    desk = Desk(cast.reviewer)
    assert desk.listed("elders.elder", wishes="ask_again") == [elder]
    assert desk.listed("elders.elder", wishes="refused") == [elder]
    said = desk.press(elder, "ask_again", since=today(), kind="refused", reason="子女天天来", signed_by="")
    again = today() + relativedelta(months=3)
    assert said == [f"记下了：马凤英不愿意。三个月后（{again.year}年{again.month}月{again.day}日）再问。"]
    assert desk.listed("elders.elder", wishes="ask_again") == []


# Pauses that run out


def paused(cast: Cast, name: str, since: date, until: date | None) -> Elder:
    elder = make_elder(cast.group, name=name)
    pause_elder(by=cast.head, elder=elder, starts_on=since, ends_on=until, reason="hospital")
    return elder


def test_pauses_are_shown_a_week_before_they_run_out(cast: Cast) -> None:
    now = today()
    due = [
        paused(cast, "七天后到期", now, now + 7 * DAY),
        paused(cast, "第八十三天", now - 82 * DAY, None),
        paused(cast, "早该看了", now - 200 * DAY, None),
        paused(cast, "昨天到期", now - 10 * DAY, now - DAY),
    ]
    paused(cast, "八天后到期", now, now + 8 * DAY)
    paused(cast, "第八十二天", now - 81 * DAY, None)
    found = pauses_to_review(Elder.objects.all())
    assert set(found) == set(due)
    assert {one.name: one.pause_due for one in found} == {
        "七天后到期": now + 7 * DAY,
        "第八十三天": now + 7 * DAY,
        "早该看了": now - 111 * DAY,
        "昨天到期": None,
    }


def test_desk_lists_pauses_with_the_day_they_run_out(cast: Cast) -> None:
    elder = paused(cast, "第九十天", today() - 89 * DAY, None)
    desk = Desk(cast.reviewer)
    address = "/admin/elders/elder/?pause=review"
    page = desk.open(address)
    assert desk.rows(page) == [elder]
    assert "暂停到期" in page.content.decode()
    assert "暂停到期" not in desk.open("/admin/elders/elder/").content.decode()
    assert f"{today().year}年{today().month}月{today().day}日要复核" in desk.page(elder)
