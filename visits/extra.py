"""加访: whom a campaign reaches, how far it is, and what is still due of an elder on a day.

A contact on one of the campaign's days counts for the campaign and for its week, each for itself: whoever is visited once
has been looked after once. Campaigns count apart from each other in the same way.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from elders.models import ClassPeriod, Consent, Elder
from elders.screening import years_before
from visitcare.kit.weeks import local_day, midnight, next_monday, today
from visits.cards import ExtraDue
from visits.models import Campaign, CampaignElder, Visit, VisitedElder
from visits.progress import DAYS_OPEN, GREETING, HOME, IsDone, Span, contact_days, excuse
from visits.rules import HOME as HOME_KIND
from visits.rules import Due, kind_of, standing


class ExtraProgress(TextChoices):
    """How far a campaign is with one elder, derived from valid visits."""

    DONE = "done", "做到了"
    TO_DO = "to_do", "待做"
    MISSED = "missed", "没做到"
    EXCUSED = "excused", "免访"
    STOPPED = "stopped", "提前结束"


# Whom it reaches


def reached(
    *,
    place: str,
    day: date,
    classes: Sequence[str] = (),
    age_from: int | None = None,
    living: str = "",
    elder: UUID | None = None,
    home_only: bool = False,
) -> "QuerySet[Any]":
    """The class periods, with `consent` and the `place_code` of the elder, of those who have a class on a day, live in a
    place (a code), have not refused, and fit; "" and None ask for nothing. `home_only`, where nothing but home visits is
    asked for, leaves out those who wish to be called only."""
    wishes = Consent.objects.filter(elder=OuterRef("elder"), since__lte=day).order_by("-since")
    found = (
        ClassPeriod.objects.on(day)
        .filter(elder__status__in=[Elder.Status.ACTIVE, Elder.Status.PAUSED])
        .filter(elder__household__place__code__startswith=place)
        .annotate(
            consent=Coalesce(Subquery(wishes.values("kind")[:1]), Value(Consent.Kind.FULL)),
            place_code=F("elder__household__place"),
        )
        .exclude(consent=Consent.Kind.REFUSED)
    )
    if home_only:
        found = found.exclude(consent=Consent.Kind.PHONE_ONLY)
    if classes:
        found = found.filter(risk_class__in=classes)
    if age_from is not None:
        found = found.filter(elder__birth_date__lte=years_before(day, age_from))
    if living:
        wanted = (
            [Campaign.Living.ALONE, Campaign.Living.EMPTY_NEST]
            if living == Campaign.Living.EITHER
            else [living]
        )
        fits = Q(pk__in=[])
        for category in wanted:
            fits |= Q(verdict__categories__contains=[category])
        found = found.filter(fits)
    return found.filter(elder=elder) if elder else found


# How far it is


def with_extra_progress(drawn: "QuerySet[CampaignElder]") -> "QuerySet[Any]":
    """Elders of campaigns with `home_done`, `greeting_done` and `progress`.

    Excused is who was not there on the last day. What is not done can be typed until the Tuesday after the week of the
    last day, as what a week asks for.
    """
    days = Span("campaign__first_day", "campaign__last_day")
    end = Span("campaign__last_day", "campaign__last_day")
    counted = drawn.annotate(home_now=contact_days(HOME, days), greeting_now=contact_days(GREETING, days))
    is_done = IsDone("home_now", "greeting_now", "home_due", "greeting_due", "campaign__surplus_covers")
    return counted.alias(excuse_now=excuse(end)).annotate(
        progress=Case(
            When(is_done, then=Value(ExtraProgress.DONE)),
            When(campaign__ended_on__isnull=False, then=Value(ExtraProgress.STOPPED)),
            When(~Q(excuse_now=""), then=Value(ExtraProgress.EXCUSED)),
            When(campaign__last_day__gte=first_still_typed(), then=Value(ExtraProgress.TO_DO)),
            default=Value(ExtraProgress.MISSED),
            output_field=CharField(),
        )
    )


def overdue(drawn: "QuerySet[CampaignElder]") -> "QuerySet[Any]":
    """Whose days are over, though what is not done can still be typed."""
    over = drawn.filter(campaign__last_day__gte=first_still_typed(), campaign__last_day__lt=today())
    return with_extra_progress(over).filter(progress=ExtraProgress.TO_DO)


def first_still_typed() -> date:
    """The first day of which a visit is not late yet."""
    return next_monday(today() - DAYS_OPEN)


def counts_of(drawn: "QuerySet[CampaignElder]", *by: str) -> dict[tuple[str, ...], int]:
    """How many elders stand how, by further fields of them: progress first."""
    rows = with_extra_progress(drawn).order_by().values_list("progress", *by).annotate(n=Count("pk"))
    return {tuple(key): n for *key, n in rows}


# What is still due


def extra_due(elders: Iterable[UUID], day: date) -> dict[UUID, list[ExtraDue]]:
    """By elder, what the campaigns of a day still ask for, the first to end first; two queries at most. An elder without
    any is not in it."""
    drawn = list(
        CampaignElder.objects.filter(
            elder__in=list(elders),
            campaign__first_day__lte=day,
            campaign__last_day__gte=day,
            campaign__ended_on=None,
        )
        .select_related("campaign")
        .order_by("campaign__last_day", "campaign")
    )
    if not drawn:
        return {}
    contacts = _contacts(drawn)
    found: dict[UUID, list[ExtraDue]] = defaultdict(list)
    for one in drawn:
        campaign = one.campaign
        during = [
            kind for kind, on in contacts[one.elder_id] if campaign.first_day <= on <= campaign.last_day
        ]
        home = during.count(HOME_KIND)
        left = standing(
            Due(one.home_due, one.greeting_due),
            Due(home, len(during) - home),
            surplus_covers=campaign.surplus_covers,
        ).missing
        if left.total:
            found[one.elder_id].append(
                ExtraDue(campaign.pk, campaign.get_kind_display(), campaign.words, campaign.last_day, left)
            )
    return dict(found)


def _contacts(drawn: Sequence[CampaignElder]) -> dict[UUID, set[tuple[str, date]]]:
    """Kind and day of what is recorded of these elders over all days of their campaigns."""
    first = min(one.campaign.first_day for one in drawn)
    last = max(one.campaign.last_day for one in drawn)
    rows = VisitedElder.objects.filter(
        elder__in={one.elder_id for one in drawn},
        countable=True,
        started_at__gte=midnight(first),
        started_at__lt=midnight(last + timedelta(days=1)),
        visit__state__in=[Visit.State.VALID, Visit.State.PENDING],
    )
    found: dict[UUID, set[tuple[str, date]]] = defaultdict(set)
    for elder, mode, started_at in rows.values_list("elder", "visit__mode", "started_at"):
        found[elder].add((kind_of(mode), local_day(started_at)))
    return found
