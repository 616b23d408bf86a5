from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError

from elders.actions import close_elder, merge_elders
from elders.models import Elder
from tests.cast import Cast
from tests.factories import (
    id_number,
    make_elder,
    make_household,
    make_visit,
    moment,
    read_rows,
    review,
    run,
    save_sheet,
)
from visitcare.audit.models import Event
from visitcare.kit.weeks import today
from visitcare.org.models import User
from visits.models import Flag, Review, Visit, VisitedElder

Row = dict[str, object]
Load = Callable[..., str]


@pytest.fixture
def elder(cast: Cast) -> Elder:
    return make_elder(cast.group)


@pytest.fixture
def visit(cast: Cast, elder: Elder) -> Callable[..., Row]:
    """A row: a home visit that went well and was found valid."""

    def row(**changes: object) -> Row:
        return {
            "记录编号": None,
            "网格员手机号*": cast.worker.mobile,
            "老人身份证号码*": elder.id_number,
            "探访方式*": "上门",
            "探访时间*": "2025-03-04 09:00",
            "录入时间": None,
            "结果*": "见到本人",
            "备注": None,
            "审核": "有效",
        } | changes

    return row


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def imported(*rows: Row, options: tuple[str, ...] = ()) -> str:
        return run("import_visits", save_sheet(tmp_path / "visits.xlsx", rows), *options)

    return imported


@pytest.fixture
def refused(load: Load, tmp_path: Path) -> Load:
    """The words for the last row of a file of which nothing is stored."""

    def words(*rows: Row) -> str:
        report = tmp_path / "report.xlsx"
        before = counts()
        with pytest.raises(CommandError) as caught:
            load(*rows, options=("--report", str(report)))
        assert (caught.value.returncode, counts()) == (1, before)
        verdict = read_rows(report)[-1]
        assert verdict[2] == "未导入"
        return str(verdict[3])

    return words


def counts() -> list[int]:
    return [model.objects.count() for model in (Visit, VisitedElder, Flag, Review, Event)]


# What is stored


def test_visit_is_stored_with_its_review(
    cast: Cast, system: User, load: Load, visit: Callable[..., Row]
) -> None:
    said = load(visit(健康情况="有点咳嗽", 备注="都好"))
    assert said == "探访记录 1 行（已存）：新增 1 行\n"
    stored = Visit.objects.get()
    assert (stored.worker, stored.entered_by, stored.mode, stored.outcome, stored.imported) == (
        cast.worker, system, "home", "met", True
    )  # fmt: skip
    assert stored.started_at == stored.received_at == moment("2025-03-04 09:00")
    assert stored.notes == {"health": "有点咳嗽", "remark": "都好"}
    assert (stored.state, stored.reviewed_by, Review.objects.get().reason) == (
        "valid",
        system,
        "导入时已审核",
    )
    assert Event.objects.get(verb="record_reviews").words == "导入 1 条探访的审核结果：通过"


@pytest.mark.parametrize(("written", "state"), [("有效", "valid"), ("无效", "invalid"), (None, "pending")])
def test_review_as_it_is_written(load: Load, visit: Callable[..., Row], written: object, state: str) -> None:
    load(visit(审核=written))
    assert (Visit.objects.get().state, Review.objects.count()) == (state, state != "pending")


def test_valid_stands_though_flagged_and_not_countable(load: Load, visit: Callable[..., Row]) -> None:
    load(visit(**{"结果*": "不在家", "探访时间*": "2025-03-04 22:00", "录入时间": "2025-04-01 08:00"}))
    stored = Visit.objects.get()
    assert (stored.state, stored.flagged, stored.visited.get().countable) == ("valid", True, False)
    assert sorted(stored.flags.values_list("code", flat=True)) == ["late", "odd_hour"]


def test_several_elders_of_a_household_are_one_contact(
    cast: Cast, load: Load, visit: Callable[..., Row]
) -> None:
    home = make_household(cast.group)
    couple = [make_elder(home, date(year, 1, 1), living="elders_only") for year in (1950, 1951)]
    load(visit(**{"老人身份证号码*": "、".join(one.id_number for one in couple)}))
    assert set(Visit.objects.get().elders.all()) == set(couple)


