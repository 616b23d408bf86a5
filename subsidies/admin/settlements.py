"""结算: one page a town and month, with its lines, its reasons and the doors of its stage."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString

from subsidies import actions
from subsidies.models import Line, Reason, Settlement, Withholding
from visitcare.audit.admin import story
from visitcare.kit.admin import (
    Door,
    DoorForm,
    Facts,
    Period,
    ReasonForm,
    ScopedAdmin,
    Section,
    Table,
    badge,
    by_field,
    link,
    moment,
    rows_url,
)
from visitcare.kit.masking import mask_card, mask_id_number
from visitcare.kit.weeks import Month
from visitcare.org.filters import TownFilter
from visitcare.org.models import User
from visitcare.org.roles import Right

TONES = {"draft": "wait", "assessed": "mind", "approved": "ok", "closed": "ok"}


class SettlementTown(TownFilter):
    path = "town__code"


class SettlementMonth(Period):
    """A month; the weeks that other lists offer mean nothing here."""

    title = "月份"
    path = "month"
    days = True

    def options(self, request: HttpRequest) -> list[tuple[str, str]]:
        return [(value, words) for value, words in super().options(request) if "W" not in value]


class AssessmentForm(DoorForm):
    assessment = forms.CharField(
        label="考核意见",
        max_length=500,
        initial="已核对明细和不计酬原因，同意上报。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WithholdingForm(DoorForm):
    """Whom to keep back: the workers who have a line."""

    worker = forms.ModelChoiceField(label="网格员", queryset=User.objects.none())
    reason = forms.CharField(
        label="原因（网格员会看到）", max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workers: Any = self.fields["worker"]
        workers.queryset = User.objects.filter(lines__settlement=self.obj).order_by("name")


class WithheldForm(DoorForm):
    """Whom to pay after all: those who are kept back."""

    withholding = forms.ModelChoiceField(label="恢复谁", queryset=Withholding.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["withholding"]
        choices.queryset = Withholding.objects.filter(settlement=self.obj).select_related("worker")
        choices.label_from_instance = lambda one: f"{one.worker.name}（{one.reason}）"


def _is_draft(request: HttpRequest, settlement: Settlement) -> bool:
    return settlement.state == Settlement.State.DRAFT


def _is_assessed(request: HttpRequest, settlement: Settlement) -> bool:
    return settlement.state == Settlement.State.ASSESSED


def _may_approve(request: HttpRequest, settlement: Settlement) -> bool:
    """Whoever assessed is not offered to approve; the action and the database refuse it as well."""
    return _is_assessed(request, settlement) and settlement.assessed_by_id != request.user.pk


def _has_withheld(request: HttpRequest, settlement: Settlement) -> bool:
    return _is_draft(request, settlement) and settlement.withholdings.exists()


def _draft(request: HttpRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    done = actions.settle(by=request.user, month=Month(settlement.month), towns=[settlement.town])[0]
    figures = f"{done.visits} 次探访，计酬 {done.paid} 次，{done.total} 元"
    return f"重新算过了：{figures}。" if done.changed else f"重新算过了，没有变化：{figures}。"


def _assess(request: HttpRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.assess_settlement(by=request.user, settlement=settlement, assessment=said["assessment"])
    return "考核上报了，等市里批准。"


def _send_back(request: HttpRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.send_back(by=request.user, settlement=settlement, reason=said["reason"])
    return "退回给镇里了。"


def _approve(request: HttpRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.approve_settlement(by=request.user, settlement=settlement)
    return "批准了。这个月的结算从现在起冻结，不再改动。"


def _withhold(request: HttpRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    actions.withhold(by=request.user, settlement=settlement, worker=said["worker"], reason=said["reason"])
    return f"暂不发放{said['worker'].name}这个月的补贴。"


def _pay_after_all(request: HttpRequest, settlement: Settlement, said: dict[str, Any]) -> str:
    name = said["withholding"].worker.name
    actions.withdraw_withholding(by=request.user, withholding=said["withholding"])
    return f"恢复发放{name}。"


@admin.register(Settlement)
class SettlementAdmin(ScopedAdmin):
    see = Right.SEE_SETTLEMENT
    list_title = "补贴结算"
    list_intro = "每个镇每个月一份：镇里起草、考核上报，市里批准后冻结。"
    list_display = (
        "town_name",
        "month_words",
        "state_words",
        "visit_count",
        "paid_count",
        "total",
        "assessed_by",
        "approved_by",
    )
    list_filter = (SettlementMonth, by_field("state", "状态", Settlement.State.choices), SettlementTown)
    list_select_related = ("town", "assessed_by", "approved_by")
    ordering = ("-month", "town")
    empty_words = "还没有结算。每月初由系统或管理员起草；也可以换一个筛选条件看看。"
    doors = (
        Door("draft", "重新起草", Right.ASSESS_SETTLEMENT, _draft, shown=_is_draft),
        Door(
            "assess",
            "考核上报",
            Right.ASSESS_SETTLEMENT,
            _assess,
            form=AssessmentForm,
            shown=_is_draft,
            words="上报以后不能再改；要改，请市里退回。",
            tone="main",
        ),
        Door(
            "withhold",
            "暂不发放",
            Right.ASSESS_SETTLEMENT,
            _withhold,
            form=WithholdingForm,
            shown=_is_draft,
            words="这位网格员这个月的探访都先不计酬，写明原因。",
        ),
        Door("pay-after-all", "恢复发放", Right.ASSESS_SETTLEMENT, _pay_after_all, form=WithheldForm, shown=_has_withheld),
        Door(
            "approve",
            "批准",
            Right.APPROVE_SETTLEMENT,
            _approve,
            shown=_may_approve,
            words="批准以后就冻结了：次数、金额、收款人都不再改动。",
            tone="main",
        ),
        Door(
            "send-back",
            "退回镇里",
            Right.APPROVE_SETTLEMENT,
            _send_back,
            form=ReasonForm,
            shown=_is_assessed,
            words="写清楚要核对什么，镇里会看到。",
            tone="danger",
        ),
    )  # fmt: skip

    @admin.display(description="镇（园区、街道）")
    def town_name(self, settlement: Settlement) -> str:
        return settlement.town.name

    @admin.display(description="月份")
    def month_words(self, settlement: Settlement) -> str:
        return Month(settlement.month).words

    @admin.display(description="状态")
    def state_words(self, settlement: Settlement) -> SafeString:
        return badge(settlement.get_state_display(), TONES[settlement.state])

    # Page

    def place_code(self, settlement: Settlement) -> str:
        return settlement.town_id

    def badges(self, settlement: Settlement) -> Iterable[str]:
        return [self.state_words(settlement)]

    def sections(self, request: HttpRequest, settlement: Settlement) -> Iterable[Section]:
        if settlement.sent_back:
            yield Facts("市里退回了", rows=[("原因", settlement.sent_back)])
        yield self._figures(settlement)
        yield self._lines(settlement)
        yield self._reasons(settlement)
        if settlement.withholdings.exists():
            yield self._withheld(settlement)
        yield self._stages(settlement)

    def closing(self, request: HttpRequest, settlement: Settlement) -> Iterable[Section]:
        yield story(settlement)

    def _figures(self, settlement: Settlement) -> Facts:
        beyond = settlement.lines.aggregate(sum=Sum("beyond_minimum"))["sum"] or 0
        back = settlement.reversals.aggregate(sum=Sum("amount"))["sum"] or 0
        late = settlement.paid_visits.filter(late_report=True).count()
        paid = link(f"{settlement.paid_count} 次", rows_url("subsidies.paidvisit", settlement=settlement.pk))
        rows = [
            ("探访", f"{settlement.visit_count} 次"),
            ("计酬", paid),
            ("标准", f"{settlement.rate} 元/次"),
            ("金额", f"{settlement.total} 元"),
            ("其中超出每周最低次数", f"{beyond} 次，{beyond * settlement.rate} 元"),
            ("另一种口径（按人计酬）", f"{settlement.other_unit_total} 元"),
        ]
        if late:
            rows.append(("其中以前月份补报", f"{late} 次"))
        if back:
            rows.append(("冲正", f"{back} 元"))
        return Facts("合计", rows=rows)

    def _lines(self, settlement: Settlement) -> Table:
        lines = Line.objects.filter(settlement=settlement).order_by("place_code", "payee_name", "pk")
        return Table(
            "发放明细",
            heads=("姓名", "村(居)/组", "身份证号码", "卡号", "上门", "电话(视频)", "合计", "超出最低", "金额(元)", "备注"),
            rows=[
                (
                    link(line.payee_name, rows_url("subsidies.paidvisit", settlement=settlement.pk, worker=line.worker_id)),
                    line.place_words,
                    mask_id_number(line.payee_id_number),
                    f"{line.bank} {mask_card(line.card)}".strip(),
                    line.home_count,
                    line.greeting_count,
                    line.home_count + line.greeting_count,
                    line.beyond_minimum,
                    line.amount,
                    line.remark,
                )
                for line in lines
            ],
            empty="这个月没有要发放的补贴。",
            numbers=frozenset({4, 5, 6, 7, 8}),
        )  # fmt: skip

    def _reasons(self, settlement: Settlement) -> Table:
        counts = dict(settlement.unpaid_visits.values_list("reason").annotate(Count("pk")).order_by())
        rows = [
            (
                Reason(reason).label,
                link(
                    f"{counts[reason]} 次",
                    rows_url("subsidies.unpaidvisit", settlement=settlement.pk, reason=reason),
                ),
            )
            for reason in Reason.values
            if reason in counts
        ]
        return Table(
            "不计酬的探访，每次一个原因",
            heads=("原因", "次数"),
            rows=rows,
            empty="没有不计酬的探访。",
            numbers=frozenset({1}),
        )

    def _withheld(self, settlement: Settlement) -> Table:
        rows = settlement.withholdings.select_related("worker", "by").order_by("at")
        return Table(
            "暂不发放",
            heads=("网格员", "原因", "经办人", "时间"),
            rows=[(one.worker.name, one.reason, one.by.name, moment(one.at)) for one in rows],
        )

    def _stages(self, settlement: Settlement) -> Facts:
        rows: list[tuple[str, Any]] = [("起草", moment(settlement.drafted_at))]
        if settlement.assessed_by:
            rows.append(("考核", f"{settlement.assessed_by.name}，{moment(settlement.assessed_at)}"))
            rows.append(("考核意见", settlement.assessment))
        if settlement.approved_by:
            rows.append(("批准", f"{settlement.approved_by.name}，{moment(settlement.approved_at)}"))
            rows.append(("明细指纹", settlement.digest))
        return Facts("经过", rows=rows)


def settlement_of(user: Any, value: str) -> Settlement | None:
    """The settlement a link means, where the person may see it."""
    return Settlement.objects.visible_to(user).select_related("town").filter(pk=value).first()
