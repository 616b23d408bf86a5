"""The household 一户: who lives in it, how, with whose help (annex 3, parts 2 to 4), and who visits it."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, Least, Left

from elders.models.rounds import TOWN_DIGITS, StandIn, in_days, serving_there, stand_ins_of
from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import BlindIndexField, EncryptedTextField
from visitcare.kit.ranges import days
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas, nothing
from visitcare.kit.weeks import today
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import FIELD_ROLES, Right


class Sex(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


def monthly_amount(label: str, **options: Any) -> "models.DecimalField[Any, Any]":
    """Yuan a month."""
    return models.DecimalField(label, max_digits=9, decimal_places=2, **options)


class HouseholdQuerySet(ScopedQuerySet):
    area_path = "place__code"
    seen_with = Right.SEE_REGISTRY

    def within(self, user: Viewer) -> Q:
        """Offices and cadres see their area; whoever logs visits sees their group, the households named to them, and
        the rounds of those for whom they stand in."""
        named = (
            Assignment.objects.served(today()).filter(worker=getattr(user, "pk", None)).values("household")
        )
        areas = user.areas_with(Right.SEE_REGISTRY) | user.areas_with(Right.LOG_VISIT)
        return in_areas(self.area_path, areas) | Q(pk__in=named) | stood_in_for(user, today())


@keeps_history()
class Household(models.Model):
    """One dwelling with its elders and members: the 一户 of 一户一档 (notice part 3). Empty = not asked, not no."""

    class HelpingBody(models.TextChoices):
        """The seven boxes of annex 3, part 4."""

        GOVERNMENT = "government", "党政机关、群团组织"
        LOCAL = "local", "乡镇（街道）、村（居）委员会"
        ENTERPRISE = "enterprise", "企业"
        SOCIAL_ORGANISATION = "social_organisation", "社会组织"
        VOLUNTEERS = "volunteers", "志愿者"
        SOCIAL_WORKERS = "social_workers", "专业社会工作者"
        OTHER = "other", "其他"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place = models.ForeignKey(
        Division,
        verbose_name="村（居）/组",
        on_delete=models.PROTECT,
        db_column="place_code",
        related_name="households",
    )
    village_code = models.GeneratedField(
        expression=Left("place", 12),
        output_field=models.CharField("村（居）代码", max_length=12, db_collation="C"),
        db_persist=True,
    )
    number = models.CharField("户编号", max_length=40, blank=True)
    address = models.CharField("居住地址", max_length=200, blank=True)

    water_safe = models.BooleanField("饮水是否安全", null=True, blank=True)
    power_safe = models.BooleanField("生活用电是否安全", null=True, blank=True)
    housing_safe = models.BooleanField("住房是否安全", null=True, blank=True)
    age_friendly = models.CharField("家庭环境适老化情况", max_length=100, blank=True)
    has_pension = models.BooleanField("有领取养老保险", null=True, blank=True)
    pension_monthly = monthly_amount("养老保险每月领取（元）", null=True, blank=True)
    has_assistance = models.BooleanField("享受社会救助和社会福利补贴", null=True, blank=True)
    helping_bodies = ArrayField(
        models.CharField(max_length=20, choices=HelpingBody.choices),
        verbose_name="开展帮扶单位（组织）",
        null=True,
        blank=True,
    )
    helping_other = models.CharField("其他帮扶单位", max_length=60, blank=True)
    help_responsible = models.CharField("帮扶责任人", max_length=60, blank=True)
    help_measures = models.CharField("帮扶措施", max_length=500, blank=True)
    created_at = models.DateTimeField("建档时间", auto_now_add=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户"
        ordering: ClassVar = ["place", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="household_number_once_a_village",
                fields=["village_code", "number"],
                condition=~Q(number=""),
            ),
            models.CheckConstraint(
                name="pension_amount_with_a_pension",
                condition=Q(pension_monthly=None)
                | Q(has_pension__isnull=False, has_pension=True, pension_monthly__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place.path} {self.address or self.number}".strip()


def round_within(stand_in: StandIn, first: date, last: date | None = None) -> Q:
    """Of households: what was handed over of the worker's round, on a day or on any of some days: those of their
    postings without those named to somebody else, and those named to them."""
    named = Assignment.objects.served(first, last)
    own = named.filter(
        in_areas("household__place__code", frozenset(stand_in.handed_over)), worker=stand_in.absent
    )
    others = named.exclude(worker=stand_in.absent)
    served = in_areas("place__code", stand_in.areas(first, last))
    return served & ~Q(pk__in=others.values("household")) | Q(pk__in=own.values("household"))


def stood_in_for(user: Viewer, first: date, last: date | None = None) -> Q:
    """Of households: those to which a person goes instead of their worker on a day, or on any of some days."""
    return rounds_within(stand_ins_of(user, first, last), first, last)


def rounds_within(stand_ins: Iterable[StandIn], first: date, last: date | None = None) -> Q:
    """Of households: those of the rounds that are handed over, on a day or on any of some days."""
    found = nothing()
    for stand_in in stand_ins:
        found |= round_within(stand_in, max(first, stand_in.starts_on), min(last or first, stand_in.ends_on))
    return found


class AssignmentQuerySet(ScopedQuerySet):
    area_path = "household__place__code"
    seen_with = Right.SEE_REGISTRY

    def in_force(self, day: date) -> "AssignmentQuerySet":
        return self.filter(in_days(day))

    def served(self, first: date, last: date | None = None) -> "AssignmentQuerySet":
        """Those in force on a day, or on any of some days, whose worker serves in the town then: nobody waits for
        somebody who has left, and the group's own goes again."""
        serving = serving_there("worker", "household__place").filter(in_days(first, last))
        return self.filter(in_days(first, last), Exists(serving))


