"""What phones send, kept as it came before anything is judged; and what of it could not be taken in."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from visitcare.kit.encryption import EncryptedTextField
from visitcare.kit.keys import uuid7
from visitcare.kit.scope import ScopedQuerySet, Viewer
from visitcare.org.models import User
from visits.models.contacts import MOST_WORDS
from visits.models.villages import VillageQuerySet, village_code_field
from visits.models.visits import Visit


class ReceivedQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        """One's own, and what was kept back in one's area."""
        kept = KeptBack.objects.visible_to(user).values("pk")
        return Q(sender=getattr(user, "pk", None)) | Q(pk__in=kept)

    def unanswered(self) -> "ReceivedQuerySet":
        """What was kept and never judged, for the process died in between."""
        stored = Visit.objects.filter(pk=OuterRef("item"), content_hash=OuterRef("digest"))
        withdrawn = Visit.objects.filter(pk=OuterRef("visit"), state=Visit.State.WITHDRAWN)
        is_withdrawal = Q(kind=Received.Kind.WITHDRAWAL)
        done = ~is_withdrawal & Exists(stored) | is_withdrawal & Exists(withdrawn)
        return self.filter(kept_back=None).exclude(done)


class Received(models.Model):
    """One thing that a phone has sent, as it came. Only ever added to, which the database sees to.

    `item` is the key the phone has given it, `visit` the visit it is about (a new visit is about itself), `digest` the
    fingerprint of its content: the same again is the same row, however often it comes. A visit of this key with this
    fingerprint says that it was taken in; what was not has a row of KeptBack.
    """

    class Kind(models.TextChoices):
        VISIT = "visit", "探访"
        CORRECTION = "correction", "更正"
        WITHDRAWAL = "withdrawal", "撤回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    item = models.UUIDField("手机上的编号")
    visit = models.UUIDField("关于哪次探访")
    digest = models.CharField("内容指纹", max_length=64)
    sender = models.ForeignKey(
        User, verbose_name="发送人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    received_at = models.DateTimeField("收到时间")
    app = models.CharField("手机版本", max_length=40, blank=True)
    body = EncryptedTextField("原文")

    objects = ReceivedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "手机来件"
        ordering: ClassVar = ["received_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="received_once", fields=["item", "sender", "visit", "digest"]),
        ]
        indexes: ClassVar = [models.Index(fields=["received_at"], name="received_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.item}"


class KeptBack(models.Model):
    """What a phone has sent and nobody could take in: why, and what has become of it.

    `village_code` is where the elder lived on that day, within the towns in which the sender served, else where the sender
    serves: the town there can mend what stands in its way.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等处理"
        CONFLICT = "conflict", "编号相同、内容不同"
        REFUSED = "refused", "不能成为记录"
        TAKEN = "taken", "后来收下了"
        DECLINED = "declined", "不收"

    OPEN = (State.WAITING, State.CONFLICT)
    """Those that a person is to look at."""

    received = models.OneToOneField(
        Received, verbose_name="来件", primary_key=True, on_delete=models.PROTECT, related_name="kept_back"
    )
    state = models.CharField("处理", max_length=10, choices=State.choices)
    field = models.CharField("哪一项", max_length=20, blank=True)
    words = models.CharField("为什么没收下", max_length=MOST_WORDS)
    village_code = village_code_field()
    since = models.DateTimeField("从何时起")
    decided_by = models.ForeignKey(
        User,
        verbose_name="处理人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    reason = models.CharField("处理说明", max_length=200, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "没收下的手机记录"
        ordering: ClassVar = ["since"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="declined_by_somebody_with_reason",
                condition=~Q(state="declined")
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["village_code", "since"],
                condition=Q(state__in=["waiting", "conflict"]),
                name="kept_back_open",
            ),
        ]

    def __str__(self) -> str:
        return f"没收下的手机记录 {self.pk}"
