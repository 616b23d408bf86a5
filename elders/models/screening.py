"""排摸 (notice part 5.2): a town's round over its people of 60 and more, and what was found of each of them."""

import uuid
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Left

from elders.models.elders import Elder
from elders.models.households import Household, HouseholdMember, Sex
from elders.models.registrations import RegistrationForm
from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import BlindIndexField, EncryptedTextField
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.org.models import Division, User
from visitcare.org.roles import Right


class RoundQuerySet(ScopedQuerySet):
    area_path = "town__code"
    seen_with = Right.SEE_REGISTRY

    def open(self) -> "RoundQuerySet":
        return self.filter(closed_on=None)


@keeps_history()
class ScreeningRound(models.Model):
    """A time in which every village of a town looks at all its people of 60 and more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    town = models.ForeignKey(
        Division,
        verbose_name="镇",
        on_delete=models.PROTECT,
        db_column="town_code",
        related_name="screening_rounds",
    )
    name = models.CharField("名称", max_length=40)
    opened_on = models.DateField("开始日期")
    due_on = models.DateField("限期")
    closed_on = models.DateField("结束日期", null=True, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "排摸"
        ordering: ClassVar = ["-opened_on", "town"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_screening_a_town", fields=["town"], condition=Q(closed_on=None)
            ),
            models.UniqueConstraint(name="screening_name_once_a_town", fields=["town", "name"]),
            models.CheckConstraint(
                name="screening_due_after_opening", condition=Q(due_on__gte=F("opened_on"))
            ),
            models.CheckConstraint(
                name="screening_closed_after_opening",
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def days_left(self, day: date) -> int:
        """Below zero once it is overdue."""
        return (self.due_on - day).days


class ScreenedQuerySet(ScopedQuerySet):
    """Readers of the registry see the people of their area; those who screen, the people of their own places."""

    def within(self, user: Viewer) -> Q:
        return in_areas("place__code", user.areas_with(Right.SEE_REGISTRY) | user.areas_with(Right.SCREEN))

    def waiting(self) -> "ScreenedQuerySet":
        """Nobody has looked yet."""
        return self.filter(result=ScreenedPerson.Result.WAITING)

    def to_do(self) -> "ScreenedQuerySet":
        """In whatever a town's latest round found, what the registry does not show yet."""
        later = ScreeningRound.objects.filter(
            town=OuterRef("round__town"), opened_on__gt=OuterRef("round__opened_on")
        )
        return self.filter(
            Q(~Exists(later)) & (to_find() | to_renew() | to_close() | to_move() | to_register())
        )


