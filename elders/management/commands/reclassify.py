"""reclassify [--on DATE]: all registered elders by policy and facts; changes take effect the next Monday."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elders.actions import reclassify
from visitcare.kit.weeks import next_monday, today
from visitcare.org.importing import acting_user


class Command(BaseCommand):
    help = "Judge all elders again from a day on (default today). Changes take effect the Monday after it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="judge from this day on (default: today)")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            on = date.fromisoformat(options["on"]) if options["on"] else today()
        except ValueError:
            raise CommandError(f"“{options['on']}”不是日期，请写成 2026-10-31 这样。") from None
        done = reclassify(by=acting_user(None), on=on)
        self.stdout.write(
            f"从 {next_monday(on)} 起：{len(done.begun)} 人类别有变化，{done.ended} 段旧类别结束"
        )
