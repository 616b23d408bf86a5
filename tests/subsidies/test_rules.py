from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.subsidies.by_sql import decide
from tests.subsidies.plain import Claim, Decision, GroupKey
from visitcare.kit.weeks import SHANGHAI
from visitcare.policy.rules import PayPolicy

pytestmark = pytest.mark.django_db

PAY = PayPolicy()
BY_ELDER = PayPolicy(pay_unit="elder")
REASONS = (
    "pending",
    "returned",
    "withdrawn",
    "invalid",
    "not_countable",
    "elder_not_active",
    "late",
    "worker_not_payable",
    "own_household",
    "second_contact",
    "beyond_cap",
    "withheld",
    "already_settled",
)
"""The closed list of domain.md §4, in its order."""


def key(number: int) -> UUID:
    return UUID(int=number)


HOME_A, HOME_B = key(1), key(2)
MAN, WOMAN = key(11), key(12)
WORKER = key(21)
Minimum = Mapping[tuple[UUID, date], tuple[int, int]]


def claim(number: int, at: str = "2026-10-14 09:00", **changes: Any) -> Claim:
    """A payable home visit to a man who lives alone, but for the changes; `at` is its time in Shanghai."""
    started_at = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    said: dict[str, Any] = {
        "household": HOME_A,
        "worker": WORKER,
        "mode": "home",
        "state": "valid",
        "received_at": started_at + timedelta(minutes=5),
        "day": started_at.date(),
        "countable": True,
        "earning": (MAN,),
        "worker_payable": True,
        "own_household": False,
    }
    return Claim(id=key(number), started_at=started_at, **said | changes)


def decided(
    claims: Iterable[Claim],
    policy: PayPolicy = PAY,
    *,
    minimum: Minimum | None = None,
    paid_before: Mapping[GroupKey, UUID] | None = None,
) -> dict[int, Decision]:
    """The decisions by the claims' numbers."""
    before = {group: [visit] for group, visit in (paid_before or {}).items()}
    decisions = decide(claims, policy, minimum=minimum or {}, paid_before=before)
    return {decision.claim.id.int: decision for decision in decisions}


def reasons(decisions: Mapping[int, Decision]) -> dict[int, str]:
    return {number: decision.reason for number, decision in decisions.items()}


LATE = datetime(2026, 10, 20, tzinfo=SHANGHAI)
"""The first moment that is late for a visit of the week of 2026-10-14."""


# Each reason, and the first of several


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"state": "pending"}, "pending"),
        ({"state": "returned"}, "returned"),
        ({"state": "withdrawn"}, "withdrawn"),
        ({"state": "invalid"}, "invalid"),
        ({"countable": False}, "not_countable"),
        ({"earning": ()}, "elder_not_active"),
        ({"received_at": LATE - timedelta(seconds=1)}, ""),
        ({"received_at": LATE}, "late"),
        ({"worker_payable": False}, "worker_not_payable"),
        ({"own_household": True}, "own_household"),
        ({"withheld": True}, "withheld"),
        ({"already_settled": True}, "already_settled"),
    ],
)
def test_reason_of_one_claim(changes: dict[str, Any], reason: str) -> None:
    decision = decided([claim(1, **changes)])[1]
    assert (decision.reason, decision.units, decision.other) == (reason, 0 if reason else 1, None)


def test_claim_with_every_cause_gets_the_first_that_is_left() -> None:
    """Everything speaks against visit 2; its causes are mended one after the other, in the order of the list."""
    cap = PayPolicy(pay_cap="1")
    rival = claim(1, "2026-10-14 08:00")
    earlier_in_week = claim(3, "2026-10-12 08:00")
    wrong = claim(
        2,
        state="pending",
        countable=False,
        earning=(),
        received_at=LATE,
        worker_payable=False,
        own_household=True,
        withheld=True,
        already_settled=True,
    )
    found = [
        decided([rival, earlier_in_week, replace(wrong, state=state)], cap)[2].reason for state in REASONS[:4]
    ]
    mending: list[dict[str, Any]] = [
        {"state": "valid"},
        {"countable": True},
        {"earning": (MAN,)},
        {"received_at": wrong.started_at},
        {"worker_payable": True},
        {"own_household": False},
    ]
    for change in mending:
        wrong = replace(wrong, **change)
        found.append(decided([rival, earlier_in_week, wrong], cap)[2].reason)
    found += [
        decided([earlier_in_week, wrong], cap)[2].reason,
        decided([wrong], cap)[2].reason,
        decided([replace(wrong, withheld=False)], cap)[2].reason,
    ]
    assert tuple(found) == REASONS


