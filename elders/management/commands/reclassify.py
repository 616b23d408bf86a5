"""reclassify [--on DATE]: all registered elders by policy and facts; changes take effect the next Monday."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from elders.actions import reclassify
from visitcare.kit.weeks import next_monday, today
from visitcare.org.importing import acting_user


class Command(BaseCommand):
    help = "Judge all elders again from a day on (default today). Changes take effect the Monday after it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, metavar="YYYY-MM-DD")

    def handle(self, *_: Any, **options: Any) -> None:
        on = options["on"] or today()
        done = reclassify(by=acting_user(None), on=on)
        self.stdout.write(
            f"从 {next_monday(on)} 起：{len(done.begun)} 人类别有变化，{done.ended} 段旧类别结束"
        )
