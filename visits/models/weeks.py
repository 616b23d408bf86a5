"""What is owed in a week, and the plan of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from elders.models import ClassPeriod, Elder
from visits.models.contacts import Mode
from visits.models.villages import VillageQuerySet, village_code_field


class OpenedWeek(models.Model):
    """A week whose obligations are frozen. Its Monday is its name."""

    monday = models.DateField("星期一", primary_key=True)
    opened_at = models.DateTimeField("打开时间")

    class Meta:
        verbose_name = verbose_name_plural = "已打开的周"
        constraints: ClassVar = [
            models.CheckConstraint(name="opened_week_is_monday", condition=Q(monday__iso_week_day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.monday}"


class Obligation(models.Model):
    """What one elder is owed in one week, frozen when the week opens (notice part 3; domain.md §2)."""

    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.PROTECT, related_name="obligations", db_index=False
    )
    monday = models.DateField("周")
    risk_class = models.CharField("类别", max_length=1, choices=ClassPeriod.RiskClass.choices)
    home_required = models.PositiveSmallIntegerField("应上门")
    greeting_required = models.PositiveSmallIntegerField("应电话（视频）")
    policy_version = models.DateField("政策版本")
    village_code = village_code_field()

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周任务"
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_obligation_a_week", fields=["elder", "monday"]),
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
