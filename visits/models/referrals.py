"""What visits found, until it is solved."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from elders.models import Elder, Household
from visitcare.kit.scope import Viewer, in_areas
from visitcare.org.models import User
from visitcare.org.roles import Right
from visits.models.contacts import MOST_WORDS, Area
from visits.models.villages import VillageQuerySet, village_code_field
from visits.models.visits import Visit
from visits.rules import found_words

MOST_ON_A_CARD = 30


class ReferralQuerySet(VillageQuerySet):
    def within(self, user: Viewer) -> Q:
        """Whoever visits the household must be able to ask whether it is solved."""
        seen = in_areas(self.area_path, user.areas_with(Right.SEE_REGISTRY))
        return seen | Q(household__in=Household.objects.visible_to(user).values("pk"))


class Referral(models.Model):
    """A finding that waits for somebody: hazard, health risk, neglect, benefit or service (notice part 3).

    `solved_in` is the visit that saw it solved; while that visit counts no more, it is open again.
    """

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
    words = models.CharField("说明", max_length=MOST_WORDS, blank=True)
    owner = models.CharField("由谁办", max_length=10, choices=Owner.choices, default=Owner.TOWN)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField("发现时间")
    due_on = models.DateField("限期")
    solved_at = models.DateTimeField("解决时间", null=True, blank=True)
    solved_by = models.ForeignKey(
        User, verbose_name="确认人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    solved_in = models.ForeignKey(
        Visit,
        verbose_name="在哪次探访时看到解决",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="solved",
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
        return found_words(self.area, self.kinds, self.words) or self.get_area_display()

    @property
    def short(self) -> str:
        """The summary for a card on a phone."""
        words = self.summary
        return words if len(words) <= MOST_ON_A_CARD else f"{words[: MOST_ON_A_CARD - 1]}…"
