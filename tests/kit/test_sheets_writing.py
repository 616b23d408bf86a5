"""Written sheets: the paper form, the plain list, and what must never happen in either."""

import hashlib
import os
import re
import stat
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from visitcare.kit.sheets import Field, Sheet, Verdict, paper, write_verdicts, write_workbook
from visitcare.kit.sheets.writing import _worksheet_names

FIELDS = (
    Field("序号", 6, "count"),
    Field("姓名", 10),
    Field("身份证号码", 21),
    Field("次数", 8, "count", total=True),
    Field("金额(元)", 12, "money", total=True),
    Field("日期", 12, "date"),
    Field("时间", 18, "datetime"),
)
ROWS = (
    (
        1,
        "马凤英",
        "320699196108310155",
        31,
        Decimal("108.50"),
        date(2026, 10, 31),
        datetime(2026, 10, 31, 8, 30),
    ),
    (2, "刘兰芳", "320699198305150452", 2, Decimal("-3.5"), None, None),
)


def form(**changes: Any) -> Sheet:
    sheet = Sheet(
        name="汇龙镇",
        title="补贴发放花名册",
        unit_line="单位：汇龙镇人民政府",
        date_line="2026年10月",
        fields=FIELDS,
        rows=ROWS,
        totals=True,
        closing_lines=("人民币大写：壹佰零伍元整", "单位负责人：　审核人：　制表人："),
    )
    return replace(sheet, **changes)


def reopened(*sheets: Sheet) -> Workbook:
    file = BytesIO()
    write_workbook(file, sheets)
    return load_workbook(file)


def written(*sheets: Sheet, **options: Any) -> bytes:
    file = BytesIO()
    write_workbook(file, sheets, **options)
    return file.getvalue()


def texts_sheet(*texts: str) -> Sheet:
    return Sheet(name="一", fields=[Field("文字", 20)], rows=[(text,) for text in texts], plain=True)


# The paper form


def test_paper_form_has_title_unit_headings_rows_total_and_closing_lines() -> None:
    worksheet = reopened(form()).worksheets[0]

    assert [list(row) for row in worksheet.iter_rows(values_only=True)] == [
        ["补贴发放花名册", None, None, None, None, None, None],
        ["单位：汇龙镇人民政府", None, None, "2026年10月", None, None, None],
        ["序号", "姓名", "身份证号码", "次数", "金额(元)", "日期", "时间"],
        [1, "马凤英", "320699196108310155", 31, 108.5, datetime(2026, 10, 31), datetime(2026, 10, 31, 8, 30)],
        [2, "刘兰芳", "320699198305150452", 2, -3.5, None, None],
        [None, "合计", None, 33, 105, None, None],
        ["人民币大写：壹佰零伍元整", None, None, None, None, None, None],
        ["单位负责人：　审核人：　制表人：", None, None, None, None, None, None],
    ]


def test_paper_form_merges_title_unit_date_and_closing_lines() -> None:
    worksheet = reopened(form()).worksheets[0]

    merged = sorted(str(cells) for cells in worksheet.merged_cells.ranges)
    assert merged == ["A1:G1", "A2:C2", "A7:G7", "A8:G8", "D2:G2"]
    assert [worksheet[cell].alignment.horizontal for cell in ("A1", "A2", "D2")] == [
        "center",
        "left",
        "right",
    ]
    assert (worksheet["A1"].font.size, worksheet["A1"].font.bold) == (18, True)


def test_paper_form_prints_on_a4_landscape_with_headings_and_numbers_on_every_page() -> None:
    worksheet = reopened(form()).worksheets[0]

    assert (worksheet.freeze_panes, worksheet.print_title_rows) == ("A4", "$1:$3")
    setup = worksheet.page_setup
    assert (setup.paperSize, setup.orientation, setup.fitToWidth, setup.fitToHeight) == (9, "landscape", 1, 0)
    assert worksheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert worksheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert (worksheet.oddHeader.center.text, worksheet.oddFooter.left.text) == (None, None)