def test_late_claim_is_paid_where_the_policy_says_so() -> None:
    assert decided([claim(1, received_at=LATE)], PayPolicy(late_unpaid=False))[1].reason == ""


@pytest.mark.parametrize(
    ("at", "received_at", "reason"),
    [
        ("2026-10-31 22:00", datetime(2026, 11, 2, 23, 59, 59, tzinfo=SHANGHAI), ""),
        ("2026-10-31 22:00", datetime(2026, 11, 3, tzinfo=SHANGHAI), "late"),
        ("2027-01-03 22:00", datetime(2027, 1, 4, 23, 59, 59, tzinfo=SHANGHAI), ""),
        ("2027-01-03 22:00", datetime(2027, 1, 5, tzinfo=SHANGHAI), "late"),
    ],
)
def test_late_goes_by_the_week_also_where_a_month_or_a_year_ends(
    at: str, received_at: datetime, reason: str
) -> None:
    assert decided([claim(1, at, received_at=received_at)])[1].reason == reason


# Second contacts


def test_second_contact_names_the_first() -> None:
    decisions = decided([claim(2, "2026-10-14 15:00"), claim(1, "2026-10-14 09:00")])
    assert reasons(decisions) == {1: "", 2: "second_contact"}
    assert decisions[2].other == key(1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (claim(9, "2026-10-14 09:00"), claim(1, "2026-10-14 09:01")),
        (claim(9, received_at=LATE - timedelta(hours=2)), claim(1, received_at=LATE - timedelta(hours=1))),
        (claim(1), claim(9)),
    ],
)
def test_second_contact_is_told_by_start_then_arrival_then_uuid(first: Claim, second: Claim) -> None:
    for claims in ([first, second], [second, first]):
        assert reasons(decided(claims)) == {first.id.int: "", second.id.int: "second_contact"}


@pytest.mark.parametrize(
    "other",
    [
        claim(2, household=HOME_B, earning=(WOMAN,)),
        claim(2, mode="phone"),
        claim(2, "2026-10-15 00:00"),
        claim(2, "2026-10-13 23:59"),
    ],
)
def test_contact_of_another_household_kind_or_day_is_no_second_one(other: Claim) -> None:
    assert reasons(decided([claim(1), other])) == {1: "", 2: ""}


def test_second_contact_is_one_whoever_went_and_whether_by_phone_or_video() -> None:
    claims = [
        claim(1, mode="phone"),
        claim(2, "2026-10-14 10:00", mode="video", worker=key(22), earning=(WOMAN,)),
    ]
    assert reasons(decided(claims)) == {1: "", 2: "second_contact"}


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "pending"},
        {"state": "invalid"},
        {"countable": False},
        {"earning": ()},
        {"received_at": LATE},
        {"worker_payable": False},
        {"own_household": True},
    ],
)
def test_claim_excluded_for_an_earlier_reason_makes_no_other_a_second_contact(
    changes: dict[str, Any],
) -> None:
    decisions = decided([claim(1, **changes), claim(2, "2026-10-14 10:00")])
    assert (decisions[1].units, decisions[2].reason) == (0, "")


@pytest.mark.parametrize("later", ["withheld", "already_settled"])
def test_claim_excluded_for_a_later_reason_makes_another_a_second_contact(later: str) -> None:
    decisions = decided([claim(1, **{later: True}), claim(2, "2026-10-14 10:00")])
    assert reasons(decisions) == {1: later, 2: "second_contact"}
    assert decisions[2].other == key(1)


