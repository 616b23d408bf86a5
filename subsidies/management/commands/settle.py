"""settle 2026-10 [--town CODE] [--json]: draft the settlements of a month, or refresh the drafts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from subsidies.actions import Settled, SettlementError, settle
from visitcare.kit.weeks import Month
from visitcare.org.importing import acting_user
from visitcare.org.models import Division


class Command(BaseCommand):
    help = (
        "Draft or refresh the settlements of a month, one transaction a town. Frozen ones stay as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--town", metavar="CODE", help="only this town (9 digits)")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        towns = Division.objects.at(Division.Level.TOWN).filter(active=True).order_by("code")
        if options["town"]:
            towns = towns.filter(code=options["town"])
            if not towns:
                raise CommandError(f"没有代码是 {options['town']} 的镇。请填 9 位代码。")
        try:
            month = Month.parse(options["month"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        done, refused = self._settle(month, list(towns))
        if options["json"]:
            self.stdout.write(
                json.dumps({"month": month.label, "towns": {one.town: _figures(one) for one in done}})
            )
        else:
            self._tell(done)
        if refused:
            raise CommandError("\n".join(refused))

    def _settle(self, month: Month, towns: list[Division]) -> tuple[list[Settled], list[str]]:
        """Town by town, so that one that is assessed already, or does not go into the books, holds up no other."""
        by = acting_user(None)
        done: list[Settled] = []
        refused: list[str] = []
        for town in towns:
            try:
                done += settle(by=by, month=month, towns=[town])
            except SettlementError as error:
                refused.append(str(error))
            except IntegrityError as error:
                rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
                refused.append(
                    f"{town.name} {month.words}没有结算，账目没有改动：数据库不接受（{rule}）。请联系系统管理员。"
                )
        return done, refused

    def _tell(self, done: list[Settled]) -> None:
        for one in done:
            if one.visits or one.words.startswith("已冻结"):
                self.stdout.write(
                    f"{one.town}（{one.words}）：{one.visits} 次探访，计酬 {one.paid} 次，{one.total} 元"
                )
        total = sum(one.total for one in done)
        self.stdout.write(f"{len(done)} 个镇，合计 {sum(one.paid for one in done)} 次，{total} 元")


def _figures(one: Settled) -> dict[str, Any]:
    return {"visits": one.visits, "paid": one.paid, "excluded": one.excluded, "total": str(one.total)}
