"""How far the week's obligations are: done by kind, met, open, missed or excused and why, for many at once (domain.md §2).

A closed week stands as it was written down; one that is not closed yet is reckoned from the valid visits of now. What
was written down is reckoned again when something of it changes (`visits.actions.closing`), so that both say the same.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from string import Formatter
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from elders.models import ActivePeriod, Pause
from visitcare.kit.weeks import SHANGHAI, today
from visits.models import Excuse, Mode, Obligation, Progress, Visit, VisitedElder
from visits.rules import Due, Standing, standing

__all__ = ["Excuse", "Progress", "as_of_now", "standing_of", "with_progress"]

DAYS_OPEN = timedelta(days=8)
"""From a week's Monday to the Tuesday after it, when timely entry ends."""


def with_progress(obligations: "QuerySet[Obligation]") -> "QuerySet[Any]":
    """Obligations with `home_done`, `greeting_done` (valid contacts on different days), `progress`, and the `reason` of
    an excuse, else ""."""
    return _now(obligations).annotate(
        home_done=Coalesce("reckoning__home_done", "home_now"),
        greeting_done=Coalesce("reckoning__greeting_done", "greeting_now"),
        progress=Coalesce("reckoning__progress", "progress_now"),
        reason=Coalesce("reckoning__reason", "reason_now"),
    )


def standing_of(obligation: Any) -> Standing:
    """What is missing, covered and beyond, of an obligation of `with_progress`."""
    return standing(
        Due(obligation.home_required, obligation.greeting_required),
        Due(obligation.home_done, obligation.greeting_done),
        surplus_covers=obligation.surplus_covers,
    )


def as_of_now(obligations: "QuerySet[Obligation]") -> "QuerySet[Any]":
    """Obligations with `home_now`, `greeting_now`, `progress_now` and `reason_now`, whatever was written down of them."""
    names = ("home_now", "greeting_now", "progress_now", "reason_now")
    return _now(obligations).annotate(**{name: F(name) for name in names})


def as_counted(obligations: "QuerySet[Obligation]") -> "QuerySet[Any]":
    """Obligations with `home_now`, `greeting_now`, and `progress_now` as these have it, whatever may excuse what is not
    done. Each looks its own contacts up, in a week that the database may know nothing of yet."""
    return obligations.annotate(
        home_now=contact_days(HOME, WEEK),
        greeting_now=contact_days(GREETING, WEEK),
        progress_now=Case(
            When(_is_done(), then=Value(Progress.MET)),
            default=Value(Progress.MISSED),
            output_field=CharField(),
        ),
    )


def _now(obligations: "QuerySet[Obligation]") -> "QuerySet[Any]":
    """The same reckoning as `rules.standing`, in the database; what nobody asks for is not reckoned."""
    counted = obligations.alias(
        home_now=contact_days(HOME, WEEK), greeting_now=contact_days(GREETING, WEEK), excuse_now=excuse(WEEK)
    )
    judged = counted.alias(
        progress_now=Case(
            When(_is_done(), then=Value(Progress.MET)),
            When(~Q(excuse_now=""), then=Value(Progress.EXCUSED)),
            When(monday__gt=today() - DAYS_OPEN, then=Value(Progress.OPEN)),
            default=Value(Progress.MISSED),
            output_field=CharField(),
        )
    )
    reason = Case(When(progress_now=Progress.EXCUSED, then=F("excuse_now")), default=Value(""))
    return judged.alias(reason_now=reason)


HOME, GREETING = Q(visit__mode=Mode.HOME), ~Q(visit__mode=Mode.HOME)
IS_DONE = """({home} >= {home_due} AND ({greeting} >= {greeting_due}
    OR {covers} AND {greeting} + {home} - {home_due} >= {greeting_due}))"""
"""What is due is done; surplus home visits cover greetings where `covers` holds: `rules.standing` in SQL."""


