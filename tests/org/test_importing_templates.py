"""The templates: what stands in them is what the importers read."""

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.cast import VILLAGE, Cast
from tests.factories import make_elder
from visitcare.console.importing import KINDS
from visitcare.kit.sheets import read_table
from visitcare.org.importing import Importer, Kind, example_row, run_import, write_template
from visitcare.org.models import User

SHEETS = [
    (kind, importer)
    for kind in KINDS.values()
    for importer in (kind.importer, kind.importer.second_sheet)
    if importer
]


def sheet_of(book: Any, kind: Kind, importer: type[Importer]) -> Worksheet:
    return book.worksheets[0] if importer is kind.importer else book[importer.sheet]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("kind", "importer"), SHEETS, ids=lambda one: getattr(one, "name", one))
def test_template_has_the_columns_of_the_importer(kind: Kind, importer: type[Importer]) -> None:
    worksheet = sheet_of(load_workbook(io.BytesIO(write_template(kind))), kind, importer)
    heads = [str(cell.value) for cell in worksheet[1]]
    assert heads == [f"{one.heading}*" if one.required else one.heading for one in importer.columns]
    assert (worksheet.freeze_panes, worksheet.max_row) == ("A2", 1)
    assert importer.cells.keys() == {column.heading for column in importer.columns}
    offered = {str(rule.sqref).split("2:")[0] for rule in worksheet.data_validations.dataValidation}
    assert len(offered) == sum(bool(cell.choices) for cell in importer.cells.values())
    numbers = [cell for cell in worksheet[1] if "身份证" in str(cell.value) or "手机号" in str(cell.value)]
    assert {worksheet.column_dimensions[cell.column_letter].number_format for cell in numbers} <= {"@"}


def test_empty_template_has_nothing_to_import() -> None:
    for kind in KINDS.values():
        assert read_table(io.BytesIO(write_template(kind)), kind.importer.columns).rows == []


def test_long_lists_stand_on_a_hidden_sheet() -> None:
    book = load_workbook(io.BytesIO(write_template(KINDS["elders"])))
    assert [sheet.title for sheet in book.worksheets][:3] == ["老人", "家庭成员", "填写说明"]
    for sheet in book.worksheets[3:]:
        assert sheet.sheet_state == "hidden"
    guide = "".join(str(cell.value) for row in book["填写说明"].iter_rows() for cell in row if cell.value)
    assert ("不会导入" in guide, "从这些里选：独居、双老同住" in guide) == (True, True)
    assert guide.count("空着的格子不改原来的内容") == 2


@pytest.mark.django_db
@pytest.mark.parametrize("name", KINDS)
def test_template_filled_with_its_examples_is_imported_without_a_refusal(
    cast: Cast, tmp_path: Path, name: str
) -> None:
    kind = KINDS[name]
    here = {"村(社区)代码": VILLAGE}
    if name == "members":
        make_elder(cast.group).household.__class__.objects.update(number="H001")
    if name == "visits":
        number = str(example_row(kind.importer)["老人身份证号码"])
        make_elder(cast.group, number=number)
        here = {"网格员手机号": cast.worker.mobile}
    if name == "deaths":
        example = example_row(kind.importer)
        make_elder(cast.group, number=str(example["居民身份证号码"]), name=str(example["姓名"]))
    book = load_workbook(io.BytesIO(write_template(kind)))
    for importer in filter(None, (kind.importer, kind.importer.second_sheet)):
        examples = example_row(importer)
        examples |= {heading: value for heading, value in here.items() if heading in examples}
        sheet_of(book, kind, importer).append([value or None for value in examples.values()])
    file = tmp_path / "filled.xlsx"
    book.save(file)
    report = run_import(kind.make(User.objects.system(), ()), file)
    assert [
        (one.outcome, one.words) for one in report.verdicts if one.outcome not in ("new", "changed")
    ] == []
    assert (report.stored, report.ignored) == (True, ())
