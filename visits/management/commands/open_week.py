"""open_week 2026-W48: freeze the obligations of a week and write its plan."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from visitcare.kit.weeks import Week
from visitcare.org.importing import acting_user
from visits.actions import open_week


class Command(BaseCommand):
    help = "Open an ISO week: obligations from the classes in force on its Monday, and its plan. Never overwrites."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("week", metavar="YYYY-Www")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            week = Week.parse(options["week"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        done = open_week(by=acting_user(None), week=week)
        if done.obligations:
            words = f"{done.obligations} 人有任务，计划 {done.planned} 次探访"
        else:
            words = "已经打开过，或没有在册老人；没有改动"
        self.stdout.write(f"{week.label}（{week.words}）：{words}")
