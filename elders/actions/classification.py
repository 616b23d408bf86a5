"""Classes as dated history (domain.md §1): the engine proposes each change for the next Monday; what has begun is
never rewritten.

An override that holds on a Monday gives the class its letter; codes and verdict stay the engine's. It never keeps in
scope who is out of it: where the engine finds an elder out of scope, the override is ended with the class, on the Sunday
before, and the town is told by an event and in the list of overrides. Who comes back into scope is what the engine says.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from elders.facts import FactBook
from elders.models import ActivePeriod, ClassOverride, ClassPeriod, Elder
from elders.ndjson import verdict_json
from elders.rules import Verdict, classify, suggest
from visitcare.audit.actions import record
from visitcare.kit.weeks import next_monday, today
from visitcare.org.actions import NotAllowed
from visitcare.org.models import User
from visitcare.org.roles import Right
from visitcare.policy.models import care_policy
from visitcare.policy.rules import CarePolicy

HOUSEHOLDS_AT_ONCE = 2_000
OUT_OF_SCOPE = "按资料不再在探访范围，手工调整随类别一起结束"


@dataclass(slots=True)
class Changes:
    """What a run wrote: whose periods began, how many ended, and overrides ended with them. Suggestions that came or
    went are advice, no change."""

    begun: list[UUID] = field(default_factory=list)
    ended: int = 0
    overrides_ended: list[ClassOverride] = field(default_factory=list)
    advised: int = 0

    @property
    def count(self) -> int:
        return len(self.begun) + self.ended


def reclassify(*, by: User, on: date | None = None) -> Changes:
    """Judge all registered elders by policy and facts from a day on; changes take effect the next Monday.

    Verdicts are formed as of the Sunday before it, so that a birthday within the week is not missed when the run
    is. For a past day only weeks without a class are filled in.
    """
    monday = next_monday(on or today())
    registered = Elder.objects.registered()
    done = Changes()
    with transaction.atomic():
        for book in _books(registered):
            elders = registered.filter(pk__in=list(book)).values_list("pk", flat=True)
            # Of a day before somebody was registered nothing is known of them.
            _write(book, {elder: [monday] for elder in elders if book.first_day(elder) < monday}, done, by)
        if done.count:
            record(
                by=by,
                verb="reclassify",
                words=f"重新分类：{len(done.begun)} 人的类别从 {monday} 起有变化",
                data={"begun": len(done.begun), "ended": done.ended},
            )
    return done


def write_class_history(*, by: User, elders: Iterable[UUID]) -> Changes:
    """Write the classes that newly approved elders have had from the Monday after their registration to today, one
    change per cause, each effective the Monday after it. Periods that exist stay as they are."""
    done = Changes()
    with transaction.atomic():
        chosen = set(elders)
        coming = next_monday(today())
        for book in _books(Elder.objects.filter(pk__in=chosen)):
            mondays: dict[UUID, list[date]] = {}
            for elder in book:
                # A new elder may also change the class of those who live with them: from now on, not backwards.
                causes = book.causes(elder, book.first_day(elder), today()) if elder in chosen else []
                mondays[elder] = sorted({*map(next_monday, causes), coming})
            _write(book, mondays, done, by)
    return done


def _books(elders: "QuerySet[Elder]") -> Iterator[FactBook]:
    """The facts of their households, of some at a time: nobody can hold a county's in memory at once."""
    households = list(elders.order_by("household").values_list("household", flat=True).distinct())
    for start in range(0, len(households), HOUSEHOLDS_AT_ONCE):
        yield FactBook(households[start : start + HOUSEHOLDS_AT_ONCE])


def judge_household(household: UUID, *, by: User) -> Changes:
    """Judge everybody of a household for the coming Monday: somebody has come back, left or died, was assessed, or has
    got a class by hand."""
    done = Changes()
    with transaction.atomic():
        book = FactBook([household])
        monday = next_monday(today())
        _write(book, {elder: [monday] for elder in book if book.first_day(elder) < monday}, done, by)
    return done


