"""What is owed in a week, and the plan of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from elders.models import ClassPeriod, Consent, Elder
from visits.models.contacts import Mode
from visits.models.villages import VillageQuerySet, village_code_field


class OpenedWeek(models.Model):
    """A week whose obligations are frozen. Its Monday is its name.

    Once timely entry has ended it is closed: how each obligation stands is written down, and `reckoned_at` is up to
    when changes have been looked for since.
    """

    monday = models.DateField("星期一", primary_key=True)
    opened_at = models.DateTimeField("打开时间")
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)
    reckoned_at = models.DateTimeField("核算时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "已打开的周"
        constraints: ClassVar = [
            models.CheckConstraint(name="opened_week_is_monday", condition=Q(monday__iso_week_day=1)),
            models.CheckConstraint(
                name="closed_week_is_reckoned",
                condition=Q(closed_at=None, reckoned_at=None)
                | Q(closed_at__isnull=False, reckoned_at__isnull=False, reckoned_at__gte=F("closed_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.monday}"


class Obligation(models.Model):
    """What one elder is owed in one week, frozen when the week opens (notice part 3; domain.md §2), with what it was
    reckoned from. The database refuses to change or remove it."""

    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.PROTECT, related_name="obligations", db_index=False
    )
    monday = models.DateField("周")
    risk_class = models.CharField("类别", max_length=1, choices=ClassPeriod.RiskClass.choices)
    home_required = models.PositiveSmallIntegerField("应上门")
    greeting_required = models.PositiveSmallIntegerField("应电话（视频）")
    consent = models.CharField(
        "探访意愿", max_length=12, choices=Consent.Kind.choices, default=Consent.Kind.FULL
    )
    policy_version = models.DateField("政策版本")
    surplus_covers = models.BooleanField("多上门可抵电话", default=True)
    village_code = village_code_field()

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周任务"
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_obligation_a_week", fields=["elder", "monday"]),
            models.CheckConstraint(
                name="obligation_fits_consent",
                condition=Q(consent="full") | Q(consent="phone_only", home_required=0),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["village_code", "monday"], name="obligation_village_week")]

    def __str__(self) -> str:
        return f"{self.elder} {self.monday}"


class PlannedVisit(models.Model):
    """A proposal: this elder, this day, this way. Whoever goes may do otherwise."""

    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.PROTECT, related_name="planned_visits", db_index=False
    )
    monday = models.DateField("周")
    day = models.DateField("日期")
    mode = models.CharField("方式", max_length=5, choices=Mode.choices)
    village_code = village_code_field()

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "探访计划"
        constraints: ClassVar = [
            models.UniqueConstraint(name="planned_once_a_day", fields=["elder", "day", "mode"]),
        ]
        indexes: ClassVar = [models.Index(fields=["village_code", "monday"], name="planned_village_week")]

    def __str__(self) -> str:
        return f"{self.elder} {self.day} {self.get_mode_display()}"
