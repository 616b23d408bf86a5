"""A registration that is being filled in on a phone: everything typed so far, valid or not."""

import json
import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q

from elders.models.elders import Elder
from elders.models.households import Household
from visitcare.kit.encryption import EncryptedTextField
from visitcare.kit.scope import ScopedQuerySet, Viewer
from visitcare.org.models import User


class DraftQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        """A draft is its maker's own: nobody has said yet that it is so."""
        return Q(made_by=getattr(user, "pk", None))


class RegistrationDraft(models.Model):
    """What somebody has typed of annex 3 and not submitted yet.

    `household` is set where one is known from the start, `elder` where the form of a known elder is renewed or mended.
    `answers` holds the texts of every field by its name, as a browser sends them; sealed as a whole, so that nothing of
    it stands in plain. `beginning` are those that came from the household's file when the draft began: what was not
    changed since is nothing that this person says. No history is kept: it is no record of anything until it is submitted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey(User, verbose_name="填写人", on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(
        Household, verbose_name="户", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    elder = models.ForeignKey(
        Elder, verbose_name="老人", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answers = EncryptedTextField("填写的内容", default="{}")
    beginning = EncryptedTextField("开始时户里的资料", default="{}")
    step = models.CharField("填到哪一步", max_length=12)
    created_at = models.DateTimeField("开始填写", auto_now_add=True)
    updated_at = models.DateTimeField("最近保存", db_index=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "没填完的登记"
        ordering: ClassVar = ["-updated_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_draft_of_an_elder_by_one_person", fields=["made_by", "elder"]),
        ]

    def __str__(self) -> str:
        return f"{self.made_by}没填完的登记"

    @property
    def said(self) -> dict[str, list[str]]:
        """The answers: of each field its texts, as a browser sends them."""
        return _read(self.answers)

    @said.setter
    def said(self, texts: Mapping[str, list[str]]) -> None:
        self.answers = json.dumps(dict(texts), ensure_ascii=False)

    @property
    def begun_with(self) -> dict[str, list[str]]:
        """What stood in the household's file when the draft began, in the same way."""
        return _read(self.beginning)

    @begun_with.setter
    def begun_with(self, texts: Mapping[str, list[str]]) -> None:
        self.beginning = json.dumps(dict(texts), ensure_ascii=False)


def _read(content: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(content or "{}")
    return found
