"""The registry 一户一档: households and elders, their dated facts, and the class that follows from them."""

import uuid
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Left

from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import BlindIndexField, EncryptedTextField
from visitcare.kit.masking import mask_id_number, mask_phone
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.kit.weeks import today
from visitcare.org.models import Division, User
from visitcare.org.roles import Right


def days(start: str = "starts_on", end: str = "ends_on") -> Func:
    """The range of days between two date columns, both included; no end = for good."""
    return Func(
        start,
        end,
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
        function="DATERANGE",
        output_field=DateRangeField(),
    )


class Sex(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


class HouseholdQuerySet(ScopedQuerySet):
    area_path = "place__code"
    seen_with = Right.SEE_REGISTRY

    def within(self, user: Viewer) -> Q:
        """Offices and cadres see their area; whoever logs visits sees their group, and the households named to them."""
        named = (
            Assignment.objects.in_force(today()).filter(worker=getattr(user, "pk", None)).values("household")
        )
        areas = user.areas_with(Right.SEE_REGISTRY) | user.areas_with(Right.LOG_VISIT)
        return in_areas(self.area_path, areas) | Q(pk__in=named)


@keeps_history()
class Household(models.Model):
    """One dwelling with its elders and members: the 一户 of 一户一档 (notice part 3)."""

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
        ]

    def __str__(self) -> str:
        return f"{self.place.path} {self.address or self.number}".strip()


class AssignmentQuerySet(ScopedQuerySet):
    area_path = "household__place__code"
    seen_with = Right.SEE_REGISTRY

    def in_force(self, day: date) -> "AssignmentQuerySet":
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


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


class MemberQuerySet(ScopedQuerySet):
    area_path = "household__place__code"
    seen_with = Right.SEE_REGISTRY


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

    def __str__(self) -> str:
        return self.name


