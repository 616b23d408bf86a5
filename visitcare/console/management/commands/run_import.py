"""run_import BATCH: judge or store one uploaded file. Started by the upload; nobody needs to type it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from visitcare.console.importing import KINDS
from visitcare.org.importing import limit_process, run_batch
from visitcare.org.models import ImportBatch


class Command(BaseCommand):
    help = "Judge or store one uploaded batch, within limits of memory and time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("batch", help="its key")

    def handle(self, *_: Any, batch: str, **__: Any) -> None:
        found = ImportBatch.objects.filter(pk=batch).first()
        if found is None:
            raise CommandError(f"没有编号是 {batch} 的导入。")
        limit_process()
        run_batch(found, KINDS)