@pytest.mark.parametrize("at", [datetime(2025, 3, 4, 9), "2025/3/4 9:00", "2025-03-04 09:00:00"])
def test_time_as_excel_or_people_write_it(load: Load, visit: Callable[..., Row], at: object) -> None:
    load(visit(**{"探访时间*": at}))
    assert Visit.objects.get().started_at == moment("2025-03-04 09:00")


def test_visit_before_the_registration_is_stored_and_flagged(load: Load, visit: Callable[..., Row]) -> None:
    load(visit(**{"探访时间*": "2025-01-05 09:00"}))
    assert list(Flag.objects.values_list("code", flat=True)) == ["elder_not_active"]


def test_second_contact_within_the_file_is_flagged(load: Load, visit: Callable[..., Row]) -> None:
    load(visit(), visit(**{"探访时间*": "2025-03-04 15:00"}))
    flag = Flag.objects.get()
    assert (flag.code, flag.visit.started_at, flag.other_visit.started_at) == (
        "second_contact", moment("2025-03-04 15:00"), moment("2025-03-04 09:00")
    )  # fmt: skip


def test_visitor_of_any_role_may_have_gone(cast: Cast, load: Load, visit: Callable[..., Row]) -> None:
    load(*(visit(**{"网格员手机号*": who.mobile}) for who in (cast.cadre, cast.visitor, cast.next_worker)))
    assert set(Visit.objects.values_list("worker__name", flat=True)) == {"朱卫东", "袁小燕", "沈秀兰"}


# The same again


def test_same_file_again_changes_nothing(load: Load, visit: Callable[..., Row]) -> None:
    rows = (visit(), visit(**{"探访方式*": "电话", "结果*": "本人接听", "备注": "都好"}), visit(审核=None, 记录编号=str(uuid4()),
            **{"探访时间*": "2025-03-05 09:00"}))  # fmt: skip
    load(*rows)
    before = counts()
    assert load(*rows) == "探访记录 3 行（已存）：无变化 3 行\n"
    assert counts() == before


def test_review_filled_in_later_is_a_change(load: Load, visit: Callable[..., Row]) -> None:
    load(visit(审核=None))
    assert load(visit()) == "探访记录 1 行（已存）：有变化 1 行\n"
    assert Visit.objects.get().state == "valid"


def test_review_that_was_imported_may_be_imported_anew(load: Load, visit: Callable[..., Row]) -> None:
    load(visit(审核="有效"))
    assert load(visit(审核="无效")) == "探访记录 1 行（已存）：有变化 1 行\n"
    assert Visit.objects.get().state == "invalid"
    assert load(visit(审核=None)) == "探访记录 1 行（已存）：无变化 1 行\n"


def test_review_made_here_meanwhile_stands_and_is_told(load: Load, visit: Callable[..., Row]) -> None:
    load(visit(审核=None))
    review(Visit.objects.get(), "invalid")
    told = load(visit(审核="有效"))
    assert "在这里已经审核为“无效”，没有按表格改" in told
    assert Visit.objects.get().state == "invalid"


def test_other_time_of_arrival_is_told_and_not_changed(load: Load, visit: Callable[..., Row]) -> None:
    load(visit())
    told = load(visit(录入时间="2025-03-12 09:00"))
    assert "录入时间和已导入的不同，没有改" in told
    assert Visit.objects.get().received_at == moment("2025-03-04 09:00")


def test_own_number_is_kept_and_made_up_ones_are_stable(load: Load, visit: Callable[..., Row]) -> None:
    number = uuid4()
    load(visit(记录编号=str(number)))
    assert Visit.objects.get().pk == number
    Visit.objects.all().delete()
    load(visit())
    made_up = Visit.objects.get().pk
    Visit.objects.all().delete()
    load(visit(备注="都好"))  # worker, elders, mode and time make it
    assert (Visit.objects.get().pk, made_up.version) == (made_up, 5)


