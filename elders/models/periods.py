"""What holds of an elder from one day to another: where they live, on the books, paused, of a class."""

import uuid
from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform

from elders.models.elders import Elder, PersonalQuerySet
from elders.models.households import Household
from elders.models.overrides import ClassOverride, RiskClass
from elders.words import verdict_words
from visitcare.audit.history import keeps_history
from visitcare.kit.ranges import days


class ResidenceQuerySet(PersonalQuerySet):
    def on(self, day: date) -> "ResidenceQuerySet":
        """Where each elder lived on a day; of a day to come, as far as it is known."""
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        return self.filter(begun, Q(ends_on=None) | Q(ends_on__gte=day))


@keeps_history(of="elder", inserts=False)
class Residence(models.Model):
    """Where an elder lived from one day to another: it decides on village, worker and paying town (domain.md §6).

    The first has no beginning, for it holds of all days that are asked about; the last has no end and is the elder's
    household. So every day has exactly one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="residences")
    household = models.ForeignKey(
        Household, verbose_name="户", on_delete=models.PROTECT, related_name="residences"
    )
    starts_on = models.DateField("起始日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)

    objects = ResidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "住处"
        ordering: ClassVar = [F("starts_on").asc(nulls_first=True)]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="lives_in_one_place",
                expressions=[("elder", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="residence_ends_after_start",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elder} {self.starts_on or ''} — {self.ends_on or ''}"


@keeps_history(of="elder", inserts=False)
class ActivePeriod(models.Model):
    """The days on which a visit to the elder can be paid: from approval (in scope) to closing, both included.
    A pause does not interrupt it (domain.md §2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="active_periods"
    )
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "在册期间"
        ordering: ClassVar = ["starts_on"]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="active_once_at_a_time",
                expressions=[("elder", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} — {self.ends_on or ''}"


MOST_PAUSED = 90
"""Days of one pause, then somebody looks again (domain.md §6)."""


@keeps_history(of="elder")
class Pause(models.Model):
    """In hospital or away: the weeks are excused, visits are flagged (domain.md §6: at most 90 days)."""

    class Reason(models.TextChoices):
        HOSPITAL = "hospital", "住院"
        AWAY = "away", "外出"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="pauses")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    reason = models.CharField("原因", max_length=12, choices=Reason.choices)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "暂停"
        ordering: ClassVar = ["starts_on"]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="paused_once_at_a_time",
                expressions=[("elder", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="pause_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.starts_on} — {self.ends_on or ''}"

    @property
    def due_on(self) -> date:
        """Its last day: what is open-ended is looked at again on its 90th."""
        return self.ends_on or self.starts_on + timedelta(days=MOST_PAUSED - 1)


class ClassPeriodQuerySet(PersonalQuerySet):
    def on(self, day: date) -> "ClassPeriodQuerySet":
        """Those that hold on a day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


@keeps_history(of="elder", inserts=False, unnoticed=["suggestions"])
class ClassPeriod(models.Model):
    """The class of an elder over a span of weeks, with everything it rests on: dated history that never overlaps
    and is never rewritten once it has begun. `codes`, `verdict` and `computed_class` are always the engine's; the class
    itself is another one where an override holds. `suggestions` are advice as of the last judging, and no part of the
    history."""

    RiskClass: ClassVar = RiskClass

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="class_periods"
    )
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    risk_class = models.CharField("类别", max_length=1, choices=RiskClass.choices)
    codes = ArrayField(models.CharField(max_length=2), verbose_name="依据")
    verdict = models.JSONField("判定")
    json_words: ClassVar = {"verdict": verdict_words}
    computed_class = models.GeneratedField(
        expression=KeyTextTransform("risk_class", "verdict"),
        output_field=models.CharField("系统判定", max_length=1, null=True),
        db_persist=True,
        verbose_name="系统判定",
    )
    override = models.ForeignKey(
        ClassOverride,
        verbose_name="手工调整",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="periods",
    )
    suggestions = ArrayField(
        models.CharField(max_length=24), verbose_name="建议", default=list, db_default=[]
    )
    policy_version = models.DateField("政策版本")
    judged_on = models.DateField("资料截至")
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="确认人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    acknowledged_at = models.DateTimeField("确认时间", null=True, blank=True)

    objects = ClassPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "类别"
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_class_at_a_time",
                expressions=[("elder", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="class_starts_on_monday", condition=Q(starts_on__iso_week_day=1)),
            models.CheckConstraint(
                name="class_ends_on_sunday", condition=Q(ends_on=None) | Q(ends_on__iso_week_day=7)
            ),
            models.CheckConstraint(
                name="class_differs_by_override",
                # Of nothing nobody knows whether it is the same: a verdict without a class has to be told apart.
                condition=Q(computed_class__isnull=False, risk_class=F("computed_class"))
                | Q(override__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["risk_class", "starts_on"], name="class_letter_start"),
            models.Index(
                fields=["elder"],
                name="class_with_suggestion",
                condition=Q(ends_on=None) & ~Q(suggestions=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_risk_class_display()} {self.starts_on} 起"
