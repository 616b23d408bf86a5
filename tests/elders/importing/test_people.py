"""Whose elder it is, and whose import."""

from collections.abc import Callable

import pytest

from elders.actions import approve_form
from elders.models import Assignment
from tests.cast import NEXT_VILLAGE, Cast
from tests.elders.importing.rows import REGISTERED, Row, counts, elder, stored
from visitcare.audit.models import Event
from visitcare.org.models import User

# Whose elder


def test_worker_of_the_group_needs_no_exception(load: Callable[..., str], cast: Cast) -> None:
    load(elder(网格员手机号=cast.worker.mobile))
    assert Assignment.objects.count() == 0


def test_another_worker_is_named_for_the_household(load: Callable[..., str], cast: Cast) -> None:
    load(elder(网格员手机号=cast.next_worker.mobile))
    one = Assignment.objects.get()
    assert (one.worker, one.household, one.starts_on) == (cast.next_worker, stored().household, REGISTERED)
    before = counts()
    load(elder(网格员手机号=cast.next_worker.mobile))
    assert counts() == before


def test_unknown_worker_is_warned_of(load: Callable[..., str]) -> None:
    said = load(elder(网格员手机号="19900070099"))
    assert "第 2 行 马凤英：有提醒，没有这个手机号的网格员，先按本组的网格员。请先导入探访人员" in said


# Whose import


def by(who: User) -> tuple[str, str]:
    return "--by", who.login


def test_village_imports_and_the_town_decides(load: Callable[..., str], cast: Cast) -> None:
    assert load(elder(), options=by(cast.cadre)) == "老人 1 行（已存）：新增 1 行\n"
    assert (stored().status, stored().forms.get().made_by) == ("submitted", cast.cadre)
    assert Event.objects.get(verb="submit_form").actor_id == cast.cadre.pk
    approve_form(by=cast.head, form=stored().forms.get())
    said = load(elder(**{"登记日期*": "2025-02-03", "联系电话": "19900000009"}), options=by(cast.cadre))
    assert said == "老人 1 行（已存）：有变化 1 行\n"
    waiting = stored().forms.get(state="submitted")
    assert (stored().phone, stored().forms.count()) == ("", 2)
    approve_form(by=cast.head, form=waiting)
    assert stored().phone == "19900000009"


NOT_YOURS = "您没有办理这件事的权限，或者它不在您管的地区。需要的话，请找系统管理员。"


@pytest.mark.parametrize(
    ("who", "changes", "options", "words"),
    [
        (
            "cadre",
            {"村(社区)代码*": NEXT_VILLAGE},
            (),
            "滨江镇新丰村不在您管的地区，或者您没有办理这件事的权限。",
        ),
        ("worker", {}, (), "滨江镇永安村不在您管的地区，或者您没有办理这件事的权限。"),
        ("cadre", {"联系电话": "19900000009"}, (), NOT_YOURS),
        ("cadre", {"登记日期*": "2025-02-03"}, ("--approve",), NOT_YOURS),
        ("cadre", {"登记日期*": "2025-02-03", "网格员手机号": "19900090004"}, (), NOT_YOURS),
    ],
)
def test_what_a_village_may_not_import_is_told_on_its_row(
    load: Callable[..., str],
    refused: Callable[..., str],
    cast: Cast,
    who: str,
    changes: Row,
    options: tuple[str, ...],
    words: str,
) -> None:
    load(elder())
    assert refused(elder(**changes), options=(*options, *by(getattr(cast, who)))) == words


def test_village_changes_nothing_that_the_town_is_deciding(
    load: Callable[..., str], refused: Callable[..., str], cast: Cast
) -> None:
    load(elder(), options=by(cast.cadre))
    later = elder(**{"登记日期*": "2025-02-03"})
    assert (
        refused(later, options=by(cast.cadre)) == "马凤英的登记表已经提交，等镇里审批。要改，请镇里先退回。"
    )
