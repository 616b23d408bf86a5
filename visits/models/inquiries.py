"""What somebody did to find out about an elder whom nobody reached."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from elders.models import Elder
from elders.models.periods import PersonalQuerySet
from visitcare.kit.scope import ScopedQuerySet, Viewer
from visitcare.org.models import User
from visits.models.visits import VisitedElder


class OfVisitedQuerySet(ScopedQuerySet):
    """Rows that belong to one elder of a visit."""

    def within(self, user: Viewer) -> Q:
        return Q(visited__in=VisitedElder.objects.visible_to(user).values("pk"))


class Inquiry(models.Model):
    """One step that a person has done: asked the emergency contact, gone there from the village, seen to it in the
    town. It is no visit. What it says of the elder's safety answers the failed attempts up to `covers_until`."""

    class Step(models.TextChoices):
        CONTACT = "contact", "问紧急联系人"
        VILLAGE = "village", "村里上门看"
        TOWN = "town", "镇里处理"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    elder = models.ForeignKey(
        Elder, verbose_name="老人", on_delete=models.PROTECT, related_name="inquiries", db_index=False
    )
    step = models.CharField("哪一步", max_length=8, choices=Step.choices)
    safe = models.BooleanField("知道平安")
    covers_until = models.DateTimeField("到什么时候", null=True, blank=True)
    words = models.CharField("情况", max_length=200)
    by = models.ForeignKey(
        User, verbose_name="谁", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField("时间")

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "没联系上的处理"
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="inquiry_safe_until_some_time",
                condition=Q(safe=True, covers_until__isnull=False) | Q(safe=False, covers_until=None),
            ),
            models.CheckConstraint(name="inquiry_says_something", condition=~Q(words="")),
        ]
        indexes: ClassVar = [models.Index(fields=["elder", "at"], name="inquiry_elder_time")]

    def __str__(self) -> str:
        return f"{self.get_step_display()}：{self.words}"


class Alert(models.Model):
    """A failed attempt that has been told to the town, because nobody has reached the elder since. It is not forgotten
    while that is so, however long ago it was."""

    visited = models.OneToOneField(
        VisitedElder,
        verbose_name="没联系上",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="alert",
    )
    at = models.DateTimeField("时间")

    objects = OfVisitedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报给镇里的"

    def __str__(self) -> str:
        return f"{self.visited} {self.at:%Y-%m-%d}"


class UnreachedElder(Elder):
    """An elder, in the list of those whom nobody has reached."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "没联系上的老人"
