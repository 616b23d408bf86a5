"""结算: one town's month from draft to frozen; the town assesses, the county approves, never one's own."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from subsidies import actions
from subsidies.admin.words import REASON_WORDS, MonthFilter, state_badge, yuan_words
from subsidies.models import Line, PaidVisit, Settlement, Withholding
from subsidies.sheets import by_village_and_name
from visitcare.audit.admin import traces
from visitcare.audit.history import former
from visitcare.kit.admin import (
    Door,
    DoorForm,
    Facts,
    OfficeRequest,
    ReasonForm,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    day,
    link,
    moment,
    page_url,
    rows_url,
)
from visitcare.kit.masking import mask_card, mask_id_number
from visitcare.kit.money import capitals
from visitcare.kit.weeks import Month, today
from visitcare.org.filters import TownFilter, towns_of
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visitcare.policy.models import pay_policy

MONTHS_BACK = 6
COUNTS = ("home_count", "greeting_count", "beyond_minimum")


class TownOfItself(TownFilter):
    path = "town__code"


# What the doors ask


class DraftForm(DoorForm):
    month = forms.ChoiceField(label="月份")
    town = forms.ModelChoiceField(label="镇", queryset=Division.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        month, choices = Month.of(today()).previous, []
        for _ in range(MONTHS_BACK):
            choices.append((month.label, month.words))
            month = month.previous
        now = Month.of(today())
        months: Any = self.fields["month"]
        months.choices = [*choices, (now.label, f"{now.words}（还没过完，只能看看）")]
        user = self.request.user
        codes = [code for code, _ in towns_of(self.request) if user.may(Right.ASSESS_SETTLEMENT, code)]
        towns: Any = self.fields["town"]
        towns.queryset = Division.objects.filter(code__in=codes)


class AssessForm(DoorForm):
    assessment = forms.CharField(
        label="考核意见",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text="例如：已逐户核对，探访真实，同意上报。",
    )


class WithholdForm(ReasonForm):
    worker = forms.ModelChoiceField(label="网格员", queryset=User.objects.none(), empty_label="请选")
    field_order = ("worker", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worker: Any = self.fields["worker"]
        worker.queryset = User.objects.filter(lines__settlement=self.obj).order_by("name")


class RestoreForm(DoorForm):
    withholding = forms.ModelChoiceField(
        label="哪一笔", queryset=Withholding.objects.none(), empty_label="请选"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["withholding"]
        field.queryset = self.obj.withholdings.select_related("worker", "visit")
        field.label_from_instance = lambda one: f"{one.worker.name}，{one.visit or '整笔'}：{one.reason}"


# What the doors do


def _redraft(request: OfficeRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    done = actions.settle(by=request.user, month=Month(settlement.month), towns=[settlement.town])[0]
    figures = f"计酬 {done.paid} 次，{yuan_words(done.total)} 元"
    return f"重新算过了，有变化：{figures}。" if done.changed else f"重新算过了，没有变化：{figures}。"


def _assess(request: OfficeRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.assess_settlement(by=request.user, settlement=settlement, assessment=said["assessment"])
    return f"{settlement}考核上报了，等市民政局批准。"


def _approve(request: OfficeRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.approve_settlement(by=request.user, settlement=settlement)
    return f"批准了{settlement}，从现在起冻结，不能再改。"


def _send_back(request: OfficeRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.send_back(by=request.user, settlement=settlement, reason=said["reason"])
    return f"{settlement}退回镇里，又是草稿了。"


def _withhold(request: OfficeRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.withhold(by=request.user, settlement=settlement, worker=said["worker"], reason=said["reason"])
    return f"{said['worker'].name}这个月的补贴暂不发放，结算已重新算过。"


def _restore(request: OfficeRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    name = said["withholding"].worker.name
    actions.withdraw_withholding(by=request.user, withholding=said["withholding"])
    return f"{name}恢复发放，结算已重新算过。"


def _is_draft(request: OfficeRequest, settlement: Settlement) -> bool:
    return settlement.state == Settlement.State.DRAFT


def _is_assessed(request: OfficeRequest, settlement: Settlement) -> bool:
    return settlement.state == Settlement.State.ASSESSED


def _is_assessed_by_another(request: OfficeRequest, settlement: Settlement) -> bool:
    return _is_assessed(request, settlement) and settlement.assessed_by_id != request.user.pk


@admin.register(Settlement)
class SettlementAdmin(ScopedAdmin):
    see = Right.SEE_SETTLEMENT
    add_right = Right.ASSESS_SETTLEMENT
    add_form = DraftForm
    add_words = "起草结算"
    list_intro = "一个镇、一个月一份。草稿 → 镇考核上报 → 市批准后冻结。考核人不能批准自己考核的。"
    list_display = ("month_words", "town", "state_words", "visits", "paid", "amount", "beyond", "other_unit")
    list_filter = (MonthFilter, by_field("state", "状态", Settlement.State.choices), TownOfItself)
    list_select_related = ("town",)
    ordering = ("-month", "town")
    empty_words = "还没有结算。镇民政负责人可以点“起草结算”。"
    doors = (
        Door(
            "assess",
            "考核上报",
            Right.ASSESS_SETTLEMENT,
            _assess,
            form=AssessForm,
            shown=_is_draft,
            words="上报后镇里不能再改；要改，请市民政局退回。",
            tone="main",
        ),
        Door(
            "approve",
            "批准",
            Right.APPROVE_SETTLEMENT,
            _approve,
            shown=_is_assessed_by_another,
            words="批准后这份结算冻结：名单、次数、金额都不能再改，只能在下个月冲正或补报。",
            tone="main",
        ),
        Door(
            "send_back",
            "退回",
            Right.APPROVE_SETTLEMENT,
            _send_back,
            form=ReasonForm,
            shown=_is_assessed,
            words="退回后又是草稿，镇里改好再上报。",
        ),
        Door("redraft", "重新起草", Right.ASSESS_SETTLEMENT, _redraft, shown=_is_draft),
        Door(
            "withhold",
            "暂不发放某人",
            Right.ASSESS_SETTLEMENT,
            _withhold,
            form=WithholdForm,
            shown=_is_draft,
            words="这个人这个月的整笔都不发。只扣一次探访的，请从那次“计酬探访”的页面办。本人会看到原因。",
        ),
        Door(
            "restore",
            "恢复发放",
            Right.ASSESS_SETTLEMENT,
            _restore,
            form=RestoreForm,
            shown=lambda request, settlement: (
                _is_draft(request, settlement) and settlement.withholdings.exists()
            ),
        ),
    )

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, Settlement]:
        month = Month.parse(said["month"])
        done = actions.settle(by=request.user, month=month, towns=[said["town"]])[0]
        settlement = Settlement.objects.get(town=said["town"], month=month.first)
        return f"{settlement}：{done.words}，计酬 {done.paid} 次，{yuan_words(done.total)} 元。", settlement

    # List

    def for_list(self, request: OfficeRequest, rows: QuerySet) -> QuerySet:
        lines = Line.objects.filter(settlement=OuterRef("pk")).order_by().values("settlement")
        return rows.annotate(beyond_count=Subquery(lines.annotate(n=Sum("beyond_minimum")).values("n")))

    @admin.display(description="月份")
    def month_words(self, settlement: Settlement) -> str:
        return Month(settlement.month).words

    @admin.display(description="状态")
    def state_words(self, settlement: Settlement) -> str:
        return state_badge(settlement)

    @admin.display(description="探访次数")
    def visits(self, settlement: Settlement) -> int:
        return settlement.visit_count

    @admin.display(description="计酬次数")
    def paid(self, settlement: Settlement) -> int:
        return settlement.paid_count

    @admin.display(description="金额（元）")
    def amount(self, settlement: Settlement) -> str:
        return yuan_words(settlement.total)

    @admin.display(description="其中超出每周最低次数")
    def beyond(self, settlement: Settlement) -> str:
        return f"{settlement.beyond_count or 0} 次"  # type: ignore[attr-defined]

    @admin.display(description="如果按人（或按次）计酬（元）")
    def other_unit(self, settlement: Settlement) -> str:
        return yuan_words(settlement.other_unit_total)

    # Page

    def get_queryset(self, request: OfficeRequest) -> QuerySet:
        return super().get_queryset(request).select_related("town", "assessed_by", "approved_by")

    def place_code(self, settlement: Settlement) -> str:
        return settlement.town_id

    def badges(self, settlement: Settlement) -> Iterable[str]:
        yield state_badge(settlement)
        if settlement.sent_back and settlement.state == Settlement.State.DRAFT:
            yield badge("市里退回", "bad")

    def subheading(self, settlement: Settlement) -> str:
        return f"计酬 {settlement.paid_count} 次，{yuan_words(settlement.total)} 元（{capitals(settlement.total)}）"

    def sections(self, request: OfficeRequest, settlement: Settlement) -> Iterable[Section]:
        yield Facts("", rows=list(self._facts(settlement)))
        yield self._reasons(settlement)
        yield self._lines(settlement)
        yield from self._exceptions(settlement)

    def _facts(self, settlement: Settlement) -> Iterable[tuple[str, Any]]:
        month = Month(settlement.month)
        by_elder = pay_policy(month.first).pay_unit == "elder"
        beyond = PaidVisit.objects.filter(settlement=settlement, beyond_minimum=True)
        sums = beyond.aggregate(count=Count("pk"), amount=Sum("amount"))
        if settlement.sent_back:
            yield "退回原因", settlement.sent_back
        yield "标准", f"{settlement.rate} 元/次（{day(settlement.policy_version)}版）"
        yield (
            "这个月的探访",
            self._count(
                settlement.visit_count, "visits.visit", town=settlement.town_id, when=month.label, state="all"
            ),
        )
        yield "计酬", self._count(settlement.paid_count, "subsidies.paidvisit", settlement=settlement.pk)
        yield "金额", f"{yuan_words(settlement.total)} 元"
        yield (
            "其中超出每周最低次数",
            link(
                f"{sums['count']} 次，{yuan_words(sums['amount'])} 元",
                rows_url("subsidies.paidvisit", settlement=settlement.pk, beyond="yes"),
            ),
        )
        yield f"如果{'按次' if by_elder else '按人'}计酬", f"{yuan_words(settlement.other_unit_total)} 元"
        yield "起草时间", moment(settlement.drafted_at)
        yield "考核人", settlement.assessed_by or "—"
        yield "考核时间", moment(settlement.assessed_at)
        yield "考核意见", settlement.assessment or "—"
        yield "批准人", settlement.approved_by or "—"
        yield "批准时间", moment(settlement.approved_at)
        if settlement.digest:
            yield "明细指纹（SHA-256）", settlement.digest

    def _count(self, count: int, label: str, **filters: Any) -> str:
        return link(f"{count} 次", rows_url(label, **filters))

    def _reasons(self, settlement: Settlement) -> Table:
        counts = dict(settlement.unpaid_visits.order_by().values_list("reason").annotate(Count("pk")))
        rows = [
            (
                words,
                link(
                    f"{counts[reason]} 次",
                    rows_url("subsidies.unpaidvisit", settlement=settlement.pk, reason=reason),
                ),
            )
            for reason, words in REASON_WORDS.items()
            if reason in counts
        ]
        return Table(
            "没有计酬的探访",
            "每一次只有一个原因：按顺序问下来，第一个符合的。",
            heads=("原因", "次数"),
            rows=rows,
            numbers=frozenset({1}),
            empty="这个月的探访全部计酬。",
        )

    def _lines(self, settlement: Settlement) -> Table:
        lines = by_village_and_name(settlement.lines.all())
        rows = [
            (
                number,
                link(line.payee_name, page_url(line)),
                line.place_words,
                mask_id_number(line.payee_id_number) or badge("没有身份证号", "mind"),
                f"{line.bank} {mask_card(line.card)}".strip() or badge("没有银行卡", "mind"),
                line.home_count,
                line.greeting_count,
                line.beyond_minimum,
                link(yuan_words(line.amount), rows_url("subsidies.paidvisit", line=line.pk)),
                line.remark,
            )
            for number, line in enumerate(lines, 1)
        ]
        return Table(
            "发放明细",
            heads=(
                "序号",
                "姓名",
                "村(居)/组",
                "身份证号码",
                "银行卡",
                "上门",
                "电话、视频",
                "超出最低",
                "金额（元）",
                "备注",
            ),
            rows=rows,
            numbers=frozenset({5, 6, 7, 8}),
            foot=(
                *("合计", "", "", "", ""),
                *(sum(getattr(line, name) for line in lines) for name in COUNTS),
                yuan_words(settlement.total),
                "",
            ),
            empty="这个月没有人领补贴。",
        )

    def _exceptions(self, settlement: Settlement) -> Iterable[Section]:
        withheld = settlement.withholdings.select_related("worker", "visit", "by")
        if withheld:
            yield Table(
                "暂不发放",
                heads=("网格员", "什么", "原因", "经办人", "时间"),
                rows=[
                    (
                        one.worker.name,
                        link(one.visit, page_url(one.visit)) if one.visit else "整笔",
                        one.reason,
                        one.by.name,
                        moment(one.at),
                    )
                    for one in withheld
                ],
            )
        reversals = settlement.reversals.select_related("line", "paid_visit__visit")
        if reversals:
            yield Table(
                "冲正",
                "以前月份发过、后来查实不该发的（或者冲错了再补的）。",
                heads=("姓名", "探访", "金额（元）"),
                rows=[
                    (
                        r.line.payee_name,
                        link(r.paid_visit.visit, page_url(r.paid_visit)),
                        yuan_words(r.amount),
                    )
                    for r in reversals
                ],
                numbers=frozenset({2}),
            )

    def closing(self, request: OfficeRequest, settlement: Settlement) -> Iterable[Section]:
        parts = (former(model, settlement=settlement) for model in (Line, Withholding))
        yield from traces(request, settlement, *parts, where=settlement.town_id)
