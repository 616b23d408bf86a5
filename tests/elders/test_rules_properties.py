"""What holds for every set of facts, and the verdict written a second time."""

import random
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elders.rules import (
    ECONOMY_WORDS,
    KNOWABLE,
    LIVING_WORDS,
    LOCATION_WORDS,
    SCORES,
    Facts,
    Health,
    classify,
)
from tests.elders.test_rules import ALLOWANCE, CERTIFIED, CHILD_ANYWHERE, DAY, POLICY, born, facts, result
from visitcare.policy.rules import CarePolicy

ABILITIES = list(SCORES)
BOOLEANS = [None, False, True]
CHOICES: dict[str, list[Any]] = {
    "living": [None, *LIVING_WORDS],
    "spouse_location": [None, *LOCATION_WORDS],
    "child_location": [None, *LOCATION_WORDS],
    "ability": [None, *ABILITIES],
    "disability_grade": [None, 0, 1, 2, 3, 4],
    "economy": [
        None,
        frozenset(),
        *(frozenset({name}) for name in ECONOMY_WORDS),
        frozenset({"subsistence_allowance", "dispersed_destitute"}),
    ],
    "other": [None, "", "  ", "其他"],
}
BIRTHS = [born(age) + timedelta(days) for age in (59, 60, 69, 70, 79, 80) for days in (-1, 0, 1)] + [
    date(1948, 2, 29),
    date(1916, 5, 5),
]
HEALTH_FIELDS = [field.name for field in fields(Health)]

HEALTHS = st.builds(Health, **{name: st.sampled_from(CHOICES.get(name, BOOLEANS)) for name in HEALTH_FIELDS})
FACTS = st.builds(
    Facts,
    as_of=st.just(DAY),
    birth_date=st.sampled_from(BIRTHS),
    cohabiting_elders=st.none() | st.lists(HEALTHS, max_size=3).map(tuple),
    **{
        name: st.sampled_from(CHOICES.get(name, BOOLEANS)) for name in KNOWABLE if name != "cohabiting_elders"
    },
)
POLICIES = st.builds(
    CarePolicy,
    kin_in_county_breaks_alone=st.booleans(),
    semi_disabled=st.sampled_from([frozenset(), frozenset({"mild"}), frozenset({"mild", "moderate"})]),
)
RANKS = {None: 0, "C": 1, "B": 2, "A": 3}


def rank(subject: Facts, policy: CarePolicy) -> int:
    return RANKS[classify(subject, policy).risk_class]


@given(FACTS, POLICIES)
def test_verdict_is_the_best_of_its_matched_rules(subject: Facts, policy: CarePolicy) -> None:
    verdict = classify(subject, policy)
    letters = {code[0] for code in verdict.codes}
    assert verdict.risk_class == min(letters, default=None)
    assert verdict.in_scope == bool(letters) == bool(verdict.categories or letters)
    assert ("C" in letters) == (verdict.in_scope and not letters & {"A", "B"})
    assert verdict.in_scope <= (verdict.age >= 60)


@given(FACTS, POLICIES)
def test_missing_of_a_matched_rule_is_empty_and_of_others_only_unknown_facts(
    subject: Facts, policy: CarePolicy
) -> None:
    verdict = classify(subject, policy)
    unknown = {name for name in KNOWABLE if getattr(subject, name) is None}
    if any(None in (getattr(one, name) for name in HEALTH_FIELDS) for one in subject.cohabiting_elders or ()):
        unknown.add("cohabiting_elders")
    for one in verdict.rules:
        assert not (one.matched and one.missing)
        assert len(set(one.missing)) == len(one.missing)
        assert set(one.missing) <= unknown
        assert set(one.missing) <= set(verdict.missing)
    assert {name for name in KNOWABLE if getattr(subject, name) is None} <= set(verdict.missing) <= unknown
    assert list(verdict.missing) == [name for name in KNOWABLE if name in verdict.missing]