def coming_verdict(elder: Elder) -> Verdict:
    """What the engine says of a registered elder for the coming Monday."""
    monday = next_monday(today())
    return classify(
        FactBook([elder.household_id]).facts(elder.pk, monday - timedelta(days=1)), care_policy(monday)
    )


def _write(book: FactBook, mondays: dict[UUID, list[date]], done: Changes, by: User) -> None:
    histories = _Histories(mondays, done)
    policies = _Policies()
    for elder, starts in mondays.items():
        for monday in starts:
            policy = policies.on(monday)
            facts = book.facts(elder, monday - timedelta(days=1))
            verdict = classify(facts, policy)
            histories.apply(elder, monday, verdict, policy, suggest(facts, verdict, policy))
    histories.save(by)


class _Policies:
    """Each version is read once."""

    def __init__(self) -> None:
        self.known: dict[date, CarePolicy] = {}

    def on(self, day: date) -> CarePolicy:
        if day not in self.known:
            self.known[day] = care_policy(day)
        return self.known[day]


class _Histories:
    """The class periods of some elders in memory; `save` writes only what changed."""

    def __init__(self, elders: Iterable[UUID], done: Changes) -> None:
        self.done = done
        self.today = today()
        self.periods: dict[UUID, list[ClassPeriod]] = {elder: [] for elder in elders}
        self.overrides: dict[UUID, list[ClassOverride]] = defaultdict(list)
        self.new: list[ClassPeriod] = []
        self.shortened: list[ClassPeriod] = []
        self.dropped: list[ClassPeriod] = []
        self.advised: list[ClassPeriod] = []
        self.out_of_scope: list[tuple[ClassOverride, date]] = []
        known = ClassPeriod.objects.filter(elder__in=self.periods).defer(
            "verdict"
        )  # what stands is not read again
        for period in known.order_by("starts_on"):
            self.periods[period.elder_id].append(period)
        for override in ClassOverride.objects.filter(elder__in=self.periods, starts_on__isnull=False):
            self.overrides[override.elder_id].append(override)

    def apply(
        self, elder: UUID, monday: date, verdict: Verdict, policy: CarePolicy, suggestions: tuple[str, ...]
    ) -> None:
        """Let a verdict take effect on a Monday, unless that would rewrite what has begun."""
        periods = self.periods[elder]
        last = periods[-1] if periods else None
        if last and last.starts_on > monday:
            return
        override = self._override(elder, monday, verdict)
        letter = override.risk_class if override else verdict.risk_class
        advice = [] if override else list(suggestions)  # who has decided by hand needs no advice
        covers = last is not None and (last.ends_on is None or last.ends_on >= monday)
        if last and covers:
            if (last.risk_class, tuple(last.codes), last.override_id) == (
                letter,
                verdict.codes,
                override and override.pk,
            ):
                self._advise(last, monday, advice)
                return
            if monday <= self.today and not last._state.adding:
                return
            if last.starts_on == monday:
                self._drop(periods)
                self.apply(elder, monday, verdict, policy, suggestions)
                return
            last.ends_on = monday - timedelta(days=1)
            if not last._state.adding:
                self.shortened.append(last)
        if letter is None:
            return
        period = ClassPeriod(
            elder_id=elder,
            starts_on=monday,
            risk_class=letter,
            codes=list(verdict.codes),
            verdict=verdict_json(verdict),
            override=override,
            suggestions=advice,
            policy_version=policy.effective_from,
            judged_on=monday - timedelta(days=1),
        )
        periods.append(period)
        self.new.append(period)

    def _override(self, elder: UUID, monday: date, verdict: Verdict) -> ClassOverride | None:
        """The override that holds on a Monday; one of an elder who is out of scope then is ended."""
        holding = next((one for one in self.overrides[elder] if one.holds_on(monday)), None)
        if holding is None or verdict.in_scope:
            return holding
        if holding.state == ClassOverride.State.APPROVED and monday > self.today:
            self.out_of_scope.append((holding, monday - timedelta(days=1)))
        return None

    def _advise(self, period: ClassPeriod, monday: date, advice: list[str]) -> None:
        """Keep the suggestions of the period that goes on, where nothing else changes."""
        if period.suggestions != advice and (period._state.adding or monday > self.today):
            period.suggestions = advice
            if not period._state.adding:
                self.advised.append(period)

    def _drop(self, periods: list[ClassPeriod]) -> None:
        """Take back a period that has not begun, so that what stood before it goes on."""
        dropped = periods.pop()
        if dropped._state.adding:
            self.new.remove(dropped)
        else:
            self.dropped.append(dropped)
        if periods and periods[-1].ends_on == dropped.starts_on - timedelta(days=1):
            periods[-1].ends_on = None
            if not periods[-1]._state.adding:
                self.shortened.append(periods[-1])

    def save(self, by: User) -> None:
        ClassPeriod.objects.filter(pk__in=[period.pk for period in self.dropped]).delete()
        ClassPeriod.objects.bulk_update(self.shortened, ["ends_on"], batch_size=2_000)
        ClassPeriod.objects.bulk_update(self.advised, ["suggestions"], batch_size=2_000)
        ClassPeriod.objects.bulk_create(self.new, batch_size=2_000)
        self.done.begun += [period.elder_id for period in self.new]
        self.done.ended += len(self.shortened)
        self.done.advised += len(self.advised)
        for override, last_day in self.out_of_scope:
            self._end(override, last_day, by)
        self._activate()

    def _end(self, override: ClassOverride, last_day: date, by: User) -> None:
        """Seldom, and each is told by itself."""
        if not finish_override(override, by=by, last_day=last_day, reason=OUT_OF_SCOPE):
            return
        elder = override.elder
        self.done.overrides_ended.append(override)
        record(
            by=by,
            verb="end_override",
            words=f"{elder.name}不在探访范围了，手工调整到 {override.ended_on} 结束",
            reason=OUT_OF_SCOPE,
            about=elder,
            where=elder.household.place,
        )

    def _activate(self) -> None:
        """Whoever was approved out of scope is active from the day the first class starts (domain.md §2)."""
        first: dict[UUID, date] = {}
        for period in self.new:
            first.setdefault(period.elder_id, period.starts_on)
        waiting = Elder.objects.filter(pk__in=first, status=Elder.Status.APPROVED).select_for_update()
        waiting_ids = list(waiting.order_by("pk").values_list("pk", flat=True))
        ActivePeriod.objects.bulk_create(
            ActivePeriod(elder_id=elder, starts_on=first[elder]) for elder in waiting_ids
        )
        Elder.objects.filter(pk__in=waiting_ids).update(status=Elder.Status.ACTIVE)


