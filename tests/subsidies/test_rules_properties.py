"""What holds for every set of claims, and the payments decided a second time."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.subsidies import plain
from tests.subsidies.by_sql import decide
from tests.subsidies.plain import Claim, GroupKey, own_reason
from tests.subsidies.test_rules import (
    HOME_A,
    HOME_B,
    MAN,
    MONDAY,
    REASONS,
    WOMAN,
    WORKER,
    claim,
    decided,
    key,
)
from visitcare.kit.weeks import SHANGHAI
from visitcare.policy.rules import PayPolicy

pytestmark = pytest.mark.django_db

ELDERS = {HOME_A: (MAN, WOMAN), HOME_B: (key(13), key(14))}
TIMES = st.sampled_from([f"2026-10-{day} {hour}:00" for day in (12, 13, 18, 19) for hour in ("09", "10")])


@st.composite
def any_claim(draw: st.DrawFn) -> Claim:
    def rarely() -> bool:
        return draw(st.integers(0, 9)) == 0

    home = draw(st.sampled_from(list(ELDERS)))
    arrived = draw(st.sampled_from([{}, {}, {"received_at": datetime(2026, 10, 27, tzinfo=SHANGHAI)}]))
    return claim(
        draw(st.integers(100, 10**6)),
        draw(TIMES),
        household=home,
        worker=draw(st.sampled_from([WORKER, key(22)])),
        mode=draw(st.sampled_from(["home", "phone", "video"])),
        state=draw(st.sampled_from(["valid"] * 8 + ["pending", "returned", "withdrawn", "invalid"])),
        countable=not rarely(),
        earning=tuple(sorted(draw(st.lists(st.sampled_from(ELDERS[home]), unique=True, max_size=2)))),
        worker_payable=not rarely(),
        own_household=rarely(),
        withheld=rarely(),
        already_settled=rarely(),
        **arrived,
    )


CLAIMS = st.lists(any_claim(), max_size=14, unique_by=lambda one: one.id)
POLICIES = st.builds(
    PayPolicy,
    pay_unit=st.sampled_from(["contact", "elder"]),
    per_day=st.sampled_from([1, 1, 2]),
    pay_cap=st.sampled_from(["none", "none", "weekly_minimum", "1", "3"]),
    late_unpaid=st.booleans(),
)
OWED = {
    (elder, day): (1, 2)
    for elders in ELDERS.values()
    for elder in elders
    for day in (MONDAY, date(2026, 10, 19))
}
PAID = {(HOME_A, "home", MONDAY): key(90), (MAN, "greeting", MONDAY): key(91)}
PAID_BEFORE = st.sampled_from([{}, PAID])


@st.composite
def any_books(draw: st.DrawFn) -> tuple[list[Claim], dict[GroupKey, list[UUID]]]:
    """Claims, and groups that other settlements have paid: for some of these very visits too, in their own group or, where
    a time was put right later, in another."""
    claims = draw(CLAIMS)
    visits = st.sampled_from([*(one.id for one in claims), key(90), key(91), key(92)])
    owners = st.sampled_from([*ELDERS, *(elder for elders in ELDERS.values() for elder in elders)])
    groups = st.tuples(
        owners, st.sampled_from(["home", "greeting"]), st.sampled_from([MONDAY, date(2026, 10, 13)])
    )
    paid = draw(st.dictionaries(groups, st.lists(visits, min_size=1, max_size=3, unique=True), max_size=5))
    for one in claims:
        if draw(st.integers(0, 5)) == 0:
            paid.setdefault((one.household, one.kind, one.day), []).append(one.id)
    return claims, {group: list(dict.fromkeys(found)) for group, found in paid.items()}


@settings(max_examples=800)
@given(any_books(), POLICIES)
def test_statement_decides_as_a_clerk_would(
    books: tuple[list[Claim], dict[GroupKey, list[UUID]]], policy: PayPolicy
) -> None:
    claims, paid_before = books
    ours = decide(claims, policy, minimum=OWED, paid_before=paid_before)
    theirs = plain.decide(claims, policy, minimum=OWED, paid_before=paid_before)
    assert {one.claim.id: one for one in ours} == {one.claim.id: one for one in theirs}


@settings(max_examples=300)
@given(CLAIMS, POLICIES, PAID_BEFORE)
def test_every_claim_gets_exactly_one_decision_from_the_closed_list(
    claims: list[Claim], policy: PayPolicy, paid_before: dict[GroupKey, UUID]
) -> None:
    before = {group: [visit] for group, visit in paid_before.items()}
    decisions = decide(claims, policy, minimum=OWED, paid_before=before)
    assert Counter(one.claim for one in decisions) == Counter(claims)
    for one in decisions:
        assert (one.reason in REASONS) != (one.units > 0)
        assert one.units <= (len(one.claim.earning) if policy.pay_unit == "elder" else 1)
        assert (one.other is not None) == (one.reason == "second_contact")
        assert one.reason == (own_reason(one.claim, policy) or one.reason)


@settings(max_examples=300)
@given(CLAIMS, POLICIES, PAID_BEFORE, st.randoms(use_true_random=False))
def test_order_in_which_claims_come_changes_nothing(
    claims: list[Claim], policy: PayPolicy, paid_before: dict[GroupKey, UUID], chance: Any
) -> None:
    shuffled = chance.sample(claims, len(claims))
    first = decided(claims, policy, minimum=OWED, paid_before=paid_before)
    assert decided(shuffled, policy, minimum=OWED, paid_before=paid_before) == first


@settings(max_examples=300)
@given(CLAIMS, POLICIES)
def test_second_contact_names_an_earlier_one_of_its_household_kind_and_day(
    claims: list[Claim], policy: PayPolicy
) -> None:
    decisions = decided(claims, policy, minimum=OWED)
    for one in decisions.values():
        if one.reason == "second_contact":
            assert one.other is not None
            first = decisions[one.other.int].claim
            assert own_reason(first, policy) == ""
            assert (first.household, first.kind, first.day) == (
                one.claim.household,
                one.claim.kind,
                one.claim.day,
            )
            assert first.order < one.claim.order


@settings(max_examples=300)
@given(CLAIMS, PAID_BEFORE)
def test_no_household_kind_and_day_is_paid_twice(
    claims: list[Claim], paid_before: dict[GroupKey, UUID]
) -> None:
    decisions = decided(claims, paid_before=paid_before).values()
    paid = Counter((one.claim.household, one.claim.kind, one.claim.day) for one in decisions if one.units)
    assert set(paid.values()) <= {1}
    assert not set(paid) & set(paid_before)


def paid_by_the_letter(claims: list[Claim]) -> set[UUID]:
    """What the default policy pays, written a second time: the first of each household, kind and day, unless the town
    withholds it or it was settled."""
    first: dict[tuple[UUID, bool, date], Claim] = {}
    for one in sorted(claims, key=lambda each: (each.started_at, each.received_at, each.id)):
        monday = one.day - timedelta(days=one.day.weekday())
        deadline = datetime(monday.year, monday.month, monday.day, tzinfo=SHANGHAI) + timedelta(days=8)
        fits = one.state == "valid" and one.countable and one.earning and one.received_at < deadline
        if fits and one.worker_payable and not one.own_household:
            first.setdefault((one.household, one.mode == "home", one.day), one)
    return {one.id for one in first.values() if not one.withheld and not one.already_settled}


@settings(max_examples=300)
@given(CLAIMS)
def test_payments_agree_with_a_second_writing(claims: list[Claim]) -> None:
    assert {one.claim.id for one in decided(claims).values() if one.units} == paid_by_the_letter(claims)