def test_claim_beyond_the_cap_makes_another_a_second_contact() -> None:
    claims = [claim(1, "2026-10-12 09:00"), claim(2), claim(3, "2026-10-14 10:00", earning=(WOMAN,))]
    assert reasons(decided(claims, PayPolicy(pay_cap="1"))) == {1: "", 2: "beyond_cap", 3: "second_contact"}


@pytest.mark.parametrize("at", ["2026-10-14 08:00", "2026-10-14 20:00"])
def test_contact_of_a_group_that_was_paid_before_is_a_second_one_whatever_its_time(at: str) -> None:
    decisions = decided([claim(2, at)], paid_before={(HOME_A, "home", date(2026, 10, 14)): key(1)})
    assert (decisions[2].reason, decisions[2].other) == ("second_contact", key(1))


def test_visit_that_was_paid_before_is_already_settled_and_no_second_contact_to_itself() -> None:
    before = {(HOME_A, "home", date(2026, 10, 14)): key(1)}
    decisions = decided([claim(1), claim(2, "2026-10-14 08:00")], paid_before=before)
    assert reasons(decisions) == {1: "already_settled", 2: "second_contact"}
    assert decisions[2].other == key(1)


def test_two_a_day_are_paid_where_the_policy_says_so() -> None:
    claims = [claim(number, f"2026-10-14 {9 + number:02}:00") for number in range(4)]
    decisions = decided(claims, PayPolicy(per_day=2))
    assert reasons(decisions) == {0: "", 1: "", 2: "second_contact", 3: "second_contact"}
    assert decisions[3].other == key(1)


def test_two_a_day_count_what_was_paid_before() -> None:
    before = {(HOME_A, "home", date(2026, 10, 14)): key(0)}
    claims = [claim(number, f"2026-10-14 {9 + number:02}:00") for number in range(3)]
    twice = PayPolicy(per_day=2)
    assert reasons(decided(claims, twice, paid_before=before)) == {
        0: "already_settled",
        1: "",
        2: "second_contact",
    }
    assert reasons(decided(claims[1:], twice, paid_before=before)) == {1: "", 2: "second_contact"}


# Couples: by contact or by elder


def test_couple_in_one_record_is_one_contact_or_two_elders() -> None:
    couple = claim(1, earning=(MAN, WOMAN))
    assert (decided([couple])[1].units, decided([couple], BY_ELDER)[1].units) == (1, 2)


def test_couple_in_two_records_is_one_contact_or_two_elders() -> None:
    claims = [claim(1), claim(2, "2026-10-14 10:00", earning=(WOMAN,))]
    assert reasons(decided(claims)) == {1: "", 2: "second_contact"}
    assert {number: one.units for number, one in decided(claims, BY_ELDER).items()} == {1: 1, 2: 1}


def test_by_elder_a_couple_after_the_man_alone_is_paid_for_the_woman() -> None:
    claims = [
        claim(1),
        claim(2, "2026-10-14 10:00", earning=(MAN, WOMAN)),
        claim(3, "2026-10-14 11:00", earning=(MAN, WOMAN)),
    ]
    decisions = decided(claims, BY_ELDER)
    assert [(decisions[n].reason, decisions[n].units) for n in (1, 2, 3)] == [
        ("", 1),
        ("", 1),
        ("second_contact", 0),
    ]


def test_two_a_day_that_were_both_paid_before_leave_no_room() -> None:
    twice = PayPolicy(per_day=2)
    before = {(HOME_A, "home", date(2026, 10, 14)): [key(1), key(2)]}
    (decision,) = decide([claim(3, "2026-10-14 11:00")], twice, minimum={}, paid_before=before)
    assert (decision.reason, decision.other) == ("second_contact", key(2))


def test_by_elder_what_was_paid_before_is_named_by_elder() -> None:
    before = {(MAN, "home", date(2026, 10, 14)): key(9)}
    decisions = decided([claim(1, earning=(MAN, WOMAN)), claim(2)], BY_ELDER, paid_before=before)
    assert (decisions[1].units, decisions[2].reason, decisions[2].other) == (1, "second_contact", key(9))