@keeps_history(of="household")
class Assignment(models.Model):
    """A worker named for one household from a day on, where it is not the group's own (domain.md §6)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(
        Household, verbose_name="户", on_delete=models.CASCADE, related_name="assignments"
    )
    worker = models.ForeignKey(
        User, verbose_name="探访人", on_delete=models.PROTECT, related_name="assignments"
    )
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指定探访人"
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_assignment_at_a_time",
                expressions=[("household", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} → {self.household}"


def named_while_serving() -> "QuerySet[Any, Any]":
    """Of a household: the `user` named for it, from when (`begins`) to when (`stops`), posting by posting in its town."""
    return (
        Posting.objects.alias(town=Left("place", TOWN_DIGITS))
        .filter(
            role__in=FIELD_ROLES,
            user__is_active=True,
            user__assignments__household=OuterRef("pk"),
            town=Left(OuterRef("place"), TOWN_DIGITS),
        )
        .annotate(
            begins=Greatest("starts_on", "user__assignments__starts_on"),
            stops=Least("ends_on", "user__assignments__ends_on"),
        )
        .filter(Q(stops=None) | Q(stops__gte=F("begins")))
    )


class MemberQuerySet(ScopedQuerySet):
    """Rows that belong to one household."""

    area_path = "household__place__code"

    def within(self, user: Viewer) -> Q:
        """Whoever fills in annex 3 sees its second part too; who only visits does not."""
        return in_areas(
            self.area_path, user.areas_with(Right.SEE_REGISTRY) | user.areas_with(Right.REGISTER_ELDER)
        )


@keeps_history(of="household")
class HouseholdMember(models.Model):
    """A family member of annex 3, part 2. One who lives there counts for B2, either way."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(
        Household, verbose_name="户", on_delete=models.CASCADE, related_name="members"
    )
    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=6, choices=Sex.choices, blank=True)
    relation = models.CharField("与户主关系", max_length=40, blank=True)
    id_number = EncryptedTextField("居民身份证号码", blank=True)
    id_number_index = BlindIndexField(source="id_number", kind="id_number", db_index=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    health = models.CharField("健康状况", max_length=100, blank=True)
    lives_here = models.BooleanField("同住", null=True, blank=True)
    visits_often = models.BooleanField("经常探访", null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        indexes: ClassVar = [models.Index(fields=["birth_date", "name"], name="member_birth_name")]

    def __str__(self) -> str:
        return self.name


@keeps_history(of="household")
class AssistanceItem(models.Model):
    """One item of social assistance or welfare that the household draws every month (annex 3, part 3)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(
        Household, verbose_name="户", on_delete=models.CASCADE, related_name="assistance"
    )
    name = models.CharField("项目", max_length=40)
    monthly_amount = monthly_amount("每月金额（元）", null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助和补贴项目"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="assistance_item_once", fields=["household", "name"]),
            models.CheckConstraint(
                name="assistance_not_negative", condition=Q(monthly_amount=None) | Q(monthly_amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name
