"""export_sheet SHEET --month 2026-10 [--town CODE] --out F.xlsx: in full, and recorded."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from visitcare.console.exporting import SHEETS, export_sheet
from visitcare.kit.weeks import Month
from visitcare.org.importing import acting_user
from visitcare.org.models import Division


class Command(BaseCommand):
    help = "Write one of the county's sheets as .xlsx. Without --town one worksheet a town. Every export is recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = "；".join(f"{name} {kind.title}" for name, kind in SHEETS.items())
        parser.add_argument("sheet", choices=list(SHEETS), help=kinds)
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--town", metavar="CODE", help="only this town (9 digits)")
        parser.add_argument("--out", required=True, type=Path, metavar="F.xlsx")
        parser.add_argument("--reason", default="命令行", help="what it is for")

    def handle(self, *_: Any, **options: Any) -> None:
        towns = Division.objects.at(Division.Level.TOWN).order_by("code")
        if options["town"]:
            towns = towns.filter(code=options["town"])
            if not towns:
                raise CommandError(f"没有代码是 {options['town']} 的镇。请填 9 位代码。")
        out: Path = options["out"]
        if out.suffix.lower() != ".xlsx" or not out.parent.is_dir():
            raise CommandError(f"写不到 {out}：请给一个已有文件夹里的 .xlsx 文件名。")
        try:
            digest = export_sheet(
                by=acting_user(None),
                kind=options["sheet"],
                month=Month.parse(options["month"]),
                towns=list(towns),
                reason=options["reason"],
                out=out,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"写不到 {out}：{error.strerror}。") from error
        self.stdout.write(f"已导出{SHEETS[options['sheet']].title}到 {out}（SHA-256 {digest}）")
