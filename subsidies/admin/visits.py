"""The visits of a settlement: what was paid, and what was not and why."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from elders.models import Elder
from subsidies.admin.settlements import settlement_of
from subsidies.models import PaidVisit, Reason, UnpaidVisit
from visitcare.kit.admin import Link, ScopedAdmin, badge, by_field, link, moment, page_url
from visitcare.org.filters import places
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.models import Visit


class SettlementFilter(Link):
    title = "结算"
    parameter_name = "settlement"

    def find(self, value: str) -> str:
        return str(settlement_of(self.request.user, value) or "")

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(settlement=value)


class WorkerFilter(Link):
    title = "网格员"
    parameter_name = "worker"

    def find(self, value: str) -> str:
        return str(User.objects.visible_to(self.request.user).filter(pk=value).first() or "")

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(visit__worker=value)


class SettledVisitAdmin(ScopedAdmin):
    """What the two lists share: the visit in words, with a link to its page."""

    see = Right.SEE_SETTLEMENT
    search_hint = "网格员姓名或老人姓名"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("visit__worker", "settlement__town")

    def for_list(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.prefetch_related(Prefetch("visit__elders", Elder.objects.order_by("birth_date")))

    def search(self, request: HttpRequest, rows: QuerySet, term: str) -> QuerySet:
        elders = Visit.objects.filter(elders__name__icontains=term).values("pk")
        return rows.filter(visit__worker__name__icontains=term) | rows.filter(visit__in=elders)

    def place_code(self, row: Any) -> str:
        return row.settlement.town_id

    @admin.display(description="探访时间")
    def when(self, row: Any) -> SafeString | str:
        return moment(row.visit.started_at)

    @admin.display(description="网格员")
    def worker(self, row: Any) -> str:
        return row.visit.worker.name

    @admin.display(description="老人")
    def elders(self, row: Any) -> SafeString:
        return link("、".join(elder.name for elder in row.visit.elders.all()), page_url(row.visit))

    @admin.display(description="方式")
    def mode(self, row: Any) -> str:
        return row.visit.get_mode_display()

    @admin.display(description="结果")
    def outcome(self, row: Any) -> str:
        return row.visit.get_outcome_display()


@admin.register(PaidVisit)
class PaidVisitAdmin(SettledVisitAdmin):
    list_title = "计酬的探访"
    list_display = ("when", "worker", "elders", "mode", "outcome", "amount", "remarks")
    list_filter = (SettlementFilter, WorkerFilter, *places("village_code"))
    list_display_links = None
    ordering = ("-started_at", "pk")

    @admin.display(description="备注")
    def remarks(self, paid: PaidVisit) -> str:
        said = [("补报", paid.late_report), ("超出每周最低次数", paid.beyond_minimum)]
        return "，".join(words for words, holds in said if holds)


@admin.register(UnpaidVisit)
class UnpaidVisitAdmin(SettledVisitAdmin):
    list_title = "不计酬的探访"
    list_display = ("when", "worker", "elders", "mode", "outcome", "why", "because_of")
    list_filter = (
        SettlementFilter,
        WorkerFilter,
        by_field("reason", "原因", Reason.choices),
        *places("visit__village_code"),
    )
    list_display_links = None
    ordering = ("-visit__started_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("other_visit")

    @admin.display(description="原因")
    def why(self, unpaid: UnpaidVisit) -> SafeString:
        return badge(unpaid.get_reason_display(), "wait")

    @admin.display(description="相关记录")
    def because_of(self, unpaid: UnpaidVisit) -> SafeString | str:
        if unpaid.other_visit is None:
            return ""
        return link(moment(unpaid.other_visit.started_at), page_url(unpaid.other_visit))
