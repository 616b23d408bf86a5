"""请求复核: a worker asks that what the town has decided on a visit of theirs be looked at once more."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from visitcare.org.models import User
from visits.models.visits import OfVisitQuerySet, Visit


class RecheckQuerySet(OfVisitQuerySet):
    def waiting(self) -> "RecheckQuerySet":
        return self.filter(answered_at=None)


class Recheck(models.Model):
    """One request, once for each visit. Its answer is the town's next decision on the visit, or words why it stays as it
    is. To ask changes nothing: what does not count does not count until somebody decides."""

    visit = models.OneToOneField(
        Visit, verbose_name="探访记录", primary_key=True, on_delete=models.PROTECT, related_name="recheck"
    )
    asked_at = models.DateTimeField("请求时间")
    words = models.CharField("本人说", max_length=200, blank=True)
    answered_by = models.ForeignKey(
        User,
        verbose_name="谁答复",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=200, blank=True)

    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "请求复核"
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="recheck_answered_by_somebody",
                condition=Q(answered_at=None, answered_by=None, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(answered_at=None), name="recheck_waiting"),
        ]

    def __str__(self) -> str:
        return f"请求复核 {self.asked_at:%Y-%m-%d}"
