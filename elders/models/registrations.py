"""What is found out about an elder, each finding dated: the form of annex 3, the assessment, the consent, the plan
of care; and the county's list of serious illnesses."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, When

from elders.models.elders import Elder, PersonalQuerySet
from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import EncryptedTextField
from visitcare.kit.scope import ScopedQuerySet, Viewer
from visitcare.org.models import User


@keeps_history(inserts=False)
class SeriousIllness(models.Model):
    """One of the illnesses that the county counts as 重病、重大疾病, and the paper that shows it (domain.md §1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("病名", max_length=60, unique=True)
    evidence = models.CharField("凭什么认定", max_length=100)
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "重病名录"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class FormQuerySet(PersonalQuerySet):
    def to_be_mended(self) -> "FormQuerySet":
        """The forms that the town has sent back and that nobody has taken up again, of open records."""
        state = RegistrationForm.State
        decided = Q(state__in=[state.APPROVED, state.RETURNED], decided_at__gt=OuterRef("decided_at"))
        later = RegistrationForm.objects.filter(Q(state=state.SUBMITTED) | decided, elder=OuterRef("elder"))
        sent_back = self.filter(~Exists(later), state=state.RETURNED)
        return sent_back.exclude(elder__status=Elder.Status.CLOSED)


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
    illness = models.ForeignKey(
        SeriousIllness,
        verbose_name="重病（按名录）",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    illness_evidence = models.CharField("重病凭证", max_length=100, blank=True)
    illness_words = models.CharField("重病说明", max_length=200, blank=True)
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

    made_by = models.ForeignKey(User, verbose_name="登记人", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        User, verbose_name="审批人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_reason = models.CharField("审批意见", max_length=200, blank=True)

    objects = FormQuerySet.as_manager()

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
            models.CheckConstraint(
                name="illness_of_the_list_is_serious",
                condition=Q(illness=None) | Q(serious_illness__isnull=False, serious_illness=True),
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


class ConsentQuerySet(PersonalQuerySet):
    def by_signature(self) -> "ConsentQuerySet":
        """First the one that bears the signatures: the latest that both signed, or else the elder, and that says what the
        latest of all says of being visited; or else the latest. Whoever is asked again need not sign again; what was
        signed under another answer is not signed under this one."""
        refuses = ExpressionWrapper(Q(kind=Consent.Kind.REFUSED), models.BooleanField())
        latest = Consent.objects.filter(elder=OuterRef("elder")).order_by("-since")
        signed = Q(refuses=F("holds"), signed_on__isnull=False) & ~Q(signed_by="")
        by_both = signed & Q(staff_signed_on__isnull=False) & ~Q(staff_signed_by="")
        return self.annotate(
            refuses=refuses, holds=Subquery(latest.annotate(refuses=refuses).values("refuses")[:1])
        ).order_by(Case(When(by_both, then=0), When(signed, then=1), default=2), "-since")


@keeps_history(of="elder")
class Consent(models.Model):
    """Whether the elder wishes to be visited, from a day on (notice part 3; annex 3 part 5)."""

    class Kind(models.TextChoices):
        FULL = "full", "愿意"
        PHONE_ONLY = "phone_only", "仅电话"
        REFUSED = "refused", "不愿意"

    class Signer(models.TextChoices):
        SELF = "self", "本人"
        FAMILY = "family", "家庭成员"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="consents")
    since = models.DateField("起始日期")
    kind = models.CharField("探访意愿", max_length=12, choices=Kind.choices)
    reason = models.CharField("原因", max_length=200, blank=True)
    signer = models.CharField("谁签的字", max_length=6, choices=Signer.choices, blank=True)
    signed_by = models.CharField("签字人", max_length=60, blank=True)
    signed_on = models.DateField("签字日期", null=True, blank=True)
    staff_signed_by = models.CharField("工作人员签字", max_length=60, blank=True)
    staff_signed_on = models.DateField("工作人员签字日期", null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "探访意愿"
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_consent_a_day", fields=["elder", "since"]),
            models.CheckConstraint(name="refusal_has_reason", condition=~Q(kind="refused") | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


@keeps_history(of="elder")
class CarePlan(models.Model):
    """个性化关爱服务内容: what this elder wants and needs from the visits, agreed on a day (notice part 3); the latest
    holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="care_plans")
    agreed_on = models.DateField("约定日期")
    content = models.CharField("关爱服务内容", max_length=500)
    agreed_with = models.CharField("和谁约定", max_length=60, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个性化关爱服务内容"
        ordering: ClassVar = ["-agreed_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_care_plan_a_day", fields=["elder", "agreed_on"]),
            models.CheckConstraint(name="care_plan_says_something", condition=~Q(content="")),
        ]

    def __str__(self) -> str:
        return self.content


class ProposalQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        return Q(form__in=RegistrationForm.objects.visible_to(user).values("pk"))


class Proposal(models.Model):
    """What a village's new form of a registered elder says beside the form's own facts: of the person, the ability, the
    consent, the plan of care; and what any form says anew of the household of somebody registered. It waits with the form: whoever is paid for visits changes nothing of a record that the
    town has approved, until the town approves that too. Gone when it holds."""

    form = models.OneToOneField(
        RegistrationForm,
        verbose_name="登记表",
        on_delete=models.CASCADE,
        related_name="proposal",
        primary_key=True,
    )
    content = EncryptedTextField("批准后才生效的内容")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批准后才生效的内容"

    def __str__(self) -> str:
        return f"{self.form}，批准后生效"
