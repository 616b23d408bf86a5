from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from tests.cast import COUNTY, DIVISIONS, TOWN, VILLAGE, Cast
from tests.factories import id_number
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.actions import (
    DivisionRow,
    NotAllowed,
    add_user,
    appoint,
    change_password,
    end_posting,
    ensure_group,
    issue_first_password,
    load_divisions,
    may_issue_password,
    require,
    set_bank_account,
    set_id_number,
    switch_big_text,
)
from visitcare.org.models import Division, User
from visitcare.org.roles import Right, Role


def last_event() -> tuple[str, str, str]:
    event = Event.objects.latest("at")
    return event.actor_name, event.verb, event.words


# Divisions


def test_load_divisions_adds_them_with_their_paths(system: User) -> None:
    load_divisions(by=system, rows=DIVISIONS)
    paths = dict(Division.objects.values_list("code", "path"))
    assert (paths[COUNTY], paths[TOWN], paths[VILLAGE]) == ("东海市", "滨江镇", "滨江镇永安村")
    assert last_event() == ("系统", "load_divisions", "导入区划：新增 7 个，改名 0 个")


def test_load_divisions_in_any_order(system: User) -> None:
    rows = [DivisionRow(VILLAGE, "永安村", "village", TOWN), DivisionRow(TOWN, "滨江镇", "town", COUNTY),
            DivisionRow(COUNTY, "东海市", "county", "")]  # fmt: skip
    assert load_divisions(by=system, rows=rows).added == 3


def test_load_divisions_renamed_town_renames_the_paths_below(cast: Cast, system: User) -> None:
    done = load_divisions(by=system, rows=[DivisionRow(TOWN, "滨海镇", "town", COUNTY)])
    assert (done.added, done.renamed, done.unchanged) == (0, 1, 0)
    assert Division.objects.get(code=VILLAGE + "001").path == "滨海镇永安村1组"


def test_load_divisions_again_changes_nothing_and_leaves_no_event(system: User) -> None:
    load_divisions(by=system, rows=DIVISIONS)
    events = Event.objects.count()
    assert load_divisions(by=system, rows=DIVISIONS).unchanged == 7
    assert Event.objects.count() == events


def test_load_divisions_never_deletes(cast: Cast, system: User) -> None:
    before = Division.objects.count()
    load_divisions(by=system, rows=[DivisionRow(COUNTY, "东海市", "county", "")])
    assert Division.objects.count() == before


def test_load_divisions_virtual_village_is_inactive(cast: Cast, system: User) -> None:
    load_divisions(by=system, rows=[DivisionRow(TOWN + "498", "虚拟社区", "village", TOWN)])
    assert Division.objects.get(code=TOWN + "498").active is False


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (DivisionRow("3206991", "某镇", "town", COUNTY), "区划代码 3206991 和级别“town”对不上：市县 6 位、镇 9 位、村 12 位。"),
        (DivisionRow("320699109", "某镇", "city", COUNTY), "区划代码 320699109 和级别“city”对不上：市县 6 位、镇 9 位、村 12 位。"),
        (DivisionRow("320699109", "", "town", COUNTY), "区划代码 320699109 没有名称。请补上。"),
        (DivisionRow("320698101", "某镇", "town", COUNTY), "区划代码 320698101 的上级 320699 不在文件里，或者不是它的前几位。"),
        (DivisionRow("320699109", "某镇", "town", ""), "区划代码 320699109 的上级 （空） 不在文件里，或者不是它的前几位。"),
    ],
)  # fmt: skip
def test_load_divisions_bad_row_stores_nothing(
    cast: Cast, system: User, row: DivisionRow, words: str
) -> None:
    before = Division.objects.count()
    with pytest.raises(ValueError) as caught:
        load_divisions(by=system, rows=[DivisionRow("320699108", "好镇", "town", COUNTY), row])
    assert (str(caught.value), Division.objects.count()) == (words, before)


def test_ensure_group_one_group_for_every_spelling(cast: Cast, system: User) -> None:
    spelled = [
        ensure_group(by=system, village=cast.village, text=text)
        for text in ("1", "1组", "第1组", "第一组", "01")
    ]
    assert spelled == [cast.group] * 5


