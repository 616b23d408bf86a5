"""load_divisions FILE.csv: the tree of divisions from code,name,level,parent; adds and renames, never deletes."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from visitcare.org.actions import DivisionRow, load_divisions
from visitcare.org.importing import acting_user
from visitcare.org.models import Division

HEADINGS = ["code", "name", "level", "parent"]


class Command(BaseCommand):
    help = "Load the county's divisions from a CSV (code,name,level,parent). Adds and renames, never deletes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as lines:
                reader = csv.DictReader(lines)
                if reader.fieldnames is None or set(HEADINGS) - set(reader.fieldnames):
                    raise CommandError(f"文件的第一行要有这些列：{','.join(HEADINGS)}。")
                rows = [
                    DivisionRow(*((line[heading] or "").strip() for heading in HEADINGS)) for line in reader
                ]
            done = load_divisions(by=acting_user(None), rows=rows)
        except OSError as error:
            raise CommandError(f"打不开文件 {options['file']}：{error.strerror}。请检查路径。") from error
        except UnicodeDecodeError as error:
            raise CommandError(
                "没有导入：文件不是 UTF-8 编码。请在 Excel 里另存为“CSV UTF-8”再导入。"
            ) from error
        except ValueError as error:
            raise CommandError(f"没有导入：{error}") from error
        usable = Division.objects.at("village").filter(active=True).count()
        self.stdout.write(
            f"区划：新增 {done.added} 个，改名 {done.renamed} 个，没变 {done.unchanged} 个；可用的村（居）{usable} 个"
        )