class ElderQuerySet(ScopedQuerySet):
    area_path = "household__place__code"
    seen_with = Right.SEE_REGISTRY

    def within(self, user: Viewer) -> Q:
        return Q(household__in=Household.objects.visible_to(user).values("pk"))

    def registered(self) -> "ElderQuerySet":
        """Approved and not closed, whether or not in scope yet or paused."""
        return self.filter(status__in=Elder.REGISTERED)


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
    hukou_address = models.CharField("户籍地址", max_length=200, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    closed_on = models.DateField("注销日期", null=True, blank=True)
    close_reason = models.CharField("注销原因", max_length=20, choices=CloseReason.choices, blank=True)
    merged_into = models.ForeignKey(
        "self", verbose_name="并入", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
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
        ]
        indexes: ClassVar = [
            models.Index(fields=["id_number_index"], name="elder_id_number"),
            models.Index(fields=["id_number_tail"], name="elder_id_number_tail"),
            models.Index(fields=["status", "birth_date"], name="elder_status_birth"),
        ]

    def __str__(self) -> str:
        return self.name

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


@keeps_history(of="elder")
class RegistrationForm(models.Model):
    """Annex 3 for one elder, one dated version: what was found on `registered_on`. Empty = unknown, not no."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审批"
        RETURNED = "returned", "退回"
        APPROVED = "approved", "已批准"

    class Living(models.TextChoices):
        ALONE = "alone", "独居"
        ELDERS_ONLY = "elders_only", "双老同住"
        WITH_DEPENDENT_CHILD = "with_dependent_child", "与无生活自理能力子女同住"
        WITH_FAMILY = "with_family", "与家人同住"
        INSTITUTION = "institution", "机构"

    class Location(models.TextChoices):
        NONE = "none", "无"
        SAME_HOME = "same_home", "同住"
        SAME_COUNTY = "same_county", "本县"
        ELSEWHERE = "elsewhere", "外地"

    class Grade(models.IntegerChoices):
        NONE = 0, "无"
        ONE = 1, "一级"
        TWO = 2, "二级"
        THREE = 3, "三级"
        FOUR = 4, "四级"

    class Economy(models.TextChoices):
        DESTITUTE = "dispersed_destitute", "特困人员"
        ALLOWANCE = "subsistence_allowance", "低保"
        MARGINAL = "marginal", "低保边缘"
        RESIDENT_PENSION = "resident_pension", "居民养老保险"
        ENTERPRISE_PENSION = "enterprise_pension", "企业养老保险"
        PUBLIC_PENSION = "public_pension", "机关事业单位退休"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="forms")
    registered_on = models.DateField("登记日期")
    state = models.CharField("审批状态", max_length=10, choices=State.choices, default=State.DRAFT)

    living = models.CharField("居住状况", max_length=24, choices=Living.choices, blank=True)
    spouse_location = models.CharField("配偶居住地", max_length=12, choices=Location.choices, blank=True)
    child_location = models.CharField("子女居住地", max_length=12, choices=Location.choices, blank=True)
    able_adult_at_home = models.BooleanField("家里有60岁以下能照料的人", null=True, blank=True)
    dementia = models.BooleanField("失智", null=True, blank=True)
    cannot_speak_or_hear = models.BooleanField("无法言语或听力", null=True, blank=True)
    disability_grade = models.PositiveSmallIntegerField(
        "残疾等级", choices=Grade.choices, null=True, blank=True
    )
    serious_illness = models.BooleanField("重病", null=True, blank=True)
    illness_words = models.CharField("重病名称", max_length=200, blank=True)
    past_illnesses = models.CharField("曾患病史", max_length=200, blank=True)
    economy = ArrayField(
        models.CharField(max_length=24, choices=Economy.choices),
        verbose_name="经济情况",
        null=True,
        blank=True,
    )
    monthly_income = models.DecimalField(
        "月可支配收入（元）", max_digits=9, decimal_places=2, null=True, blank=True
    )
    income_source = models.CharField("经济来源", max_length=100, blank=True)
    family_planning_special = models.BooleanField("计划生育特殊家庭", null=True, blank=True)
    left_behind = models.BooleanField("农村留守", null=True, blank=True)
    cares_for_dependent_child = models.BooleanField("长期照料失能子女", null=True, blank=True)
    lives_with_dependent_child_long_term = models.BooleanField(
        "长期与无生活自理能力子女同住", null=True, blank=True
    )
    other = models.CharField("其他对象说明", max_length=200, null=True, blank=True)  # noqa: DJ001 (unknown ≠ none)
    water_safe = models.BooleanField("饮水安全", null=True, blank=True)
    power_safe = models.BooleanField("生活用电安全", null=True, blank=True)
    housing_safe = models.BooleanField("住房安全", null=True, blank=True)
    age_friendly = models.CharField("家庭环境适老化情况", max_length=100, blank=True)

    made_by = models.ForeignKey(User, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        User, verbose_name="审批人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_reason = models.CharField("审批意见", max_length=200, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "信息登记表"
        ordering: ClassVar = ["-registered_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_approved_form_a_day",
                fields=["elder", "registered_on"],
                condition=Q(state="approved"),
            ),
            models.CheckConstraint(
                name="form_decided_by_somebody",
                condition=Q(state__in=["draft", "submitted"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elder} {self.registered_on:%Y-%m-%d} 登记表"


@keeps_history(of="elder")
class Assessment(models.Model):
    """A professional assessment by GB/T 42195-2022; the latest on a day holds (annex 1.4)."""

    class Level(models.TextChoices):
        INTACT = "intact", "能力完好"
        MILD = "mild", "轻度失能"
        MODERATE = "moderate", "中度失能"
        SEVERE = "severe", "重度失能"
        TOTAL = "total", "完全失能"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="assessments"
    )
    assessed_on = models.DateField("评估日期")
    level = models.CharField("能力程度", max_length=10, choices=Level.choices)
    score = models.PositiveSmallIntegerField("评估总分", null=True, blank=True)
    standard = models.CharField("标准", max_length=40, default="GB/T 42195-2022")
    assessor = models.CharField("评估人", max_length=60, blank=True)
    mismatch_reason = models.CharField("分数与程度不一致的说明", max_length=200, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "能力评估"
        ordering: ClassVar = ["-assessed_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_assessment_a_day", fields=["elder", "assessed_on"]),
            models.CheckConstraint(
                name="assessment_score_to_100", condition=Q(score=None) | Q(score__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.score if self.score is not None else ''}".strip()


@keeps_history(of="elder")
class Consent(models.Model):
    """Whether the elder wishes to be visited, from a day on (notice part 3; annex 3 part 5)."""

    class Kind(models.TextChoices):
        FULL = "full", "愿意"
        PHONE_ONLY = "phone_only", "仅电话"
        REFUSED = "refused", "不愿意"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="consents")
    since = models.DateField("起始日期")
    kind = models.CharField("探访意愿", max_length=12, choices=Kind.choices)
    reason = models.CharField("原因", max_length=200, blank=True)
    signed_by = models.CharField("签字人", max_length=60, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "探访意愿"
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_consent_a_day", fields=["elder", "since"]),
            models.CheckConstraint(name="refusal_has_reason", condition=~Q(kind="refused") | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


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


@keeps_history(of="elder", inserts=False)
class ClassPeriod(models.Model):
    """The class of an elder over a span of weeks, with everything it rests on: dated history that never overlaps
    and is never rewritten once it has begun."""

    class RiskClass(models.TextChoices):
        A = "A", "A类"
        B = "B", "B类"
        C = "C", "C类"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="class_periods"
    )
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    risk_class = models.CharField("类别", max_length=1, choices=RiskClass.choices)
    codes = ArrayField(models.CharField(max_length=2), verbose_name="依据")
    verdict = models.JSONField("判定")
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

    objects = PersonalQuerySet.as_manager()

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
        ]
        indexes: ClassVar = [models.Index(fields=["risk_class", "starts_on"], name="class_letter_start")]

    def __str__(self) -> str:
        return f"{self.get_risk_class_display()} {self.starts_on} 起"
