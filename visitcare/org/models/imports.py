"""What people import: files with their verdicts."""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from visitcare.kit.encryption import EncryptedTextField
from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas, nothing
from visitcare.kit.sheets import OUTCOME_WORDS
from visitcare.org.models.people import User
from visitcare.org.models.places import Division, common_place
from visitcare.org.roles import Right


class ImportBatchQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        """Those who could have uploaded it: they hold all that it asks for over its place. And whoever did, as long as
        it would be filed there today: of two towns one serves, none is the batch's place."""
        areas = {right: held for right in Right if (held := user.areas_with(right))}
        reach = {right: frozenset({common_place(held)}) for right, held in areas.items()}
        return _that_ask_for(areas) | Q(uploaded_by=getattr(user, "pk", None)) & _that_ask_for(reach)


def _that_ask_for(areas: Mapping[Right, frozenset[str]]) -> Q:
    """The batches whose rights are all held over their place."""
    rows = nothing()
    for area in frozenset().union(*areas.values()):
        held = [right for right, codes in areas.items() if any(area.startswith(code) for code in codes)]
        rows |= Q(rights__contained_by=held) & in_areas("place__code", frozenset({area}))
    return rows


class ImportBatch(models.Model):
    """A file that somebody uploads to have its rows stored: judged first, stored when they have seen the verdicts.

    The file itself stands sealed in the data folder, its key here, until it is stored or given up. `rights` are what its
    kind and options ask for, `place` is where all of that is held: whoever sees a batch may act on it. `transaction` is
    that which stored the rows: what it changed, the history of the rows tells; `made` names the new rows of a table whose
    history keeps no making.
    """

    class State(models.TextChoices):
        JUDGING = "judging", "正在检查"
        JUDGED = "judged", "等您确认"
        REFUSED = "refused", "文件没有收下"
        STORING = "storing", "正在导入"
        STORED = "stored", "已导入"
        ABANDONED = "abandoned", "已放弃"
        UNDOING = "undoing", "正在撤销"
        UNDONE = "undone", "已撤销"

    RUNNING: ClassVar = (State.JUDGING, State.STORING, State.UNDOING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=20)
    rights = ArrayField(models.CharField(max_length=30), verbose_name="权限", default=list)
    options = ArrayField(models.CharField(max_length=20), verbose_name="选项", default=list)
    place = models.ForeignKey(
        Division, verbose_name="地区", on_delete=models.PROTECT, db_column="place_code", related_name="+"
    )
    uploaded_by = models.ForeignKey(User, verbose_name="上传人", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    file_name = models.CharField("文件名", max_length=200)
    file_key = EncryptedTextField("文件密钥", blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.JUDGING)
    said = models.TextField("说明", blank=True)
    started_at = models.DateTimeField("开始时间")
    total = models.PositiveIntegerField("行数", default=0)
    done = models.PositiveIntegerField("已处理", default=0)
    counts = models.JSONField("结果", default=dict)
    digest = models.CharField("结果指纹", max_length=64, blank=True)
    skip_bad_rows = models.BooleanField("跳过有问题的行", default=False)
    touched_at = models.DateTimeField("最近变化", auto_now=True)
    transaction = models.BigIntegerField("事务", null=True, blank=True)
    stored_at = models.DateTimeField("导入时间", null=True, blank=True)
    made = ArrayField(models.UUIDField(), verbose_name="新增的记录", default=list)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        User, verbose_name="撤销人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入"
        ordering: ClassVar = ["-uploaded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_import_at_a_time_a_person",
                fields=["uploaded_by"],
                condition=Q(state__in=["judging", "storing"]),
            ),
            models.CheckConstraint(
                name="import_stored_by_a_transaction",
                condition=Q(
                    state__in=["stored", "undoing", "undone"],
                    transaction__isnull=False,
                    stored_at__isnull=False,
                )
                | ~Q(state__in=["stored", "undoing", "undone"]) & Q(transaction=None, stored_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uploaded_by} 的导入"

    @property
    def refused_rows(self) -> int:
        return int(self.counts.get("refused", 0))


class ImportVerdictQuerySet(ScopedQuerySet):
    def within(self, user: Viewer) -> Q:
        return Q(batch__in=ImportBatch.objects.visible_to(user).values("pk"))


class ImportVerdict(models.Model):
    """What an import does with one row of its file, in the file's order; numbers of people stand masked in its words."""

    batch = models.ForeignKey(
        ImportBatch, verbose_name="导入", on_delete=models.CASCADE, related_name="verdicts", db_index=False
    )
    position = models.PositiveIntegerField("次序")
    row = models.PositiveIntegerField("行号")
    key = models.CharField("对象", max_length=200)
    outcome = models.CharField("结果", max_length=10, choices=OUTCOME_WORDS.items())
    words = models.TextField("说明", blank=True)

    objects = ImportVerdictQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入结果"
        ordering: ClassVar = ["batch", "position"]
        indexes: ClassVar = [
            models.Index(fields=["batch", "position"], name="verdict_of_batch"),
            models.Index(fields=["batch", "outcome", "position"], name="verdict_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"第 {self.row} 行 {self.key}"
