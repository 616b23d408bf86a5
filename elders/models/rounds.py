"""Who goes when a worker does not: the days that do not suit them, and who stands in for them."""

import uuid
from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Left

from visitcare.audit.history import keeps_history
from visitcare.kit.ranges import days
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.kit.weeks import today
from visitcare.org.models import Division, Posting, User
from visitcare.org.roles import FIELD_ROLES, ROUND_ROLES, Right

WEEKDAY_WORDS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
TOWN_DIGITS, VILLAGE_DIGITS = 9, 12


def in_days(first: date, last: date | None = None) -> Q:
    """Of rows with a first and perhaps a last day: those of a day, or of any of some days."""
    return (Q(ends_on=None) | Q(ends_on__gte=first)) & Q(starts_on__lte=last or first)


def serving_there(worker: str, place: str) -> "QuerySet[Posting]":
    """Of rows that name a worker and a place: the worker's field postings in the town of the place. Whoever has none in
    force goes nowhere there, whatever else the rows say."""
    return Posting.objects.alias(town=Left("place", TOWN_DIGITS)).filter(
        role__in=FIELD_ROLES,
        user__is_active=True,
        user=OuterRef(worker),
        town=Left(OuterRef(place), TOWN_DIGITS),
    )


class OfWorkerQuerySet(ScopedQuerySet):
    """Rows of a worker: their own, and for whoever keeps accounts or arranges rounds those of the people who serve in
    their area, or are going to."""

    worker: ClassVar[str] = "worker"

    def within(self, user: Viewer) -> Q:
        own = Q(**{self.worker: getattr(user, "pk", None)})
        areas = _areas_of(user)
        serving = Posting.objects.filter(in_areas("place__code", areas)).exclude(ends_on__lt=today())
        return own | Q(**{f"{self.worker}__in": serving.values("user")}) if areas else own

    def during(self, first: date, last: date | None = None) -> Self:
        """Those of a day, or of any of some days."""
        return self.filter(in_days(first, last))


def _areas_of(user: Viewer) -> frozenset[str]:
    return user.areas_with(Right.SEE_ACCOUNTS) | user.areas_with(Right.ARRANGE_ROUNDS)


