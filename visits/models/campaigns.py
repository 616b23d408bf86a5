"""加访: extra contacts for some elders on some days (notice part 3; domain.md §2)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from elders.models import ClassPeriod, Elder
from visitcare.audit.history import keeps_history
from visitcare.kit.keys import uuid7
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.org.models import Division, User
from visitcare.org.roles import Right
from visits.models.villages import VillageQuerySet, village_code_field

LEVELS_ABOVE = (6, 9, 12)
"""How many digits of a code name its county, its town and its village."""


class CampaignQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        """Those set up in a person's area, and those set up above it that reach into it."""
        areas = user.areas_with(Right.SEE_REGISTRY)
        above = {area[:digits] for area in areas for digits in LEVELS_ABOVE}
        return in_areas("place__code", areas) | Q(place__in=above)


@keeps_history(inserts=False)
class Campaign(models.Model):
    """A reason to look after some elders more than the week asks for: what is due of each of them, from the first day to
    the last. It comes on top of the weeks and changes nothing in what they ask for."""

    class Kind(models.TextChoices):
        FESTIVAL = "festival", "节日"
        HEAT = "heat", "高温"
        STORM = "storm", "台风、暴雨、寒潮"
        DISCHARGE = "discharge", "出院"
        OTHER = "other", "其他"

    class Living(models.TextChoices):
        ALONE = "living_alone", "独居"
        EMPTY_NEST = "empty_nest", "空巢"
        EITHER = "either", "独居或空巢"

    id = models.UUIDField("编号", primary_key=True, default=uuid7, editable=False)
    kind = models.CharField("事由", max_length=10, choices=Kind.choices)
    words = models.CharField("名称", max_length=60)
    place = models.ForeignKey(
        Division, verbose_name="地区", on_delete=models.PROTECT, db_column="place_code", related_name="+"
    )
    first_day = models.DateField("第一天")
    last_day = models.DateField("最后一天")
    home_due = models.PositiveSmallIntegerField("每人加上门")
    greeting_due = models.PositiveSmallIntegerField("每人加电话（视频）")
    surplus_covers = models.BooleanField("多上门可抵电话", default=True)
    classes = ArrayField(
        models.CharField(max_length=1, choices=ClassPeriod.RiskClass.choices),
        verbose_name="类别",
        default=list,
        blank=True,
    )
    age_from = models.PositiveSmallIntegerField("年龄（周岁以上）", null=True, blank=True)
    living = models.CharField("居住状况", max_length=12, choices=Living.choices, blank=True)
    elder = models.ForeignKey(
        Elder, verbose_name="只为一位老人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    set_up_by = models.ForeignKey(User, verbose_name="安排人", on_delete=models.PROTECT, related_name="+")
    set_up_at = models.DateTimeField("安排时间")
    ended_on = models.DateField("提前结束", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, verbose_name="结束人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    end_reason = models.CharField("结束原因", max_length=200, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "加访"
        ordering: ClassVar = ["-first_day", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="campaign_set_up_once",
                fields=["place", "words", "first_day", "elder"],
                condition=Q(ended_on=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="campaign_ends_after_start", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="campaign_asks_for_something", condition=Q(home_due__gt=0) | Q(greeting_due__gt=0)
            ),
            models.CheckConstraint(
                name="campaign_ended_by_somebody_with_reason",
                condition=Q(ended_on=None, ended_by=None, end_reason="")
                | Q(ended_on__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["last_day"], name="campaign_last_day")]

    def __str__(self) -> str:
        return self.words


class CampaignElder(models.Model):
    """One elder of a campaign, as drawn when it was set up; by phone alone where that is the elder's wish."""

    campaign = models.ForeignKey(
        Campaign, verbose_name="加访", on_delete=models.CASCADE, related_name="drawn", db_index=False
    )
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.PROTECT, related_name="campaigns")
    home_due = models.PositiveSmallIntegerField("加上门")
    greeting_due = models.PositiveSmallIntegerField("加电话（视频）")
    village_code = village_code_field()

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "加访的老人"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="drawn_once_a_campaign", fields=["campaign", "elder"]),
            models.CheckConstraint(
                name="drawn_for_something", condition=Q(home_due__gt=0) | Q(greeting_due__gt=0)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["campaign", "village_code"], name="drawn_campaign_village")]

    def __str__(self) -> str:
        return f"{self.elder} {self.campaign}"
