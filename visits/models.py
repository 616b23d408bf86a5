"""The week's duties and plan, the visits that were made, what speaks against them, and what they found."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from elders.models import ClassPeriod, Elder, Household
from visitcare.audit.history import keeps_history
from visitcare.kit.keys import uuid7
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.rules import FINDING_WORDS

MOST_ON_A_CARD = 30


class Mode(models.TextChoices):
    HOME = "home", "上门"
    PHONE = "phone", "电话"
    VIDEO = "video", "视频"


class Outcome(models.TextChoices):
    MET = "met", "见到本人"
    SPOKE = "spoke", "本人接听"
    FAMILY = "family", "家属代答"
    NOT_HOME = "not_home", "不在家"
    NO_ANSWER = "no_answer", "无人接听"
    DECLINED = "declined", "谢绝"


class Area(models.TextChoices):
    """The five areas of content of the notice, part 3."""

    HEALTH = "health", "身体和精神"
    SAFETY = "safety", "房子、水电、煤气"
    FAMILY = "family", "家里人关心"
    LIVELIHOOD = "livelihood", "生活和待遇"
    NEEDS = "needs", "需要帮忙"


def note_words(name: str, said: str) -> tuple[str, str]:
    """What was written of an area, or beside them all."""
    return {**dict(Area.choices), "remark": "备注"}.get(name, name), said


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


class VillageQuerySet(ScopedQuerySet):
    """Rows that carry the code of their village."""

    area_path = "village_code"
    seen_with = Right.SEE_REGISTRY


def village_code_field() -> models.CharField:
    """The village as it was then: a copy that never changes, so that rows can be told apart by place alone."""
    return models.CharField("村（居）代码", max_length=12, db_collation="C")


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


class VisitQuerySet(VillageQuerySet):
    def within(self, user: Viewer) -> Q:
        """An area's offices and cadres see its visits; whoever went sees their own."""
        return in_areas(self.area_path, user.areas_with(Right.SEE_REGISTRY)) | Q(
            worker=getattr(user, "pk", None)
        )


@keeps_history(inserts=False)
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
            # Of the payments of years, those to take back.
            models.Index(fields=["village_code"], condition=~Q(state="valid"), name="visit_not_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.get_mode_display()}"


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
        indexes: ClassVar = [models.Index(fields=["elder", "started_at"], name="visited_elder_time")]

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


class ReferralQuerySet(VillageQuerySet):
    def within(self, user: Viewer) -> Q:
        """Whoever visits the household must be able to ask whether it is solved."""
        seen = in_areas(self.area_path, user.areas_with(Right.SEE_REGISTRY))
        return seen | Q(household__in=Household.objects.visible_to(user).values("pk"))


class Referral(models.Model):
    """A finding that waits for somebody: hazard, health risk, neglect, benefit or service (notice part 3)."""

    class State(models.TextChoices):
        OPEN = "open", "待解决"
        SOLVED = "solved", "已解决"

    class Owner(models.TextChoices):
        HOUSEHOLD = "household", "本户（已提醒）"
        TOWN = "town", "镇里"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(
        Visit, verbose_name="发现于", on_delete=models.PROTECT, related_name="referrals"
    )
    household = models.ForeignKey(
        Household, verbose_name="户", on_delete=models.PROTECT, related_name="referrals"
    )
    elder = models.ForeignKey(
        Elder, verbose_name="老人", null=True, blank=True, on_delete=models.PROTECT, related_name="referrals"
    )
    village_code = village_code_field()
    area = models.CharField("方面", max_length=12, choices=Area.choices)
    kinds = ArrayField(models.CharField(max_length=20), verbose_name="具体", default=list, blank=True)
    words = models.CharField("说明", max_length=500, blank=True)
    owner = models.CharField("由谁办", max_length=10, choices=Owner.choices, default=Owner.TOWN)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField("发现时间")
    due_on = models.DateField("限期")
    solved_at = models.DateTimeField("解决时间", null=True, blank=True)
    solved_by = models.ForeignKey(
        User, verbose_name="确认人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField("处理结果", max_length=200, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "隐患与需求"
        ordering: ClassVar = ["due_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="referral_solved_by_somebody",
                condition=Q(state="open", solved_by__isnull=True)
                | Q(state="solved", solved_by__isnull=False, solved_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["village_code", "due_on"], condition=Q(state="open"), name="referral_open"),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def summary(self) -> str:
        """What was found, in a few words."""
        found = "、".join(FINDING_WORDS[self.area].get(kind, kind) for kind in self.kinds)
        words = " ".join(self.words.split()).rstrip("。，；;,. ")
        return "，".join(part for part in (found, words) if part) or self.get_area_display()

    @property
    def short(self) -> str:
        """The summary for a card on a phone."""
        words = self.summary
        return words if len(words) <= MOST_ON_A_CARD else f"{words[: MOST_ON_A_CARD - 1]}…"