def test_known_number_with_other_content_is_refused(
    load: Load, refused: Load, visit: Callable[..., Row]
) -> None:
    number = str(uuid4())
    load(visit(记录编号=number))
    assert refused(visit(记录编号=number, **{"结果*": "不在家"})) == (
        "这个编号的记录已经收到过，内容不一样。先收到的那条没有动；请用“更正”来改。"
    )
    assert Visit.objects.get().outcome == "met"


def test_same_number_twice_in_a_file_is_refused(refused: Load, visit: Callable[..., Row]) -> None:
    number = str(uuid4())
    rows = (visit(记录编号=number), visit(记录编号=number, **{"探访时间*": "2025-03-05 09:00"}))
    assert refused(*rows) == "和第 2 行是同一条记录（编号相同）。请删掉一行。"


def test_same_row_twice_in_a_file_is_refused(refused: Load, visit: Callable[..., Row]) -> None:
    assert refused(visit(), visit()) == "和第 2 行是同一条记录（编号相同）。请删掉一行。"


# What is refused


TOMORROW = today() + timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"记录编号": "7号"}, "“记录编号”写的是“7号”，不是 UUID。可以空着，由系统编号。"),
        ({"网格员手机号*": "19900079999"}, "没有这个手机号的探访人员。请先导入探访人员，或核对手机号。"),
        ({"网格员手机号*": "12345"}, "手机号码应为 11 位数字，以 1 开头，这里是 5 位数字，请核对"),
        ({"老人身份证号码*": None}, "“老人身份证号码”空着。请填上再导入。"),
        (
            {"老人身份证号码*": id_number(date(1949, 1, 1))},
            "老人身份证号码不在册。请先导入老人，或核对号码。",
        ),
        (
            {"老人身份证号码*": 320699195005010000},
            "身份证号码被 Excel 改成了数字，后几位已经丢失；请把这一列设为“文本”格式，再重新输入身份证号码",
        ),
        (
            {"老人身份证号码*": "320699195005010010"},
            "身份证号码 3206**********0010 的校验码不对，可能有一位写错，请对照证件逐位核对",
        ),
        ({"探访方式*": "微信"}, "“探访方式”写的是“微信”，不认识。请写：上门、电话、视频。"),
        ({"探访时间*": None}, "“探访时间”空着。请写成 2026-10-15 09:30 这样。"),
        ({"探访时间*": "上周二"}, "“探访时间”写的是“上周二”，不是时间。请写成 2026-10-15 09:30 这样。"),
        ({"探访时间*": f"{TOMORROW} 09:00"}, "探访时间或录入时间还没到。请核对日期。"),
        ({"录入时间": f"{TOMORROW} 09:00"}, "探访时间或录入时间还没到。请核对日期。"),
        ({"结果*": "本人接听"}, "“本人接听”和“上门”对不上。请改探访方式或结果。"),
        ({"结果*": None}, "“结果”空着。请填上再导入。"),
        ({"审核": "通过"}, "“审核”写的是“通过”，不认识。请写：有效、无效。"),
    ],
)
def test_bad_cell_is_told_on_its_row(
    refused: Load, visit: Callable[..., Row], changes: Row, words: str
) -> None:
    assert refused(visit(**changes)) == words


def test_after_the_death_is_refused(
    cast: Cast, elder: Elder, refused: Load, visit: Callable[..., Row]
) -> None:
    close_elder(by=cast.head, elder=elder, last_day=date(2025, 3, 3), reason="died")
    assert refused(visit()) == "马凤英已于 2025-03-03 去世，这之后不能再记探访。请核对日期和人。"


def test_elders_of_two_households_are_refused(
    cast: Cast, elder: Elder, refused: Load, visit: Callable[..., Row]
) -> None:
    both = f"{elder.id_number}、{make_elder(cast.group).id_number}"
    assert refused(visit(**{"老人身份证号码*": both})) == "这几位老人不是一户。请一户记一条。"


def test_typed_before_it_happened_is_refused_in_words(refused: Load, visit: Callable[..., Row]) -> None:
    words = refused(visit(录入时间="2025-03-03 08:00"))
    assert words == "“录入时间”2025-03-03 08:00 早于探访时间 2025-03-04 09:00。请核对日期。"


