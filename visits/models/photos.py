"""Photographs of visits: never asked for, small, sealed, and kept no longer than they serve."""

from typing import ClassVar

from django.db import models
from django.db.models import Q, QuerySet

from visitcare.kit.encryption import EncryptedBinaryField
from visitcare.kit.pictures import LONGEST_SIDE, MOST_BYTES
from visitcare.org.models import User
from visits.models.visits import OfVisitQuerySet, Visit


class PhotoQuerySet(OfVisitQuerySet):
    def with_content(self) -> "PhotoQuerySet":
        """Those that are still kept, with what is seen on them."""
        return self.exclude(forgotten=True).defer(None)


class PhotoManager(models.Manager.from_queryset(PhotoQuerySet)):  # type: ignore[misc]
    """The pictures themselves are read where one is shown, and nowhere else."""

    def get_queryset(self) -> "QuerySet[Photo]":
        return super().get_queryset().defer("content")


class Photo(models.Model):
    """One photograph that came with a visit. `id` is the sender's, `digest` the SHA-256 of the bytes that came; what is
    kept was drawn anew from them, and goes after a while: then the digest alone says that there was one."""

    id = models.UUIDField("编号", primary_key=True)
    visit = models.ForeignKey(Visit, verbose_name="探访记录", on_delete=models.PROTECT, related_name="photos")
    digest = models.CharField("来时的指纹", max_length=64, db_index=True)
    width = models.PositiveSmallIntegerField("宽")
    height = models.PositiveSmallIntegerField("高")
    size = models.PositiveIntegerField("字节")
    content = EncryptedBinaryField("照片")
    forgotten = models.BooleanField("到期删除", default=False)
    sent_by = models.ForeignKey(
        User, verbose_name="发送人", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    received_at = models.DateTimeField("收到时间")

    objects = PhotoManager()

    class Meta:
        verbose_name = verbose_name_plural = "照片"
        ordering: ClassVar = ["received_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="photo_is_small",
                condition=Q(
                    width__range=(1, LONGEST_SIDE),
                    height__range=(1, LONGEST_SIDE),
                    size__range=(1, MOST_BYTES),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"照片 {self.pk}"