# The weekly minimum and the cap

MONDAY = date(2026, 10, 12)
CLASS_A = {(MAN, MONDAY): (2, 2), (WOMAN, MONDAY): (2, 2)}


def homes(count: int, **changes: Any) -> list[Claim]:
    """Home visits on the days of the week of 2026-10-12."""
    return [claim(number, f"2026-10-{11 + number} 09:00", **changes) for number in range(1, count + 1)]


def test_beyond_the_minimum_is_paid_and_shown() -> None:
    decisions = decided([*homes(3), claim(9, mode="phone")], minimum=CLASS_A)
    assert {number: one.beyond_minimum for number, one in decisions.items()} == {
        1: False,
        2: False,
        3: True,
        9: False,
    }
    assert all(one.units == 1 for one in decisions.values())


def test_beyond_the_minimum_is_every_contact_of_an_elder_to_whom_nothing_is_owed() -> None:
    assert decided([claim(1)])[1].beyond_minimum


def test_beyond_the_minimum_only_where_every_elder_of_the_contact_is() -> None:
    claims = [*homes(2), claim(3, "2026-10-14 09:00", earning=(MAN, WOMAN)), claim(4, "2026-10-15 09:00")]
    decisions = decided(claims, minimum=CLASS_A)
    assert [decisions[number].beyond_minimum for number in (1, 2, 3, 4)] == [False, False, False, True]


def test_unpaid_contact_uses_up_nothing_of_the_minimum_but_a_withheld_one_does() -> None:
    first, second, third = homes(3)
    late = replace(first, received_at=LATE)
    assert not decided([late, second, third], minimum=CLASS_A)[3].beyond_minimum
    withheld = replace(first, withheld=True)
    assert decided([withheld, second, third], minimum=CLASS_A)[3].beyond_minimum


def test_minimum_of_a_week_that_spans_the_month_counts_the_days_before_it() -> None:
    """Thursday 1 October belongs to the week of Monday 28 September."""
    minimum = {(MAN, date(2026, 9, 28)): (2, 2), (MAN, date(2026, 10, 5)): (2, 2)}
    days = ("2026-09-29", "2026-09-30", "2026-10-01", "2026-10-05")
    claims = [claim(number, f"{day} 09:00") for number, day in enumerate(days)]
    september = {(HOME_A, "home", date(2026, 9, 29)): key(0), (HOME_A, "home", date(2026, 9, 30)): key(1)}
    decisions = decided(claims, minimum=minimum, paid_before=september)
    assert reasons(decisions) == {0: "already_settled", 1: "already_settled", 2: "", 3: ""}
    assert (decisions[2].beyond_minimum, decisions[3].beyond_minimum) == (True, False)


@pytest.mark.parametrize(
    ("cap", "paid"),
    [("none", [1, 2, 3, 4, 5]), ("weekly_minimum", [1, 2, 5]), ("3", [1, 2, 3]), ("1", [1]), ("0", [])],
)
def test_cap(cap: str, paid: list[int]) -> None:
    claims = [*homes(4), claim(5, "2026-10-16 10:00", mode="phone")]
    decisions = decided(claims, PayPolicy(pay_cap=cap), minimum=CLASS_A)
    assert [number for number, one in sorted(decisions.items()) if one.units] == paid
    assert {one.reason for one in decisions.values() if not one.units} <= {"beyond_cap"}


def test_cap_begins_anew_on_monday() -> None:
    claims = [claim(1, "2026-10-18 23:59"), claim(2, "2026-10-19 00:00")]
    assert reasons(decided(claims, PayPolicy(pay_cap="1"))) == {1: "", 2: ""}


def test_cap_stops_a_joint_contact_only_where_both_elders_have_reached_it() -> None:
    claims = [*homes(2), claim(3, "2026-10-14 09:00", earning=(MAN, WOMAN))]
    assert decided(claims, PayPolicy(pay_cap="2"))[3].units == 1
    assert decided(claims, PayPolicy(pay_cap="2", pay_unit="elder"))[3].units == 1  # for the woman only