def test_paper_form_without_unit_and_date_has_no_line_for_them() -> None:
    worksheet = reopened(form(unit_line="", date_line="")).worksheets[0]

    assert (worksheet["A2"].value, worksheet.freeze_panes, worksheet.print_title_rows) == (
        "序号",
        "A3",
        "$1:$2",
    )


def test_cells_have_the_format_and_type_of_their_field() -> None:
    worksheet = reopened(form()).worksheets[0]

    assert [(cell.number_format, cell.data_type) for cell in worksheet[4]] == [
        ("0", "n"),
        ("@", "s"),
        ("@", "s"),
        ("0", "n"),
        ("#,##0.00", "n"),
        ("yyyy-mm-dd", "d"),
        ("yyyy-mm-dd hh:mm", "d"),
    ]
    assert {cell.border.left.style for row in worksheet["A3:G6"] for cell in row} == {"thin"}
    assert [worksheet.column_dimensions[letter].width for letter in "ABC"] == [6, 10, 21]


def test_total_row_holds_values_not_formulas() -> None:
    assert b"<f>" not in zipfile.ZipFile(BytesIO(written(form()))).read("xl/worksheets/sheet1.xml")


def test_total_row_of_no_rows_is_zero() -> None:
    totals = reopened(form(rows=())).worksheets[0][4]

    assert [cell.value for cell in totals] == [None, "合计", None, 0, 0, None, None]


def test_rows_grow_with_their_longest_text() -> None:
    fields = [Field("序号", 6, "count"), Field("备注", 21)]
    rows = [(1, "短"), (2, "字" * 30), (3, "一\n二\n三\n四"), (4, "字" * 9_000)]
    worksheet = reopened(form(fields=fields, rows=rows, totals=False)).worksheets[0]

    heights = [worksheet.row_dimensions[line].height for line in (4, 5, 6, 7)]
    assert heights == [24, pytest.approx(48.55), pytest.approx(63.4), 409]


def test_draft_says_so_in_its_title_and_on_every_page() -> None:
    worksheet = reopened(form(draft=True)).worksheets[0]

    assert worksheet["A1"].value == "【草稿】补贴发放花名册"
    assert (worksheet.oddHeader.center.text, worksheet.oddFooter.left.text) == (
        "草稿，不得发放",
        "草稿，不得发放",
    )


def test_several_sheets_stand_in_their_order() -> None:
    book = reopened(form(name="南阳镇"), form(name="汇龙镇"), form(name="南阳镇"))

    assert book.sheetnames == ["南阳镇", "汇龙镇", "南阳镇(2)"]


# The plain list


def test_plain_sheet_has_headings_in_row_one_then_rows_and_nothing_else() -> None:
    worksheet = reopened(form(plain=True)).worksheets[0]

    assert [list(row)[:5] for row in worksheet.iter_rows(values_only=True)] == [
        ["序号", "姓名", "身份证号码", "次数", "金额(元)"],
        [1, "马凤英", "320699196108310155", 31, 108.5],
        [2, "刘兰芳", "320699198305150452", 2, -3.5],
    ]
    assert (worksheet.freeze_panes, worksheet.merged_cells.ranges, worksheet["C2"].number_format) == (
        "A2",
        set(),
        "@",
    )


def test_plain_draft_says_so_in_the_name_of_its_worksheet() -> None:
    assert reopened(form(plain=True, draft=True)).sheetnames == ["草稿 汇龙镇"]


def test_plain_sheet_of_many_rows_costs_no_memory(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(4_000):
            yield number, "马凤英" * 20, str(number), 1, Decimal("3.50"), None, None

    tracemalloc.start()
    write_workbook(tmp_path / "a.xlsx", [form(plain=True, rows=rows())])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 3_000_000


# Values


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+86", "-3", "@x", '=HYPERLINK("http://x")', " =1+1", "\t=1+1", "\r=1+1", "＝1+1", "\n@SUM(A1)"],
)
def test_text_that_looks_like_a_formula_is_a_quoted_text_cell(text: str) -> None:
    cell = reopened(texts_sheet(text)).worksheets[0]["A2"]

    assert (cell.data_type, cell.quotePrefix, cell.value) == ("s", True, re.sub(r"[\t\r]", " ", text))


