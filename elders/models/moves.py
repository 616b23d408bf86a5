"""Moving to another village or group, from the decision to leave to the day on which it counts."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from elders.models.elders import Elder
from elders.models.households import Household
from visitcare.audit.history import keeps_history
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas
from visitcare.org.models import Division, User
from visitcare.org.roles import Right


class MoveQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        """Both villages see a move: the one that is left and the one that is asked to take the elder in."""
        areas = user.areas_with(Right.SEE_REGISTRY)
        return in_areas("household__place__code", areas) | in_areas("village__code", areas)

    def open(self) -> "MoveQuerySet":
        return self.filter(state__in=Move.OPEN)


@keeps_history(of="elder")
class Move(models.Model):
    """One elder who leaves `household` for `village` (搬家、迁移). Until the new town has taken them in, and the day has
    come, they stay where they are and everything goes on there. Who leaves together bears the same `party`. Accepted they
    go to `to_household`, or to a new one at `place`, which is made on the day they come."""

    class State(models.TextChoices):
        WAITING = "waiting", "等对方接收"
        ACCEPTED = "accepted", "已接收，到日子办"
        DONE = "done", "已迁入"
        SENT_BACK = "sent_back", "退回"
        WITHDRAWN = "withdrawn", "撤回"

    OPEN: ClassVar = (State.WAITING, State.ACCEPTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    party = models.UUIDField("一起迁移的", default=uuid.uuid4, editable=False, db_index=True)
    elder = models.ForeignKey(Elder, verbose_name="老人", on_delete=models.CASCADE, related_name="moves")
    household = models.ForeignKey(
        Household, verbose_name="迁出的户", on_delete=models.PROTECT, related_name="moves_out"
    )
    village = models.ForeignKey(
        Division,
        verbose_name="迁入村（居）",
        on_delete=models.PROTECT,
        db_column="village_code",
        related_name="moves_in",
    )
    place = models.ForeignKey(
        Division,
        verbose_name="新户的村（居）/组",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_column="place_code",
        related_name="+",
        db_index=False,
    )
    address = models.CharField("新地址", max_length=200, blank=True)
    to_household = models.ForeignKey(
        Household,
        verbose_name="迁入的户",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="moves_in",
    )
    starts_on = models.DateField("从哪天起")
    reason = models.CharField("原因", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    proposed_by = models.ForeignKey(
        User, verbose_name="提出人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name="决定人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    decision_reason = models.CharField("退回或撤回的原因", max_length=200, blank=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "迁移"
        ordering: ClassVar = ["-proposed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_move_an_elder",
                fields=["elder"],
                condition=Q(state__in=["waiting", "accepted"]),
            ),
            models.CheckConstraint(
                name="move_accepted_into_a_household",
                condition=Q(state="accepted") & (Q(to_household__isnull=False) | Q(place__isnull=False))
                | Q(state="done", to_household__isnull=False)
                | Q(state__in=["waiting", "sent_back"], to_household__isnull=True, place__isnull=True)
                | Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="move_sent_back_with_reason",
                condition=~Q(state__in=["sent_back", "withdrawn"]) | ~Q(decision_reason=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["village", "starts_on"],
                condition=Q(state__in=["waiting", "accepted"]),
                name="move_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elder} → {self.village.path}"