@given(FACTS, POLICIES)
def test_missing_of_c_names_what_could_make_it_match(subject: Facts, policy: CarePolicy) -> None:
    """For each fact named there are answers to the facts named, its own among them, with which C matches."""
    named = classify(subject, policy).rules[-1].missing
    choices = {name: CHOICES.get(name, BOOLEANS) for name in named}
    for name in named:
        assert any(
            classify(replace(subject, **dict(zip(named, answers, strict=True))), policy).codes == ("C",)
            for answers in product(*(choices[one] for one in named))
            if answers[named.index(name)] is not None
        ), name


def test_missing_of_c_names_what_only_matters_together() -> None:
    """A severe disability alone makes B2 here; with somebody able at home it is C."""
    subject = replace(
        facts(
            60,
            living="with_family",
            able_adult_at_home=None,
            cohabiting_elders=(Health("intact", False, 0, False),),
        ),
        disability_grade=None,
    )
    assert result("C", subject).missing == ("disability_grade", "able_adult_at_home")


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (86, {"living": "alone", "able_adult_at_home": None}),  # asked about by B2 alone
        (65, {"family_planning_special": True, "living": "institution", "ability": None}),  # A3, or nothing
        (65, {"cohabiting_elders": (Health("intact", False, 0, False),), "dementia": None}),  # B2, or nothing
    ],
)
def test_missing_of_c_leaves_out_what_makes_another_class_or_nothing(age: int, said: dict[str, Any]) -> None:
    assert result("C", facts(age, **{"living": "with_family", **said})).missing == ()


def filled(subject: Facts, truth: Facts, *, leaving: tuple[str, ...]) -> Facts:
    """The facts with everything unknown answered by `truth`, but for what is left unknown."""
    answers = {
        name: getattr(truth, name)
        for name in KNOWABLE
        if getattr(subject, name) is None and name not in leaving
    }
    if subject.cohabiting_elders and truth.cohabiting_elders and "cohabiting_elders" not in leaving:
        known = truth.cohabiting_elders[0]
        answers["cohabiting_elders"] = tuple(
            Health(*(getattr(known if getattr(one, name) is None else one, name) for name in HEALTH_FIELDS))
            for one in subject.cohabiting_elders
        )
    return replace(subject, **answers)


@settings(max_examples=1500)
@given(FACTS, FACTS, POLICIES)
def test_missing_is_complete_answering_anything_else_matches_no_further_rule(
    subject: Facts, truth: Facts, policy: CarePolicy
) -> None:
    for one in classify(subject, policy).rules:
        if not one.matched:
            assert not result(one.code, filled(subject, truth, leaving=one.missing), policy).matched


@settings(max_examples=500)
@given(FACTS, POLICIES)
def test_missing_is_real_the_best_answers_to_it_match_the_rule(subject: Facts, policy: CarePolicy) -> None:
    best = replace(
        facts(60, **ALLOWANCE, **CERTIFIED),
        ability="moderate",
        dementia=True,
        disability_grade=1,
        serious_illness=True,
        cares_for_dependent_child=True,
        cohabiting_elders=(Health("total", True, 1, True),),
    )
    for one in classify(subject, policy).rules[:-1]:
        rest = tuple(name for name in KNOWABLE if name not in one.missing)
        answered = [
            filled(subject, replace(best, living=living), leaving=rest) for living in ("alone", "elders_only")
        ]
        assert any(result(one.code, each, policy).matched for each in answered) == bool(
            one.matched or one.missing
        )


BURDENS: list[dict[str, Any]] = [
    {"dementia": True},
    {"serious_illness": True},
    {"disability_grade": 1},
    {"left_behind": True},
    {"family_planning_special": True},
    {"cares_for_dependent_child": True},
    {"lives_with_dependent_child_long_term": True},
    {"other": "其他"},
    {"child_location": "elsewhere"},
    {"spouse_location": "none"},
    {"able_adult_at_home": False},
    {"birth_date": born(80)},
]


