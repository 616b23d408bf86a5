"""What the town decides where the letter of the notice does not fit an elder: another class, for a time."""

import uuid
from datetime import date
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from elders.models.elders import Elder, PersonalQuerySet
from visitcare.audit.history import keeps_history
from visitcare.kit.ranges import days
from visitcare.org.models import User


class RiskClass(models.TextChoices):
    A = "A", "A类"
    B = "B", "B类"
    C = "C", "C类"


class OverrideQuerySet(PersonalQuerySet):
    def due_for_review(self, day: date) -> "OverrideQuerySet":
        return self.filter(state=ClassOverride.State.APPROVED, review_on__lte=day)


@keeps_history(of="elder")
class ClassOverride(models.Model):
    """A manual override 手工调整 of the class, up or down (domain.md §1): proposed with a reason and a review date,
    decided by somebody else, in force from the Monday after that until it is ended. What the engine says goes on
    being computed and stands beside it in every class period. It never keeps anybody in scope who is out of it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准"
        RETURNED = "returned", "退回"
        ENDED = "ended", "已结束"

    OPEN: ClassVar = (State.PROPOSED, State.APPROVED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="overrides")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    risk_class = models.CharField("调整为", max_length=1, choices=RiskClass.choices)
    computed_class = models.CharField("提出时系统判定", max_length=1, choices=RiskClass.choices)
    reason = models.CharField("理由", max_length=200)
    review_on = models.DateField("复核日期")
    review_reason = models.CharField("复核意见", max_length=200, blank=True)
    proposed_by = models.ForeignKey(User, verbose_name="提出人", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        User, verbose_name="批准人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    decision_reason = models.CharField("退回原因", max_length=200, blank=True)
    starts_on = models.DateField("起始日期", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, verbose_name="结束人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("结束办理时间", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=200, blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "手工调整"
        ordering: ClassVar = ["-proposed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_override_an_elder",
                fields=["elder"],
                condition=Q(state__in=["proposed", "approved"]),
            ),
            # One that was ended by a Sunday before its first Monday has held on no day.
            ExclusionConstraint(
                name="one_override_at_a_time",
                expressions=[
                    ("elder", RangeOperators.EQUAL),
                    (days(end="ended_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="approved") | Q(state="ended", ended_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="override_decided_by_another", condition=~Q(decided_by=F("proposed_by"))
            ),
            models.CheckConstraint(name="override_differs", condition=~Q(risk_class=F("computed_class"))),
            models.CheckConstraint(name="override_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="override_starts_on_monday", condition=Q(starts_on=None) | Q(starts_on__iso_week_day=1)
            ),
            models.CheckConstraint(
                name="override_ends_on_sunday", condition=Q(ended_on=None) | Q(ended_on__iso_week_day=7)
            ),
            models.CheckConstraint(
                name="override_reviewed_later",
                condition=Q(starts_on=None) | Q(review_on__gt=F("starts_on")),
            ),
            models.CheckConstraint(
                name="override_state_has_its_facts",
                condition=Q(state="proposed", decided_by=None, starts_on=None, ended_on=None, ended_by=None)
                | Q(
                    state="approved",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    starts_on__isnull=False,
                    ended_on=None,
                    ended_by=None,
                )
                | Q(
                    state="returned",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    starts_on=None,
                    ended_on=None,
                )
                & ~Q(decision_reason="")
                | Q(state="ended", ended_by__isnull=False, ended_at__isnull=False)
                & (Q(starts_on=None, ended_on=None) | Q(starts_on__isnull=False, ended_on__isnull=False))
                & ~Q(end_reason=""),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "review_on"], name="override_state_review")]

    def __str__(self) -> str:
        return f"{self.elder} 调整为{self.get_risk_class_display()}"

    def holds_on(self, day: date) -> bool:
        return bool(self.starts_on and self.starts_on <= day and (not self.ended_on or self.ended_on >= day))
