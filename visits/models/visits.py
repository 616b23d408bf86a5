"""The visits that were made, and what a person decided of each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from elders.models import Elder, Household
from visitcare.audit.history import keeps_history
from visitcare.kit.keys import uuid7
from visitcare.kit.positions import Position
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.models.contacts import Mode, Outcome, note_words
from visits.models.villages import VillageQuerySet, village_code_field


class VisitQuerySet(VillageQuerySet):
    def within(self, user: Viewer) -> Q:
        """An area's offices and cadres see its visits; whoever went sees their own."""
        return in_areas(self.area_path, user.areas_with(Right.SEE_REGISTRY)) | Q(
            worker=getattr(user, "pk", None)
        )


@keeps_history(inserts=False, dated=True)
class Visit(models.Model):
    """One contact 一次: one door or one call, by one worker, with one or more elders of one household."""

    class State(models.TextChoices):
        PENDING = "pending", "等审核"
        VALID = "valid", "通过"
        INVALID = "invalid", "无效"
        RETURNED = "returned", "退回"
        WITHDRAWN = "withdrawn", "撤回"

    id = models.UUIDField("编号", primary_key=True, default=uuid7)
    household = models.ForeignKey(
        Household, verbose_name="户", on_delete=models.PROTECT, related_name="visits", db_index=False
    )
    village_code = village_code_field()
    worker = models.ForeignKey(
        User, verbose_name="探访人", on_delete=models.PROTECT, related_name="visits", db_index=False
    )
    entered_by = models.ForeignKey(
        User, verbose_name="录入人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mode = models.CharField("探访方式", max_length=5, choices=Mode.choices)
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices)
    agreed = models.BooleanField("老人同意上门", null=True, blank=True)
    started_at = models.DateTimeField("探访时间")
    received_at = models.DateTimeField("录入时间")
    notes = models.JSONField("情况", default=dict, blank=True)
    json_words: ClassVar = {"notes": note_words}
    latitude = models.FloatField("纬度", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    accuracy = models.PositiveSmallIntegerField("位置误差（米）", null=True, blank=True)
    content_hash = models.CharField("内容指纹", max_length=64, editable=False)
    state = models.CharField("审核状态", max_length=10, choices=State.choices, default=State.PENDING)
    flagged = models.BooleanField("有疑点", default=False)
    imported = models.BooleanField("导入", default=False)
    reviewed_by = models.ForeignKey(
        User,
        verbose_name="审核人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    review_reason = models.CharField("审核说明", max_length=200, blank=True)
    elders = models.ManyToManyField(Elder, verbose_name="老人", through="VisitedElder", related_name="visits")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "探访记录"
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="visit_outcome_fits_mode",
                condition=Q(mode="home", outcome__in=["met", "family", "not_home", "declined"])
                | Q(mode__in=["phone", "video"], outcome__in=["spoke", "family", "no_answer", "declined"]),
            ),
            models.CheckConstraint(
                name="visit_reviewed_by_somebody",
                condition=Q(state__in=["pending", "withdrawn"])
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="visit_refused_with_reason",
                condition=~Q(state__in=["invalid", "returned"]) | ~Q(review_reason=""),
            ),
            models.CheckConstraint(
                name="visit_position_of_a_home_visit",
                condition=Q(latitude=None, longitude=None, accuracy=None)
                | Q(latitude__isnull=False, longitude__isnull=False, accuracy__isnull=False)
                & Q(mode="home", latitude__range=(-90, 90), longitude__range=(-180, 180)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["household", "started_at"], name="visit_household_time"),
            models.Index(fields=["worker", "started_at"], name="visit_worker_time"),
            # With the key: which visits of years were not paid is told without opening them.
            models.Index(fields=["village_code", "started_at"], include=["id"], name="visit_village_time"),
            models.Index(fields=["-started_at"], name="visit_time"),  # the latest of a whole town or county
            models.Index(
                fields=["village_code", "started_at"], condition=Q(state="pending"), name="visit_pending"
            ),
            # Where a household was, by the few of its visits that tell.
            models.Index(
                fields=["household", "started_at"],
                condition=Q(latitude__isnull=False),
                name="visit_position",
            ),
            # Of the payments of years, those to take back.
            models.Index(fields=["village_code"], condition=~Q(state="valid"), name="visit_not_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.get_mode_display()}"

    @property
    def position(self) -> Position | None:
        """Where it was, if somebody told."""
        if self.latitude is None or self.longitude is None or self.accuracy is None:
            return None
        return Position(self.latitude, self.longitude, self.accuracy)


class OfVisitQuerySet(ScopedQuerySet):
    """Rows that belong to one visit."""

    def within(self, user: Viewer) -> Q:
        return Q(visit__in=Visit.objects.visible_to(user).values("pk"))


@keeps_history(of="visit", inserts=False)
class VisitedElder(models.Model):
    """One elder of a visit. `countable`: whether this contact counts for this elder, by the policy of that day."""

    visit = models.ForeignKey(
        Visit, verbose_name="探访记录", on_delete=models.CASCADE, related_name="visited", db_index=False
    )
    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.PROTECT, related_name="visited", db_index=False
    )
    started_at = models.DateTimeField("探访时间")
    countable = models.BooleanField("计入任务")

    objects = OfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "探访的老人"
        constraints: ClassVar = [
            models.UniqueConstraint(name="elder_once_a_visit", fields=["visit", "elder"]),
        ]
        indexes: ClassVar = [
            models.Index(fields=["elder", "started_at"], name="visited_elder_time"),
            # Of all contacts of years, the few that failed lately: of a county or town, of a worker's elders.
            models.Index(fields=["started_at"], condition=Q(countable=False), name="visited_in_vain"),
            models.Index(fields=["elder", "started_at"], condition=Q(countable=False), name="elder_in_vain"),
        ]

    def __str__(self) -> str:
        return f"{self.elder}"


class Flag(models.Model):
    """A doubt raised on arrival. It never rejects by itself: a person looks (domain.md §3)."""

    visit = models.ForeignKey(Visit, verbose_name="探访记录", on_delete=models.CASCADE, related_name="flags")
    code = models.CharField("疑点", max_length=24)
    words = models.CharField("说明", max_length=300)
    other_visit = models.ForeignKey(
        Visit, verbose_name="相关记录", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = OfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑点"
        constraints: ClassVar = [
            models.UniqueConstraint(name="flag_once_a_visit", fields=["visit", "code"]),
        ]

    def __str__(self) -> str:
        return self.words


class Review(models.Model):
    """One decision on a visit; the latest is the visit's state, all of them are its history."""

    visit = models.ForeignKey(
        Visit, verbose_name="探访记录", on_delete=models.CASCADE, related_name="reviews"
    )
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        User, verbose_name="审核人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField("结果", max_length=10, choices=Visit.State.choices)
    reason = models.CharField("说明", max_length=200, blank=True)

    objects = OfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核经过"
        ordering: ClassVar = ["at"]

    def __str__(self) -> str:
        return f"{self.get_state_display()}：{self.reason}"
