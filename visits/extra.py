"""加访: whom a campaign reaches, how far it is, and what is still due of an elder on a day.

A contact on one of the campaign's days counts for the campaign and for its week, each for itself: whoever is visited once
has been looked after once. Campaigns count apart from each other in the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
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
from visitcare.kit.arrays import array_of
from visitcare.kit.weeks import next_monday, today
from visits.cards import ExtraDue
from visits.models import Campaign, CampaignElder
from visits.progress import DAYS_OPEN, GREETING, HOME, RECORDED, IsDone, Span, contact_days, excuse
from visits.rules import Due, standing


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
    found = (
        ClassPeriod.objects.on(day)
        .filter(elder__status__in=[Elder.Status.ACTIVE, Elder.Status.PAUSED])
        .filter(elder__household__place__code__startswith=place)
        .annotate(
            consent=wish_on(day),
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


def wish_on(day: Any) -> Coalesce:
    """What a row's elder wishes on a day; the day may be of the row, too."""
    wishes = Consent.objects.filter(elder=OuterRef("elder"), since__lte=day).order_by("-since")
    return Coalesce(Subquery(wishes.values("kind")[:1]), Value(Consent.Kind.FULL))


def _home_asked() -> Case:
    """How many home visits are due of a row with `wish`: who wishes to be called only is not gone to."""
    return Case(
        When(wish=Consent.Kind.PHONE_ONLY, then=Value(0)), default=F("home_due"), output_field=IntegerField()
    )


# How far it is


def with_extra_progress(drawn: "QuerySet[CampaignElder]") -> "QuerySet[Any]":
    """Elders of campaigns with `home_now`, `greeting_now`, `home_asked` and `progress`.

    Excused is who was not there on the last day, or did not wish it by then. What is not done can be typed until the Tuesday after the week of the
    last day, as what a week asks for.
    """
    days = Span("campaign__first_day", "campaign__last_day")
    end = Span("campaign__last_day", "campaign__last_day")
    counted = drawn.annotate(home_now=contact_days(HOME, days), greeting_now=contact_days(GREETING, days))
    counted = counted.alias(wish=wish_on(OuterRef("campaign__last_day"))).annotate(home_asked=_home_asked())
    is_done = IsDone("home_now", "greeting_now", "home_asked", "greeting_due", "campaign__surplus_covers")
    nothing_asked = Q(wish=Consent.Kind.PHONE_ONLY, greeting_due=0, home_now__lt=F("home_due"))
    refused = Q(wish=Consent.Kind.REFUSED)
    return counted.alias(excuse_now=excuse(end)).annotate(
        progress=Case(
            When(nothing_asked, then=Value(ExtraProgress.EXCUSED)),
            When(is_done, then=Value(ExtraProgress.DONE)),
            When(campaign__ended_on__isnull=False, then=Value(ExtraProgress.STOPPED)),
            When(refused | ~Q(excuse_now=""), then=Value(ExtraProgress.EXCUSED)),
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


def extra_asked(day: date) -> ArraySubquery:
    """Of each elder of a statement about elders: what the campaigns of a day ask for and what is recorded of it, the first
    to end first, as `extra_due` reads it."""
    days = Span("campaign__first_day", "campaign__last_day")
    drawn = (
        CampaignElder.objects.filter(
            elder=OuterRef("pk"),
            campaign__first_day__lte=day,
            campaign__last_day__gte=day,
            campaign__ended_on=None,
        )
        .annotate(wish=wish_on(day))
        .exclude(wish=Consent.Kind.REFUSED)
        .annotate(home_asked=_home_asked())
        .order_by("campaign__last_day", "campaign")
    )
    return array_of(
        drawn,
        *("campaign", "home_asked", "greeting_due"),
        kind="campaign__kind",
        words="campaign__words",
        last_day="campaign__last_day",
        surplus_covers="campaign__surplus_covers",
        home_done=contact_days(HOME, days, of=RECORDED),
        greeting_done=contact_days(GREETING, days, of=RECORDED),
    )


def extra_due(asked: Iterable[Mapping[str, Any]]) -> list[ExtraDue]:
    """What of it is still due."""
    return [
        ExtraDue(
            campaign=UUID(one["campaign"]),
            kind=Campaign.Kind(one["kind"]).label,
            words=one["words"],
            last_day=date.fromisoformat(one["last_day"]),
            left=left,
        )
        for one in asked
        if (left := _left(one)).total
    ]


def _left(one: Mapping[str, Any]) -> Due:
    return standing(
        Due(one["home_asked"], one["greeting_due"]),
        Due(one["home_done"], one["greeting_done"]),
        surplus_covers=one["surplus_covers"],
    ).missing