@pytest.mark.parametrize("text", ["#N/A", "320699196108310155", "TRUE", "2026-10-31", "1e5"])
def test_text_that_looks_like_another_value_is_a_text_cell(text: str) -> None:
    cell = reopened(texts_sheet(text)).worksheets[0]["A2"]

    assert (cell.data_type, cell.quotePrefix, cell.value) == ("s", False, text)


def test_a_quoted_text_does_not_quote_the_next_one() -> None:
    worksheet = reopened(texts_sheet("=1", "马凤英", "=2")).worksheets[0]

    assert [worksheet[cell].quotePrefix for cell in ("A2", "A3", "A4")] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x0bb\x00c\x1f", "a bc"),
        ("a\tb\r\nc\rd", "a b\nc d"),
        ("a\ufffe\ud800b", "ab"),
        ("_x003D_1+1", "_x005F_x003D_1+1"),
        ("𠮷" * 20_000, "𠮷" * 16_383),
        ("x" * 40_000, "x" * 32_767),
    ],
    ids=["control", "spaces", "not characters", "escape", "long wide", "long"],
)
def test_text_is_cleaned_of_what_a_file_cannot_hold(text: str, shown: str) -> None:
    assert reopened(texts_sheet(text)).worksheets[0]["A2"].value == shown


@given(st.lists(st.text(st.characters(codec=None, exclude_categories=())), min_size=1, max_size=5))
def test_any_text_is_written_as_text(texts: list[str]) -> None:
    cells = [row[0] for row in reopened(texts_sheet("始", *texts, "终")).worksheets[0].iter_rows()]

    assert (cells[1].value, cells[-1].value, len(cells)) == ("始", "终", len(texts) + 3)
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_heading_and_title_are_guarded_too() -> None:
    worksheet = reopened(form(title="=1+1", fields=[Field("=2", 9), Field("b", 9)], rows=())).worksheets[0]

    assert [(worksheet[cell].data_type, worksheet[cell].value) for cell in ("A1", "A3")] == [
        ("s", "=1+1"),
        ("s", "=2"),
    ]


def test_money_is_stored_to_the_cent() -> None:
    sheet = Sheet(
        name="一", fields=[Field("元", 20, "money")], rows=[(Decimal("123456789012.35"),)], plain=True
    )

    assert b"<v>123456789012.35</v>" in zipfile.ZipFile(BytesIO(written(sheet))).read(
        "xl/worksheets/sheet1.xml"
    )


def test_an_aware_time_is_shown_in_shanghai() -> None:
    moment = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    sheet = Sheet(name="一", fields=[Field("时间", 20, "datetime")], rows=[(moment,)], plain=True)

    assert reopened(sheet).worksheets[0]["A2"].value == datetime(2026, 11, 1, 0, 30)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("money", 3.5),
        ("money", 3),
        ("money", "3.50"),
        ("count", 3.0),
        ("count", True),
        ("count", "3"),
        ("date", datetime(2026, 10, 31)),
        ("date", "2026-10-31"),
        ("datetime", date(2026, 10, 31)),
    ],
)
def test_a_value_of_another_kind_is_an_error(kind: Any, value: object) -> None:
    with pytest.raises(TypeError, match=f"not a value for a {kind} column"):
        written(Sheet(name="一", fields=[Field("x", 9, kind)], rows=[(value,)], plain=True))


def test_money_with_a_third_decimal_is_an_error() -> None:
    with pytest.raises(ValueError, match="more than two places"):
        written(Sheet(name="一", fields=[Field("x", 9, "money")], rows=[(Decimal("3.505"),)], plain=True))


def test_a_row_with_another_number_of_cells_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        written(form(rows=[(1, "马凤英")]))


