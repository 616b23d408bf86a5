"""Where the letter seems too mild: what is suggested, to whom, and that it never decides."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elders.actions import approve_override, propose_override, reclassify, record_assessment
from elders.models import ClassPeriod, Elder
from elders.rules import RULE_BY_CODE, SUGGESTIONS, Facts, Health, classify, suggest
from tests.cast import Cast
from tests.elders.test_actions_overrides import REVIEW
from tests.factories import make_elder
from visitcare.audit.history import CHANGED, former
from visitcare.kit.weeks import today
from visitcare.org.models import User
from visitcare.policy.rules import CarePolicy

POLICY = CarePolicy()
DAY = date(2026, 10, 31)
PLAIN = Facts(
    as_of=DAY, birth_date=date(1950, 5, 1), living="alone", spouse_location="none", child_location="none",
    ability="intact", dementia=False, disability_grade=0, serious_illness=False, economy=frozenset(),
    family_planning_special=False, left_behind=False, cares_for_dependent_child=False,
    lives_with_dependent_child_long_term=False, other="", able_adult_at_home=False, cohabiting_elders=(),
)  # fmt: skip
"""74 and alone, with nothing wrong: C."""
DESTITUTE, MARGINAL, ALLOWANCE = (
    frozenset({name}) for name in ("dispersed_destitute", "marginal", "subsistence_allowance")
)
WITH_CHILD: dict[str, Any] = {"living": "with_dependent_child", "birth_date": date(1940, 5, 1)}
EMPTY_NEST: dict[str, Any] = {
    "living": "elders_only", "able_adult_at_home": True, "cohabiting_elders": (Health("intact", False, 0, False),)
}  # fmt: skip


def suggested(**said: Any) -> tuple[str | None, list[str]]:
    """The class by the letter, and what is suggested beside it."""
    facts = replace(PLAIN, **said)
    verdict = classify(facts, POLICY)
    return verdict.risk_class, list(suggest(facts, verdict, POLICY))


@pytest.mark.parametrize(
    ("said", "letter", "codes"),
    [
        ({}, "C", []),
        ({"economy": DESTITUTE, "ability": "mild"}, "C", ["destitute_like_a2"]),
        ({"economy": DESTITUTE, "ability": "total"}, "C", ["destitute_like_a2"]),
        ({"economy": DESTITUTE, "ability": "mild", **EMPTY_NEST}, "C", ["destitute_like_a2"]),
        ({"economy": DESTITUTE, "ability": "intact"}, "C", []),
        ({"economy": DESTITUTE, "ability": None}, "C", []),
        ({"economy": DESTITUTE, "ability": "mild", "living": "with_family"}, "C", []),
        ({"economy": DESTITUTE, "ability": "mild", "child_location": "same_county"}, "C", []),
        ({"economy": DESTITUTE, "ability": "mild", "serious_illness": True}, "B", ["destitute_like_a2"]),
        ({"economy": DESTITUTE | ALLOWANCE, "ability": "mild"}, "A", []),
        ({"economy": MARGINAL, "ability": "mild"}, "C", ["marginal_like_a2"]),
        ({"economy": MARGINAL, "ability": "mild", "serious_illness": True}, "B", []),
        ({"economy": None, "ability": "mild"}, "C", []),
        ({"dementia": True, "ability": None}, "C", ["dementia_like_b1"]),
        ({"dementia": True, "living": "with_family"}, "C", []),
        ({"dementia": None}, "C", []),
        ({"dementia": True, "birth_date": date(1940, 5, 1)}, "A", []),
        ({"ability": "severe"}, "C", ["disabled_like_b1"]),
        ({"ability": "severe", "dementia": True}, "C", ["dementia_like_b1", "disabled_like_b1"]),
        ({"ability": "moderate"}, "C", []),
        ({"ability": "severe", "disability_grade": 1}, "B", []),
        ({**WITH_CHILD, "serious_illness": True}, "C", ["frail_like_b3"]),
        ({**WITH_CHILD, "disability_grade": 2}, "C", ["frail_like_b3"]),
        ({**WITH_CHILD, "ability": "moderate"}, "C", ["frail_like_b3"]),
        ({**WITH_CHILD, "serious_illness": True, "able_adult_at_home": True}, "C", []),
        ({**WITH_CHILD, "serious_illness": True, "able_adult_at_home": None}, "C", []),
        ({**WITH_CHILD, "serious_illness": True, "birth_date": date(1950, 5, 1)}, None, []),
        ({**WITH_CHILD, "serious_illness": True, "cares_for_dependent_child": True}, "B", []),
        (WITH_CHILD, "C", []),
        ({**WITH_CHILD, "living": "with_family", "serious_illness": True}, "C", []),
        ({"birth_date": date(1970, 1, 1), "economy": DESTITUTE, "ability": "mild"}, None, []),
    ],
)
def test_what_is_suggested(said: dict[str, Any], letter: str | None, codes: list[str]) -> None:
    assert suggested(**said) == (letter, codes)


def test_each_row_stands_close_to_a_rule_of_the_class_it_names_or_above() -> None:
    assert len({row.code for row in SUGGESTIONS}) == len(SUGGESTIONS)
    for row in SUGGESTIONS:
        assert row.near in RULE_BY_CODE
        assert row.near[0] <= row.risk_class
        assert row.near in row.words
        assert row.clause.startswith("通知第二部分")


@given(
    st.sampled_from(["alone", "elders_only", "with_family", "with_dependent_child", "institution", None]),
    st.sampled_from(["intact", "mild", "moderate", "severe", "total", None]),
    st.sampled_from([True, False, None]),
    st.sampled_from([DESTITUTE, MARGINAL, ALLOWANCE, frozenset(), None]),
    st.integers(1930, 1966),
)
def test_suggestion_only_ever_raises(
    living: str | None, ability: str | None, dementia: bool | None, economy: Any, year: int
) -> None:
    facts = replace(
        PLAIN, living=living, ability=ability, dementia=dementia, economy=economy, birth_date=date(year, 5, 1)
    )
    verdict = classify(facts, POLICY)
    for code in suggest(facts, verdict, POLICY):
        row = next(row for row in SUGGESTIONS if row.code == code)
        assert verdict.risk_class is not None
        assert row.risk_class < verdict.risk_class


# Kept with the class


def destitute(cast: Cast, **said: Any) -> Elder:
    return make_elder(cast.group, economy=["dispersed_destitute"], **said)


def kept(elder: Elder) -> list[tuple[str, list[str]]]:
    return list(ClassPeriod.objects.filter(elder=elder).values_list("risk_class", "suggestions"))


def test_suggestion_comes_with_a_new_class(cast: Cast) -> None:
    assert kept(destitute(cast, ability="moderate")) == [("C", ["destitute_like_a2"])]
    assert kept(destitute(cast)) == [("C", [])]


def test_suggestion_comes_and_goes_while_the_class_stays(cast: Cast, system: User) -> None:
    elder = destitute(cast)
    record_assessment(by=cast.head, elder=elder, assessed_on=today(), assessor="评估站", level="mild")
    assert kept(elder) == [("C", ["destitute_like_a2"])]
    record_assessment(by=cast.head, elder=elder, assessed_on=today(), assessor="评估站", level="intact")
    assert kept(elder) == [("C", [])]
    assert not former(ClassPeriod, pgh_label=CHANGED).exists()


def test_nightly_run_adds_what_is_suggested_to_classes_of_old_once(cast: Cast, system: User) -> None:
    elder = destitute(cast, ability="mild")
    ClassPeriod.objects.update(suggestions=[])
    done = reclassify(by=system)
    assert (done.count, done.advised, kept(elder)) == (0, 1, [("C", ["destitute_like_a2"])])
    assert reclassify(by=system).advised == 0


def test_who_has_decided_by_hand_needs_no_advice(cast: Cast, system: User) -> None:
    elder = destitute(cast, ability="mild")
    override = propose_override(
        by=cast.reviewer, elder=elder, risk_class="B", reason="有邻居照看", review_on=REVIEW
    )
    approve_override(by=cast.head, override=override)
    assert reclassify(by=system).advised == 0
    assert ClassPeriod.objects.get(elder=elder, risk_class="B").suggestions == []
