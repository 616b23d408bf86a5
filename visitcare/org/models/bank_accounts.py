"""Where a worker's subsidy goes."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from visitcare.audit.history import keeps_history
from visitcare.kit.encryption import EncryptedTextField
from visitcare.kit.masking import mask_card
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas, nothing
from visitcare.org.models.people import Posting, User
from visitcare.org.roles import Right


class BankAccountQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        seen = User.objects.filter(
            pk__in=Posting.objects.filter(
                in_areas("place__code", user.areas_with(Right.SEE_SETTLEMENT))
            ).values("user")
        )
        return Q(user__in=seen) if user.areas_with(Right.SEE_SETTLEMENT) else nothing()


@keeps_history(of="user")
class BankAccount(models.Model):
    """Where a worker's subsidy goes, from a day on; the latest that has begun is in force."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, verbose_name="人员", on_delete=models.PROTECT, related_name="bank_accounts"
    )
    bank = models.CharField("开户银行", max_length=60)
    card = EncryptedTextField("卡号")
    since = models.DateField("起始日期")

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "银行卡"
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_bank_account_a_day", fields=["user", "since"]),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {mask_card(self.card)}"
