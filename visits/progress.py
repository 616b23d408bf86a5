"""How far the week's obligations are: met, open, missed or excused, for many at once (domain.md §2)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from elders.models import Pause
from visitcare.kit.weeks import SHANGHAI, today
from visitcare.policy.models import PolicyVersion, care_policy
from visits.models import Mode, Obligation, Visit, VisitedElder


class Progress(TextChoices):
    """The state of an obligation, derived from valid visits."""

    MET = "met", "达标"
    OPEN = "open", "进行中"
    MISSED = "missed", "未达标"
    EXCUSED = "excused", "免访"


DAYS_OPEN = timedelta(days=8)
"""From a week's Monday to the Tuesday after it, when timely entry ends."""


def with_progress(obligations: "QuerySet[Obligation]") -> "QuerySet[Any]":
    """Obligations with `home_done`, `greeting_done` (valid contacts on different days) and `progress`.

    The same reckoning as `rules.still_due`, in the database: a surplus home visit covers a greeting where the week's
    policy says so (P), a greeting never covers a home visit.
    """
    home = Q(visit__mode=Mode.HOME)
    counted = obligations.annotate(home_done=_days(home), greeting_done=_days(~home))
    left_over = Case(
        When(policy_version__in=_versions_with_surplus(), then=F("home_done") - F("home_required")),
        default=Value(0),
        output_field=IntegerField(),
    )
    is_met = Q(home_done__gte=F("home_required"), greeting_required__lte=F("greeting_done") + left_over)
    return counted.annotate(
        progress=Case(
            When(is_met, then=Value(Progress.MET)),
            When(_is_excused(), then=Value(Progress.EXCUSED)),
            When(monday__gt=today() - DAYS_OPEN, then=Value(Progress.OPEN)),
            default=Value(Progress.MISSED),
            output_field=CharField(),
        )
    )


def _days(kind: Q) -> Coalesce:
    """On how many days of the week the elder had a valid contact of this kind that counts."""
    contacts = VisitedElder.objects.filter(
        kind,
        elder=OuterRef("elder"),
        countable=True,
        visit__state=Visit.State.VALID,
        started_at__gte=_midnight(0),
        started_at__lt=_midnight(7),
    )
    counted = (
        contacts.order_by()
        .values("elder")
        .annotate(n=Count(TruncDate("started_at", tzinfo=SHANGHAI), distinct=True))
    )
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)


def _midnight(days: int) -> Any:
    """Shanghai's midnight so many days after the obligation's Monday."""
    template = f"((%(expressions)s + {days})::timestamp AT TIME ZONE '{SHANGHAI.key}')"
    return Func(OuterRef("monday"), template=template, output_field=DateTimeField())


def _is_excused() -> Q:
    """Paused, died or left during the week."""
    sunday = Func(OuterRef("monday"), template="(%(expressions)s + 6)")
    paused = Pause.objects.filter(elder=OuterRef("elder"), starts_on__lte=sunday).filter(
        Q(ends_on=None) | Q(ends_on__gte=OuterRef("monday"))
    )
    return Q(Exists(paused)) | Q(elder__closed_on__lte=Func(F("monday"), template="(%(expressions)s + 6)"))


def _versions_with_surplus() -> list[date]:
    """The care policies under which a surplus home visit covers a greeting."""
    days = PolicyVersion.objects.filter(series=PolicyVersion.Series.CARE, enacted_at__isnull=False)
    return [
        day
        for day in days.values_list("effective_from", flat=True)
        if care_policy(day).surplus_home_covers_phone
    ]
