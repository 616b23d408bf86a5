"""What is due, and what is still due."""

import pytest

from tests.visits.rules.moments import POLICY
from visitcare.policy.rules import CarePolicy
from visits.rules import Due, duty, still_due


@pytest.mark.parametrize(
    ("risk_class", "consent", "due"),
    [
        ("A", "full", Due(2, 2)),
        ("B", "full", Due(1, 1)),
        ("C", "full", Due(0, 1)),
        ("A", "phone_only", Due(0, 2)),
        ("B", "phone_only", Due(0, 1)),
        ("C", "phone_only", Due(0, 1)),
        ("A", "refused", None),
        ("C", "refused", None),
    ],
)
def test_duty_by_class_and_consent(risk_class: str, consent: str, due: Due | None) -> None:
    assert duty(risk_class, consent, POLICY) == due


def test_duty_follows_the_policy() -> None:
    assert duty("C", "full", CarePolicy(c_weekly=(1, 3))) == Due(1, 3)


@pytest.mark.parametrize(
    ("done", "left", "left_without_cover"),
    [
        (Due(0, 0), Due(2, 2), Due(2, 2)),
        (Due(2, 2), Due(0, 0), Due(0, 0)),
        (Due(1, 4), Due(1, 0), Due(1, 0)),  # a greeting never covers a home visit
        (Due(0, 9), Due(2, 0), Due(2, 0)),
        (Due(3, 0), Due(0, 1), Due(0, 2)),  # a surplus home visit covers a greeting
        (Due(4, 0), Due(0, 0), Due(0, 2)),
        (Due(9, 0), Due(0, 0), Due(0, 2)),
        (Due(1, 1), Due(1, 1), Due(1, 1)),
    ],
)
def test_still_due_of_class_a(done: Due, left: Due, left_without_cover: Due) -> None:
    assert still_due(Due(2, 2), done, POLICY) == left
    assert still_due(Due(2, 2), done, CarePolicy(surplus_home_covers_phone=False)) == left_without_cover


def test_still_due_of_a_phone_only_elder_is_covered_by_a_home_visit() -> None:
    assert still_due(Due(0, 2), Due(1, 0), POLICY) == Due(0, 1)
