"""import_elders FILE.xlsx [--approve]: households, elders and their registration forms; a second sheet 家庭成员."""

from argparse import ArgumentParser
from typing import Any

from elders.importing import ElderImporter
from visitcare.org.importing import ImportCommand, Importer
from visitcare.org.models import User


class Command(ImportCommand):
    help = "Import elders from sheet 1 of an .xlsx; --approve approves them as of 登记日期 and writes their classes."
    importer = ElderImporter

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--approve", action="store_true", help="approve as of 登记日期 (else they wait for the town)"
        )

    def make_importer(self, by: User, options: dict[str, Any]) -> Importer:
        return ElderImporter(by, approve=options["approve"])
