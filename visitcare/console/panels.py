"""What the pages of one app show of apps above it, and doors to what spans them. By model label."""

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse

from elders.actions import close_elder
from elders.admin.elder_doors import LastDayForm
from elders.admin.rounds import DOORS_OF_WORKER, of_worker
from elders.lists import LISTS
from elders.models import Elder, Household, ScreeningRound
from subsidies.admin.words import REASON_WORDS
from subsidies.models import PaidVisit, Settlement, UnpaidVisit
from visitcare.console.downloads import download
from visitcare.console.exporting import SHEETS, ExportError, export_list, export_screening, export_sheet
from visitcare.kit.admin import (
    BulkDoor,
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ReasonForm,
    Section,
    Table,
    day,
    link,
    moment,
    page_url,
    rows_url,
)
from visitcare.kit.weeks import Month, local_day, midnight
from visitcare.org.models import Division
from visitcare.org.roles import Right
from visits.admin.campaigns import COUNTS_FOR_BOTH, ElderExtraForm, extra_for_elder
from visits.admin.words import inquiries_table, referrals_table, state_badge, visits_table, with_people
from visits.models import Inquiry, Referral, Visit

Panel = Callable[[OfficeRequest, Any], Iterable[Section]]

MOST_VISITS = 10
MOST_REFERRALS = 10
MOST_INQUIRIES = 10
MOST_TOLD = 3


def _of_elder(request: OfficeRequest, elder: Elder) -> Iterable[Section]:
    """Their visits, those of files that were merged into this one among them."""
    files = [elder.pk, *elder.merged_from.values_list("pk", flat=True)]
    visits = with_people(Visit.objects.visible_to(request.user)).filter(visited__elder__in=files)
    yield visits_table(
        "最近的探访",
        list(visits.order_by("-visited__started_at")[:MOST_VISITS]),
        empty="还没有探访记录。",
        more=("看全部探访记录", rows_url("visits.visit", elder=elder.pk, state="all")),
    )
    yield from _made_elsewhere(request, files)
    yield from _after_closing(request, elder)
    inquiries = Inquiry.objects.visible_to(request.user).filter(elder__in=files)
    if latest := list(inquiries.select_related("by").order_by("-at")[:MOST_INQUIRIES]):
        yield inquiries_table("没联系上时做的", latest, empty="")
    yield from _found(request, "发现的隐患与需求", elder=elder)


def _made_elsewhere(request: OfficeRequest, files: Sequence[UUID]) -> Iterable[Section]:
    """The history goes along with the file: what was done before the move, without whom else it was done for."""
    elsewhere = Visit.objects.filter(visited__elder__in=files).exclude(
        pk__in=Visit.objects.visible_to(request.user).filter(visited__elder__in=files).values("pk")
    )
    latest = list(
        elsewhere.select_related("worker", "household__place").order_by("-started_at")[:MOST_VISITS]
    )
    if latest:
        yield Table(
            "搬来以前的探访",
            f"最近 {len(latest)} 次。那时归原来的村，由原来的镇审核和结算。",
            heads=("时间", "村（居）/组", "方式", "结果", "探访人", "审核"),
            rows=[
                (
                    moment(visit.started_at),
                    visit.household.place.path,
                    visit.get_mode_display(),
                    visit.get_outcome_display(),
                    visit.worker.name,
                    state_badge(visit),
                )
                for visit in latest
            ],
        )


def _after_closing(request: OfficeRequest, elder: Elder) -> Iterable[Section]:
    if elder.closed_on and (after := visits_after(elder, elder.closed_on)):
        visits = Visit.objects.visible_to(request.user).filter(pk__in=[visit.pk for visit in after])
        yield visits_table(
            "注销日期以后的探访",
            list(with_people(visits).order_by("started_at")),
            note="这些探访不计酬，也不算任务。日期填错了的，请重新入册再注销；探访不实的，请审核为无效。",
            empty="都在别的村。",
        )


def visits_after(elder: Elder, last_day: date) -> list[Visit]:
    """What is said to have happened after the last day of a record, latest last."""
    standing = Visit.objects.filter(state__in=[Visit.State.PENDING, Visit.State.VALID])
    after = standing.filter(visited__elder=elder, started_at__gte=midnight(last_day + timedelta(days=1)))
    return list(after.select_related("worker").order_by("started_at"))


