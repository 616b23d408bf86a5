"""How the obligations of a closed week stand, written down."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from visitcare.kit.scope import ScopedQuerySet
from visitcare.org.roles import Right
from visits.models.weeks import Obligation


class Progress(models.TextChoices):
    """The state of an obligation, derived from valid visits."""

    MET = "met", "达标"
    OPEN = "open", "进行中"
    MISSED = "missed", "未达标"
    EXCUSED = "excused", "免访"


class Excuse(models.TextChoices):
    """Why a week that was not met is excused: the reasons of a pause and of a closing, and one for a closing that was
    taken back since."""

    HOSPITAL = "hospital", "住院"
    AWAY = "away", "外出"
    DIED = "died", "去世"
    MOVED = "moved", "迁出"
    INSTITUTION = "institution", "入住机构"
    NOT_ELIGIBLE = "not_eligible", "不再符合条件"
    MERGED = "merged", "并档"
    LEFT = "left", "当时已注销"


class ReckoningQuerySet(ScopedQuerySet):
    area_path = "obligation__village_code"
    seen_with = Right.SEE_REGISTRY


class Reckoning(models.Model):
    """How one obligation stood when its week was closed, and stands since: what changes it leaves an event behind.

    A table of its own, so that the obligation itself never changes and closing a county's week is one INSERT.
    """

    obligation = models.OneToOneField(
        Obligation,
        verbose_name="周任务",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="reckoning",
    )
    home_done = models.PositiveSmallIntegerField("已上门")
    greeting_done = models.PositiveSmallIntegerField("已电话（视频）")
    progress = models.CharField("完成情况", max_length=8, choices=Progress.choices)
    reason = models.CharField("免访原因", max_length=12, choices=Excuse.choices, blank=True)

    objects = ReckoningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周任务核算"
        constraints: ClassVar = [
            models.CheckConstraint(name="reckoning_is_final", condition=~Q(progress="open")),
            models.CheckConstraint(
                name="reckoning_excused_with_reason",
                condition=Q(progress="excused") & ~Q(reason="") | ~Q(progress="excused") & Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.get_progress_display()
