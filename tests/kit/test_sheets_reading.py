"""Uploaded tables: what is read, and what is refused before it can cost anything."""

import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from defusedxml import EntitiesForbidden
from openpyxl import Workbook
from openpyxl.worksheet._reader import WorkSheetParser

from visitcare.kit.sheets import (
    Column,
    Field,
    Row,
    Sheet,
    SheetRefused,
    has_sheet,
    read_table,
    safety,
    write_workbook,
)

NAME, PHONE, NOTE = Column("姓名", required=True), Column("手机号", required=True), Column("备注")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_PART = "xl/worksheets/sheet1.xml"


def saved(*rows: Sequence[object], title: str = "Sheet1") -> BytesIO:
    book = Workbook()
    worksheet = book.worksheets[0]
    worksheet.title = title
    for row in rows:
        worksheet.append(list(row))
    file = BytesIO()
    book.save(file)
    return file


def repacked(change: Callable[[dict[str, bytes]], object], file: BytesIO | None = None) -> BytesIO:
    """A good workbook whose parts were changed by hand."""
    with zipfile.ZipFile(file or saved(["姓名", "手机号"], ["马凤英", "19900001000"])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    changed = BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return changed


def with_sheet_xml(xml: str | bytes) -> BytesIO:
    return repacked(lambda parts: parts.update({SHEET_PART: xml if isinstance(xml, bytes) else xml.encode()}))


def with_sheet_rows(rows: str) -> BytesIO:
    return with_sheet_xml(f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')


def row_xml(number: int, *texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


HEADING_XML = row_xml(1, "姓名", "手机号")


def refusal(file: BytesIO, *, max_rows: int = 50_000) -> str:
    with pytest.raises(SheetRefused) as refused:
        read_table(file, [NAME, PHONE, NOTE], max_rows=max_rows)
    return str(refused.value)


def seconds(call: Callable[[], object]) -> float:
    """Processor time of the call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def megabytes(call: Callable[[], object]) -> float:
    """Memory of the call at its peak (measuring it slows it down several times)."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (1024 * 1024)


# What is read


def test_read_table_gives_rows_with_excels_numbers_and_every_declared_column() -> None:
    file = saved(["姓名", "手机号"], ["马凤英", "19900001000"], [None, None], ["刘兰芳", 19900001029])

    table = read_table(file, [NAME, PHONE, NOTE])

    assert table.rows == [
        Row(2, {"姓名": "马凤英", "手机号": "19900001000", "备注": None}),
        Row(4, {"姓名": "刘兰芳", "手机号": 19900001029, "备注": None}),
    ]
    assert (table.title, table.ignored) == ("Sheet1", ())


def test_read_table_from_a_path_equals_the_file_object(tmp_path: Path) -> None:
    file = saved(["姓名", "手机号"], ["马凤英", "19900001000"])
    path = tmp_path / "没有后缀"
    path.write_bytes(file.getvalue())

    assert read_table(path, [NAME]).rows == read_table(file, [NAME]).rows == [Row(2, {"姓名": "马凤英"})]


def test_read_table_cleans_texts() -> None:
    file = saved(
        ["姓名", "备注"], ["\u200b 马\u200d凤英\u3000", "两\n行\t字_x000D_"], ["\ufeff", " "], ["刘兰芳", " "]
    )

    assert read_table(file, [NAME, NOTE]).rows == [
        Row(2, {"姓名": "马凤英", "备注": "两 行 字"}),
        Row(4, {"姓名": "刘兰芳", "备注": None}),
    ]


def test_read_table_leaves_float_ids_as_floats() -> None:
    cell = read_table(saved(["姓名"], [3.20699194603040e17]), [NAME]).rows[0].cells["姓名"]

    assert (type(cell), cell) == (float, 3.20699194603040e17)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("1组", "1组"),
        (1, "1"),
        (1.0, "1"),
        (480.5, "480.5"),
        (3.20699194603040e17, "320699194603040000"),
        (True, "TRUE"),
        (date(2026, 7, 1), "2026-07-01"),
        (datetime(2026, 9, 30, 8, 30), "2026-09-30 08:30"),
        (datetime(2026, 9, 30, 8, 30, 5), "2026-09-30 08:30:05"),
    ],
)
def test_row_text_shows_what_the_reader_sees(value: object, text: str) -> None:
    table = read_table(saved(["姓名", "备注"], ["马凤英", value]), [NAME, NOTE])

    assert table.rows[0].text("备注") == text


def test_read_table_finds_headings_below_a_title() -> None:
    file = saved(["2026年网格员名单"], ["单位：汇龙镇"], ["姓名*", "手机号 "], ["马凤英", "19900001000"])

    table = read_table(file, [NAME, PHONE])

    assert table.rows == [Row(4, {"姓名": "马凤英", "手机号": "19900001000"})]


def test_read_table_takes_full_width_brackets_for_half_width_ones() -> None:
    table = read_table(saved(["村（社区）代码"], ["320681102205"]), [Column("村(社区)代码", required=True)])

    assert table.rows == [Row(2, {"村(社区)代码": "320681102205"})]


def test_read_table_reports_columns_nobody_asked_for() -> None:
    file = saved(["姓名", "身高", None, "体重"], ["马凤英", 160, "多余", 50])

    table = read_table(file, [NAME])

    assert (table.rows, table.ignored) == ([Row(2, {"姓名": "马凤英"})], ("身高", "C 列（没有标题）", "体重"))


def test_read_table_skips_rows_filled_only_in_ignored_columns() -> None:
    assert read_table(saved(["序号", "姓名"], [1, "马凤英"], [2, None]), [NAME]).rows == [
        Row(2, {"姓名": "马凤英"})
    ]


def test_read_table_with_only_headings_has_no_rows() -> None:
    assert read_table(saved(["姓名"]), [NAME]).rows == []


def test_read_table_ignores_filters_that_openpyxl_cannot_parse() -> None:
    def add_filter(parts: dict[str, bytes]) -> None:
        odd = b'</sheetData><autoFilter ref="A1:B2"><filterColumn colId="x"/></autoFilter>'
        parts[SHEET_PART] = parts[SHEET_PART].replace(b"</sheetData>", odd)

    assert len(read_table(repacked(add_filter), [NAME]).rows) == 1


def test_read_table_reads_what_write_workbook_wrote() -> None:
    file = BytesIO()
    fields = [Field("姓名", 10), Field("手机号", 14), Field("次数", 8, "count", total=True)]
    rows = [("马凤英", "19900001000", 2), ("=1+1", "19900001029", 3)]
    write_workbook(
        file,
        [Sheet(name="一", title="名单", unit_line="单位：汇龙镇", fields=fields, rows=rows, totals=True)],
    )

    table = read_table(file, [NAME, PHONE, Column("次数")])

    assert [tuple(row.cells.values()) for row in table.rows] == [*rows, ("合计", None, 5)]


def test_read_table_by_sheet_name_and_has_sheet() -> None:
    book = Workbook()
    book.create_sheet("家庭成员").append(["姓名"])
    book["家庭成员"].append(["刘兰芳"])
    file = BytesIO()
    book.save(file)

    assert (has_sheet(file, "家庭成员"), has_sheet(file, "别的")) == (True, False)
    assert read_table(file, [NAME], sheet="家庭成员") == read_table(file, [NAME], sheet=1)
    assert read_table(file, [NAME], sheet="家庭成员").rows == [Row(2, {"姓名": "刘兰芳"})]


# Headings that are refused


def test_read_table_without_the_named_sheet_is_refused_with_those_there_are() -> None:
    with pytest.raises(SheetRefused) as refused:
        read_table(saved(["姓名"]), [NAME], sheet="家庭成员")

    assert str(refused.value) == "文件里找不到工作表“家庭成员”。现有：“Sheet1”。"


def test_read_table_with_misspelt_headings_says_how_to_write_them() -> None:
    assert refusal(saved(["姓 名", "手机", "身高"], ["马凤英", "19900001000", 160])) == (
        "工作表“Sheet1”第 1 行的标题不对。缺少：姓名、手机号。不认识：“姓 名”、“手机”、“身高”。"
        "您写的是“姓 名”，要写“姓名”。您写的是“手机”，要写“手机号”。请改好标题行再上传。"
    )


def test_read_table_without_a_heading_row_names_the_missing_headings() -> None:
    words = refusal(saved(["马凤英", 19900001000], ["刘兰芳", 19900001029]))

    assert words == (
        "工作表“Sheet1”第 1 行的标题不对。缺少：姓名、手机号。不认识：“马凤英”、“19900001000”。"
        "请改好标题行再上传。"
    )


def test_read_table_without_any_known_heading_is_refused_though_none_is_required() -> None:
    with pytest.raises(SheetRefused, match="缺少：备注。不认识：“身高”。"):
        read_table(saved(["身高"], [160]), [NOTE])


def test_read_table_with_a_space_in_an_optional_heading_does_not_lose_its_column() -> None:
    assert "您写的是“备 注”，要写“备注”。" in refusal(
        saved(["姓名", "手机号", "备 注"], ["马凤英", "1", "耳背"])
    )


def test_read_table_with_a_heading_twice_is_refused() -> None:
    words = refusal(saved(["姓名", "手机号", "姓名 "], ["马凤英", "19900001000", "刘兰芳"]))

    assert words == "工作表“Sheet1”第 1 行的标题“姓名”出现了两次。请删去或改名其中一列。"


def test_read_table_of_an_empty_sheet_is_refused() -> None:
    assert refusal(saved()) == "工作表“Sheet1”是空的。请填好后再上传，或检查是不是选错了文件。"


# Files that are not a workbook


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "这不是 .xlsx 表格文件"),
        ("姓名,手机号\n马凤英,19900001000\n".encode("gb18030"), "这不是 .xlsx 表格文件"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "这不是 .xlsx 表格文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "旧格式的表格（.xls 或 .et），读不了。请用 WPS"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 700 + "EncryptedPackage".encode("utf-16-le"),
            "文件设了打开密码",
        ),
        (saved(["姓名"]).getvalue()[:3000], "文件已损坏"),
    ],
    ids=["nothing", "csv", "html", "xls", "encrypted", "cut"],
)
def test_read_table_of_another_kind_of_file_is_refused(content: bytes, words: str) -> None:
    assert words in refusal(BytesIO(content))