class IsDone(Func):
    """`IS_DONE` of expressions: contacts made (home, greeting), contacts due (home, greeting), and what covers."""

    output_field = BooleanField()
    arity = 5

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        names = ("home", "greeting", "home_due", "greeting_due", "covers")
        compiled = dict(zip(names, map(compiler.compile, self.source_expressions), strict=True))
        parts: list[str] = []
        parameters: list[Any] = []
        for literal, name, _spec, _conversion in Formatter().parse(IS_DONE):
            parts.append(literal)
            if name:
                sql, said = compiled[name]
                parts.append(sql)
                parameters += said
        return "".join(parts), parameters


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a row that has `elder`: from the day in one field to so many days after that in another."""

    first_field: str
    last_field: str
    days_after: int = 0

    def first(self, ref: type[F] = OuterRef) -> Func:
        return Day(ref(self.first_field), days=0)

    def last(self, ref: type[F] = OuterRef, *, after: int = 0) -> Func:
        return Day(ref(self.last_field), days=self.days_after + after)


WEEK = Span("monday", "monday", 6)


class Day(Func):
    """So many days after a day."""

    template = "(%(expressions)s + %(days)s)"
    output_field = DateField()


class Midnight(Func):
    """When a day begins in Shanghai."""

    template = f"(%(expressions)s::timestamp AT TIME ZONE '{SHANGHAI.key}')"
    output_field = DateTimeField()


VALID = (Visit.State.VALID,)
RECORDED = (Visit.State.VALID, Visit.State.PENDING)


def contact_days(kind: Q, span: Span, *, of: Collection[str] = VALID) -> Coalesce:
    """On how many days of the span the elder had a contact of this kind that counts, of visits in these states."""
    counted = _within(span, of).annotate(days=_different_days(kind)).values("days")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _is_done() -> Coalesce:
    """Of obligations: whether the valid contacts of the week are what is due. It goes through the contacts of an elder once,
    where a condition on two `contact_days` would do so each time that one is named in it."""
    due = map(OuterRef, ("home_required", "greeting_required", "surplus_covers"))
    judged = _within(WEEK, VALID).annotate(
        done=IsDone(_different_days(HOME), _different_days(GREETING), *due)
    )
    nothing_due = Q(home_required=0, greeting_required=0)
    return Coalesce(
        Subquery(judged.values("done")), ExpressionWrapper(nothing_due, output_field=BooleanField())
    )


def _within(span: Span, states: Collection[str]) -> "QuerySet[VisitedElder, Any]":
    """The contacts of the elder of a row that count within its span, as one group, if there are any."""
    contacts = _that_count(states).filter(
        elder=OuterRef("elder"),
        started_at__gte=Midnight(span.first()),
        started_at__lt=Midnight(span.last(after=1)),
    )
    return contacts.values("elder")


def _that_count(states: Collection[str]) -> "QuerySet[VisitedElder]":
    return VisitedElder.objects.filter(countable=True, visit__state__in=states).order_by()


def _different_days(kind: Q) -> Count:
    return Count(TruncDate("started_at", tzinfo=SHANGHAI), distinct=True, filter=kind)


def excuse(span: Span) -> Case:
    """Why nothing need be done within the span: not on the books for all of it, or paused on a day of it; else "".

    By the days on the books, for a record that is opened again no longer says that it had been closed.
    """
    throughout = ActivePeriod.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=span.last()), elder=OuterRef("elder"), starts_on__lte=span.first()
    )
    pauses = Pause.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=span.first()), elder=OuterRef("elder"), starts_on__lte=span.last()
    )
    paused = Subquery(pauses.order_by("-starts_on").values("reason")[:1])
    return Case(
        When(Q(elder__closed_on__lte=span.last(F)) & ~Exists(throughout), then=F("elder__close_reason")),
        When(~Exists(throughout), then=Value(Excuse.LEFT)),
        default=Coalesce(paused, Value("")),
        output_field=CharField(),
    )
