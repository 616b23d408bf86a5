"""What the pages of one app show of apps above it, and doors to what spans them. By model label."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from elders.models import Elder, Household, ScreeningRound
from subsidies.admin.words import REASON_WORDS
from subsidies.models import PaidVisit, Settlement, UnpaidVisit
from visitcare.console.exporting import SHEETS, ExportError, export_screening, export_sheet
from visitcare.kit.admin import (
    BulkDoor,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ReasonForm,
    Section,
    link,
    page_url,
    rows_url,
)
from visitcare.kit.weeks import Month
from visitcare.org.models import Division
from visitcare.org.roles import Right
from visits.admin.words import referrals_table, visits_table, with_people
from visits.models import Referral, Visit

Panel = Callable[[OfficeRequest, Any], Iterable[Section]]

MOST_VISITS = 10
MOST_REFERRALS = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _of_elder(request: OfficeRequest, elder: Elder) -> Iterable[Section]:
    visits = with_people(Visit.objects.visible_to(request.user)).filter(visited__elder=elder)
    yield visits_table(
        "最近的探访",
        list(visits.order_by("-visited__started_at")[:MOST_VISITS]),
        empty="还没有探访记录。",
        more=("看全部探访记录", rows_url("visits.visit", elder=elder.pk, state="all")),
    )
    yield from _found(request, "发现的隐患与需求", elder=elder)


def _of_household(request: OfficeRequest, household: Household) -> Iterable[Section]:
    visits = with_people(Visit.objects.visible_to(request.user)).filter(household=household)
    yield visits_table(
        "最近的探访",
        list(visits.order_by("-started_at")[:MOST_VISITS]),
        empty="还没有探访记录。",
        more=("看全部探访记录", rows_url("visits.visit", household=household.pk, state="all")),
    )
    yield from _found(request, "发现的隐患与需求", household=household)


def _found(request: OfficeRequest, title: str, **whose: Any) -> Iterable[Section]:
    referrals = Referral.objects.visible_to(request.user).filter(**whose).order_by("-opened_at")
    ((name, row),) = whose.items()
    yield referrals_table(
        title,
        referrals[:MOST_REFERRALS],
        empty="没有发现过。",
        more=("看全部", rows_url("visits.referral", state="all", **{name: row.pk})),
    )


def _of_visit(request: OfficeRequest, visit: Visit) -> Iterable[Section]:
    """Whether the visit is paid, or the reason why not."""
    rows: list[tuple[str, Any]] = [
        (str(paid.settlement), link(f"计酬 {paid.amount} 元", page_url(paid)))
        for paid in PaidVisit.objects.visible_to(request.user)
        .filter(visit=visit)
        .select_related("settlement__town")
    ]
    rows += [
        (str(unpaid.settlement), link(f"不计酬：{REASON_WORDS[unpaid.reason]}", page_url(unpaid)))
        for unpaid in UnpaidVisit.objects.visible_to(request.user)
        .filter(visit=visit)
        .select_related("settlement__town")
    ]
    if rows:
        yield Facts("补贴", rows=rows)


class ExportForm(DoorForm):
    kind = forms.ChoiceField(label="哪张表")
    reason = forms.CharField(
        label="用途", max_length=200, help_text="表里有个人信息。用途会和您的名字一起记在操作记录里。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        kinds.choices = [(name, kind.title) for name, kind in SHEETS.items()]


def _export(request: OfficeRequest, settlement: Settlement, said: dict[str, Any]) -> HttpResponse:
    return _workbook(request, Month(settlement.month), [settlement.town], said)


def _export_all(request: OfficeRequest, rows: QuerySet, said: dict[str, Any]) -> HttpResponse:
    """One sheet over the towns of a month, such as the county's 补贴资金汇总表."""
    settlements = list(rows.select_related("town").order_by("town"))
    months = {Month(settlement.month) for settlement in settlements}
    if len(months) > 1:
        raise ExportError("选中的不是同一个月。请先在上面筛选出一个月份。")
    return _workbook(request, months.pop(), [settlement.town for settlement in settlements], said)


def _workbook(
    request: OfficeRequest, month: Month, towns: Sequence[Division], said: dict[str, Any]
) -> HttpResponse:
    out = io.BytesIO()
    export_sheet(by=request.user, kind=said["kind"], month=month, towns=towns, reason=said["reason"], out=out)
    whose = towns[0].name if len(towns) == 1 else settings.COUNTY_NAME
    return _download(out, f"{whose}{month.words}{SHEETS[said['kind']].title}.xlsx")


def _export_screening(
    request: OfficeRequest, screening: ScreeningRound, said: dict[str, Any]
) -> HttpResponse:
    out = io.BytesIO()
    export_screening(by=request.user, screening=screening, reason=said["reason"], out=out)
    return _download(out, f"{screening.town.name}{screening}情况表.xlsx")


def _download(out: io.BytesIO, name: str) -> HttpResponse:
    return HttpResponse(
        out.getvalue(),
        content_type=XLSX,
        headers={
            "Content-Disposition": str(content_disposition_header(as_attachment=True, filename=name)),
            "Cache-Control": "no-store",
        },
    )


PANELS: dict[str, tuple[Panel, ...]] = {
    "elders.Elder": (_of_elder,),
    "elders.Household": (_of_household,),
    "visits.Visit": (_of_visit,),
}
DOORS: dict[str, tuple[Door, ...]] = {
    "elders.ScreeningRound": (
        Door(
            "export",
            "下载 Excel",
            Right.EXPORT,
            _export_screening,
            form=ReasonForm,
            words="表里有个人信息。用途会和您的名字一起记在操作记录里。",
        ),
    ),
    "subsidies.Settlement": (Door("export", "下载 Excel", Right.EXPORT, _export, form=ExportForm),),
}
BULK_DOORS: dict[str, tuple[BulkDoor, ...]] = {
    "subsidies.Settlement": (
        BulkDoor(
            "export_all",
            "下载 Excel",
            Right.EXPORT,
            _export_all,
            form=ExportForm,
            words="几个镇放在一个文件里：汇总表一张，花名册和台账每镇一张。请先筛选出一个月。",
        ),
    ),
}
