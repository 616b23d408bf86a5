"""Closing a week: how each obligation stands is written down, and reckoned again when something of it changes.

What was required is never touched. A review or a late record counts for the week in which the visit happened: the
review itself has the obligations reckoned again; what changes elsewhere (a pause, a closing, rows that went with an undone
import) is found in the row history by the nightly run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, Min, Q, QuerySet, Value
from django.utils import timezone

from elders.models import ActivePeriod, Elder, Pause
from visitcare.audit.actions import Occurrence, record, record_each
from visitcare.audit.history import former
from visitcare.kit.weeks import Week, local_day, today
from visitcare.org.models import Division, User
from visits.models import Excuse, Obligation, OpenedWeek, Progress, Reckoning, Visit, VisitedElder
from visits.progress import DAYS_OPEN, WEEK, as_counted, as_of_now, excuse

OVERLAP = timedelta(days=1)
"""Further back than any transaction is open: entries bear the time at which theirs began."""
AT_ONCE = 5_000
_OF_A_RECKONING = ("home_done", "greeting_done", "progress", "reason")
_OF_NOW = ("home_now", "greeting_now", "progress_now", "reason_now")
_WRITE = "INSERT INTO visits_reckoning (obligation_id, home_done, greeting_done, progress, reason)"


@dataclass(frozen=True, slots=True)
class Closed:
    """A week that was closed, and how its obligations stand."""

    week: Week
    counts: Mapping[str, int]

    @property
    def words(self) -> str:
        return "，".join(
            f"{Progress(state).label} {count} 人" for state, count in sorted(self.counts.items())
        )


def close_weeks(*, by: User) -> list[Closed]:
    """Close the weeks whose timely entry has ended, each all or nothing; those that are closed already stay so."""
    over = OpenedWeek.objects.filter(closed_at=None, monday__lte=today() - DAYS_OPEN).order_by("monday")
    closed = [_close(by, monday) for monday in over.values_list("monday", flat=True)]
    return [one for one in closed if one]


def _close(by: User, monday: date) -> Closed | None:
    week = Week(monday)
    with transaction.atomic():
        # Whoever reviews a visit of this week holds it too: their decision is in, or they find the week closed.
        opened = OpenedWeek.objects.select_for_update().get(monday=monday)
        if opened.closed_at:
            return None
        now = timezone.now()
        counts = _write_down(week)
        opened.closed_at = opened.reckoned_at = now
        opened.save(update_fields=["closed_at", "reckoned_at"])
        closed = Closed(week, counts)
        record(
            by=by,
            verb="close_week",
            words=f"关闭 {week.label} 周：{closed.words or '没有人有任务'}",
            data={"week": week.label, **counts},
        )
        return closed


def _write_down(week: Week) -> dict[str, int]:
    """In few statements, however many elders the county has: first what was done, then the excuses of what was not."""
    counted = as_counted(Obligation.objects.filter(monday=week.monday))
    rows = counted.values_list("pk", "home_now", "greeting_now", "progress_now", Value(""))
    sql, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{_WRITE} {sql}", parameters)
    unmet = Obligation.objects.filter(monday=week.monday, reckoning__progress=Progress.MISSED)
    excused: dict[str, list[int]] = defaultdict(list)
    for pk, reason in unmet.annotate(why=excuse(WEEK)).exclude(why="").values_list("pk", "why"):
        excused[reason].append(pk)
    for reason, keys in excused.items():
        Reckoning.objects.filter(pk__in=keys).update(progress=Progress.EXCUSED, reason=reason)
    written = Reckoning.objects.filter(obligation__monday=week.monday).order_by()
    return dict(written.values_list("progress").annotate(Count("pk")))


# What changes afterwards


def reckon_visits(*, by: User, visits: Iterable[UUID], why: str) -> int:
    """Visits were decided on, in the transaction that is open: reckon again what they count for in closed weeks. Return
    how many obligations stand otherwise now."""
    seen = VisitedElder.objects.filter(visit__in=list(visits), started_at__lt=Week.of(today()).opens_at)
    by_week = _by_week(seen.values_list("elder", "started_at"))
    return _reckon(by, _of_pairs(by_week, _hold(by_week)), why)


def reckon_changes(*, by: User) -> int:
    """Reckon again whatever has changed behind closed weeks since the last time; return how many obligations stand
    otherwise now. The nightly run does this; again, and nothing more happens."""
    closed = OpenedWeek.objects.exclude(closed_at=None)
    reckoned_at = closed.aggregate(first=Min("reckoned_at"))["first"]
    if reckoned_at is None:
        return 0
    now, since = timezone.now(), reckoned_at - OVERLAP
    with transaction.atomic():
        weeks = set(closed.select_for_update().order_by("monday").values_list("monday", flat=True))
        done = _reckon(by, _of_pairs(_by_week(_seen(since)), weeks), "核算以后，探访的审核结果变了")
        done += _reckon(by, _of_lives(since), "核算以后，暂停或注销的登记变了")
        closed.filter(monday__in=weeks).update(reckoned_at=now)
    return done


def _hold(weeks: Iterable[date]) -> set[date]:
    """Those of some weeks that are closed; none of them can be closed before this is stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT monday, closed_at FROM visits_openedweek WHERE monday = ANY(%s) ORDER BY monday FOR SHARE",
            [sorted(weeks)],
        )
        return {monday for monday, closed_at in cursor.fetchall() if closed_at}