def test_read_table_of_another_office_file_is_refused() -> None:
    def make_docx(parts: dict[str, bytes]) -> None:
        parts["word/document.xml"] = parts.pop("xl/workbook.xml")

    assert "这不是 .xlsx 表格文件" in refusal(repacked(make_docx))


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"])
def test_read_table_with_macros_is_refused(name: str) -> None:
    assert "文件带有宏" in refusal(repacked(lambda parts: parts.update({name: b"x"})))


def test_read_table_of_a_zip_with_a_password_is_refused() -> None:
    content = bytearray(saved(["姓名"]).getvalue())
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert "文件设了打开密码" in refusal(BytesIO(content))


def test_read_table_of_a_damaged_part_is_refused() -> None:
    content = bytearray(saved(["姓名"]).getvalue())
    content[content.index(SHEET_PART.encode()) + 60] ^= 0xFF

    assert "文件已损坏" in refusal(BytesIO(content))


def test_read_table_of_an_uncommon_compression_is_refused() -> None:
    good, packed = saved(["姓名"]), BytesIO()
    with zipfile.ZipFile(good) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name))

    assert "压缩方式" in refusal(packed)


@pytest.mark.parametrize(
    "rows",
    [
        "<row>",
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<row r="x"/>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
    ],
    ids=["unclosed", "unknown string", "odd row", "odd column"],
)
def test_read_table_of_malformed_xml_is_refused(rows: str) -> None:
    words = refusal(with_sheet_rows(rows))

    assert words.startswith("文件内容") is True
    assert (
        words.endswith("请用 WPS 表格或 Excel 打开它，另存为“Excel 工作簿（*.xlsx）”，再重新上传。") is True
    )