def finish_override(override: ClassOverride, *, by: User, last_day: date, reason: str) -> bool:
    """End an open override after a Sunday; one that had not begun by then has held on no day. Whether it was still open."""
    if override.starts_on is not None:
        override.ended_on = last_day
    override.state, override.end_reason = ClassOverride.State.ENDED, reason
    override.ended_by, override.ended_at = by, timezone.now()
    return bool(
        ClassOverride.objects.filter(pk=override.pk, state__in=ClassOverride.OPEN).update(
            state=override.state,
            ended_on=override.ended_on,
            end_reason=reason,
            ended_by=by,
            ended_at=override.ended_at,
        )
    )


def acknowledge_classes(*, by: User, periods: Sequence[ClassPeriod]) -> int:
    """The town has seen these class changes: a list to look at, not a gate (domain.md §1)."""
    with transaction.atomic():
        for period in periods:
            if not by.may(Right.APPROVE_ELDER, period.elder.household.place_id):
                raise NotAllowed("只有镇民政负责人能确认本镇的类别变化。")
        count = ClassPeriod.objects.filter(
            pk__in=[period.pk for period in periods], acknowledged_at=None
        ).update(acknowledged_by=by, acknowledged_at=timezone.now())
        if count:
            record(by=by, verb="acknowledge_classes", words=f"确认了 {count} 人的类别变化")
    return count
