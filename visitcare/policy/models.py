"""Versions of the two series of readings: care (starts on Mondays) and pay (starts on the first of a month)."""

import uuid
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from visitcare.audit.history import keeps_history
from visitcare.policy.rules import CarePolicy, PayPolicy
from visitcare.policy.words import setting_words


@keeps_history()
class PolicyVersion(models.Model):
    """One dated version of a series; in force from `effective_from` until the next one, once a second person has
    enacted it."""

    class Series(models.TextChoices):
        CARE = "care", "分类、频次与审核"
        PAY = "pay", "补贴标准与口径"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    series = models.CharField("类别", max_length=10, choices=Series.choices)
    effective_from = models.DateField("生效日期")
    values = models.JSONField("参数")
    json_words: ClassVar = {"values": setting_words}
    note = models.TextField("说明", blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="起草人", on_delete=models.PROTECT, related_name="+"
    )
    enacted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="批准人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    enacted_at = models.DateTimeField("批准时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "政策参数"
        ordering: ClassVar = ["series", "-effective_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_policy_a_day",
                fields=["series", "effective_from"],
                condition=Q(enacted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="policy_starts_on_its_day",
                condition=Q(series="care", effective_from__iso_week_day=1)
                | Q(series="pay", effective_from__day=1),
            ),
            models.CheckConstraint(
                name="policy_enacted_by_another",
                condition=Q(enacted_at__isnull=True, enacted_by__isnull=True)
                | Q(enacted_at__isnull=False, enacted_by__isnull=False) & ~Q(enacted_by=F("drafted_by"))
                | Q(effective_from=date(2024, 1, 1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_series_display()} {self.effective_from:%Y-%m-%d} 起"


def _in_force(series: str, day: date) -> PolicyVersion | None:
    return (
        PolicyVersion.objects.filter(series=series, effective_from__lte=day, enacted_at__isnull=False)
        .order_by("-effective_from")
        .first()
    )


def care_policy(day: date) -> CarePolicy:
    """The care policy in force on a day; before the first version, the first."""
    version = _in_force(PolicyVersion.Series.CARE, day)
    return CarePolicy.from_json(version.effective_from, version.values) if version else CarePolicy()


def pay_policy(day: date) -> PayPolicy:
    """The pay policy in force on a day; before the first version, the first."""
    version = _in_force(PolicyVersion.Series.PAY, day)
    return PayPolicy.from_json(version.effective_from, version.values) if version else PayPolicy()