def test_wrong_heading_refuses_the_file(load: Load, visit: Callable[..., Row]) -> None:
    row = visit()
    row["手机"] = row.pop("网格员手机号*")
    with pytest.raises(CommandError) as caught:
        load(row)
    assert str(caught.value).startswith(
        "没有导入：工作表“Sheet1”第 1 行的标题不对。缺少：网格员手机号。不认识：“手机”。"
    )
    assert Visit.objects.count() == 0


# Good rows beside bad ones


def test_skip_bad_rows_stores_the_good_ones(load: Load, visit: Callable[..., Row], tmp_path: Path) -> None:
    report = tmp_path / "verdicts.xlsx"
    said = load(visit(), visit(**{"结果*": "本人接听"}), options=("--skip-bad-rows", "--report", str(report)))
    assert said.splitlines()[-1] == "探访记录 2 行（已存）：新增 1 行，未导入 1 行"
    assert [row[:3] for row in read_rows(report)[1:]] == [
        (2, "2025-03-04 09:00 上门", "新增"), (3, "2025-03-04 09:00 上门", "未导入")
    ]  # fmt: skip
    assert Visit.objects.get().outcome == "met"


def test_dry_run_stores_nothing(load: Load, visit: Callable[..., Row]) -> None:
    before = counts()
    assert load(visit(), options=("--dry-run",)) == "探访记录 1 行（试运行，没有存）：新增 1 行\n"
    assert counts() == before


# By whom


def test_by_the_towns_reviewer(cast: Cast, load: Load, visit: Callable[..., Row]) -> None:
    load(visit(), options=("--by", cast.reviewer.login))
    assert (Visit.objects.get().entered_by, Visit.objects.get().reviewed_by) == (cast.reviewer, cast.reviewer)


def test_by_a_reviewer_of_another_place_is_refused(
    cast: Cast, load: Load, visit: Callable[..., Row], tmp_path: Path
) -> None:
    report = tmp_path / "report.xlsx"
    far = make_elder(cast.other_group)
    with pytest.raises(CommandError):
        load(
            visit(审核=None, **{"老人身份证号码*": far.id_number}),
            options=("--by", cast.reviewer.login, "--report", str(report)),
        )
    assert read_rows(report)[1][3] == "有老人不在您负责的户里。请从本周探访里点进来记。"


def test_by_somebody_who_may_neither_visit_nor_review_is_refused(
    cast: Cast, load: Load, visit: Callable[..., Row]
) -> None:
    with pytest.raises(CommandError) as caught:
        load(visit(), options=("--by", cast.officer.login))
    assert str(caught.value) == "没有导入：您现在没有记探访的任职。请联系镇里。"


def test_worker_may_not_review_by_importing(
    cast: Cast, load: Load, visit: Callable[..., Row], tmp_path: Path
) -> None:
    report = tmp_path / "report.xlsx"
    with pytest.raises(CommandError):
        load(visit(), options=("--by", cast.worker.login, "--report", str(report)))
    assert read_rows(report)[1][2:] == ("未导入", "您没有审核的权限，“审核”一列请空着。")
    assert Visit.objects.count() == 0


def test_import_of_many_costs_two_savepoint_statements_a_row_more(
    cast: Cast, load: Load, visit: Callable[..., Row], django_assert_num_queries: Any
) -> None:
    make_visit(cast.worker, make_elder(cast.group), at="2025-02-04 09:00")
    few = [visit(**{"探访时间*": f"2025-03-{day:02} 09:00"}) for day in range(3, 5)]
    many = [visit(**{"探访时间*": f"2025-04-{day} {hour}:00"}) for day in (10, 11) for hour in range(10, 20)]
    with django_assert_num_queries(33):
        load(*few)
    with django_assert_num_queries(33 + (20 - 2) * 2 + 1):  # one for the flags of second contacts
        load(*many)


def test_number_of_a_merged_file_means_the_one_it_went_into(
    cast: Cast, elder: Elder, visit: Callable[..., Row], load: Load
) -> None:
    winner = make_elder(cast.group)
    merge_elders(by=cast.head, loser=elder, winner=winner, reason="重复建档")
    load(visit())
    assert Visit.objects.get().elders.get() == winner