@keeps_history(inserts=False, of="round")
class ScreenedPerson(models.Model):
    """One person on the list of a round, as the list held them when they came onto it, and what was found."""

    class Source(models.TextChoices):
        ELDER = "elder", "在册老人"
        MEMBER = "member", "家庭成员"
        MET = "met", "新发现"

    class Result(models.TextChoices):
        WAITING = "waiting", "还没看"
        SAME = "same", "在，情况没变"
        CHANGED = "changed", "在，情况有变化"
        MISSING = "missing", "没找到"
        MOVED = "moved", "搬走了"
        DIED = "died", "去世了"
        NEW = "new", "新发现"

    ANSWERS: ClassVar = (Result.SAME, Result.CHANGED, Result.MISSING, Result.MOVED, Result.DIED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(
        ScreeningRound, verbose_name="排摸", on_delete=models.PROTECT, related_name="people"
    )
    place = models.ForeignKey(
        Division,
        verbose_name="村（居）/组",
        on_delete=models.PROTECT,
        db_column="place_code",
        related_name="+",
    )
    village_code = models.GeneratedField(
        expression=Left("place", 12),
        output_field=models.CharField("村（居）代码", max_length=12, db_collation="C"),
        db_persist=True,
    )
    source = models.CharField("来源", max_length=6, choices=Source.choices)
    household = models.ForeignKey(
        Household, verbose_name="户", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    elder = models.ForeignKey(
        Elder, verbose_name="老人", null=True, blank=True, on_delete=models.PROTECT, related_name="screenings"
    )
    member = models.ForeignKey(
        HouseholdMember,
        verbose_name="家庭成员",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=6, choices=Sex.choices, blank=True)
    birth_year = models.PositiveSmallIntegerField("出生年份")
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_number = EncryptedTextField("居民身份证号码", blank=True)
    id_number_index = BlindIndexField(source="id_number", kind="id_number")
    address = models.CharField("居住地址", max_length=200, blank=True)
    lives_alone = models.BooleanField("独自居住", null=True, blank=True)
    result = models.CharField("结果", max_length=7, choices=Result.choices, default=Result.WAITING)
    note = models.CharField("说明", max_length=200, blank=True)
    looked_by = models.ForeignKey(
        User, verbose_name="谁看的", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    looked_on = models.DateField("哪天看的", null=True, blank=True)

    objects = ScreenedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "排摸的人"
        ordering: ClassVar = ["place", "household", "birth_date", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="elder_screened_once_a_round", fields=["round", "elder"]),
            models.UniqueConstraint(name="member_screened_once_a_round", fields=["round", "member"]),
            models.UniqueConstraint(
                name="number_met_once_a_village", fields=["round", "village_code", "id_number_index"]
            ),
            models.CheckConstraint(
                name="screened_by_somebody_on_a_day",
                condition=Q(result="waiting", looked_by=None, looked_on=None)
                | ~Q(result="waiting") & Q(looked_by__isnull=False, looked_on__isnull=False),
            ),
            models.CheckConstraint(
                name="screened_is_whom_the_list_held",
                condition=Q(source="elder", elder__isnull=False, household__isnull=False, member=None)
                | Q(source="member", elder=None, household__isnull=False)
                | Q(source="met", elder=None, member=None, household=None),
            ),
            models.CheckConstraint(
                name="newly_met_are_new",
                condition=Q(source="met", result="new") | ~Q(source="met") & ~Q(result="new"),
            ),
            models.CheckConstraint(
                name="screened_year_is_that_of_birth",
                condition=Q(birth_date=None) | Q(birth_date__year=F("birth_year")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["round", "village_code", "result"], name="screened_round_village")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_met(self) -> bool:
        return self.source == self.Source.MET


# What a result leads to, until the registry shows it. The registry is the one to change: nobody is closed from here.


def to_find() -> Q:
    """Not found: first of all, for a registered elder is owed visits. In hospital is a pause."""
    gone = Q(elder__status__in=[Elder.Status.PAUSED, Elder.Status.CLOSED])
    return Q(result=ScreenedPerson.Result.MISSING) & ~gone


def to_renew() -> Q:
    """Changed: a later version of the registration says how."""
    renewed = RegistrationForm.objects.filter(
        elder=OuterRef("elder"), registered_on__gte=OuterRef("looked_on")
    )
    return Q(result=ScreenedPerson.Result.CHANGED, elder__isnull=False) & Q(~Exists(renewed))


def to_close() -> Q:
    """Dead: the record is to be closed."""
    return Q(result=ScreenedPerson.Result.DIED, elder__status__in=Elder.REGISTERED)


def to_move() -> Q:
    """Moved: the household lies elsewhere, or the record is closed."""
    return Q(
        result=ScreenedPerson.Result.MOVED,
        elder__status__in=Elder.REGISTERED,
        elder__household__place=F("place"),
    )


def to_register() -> Q:
    """Newly met, with no file that bears the number, or the name and year of birth in the village."""
    known = Elder.objects.exclude(status=Elder.Status.CLOSED)
    by_number = known.filter(id_number_index=OuterRef("id_number_index"))
    by_name = known.filter(
        name=OuterRef("name"),
        birth_date__year=OuterRef("birth_year"),
        household__village_code=OuterRef("village_code"),
    )
    return Q(~Exists(by_number), ~Exists(by_name), source=ScreenedPerson.Source.MET)
