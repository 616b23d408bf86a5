"""What people did, to what, where and why: append-only, and outliving what it describes."""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from visitcare.kit.scope import ScopedQuerySet, Viewer

COUNTY_DIGITS = 6


class CurrentTransaction(models.Func):
    """The number of the database's transaction: what it wrote belongs together."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class EventQuerySet(ScopedQuerySet):
    area_path = "area_code"
    seen_with = "read_audit"

    def within(self, user: Viewer) -> Q:
        """What has no place, such as the loading of the first divisions, is for those who read a whole county."""
        reads_a_county = any(len(area) <= COUNTY_DIGITS for area in user.areas_with(self.seen_with))
        return super().within(user) | Q(area_code="") if reads_a_county else super().within(user)


class Event(models.Model):
    """One act. No foreign keys: names and the path of the place are copied in, so that the event still reads
    when the person has left and the village has been renamed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    actor_id = models.UUIDField("操作人编号")
    actor_name = models.CharField("操作人", max_length=100)
    verb = models.CharField("动作", max_length=60)
    words = models.TextField("内容")
    reason = models.TextField("原因", blank=True)
    about_type = models.CharField("对象类型", max_length=60, blank=True)
    about_id = models.CharField("对象编号", max_length=60, blank=True)
    about_label = models.CharField("对象", max_length=200, blank=True)
    area_code = models.CharField("地区代码", max_length=15, blank=True, db_collation="C")
    area_path = models.CharField("地区", max_length=200, blank=True)
    data = models.JSONField("细节", default=dict)
    transaction = models.BigIntegerField("事务", db_default=CurrentTransaction(), null=True, db_index=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作记录"
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [
            models.Index(fields=["about_type", "about_id"], name="audit_about"),
            models.Index(fields=["area_code", "-at"], name="audit_area"),
            models.Index(fields=["actor_id", "-at"], name="audit_actor"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}：{self.words}"