# Hostile files


MANY_ATTRIBUTES = " ".join(f'a{number}=""' for number in range(50_000))
ENTITY = (
    f'<!DOCTYPE worksheet [<!ENTITY a "aaaa">]><worksheet xmlns="{MAIN}"><sheetData/><x>&a;</x></worksheet>'
)


@pytest.mark.parametrize(
    "xml",
    [
        ENTITY.encode(),
        ENTITY.encode("utf-16"),
        b'<!DOCTYPE worksheet SYSTEM "file:///etc/passwd"><worksheet/>',
        b"<!DOCTYPE worksheet><worksheet/>",
    ],
    ids=["entity", "utf-16", "external", "bare"],
)
def test_read_table_with_a_dtd_is_refused(xml: bytes) -> None:
    assert "不允许的声明（DTD）" in refusal(with_sheet_xml(xml))


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/other.dat"])
def test_read_table_with_a_dtd_in_any_part_is_refused(part: str) -> None:
    assert "不允许的声明（DTD）" in refusal(repacked(lambda parts: parts.update({part: ENTITY.encode()})))


def test_openpyxl_parses_sheets_with_defusedxml() -> None:
    parser = WorkSheetParser(BytesIO(ENTITY.encode()), [])

    with pytest.raises(EntitiesForbidden):
        list(parser.parse())


