"""What is refused, row by row or file by file."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError
from openpyxl import load_workbook

from elders.actions import close_elder
from elders.models import Elder
from tests.cast import NEXT_VILLAGE, VILLAGE, Cast
from tests.elders.importing.rows import Row, counts, elder, other, stored
from tests.factories import read_rows, run, save_sheet
from tests.kit.test_sheets_reading import ENTITY, with_sheet_xml
from visitcare.kit.weeks import today
from visitcare.org.models import Division, User

FUTURE = today() + timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"姓名*": None}, "“姓名”空着。请填上再导入。"),
        ({"居民身份证号码*": None}, "“居民身份证号码”空着。没有身份证的，请在“证件类型”写明是什么证件。"),
        ({"居民身份证号码*": "320699195005010010"},
         "身份证号码 3206**********0010 的校验码不对，可能有一位写错，请对照证件逐位核对"),
        ({"居民身份证号码*": 3.20699195005010e17},
         "身份证号码被 Excel 改成了数字，后几位已经丢失；请把这一列设为“文本”格式，再重新输入身份证号码"),
        ({"村(社区)代码*": "320699101299"}, "没有代码是 320699101299 的村（社区）。请对照区划表填 12 位代码。"),
        ({"居住状况*": "租房"}, "“居住状况”写的是“租房”，不认识。请写：独居、双老同住、与无生活自理能力子女同住、与家人同住、机构。"),
        ({"居住状况*": None}, "“居住状况”空着。请写：独居、双老同住、与无生活自理能力子女同住、与家人同住、机构。"),
        ({"能力评分": "九十"}, "“能力评分”写的是“九十”，不是 0—90 的整数。请核对评估报告。"),
        ({"能力程度": "轻度失能", "能力评分": 50},
         "能力程度写的是“轻度失能”，评分 50 分应是“中度失能”。请改一致；确实不一致的，在说明里写明原因。"),
        ({"月可支配收入": "五百"}, "“月可支配收入”写的是“五百”，不是金额。请写成 480 或 480.50。"),
        ({"经济情况": "低保、富裕"},
         "“经济情况”里的“富裕”不认识。请从这些里选，用顿号隔开：特困人员、低保、低保边缘、居民养老保险、企业养老保险、机关事业单位退休。"),
        ({"探访意愿*": None}, "“探访意愿”空着。请写：愿意、仅电话或不愿意。"),
        ({"登记日期*": None}, "“登记日期”空着。请填登记的那一天。"),
        ({"登记日期*": FUTURE.isoformat()}, f"登记日期 {FUTURE} 还没到。请填已经登记的日期。"),
        ({"联系电话": "123"}, "电话号码应为 11 位手机号码，或 7 至 8 位固定电话（可加区号，如 0513-），一格只写一个；这里是 3 位数字，请核对"),
        ({"户籍地址": "长" * 201}, "“户籍地址”有 201 个字，太长了。请写在 200 个字以内。"),
        ({"姓名*": "长" * 61}, "“姓名”有 61 个字，太长了。请写在 60 个字以内。"),
    ],
)  # fmt: skip
def test_bad_cell_is_told_on_its_row(refused: Callable[..., str], changes: Row, words: str) -> None:
    assert refused(elder(**changes)) == words


def test_virtual_village_is_refused(refused: Callable[..., str], cast: Cast) -> None:
    code = VILLAGE[:9] + "498"
    Division.objects.create(
        code=code, name="虚拟社区", level="village", parent=cast.town, path="滨江镇虚拟社区", active=False
    )
    assert refused(elder(**{"村(社区)代码*": code})) == (
        "滨江镇虚拟社区（320699101498）是虚拟社区或已停用，不能登记人。请填实际的村。"
    )


def test_same_person_twice_in_a_file_is_refused(refused: Callable[..., str]) -> None:
    assert refused(elder(), elder(村民小组=2)) == (
        "和第 2 行是同一个证件号码。一个人只能登记一次，请删掉一行。"
    )


@pytest.mark.parametrize("place", [{"户编号": "H9"}, {"村(社区)代码*": NEXT_VILLAGE, "户编号": "H1"}])
def test_person_active_in_another_household_is_refused(
    load: Callable[..., str], refused: Callable[..., str], place: Row
) -> None:
    load(elder(户编号="H1"))
    assert refused(elder(**place)) == (
        "马凤英已在滨江镇永安村1组的另一户登记（在册）。请先核对；搬家请办迁移，不要重复登记。"
    )


def test_closed_person_is_not_doubled(
    load: Callable[..., str], refused: Callable[..., str], system: User
) -> None:
    load(elder())
    close_elder(by=system, elder=stored(), last_day=date(2025, 3, 4), reason="moved")
    assert refused(elder()) == "马凤英已于 2025-03-04 注销。要恢复请办重新入册，不要重复登记。"


def test_wrong_heading_refuses_the_file(load: Callable[..., str]) -> None:
    row = elder()
    row["身份证"] = row.pop("居民身份证号码*")
    before = counts()
    with pytest.raises(CommandError) as caught:
        load(row)
    assert str(caught.value).startswith(
        "没有导入：工作表“Sheet1”第 1 行的标题不对。缺少：居民身份证号码。不认识：“身份证”。"
    )
    assert counts() == before


def test_merged_cells_are_filled_in_their_first_row_alone(cast: Cast, tmp_path: Path) -> None:
    """Excel keeps the value in the first cell; the others are told of, each on its row."""
    file, report = save_sheet(tmp_path / "elders.xlsx", [elder(), other()]), tmp_path / "report.xlsx"
    book = load_workbook(file)
    book.worksheets[0].merge_cells("D2:D3")
    book.save(file)
    before = counts()
    with pytest.raises(CommandError):
        run("import_elders", file, "--approve", "--report", report)
    assert counts() == before
    assert [(row[0], row[2]) for row in read_rows(report)[1:]] == [(2, "新增"), (3, "未导入")]
    assert "“村(社区)代码”空着" in str(read_rows(report)[-1][3])


@pytest.mark.parametrize("command", ["import_workers", "import_elders", "import_visits"])
def test_hostile_file_stores_nothing(cast: Cast, tmp_path: Path, command: str) -> None:
    file, before = tmp_path / "hostile.xlsx", counts()
    file.write_bytes(with_sheet_xml(ENTITY).getvalue())
    with pytest.raises(CommandError, match="没有导入：文件里有不允许的声明（DTD），可能被动过手脚。"):
        run(command, file)
    assert counts() == before


# Good rows beside bad ones


def test_skip_bad_rows_stores_the_good_ones(load: Callable[..., str], tmp_path: Path) -> None:
    report = tmp_path / "verdicts.xlsx"
    said = load(
        other(能力程度="不知道"), elder(), options=("--approve", "--skip-bad-rows", "--report", str(report))
    )
    assert said.splitlines()[-1] == "老人 2 行（已存）：新增 1 行，未导入 1 行"
    assert [row[:3] for row in read_rows(report)[1:]] == [(2, "陈桂兰", "未导入"), (3, "马凤英", "新增")]
    assert list(Elder.objects.values_list("name", flat=True)) == ["马凤英"]


def test_group_first_named_on_a_bad_row_is_there_for_a_good_one(load: Callable[..., str]) -> None:
    load(other(村民小组=7, 能力程度="不知道"), elder(村民小组=7), options=("--approve", "--skip-bad-rows"))
    assert Division.objects.get(code=stored().household.place_id).path == "滨江镇永安村7组"
