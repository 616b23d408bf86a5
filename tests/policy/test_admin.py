from datetime import date

import pytest
from django.utils import timezone

from tests.cast import Cast
from tests.desk import Desk
from visitcare.kit.weeks import Month, today
from visitcare.policy.models import PolicyVersion
from visitcare.policy.rules import SERIES
from visitcare.policy.words import WORDS, value_words


def test_every_reading_has_words() -> None:
    names = {name for values in SERIES.values() for name in values().to_json()}
    assert set(WORDS) == names


def test_page_tells_the_values_as_people_say_them(cast: Cast) -> None:
    desk = Desk(cast.officer)
    care, pay = (desk.page(PolicyVersion.objects.get(series=series)) for series in ("care", "pay"))
    assert all(words in care for words in ("上门 2 次，电话或视频 2 次", "轻度失能", "A类联系不上"))
    assert all(words in pay for words in ("3.50", "按次（一户一次）", "不设上限"))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("late_unpaid", True, "是"), ("semi_disabled", [], "没有"), ("pay_cap", "4", "4"), ("a_weekly", [2, 1], "上门 2 次，电话或视频 1 次")],
)  # fmt: skip
def test_value_in_words(name: str, value: object, words: str) -> None:
    assert value_words(name, value) == words


def test_list_tells_which_version_is_in_force(cast: Cast) -> None:
    this, coming = Month.of(today()).first, Month.of(today()).next.first
    for day, enacted in ((this, True), (coming, True), (date(2024, 2, 1), False)):
        PolicyVersion.objects.create(
            series="pay", effective_from=day, values={"rate": "4.00"}, drafted_by=cast.officer,
            enacted_by=cast.approver if enacted else None, enacted_at=timezone.now() if enacted else None,
        )  # fmt: skip
    page = Desk(cast.officer).open("/admin/policy/policyversion/?series=pay").content.decode()
    found = [words for words in ("到日子生效", "现在执行", "草稿", "已被新版代替") if words in page]
    assert found == ["到日子生效", "现在执行", "草稿", "已被新版代替"]
