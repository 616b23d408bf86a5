"""没联系上 on the phone: what the card says, whom to call, what was found out."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from elders.models import Elder
from tests.cast import Cast
from tests.factories import make_elder, make_visit
from tests.visits.phone import OLD, YOUNGER, open_this_week, read, record_url, said, text_of
from visitcare.org.models import User
from visits.models import Inquiry, Visit

Enter = Callable[[User], Client]
PHONE = "19900000077"


def unreached(cast: Cast, at: str, *, outcome: str = "no_answer", birth_date: date = OLD) -> Elder:
    """Class A: 24 hours, and the contact is asked after 6, the village after 12."""
    elder = make_elder(cast.group, birth_date, name="施汉忠")
    Elder.objects.filter(pk=elder.pk).update(emergency_name="施小明", emergency_phone=PHONE)
    open_this_week()
    make_visit(cast.worker, elder, at=at, mode="phone", outcome=outcome)
    return elder


def answer_url(elder: Elder) -> str:
    return reverse("answer_chain", args=[elder.pk])


def test_card_says_what_to_do_next_and_until_when(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 09:20")
    html = read(enter(cast.worker), "/")
    assert "今天 9:20 没联系上施汉忠。请再试一次，最晚今天 15:20；还不行，就问紧急联系人施小明。" in text_of(
        html
    )
    assert f"tel:{PHONE}" not in html  # not yet
    make_visit(cast.worker, elder, at="2025-03-05 09:50", mode="phone")
    assert "没联系上" not in text_of(read(enter(cast.worker), "/"))


def test_card_calls_the_emergency_contact_once_it_is_time(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 03:30")
    html = read(enter(cast.worker), "/")
    assert "请问紧急联系人施小明，老人在哪里，最晚今天 15:30。" in text_of(html)
    assert f'href="tel:{PHONE}"' in html
    assert answer_url(elder) in html


def test_household_that_is_done_comes_back_when_nobody_is_reached(cast: Cast, enter: Enter) -> None:
    elder = make_elder(cast.group, YOUNGER, name="施汉忠")
    open_this_week()
    make_visit(cast.worker, elder, at="2025-03-03 09:00", mode="phone")
    make_visit(cast.worker, elder, at="2025-03-05 09:20", mode="home", outcome="not_home")
    assert "今天要做（1 户）" in text_of(read(enter(cast.worker), "/"))


def test_who_declined_is_not_pressed(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 09:20", outcome="declined")
    html = read(enter(cast.worker), "/")
    assert "今天 9:20 施汉忠不愿意。不勉强，也不用再去找。镇里会问老人的意愿。" in text_of(html)
    assert (f"tel:{PHONE}" in html, answer_url(elder) in html) == (False, False)
    form = read(enter(cast.worker), answer_url(elder))
    assert ("知道老人平安" in form, f"tel:{PHONE}" in form) == (False, False)


def test_village_reads_its_own_step_first(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-04 20:00")
    cadre = text_of(read(enter(cast.cadre), "/"))
    assert "请村里上门看看（1 位）昨天 20:00 没联系上施汉忠。请村干部上门看看，最晚今天 20:00。" in cadre
    assert cadre.index("请村里上门看看") < cadre.index("今天要做")
    assert "请村里上门看看（" not in text_of(read(enter(cast.worker), "/"))
    form = text_of(read(enter(cast.cadre), answer_url(elder)))
    assert "村里去看了，没见到本人" in form


def test_form_asks_before_it_is_the_villages_turn_who_was_asked(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 03:30")
    for who in (cast.worker, cast.cadre):
        page = read(enter(who), answer_url(elder))
        assert "没联系上本人，问了别人" in page
        assert f'href="tel:{PHONE}"' in page
        assert record_url(elder.household) in page


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ("safe", "记好了：施汉忠，知道平安。这不算一次探访，该看望的还要看望。"),
        (
            "unknown",
            "记好了：施汉忠，还没有消息。请村干部上门看看，最晚明天 3:30。到明天 3:30 还没人联系上，镇里会收到提醒。",
        ),
    ],
)
def test_worker_says_what_the_contact_said(cast: Cast, enter: Enter, result: str, told: str) -> None:
    elder = unreached(cast, "2025-03-05 03:30")
    client = enter(cast.worker)
    answer = client.post(answer_url(elder), {"result": result, "words": "女儿说", "days": "0"}, follow=True)
    assert told in text_of(answer.content.decode())
    inquiry = Inquiry.objects.get()
    assert (inquiry.step, inquiry.safe, inquiry.by) == ("contact", result == "safe", cast.worker)
    assert Visit.objects.count() == 1


def test_next_one_reads_what_was_asked_in_vain(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 03:30")
    enter(cast.worker).post(answer_url(elder), {"result": "unknown", "words": "女儿没接"})
    assert "陆桂芳：女儿没接" in text_of(read(enter(cast.cadre), answer_url(elder)))
    enter(cast.cadre).post(answer_url(elder), {"result": "unknown", "words": "门锁着"})
    assert {inquiry.by: inquiry.step for inquiry in Inquiry.objects.all()} == {
        cast.worker: "contact",
        cast.cadre: "village",
    }
    assert "已经报给镇里了。" in text_of(read(enter(cast.worker), "/"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"result": ""}, "没有点是什么情况。请点下面的一个按钮。"),
        ({"words": ""}, "请写几个字：问了谁，怎么说的。"),
        ({"days": "30"}, "选择一个有效的选项"),
    ],
)
def test_mistake_keeps_what_was_written(cast: Cast, enter: Enter, change: dict[str, str], words: str) -> None:
    elder = unreached(cast, "2025-03-05 03:30")
    sent = {"result": "safe", "words": "女儿说在她家", "days": "0"} | change
    html = enter(cast.worker).post(answer_url(elder), sent).content.decode()
    assert words in html
    assert "words" in change or "女儿说在她家" in html
    assert not Inquiry.objects.exists()


def test_form_of_somebody_reached_meanwhile_leads_back(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 03:30")
    make_visit(cast.cadre, elder, at="2025-03-05 09:00")
    client = enter(cast.worker)
    assert "施汉忠不用找了" in text_of(client.get(answer_url(elder), follow=True).content.decode())
    answer = client.post(answer_url(elder), {"result": "unknown", "words": "没接"})
    assert "施汉忠已经不用找了" in answer.content.decode()


def test_form_of_somebody_elses_elder_is_not_there(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 03:30")
    for who in (cast.other_worker, cast.next_worker, cast.reviewer):
        assert enter(who).get(answer_url(elder)).status_code == 404


@pytest.mark.parametrize(
    ("birth_date", "words"),
    [
        (
            OLD,
            "没联系上施汉忠。请再试一次，最晚今天 15:42；还不行，就问家里人或者邻居。到明天 9:42 还没人联系上，镇里会收到提醒。",
        ),
        (
            YOUNGER,
            "没联系上施汉忠。请再试一次，最晚明天 9:42；还不行，就问家里人或者邻居。到3月12日 9:42 还没人联系上，镇里会收到提醒。",
        ),
    ],
)
def test_no_answer_says_what_happens_next(cast: Cast, enter: Enter, birth_date: date, words: str) -> None:
    elder = make_elder(cast.group, birth_date, name="施汉忠")
    sent = said(elder, result="absent")
    told = enter(cast.worker).post(record_url(elder.household), sent, follow=True).content.decode()
    assert words in told


def test_second_attempt_is_told_the_hours_of_the_first(cast: Cast, enter: Enter) -> None:
    elder = unreached(cast, "2025-03-05 00:10")
    told = enter(cast.worker).post(record_url(elder.household), said(elder, result="absent"), follow=True)
    assert "请问紧急联系人施小明，老人在哪里，最晚今天 12:10。到明天 0:10 还没人联系上" in text_of(
        told.content.decode()
    )


def test_attempt_typed_after_a_success_says_so(cast: Cast, enter: Enter) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    make_visit(cast.cadre, elder, at="2025-03-05 09:50")
    sent = said(elder, result="absent")
    told = enter(cast.worker).post(record_url(elder.household), sent, follow=True).content.decode()
    assert "没联系上施汉忠。已经有人联系上了，不用再找。" in told


def test_declined_says_that_nobody_is_pressed(cast: Cast, enter: Enter) -> None:
    elder = make_elder(cast.group, OLD, name="施汉忠")
    sent = said(elder, result="declined")
    told = enter(cast.worker).post(record_url(elder.household), sent, follow=True).content.decode()
    assert "老人不愿意。不勉强，也不用再去找。镇里会问老人的意愿。" in told