@pytest.mark.parametrize("burden", BURDENS, ids=str)
@given(FACTS, POLICIES)
def test_class_never_falls_when_a_burden_is_added(
    burden: dict[str, Any], subject: Facts, policy: CarePolicy
) -> None:
    if "birth_date" in burden:
        burden = {"birth_date": min(subject.birth_date, burden["birth_date"])}
    assert rank(replace(subject, **burden), policy) >= rank(subject, policy)


@given(FACTS)
def test_class_never_falls_when_ability_or_income_do(subject: Facts) -> None:
    level = ABILITIES.index(subject.ability) if subject.ability else 0
    worse = replace(subject, ability=ABILITIES[min(level + 1, len(ABILITIES) - 1)])
    poorer = replace(subject, economy=(subject.economy or frozenset()) | {"subsistence_allowance"})
    assert rank(worse, POLICY) >= rank(subject, POLICY)
    assert rank(poorer, POLICY) >= rank(subject, POLICY)


# The same verdict, written a second time from the domain alone


def verdict_by_the_letter(f: Facts, policy: CarePolicy) -> tuple[str | None, set[str], set[str]]:
    years = (
        f.as_of.year
        - f.birth_date.year
        - ((f.as_of.month, f.as_of.day) < (f.birth_date.month, f.birth_date.day))
    )
    if years < 60:
        return None, set(), set()
    near = {"same_home", "same_county"} if policy.kin_in_county_breaks_alone else set()
    single = f.living == "alone" and not {f.spouse_location, f.child_location} & near
    nest = f.living == "elders_only" and f.child_location not in near
    lost = f.ability in ("moderate", "severe", "total")
    weak = lost or f.ability in policy.semi_disabled
    money = f.economy or frozenset()

    found = set()
    if years >= 80 and (single or nest):
        found.add("A1")
    if "subsistence_allowance" in money and weak and (single or nest):
        found.add("A2")
    if f.family_planning_special and (single or weak):
        found.add("A3")
    if years < 80 and single and (f.disability_grade in (1, 2) or f.serious_illness):
        found.add("B1")
    if f.cohabiting_elders and f.living not in ("alone", "institution") and not f.able_adult_at_home:
        for who in (f, *f.cohabiting_elders):
            if who.ability in ("moderate", "severe", "total") or who.dementia or who.disability_grade:
                found.add("B2")
            if who.serious_illness:
                found.add("B2")
    if f.cares_for_dependent_child:
        found.add("B3")

    kinds = {
        "living_alone": single,
        "empty_nest": nest,
        "left_behind": f.left_behind,
        "disabled": lost or f.dementia,
        "severe_disability": f.disability_grade in (1, 2),
        "advanced_age": years >= 80,
        "dispersed_destitute": "dispersed_destitute" in money and f.living != "institution",
        "family_planning_special": f.family_planning_special and (lost or years >= 70),
        "lives_with_dependent_child": f.lives_with_dependent_child_long_term,
        "other": f.other and f.other.strip(),
    }
    belongs = {name for name, holds in kinds.items() if holds}
    if belongs and not found:
        found.add("C")
    return min((code[0] for code in found), default=None), found, belongs


def any_facts(chance: random.Random) -> Facts:
    def pick(name: str) -> Any:
        return chance.choice(CHOICES.get(name, BOOLEANS))

    def health() -> Health:
        return Health(*map(pick, HEALTH_FIELDS))

    known = {name: pick(name) for name in KNOWABLE}
    known["cohabiting_elders"] = chance.choice([None, (), (health(),), (health(), health())])
    births = DAY - timedelta(days=chance.randrange(55 * 365, 90 * 365))
    return Facts(as_of=DAY, birth_date=chance.choice([births, *BIRTHS]), **known)


def test_verdict_agrees_with_a_second_writing_on_twenty_thousand_elders() -> None:
    chance = random.Random(20241200)
    for _ in range(20_000):
        subject = any_facts(chance)
        policy = chance.choice([POLICY, CHILD_ANYWHERE])
        verdict = classify(subject, policy)
        seen = verdict.risk_class, set(verdict.codes), set(verdict.categories)
        assert seen == verdict_by_the_letter(subject, policy), subject
