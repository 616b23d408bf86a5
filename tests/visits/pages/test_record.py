import re
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from elders.actions import agree_care_plan, pause_elder
from elders.models import RegistrationForm
from tests.cast import Cast
from tests.factories import make_elder, make_visit, moment
from tests.visits.phone import OLD, TODAY, couple, read, record_url, said, text_of
from visitcare.org.models import User
from visits.actions import Finding
from visits.models import Referral, Visit, VisitedElder

# One record


def test_household_of_others_is_not_found(cast: Cast, enter: Callable[[User], Client]) -> None:
    client = enter(cast.worker)
    foreign = client.get(record_url(make_elder(cast.next_group, OLD).household))
    nobody = client.get(reverse("record_visit", args=[uuid4()]))
    assert [foreign.status_code, nobody.status_code] == [404, 404]
    assert "没有这一页" in foreign.content.decode()


def test_office_cannot_record(cast: Cast, enter: Callable[[User], Client]) -> None:
    home = make_elder(cast.group, OLD).household
    assert enter(cast.reviewer).get(record_url(home)).status_code == 404


def test_form_ticks_who_is_at_home(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    pause_elder(by=User.objects.system(), elder=second, starts_on=TODAY, ends_on=None, reason="hospital")
    html = read(enter(cast.worker), record_url(home))
    assert f'value="{first.pk}" checked' in html
    assert f'value="{second.pk}">' in html
    assert "李秀英（住院）" in html


@pytest.mark.parametrize(("mode", "checked"), [("", 0), ("phone", 1), ("home", 1), ("odd", 0)])
def test_mode_is_chosen_only_when_the_address_says_so(
    cast: Cast, enter: Callable[[User], Client], mode: str, checked: int
) -> None:
    home = make_elder(cast.group, OLD).household
    html = read(enter(cast.worker), f"{record_url(home)}?mode={mode}")
    assert len(re.findall(r'name="mode"[^>]* checked', html)) == checked


@pytest.mark.parametrize(
    ("mode", "result", "outcome"),
    [
        ("home", "ok", "met"),
        ("phone", "ok", "spoke"),
        ("video", "ok", "spoke"),
        ("home", "absent", "not_home"),
        ("phone", "absent", "no_answer"),
        ("home", "declined", "declined"),
    ],
)
def test_button_and_mode_make_the_outcome(
    cast: Cast, enter: Callable[[User], Client], mode: str, result: str, outcome: str
) -> None:
    elder = make_elder(cast.group, OLD)
    response = enter(cast.worker).post(record_url(elder.household), said(elder, mode=mode, result=result))
    assert response.headers["Location"] == "/"
    visit = Visit.objects.get()
    assert (visit.outcome, visit.worker, visit.entered_by) == (outcome, cast.worker, cast.worker)
    assert visit.started_at == moment("2025-03-05 09:42")
    assert visit.agreed == (True if mode == "home" else None)


def test_couple_is_one_visit(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    client = enter(cast.worker)
    told = client.post(record_url(home), said(first, second), follow=True).content.decode()
    assert set(VisitedElder.objects.values_list("visit__mode", "elder")) == {
        ("phone", first.pk),
        ("phone", second.pk),
    }
    assert "记好了：王德明、李秀英，电话，一切正常。" in told
    assert reverse("withdraw_visit", args=[Visit.objects.get().pk]) in told


def test_form_sent_twice_stores_one_visit(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.worker, elder, at="2025-02-26 09:00", findings=[Finding("safety", ("gas",))])
    (referral,) = Referral.objects.all()
    once = said(elder, **{f"answer_{referral.pk}": "yes"})
    client = enter(cast.worker)
    answers = [client.post(record_url(elder.household), once).headers["Location"] for _ in range(2)]
    assert answers == ["/", "/"]
    assert Visit.objects.filter(started_at__gte=moment("2025-03-05 00:00")).count() == 1
    referral.refresh_from_db()
    assert (referral.state, referral.solved_by) == ("solved", cast.worker)


def test_referral_without_an_answer_stays_open(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.worker, elder, at="2025-02-26 09:00", findings=[Finding("safety", ("gas",))])
    enter(cast.worker).post(record_url(elder.household), said(elder))
    assert Referral.objects.get().state == "open"


def test_other_button_after_the_first_is_not_taken(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    client, once = enter(cast.worker), said(elder)
    client.post(record_url(elder.household), once)
    again = client.post(record_url(elder.household), once | {"result": "absent"}).content.decode()
    assert "刚才已经记下一条了" in again
    assert Visit.objects.get().outcome == "spoke"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"elders": []}, "没有选老人。请至少选一位。"),
        ({"mode": ""}, "没有选怎么看望的。请选上门、电话或视频。"),
        ({"started_at": "2025-03-06T09:42"}, "时间写成了还没到的 2025-03-06 09:42。请改一下时间。"),
        ({"started_at": "gestern"}, "时间写得不对。"),
        ({"started_at": ""}, "没有写时间。"),
        ({"result": ""}, "没有点是什么情况。请点下面的一个按钮。"),
        ({"family": "on"}, "登记表上没有写这户老人无法言语或听力"),
    ],
)
def test_mistake_is_named_and_the_rest_is_kept(
    cast: Cast, enter: Callable[[User], Client], change: dict[str, str], words: str
) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, mode="video", result="found", safety_words="煤气管老化") | change
    html = enter(cast.worker).post(record_url(elder.household), sent).content.decode()
    assert "这条还没收下，写的内容都还在：" in html
    assert words in html
    assert "煤气管老化" in html
    assert f'value="{sent["visit_id"]}"' in html
    assert Visit.objects.count() == 0