def test_sheets_fail_loudly_when_openpyxl_does_without_defusedxml() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import visitcare.kit.sheets"],
        env={**os.environ, "OPENPYXL_DEFUSEDXML": "False", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )

    assert (run.returncode, "openpyxl does not parse with defusedxml" in run.stderr) == (1, True)


def test_read_table_of_a_bomb_is_refused_by_its_declared_size() -> None:
    bomb = repacked(lambda parts: parts.update({"xl/worksheets/sheet2.xml": b" " * (200 * 1024 * 1024)}))
    assert len(bomb.getvalue()) < 250_000

    assert refusal(bomb).startswith("文件解压后大得不正常（上限 200 MB）") is True
    assert (seconds(lambda: refusal(bomb)) < 1, megabytes(lambda: refusal(bomb)) < 8) == (True, True)


def test_read_table_of_a_bomb_that_declares_little_is_refused() -> None:
    content = bytearray(
        repacked(lambda parts: parts.update({"xl/big.xml": b" " * (40 * 1024 * 1024)})).getvalue()
    )
    entry = content.rindex(b"xl/big.xml") - 46
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")

    assert "文件已损坏" in refusal(BytesIO(content))


def test_scan_stops_at_the_budget_whatever_was_declared() -> None:
    with pytest.raises(SheetRefused, match="大得不正常"):
        safety._scan("xl/a.xml", BytesIO(b"<a>" + b"<b/>" * 1000 + b"</a>"), budget=100)


def test_read_table_of_a_file_that_is_too_large_is_refused() -> None:
    assert refusal(BytesIO(b"PK\x03\x04" + bytes(safety.MAX_FILE_BYTES))).startswith("文件超过 50 MB") is True


def test_read_table_of_a_zip_with_too_many_parts_is_refused() -> None:
    many = {f"xl/{number}": b"" for number in range(safety.MAX_PARTS)}

    assert "部件太多" in refusal(repacked(lambda parts: parts.update(many)))


