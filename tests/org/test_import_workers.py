from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.cast import FIRST_DAY, NEXT_VILLAGE, VILLAGE, Cast
from tests.factories import id_number, read_rows, run, save_sheet
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.models import BankAccount, Division, Posting, User
from visitcare.org.roles import Role

NUMBER = id_number(date(1970, 3, 4))
CARD = "6217000000000000004"  # passes Luhn


def worker(**changes: object) -> dict[str, object]:
    return {
        "姓名*": "李四",
        "手机号*": "19900071001",
        "居民身份证号码": NUMBER,
        "村(社区)代码*": VILLAGE,
        "村民小组": "3",
        "角色": "网格员",
        "计酬": "是",
        "起始日期": None,
        "开户银行": "东海农商行",
        "卡号": CARD,
        "户编号": "H7",
    } | changes


def imported(tmp_path: Path, *rows: dict[str, object], options: tuple[str, ...] = ()) -> str:
    return run("import_workers", save_sheet(tmp_path / "workers.xlsx", rows), *options)


def refused(tmp_path: Path, *rows: dict[str, object]) -> str:
    """The words for the last row of a file that is not taken; nothing of it is stored."""
    report = tmp_path / "report.xlsx"
    before = (User.objects.count(), Posting.objects.count(), Division.objects.count(), Event.objects.count())
    with pytest.raises(CommandError) as caught:
        imported(tmp_path, *rows, options=("--report", str(report)))
    assert caught.value.returncode == 1
    assert before == (
        User.objects.count(),
        Posting.objects.count(),
        Division.objects.count(),
        Event.objects.count(),
    )
    outcome, words = read_rows(report)[-1][2:]
    assert outcome == "未导入"
    return str(words)


def the_worker() -> User:
    return User.objects.get(name="李四")


def test_worker_is_stored_with_posting_and_card(cast: Cast, tmp_path: Path) -> None:
    said = imported(tmp_path, worker())
    assert said == "探访人员 1 行（已存）：新增 1 行\n"
    user, posting, account = the_worker(), Posting.objects.get(user__name="李四"), BankAccount.objects.get()
    assert (user.mobile, user.id_number, user.has_usable_password()) == ("19900071001", NUMBER, False)
    assert (posting.role, posting.place_id, posting.payable, posting.own_household, posting.starts_on) == (
        Role.GRID_WORKER, VILLAGE + "003", True, "H7", FIRST_DAY
    )  # fmt: skip
    assert (account.bank, account.card, account.since) == ("东海农商行", CARD, FIRST_DAY)


def test_columns_without_star_may_be_absent(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, {"姓名": "李四", "手机号": 19900071001, "村(社区)代码": int(VILLAGE)})
    posting = Posting.objects.get(user__name="李四")
    assert (posting.role, posting.place_id, posting.payable) == (Role.GRID_WORKER, VILLAGE, False)


@pytest.mark.parametrize("group", [1, "1", "1组", "第1组", "第一组", "１组"])
def test_group_is_the_one_that_is_there(cast: Cast, tmp_path: Path, group: object) -> None:
    imported(tmp_path, worker(村民小组=group))
    assert Posting.objects.get(user__name="李四").place == cast.group


def test_same_mobile_and_name_is_one_person_with_two_postings(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker(), worker(村民小组="4"))
    places = Posting.objects.filter(user=the_worker()).values_list("place", flat=True)
    assert sorted(places) == [VILLAGE + "003", VILLAGE + "004"]


def test_same_file_again_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    rows = (
        worker(),
        worker(村民小组="4"),
        worker(**{"姓名*": "王五", "手机号*": "19900071002", "居民身份证号码": None}),
    )
    imported(tmp_path, *rows)
    before = (
        User.objects.count(),
        Posting.objects.count(),
        BankAccount.objects.count(),
        Event.objects.count(),
    )
    assert imported(tmp_path, *rows) == "探访人员 3 行（已存）：无变化 3 行\n"
    assert before == (
        User.objects.count(),
        Posting.objects.count(),
        BankAccount.objects.count(),
        Event.objects.count(),
    )


def test_dry_run_stores_nothing(cast: Cast, tmp_path: Path) -> None:
    events = Event.objects.count()
    said = imported(tmp_path, worker(), options=("--dry-run",))
    assert said == "探访人员 1 行（试运行，没有存）：新增 1 行\n"
    assert (User.objects.filter(name="李四").count(), Event.objects.count()) == (0, events)


def test_changed_pay_begins_a_new_posting(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker())
    imported(tmp_path, worker(计酬="否", 起始日期="2025-03-01"))
    postings = Posting.objects.filter(user=the_worker()).order_by("starts_on")
    assert list(postings.values_list("starts_on", "ends_on", "payable")) == [
        (FIRST_DAY, date(2025, 2, 28), True),
        (date(2025, 3, 1), None, False),
    ]


