"""Which visits are paid, and the one reason why a visit is not (notice part 4; domain.md §4). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from visitcare.kit.weeks import Week
from visitcare.policy.rules import PayPolicy
from visits.rules import HOME, is_late, kind_of

GroupKey = tuple[UUID, str, date]
"""One household, kind and day: paid once."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One visit as settlement sees it. `earning` are its elders for whom the contact counts and who are active that
    day; `day` is the day in Shanghai."""

    id: UUID
    household: UUID
    worker: UUID
    mode: str
    state: str
    started_at: datetime
    received_at: datetime
    day: date
    countable: bool
    earning: tuple[UUID, ...]
    worker_payable: bool
    own_household: bool
    withheld: bool = False
    already_settled: bool = False

    @property
    def kind(self) -> str:
        return kind_of(self.mode)

    @property
    def group(self) -> GroupKey:
        return self.household, self.kind, self.day

    @property
    def order(self) -> tuple[datetime, datetime, UUID]:
        """Of one group the first by this order is paid."""
        return self.started_at, self.received_at, self.id


@dataclass(frozen=True, slots=True)
class Decision:
    """Paid (`reason` empty, `units` contacts or elders) or not, for one reason and because of which other visit."""

    claim: Claim
    reason: str = ""
    other: UUID | None = None
    units: int = 0
    beyond_minimum: bool = False


_NOT_VALID = frozenset({"pending", "returned", "withdrawn", "invalid"})
"""States of a visit that are the reason themselves."""


def own_reason(claim: Claim, policy: PayPolicy) -> str:
    """The first reason of the closed list that lies in the visit itself; "" when it is payable so far."""
    if claim.state in _NOT_VALID:
        return claim.state
    if not claim.countable:
        return "not_countable"
    if not claim.earning:  # nobody active, or the contact does not count for those who are
        return "elder_not_active"
    if policy.late_unpaid and is_late(claim.started_at, claim.received_at):
        return "late"
    if not claim.worker_payable:
        return "worker_not_payable"
    return "own_household" if claim.own_household else ""


def decide(
    claims: Iterable[Claim],
    policy: PayPolicy,
    *,
    minimum: Mapping[tuple[UUID, date], tuple[int, int]],
    paid_before: Mapping[GroupKey, UUID] | None = None,
) -> list[Decision]:
    """Decide on every claim, in the order of the closed list.

    `minimum` gives (home, greeting) owed to an elder in the week of a Monday; `paid_before` names, for groups that a
    frozen settlement has paid, the visit it paid: another contact of that group is a second one whatever its time.
    """
    decisions: list[Decision] = []
    payable: list[Claim] = []
    for claim in claims:
        reason = own_reason(claim, policy)
        if reason:
            decisions.append(Decision(claim, reason))
        else:
            payable.append(claim)
    payable.sort(key=lambda claim: claim.order)
    taken = _Taken(policy, minimum, dict(paid_before or {}))
    decisions += [taken.judge(claim) for claim in payable]
    return decisions


class _Taken:
    """What the payable records before this one, in time, have used up."""

    def __init__(
        self,
        policy: PayPolicy,
        minimum: Mapping[tuple[UUID, date], tuple[int, int]],
        paid_before: dict[GroupKey, UUID],
    ) -> None:
        self.policy = policy
        self.minimum = minimum
        self.by_elder = policy.pay_unit == "elder"
        self.groups: dict[GroupKey, list[UUID]] = {key: [visit] for key, visit in paid_before.items()}
        self.elders: dict[tuple[UUID, str, date], list[UUID]] = defaultdict(list)
        self.weeks: dict[tuple[UUID, date, str], int] = defaultdict(int)

    def judge(self, claim: Claim) -> Decision:
        units, other = self._new_units(claim)
        if not units:
            return Decision(claim, "second_contact", other)
        beyond = self._beyond_minimum(claim)
        if self._beyond_cap(claim, beyond):
            return Decision(claim, "beyond_cap")
        self._count(claim)
        if claim.withheld:
            return Decision(claim, "withheld")
        if claim.already_settled:
            return Decision(claim, "already_settled")
        return Decision(claim, units=units, beyond_minimum=beyond)

    def _new_units(self, claim: Claim) -> tuple[int, UUID | None]:
        """How many times this contact is paid, or the visit that was there before."""
        if not self.by_elder:
            before = self.groups.get(claim.group, [])
            return (0, before[-1]) if len(before) >= self.policy.per_day else (1, None)
        fresh = 0
        other = None
        for elder in claim.earning:
            before = self.elders[elder, claim.kind, claim.day]
            if len(before) >= self.policy.per_day:
                other = before[-1]
            else:
                fresh += 1
        return fresh, other

    def _count(self, claim: Claim) -> None:
        self.groups.setdefault(claim.group, []).append(claim.id)
        monday = Week.of(claim.day).monday
        for elder in claim.earning:
            self.elders[elder, claim.kind, claim.day].append(claim.id)
            self.weeks[elder, monday, claim.kind] += 1

    def _done(self, elder: UUID, claim: Claim) -> int:
        return self.weeks[elder, Week.of(claim.day).monday, claim.kind]

    def _beyond_minimum(self, claim: Claim) -> bool:
        """Beyond what every one of its elders is owed in the week."""
        monday = Week.of(claim.day).monday
        column = 0 if claim.kind == HOME else 1
        return all(
            self._done(elder, claim) >= self.minimum.get((elder, monday), (0, 0))[column]
            for elder in claim.earning
        )

    def _beyond_cap(self, claim: Claim, beyond_minimum: bool) -> bool:
        cap = self.policy.pay_cap
        if cap == "none":
            return False
        if cap == "weekly_minimum":
            return beyond_minimum
        return all(
            sum(self.weeks[elder, Week.of(claim.day).monday, kind] for kind in (HOME, "greeting")) >= int(cap)
            for elder in claim.earning
        )


def amount_of(decisions: Sequence[Decision], policy: PayPolicy) -> Decimal:
    """What the decisions come to in yuan."""
    return policy.rate * sum(decision.units for decision in decisions)
