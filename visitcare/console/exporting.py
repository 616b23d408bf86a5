"""Every sheet that leaves the system, by one door: built, written, and recorded."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import transaction
from django.db.models import QuerySet

import elders.lists
import elders.sheets
import subsidies.sheets
from elders.models import Elder, ScreeningRound
from visitcare.audit.actions import record
from visitcare.kit.sheets import Sheet, write_workbook
from visitcare.kit.weeks import Month
from visitcare.org.actions import require
from visitcare.org.models import Division, User
from visitcare.org.roles import Right

MOST_NAMED = 5
MOST_LISTED = 20_000
TOWN_DIGITS = 9


class ExportError(ValueError):
    """Nothing to export, or not now; in words."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A sheet's Chinese name and what builds it from a month and town codes."""

    title: str
    build: Callable[[Month, Sequence[str]], list[Sheet]]


SHEETS: dict[str, Kind] = {
    "roster": Kind("补贴发放花名册", subsidies.sheets.roster),
    "summary": Kind("补贴资金汇总表", subsidies.sheets.summary),
    "classes": Kind("老年人分类台账", elders.sheets.classes),
}


def export_sheet(
    *, by: User, kind: str, month: Month, towns: Sequence[Division], reason: str, out: Path | IO[bytes]
) -> str:
    """Write one kind of sheet for a month and towns; return its SHA-256. The event says who, what, why and the hash.

    Raise ExportError (or the builder's own ValueError) when there is nothing to write.
    """
    if not reason.strip():
        raise ExportError("导出个人信息要写明用途。")
    for town in towns:
        require(by, Right.EXPORT, town.code)
    chosen = SHEETS[kind]
    sheets = chosen.build(month, [town.code for town in towns])
    if not sheets:
        raise ExportError(f"{month.words}没有可以导出的{chosen.title}。请检查月份和镇。")
    with transaction.atomic(), _staged(out) as part:
        digest = write_workbook(part, sheets)
        record(
            by=by,
            verb="export_sheet",
            words=f"导出{month.words}{chosen.title}（{_names(towns)}）",
            reason=reason,
            where=towns[0] if len(towns) == 1 else None,
            data={
                "sheet": kind,
                "month": month.label,
                "towns": [town.code for town in towns],
                "sha256": digest,
            },
        )
    return digest


def export_list(
    *, by: User, kind: str, chosen: "QuerySet[Elder]", filters: Mapping[str, str], reason: str, out: IO[bytes]
) -> str:
    """Write one kind of list of the elders that somebody's list shows; return its SHA-256. The event says who, what, by
    which filters, how many, why and the hash.

    Raise ExportError where there is nothing, or more than is made while somebody waits.
    """
    if not reason.strip():
        raise ExportError("导出个人信息要写明用途。")
    places = chosen.order_by().values_list("household__place__code", flat=True).distinct()
    towns = sorted({code[:TOWN_DIGITS] for code in places})
    for code in towns:
        require(by, Right.EXPORT, code)
    listed = elders.lists.LISTS[kind]
    wanted = listed.narrow(chosen).count()
    if not wanted:
        raise ExportError(f"筛选出的老人里，没有要列进{listed.title}的。请换一个筛选条件。")
    if wanted > MOST_LISTED:
        raise ExportError(f"有 {wanted} 人，一次最多导出 {MOST_LISTED} 人。请按镇或村筛选，分几次导出。")
    sheet = elders.lists.sheet_of(listed, chosen)
    count = len(list(sheet.rows))
    with transaction.atomic():
        digest = write_workbook(out, [sheet])
        record(
            by=by,
            verb="export_list",
            words=f"导出{listed.title}，{count} 人",
            reason=reason,
            where=Division.objects.filter(code=towns[0]).first() if len(towns) == 1 else None,
            data={"list": kind, "rows": count, "filters": dict(filters), "towns": towns, "sha256": digest},
        )
    return digest


def export_screening(*, by: User, screening: ScreeningRound, reason: str, out: IO[bytes]) -> str:
    """Write everybody on the list of a round, with what was found; return the SHA-256, which the event names."""
    if not reason.strip():
        raise ExportError("导出个人信息要写明用途。")
    require(by, Right.EXPORT, screening.town_id)
    sheets = elders.sheets.screened(screening)
    if not sheets:
        raise ExportError(f"“{screening}”的名单是空的，没有可以导出的。")
    with transaction.atomic():
        digest = write_workbook(out, sheets)
        record(
            by=by,
            verb="export_sheet",
            words=f"导出{screening.town.name}{screening}情况表",
            reason=reason,
            about=screening,
            where=screening.town,
            data={"sheet": "screening", "sha256": digest},
        )
    return digest


@contextmanager
def _staged(out: Path | IO[bytes]) -> Iterator[Path | IO[bytes]]:
    """Where to write, so that a file is in its place only when the export is recorded."""
    if not isinstance(out, Path):
        yield out
        return
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)


def _names(towns: Sequence[Division]) -> str:
    named = "、".join(town.name for town in towns[:MOST_NAMED])
    return f"{named}等" if len(towns) > MOST_NAMED else named
