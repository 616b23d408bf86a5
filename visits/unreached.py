"""Elders nobody has reached since an attempt failed, for longer than their class allows (domain.md §2)."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from elders.models import ClassPeriod, Elder
from visitcare.kit.weeks import today
from visitcare.policy.models import care_policy
from visits.models import Outcome, Visit, VisitedElder

SILENT = (Outcome.NOT_HOME, Outcome.NO_ANSWER)
STANDING = (Visit.State.PENDING, Visit.State.VALID)
LOOKS_BACK = timedelta(days=30)
"""Attempts go on while nobody is reached: an older one need not be looked for."""


def unreached(visits: "QuerySet[Visit]") -> "QuerySet[Visit]":
    """The failed attempts from which nobody has reached an active elder: the first since the last success, once the
    hours of the elder's class (P) are over."""
    since = timezone.now() - LOOKS_BACK
    silent = VisitedElder.objects.filter(
        visit=OuterRef("pk"), elder__status=Elder.Status.ACTIVE, visit__outcome__in=SILENT
    ).annotate(
        reached=Exists(_contacts(countable=True).filter(started_at__gt=OuterRef("started_at"))),
        tried_before=Exists(_tried_before(since)),
        letter=Subquery(_class_today().values("risk_class")[:1]),
    )
    return visits.filter(
        Exists(silent.filter(_is_overdue(), reached=False, tried_before=False)),
        outcome__in=SILENT,
        state__in=STANDING,
        started_at__gte=since,
    )


def _contacts(**conditions: Any) -> "QuerySet[VisitedElder]":
    return VisitedElder.objects.filter(elder=OuterRef("elder"), visit__state__in=STANDING, **conditions)


def _tried_before(since: Any) -> "QuerySet[VisitedElder]":
    """An earlier failed attempt with no success after it (none after the later one either: the caller asks that)."""
    successes = _contacts(countable=True).filter(started_at__gt=OuterRef("started_at"))
    return _contacts(visit__outcome__in=SILENT).filter(
        ~Exists(successes), started_at__lt=OuterRef("started_at"), started_at__gte=since
    )


def _class_today() -> "QuerySet[ClassPeriod]":
    day = today()
    return ClassPeriod.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), elder=OuterRef("elder"), starts_on__lte=day
    )


def _is_overdue() -> Q:
    policy, now = care_policy(today()), timezone.now()
    overdue = Q(letter=None, started_at__lte=now - timedelta(hours=policy.alert_hours("")))
    for letter in ClassPeriod.RiskClass.values:
        overdue |= Q(letter=letter, started_at__lte=now - timedelta(hours=policy.alert_hours(letter)))
    return overdue