def test_changed_pay_without_a_day_is_refused(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker())
    words = refused(tmp_path, worker(计酬="否"))
    assert words == (
        "滨江镇永安村3组的任职从 2024-01-01 起已登记，内容和这一行不同。要改，请把起始日期写成改变的那一天。"
    )


def test_new_card_holds_from_today(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker())
    said = imported(tmp_path, worker(卡号="6217000000000000012"))
    assert said == "探访人员 1 行（已存）：有变化 1 行\n"
    assert BankAccount.objects.get(card__isnull=False, since=today()).card == "6217000000000000012"


def test_what_changes_is_told_old_and_new_with_numbers_masked(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker(居民身份证号码=None))
    report = tmp_path / "report.xlsx"
    changed = worker(计酬="否", 起始日期="2025-06-01", 卡号="6217000000000000012")
    imported(tmp_path, changed, options=("--report", str(report)))
    outcome, words = read_rows(report)[-1][2:]
    assert outcome == "有变化"
    masked = f"{NUMBER[:4]}**********{NUMBER[-4:]}"
    assert words == (
        f"居民身份证号码：（空） → {masked}；滨江镇永安村3组的任职自 2025-06-01 起；计酬：是 → 否；"
        "卡号：**** 0004 → **** 0012"
    )


def of_another_town(cast: Cast, **changes: object) -> dict[str, object]:
    """A row that gives somebody who serves in the other town a posting in this one."""
    who = {"姓名*": cast.other_worker.name, "手机号*": cast.other_worker.mobile, "居民身份证号码": None}
    return worker(**(who | {"卡号": None, "开户银行": None} | changes))


@pytest.mark.parametrize("changes", [{"卡号": CARD, "开户银行": "东海农商行"}, {"居民身份证号码": NUMBER}])
def test_posting_here_does_not_open_the_pay_of_another_town_s_worker(
    cast: Cast, tmp_path: Path, changes: dict[str, object]
) -> None:
    report, options = tmp_path / "report.xlsx", ("--by", cast.head.login, "--skip-bad-rows")
    imported(tmp_path, of_another_town(cast, **changes), options=(*options, "--report", str(report)))
    outcome, words = read_rows(report)[1][2:]
    assert (outcome, "龚国平不只在您管的地区任职" in str(words)) == ("未导入", True)
    cast.other_worker.refresh_from_db()
    assert (cast.other_worker.id_number, BankAccount.objects.count()) == ("", 0)
    imported(tmp_path, of_another_town(cast), options=options)
    assert cast.other_worker.postings.count() == 2
    imported(tmp_path, of_another_town(cast, **changes), options=options)
    cast.other_worker.refresh_from_db()
    assert (cast.other_worker.id_number, BankAccount.objects.count()) == ("", 0)


def test_card_that_is_registered_already_is_no_change_for_another_town_either(
    cast: Cast, tmp_path: Path
) -> None:
    row = of_another_town(cast, 卡号=CARD, 开户银行="东海农商行")
    imported(tmp_path, row)
    said = imported(tmp_path, row, options=("--by", cast.head.login))
    assert said == "探访人员 1 行（已存）：无变化 1 行\n"


def test_card_of_somebody_known_holds_from_today_whatever_day_was_typed(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker(卡号=None))
    imported(tmp_path, worker(村民小组="4", 起始日期="2024-03-01"))
    assert BankAccount.objects.get().since == today()


def test_new_posting_of_somebody_known_hides_no_change_of_theirs(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker(居民身份证号码=None))
    report = tmp_path / "report.xlsx"
    changed = worker(村民小组="4", 卡号="6217000000000000012")
    imported(tmp_path, changed, options=("--report", str(report)))
    outcome, words = read_rows(report)[-1][2:]
    masked = f"{NUMBER[:4]}**********{NUMBER[-4:]}"
    assert (outcome, words) == (
        "有变化",
        f"居民身份证号码：（空） → {masked}；新任滨江镇永安村4组网格员自 2024-01-01 起；计酬：（空） → 是；"
        "本人户编号：（空） → H7；卡号：**** 0004 → **** 0012",
    )


@pytest.mark.parametrize("role", ["村干部", "其他探访人员"])
def test_pay_for_another_role_is_warned_of_and_never_paid(cast: Cast, tmp_path: Path, role: str) -> None:
    said = imported(tmp_path, worker(角色=role, 村民小组=None))
    assert f"第 2 行 李四：有提醒，角色是{role}，不计酬（只有网格员计酬）" in said
    assert Posting.objects.get(user__name="李四").payable is False


