"""发放明细, 计酬探访, 不计酬探访: the rows behind a settlement's numbers, read-only but for withholding one visit."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from elders.admin.words import class_badge
from elders.models import ClassPeriod
from subsidies import actions
from subsidies.admin.words import (
    REASON_WORDS,
    LineFilter,
    MonthOfSettlement,
    SettlementFilter,
    TownOfSettlement,
    Yes,
    yuan_words,
)
from subsidies.models import Line, PaidVisit, Settlement, UnpaidVisit
from visitcare.kit.admin import (
    Door,
    Facts,
    OfficeRequest,
    ReasonForm,
    ScopedAdmin,
    Section,
    by_field,
    link,
    moment,
    page_url,
    rows_url,
)
from visitcare.kit.masking import mask_card, mask_id_number, mask_phone
from visitcare.org.filters import places
from visitcare.org.roles import Right
from visits.admin.words import WorkerFilter, names
from visits.models import Mode


class WorkerOfVisit(WorkerFilter):
    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(visit__worker=value)


@admin.register(Line)
class LineAdmin(ScopedAdmin):
    see = Right.SEE_SETTLEMENT
    list_display = (
        "payee_name",
        "place_words",
        "settlement",
        "home_count",
        "greeting_count",
        "beyond_minimum",
        "yuan",
    )
    list_filter = (MonthOfSettlement, TownOfSettlement, SettlementFilter)
    list_select_related = ("settlement__town",)
    search_hint = "领款人姓名或村名"
    ordering = ("-settlement__month", "place_code", "payee_name", "pk")

    def search(self, request: OfficeRequest, rows: QuerySet, term: str) -> QuerySet:
        return rows.filter(payee_name__icontains=term) | rows.filter(place_words__icontains=term)

    @admin.display(description="金额（元）")
    def yuan(self, line: Line) -> str:
        return yuan_words(line.amount)

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("settlement__town", "worker")

    def place_code(self, line: Line) -> str:
        return line.settlement.town_id

    def heading(self, line: Line) -> str:
        return f"{line.payee_name}，{yuan_words(line.amount)} 元"

    def subheading(self, line: Line) -> str:
        return f"{line.settlement}，{line.place_words}"

    def sections(self, request: OfficeRequest, line: Line) -> Iterable[Section]:
        paid = rows_url("subsidies.paidvisit", line=line.pk)
        unpaid = rows_url("subsidies.unpaidvisit", settlement=line.settlement_id, worker=line.worker_id)
        yield Facts(
            "",
            rows=[
                ("结算", link(line.settlement, page_url(line.settlement))),
                ("身份证号码", mask_id_number(line.payee_id_number) or "—"),
                ("联系电话", mask_phone(line.payee_mobile) or "—"),
                ("开户银行", line.bank or "—"),
                ("卡号", mask_card(line.card) or "—"),
                ("上门次数", line.home_count),
                ("电话(视频)次数", line.greeting_count),
                ("超出每周最低次数", line.beyond_minimum),
                ("金额（元）", link(yuan_words(line.amount), paid)),
                ("没有计酬的", link("看没有计酬的探访和原因", unpaid)),
                ("备注", line.remark or "—"),
            ],
        )


class ItemAdmin(ScopedAdmin):
    """Rows of one visit in one settlement. All of them together are millions: in the order of the key, unless one
    settlement is asked for."""

    see = Right.SEE_SETTLEMENT
    by_time = ""

    def get_ordering(self, request: OfficeRequest) -> Sequence[str]:
        return (self.by_time, "pk") if {"settlement", "line"} & set(request.GET) else ("pk",)

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("settlement__town", "visit__worker", "visit__household__place")
        )

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        return rows.prefetch_related("visit__visited__elder")

    def place_code(self, item: Any) -> str:
        return str(item.settlement.town_id)

    def heading(self, item: Any) -> str:
        return f"{item.visit.worker.name}，{item.visit}"

    def subheading(self, item: Any) -> str:
        return f"{item.visit.household}，{item.settlement}"

    @admin.display(description="时间")
    def when(self, item: Any) -> str:
        return moment(item.visit.started_at)

    @admin.display(description="老人")
    def elders_names(self, item: Any) -> str:
        return names(visited.elder for visited in item.visit.visited.all())

    @admin.display(description="探访人")
    def worker_name(self, item: Any) -> str:
        return str(item.visit.worker.name)

    @admin.display(description="村（居）/组")
    def place(self, item: Any) -> str:
        return str(item.visit.household.place.path)

    @admin.display(description="方式")
    def mode_words(self, item: Any) -> str:
        return str(item.visit.get_mode_display())


class BeyondFilter(Yes):
    title = "超出每周最低次数"
    parameter_name = "beyond"
    field = "beyond_minimum"


class LateReportFilter(Yes):
    title = "补报"
    parameter_name = "late"
    field = "late_report"


def _withhold(request: OfficeRequest, paid: PaidVisit, said: dict[str, Any]) -> str:
    actions.withhold(
        by=request.user,
        settlement=paid.settlement,
        worker=paid.visit.worker,
        visit=paid.visit,
        reason=said["reason"],
    )
    return "这次探访暂不发放，结算已重新算过。"


@admin.register(PaidVisit)
class PaidVisitAdmin(ItemAdmin):
    list_display = (
        "when",
        "elders_names",
        "place",
        "worker_name",
        "mode_words",
        "risk",
        "yuan",
        "remarks",
    )
    list_filter = (
        MonthOfSettlement,
        by_field("mode", "方式", Mode.choices),
        by_field("risk_class", "类别", ClassPeriod.RiskClass.choices, parameter="class"),
        BeyondFilter,
        LateReportFilter,
        *places("village_code"),
        SettlementFilter,
        LineFilter,
    )
    by_time = "started_at"
    doors = (
        Door(
            "withhold",
            "暂不发放这一次",
            Right.ASSESS_SETTLEMENT,
            _withhold,
            form=ReasonForm,
            shown=lambda request, paid: paid.settlement.state == Settlement.State.DRAFT,
            words="只扣这一次，本人会看到原因。扣错了，可以在结算页面恢复。",
            tone="danger",
        ),
    )

    def after_door(self, request: OfficeRequest, door: Door, paid: PaidVisit) -> str:
        return page_url(paid.settlement)  # the payment is gone

    @admin.display(description="类别")
    def risk(self, paid: PaidVisit) -> str:
        return class_badge(paid.risk_class)

    @admin.display(description="金额（元）")
    def yuan(self, paid: PaidVisit) -> str:
        return yuan_words(paid.amount)

    @admin.display(description="备注")
    def remarks(self, paid: PaidVisit) -> str:
        marks = (("超出每周最低次数", paid.beyond_minimum), ("补报", paid.late_report))
        return "、".join(words for words, is_so in marks if is_so)

    def sections(self, request: OfficeRequest, paid: PaidVisit) -> Iterable[Section]:
        yield Facts(
            "",
            rows=[
                ("探访记录", link(paid.visit, page_url(paid.visit))),
                ("结算", link(paid.settlement, page_url(paid.settlement))),
                ("领款人", link(paid.line.payee_name, page_url(paid.line))),
                ("方式", self.mode_words(paid)),
                ("类别", self.risk(paid)),
                ("计酬数", paid.units),
                ("金额（元）", yuan_words(paid.amount)),
                ("超出每周最低次数", "是" if paid.beyond_minimum else "否"),
                ("补报", "是" if paid.late_report else "否"),
                (
                    "冲正",
                    "、".join(yuan_words(r.amount) for r in paid.reversals.order_by("number")) or "没有",
                ),
            ],
        )


@admin.register(UnpaidVisit)
class UnpaidVisitAdmin(ItemAdmin):
    list_display = (
        "when",
        "reason_words",
        "elders_names",
        "place",
        "worker_name",
        "mode_words",
        "settlement",
    )
    list_filter = (
        MonthOfSettlement,
        by_field("reason", "原因", list(REASON_WORDS.items())),
        *places("visit__village_code"),
        SettlementFilter,
        WorkerOfVisit,
    )
    by_time = "visit__started_at"

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("other_visit")

    @admin.display(description="原因")
    def reason_words(self, unpaid: UnpaidVisit) -> str:
        return REASON_WORDS[unpaid.reason]

    def sections(self, request: OfficeRequest, unpaid: UnpaidVisit) -> Iterable[Section]:
        other = unpaid.other_visit
        yield Facts(
            "",
            rows=[
                ("原因", REASON_WORDS[unpaid.reason]),
                ("探访记录", link(unpaid.visit, page_url(unpaid.visit))),
                ("计酬的是哪一次", link(other, page_url(other)) if other else "—"),
                ("探访人", unpaid.visit.worker.name),
                ("结算", link(unpaid.settlement, page_url(unpaid.settlement))),
            ],
        )
