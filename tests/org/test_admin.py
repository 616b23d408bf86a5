from typing import Any

import pytest

from tests.cast import Cast
from tests.desk import Desk
from tests.factories import costs_the_same
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.actions import add_user, appoint
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import FIELD_ROLES, Role


def account(**changes: Any) -> dict[str, Any]:
    return {
        "name": "李四", "mobile": "19900071001", "login": "", "role": "grid_worker", "place": "滨江镇永安村2组",
        "starts_on": today().isoformat(), "payable": "on",
    } | changes  # fmt: skip


def test_town_makes_an_account_for_its_own_worker(cast: Cast) -> None:
    said = Desk(cast.head).add("org.user", **account())
    assert said == ["建好了李四的账号。现在还不能登录：请点“发初始密码”或“打印登录卡”。"]
    posting = Posting.objects.get(user__name="李四")
    assert (posting.place, posting.role, posting.payable) == (cast.second_group, "grid_worker", True)


def test_town_is_offered_field_roles_only_and_the_system_admin_all(cast: Cast) -> None:
    offered = {}
    for who in ("head", "admin"):
        form = Desk(getattr(cast, who)).open("/admin/org/user/add/").context["form"]
        offered[who] = {value for value, _ in form.fields["role"].choices if value}
    assert offered == {"head": FIELD_ROLES, "admin": set(Role)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mobile": "", "login": ""}, "手机号和用户名至少填一个，不然没法登录。"),
        ({"mobile": "1990007100"}, "手机号"),
        (
            {"mobile": "19900090002"},
            "这个手机号已经有账号了。请先在人员账号里用手机号查找，给那个账号加任职。",
        ),
        ({"mobile": "19900090005"}, "这个手机号在别的地区已经有账号了。请找系统管理员，给那个账号加任职。"),
        ({"mobile": "", "login": "head"}, "这个用户名已经有人用了。请换一个。"),
        ({"mobile": "", "login": "李四"}, "用户名要用小写字母开头"),
        (
            {"place": "海晏镇港西村1组"},
            "没有找到“海晏镇港西村1组”。请写全称（先写镇，再写村、组），或者写区划代码。",
        ),
        ({"place": "1组"}, "有好几个“1组”，请写全称，例如“滨江镇永安村1组”。"),
        ({"place": "滨江镇"}, "网格员要任在：村民小组、村（居），不能任在“滨江镇”。"),
        ({"role": "county_approver"}, "county_approver"),
    ],
)
def test_mistake_is_told_in_words(cast: Cast, changes: dict[str, Any], words: str) -> None:
    before = User.objects.count()
    said = Desk(cast.head).add("org.user", **account(**changes))
    assert [one for one in said if words in one] != [], said
    assert User.objects.count() == before


def test_first_password_is_shown_once_and_works(cast: Cast) -> None:
    head = Desk(cast.head)
    answer = head.client.post(f"/admin/org/user/{cast.worker.pk}/password/")
    rows = dict(answer.context["rows"])
    assert "no-store" in answer.headers["Cache-Control"]
    assert rows["登录用"] == cast.worker.mobile
    assert User.objects.get(pk=cast.worker.pk).check_password(rows["初始密码"])
    assert rows["初始密码"] not in head.page(cast.worker)
    assert rows["初始密码"] not in str(list(Event.objects.values("words", "data")))


def test_first_password_is_not_offered_for_people_of_other_places(cast: Cast) -> None:
    system = User.objects.system()
    appoint(by=system, user=cast.worker, role=Role.VISITOR, place=cast.other_village, starts_on=today())
    assert "password" not in Desk(cast.head).doors(cast.worker)