def test_ensure_group_takes_its_number_into_the_code(cast: Cast, system: User) -> None:
    group = ensure_group(by=system, village=cast.village, text="第十二组")
    assert (group.code, group.name, group.path) == (VILLAGE + "012", "12组", "滨江镇永安村12组")
    assert last_event()[1:] == ("add_group", "新增村民小组 滨江镇永安村12组")


def test_ensure_group_with_a_name_is_numbered_from_501(cast: Cast, system: User) -> None:
    codes = [
        ensure_group(by=system, village=cast.village, text=text).code[12:] for text in ("东组", "西组", "东")
    ]
    assert codes == ["501", "502", "501"]


def test_ensure_group_number_too_high_for_its_own_code(cast: Cast, system: User) -> None:
    assert ensure_group(by=system, village=cast.village, text="600").code == VILLAGE + "501"


# Rights


def test_require_without_the_right_says_so(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as caught:
        require(cast.other_head, Right.APPROVE_ELDER, TOWN)
    assert str(caught.value) == "您没有办理这件事的权限，或者它不在您管的地区。需要的话，请找系统管理员。"
    assert isinstance(caught.value, PermissionDenied)


# Accounts and postings


def test_add_user_has_no_password_and_a_login_of_its_own(system: User) -> None:
    user = add_user(by=system, name="李四", mobile="19900071001")
    assert (user.has_usable_password(), user.must_change_password, user.login[0], len(user.login)) == (
        False, True, "u", 13
    )  # fmt: skip
    assert last_event()[1:] == ("add_user", "新建账号：李四")


def test_appoint_grid_worker_is_payable_where_asked(cast: Cast, system: User) -> None:
    posting = appoint(
        by=system,
        user=cast.visitor,
        role=Role.GRID_WORKER,
        place=cast.group,
        starts_on=date(2025, 1, 1),
        payable=True,
    )
    assert posting.payable is True
    assert last_event()[2] == "袁小燕自 2025-01-01 起任滨江镇永安村1组网格员，计酬"


def test_appoint_other_role_is_never_payable(cast: Cast, system: User) -> None:
    posting = appoint(
        by=system,
        user=cast.worker,
        role=Role.VISITOR,
        place=cast.village,
        starts_on=date(2025, 1, 1),
        payable=True,
    )
    assert posting.payable is False


def test_appoint_at_the_wrong_level_is_refused(cast: Cast, system: User) -> None:
    with pytest.raises(ValueError) as caught:
        appoint(
            by=system, user=cast.worker, role=Role.TOWN_HEAD, place=cast.village, starts_on=date(2025, 1, 1)
        )
    assert str(caught.value) == "镇民政负责人要任在：镇（园区、街道），不能任在“滨江镇永安村”。"


def test_end_posting_keeps_its_last_day(cast: Cast, system: User) -> None:
    posting = cast.worker.postings.get()
    end_posting(by=system, posting=posting, last_day=date(2025, 3, 31))
    posting.refresh_from_db()
    assert posting.ends_on == date(2025, 3, 31)
    assert last_event()[2] == "陆桂芳的滨江镇永安村1组网格员任职到 2025-03-31 为止"


ACTS = {
    "load_divisions": lambda by, cast: load_divisions(by=by, rows=DIVISIONS),
    "ensure_group": lambda by, cast: ensure_group(by=by, village=cast.village, text="9组"),
    "add_user": lambda by, cast: add_user(by=by, name="李四", mobile="19900071001"),
    "appoint a grid worker": lambda by, cast: appoint(
        by=by, user=cast.visitor, role=Role.GRID_WORKER, place=cast.group, starts_on=date(2025, 1, 1)
    ),
    "appoint a reviewer": lambda by, cast: appoint(
        by=by, user=cast.visitor, role=Role.TOWN_REVIEWER, place=cast.town, starts_on=date(2025, 1, 1)
    ),
    "end a grid worker": lambda by, cast: end_posting(
        by=by, posting=cast.worker.postings.get(), last_day=date(2025, 1, 1)
    ),
    "end a reviewer": lambda by, cast: end_posting(
        by=by, posting=cast.reviewer.postings.get(), last_day=date(2025, 1, 1)
    ),
    "set_bank_account": lambda by, cast: set_bank_account(
        by=by, user=cast.worker, bank="农商行", card="6217000000000000001", since=date(2025, 1, 1)
    ),
    "set_id_number": lambda by, cast: set_id_number(
        by=by, user=cast.worker, id_number=id_number(date(1960, 1, 1))
    ),
}
WHO_MAY = {
    "load_divisions": {"admin"},
    "ensure_group": {"cadre", "reviewer", "head", "admin"},
    "add_user": {"head", "other_head", "admin"},
    "appoint a grid worker": {"head", "admin"},
    "appoint a reviewer": {"admin"},
    "end a grid worker": {"head", "admin"},
    "end a reviewer": {"admin"},
    "set_bank_account": {"head", "admin"},
    "set_id_number": {"head", "admin"},
}
"""Who keeps accounts and postings (domain.md §6): a town its own field workers, the system admin everybody."""


@pytest.mark.parametrize("act", ACTS)
def test_accounts_are_kept_by(cast: Cast, act: str) -> None:
    done = set()
    for name, one in cast.everybody().items():
        if not isinstance(one, User):
            continue
        with suppress(NotAllowed), transaction.atomic():
            ACTS[act](one, cast)
            done.add(name)
            transaction.set_rollback(True)
    assert done == WHO_MAY[act]


def test_nobody_appoints_themselves(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as caught:
        appoint(
            by=cast.head,
            user=cast.head,
            role=Role.GRID_WORKER,
            place=cast.group,
            starts_on=today(),
            payable=True,
        )
    assert str(caught.value) == "不能给自己登记任职。请同事来办。"


def test_nobody_registers_a_card_of_their_own(cast: Cast, system: User) -> None:
    appoint(
        by=system, user=cast.head, role=Role.GRID_WORKER, place=cast.group, starts_on=today(), payable=True
    )
    with pytest.raises(NotAllowed) as caught:
        set_bank_account(
            by=cast.head, user=cast.head, bank="农商行", card="6217000000000000001", since=today()
        )
    assert str(caught.value) == "自己的身份证号码和银行卡，请同事来登记。"


def test_set_bank_account_again_is_no_change(cast: Cast, system: User) -> None:
    def register(card: str) -> bool:
        return set_bank_account(by=system, user=cast.worker, bank="农商行", card=card, since=date(2025, 1, 1))

    assert [register("6217000000000000001"), register("6217000000000000001")] == [True, False]
    assert cast.worker.bank_accounts.count() == 1


def test_set_bank_account_changed_card_holds_after_the_last_one(cast: Cast, system: User) -> None:
    for card, since in (("6217000000000000001", date(2025, 1, 1)), ("6217000000000000002", date(2024, 6, 1))):
        set_bank_account(by=system, user=cast.worker, bank="农商行", card=card, since=since)
    accounts = cast.worker.bank_accounts.order_by("since").values_list("since", flat=True)
    assert list(accounts) == [date(2025, 1, 1), date(2025, 1, 2)]


def test_card_of_somebody_who_serves_elsewhere_now_is_not_ours(cast: Cast, system: User) -> None:
    """The last pay may need a new card; but not of whom another town pays by now."""

    def register() -> bool:
        number = f"621700000000000000{cast.worker.bank_accounts.count()}"
        return set_bank_account(by=cast.head, user=cast.worker, bank="农商行", card=number, since=today())

    end_posting(by=system, posting=cast.worker.postings.get(), last_day=today() - timedelta(days=1))
    assert register() is True
    appoint(by=system, user=cast.worker, role=Role.VISITOR, place=cast.other_village, starts_on=today())
    with pytest.raises(NotAllowed):
        register()


@pytest.mark.parametrize("act", ["set_bank_account", "set_id_number"])
def test_whoever_serves_two_towns_is_not_one_town_s_to_change(cast: Cast, system: User, act: str) -> None:
    appoint(by=system, user=cast.worker, role=Role.VISITOR, place=cast.other_village, starts_on=today())
    for by in (cast.head, cast.other_head):
        with pytest.raises(NotAllowed, match="不只在您管的地区任职"):
            ACTS[act](by, cast)
    ACTS[act](cast.admin, cast)


def test_events_of_accounts_name_no_card_and_no_mobile(cast: Cast, system: User) -> None:
    set_bank_account(
        by=system, user=cast.worker, bank="农商行", card="6217000000000000001", since=date(2025, 1, 1)
    )
    told = [f"{event.words}{event.reason}{event.about_label}{event.data}" for event in Event.objects.all()]
    assert [words for words in told if "6217" in words or "199000" in words] == []


# Passwords


def test_first_password_works_once_it_is_issued(cast: Cast) -> None:
    password = issue_first_password(by=cast.head, user=cast.worker)
    worker = User.objects.get(pk=cast.worker.pk)
    assert (len(password), password.isdigit()) == (8, True)
    assert (worker.check_password(password), worker.must_change_password) == (True, True)
    assert last_event() == ("季海峰", "issue_first_password", "给陆桂芳发了初始密码")


@pytest.mark.parametrize("who", ["cadre", "reviewer", "officer", "other_head", "worker"])
def test_first_password_by_somebody_else_is_refused(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        issue_first_password(by=getattr(cast, who), user=cast.worker)
    assert str(caught.value) == "只能给本地区的探访人员发初始密码；镇里、市里的账号，请找系统管理员。"


def test_first_password_for_somebody_who_also_serves_elsewhere_is_refused(cast: Cast, system: User) -> None:
    appoint(by=system, user=cast.worker, role=Role.VISITOR, place=cast.other_village, starts_on=today())
    with pytest.raises(NotAllowed):
        issue_first_password(by=cast.head, user=cast.worker)


def test_first_password_for_the_system_actor_is_refused(cast: Cast, system: User) -> None:
    with pytest.raises(NotAllowed):
        issue_first_password(by=cast.admin, user=system)


def test_first_password_for_somebody_above_is_refused(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        issue_first_password(by=cast.head, user=cast.approver)


@pytest.mark.parametrize(("who", "issued"), [("reviewer", False), ("cadre", True), ("disabled", True)])
def test_first_password_of_an_office_is_not_the_towns_to_issue(cast: Cast, who: str, issued: bool) -> None:
    """Whoever issues it can sign in with it, and would review what they assess (ADR 7)."""
    assert may_issue_password(cast.head, getattr(cast, who)) == issued
    assert may_issue_password(cast.admin, getattr(cast, who)) is True


@pytest.mark.parametrize(("ended", "issued"), [(1, True), (0, False), (-1, False)])
def test_office_posting_counts_until_it_has_ended(cast: Cast, system: User, ended: int, issued: bool) -> None:
    end_posting(by=system, posting=cast.reviewer.postings.get(), last_day=today() - timedelta(days=ended))
    appoint(by=system, user=cast.reviewer, role=Role.VISITOR, place=cast.village, starts_on=today())
    assert may_issue_password(cast.head, cast.reviewer) == issued


def test_change_password_ends_the_first_one(cast: Cast) -> None:
    old = issue_first_password(by=cast.head, user=cast.worker)
    worker = User.objects.get(pk=cast.worker.pk)
    change_password(by=worker, password="早上好2025")
    worker.refresh_from_db()
    assert (worker.check_password(old), worker.check_password("早上好2025")) == (False, True)
    assert worker.must_change_password is False


def test_big_text_is_kept_and_leaves_no_event(cast: Cast) -> None:
    events = Event.objects.count()
    switch_big_text(by=cast.worker, big=True)
    assert (User.objects.get(pk=cast.worker.pk).big_text, Event.objects.count()) == (True, events)


def test_ended_posting_does_not_outlive_its_last_day(cast: Cast, system: User) -> None:
    end_posting(by=system, posting=cast.head.postings.get(), last_day=today() - timedelta(days=1))
    with pytest.raises(NotAllowed):
        issue_first_password(by=User.objects.get(pk=cast.head.pk), user=cast.worker)