def _by_week(pairs: Iterable[tuple[UUID, datetime]]) -> dict[date, set[UUID]]:
    found: dict[date, set[UUID]] = defaultdict(set)
    for elder, started_at in pairs:
        found[Week.of(local_day(started_at)).monday].add(elder)
    return found


def _of_pairs(by_week: Mapping[date, set[UUID]], closed: set[date]) -> "QuerySet[Obligation]":
    wanted = Q(pk__in=[])
    for monday in by_week.keys() & closed:
        wanted |= Q(monday=monday, elder__in=by_week[monday])
    return Obligation.objects.filter(wanted)


def _seen(since: datetime) -> Iterator[tuple[UUID, datetime]]:
    """Elders and times of visits that changed or went, by the row history, which knows whoever wrote."""
    visits = former(Visit, pgh_created_at__gte=since)
    pair = ("elder", "started_at")
    yield from VisitedElder.objects.filter(visit__in=visits.values("pgh_obj")).values_list(*pair)
    yield from former(VisitedElder, pgh_created_at__gte=since).values_list(*pair)


def _of_lives(since: datetime) -> "QuerySet[Obligation]":
    """All that was owed to elders who were paused, closed or opened again, or of whom such was mended."""
    lives = former(Elder, pgh_created_at__gte=since).exclude(status=F("pgh_obj__status"))
    touched = Q(elder__in=lives.values("pgh_obj"))
    for model in (Pause, ActivePeriod):
        touched |= Q(elder__in=former(model, pgh_created_at__gte=since).values("elder"))
    return Obligation.objects.filter(touched)


def _reckon(by: User, obligations: "QuerySet[Obligation]", why: str) -> int:
    """Write down anew what stands otherwise, with an event each; `why` is its reason."""
    keys = sorted(obligations.filter(reckoning__isnull=False).values_list("pk", flat=True))
    return sum(_reckon_some(by, keys[start : start + AT_ONCE], why) for start in range(0, len(keys), AT_ONCE))


def _reckon_some(by: User, keys: list[int], why: str) -> int:
    written = (
        Reckoning.objects.filter(pk__in=keys)
        .select_for_update(of=("self",))
        .select_related("obligation__elder")
        .order_by("pk")
    )
    before = {one.pk: one for one in written}
    now = as_of_now(Obligation.objects.filter(pk__in=before)).values_list("pk", *_OF_NOW)
    changed, told = [], []
    for pk, *values in now:
        one = before[pk]
        old = _words(one)
        if values == [getattr(one, name) for name in _OF_A_RECKONING]:
            continue
        for name, value in zip(_OF_A_RECKONING, values, strict=True):
            setattr(one, name, value)
        changed.append(one)
        told.append((one.obligation, f"{old} → {_words(one)}"))
    Reckoning.objects.bulk_update(changed, _OF_A_RECKONING)
    places = Division.objects.in_bulk({obligation.village_code for obligation, _ in told})
    record_each(
        by=by,
        verb="reckon_week",
        reason=why,
        of=[
            Occurrence(
                f"{obligation.elder.name} {Week(obligation.monday).label} 周：{words}",
                obligation,
                places.get(obligation.village_code),
            )
            for obligation, words in told
        ],
    )
    return len(changed)


def _words(one: Any) -> str:
    """As in "未达标（上门 1/2，电话 2/2）"."""
    owed = one.obligation
    state = Progress(one.progress).label + (f"：{Excuse(one.reason).label}" if one.reason else "")
    done = f"上门 {one.home_done}/{owed.home_required}，电话 {one.greeting_done}/{owed.greeting_required}"
    return f"{state}（{done}）"