def test_posting_is_given_and_ended(cast: Cast) -> None:
    head = Desk(cast.head)
    said = head.press(
        cast.worker, "appoint", role="visitor", place="滨江镇新丰村", starts_on=today().isoformat()
    )
    assert said == [f"登记好了：陆桂芳自 {today()} 起任滨江镇新丰村其他探访人员。"]
    posting = Posting.objects.get(user=cast.worker, role="visitor")
    said = head.press(cast.worker, "end", posting=str(posting.pk), last_day="2024-01-01")
    assert said == [f"最后一天不能早于起始日期 {today()}。"]
    said = head.press(cast.worker, "end", posting=str(posting.pk), last_day=today().isoformat())
    assert said == [f"陆桂芳的滨江镇新丰村任职到 {today()} 为止。"]


def test_office_posting_is_not_the_towns_to_end(cast: Cast) -> None:
    assert Desk(cast.head).doors(cast.reviewer) == ["appoint"]
    posting = cast.reviewer.postings.get()
    Desk(cast.head).press(cast.reviewer, "end", posting=str(posting.pk), last_day=today().isoformat())
    posting.refresh_from_db()
    assert posting.ends_on is None


def test_story_of_an_account_tells_what_was_done_in_the_own_area(cast: Cast) -> None:
    system = User.objects.system()
    for place in (cast.next_village, cast.other_village):
        appoint(by=system, user=cast.worker, role=Role.VISITOR, place=place, starts_on=today())
    told = {who: Desk(getattr(cast, who)).page(cast.worker) for who in ("head", "auditor", "reviewer")}
    assert {who: ("新丰村其他探访人员" in page, "港西村其他探访人员" in page) for who, page in told.items()} == {
        "head": (True, False), "auditor": (True, True), "reviewer": (False, False)
    }  # fmt: skip


def test_link_to_a_village_of_former_times_shows_its_rows(cast: Cast) -> None:
    Division.objects.filter(pk=cast.village.pk).update(active=False)
    officer = Desk(cast.officer)
    assert cast.worker in officer.listed("org.user", village=cast.village.pk)
    offered = officer.open(f"/admin/org/user/?town={cast.town.pk}").context["cl"].filter_specs
    villages = next(spec for spec in offered if spec.parameter_name == "village").lookup_choices
    assert [code for code, _ in villages] == [cast.next_village.pk]


def test_search_finds_by_name_and_whole_mobile(cast: Cast) -> None:
    admin = Desk(cast.admin)
    found = [admin.found("org.user", term) for term in ("陆桂", cast.worker.mobile, "worker", "1990009")]
    assert found == [[cast.worker], [cast.worker], [cast.worker], []]


def test_filter_finds_who_cannot_sign_in_yet(cast: Cast) -> None:
    user = add_user(by=User.objects.system(), name="李四", mobile="19900071001")
    appoint(by=User.objects.system(), user=user, role=Role.VISITOR, place=cast.village, starts_on=today())
    head = Desk(cast.head)
    assert user in head.listed("org.user", sign_in="none")
    head.client.post(f"/admin/org/user/{user.pk}/password/")
    assert user not in head.listed("org.user", sign_in="none")
    assert head.listed("org.user", sign_in="first") == [user]


def test_page_masks_the_mobile_number(cast: Cast) -> None:
    page = Desk(cast.admin).page(cast.worker)
    assert (cast.worker.mobile in page, "199****0002" in page) == (False, True)


def test_list_asks_as_much_for_three_rows_as_for_one(cast: Cast) -> None:
    serial = iter(range(10))

    def add() -> None:
        user = add_user(by=User.objects.system(), name="李四", login=f"lisi{next(serial)}")
        appoint(by=User.objects.system(), user=user, role=Role.VISITOR, place=cast.village, starts_on=today())

    admin = Desk(cast.admin)
    assert costs_the_same(lambda: admin.listed("org.user", role="visitor"), add)


def test_division_shows_what_is_below_and_who_serves(cast: Cast) -> None:
    page = Desk(cast.head).page(cast.village)
    assert all(words in page for words in ("1组", "2组", "朱卫东", "袁小燕"))
