"""Public money: settlements of one town and month, their lines, and each visit's one payment or one reason."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import EncryptedTextField
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.kit.weeks import Month
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visits.models import Visit, village_code_field


class SettlementQuerySet(ScopedQuerySet):
    area_path = "town__code"
    seen_with = Right.SEE_SETTLEMENT


@keeps_history()
class Settlement(models.Model):
    """One town × one month of visits (domain.md §4): draft → assessed by the town → approved by the county = frozen.
    Who assessed never approves. The town's name is a snapshot, as the payees' are: refreshed with the draft."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ASSESSED = "assessed", "镇已考核"
        APPROVED = "approved", "市已批准（冻结）"
        CLOSED = "closed", "已发放"

    FROZEN: ClassVar = (State.APPROVED, State.CLOSED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    town = models.ForeignKey(
        Division,
        verbose_name="镇",
        on_delete=models.PROTECT,
        db_column="town_code",
        related_name="settlements",
    )
    town_name = models.CharField("镇名", max_length=60)
    month = models.DateField("月份")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    rate = models.DecimalField("标准（元/次）", max_digits=6, decimal_places=2)
    policy_version = models.DateField("政策版本")
    visit_count = models.PositiveIntegerField("探访次数", default=0)
    paid_count = models.PositiveIntegerField("计酬次数", default=0)
    total = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, default=0)
    other_unit_total = models.DecimalField(
        "按另一口径（元）",
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text="现在按次计酬时，这里是按人计酬的金额；反之亦然。",
    )
    drafted_at = models.DateTimeField("起草时间")
    assessed_by = models.ForeignKey(
        User, verbose_name="考核人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    assessed_at = models.DateTimeField("考核时间", null=True, blank=True)
    assessment = models.TextField("考核意见", blank=True)
    approved_by = models.ForeignKey(
        User, verbose_name="批准人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    sent_back = models.CharField("退回原因", max_length=200, blank=True)
    digest = models.CharField("明细指纹", max_length=64, blank=True)

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结算"
        ordering: ClassVar = ["-month", "town"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_settlement_a_town_and_month", fields=["town", "month"]),
            models.CheckConstraint(name="settlement_month_is_its_first", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="settlement_maker_is_not_checker",
                condition=Q(approved_by=None) | ~Q(approved_by=F("assessed_by")),
            ),
            models.CheckConstraint(
                name="settlement_state_has_its_people",
                condition=Q(state="draft", assessed_by=None, approved_by=None)
                | Q(state="assessed", assessed_by__isnull=False, assessed_at__isnull=False, approved_by=None)
                | Q(
                    state__in=["approved", "closed"],
                    assessed_by__isnull=False,
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                )
                & ~Q(digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.town_name} {Month(self.month).words}"

    @property
    def is_frozen(self) -> bool:
        return self.state in self.FROZEN


class OfSettlementQuerySet(ScopedQuerySet):
    area_path = "settlement__town__code"
    seen_with = Right.SEE_SETTLEMENT


class LineQuerySet(OfSettlementQuerySet):
    def within(self, user: Viewer) -> Q:
        """A worker sees their own line once it is frozen."""
        own = Q(worker=getattr(user, "pk", None), settlement__state__in=Settlement.FROZEN)
        return in_areas(self.area_path, user.areas_with(Right.SEE_SETTLEMENT)) | own


@keeps_history(of="settlement", inserts=False)
class Line(models.Model):
    """One worker in one settlement, net of its signed items. Name, ID, card and place are a snapshot: refreshed with
    the draft, frozen with the approval."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    settlement = models.ForeignKey(
        Settlement, verbose_name="结算", on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    worker = models.ForeignKey(User, verbose_name="网格员", on_delete=models.PROTECT, related_name="lines")
    place_code = models.CharField("村（居）/组代码", max_length=15, db_collation="C")
    place_words = models.CharField("村(居)/组", max_length=120)
    payee_name = models.CharField("姓名", max_length=60)
    payee_id_number = EncryptedTextField("身份证号码", blank=True)
    payee_mobile = EncryptedTextField("联系电话", blank=True)
    bank = models.CharField("开户银行", max_length=60, blank=True)
    card = EncryptedTextField("卡号", blank=True)
    home_count = models.PositiveIntegerField("上门次数", default=0)
    greeting_count = models.PositiveIntegerField("电话(视频)次数", default=0)
    beyond_minimum = models.PositiveIntegerField("超出每周最低次数", default=0)
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2)
    remark = models.CharField("备注", max_length=200, blank=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        ordering: ClassVar = ["place_code", "payee_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_line_a_worker", fields=["settlement", "worker"]),
        ]

    def __str__(self) -> str:
        return f"{self.payee_name} {self.amount}"


class PaidVisit(models.Model):
    """A visit that is paid. The visit is the key: a visit is paid at most once, ever."""

    visit = models.OneToOneField(
        Visit, verbose_name="探访记录", primary_key=True, on_delete=models.PROTECT, related_name="payment"
    )
    # Both at once: migration 0007 has one foreign key over the two columns, so that an item lies in a line of its own
    # settlement.
    settlement = models.ForeignKey(
        Settlement,
        verbose_name="结算",
        on_delete=models.PROTECT,
        related_name="paid_visits",
        db_constraint=False,
    )
    line = models.ForeignKey(
        Line, verbose_name="明细", on_delete=models.PROTECT, related_name="paid_visits", db_constraint=False
    )
    village_code = village_code_field()
    started_at = models.DateTimeField("探访时间")
    mode = models.CharField("方式", max_length=5)
    risk_class = models.CharField("类别", max_length=1, blank=True)
    units = models.PositiveSmallIntegerField("计酬数", default=1)
    amount = models.DecimalField("金额（元）", max_digits=8, decimal_places=2)
    beyond_minimum = models.BooleanField("超出每周最低次数", default=False)
    late_report = models.BooleanField("补报", default=False)

    objects = OfSettlementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计酬探访"
        constraints: ClassVar = [
            models.CheckConstraint(name="paid_visit_is_positive", condition=Q(amount__gt=0, units__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}"


class Reason(models.TextChoices):
    """Why a visit is not paid: the closed list of domain.md §4, in the order in which they are asked."""

    PENDING = "pending", "还没有审核"
    RETURNED = "returned", "退回了，等更正"
    WITHDRAWN = "withdrawn", "自己撤回了"
    INVALID = "invalid", "审核为无效"
    NOT_COUNTABLE = "not_countable", "没有见到或联系上老人本人"
    ELDER_NOT_ACTIVE = "elder_not_active", "那天老人不在册"
    LATE = "late", "录入太晚，过了期限"
    WORKER_NOT_PAYABLE = "worker_not_payable", "那天不是计酬的网格员"
    OWN_HOUSEHOLD = "own_household", "探访的是自己家"
    SECOND_CONTACT = "second_contact", "同一户当天同一种方式已计过一次"
    BEYOND_CAP = "beyond_cap", "超过了规定的次数"
    WITHHELD = "withheld", "镇里暂不发放"
    ALREADY_SETTLED = "already_settled", "已经在别的月份结算过"


class UnpaidVisit(models.Model):
    """A visit of a settlement's month that it does not pay, with its one reason."""

    settlement = models.ForeignKey(
        Settlement,
        verbose_name="结算",
        on_delete=models.PROTECT,
        related_name="unpaid_visits",
        db_index=False,
    )
    visit = models.ForeignKey(Visit, verbose_name="探访记录", on_delete=models.PROTECT, related_name="unpaid")
    reason = models.CharField("原因", max_length=20, choices=Reason.choices)
    other_visit = models.ForeignKey(
        Visit,
        verbose_name="相关记录",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    objects = OfSettlementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "不计酬探访"
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_reason_a_settlement", fields=["settlement", "visit"]),
        ]
        indexes: ClassVar = [models.Index(fields=["settlement", "reason"], name="unpaid_reason")]

    def __str__(self) -> str:
        return self.get_reason_display()


class Reversal(models.Model):
    """A signed item against a payment that was frozen: the first takes it back, the second (a reversal found wrong)
    gives it again, and so on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    paid_visit = models.ForeignKey(
        PaidVisit, verbose_name="计酬探访", on_delete=models.PROTECT, related_name="reversals"
    )
    number = models.PositiveSmallIntegerField("次序")
    settlement = models.ForeignKey(
        Settlement,
        verbose_name="结算",
        on_delete=models.PROTECT,
        related_name="reversals",
        db_constraint=False,
    )
    line = models.ForeignKey(
        Line, verbose_name="明细", on_delete=models.PROTECT, related_name="reversals", db_constraint=False
    )
    amount = models.DecimalField("金额（元）", max_digits=8, decimal_places=2)

    objects = OfSettlementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "冲正"
        constraints: ClassVar = [
            models.UniqueConstraint(name="reversal_once", fields=["paid_visit", "number"]),
            models.CheckConstraint(
                name="reversal_alternates",
                condition=Q(number__in=[1, 3, 5, 7, 9], amount__lt=0)
                | Q(number__in=[2, 4, 6, 8], amount__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


@keeps_history(of="settlement")
class Withholding(models.Model):
    """The town keeps back one worker's line, or one visit, of a settlement, with a reason the worker sees."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    settlement = models.ForeignKey(
        Settlement, verbose_name="结算", on_delete=models.PROTECT, related_name="withholdings"
    )
    worker = models.ForeignKey(User, verbose_name="网格员", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(
        Visit, verbose_name="探访记录", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(User, verbose_name="经办人", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间", auto_now_add=True)

    objects = OfSettlementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "暂不发放"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="withheld_once", fields=["settlement", "worker", "visit"], nulls_distinct=False
            ),
            models.CheckConstraint(name="withheld_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.reason
