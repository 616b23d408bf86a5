"""What a workbook from outside must pass before anything builds objects from it.

A reader of .xlsx trusts the file: a few kilobytes can unzip to gigabytes, expand entities or hold a row of
ten million cells. So the whole file is walked once, part by part, with nothing kept, and refused with words
when it is not what an office program writes.
"""

import re
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, NoReturn
from xml.parsers import expat

import defusedxml.ElementTree  # type: ignore[import-untyped]
import openpyxl.xml.functions

_MB = 1024 * 1024
MAX_FILE_BYTES = 50 * _MB
MAX_UNZIPPED_BYTES = 200 * _MB
# A sheet of nothing but repeated cells comes to about 40:1; only a bomb comes to more than this.
MAX_RATIO = 100
_RATIO_MATTERS_FROM = 10 * _MB
MAX_PARTS = 5_000
# Elements and attributes that a reader must hold at the same time; 64,000 cell styles stay below it.
MAX_HELD = 1_000_000
# Rows of a sheet and shared strings: a reader lets go of each when it ends and keeps only its shell.
_RELEASED = frozenset(
    f"http://schemas.openxmlformats.org/spreadsheetml/2006/main {name}" for name in ("row", "si")
)
MAX_RELEASED = 2_000_000
# Bytes without a tag. A cell holds 32,767 characters; expat before 2.6 is quadratic in a token's length.
MAX_WITHOUT_TAG = _MB
_CHUNK = 64 * 1024

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ZIP_DIRECTORY_ENTRY = b"PK\x01\x02"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_COPY = "请把有内容的行复制到一个新表格，保存后再上传。"
SAVE_AS = "请用 WPS 表格或 Excel 打开它，另存为“Excel 工作簿（*.xlsx）”，再重新上传。"


class SheetRefused(Exception):
    """The whole file is refused. The message is Chinese, for the user: what is wrong and how to mend it."""


def _insist_on_defusedxml() -> None:
    """Raise RuntimeError when openpyxl would parse uploads with the plain, expandable XML parser."""
    if openpyxl.xml.functions.iterparse is not defusedxml.ElementTree.iterparse:
        raise RuntimeError(
            "openpyxl does not parse with defusedxml: install defusedxml and unset OPENPYXL_DEFUSEDXML."
        )


_insist_on_defusedxml()


def checked_bytes(source: Path | IO[bytes]) -> bytes:
    """Return the bytes of the .xlsx (a path, or a seekable file read from its start), or raise SheetRefused.

    The bytes and not the file are handed on, so that what was checked is what is parsed.
    """
    data = _read(source)
    if data.startswith(_OLE):
        _refuse_old_or_encrypted(data)
    if not data.startswith(_ZIP):
        raise SheetRefused(f"这不是 .xlsx 表格文件。{SAVE_AS}")
    if data.count(_ZIP_DIRECTORY_ENTRY) > MAX_PARTS:
        raise SheetRefused(f"文件里的部件太多，不像正常的表格。{SAVE_AS}")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_names(parts)
            _check_declared_sizes(parts, len(data))
            budget = MAX_UNZIPPED_BYTES
            for part in parts:
                with archive.open(part) as content:
                    budget = _scan(part.filename, content, budget)
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
        zlib.error,
    ) as error:
        raise SheetRefused(f"文件已损坏，打不开。{SAVE_AS}") from error
    return data


def _read(source: Path | IO[bytes]) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _read(file)
    source.seek(0)
    data = source.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise SheetRefused(
            f"文件超过 {MAX_FILE_BYTES // _MB} MB。请删去图片和无关的工作表，或分成几个文件再上传。"
        )
    return data


def _refuse_old_or_encrypted(data: bytes) -> NoReturn:
    # An encrypted .xlsx is an OLE container too; only its directory tells it from an old .xls.
    if _ENCRYPTED_STREAM in data:
        raise SheetRefused("文件设了打开密码，读不了。请在 WPS 表格或 Excel 里去掉密码，保存后再上传。")
    raise SheetRefused(f"这是旧格式的表格（.xls 或 .et），读不了。{SAVE_AS}")


def _check_names(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename.lower() for part in parts}
    if any(part.flag_bits & 0x1 for part in parts):
        raise SheetRefused("文件设了打开密码，读不了。请去掉密码，保存后再上传。")
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise SheetRefused(f"文件带有宏，不能上传。{SAVE_AS}")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise SheetRefused(f"这不是 .xlsx 表格文件。{SAVE_AS}")
    # The other methods of zip let the file say how much memory unpacking takes.
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise SheetRefused(f"文件的压缩方式不是表格常用的。{SAVE_AS}")


def _check_declared_sizes(parts: list[zipfile.ZipInfo], file_bytes: int) -> None:
    unzipped = sum(part.file_size for part in parts)
    bomb = unzipped > _RATIO_MATTERS_FROM and unzipped > MAX_RATIO * file_bytes
    if bomb or unzipped > MAX_UNZIPPED_BYTES:
        _refuse_size()


def _refuse_size() -> NoReturn:
    raise SheetRefused(f"文件解压后大得不正常（上限 {MAX_UNZIPPED_BYTES // _MB} MB）。{_COPY}")


def _scan(name: str, content: IO[bytes], budget: int) -> int:
    """Walk one part and return what is left of the `budget` of unzipped bytes.

    Every part is walked as XML whatever its name, for a sheet may be called anything. Pictures fail in their
    first bytes, and so they would in the reader.
    """
    feed = _watching_parser()
    try:
        while chunk := content.read(_CHUNK):
            budget -= len(chunk)
            if budget < 0:
                _refuse_size()
            feed(chunk, False)
        feed(b"", True)
    except expat.ExpatError as error:
        if re.search(r"\.(xml|rels)$", name, re.IGNORECASE):
            raise SheetRefused(f"文件内容已损坏（{name}）。{SAVE_AS}") from error
    return budget


def _watching_parser() -> Callable[[bytes, bool], None]:
    """An XML parser that keeps nothing and raises SheetRefused for what a reader could not bear."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True
    held = released = fed = last_tag = 0
    before: list[int] = []

    def start(tag: str, attributes: list[str]) -> None:
        nonlocal held, last_tag
        last_tag = parser.CurrentByteIndex
        if tag in _RELEASED:
            before.append(held)
        held += 1 + len(attributes) // 2
        if held > MAX_HELD:
            raise SheetRefused(f"文件结构不像正常的表格（一处的内容太多）。{_COPY}")

    def end(tag: str) -> None:
        nonlocal held, released, last_tag
        last_tag = parser.CurrentByteIndex
        if tag in _RELEASED:
            held = before.pop()
            released += 1
            if released > MAX_RELEASED:
                _refuse_size()

    def doctype(*_declaration: object) -> NoReturn:
        raise SheetRefused(f"文件里有不允许的声明（DTD），可能被动过手脚。{SAVE_AS}")

    def feed(chunk: bytes, final: bool) -> None:
        nonlocal fed
        fed += len(chunk)
        parser.Parse(chunk, final)
        if fed - last_tag > MAX_WITHOUT_TAG:
            raise SheetRefused(f"文件里有一段过长的内容，不像正常的表格。{_COPY}")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    return feed
