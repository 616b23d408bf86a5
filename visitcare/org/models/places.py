"""Where: the tree of divisions."""

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import Q

from visitcare.kit.scope import ScopedQuerySet, Viewer, in_areas

CODE_DIGITS = (15, 12, 9, 6)
"""Of a group, a village, a town and a county."""


class DivisionQuerySet(ScopedQuerySet):
    area_path = "code"

    def within(self, user: Viewer) -> Q:
        """A person sees the divisions of every posting, whatever its role: names of places are no secret."""
        return in_areas("code", user.areas_with(""))

    def at(self, level: str) -> "DivisionQuerySet":
        return self.filter(level=level)


class Division(models.Model):
    """County, town (also street or park), village or village group.

    The code is the path: a town's code begins with its county's, and so on (6, 9, 12 and 15 digits). A code never
    changes; a division that moves gets a new row. Groups have no national code: the village's and three digits.
    """

    class Level(models.TextChoices):
        COUNTY = "county", "市县"
        TOWN = "town", "镇（园区、街道）"
        VILLAGE = "village", "村（居）"
        GROUP = "group", "村民小组"

    code = models.CharField("代码", max_length=15, primary_key=True, db_collation="C")
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name="上级",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_column="parent_code",
        related_name="children",
    )
    path = models.CharField("全称", max_length=200, editable=False)
    active = models.BooleanField("启用", default=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "地区"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="division_code_fits_level",
                condition=Q(level="county", code__regex=r"^[0-9]{6}$", parent__isnull=True)
                | Q(level="town", code__regex=r"^[0-9]{9}$", parent__isnull=False)
                | Q(level="village", code__regex=r"^[0-9]{12}$", parent__isnull=False)
                | Q(level="group", code__regex=r"^[0-9]{15}$", parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def town_code(self) -> str:
        return self.code[:9]

    @property
    def village_code(self) -> str:
        return self.code[:12]


def common_place(codes: Collection[str]) -> str:
    """The code of the smallest division that has all of these within it; "" where none has."""
    shortest = min(codes, key=len, default="")
    around = (shortest[:digits] for digits in CODE_DIGITS if len(shortest) >= digits)
    return next((place for place in around if all(code.startswith(place) for code in codes)), "")