def test_read_table_with_a_cell_in_the_last_corner_costs_nothing() -> None:
    corner = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    file = with_sheet_rows(HEADING_XML + corner)

    assert refusal(file) == "单元格 XFD1048576 里有内容，超出了 100 列的上限。请删除后再上传。"
    assert (seconds(lambda: refusal(file)) < 1, megabytes(lambda: refusal(file)) < 8) == (True, True)


def test_read_table_with_a_blank_cell_in_the_last_corner_is_read() -> None:
    corner = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'

    file = with_sheet_rows(HEADING_XML + row_xml(2, "马凤英", "1") + corner)

    assert read_table(file, [NAME]).rows == [Row(2, {"姓名": "马凤英"})]
    assert (
        seconds(lambda: read_table(file, [NAME])) < 1,
        megabytes(lambda: read_table(file, [NAME])) < 8,
    ) == (True, True)


def test_read_table_with_a_far_row_is_refused_with_the_limit() -> None:
    words = refusal(with_sheet_rows(HEADING_XML + row_xml(999_999, "马凤英", "1")))

    assert words == "第 999999 行有内容，超出了 50000 行的上限。请分成几个文件上传，或删除多余的内容。"


def test_read_table_with_as_many_rows_as_allowed_is_read_and_one_more_is_refused() -> None:
    people = [["马凤英", "1"]] * 6
    headings = ["姓名", "手机号"]

    assert len(read_table(saved(headings, *people[:5]), [NAME], max_rows=5).rows) == 5
    assert refusal(saved(headings, *people), max_rows=5) == (
        "超出了 5 行的上限。请分成几个文件上传，或删除多余的内容。"
    )


def test_read_table_with_endless_blank_rows_is_refused() -> None:
    blank = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(2, 20_000))

    assert "大量只带格式的空行" in refusal(with_sheet_rows(HEADING_XML + blank), max_rows=100)


def test_read_table_with_rows_out_of_order_is_refused_and_loses_none() -> None:
    words = refusal(with_sheet_rows(HEADING_XML + row_xml(3, "马凤英", "1") + row_xml(2, "刘兰芳", "2")))

    assert words == "文件里的行号乱了（第 3 行之后又是第 2 行）。请另存一次再上传。"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (f'<row r="1">{"<c/>" * (safety.MAX_HELD + 1)}</row>', "一处的内容太多"),
        (f"<c {MANY_ATTRIBUTES}/>" * 21, "一处的内容太多"),
        (row_xml(1, "字" * 400_000), "一段过长的内容"),
        (f"<!--{'x' * 2 * safety.MAX_WITHOUT_TAG}-->", "一段过长的内容"),
        (f'<c a="{"x" * 9 * safety.MAX_WITHOUT_TAG}"/>', "一段过长的内容"),
    ],
    ids=["cells", "attributes", "text", "comment", "attribute"],
)
def test_read_table_of_a_structure_that_costs_memory_is_refused(rows: str, words: str) -> None:
    file = with_sheet_rows(rows)

    assert words in refusal(file)
    assert seconds(lambda: refusal(file)) < 2


def test_read_table_of_a_hundred_thousand_shared_strings_is_read() -> None:
    texts = "".join(f"<si><t>文字{number}</t></si>" for number in range(100_000))
    row = '<row r="{0}"><c r="A{0}" t="s"><v>{1}</v></c></row>'
    rows = row.format(1, 7) + row.format(2, 99_999)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"

    def add_strings(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{texts}</sst>'.encode()
        parts[SHEET_PART] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override.encode())

    assert read_table(repacked(add_strings), [Column("文字7")]).rows == [Row(2, {"文字7": "文字99999"})]


def test_memory_that_runs_out_is_not_taken_for_a_file_that_is_no_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_room(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(WorkSheetParser, "parse_row", no_room)
    with pytest.raises(MemoryError):
        read_table(saved(["姓名", "手机号"], ["张三", "19900000001"]), [NAME, PHONE])
