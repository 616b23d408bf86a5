"""What hostile files cost: each is read by a process of its own, which the system stops at 256 MB more and at 5 s of work.

Measured by the system, for the parsers are written in C and Python's own books do not show what they take.
"""

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from tests.kit.test_sheets_reading import (
    ENTITY,
    HEADING_XML,
    MAIN,
    MANY_ATTRIBUTES,
    SHEET_PART,
    repacked,
    row_xml,
    with_sheet_rows,
    with_sheet_xml,
)

MB = 1024 * 1024
READER = """
import re, resource, sys
from pathlib import Path
from visitcare.kit.sheets import Column, SheetRefused, read_table

def megabytes():  # at the peak; ru_maxrss begins with that of the parent
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024

taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 256 * 1024 * 1024,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
before = megabytes()
try:
    said = f"{len(read_table(Path(sys.argv[1]), [Column('姓名', required=True), Column('手机号')]).rows)} rows"
except SheetRefused as refusal:
    said = str(refusal)
print(megabytes() - before, said)
"""


def read_apart(file: BytesIO, folder: Path) -> tuple[int, str]:
    """Megabytes it took at its peak, and what was said."""
    path = folder / "hostile.xlsx"
    path.write_bytes(file.getvalue())
    done = subprocess.run([sys.executable, "-c", READER, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    taken, said = done.stdout.rstrip("\n").split(" ", 1)
    return int(taken), said


def with_part(name: str, content: bytes) -> BytesIO:
    return repacked(lambda parts: parts.update({name: content}))


def with_strings(count: int) -> BytesIO:
    texts = "".join(f"<si><t>文字{number}</t></si>" for number in range(count))
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>' + "".join(
        f'<row r="{number}"><c r="A{number}" t="s"><v>{number}</v></c></row>' for number in range(2, 1000)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'

    def add(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{texts}</sst>'.encode()
        parts[SHEET_PART] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override.encode())

    return repacked(add)


def understated_bomb() -> BytesIO:
    """200 MB that the directory of the zip says are a thousand bytes."""
    content = bytearray(with_part("xl/big.xml", b" " * (200 * MB)).getvalue())
    entry = content.rindex(b"xl/big.xml") - 46
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    return BytesIO(content)


CORNER = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
BLANK_CORNER = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
HOSTILE: dict[str, tuple[Callable[[], BytesIO], str]] = {
    "bomb": (lambda: with_part("xl/worksheets/sheet2.xml", b" " * (200 * MB)), "文件解压后大得不正常"),
    "bomb that says it is small": (understated_bomb, "文件已损坏"),
    "billion laughs": (lambda: with_sheet_xml(ENTITY), "文件里有不允许的声明（DTD）"),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"x"), "文件带有宏"),
    "last corner": (lambda: with_sheet_rows(HEADING_XML + CORNER), "单元格 XFD1048576 里有内容"),
    "blank last corner": (
        lambda: with_sheet_rows(HEADING_XML + row_xml(2, "马凤英") + BLANK_CORNER),
        "1 rows",
    ),
    "attributes": (lambda: with_sheet_rows(f"<c {MANY_ATTRIBUTES}/>" * 21), "文件结构不像正常的表格"),
    "one endless row": (
        lambda: with_sheet_rows(f"<row>{'<c/>' * 1_500_000}</row>"),
        "文件结构不像正常的表格",
    ),
    "100,000 shared strings": (lambda: with_strings(100_000), "998 rows"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_answered_within_bounds(name: str, tmp_path: Path) -> None:
    make, words = HOSTILE[name]
    taken, said = read_apart(make(), tmp_path)
    assert said.startswith(words)
    assert taken < 64