@keeps_history(of="worker")
class DaysOff(models.Model):
    """Days on which a worker does not go: weekdays that never suit, or all days from one to another."""

    class Kind(models.TextChoices):
        WEEKLY = "weekly", "每周这几天不方便"
        AWAY = "away", "这段时间不在"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    worker = models.ForeignKey(
        User, verbose_name="探访人", on_delete=models.PROTECT, related_name="days_off", db_index=False
    )
    kind = models.CharField("种类", max_length=6, choices=Kind.choices)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name="星期几", default=list, blank=True)
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    objects = OfWorkerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "不方便的日子"
        ordering: ClassVar = ["kind", "starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="days_off_end_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="days_off_of_a_kind",
                condition=Q(kind="weekly", weekdays__len__gt=0, weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6])
                | Q(kind="away", weekdays=[], ends_on__isnull=False),
            ),
            ExclusionConstraint(
                name="days_off_once_at_a_time",
                expressions=[
                    ("worker", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.AWAY:
            return f"{self.starts_on} 到 {self.ends_on} 不在"
        return "、".join(WEEKDAY_WORDS[day] for day in self.weekdays) + "不方便"

    def has(self, day: date) -> bool:
        """Whether the worker does not go on this day."""
        within = self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
        return within and (self.kind == self.Kind.AWAY or day.weekday() in self.weekdays)


class StandInQuerySet(OfWorkerQuerySet):
    """Seen by both, in the town that hands the round over, and in the villages there in which the worker serves: another
    town's reasons are nobody else's."""

    worker = "absent"

    def within(self, user: Viewer) -> Q:
        me, areas = getattr(user, "pk", None), _areas_of(user)
        towns = in_areas("town__code", frozenset(area[:TOWN_DIGITS] for area in areas))
        seen = in_areas("town__code", areas) | super().within(user) & towns
        return Q(absent=me) | Q(substitute=me) | seen

    def served(self, day: date) -> "StandInQuerySet":
        """Those of a day on which whoever stands in serves in the town."""
        return self.during(day).filter(Exists(serving_there("substitute", "town").filter(in_days(day))))

    def with_postings(self) -> "StandInQuerySet":
        """With the worker's postings, which say where their round is."""
        served = Posting.objects.filter(role__in=ROUND_ROLES)
        return self.select_related("absent", "substitute").prefetch_related(
            Prefetch("absent__postings", served, to_attr="rounds")
        )


@keeps_history(of="absent")
class StandIn(models.Model):
    """Somebody goes to a worker's round from one day to another, both included. Only in the town or the villages whose
    rounds the one who said so arranges, `handed_over`: another's are not theirs to hand over, even if the worker gets
    them later."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    absent = models.ForeignKey(
        User, verbose_name="谁不在", on_delete=models.PROTECT, related_name="stand_ins", db_index=False
    )
    substitute = models.ForeignKey(
        User, verbose_name="谁代班", on_delete=models.PROTECT, related_name="stands_in"
    )
    town = models.ForeignKey(
        Division, verbose_name="镇", on_delete=models.PROTECT, db_column="town_code", related_name="+"
    )
    handed_over = ArrayField(models.CharField(max_length=15, db_collation="C"), verbose_name="代哪里的户")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("结束日期")
    reason = models.CharField("原因", max_length=200)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代班"
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(name="stand_in_is_somebody_else", condition=~Q(absent=F("substitute"))),
            models.CheckConstraint(
                name="stand_in_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(name="stand_in_has_reason", condition=~Q(reason="")),
            ExclusionConstraint(
                name="one_stand_in_at_a_time",
                expressions=[
                    ("absent", RangeOperators.EQUAL),
                    ("town", RangeOperators.EQUAL),
                    (days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} 到 {self.ends_on}，{self.substitute}代{self.absent}"

    def has(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def covers(self, place: str) -> bool:
        """Whether a place lies in what was handed over."""
        return any(place.startswith(area) for area in self.handed_over)

    def areas(self, first: date, last: date | None = None) -> frozenset[str]:
        """Where the worker's own round lies in what was handed over, by the postings of these days (`with_postings`)."""
        return frozenset(
            posting.place_id
            for posting in self.absent.rounds  # type: ignore[attr-defined]
            if self.covers(posting.place_id)
            and posting.starts_on <= (last or first)
            and (posting.ends_on is None or posting.ends_on >= first)
        )


def stand_ins_of(user: Any, first: date, last: date | None = None) -> list[StandIn]:
    """The rounds that somebody goes to instead of their worker on a day, or on any of some days; only where they serve
    in the town themselves (it fails closed: a posting that ends takes them along). Read once per request."""
    if "others_rounds" not in user.__dict__:
        towns = {area[:TOWN_DIGITS] for area in user.areas_with(Right.LOG_VISIT)}
        rows = StandIn.objects.filter(substitute=user, town__in=towns).with_postings()
        user.__dict__["others_rounds"] = list(rows) if towns else []
    known: list[StandIn] = user.__dict__["others_rounds"]
    return [one for one in known if one.starts_on <= (last or first) and one.ends_on >= first]


def stand_ins_then(user: User, first: date, last: date) -> list[StandIn]:
    """As `stand_ins_of`, by where the person served themselves on these days, wherever they serve today."""
    towns = {
        posting.place_id[:TOWN_DIGITS]
        for posting in user.all_postings
        if posting.role in FIELD_ROLES
        and posting.starts_on <= last
        and (posting.ends_on is None or posting.ends_on >= first)
    }
    return list(StandIn.objects.filter(substitute=user, town__in=towns).during(first, last).with_postings())