def test_elder_of_another_household_is_refused(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder, other = make_elder(cast.group, OLD), make_elder(cast.group, OLD)
    html = enter(cast.worker).post(record_url(elder.household), said(other)).content.decode()
    assert "选的老人不在这一户。请重新选。" in html
    assert Visit.objects.count() == 0


def test_family_may_answer_for_one_who_cannot_speak(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD, cannot_speak_or_hear=True)
    client = enter(cast.worker)
    assert "是家里人替老人接的" in read(client, record_url(elder.household))
    at_the_door = client.post(record_url(elder.household), said(elder, mode="home", family="on"))
    assert "“家里人代答”只用于电话、视频。" in at_the_door.content.decode()
    client.post(record_url(elder.household), said(elder, family="on"))
    assert (Visit.objects.get().outcome, VisitedElder.objects.get().countable) == ("family", True)


def test_family_is_not_offered_otherwise(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    assert RegistrationForm.objects.get().cannot_speak_or_hear is False
    assert "是家里人替老人接的" not in read(enter(cast.worker), record_url(elder.household))


def test_details_carry_the_first_step_and_back(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    client = enter(cast.worker)
    sent = said(first, second, mode="home", result="details")
    details = client.post(record_url(home), sent).content.decode()
    assert "王德明、李秀英 · 上门 · 今天 9:42" in details
    assert f'name="elders" value="{first.pk}"' in details
    typed = sent | {"result": "back", "health_kinds": ["movement"], "safety_words": "煤气管老化"}
    back = client.post(record_url(home), typed).content.decode()
    assert re.search(r'name="mode" value="home" required checked', back)
    assert 'name="health_kinds" value="movement"' in back
    assert "煤气管老化" in back
    assert Visit.objects.count() == 0


def test_large_type_in_the_middle_of_a_form_loses_nothing(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, mode="", result="big", step="details", safety_words="煤气管老化")
    html = enter(cast.worker).post(record_url(elder.household), sent).content.decode()
    assert '<html lang="zh-CN" class="big"' in html
    assert "煤气管老化" in html
    assert "保存这次记录" in html
    assert "这条还没收下" not in html


@pytest.mark.parametrize("pressed", ["ok", "absent", "declined"])
def test_what_was_chosen_of_findings_is_not_swept_away(
    cast: Cast, enter: Callable[[User], Client], pressed: str
) -> None:
    elder = make_elder(cast.group)
    sent = said(elder, mode="home", result=pressed, health_words="昨天摔了")
    page = enter(cast.worker).post(record_url(elder.household), sent).content.decode()
    assert "“有情况”里选了、写了的，还没有保存。" in page
    assert "昨天摔了" in page
    assert not Visit.objects.exists()


def test_details_without_a_finding_are_asked_for_one(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    html = enter(cast.worker).post(record_url(elder.household), said(elder, result="found")).content.decode()
    assert "还没有选哪里有情况。" in html
    assert Visit.objects.count() == 0


def test_findings_open_referrals(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    sent = said(
        first,
        second,
        mode="home",
        result="found",
        health_kinds=["movement"],
        health_who=[str(second.pk)],
        safety_kinds=["gas"],
        safety_words="煤气管有裂纹",
        safety_mends="own",
        needs_words="想有人陪着去镇上",
    )
    told = enter(cast.worker).post(record_url(home), sent, follow=True).content.decode()
    assert set(Referral.objects.values_list("area", "elder", "owner", "words")) == {
        ("health", second.pk, "town", ""),
        ("safety", None, "household", "煤气管有裂纹"),
        ("needs", None, "town", "想有人陪着去镇上"),
    }
    assert "有情况：" in told
    assert "镇里会跟进。" in told


def test_finding_of_the_only_elder_is_theirs(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, result="found", health_kinds=["mood"])
    enter(cast.worker).post(record_url(elder.household), sent)
    assert Referral.objects.get().elder == elder


def test_line_breaks_count_once(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    words = "\r\n".join(["走路不稳，夜里起来要人扶"] * 38)
    assert len(words.replace("\r\n", "\n")) <= 500 < len(words)
    sent = said(elder, result="found", step="details", health_words=words)
    assert enter(cast.worker).post(record_url(elder.household), sent).headers["Location"] == "/"
    assert Referral.objects.get().words == words.replace("\r\n", "\n")


def test_words_that_are_too_long_are_mended_where_they_were_written(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, result="found", step="details", health_words="长" * 501)
    html = enter(cast.worker).post(record_url(elder.household), sent).content.decode()
    assert "“身体和精神”里写了 501 个字，请写在 500 个字以内。" in html
    assert "保存这次记录" in html
    assert "长" * 501 in html


def test_what_was_recorded_today_is_told_before_it_is_recorded_again(
    cast: Cast, enter: Callable[[User], Client]
) -> None:
    elder = make_elder(cast.group, OLD)
    make_visit(cast.visitor, elder, at="2025-03-05 08:30")
    make_visit(cast.worker, elder, at="2025-03-04 09:00")
    page = text_of(read(enter(cast.worker), record_url(elder.household)))
    assert "今天 8:30 已经记过一次上门（袁小燕记的）。" in page
    assert page.count("已经记过一次") == 1


def test_another_day_is_said_in_the_answer(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, started_at="2025-03-04T16:00")
    told = text_of(enter(cast.worker).post(record_url(elder.household), sent, follow=True).content.decode())
    assert "记好了：昨天 16:00，马凤英，电话，一切正常。" in told
    assert "不计酬" not in told


def test_too_late_is_said_at_once(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, started_at="2025-02-20T16:00")
    told = text_of(enter(cast.worker).post(record_url(elder.household), sent, follow=True).content.decode())
    assert "记好了：2月20日 16:00，马凤英，电话，一切正常。这一条补得太晚，过了那周的期限" in told


def test_long_findings_are_told_in_short(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    sent = said(elder, result="found", health_words="夜里起来要人扶。" * 20)
    told = text_of(enter(cast.worker).post(record_url(elder.household), sent, follow=True).content.decode())
    assert "…" in told
    assert "夜里起来要人扶。" * 5 not in told


# What was agreed


def test_form_shows_the_latest_plan_of_each(cast: Cast, enter: Callable[[User], Client]) -> None:
    home, first, second = couple(cast)
    for elder, day, content in ((first, 6, "量血压"), (first, 7, "取药"), (second, 6, "陪聊天")):
        agree_care_plan(by=cast.cadre, elder=elder, agreed_on=date(2025, 1, day), content=content)
    text = text_of(read(enter(cast.worker), record_url(home)))
    assert "王德明，约好的：取药" in text
    assert "李秀英，约好的：陪聊天" in text
    assert "量血压" not in text


def test_form_of_one_does_not_name_them_again(cast: Cast, enter: Callable[[User], Client]) -> None:
    elder = make_elder(cast.group, OLD)
    agree_care_plan(by=cast.cadre, elder=elder, agreed_on=date(2025, 1, 6), content="量血压")
    assert "约好的：量血压" in text_of(read(enter(cast.worker), record_url(elder.household)))