class CloseForm(LastDayForm):
    reason = forms.ChoiceField(
        label="原因",
        choices=[
            ("", "请选"),
            *(one for one in Elder.CloseReason.choices if one[0] != Elder.CloseReason.MERGED),
        ],
    )
    checked = forms.BooleanField(label="核对过了，日期没有错", required=False)
    field_order = ("reason", "last_day", "checked")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        last_day = said.get("last_day")
        after = visits_after(self.obj, last_day) if last_day else []
        if after and not said.get("checked"):
            told = "；".join(
                f"{local_day(visit.started_at)} {visit.get_mode_display()}，{visit.worker.name}"
                for visit in after[:MOST_TOLD]
            )
            more = f"等 {len(after)} 次" if len(after) > MOST_TOLD else ""
            self.add_error(
                "last_day",
                f"这一天以后还有探访：{told}{more}。请先核对日期。日期没有错的，请勾选“核对过了”："
                "这些探访不再计酬，请再审核它们是不是真的。",
            )
        return said


def _close(request: OfficeRequest, elder: Elder, said: dict[str, Any]) -> str:
    close_elder(by=request.user, elder=elder, last_day=said["last_day"], reason=said["reason"])
    words = f"{elder.name}已注销，最后一天是{day(said['last_day'])}。"
    after = len(visits_after(elder, said["last_day"]))
    return f"{words}以后的 {after} 次探访不计酬，请在下面核对。" if after else words


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
    return download(out.getvalue(), f"{whose}{month.words}{SHEETS[said['kind']].title}.xlsx")


def _export_screening(
    request: OfficeRequest, screening: ScreeningRound, said: dict[str, Any]
) -> HttpResponse:
    out = io.BytesIO()
    export_screening(by=request.user, screening=screening, reason=said["reason"], out=out)
    return download(out.getvalue(), f"{screening.town.name}{screening}情况表.xlsx")


class ListForm(DoorForm):
    kind = forms.ChoiceField(
        label="哪一种名单",
        choices=[(name, kind.title) for name, kind in LISTS.items()],
        help_text="只列筛选出的老人里该上这张名单的。",
    )
    reason = forms.CharField(
        label="用途", max_length=200, help_text="表里有个人信息。用途会和您的名字一起记在操作记录里。"
    )


def _export_list(request: OfficeRequest, rows: QuerySet, said: dict[str, Any]) -> HttpResponse:
    """The elders that the list shows, as one of the lists that an office works from. What was searched for is a name or
    a number: that there was a search is noted, not what for."""
    out = io.BytesIO()
    filters = {name: "（有）" if name == "q" else str(value) for name, value in request.GET.items()}
    export_list(
        by=request.user, kind=said["kind"], chosen=rows, filters=filters, reason=said["reason"], out=out
    )
    return download(out.getvalue(), f"{LISTS[said['kind']].title}.xlsx")


PANELS: dict[str, tuple[Panel, ...]] = {
    "elders.Elder": (_of_elder,),
    "elders.Household": (_of_household,),
    "org.User": (of_worker,),
    "visits.Visit": (_of_visit,),
}
DOORS: dict[str, tuple[Door, ...]] = {
    "elders.Elder": (
        Door(
            "close",
            "注销",
            Right.APPROVE_ELDER,
            _close,
            form=CloseForm,
            shown=lambda request, elder: elder.status in Elder.REGISTERED,
            words="注销以后的探访不再计酬。这份档案和历史都会留着。",
            tone="danger",
        ),
        Door(
            "extra",
            "加访",
            Right.ARRANGE_EXTRA,
            extra_for_elder,
            form=ElderExtraForm,
            shown=lambda request, elder: elder.status in (Elder.Status.ACTIVE, Elder.Status.PAUSED),
            words=COUNTS_FOR_BOTH,
        ),
    ),
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
    "org.User": DOORS_OF_WORKER,
    "subsidies.Settlement": (Door("export", "下载 Excel", Right.EXPORT, _export, form=ExportForm),),
}
BULK_DOORS: dict[str, tuple[BulkDoor, ...]] = {
    "elders.Elder": (
        BulkDoor(
            "export_list",
            "导出名单",
            Right.EXPORT,
            _export_list,
            form=ListForm,
            words="名册、分类台账、生日、一户一档不全、拒绝探访、暂停，每种一张 Excel。",
        ),
    ),
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
