"""Rows that lie in a village."""

from django.db import models

from visitcare.kit.scope import ScopedQuerySet
from visitcare.org.roles import Right

TOWN_DIGITS, VILLAGE_DIGITS = 9, 12
"""How many digits of a code name its town and its village."""


class VillageQuerySet(ScopedQuerySet):
    """Rows that carry the code of their village."""

    area_path = "village_code"
    seen_with = Right.SEE_REGISTRY


def village_code_field() -> models.CharField:
    """The village as it was then: a copy that never changes, so that rows can be told apart by place alone."""
    return models.CharField("村（居）代码", max_length=12, db_collation="C")
