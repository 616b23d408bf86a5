"""What in the lives of elders is due for somebody to look at: pauses that run out, refusals to ask about again."""

from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from elders.models import Consent, Elder, Pause
from elders.models.periods import MOST_PAUSED
from visitcare.kit.weeks import today

SOON = timedelta(days=7)
"""How long before it runs out a pause is shown."""
ASKED_EVERY = relativedelta(months=3)
"""Who has refused is asked again (domain.md §2)."""


def with_pause_due(elders: "QuerySet[Elder]") -> "QuerySet[Any]":
    """With `pause_due`: the day on which the present pause runs out, by its end or as its 90th."""
    ninetieth = Cast(F("starts_on") + Value(timedelta(days=MOST_PAUSED - 1)), DateField())
    going_on = Pause.objects.filter(elder=OuterRef("pk")).filter(Q(ends_on=None) | Q(ends_on__gte=today()))
    due = going_on.annotate(due=Coalesce("ends_on", ninetieth)).order_by("starts_on").values("due")[:1]
    return elders.annotate(pause_due=Subquery(due, output_field=DateField()))


def pauses_to_review(elders: "QuerySet[Elder]") -> "QuerySet[Any]":
    """Those whose pause runs out within a week, or should have been looked at already."""
    paused = with_pause_due(elders.filter(status=Elder.Status.PAUSED))
    return paused.filter(Q(pause_due=None) | Q(pause_due__lte=today() + SOON))


def with_last_asked(elders: "QuerySet[Elder]") -> "QuerySet[Any]":
    """With `asked_on`: the day on which they were last asked whether they want to be visited."""
    answers = Consent.objects.filter(elder=OuterRef("pk"), since__lte=today()).order_by("-since")
    return elders.annotate(asked_on=Subquery(answers.values("since")[:1]))


def refusing(elders: "QuerySet[Elder]", *, asked_until: date | None = None) -> "QuerySet[Elder]":
    """Those on the books whose last answer is that they do not want to be visited, given on a day or before it."""
    # From the few refusals to their elders, not from all elders of a county to the last answer of each.
    answers = Consent.objects.filter(since__lte=today())
    later = answers.filter(elder=OuterRef("elder"), since__gt=OuterRef("since"))
    refusals = answers.filter(~Exists(later), kind=Consent.Kind.REFUSED, since__lte=asked_until or today())
    return elders.filter(status__in=Elder.REGISTERED, pk__in=refusals.values("elder"))


def to_ask_again(elders: "QuerySet[Elder]") -> "QuerySet[Elder]":
    """Those of them who were last asked three months ago or earlier."""
    return refusing(elders, asked_until=today() - ASKED_EVERY)
