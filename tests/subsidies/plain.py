"""What `subsidies.rules` decides in SQL, written a second time as a clerk would go about it: visit after visit, in the
order of time. Tests compare the two."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from visitcare.kit.weeks import Week
from visitcare.policy.rules import PayPolicy
from visits.rules import GREETING, HOME, is_late, kind_of

GroupKey = tuple[UUID, str, date]
"""Whoever is paid for once, kind and day: the household, or under `pay_unit` elder each elder."""


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

    def groups(self, policy: PayPolicy) -> list[GroupKey]:
        """What this contact may be paid for: its household, or each of its elders."""
        owners = self.earning if policy.pay_unit == "elder" else (self.household,)
        return [(owner, self.kind, self.day) for owner in owners]

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
    paid_before: Mapping[GroupKey, Sequence[UUID]] | None = None,
) -> list[Decision]:
    """Decide on every claim, in the order of the closed list.

    `minimum` gives (home, greeting) owed to an elder in the week of a Monday; `paid_before` names, for groups that
    other settlements have paid, the visits they paid: further contacts of that group find its day used up whatever
    their time, and those visits themselves are already settled.
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
    taken = _Taken(policy, minimum, paid_before or {})
    decisions += [taken.judge(claim) for claim in payable]
    return decisions


class _Taken:
    """What the payable records before this one, in time, have used up."""

    def __init__(
        self,
        policy: PayPolicy,
        minimum: Mapping[tuple[UUID, date], tuple[int, int]],
        paid_before: Mapping[GroupKey, Sequence[UUID]],
    ) -> None:
        self.policy = policy
        self.minimum = minimum
        self.by_elder = policy.pay_unit == "elder"
        self.settled = {visit for visits in paid_before.values() for visit in visits}
        self.groups: dict[GroupKey, list[UUID]] = {key: list(visits) for key, visits in paid_before.items()}
        self.weeks: dict[tuple[UUID, date, str], int] = defaultdict(int)

    def judge(self, claim: Claim) -> Decision:
        free, other = self._free(claim)
        if not free:
            return Decision(claim, "second_contact", other)
        for group in free:  # even if a later reason leaves it unpaid: only earlier ones free the day
            before = self.groups.setdefault(group, [])
            if claim.id not in before:
                before.append(claim.id)
        elders = [owner for owner, _, _ in free] if self.by_elder else claim.earning
        monday = Week.of(claim.day).monday
        paid_for = [elder for elder in elders if not self._beyond_cap(elder, monday, claim.kind)]
        if not paid_for:
            return Decision(claim, "beyond_cap")
        beyond = all(self._beyond_minimum(elder, monday, claim.kind) for elder in paid_for)
        for elder in elders:
            self.weeks[elder, monday, claim.kind] += 1
        if claim.withheld:
            return Decision(claim, "withheld")
        if claim.already_settled or claim.id in self.settled:
            return Decision(claim, "already_settled")
        return Decision(claim, units=len(paid_for) if self.by_elder else 1, beyond_minimum=beyond)

    def _free(self, claim: Claim) -> tuple[list[GroupKey], UUID | None]:
        """The groups that have room for this contact, and the visit that was there before in one that has not."""
        free: list[GroupKey] = []
        other = None
        for group in claim.groups(self.policy):
            before = [visit for visit in self.groups.get(group, ()) if visit != claim.id]
            if len(before) < self.policy.per_day:
                free.append(group)
            else:
                other = before[-1]
        return free, other

    def _beyond_minimum(self, elder: UUID, monday: date, kind: str) -> bool:
        """Whether the elder has had what the week owes of this kind."""
        home, greeting = self.minimum.get((elder, monday), (0, 0))
        return self.weeks[elder, monday, kind] >= (home if kind == HOME else greeting)

    def _beyond_cap(self, elder: UUID, monday: date, kind: str) -> bool:
        cap = self.policy.pay_cap
        if cap == "none":
            return False
        if cap == "weekly_minimum":
            return self._beyond_minimum(elder, monday, kind)
        return sum(self.weeks[elder, monday, each] for each in (HOME, GREETING)) >= int(cap)


def amount_of(decisions: Sequence[Decision], policy: PayPolicy) -> Decimal:
    """What the decisions come to in yuan."""
    return policy.rate * sum(decision.units for decision in decisions)
