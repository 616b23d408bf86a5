"""The elder, and the row rule of everything that belongs to one."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from elders.models.households import Household, Sex
from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import BlindIndexField, EncryptedTextField
from visitcare.kit.masking import mask_id_number, mask_phone
from visitcare.kit.scope import ScopedQuerySet, Viewer
from visitcare.org.roles import Right

if TYPE_CHECKING:
    from elders.models.overrides import ClassOverride


class ElderQuerySet(ScopedQuerySet):
    area_path = "household__place__code"
    seen_with = Right.SEE_REGISTRY

    def within(self, user: Viewer) -> Q:
        return Q(household__in=Household.objects.visible_to(user).values("pk"))

    def registered(self) -> "ElderQuerySet":
        """Approved and not closed, whether or not in scope yet or paused."""
        return self.filter(status__in=Elder.REGISTERED)

    def ever_within(self, user: Viewer) -> "ElderQuerySet":
        """Those who live, or once lived, where this person may see: their visits of then stay in the lists there."""
        households = Household.objects.visible_to(user).values("pk")
        return self.filter(Q(household__in=households) | Q(residences__household__in=households)).distinct()


@keeps_history()
class Elder(models.Model):
    """One elder in special difficulty; the class is a person's, never a household's (domain.md §1)."""

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审批"
        APPROVED = "approved", "已批准（暂不在范围）"
        ACTIVE = "active", "在册"
        PAUSED = "paused", "暂停"
        CLOSED = "closed", "注销"

    class Paper(models.TextChoices):
        ID_CARD = "id_card", "居民身份证"
        HOUSEHOLD_BOOK = "household_book", "户口簿"
        HONGKONG_MACAO = "hongkong_macao", "港澳居民来往内地通行证"
        TAIWAN = "taiwan", "台湾居民来往大陆通行证"
        PERMANENT_RESIDENT = "permanent_resident", "外国人永久居留身份证"
        NONE = "none", "无证件"

    class CloseReason(models.TextChoices):
        DIED = "died", "去世"
        MOVED = "moved", "迁出"
        INSTITUTION = "institution", "入住机构"
        NOT_ELIGIBLE = "not_eligible", "不再符合条件"
        MERGED = "merged", "并档"

    REGISTERED: ClassVar = (Status.APPROVED, Status.ACTIVE, Status.PAUSED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(
        Household, verbose_name="户", on_delete=models.PROTECT, related_name="elders"
    )
    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=6, choices=Sex.choices)
    birth_date = models.DateField("出生日期")
    paper_kind = models.CharField("证件类型", max_length=20, choices=Paper.choices, default=Paper.ID_CARD)
    id_number = EncryptedTextField("证件号码", blank=True)
    id_number_index = BlindIndexField(source="id_number", kind="id_number")
    id_number_tail = BlindIndexField(source="id_number", kind="id_number", last=4)
    phone = EncryptedTextField("联系电话", blank=True)
    emergency_name = models.CharField("紧急联系人", max_length=60, blank=True)
    emergency_sex = models.CharField("紧急联系人性别", max_length=6, choices=Sex.choices, blank=True)
    emergency_phone = EncryptedTextField("紧急联系人电话", blank=True)
    disability_number = EncryptedTextField("残疾人证号码", blank=True)
    hukou_address = models.CharField("户籍地址", max_length=200, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    closed_on = models.DateField("注销日期", null=True, blank=True)
    close_reason = models.CharField("注销原因", max_length=20, choices=CloseReason.choices, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="并入",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
    )
    created_at = models.DateTimeField("建档时间", auto_now_add=True)

    objects = ElderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "老人"
        ordering: ClassVar = ["household__place", "household", "birth_date"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_registered_record_a_person",
                fields=["id_number_index"],
                condition=Q(status__in=["approved", "active", "paused"]),
            ),
            models.CheckConstraint(
                name="elder_closed_with_day_and_reason",
                condition=Q(status="closed", closed_on__isnull=False) & ~Q(close_reason="")
                | ~Q(status="closed") & Q(closed_on__isnull=True, close_reason=""),
            ),
            models.CheckConstraint(
                name="merged_into_where_that_is_why",
                condition=Q(close_reason="merged", merged_into__isnull=False)
                | ~Q(close_reason="merged") & Q(merged_into__isnull=True),
            ),
            models.CheckConstraint(name="merged_into_another", condition=~Q(merged_into=F("id"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id_number_index"], name="elder_id_number"),
            models.Index(fields=["id_number_tail"], name="elder_id_number_tail"),
            models.Index(fields=["status", "birth_date"], name="elder_status_birth"),
            models.Index(fields=["birth_date", "name"], name="elder_birth_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def open_override(self) -> "ClassOverride | None":
        """The adjustment by hand that waits for a decision or is in force. A page asks for it in many places."""
        with_people = self.overrides.select_related("proposed_by", "decided_by", "elder__household__place")
        found: ClassOverride | None = with_people.open().first()
        return found

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def died_on(self) -> date | None:
        return self.closed_on if self.close_reason == self.CloseReason.DIED else None


class PersonalQuerySet(ScopedQuerySet):
    """Rows that belong to one elder."""

    def within(self, user: Viewer) -> Q:
        return Q(elder__in=Elder.objects.visible_to(user).values("pk"))