def test_card_that_fails_luhn_is_warned_of_and_kept(cast: Cast, tmp_path: Path) -> None:
    said = imported(tmp_path, worker(卡号="6217000000000000001"))
    assert "有提醒，卡号没有通过校验：存折账号可以不管，银行卡请再核对一遍" in said
    assert BankAccount.objects.get().card == "6217000000000000001"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"姓名*": None}, "“姓名”空着。请填上再导入。"),
        ({"手机号*": "1990007100"}, "手机号码应为 11 位数字，以 1 开头，这里是 10 位数字，请核对"),
        ({"手机号*": None}, "没有填写手机号码，请补上"),
        ({"居民身份证号码": NUMBER[:17] + ("1" if NUMBER[17] != "1" else "2")},
         f"身份证号码 {NUMBER[:4]}**********{NUMBER[14:17]}{'1' if NUMBER[17] != '1' else '2'} 的校验码不对，可能有一位写错，请对照证件逐位核对"),
        ({"居民身份证号码": 320699197003040000},
         "身份证号码被 Excel 改成了数字，后几位已经丢失；请把这一列设为“文本”格式，再重新输入身份证号码"),
        ({"村(社区)代码*": "320699101299"}, "没有代码是 320699101299 的村（社区）。请对照区划表填 12 位代码。"),
        ({"村(社区)代码*": None}, "“村(社区)代码”空着。请填上再导入。"),
        ({"角色": "组长"}, "“角色”写的是“组长”，不认识。请写：网格员、村干部、其他探访人员。"),
        ({"计酬": "有"}, "“计酬”写的是“有”，不认识。请写：是、否。"),
        ({"起始日期": "去年"}, "“起始日期”写的是“去年”，不是日期。请写成 2026-10-15 这样。"),
        ({"卡号": "621700000000000"}, "卡号应为 16 至 19 位数字，这里是 15 位数字，请对照银行卡或存折改正"),
        ({"卡号": 6217000000000000000},
         "卡号被 Excel 改成了数字，后几位已经丢失；请把这一列设为“文本”格式，再重新输入卡号"),
    ],
)  # fmt: skip
def test_bad_cell_is_told_on_its_row(
    cast: Cast, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    assert refused(tmp_path, worker(**changes)) == words


def test_virtual_village_is_refused(cast: Cast, tmp_path: Path) -> None:
    Division.objects.create(
        code=VILLAGE[:9] + "498",
        name="虚拟社区",
        level="village",
        parent=cast.town,
        path="滨江镇虚拟社区",
        active=False,
    )
    words = refused(tmp_path, worker(**{"村(社区)代码*": VILLAGE[:9] + "498"}))
    assert words == "滨江镇虚拟社区（320699101498）是虚拟社区或已停用，不能登记人。请填实际的村。"


def test_known_mobile_with_another_name_is_refused(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker())
    words = refused(tmp_path, worker(**{"姓名*": "李思"}))
    assert words == "这个手机号已经登记给李四，和这一行的姓名不一样。请核对。"


def test_known_mobile_with_another_name_in_one_file_is_refused(cast: Cast, tmp_path: Path) -> None:
    words = refused(tmp_path, worker(), worker(**{"姓名*": "李思", "村民小组": "4"}))
    assert words == "这个手机号已经登记给李四，和这一行的姓名不一样。请核对。"


def test_known_id_number_with_another_mobile_is_refused(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker())
    words = refused(tmp_path, worker(**{"手机号*": "19900071009"}))
    assert words == ("这个身份证号码已经登记在另一个手机号下。请核对手机号；换了手机号请先在人员账号里改。")


def test_known_person_with_another_id_number_is_refused(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker())
    words = refused(tmp_path, worker(居民身份证号码=id_number(date(1971, 1, 1))))
    assert words == "李四已登记的身份证号码和这一行不一样。请核对。"


def test_same_posting_twice_in_one_file_is_refused(cast: Cast, tmp_path: Path) -> None:
    words = refused(tmp_path, worker(), worker(村民小组="第三组"))
    assert words == "和第 2 行是同一个人、同一天起的同一个任职。请删掉一行。"


def test_wrong_heading_refuses_the_file(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        imported(tmp_path, {"姓名": "李四", "手机号码": "19900071001", "村(社区)代码": VILLAGE})
    assert str(caught.value) == (
        "没有导入：工作表“Sheet1”第 1 行的标题不对。缺少：手机号。不认识：“手机号码”。"
        "您写的是“手机号码”，要写“手机号”。请改好标题行再上传。"
    )


def test_one_bad_row_stores_nothing(cast: Cast, tmp_path: Path) -> None:
    refused(tmp_path, worker(), worker(**{"姓名*": "王五", "手机号*": "1"}))
    assert User.objects.filter(name="李四").count() == 0


def test_skip_bad_rows_stores_the_good_ones(cast: Cast, tmp_path: Path) -> None:
    report = tmp_path / "verdicts.xlsx"
    bad = worker(**{"姓名*": "王五", "手机号*": "1", "村民小组": "9"})
    said = imported(tmp_path, bad, worker(), options=("--skip-bad-rows", "--report", str(report)))
    assert said.splitlines()[-1] == "探访人员 2 行（已存）：新增 1 行，未导入 1 行"
    assert (the_worker().name, Division.objects.filter(code=VILLAGE + "009").count()) == ("李四", 0)
    assert [row[:3] for row in read_rows(report)[1:]] == [(2, "王五", "未导入"), (3, "李四", "新增")]


def test_group_first_named_on_a_bad_row_is_there_for_a_good_one(cast: Cast, tmp_path: Path) -> None:
    bad = worker(**{"姓名*": "王五", "手机号*": "19900071002", "居民身份证号码": None, "卡号": "1"})
    imported(tmp_path, bad, worker(), options=("--skip-bad-rows",))
    assert Posting.objects.get(user__name="李四").place.path == "滨江镇永安村3组"


def test_by_a_person_is_that_person_in_the_audit(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker(), options=("--by", cast.admin.login))
    assert Event.objects.get(verb="appoint", about_label="李四").actor_name == "宋工"


@pytest.mark.parametrize("who", ["other_head", "cadre"])
def test_by_a_person_of_another_place_or_without_the_right_is_refused_on_its_row(
    cast: Cast, tmp_path: Path, who: str
) -> None:
    report = tmp_path / "verdicts.xlsx"
    options = ("--by", getattr(cast, who).login, "--report", str(report))
    with pytest.raises(CommandError):
        imported(tmp_path, worker(**{"村(社区)代码*": NEXT_VILLAGE}), options=options)
    words = "滨江镇新丰村不在您管的地区，或者您没有办理这件事的权限。"
    assert read_rows(report)[1] == (2, "李四", "未导入", words)


def test_by_nobody_known_is_refused(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        imported(tmp_path, worker(), options=("--by", "nobody"))
    assert str(caught.value) == "没有用户名是 nobody 的在用账号。请检查 --by。"


def test_missing_file_is_refused_in_words(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run("import_workers", tmp_path / "没有.xlsx")
    assert str(caught.value).startswith("打不开文件 ")


def spans(name: str = "李四") -> list[tuple[date, date | None, bool]]:
    postings = Posting.objects.filter(user__name=name).order_by("starts_on")
    return list(postings.values_list("starts_on", "ends_on", "payable"))


@pytest.mark.parametrize("order", [1, -1])
def test_pay_that_changes_on_a_day_is_two_rows_of_one_file(cast: Cast, tmp_path: Path, order: int) -> None:
    rows = [worker(计酬="否", 起始日期=None), worker(计酬="是", 起始日期="2025-03-15")][::order]
    for outcome in ("新增 1 行，有变化 1 行", "无变化 2 行"):
        assert imported(tmp_path, *rows).splitlines()[-1] == f"探访人员 2 行（已存）：{outcome}"
        assert spans() == [(date(2024, 1, 1), date(2025, 3, 14), False), (date(2025, 3, 15), None, True)]


def test_older_file_after_a_change_is_still_true(cast: Cast, tmp_path: Path) -> None:
    imported(tmp_path, worker(计酬="否", 起始日期=None))
    imported(tmp_path, worker(计酬="是", 起始日期="2025-03-15"))
    before = spans()
    assert imported(tmp_path, worker(计酬="否", 起始日期=None)).splitlines()[-1].endswith("无变化 1 行")
    assert spans() == before


def test_cadre_serves_the_village_whatever_the_group(cast: Cast, tmp_path: Path) -> None:
    told = imported(tmp_path, worker(角色="村干部", 计酬="否", 村民小组=3))
    assert "村干部按村任职，村民小组没有用" in told
    assert Posting.objects.get(user__name="李四").place == cast.village


def test_report_that_cannot_be_written_stores_nothing(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        imported(tmp_path, worker(), options=("--report", str(tmp_path / "没有" / "r.xlsx")))
    assert str(caught.value).startswith("什么都没有导入：报告写不到 ")
    assert User.objects.filter(name="李四").count() == 0


def test_warning_hides_neither_what_is_new_nor_what_changes(cast: Cast, tmp_path: Path) -> None:
    doubtful = {"卡号": "6217000000000000001"}  # fails Luhn
    rows = (
        worker(),
        worker(**{"姓名*": "王五", "手机号*": "19900071002", "居民身份证号码": None, **doubtful}),
    )
    said = imported(tmp_path, *rows)
    assert said.splitlines()[-1] == "探访人员 2 行（已存）：新增 2 行（其中提醒 1 行）"
    said = imported(tmp_path, worker(**doubtful), rows[1])
    assert said.splitlines()[-1] == "探访人员 2 行（已存）：有变化 1 行（其中提醒 1 行），无变化 1 行"