def test_more_rows_than_a_worksheet_holds_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "MAX_LINES", 3)

    assert len(written(texts_sheet("a", "b"))) > 0
    with pytest.raises(ValueError, match="a worksheet holds 3 lines"):
        written(texts_sheet("a", "b", "c"))


def test_a_workbook_without_sheets_and_a_form_of_one_column_are_errors() -> None:
    with pytest.raises(ValueError, match="needs a sheet"):
        written()
    with pytest.raises(ValueError, match="two columns or more"):
        form(fields=FIELDS[:1])


# Names, bytes, files


def test_worksheet_names_are_ones_that_excel_accepts() -> None:
    names = ["a[1]:*?/\\b", "", "'x'", "镇" * 40, "镇" * 40, "Town", "TOWN", "𠮷" * 20]

    assert _worksheet_names([replace(form(), name=name) for name in names]) == [
        "a 1      b",
        "表",
        "x",
        "镇" * 31,
        "镇" * 28 + "(2)",
        "Town",
        "TOWN(2)",
        "𠮷" * 15,
    ]


def test_the_same_content_gives_the_same_bytes_in_another_process() -> None:
    code = (
        f"import runpy, sys; sys.path[:0] = {sys.path!r}; test = runpy.run_path({__file__!r});"
        "sys.stdout.buffer.write(test['written'](test['form'](draft=True)))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    ]

    assert runs[0] == runs[1] == written(form(draft=True))


def test_the_stamp_is_the_only_time_in_the_file() -> None:
    stamp = datetime(2026, 11, 5, 9, 30, tzinfo=UTC)
    archive = zipfile.ZipFile(BytesIO(written(form(), stamp=stamp)))

    assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 5, 9, 30, 0)}
    assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", archive.read("docProps/core.xml"))) == {
        b"2026-11-05T09:30:00Z"
    }


def test_write_workbook_returns_the_hash_of_the_bytes(tmp_path: Path) -> None:
    path, file = tmp_path / "a.xlsx", BytesIO()

    assert write_workbook(path, [form()]) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert write_workbook(file, [form()]) == hashlib.sha256(file.getvalue()).hexdigest()
    assert file.getvalue() == path.read_bytes()


def test_write_workbook_leaves_one_file_for_its_owner_alone(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [form()])

    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    assert stat.S_IMODE((tmp_path / "a.xlsx").stat().st_mode) == 0o600


def test_an_error_half_way_leaves_the_old_file_and_no_traces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        yield ROWS[0]
        raise RuntimeError("half way")

    (tmp_path / "out").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    old = tmp_path / "out" / "a.xlsx"
    old.write_bytes(b"old")

    with pytest.raises(RuntimeError, match="half way"):
        write_workbook(old, [form(), form(rows=rows())])

    assert old.read_bytes() == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.xlsx"]


# The report of an import


def test_write_verdicts_has_a_line_a_verdict() -> None:
    file = BytesIO()
    verdicts = [
        Verdict(2, "马凤英", "new", ""),
        Verdict(3, "刘兰芳", "changed", "手机号：19900001000 → 19900001029"),
        Verdict(4, "郭炳南", "unchanged", ""),
        Verdict(5, "=1+1", "refused", "身份证号码的校验位不对"),
        Verdict(6, "黄永昌", "warning", "不在服务范围"),
    ]

    digest = write_verdicts(file, "导入结果", verdicts)

    worksheet = load_workbook(file).worksheets[0]
    assert (digest, worksheet.title) == (hashlib.sha256(file.getvalue()).hexdigest(), "导入结果")
    assert [list(row) for row in worksheet.iter_rows(values_only=True)] == [
        ["行号", "对象", "结果", "说明"],
        [2, "马凤英", "新增", None],
        [3, "刘兰芳", "有变化", "手机号：19900001000 → 19900001029"],
        [4, "郭炳南", "无变化", None],
        [5, "=1+1", "未导入", "身份证号码的校验位不对"],
        [6, "黄永昌", "有提醒", "不在服务范围"],
    ]
